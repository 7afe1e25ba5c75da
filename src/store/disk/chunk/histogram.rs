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
use super::bit_writer::BitWriter;
use super::bits::BitReader;
use super::columns::HistogramColumns;
use super::layout::{Layout, Numbers, WrittenLayout, holds_gauges};
use super::start_times::{StartTimes, WrittenStartTimes};
use super::value_window::{Window, WrittenWindow};
use crate::model::Histogram;
use crate::model::sample::STALE_NAN_BITS;

/// What is written of the samples of one chunk: as many times as histograms, and as many start timestamps, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Samples<'a> {
    pub(super) timestamps: &'a [i64],
    pub(super) values: &'a [Arc<Histogram>],
    pub(super) start_timestamps: &'a [i64],
}

impl Samples<'_> {
    /// Writes a chunk: layout, and what `write_sample` writes of each sample, with its start timestamp if there are any.
    pub(super) fn encode(
        self,
        gauges: bool,
        mut write_sample: impl FnMut(&mut BitWriter, &WrittenLayout, i64, &Histogram),
    ) -> Vec<u8> {
        let layout = WrittenLayout::of(self.values.iter().map(|histogram| &**histogram));
        let with_starts = !self.start_timestamps.is_empty();
        let mut bits = BitWriter::new(&[0; 3]);
        let mut starts = WrittenStartTimes::default();
        layout.write(&mut bits);
        let mut before = 0;
        for (i, (&time, histogram)) in self.timestamps.iter().zip(self.values).enumerate() {
            write_sample(&mut bits, &layout, time, histogram);
            if with_starts {
                starts.write(&mut bits, i, time, before, self.start_timestamps[i]);
            }
            before = time;
        }
        let mut data = bits.finish();
        let reset = if gauges { 0b1100_0000 } else { 0 };
        let [high, low] = (self.timestamps.len() as u16).to_be_bytes();
        let header = if with_starts { [high | reset, low, starts.header()] } else { [high, low, reset] };
        data[..3].copy_from_slice(&header);
        data
    }
}

/// The data of a chunk with these samples, of which there are less than 2^14. All counts are whole.
pub(super) fn encode(samples: Samples<'_>, gauges: bool) -> Vec<u8> {
    let mut first = true;
    let (mut time, mut count, mut zero_count) = (Tracked::default(), Tracked::default(), Tracked::default());
    let (mut positive, mut negative): (Vec<Tracked>, Vec<Tracked>) = (Vec::new(), Vec::new());
    let (mut sum, mut window) = (0, WrittenWindow::default());
    samples.encode(gauges, |bits, layout, t, histogram| {
        let (positive_counts, negative_counts) = layout.counts(histogram);
        let next_sum = histogram.sum.to_bits();
        if first {
            first = false;
            bits.varbit_signed(t);
            bits.varbit_unsigned(histogram.count as u64);
            bits.varbit_unsigned(histogram.zero_count as u64);
            bits.write(next_sum, 64);
            (time.value, count.value, zero_count.value) =
                (t, histogram.count as i64, histogram.zero_count as i64);
            for (tracked, counts) in [(&mut positive, &positive_counts), (&mut negative, &negative_counts)] {
                tracked.resize(counts.len(), Tracked::default());
                for (tracked, difference) in tracked.iter_mut().zip(differences(counts)) {
                    tracked.value = difference;
                    bits.varbit_signed(difference);
                }
            }
        } else {
            time.write_change(bits, t);
            // What a stale marker counts is not read.
            let stale = histogram.is_stale();
            let (next_count, next_zero_count) = if stale {
                (count.unchanged(), zero_count.unchanged())
            } else {
                (histogram.count as i64, histogram.zero_count as i64)
            };
            count.write_change(bits, next_count);
            zero_count.write_change(bits, next_zero_count);
            window.write(bits, sum, next_sum);
            for (tracked, counts) in [(&mut positive, &positive_counts), (&mut negative, &negative_counts)] {
                for (tracked, difference) in tracked.iter_mut().zip(differences(counts)).filter(|_| !stale) {
                    tracked.write_change(bits, difference);
                }
            }
        }
        sum = next_sum;
    })
}

/// Each bucket's difference to the one before it.
fn differences(counts: &[f64]) -> impl Iterator<Item = i64> + '_ {
    let mut before = 0;
    counts.iter().map(move |count| {
        let count = *count as i64;
        count.wrapping_sub(std::mem::replace(&mut before, count))
    })
}

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

    fn write_change(&mut self, bits: &mut BitWriter, next: i64) {
        let change = next.wrapping_sub(self.value);
        bits.varbit_signed(change.wrapping_sub(self.change));
        *self = Tracked { value: next, change };
    }

    /// The value that comes next if the change does not change.
    fn unchanged(&self) -> i64 {
        self.value.wrapping_add(self.change)
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
