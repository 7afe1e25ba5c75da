//! The encoding of histograms with float counts, with or without start timestamps (`tsdb/chunkenc/float_histogram.go`,
//! `float_histogram_st.go`).
//!
//! Header and layout are those of [histograms with whole counts](super::histogram). A sample is:
//!
//! ```text
//! sample 0      time, signed; count, zero count, sum and buckets, 64 bits each
//! sample 1 …    change of the change of time; count, zero count and sum, each by its own window;
//!               buckets, each by its own window, if the sum is not the stale marker
//! ```
//!
//! Buckets are absolute counts.

use std::sync::Arc;

use super::super::error::Problem;
use super::bits::BitReader;
use super::columns::HistogramColumns;
use super::histogram::{Header, Samples};
use super::layout::{Layout, Numbers};
use super::value_window::{Window, WrittenWindow};
use crate::model::Histogram;
use crate::model::sample::is_stale;

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
    let (mut time, mut change) = (0i64, 0i64);
    let mut numbers = [0.0; 3];
    let mut windows = [Window::default(); 3];
    let mut positive = Side::new(layout.buckets.0);
    let mut negative = Side::new(layout.buckets.1);
    for i in 0..header.samples {
        let before = time;
        if i == 0 {
            time = bits.varbit_signed();
            numbers = [bits.f64(), bits.f64(), bits.f64()];
            positive.read_first(bits);
            negative.read_first(bits);
        } else {
            change = change.wrapping_add(bits.varbit_signed());
            time = time.wrapping_add(change);
            for (number, window) in numbers.iter_mut().zip(&mut windows) {
                *number = f64::from_bits(window.read(bits, number.to_bits())?);
            }
            if !is_stale(numbers[2]) {
                positive.read_next(bits)?;
                negative.read_next(bits)?;
            }
        }
        let start = header.starts.read(bits, i, time, before)?;
        // Zeros behind the end would go on for long where there are many buckets.
        bits.finish()?;
        let [count, zero_count, sum] = numbers;
        let histogram = if is_stale(sum) {
            Histogram::stale()
        } else {
            let (positive, negative) = (&positive.counts, &negative.counts);
            let numbers = Numbers { count, zero_count, sum, positive, negative };
            layout.histogram(numbers, header.gauges, i == 0)?
        };
        columns.push(time, Arc::new(histogram), start);
    }
    Ok(())
}

/// The buckets of one side.
#[derive(Debug)]
struct Side {
    counts: Vec<f64>,
    windows: Vec<Window>,
}

impl Side {
    fn new(buckets: usize) -> Self {
        Side { counts: vec![0.0; buckets], windows: vec![Window::default(); buckets] }
    }

    fn read_first(&mut self, bits: &mut BitReader<'_>) {
        self.counts.fill_with(|| bits.f64());
    }

    fn read_next(&mut self, bits: &mut BitReader<'_>) -> Result<(), Problem> {
        for (count, window) in self.counts.iter_mut().zip(&mut self.windows) {
            *count = f64::from_bits(window.read(bits, count.to_bits())?);
        }
        Ok(())
    }
}

/// The data of a chunk with these samples, of which there are less than 2^14.
pub(super) fn encode(samples: Samples<'_>, gauges: bool) -> Vec<u8> {
    let mut first = true;
    let (mut time, mut change) = (0i64, 0i64);
    // Count, zero count and sum, then the buckets.
    let mut written: Vec<(u64, WrittenWindow)> = Vec::new();
    samples.encode(gauges, |bits, layout, t, histogram| {
        let (positive, negative) = layout.counts(histogram);
        let numbers = [histogram.count, histogram.zero_count, histogram.sum];
        let numbers: Vec<u64> =
            numbers.iter().chain(&positive).chain(&negative).map(|n| n.to_bits()).collect();
        if first {
            first = false;
            bits.varbit_signed(t);
            numbers.iter().for_each(|number| bits.write(*number, 64));
            written = numbers.iter().map(|number| (*number, WrittenWindow::default())).collect();
        } else {
            let next_change = t.wrapping_sub(time);
            bits.varbit_signed(next_change.wrapping_sub(change));
            change = next_change;
            // Of a stale marker nothing but the sum is read.
            let stale = histogram.is_stale();
            let count = if stale { 3 } else { numbers.len() };
            for (i, (number, (before, window))) in numbers.iter().zip(&mut written).enumerate().take(count) {
                let number = if stale && i < 2 { *before } else { *number };
                window.write(bits, *before, number);
                *before = number;
            }
        }
        time = t;
    })
}
