//! The encoding of histograms with whole counts, with or without start timestamps (`tsdb/chunkenc/histogram.go`,
//! `histogram_st.go`).
//!
//! ```text
//! without start timestamps        with them
//! samples       2 bytes           resets, samples   2 and 14 bits
//! resets        2 bits of 1 byte  starts            1 byte
//! layout        what all histograms of the chunk have in common
//! sample 0      time, signed; count and zero count, unsigned; sum, 64 bits; buckets, signed
//! sample 1 …    changes of the changes of time, count and zero count; sum by its window;
//!               changes of the changes of the buckets, if the sum is not the stale marker
//! ```
//!
//! All whole numbers are in [nine widths](BitReader::varbit_signed). The first bucket of a side is its count, each
//! other the difference to the bucket before.

use std::sync::Arc;

use super::super::error::Problem;
use super::bits::BitReader;
use super::columns::HistogramColumns;
use super::layout::{Layout, Numbers, holds_gauges};
use super::start_times::StartTimes;
use super::value_window::Window;
use crate::model::Histogram;
use crate::model::sample::STALE_NAN_BITS;

/// What a histogram chunk's first three bytes tell.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) samples: usize,
    pub(super) gauges: bool,
    pub(super) starts: StartTimes,
}

impl Header {
    /// Takes the header off the data of a chunk.
    pub(super) fn take(data: &[u8], with_starts: bool) -> Result<(Header, &[u8]), Problem> {
        let Some((&[a, b, c], stream)) = data.split_first_chunk::<3>() else {
            return Err(Problem::Truncated { needed: 3, available: data.len() as u64 });
        };
        let word = usize::from(u16::from_be_bytes([a, b]));
        let header = if with_starts {
            Header { samples: word & 0x3fff, gauges: holds_gauges(a), starts: StartTimes::new(c) }
        } else {
            Header { samples: word, gauges: holds_gauges(c), starts: StartTimes::none() }
        };
        Ok((header, stream))
    }
}

/// Appends the samples of a chunk.
pub(super) fn decode(data: &[u8], with_starts: bool, columns: &mut HistogramColumns) -> Result<(), Problem> {
    let (header, stream) = Header::take(data, with_starts)?;
    if header.samples == 0 {
        return Ok(());
    }
    let start = columns.len();
    let mut bits = BitReader::new(stream);
    decode_samples(&mut bits, header, columns).inspect_err(|_| columns.truncate(start))
}

fn decode_samples(
    bits: &mut BitReader<'_>,
    mut header: Header,
    columns: &mut HistogramColumns,
) -> Result<(), Problem> {
    let layout = Layout::read(bits)?;
    let mut positive = Side::new(layout.buckets.0);
    let mut negative = Side::new(layout.buckets.1);
    let (mut time, mut count, mut zero_count) = (Tracked::default(), Tracked::default(), Tracked::default());
    let mut sum = 0;
    let mut window = Window::default();
    for i in 0..header.samples {
        let before = time.value;
        if i == 0 {
            time.value = bits.varbit_signed();
            count.value = bits.varbit_unsigned() as i64;
            zero_count.value = bits.varbit_unsigned() as i64;
            sum = bits.read(64);
            positive.read_first(bits);
            negative.read_first(bits);
        } else {
            time.read_change(bits);
            count.read_change(bits);
            zero_count.read_change(bits);
            sum = window.read(bits, sum)?;
            if sum != STALE_NAN_BITS {
                positive.read_changes(bits);
                negative.read_changes(bits);
            }
        }
        let start = header.starts.read(bits, i, time.value, before)?;
        // Zeros behind the end would go on for long where there are many buckets.
        bits.finish()?;
        let histogram = if sum == STALE_NAN_BITS {
            Histogram::stale()
        } else {
            let numbers = Numbers {
                count: count.value as u64 as f64,
                zero_count: zero_count.value as u64 as f64,
                sum: f64::from_bits(sum),
                positive: &positive.counts,
                negative: &negative.counts,
            };
            layout.histogram(numbers, header.gauges, i == 0)?
        };
        columns.push(time.value, Arc::new(histogram), start);
    }
    Ok(())
}

/// A number whose change changes little.
#[derive(Clone, Copy, Debug, Default)]
struct Tracked {
    value: i64,
    change: i64,
}

impl Tracked {
    fn read_change(&mut self, bits: &mut BitReader<'_>) {
        self.change = self.change.wrapping_add(bits.varbit_signed());
        self.value = self.value.wrapping_add(self.change);
    }
}

/// The buckets of one side.
#[derive(Debug)]
struct Side {
    /// Each bucket's difference to the bucket before.
    differences: Vec<Tracked>,
    /// Each bucket's count.
    counts: Vec<f64>,
}

impl Side {
    fn new(buckets: usize) -> Self {
        Side { differences: vec![Tracked::default(); buckets], counts: vec![0.0; buckets] }
    }

    fn read_first(&mut self, bits: &mut BitReader<'_>) {
        self.read(|difference| difference.value = bits.varbit_signed());
    }

    fn read_changes(&mut self, bits: &mut BitReader<'_>) {
        self.read(|difference| difference.read_change(bits));
    }

    fn read(&mut self, mut update: impl FnMut(&mut Tracked)) {
        let mut count = 0i64;
        for (difference, slot) in self.differences.iter_mut().zip(&mut self.counts) {
            update(difference);
            count = count.wrapping_add(difference.value);
            *slot = count as f64;
        }
    }
}
