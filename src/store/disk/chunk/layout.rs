//! What the histograms of a chunk have in common (`tsdb/chunkenc/histogram_meta.go`).
//!
//! ```text
//! zero threshold   1 byte: 0 for 0, e for 2^(e - 244), 255 if 64 bits with any other value follow
//! schema           signed, nine widths
//! positive spans   count, then length (unsigned) and offset (signed) of each, all in nine widths
//! negative spans   the same
//! custom bounds    with schema -53 only: count, then each bound
//! ```
//!
//! A custom bound that is a whole number of thousandths is that number plus one, in nine widths; any other is a `0`
//! and 64 bits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::error::Problem;
use super::bit_writer::BitWriter;
use super::bits::BitReader;
use crate::model::histogram::{BucketSpan, Buckets, CounterResetHint, Histogram, schema};

/// Layout of the histograms of a chunk.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    schema: i32,
    zero_threshold: f64,
    positive: Vec<BucketSpan>,
    negative: Vec<BucketSpan>,
    custom_values: Arc<[f64]>,
    /// How many positive and negative buckets each histogram has.
    pub(super) buckets: (usize, usize),
}

/// What one sample adds to the layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a> {
    pub(super) count: f64,
    pub(super) zero_count: f64,
    pub(super) sum: f64,
    pub(super) positive: &'a [f64],
    pub(super) negative: &'a [f64],
}

/// The two bits that tell of counter resets, as the highest of `header`: whether the chunk holds gauges. What they
/// say of a reset right before the chunk is not used, as the chunk before may be gone.
pub(super) fn holds_gauges(header: u8) -> bool {
    header >> 6 == 0b11
}

impl Layout {
    /// Reads the layout that a chunk begins with.
    pub(super) fn read(bits: &mut BitReader<'_>) -> Result<Self, Problem> {
        let zero_threshold = read_zero_threshold(bits);
        let schema_number = bits.varbit_signed();
        let schema = i32::try_from(schema_number).ok().filter(|schema| schema::is_known(*schema));
        let Some(schema) = schema else {
            return Err(Problem::Unknown { what: "histogram schema", number: schema_number as u64 });
        };
        let positive = read_spans(bits)?;
        let negative = read_spans(bits)?;
        let custom_values =
            if schema::is_custom(schema) { read_custom_values(bits)? } else { Arc::default() };
        let buckets = (count_buckets(&positive, bits)?, count_buckets(&negative, bits)?);
        Ok(Layout { schema, zero_threshold, positive, negative, custom_values, buckets })
    }

    /// A histogram with this layout. `first` says that it is the first of its chunk: of the others it is known that
    /// there was no counter reset before them, or there would be a new chunk (`counterResetHint`).
    pub(super) fn histogram(
        &self,
        numbers: Numbers<'_>,
        gauges: bool,
        first: bool,
    ) -> Result<Histogram, Problem> {
        let counter_reset_hint = match (gauges, first) {
            (true, _) => CounterResetHint::Gauge,
            (false, true) => CounterResetHint::Unknown,
            (false, false) => CounterResetHint::NotCounterReset,
        };
        let mut histogram = Histogram {
            counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: numbers.zero_count,
            count: numbers.count,
            sum: numbers.sum,
            positive: Buckets { spans: self.positive.clone(), counts: numbers.positive.to_vec() },
            negative: Buckets { spans: self.negative.clone(), counts: numbers.negative.to_vec() },
            custom_values: self.custom_values.clone(),
        };
        reduce_reserved(&mut histogram)?;
        Ok(histogram)
    }
}

/// Brings a histogram whose schema is finer than those in use to the finest that is.
pub(in crate::store::disk) fn reduce_reserved(histogram: &mut Histogram) -> Result<(), Problem> {
    if histogram.schema <= schema::MAX {
        return Ok(());
    }
    let reduced = histogram.reduce_resolution(schema::MAX);
    reduced.map_err(|_| Problem::Invalid("the spans of a histogram do not fit its buckets"))
}

fn read_zero_threshold(bits: &mut BitReader<'_>) -> f64 {
    match bits.read(8) {
        0 => 0.0,
        255 => bits.f64(),
        exponent => f64::from_bits((exponent + 1023 - 244) << 52),
    }
}

fn read_spans(bits: &mut BitReader<'_>) -> Result<Vec<BucketSpan>, Problem> {
    // Each takes two bits at least.
    let count = checked_count(bits.varbit_unsigned(), 2, bits)?;
    let mut spans = Vec::with_capacity(count);
    for _ in 0..count {
        let length = bits.varbit_unsigned();
        let offset = bits.varbit_signed();
        let (Ok(length), Ok(offset)) = (u32::try_from(length), i32::try_from(offset)) else {
            return Err(Problem::Invalid("a span of a histogram has more than 32 bits"));
        };
        spans.push(BucketSpan { offset, length });
    }
    Ok(spans)
}

fn read_custom_values(bits: &mut BitReader<'_>) -> Result<Arc<[f64]>, Problem> {
    let count = checked_count(bits.varbit_unsigned(), 5, bits)?;
    let bound = |_| match bits.varbit_unsigned() {
        0 => bits.f64(),
        thousandths => (thousandths - 1) as f64 / 1000.0,
    };
    Ok((0..count).map(bound).collect())
}

/// Each bucket takes one bit at least in the first sample, so there cannot be more than there are bits.
fn count_buckets(spans: &[BucketSpan], bits: &BitReader<'_>) -> Result<usize, Problem> {
    checked_count(spans.iter().map(|span| u64::from(span.length)).sum(), 1, bits)
}

fn checked_count(count: u64, least_bits: u64, bits: &BitReader<'_>) -> Result<usize, Problem> {
    let needed = count.saturating_mul(least_bits).div_ceil(8);
    let available = bits.left().div_ceil(8);
    if needed > available { Err(Problem::Truncated { needed, available }) } else { Ok(count as usize) }
}

/// The layout of histograms that are written into one chunk: all buckets that any of them has.
#[derive(Debug)]
pub(super) struct WrittenLayout {
    schema: i32,
    zero_threshold: f64,
    custom_values: Arc<[f64]>,
    /// Indices of the buckets, rising.
    positive: Vec<i32>,
    negative: Vec<i32>,
}

impl WrittenLayout {
    /// The layout that holds all `histograms`, which agree in everything but their buckets. Stale markers have none.
    pub(super) fn of<'a>(histograms: impl Iterator<Item = &'a Histogram> + Clone) -> Self {
        let all = |side: fn(&Histogram) -> &Buckets| -> Vec<i32> {
            let histograms = histograms.clone().filter(|histogram| !histogram.is_stale());
            let indices: BTreeSet<i32> =
                histograms.flat_map(|histogram| indices(&side(histogram).spans)).collect();
            indices.into_iter().collect()
        };
        let first = histograms.clone().next().filter(|histogram| !histogram.is_stale());
        WrittenLayout {
            schema: first.map_or(0, |first| first.schema),
            zero_threshold: first.map_or(0.0, |first| first.zero_threshold),
            custom_values: first.map(|first| first.custom_values.clone()).unwrap_or_default(),
            positive: all(|histogram| &histogram.positive),
            negative: all(|histogram| &histogram.negative),
        }
    }

    /// Writes the layout.
    pub(super) fn write(&self, bits: &mut BitWriter) {
        write_zero_threshold(bits, self.zero_threshold);
        bits.varbit_signed(i64::from(self.schema));
        write_spans(bits, &self.positive);
        write_spans(bits, &self.negative);
        if schema::is_custom(self.schema) {
            bits.varbit_unsigned(self.custom_values.len() as u64);
            self.custom_values.iter().for_each(|bound| write_custom_value(bits, *bound));
        }
    }

    /// The counts of all buckets of the layout, positive and then negative ones.
    pub(super) fn counts(&self, histogram: &Histogram) -> (Vec<f64>, Vec<f64>) {
        (spread(&histogram.positive, &self.positive), spread(&histogram.negative, &self.negative))
    }
}

/// The index of each bucket.
pub(super) fn indices(spans: &[BucketSpan]) -> impl Iterator<Item = i32> + '_ {
    let mut end = 0i32;
    spans.iter().flat_map(move |span| {
        let start = end.wrapping_add(span.offset);
        end = start.wrapping_add(span.length as i32);
        start..end
    })
}

/// The counts of the buckets with these indices, 0 for those that are not there.
fn spread(buckets: &Buckets, layout: &[i32]) -> Vec<f64> {
    let mut own = indices(&buckets.spans).zip(&buckets.counts).peekable();
    let count = |index: &i32| own.next_if(|(i, _)| i == index).map_or(0.0, |(_, count)| *count);
    layout.iter().map(count).collect()
}

fn write_zero_threshold(bits: &mut BitWriter, threshold: f64) {
    const MANTISSA: u64 = (1 << 52) - 1;
    let number = threshold.to_bits();
    let exponent = (number >> 52) as i64 - 1023 + 244;
    if threshold == 0.0 {
        bits.write(0, 8);
    } else if number & MANTISSA == 0 && (1..=254).contains(&exponent) {
        bits.write(exponent as u64, 8);
    } else {
        bits.write(255, 8);
        bits.f64(threshold);
    }
}

fn write_spans(bits: &mut BitWriter, indices: &[i32]) {
    let mut spans: Vec<BucketSpan> = Vec::new();
    let mut end = 0i32;
    for &index in indices {
        match spans.last_mut() {
            Some(span) if index == end => span.length += 1,
            _ => spans.push(BucketSpan { offset: index.wrapping_sub(end), length: 1 }),
        }
        end = index.wrapping_add(1);
    }
    bits.varbit_unsigned(spans.len() as u64);
    for span in spans {
        bits.varbit_unsigned(u64::from(span.length));
        bits.varbit_signed(i64::from(span.offset));
    }
}

fn write_custom_value(bits: &mut BitWriter, bound: f64) {
    const MOST: f64 = 33_554_430.0;
    let thousandths = (bound * 1000.0).round();
    if (0.0..=MOST).contains(&(bound * 1000.0)) && thousandths / 1000.0 == bound {
        bits.varbit_unsigned(thousandths as u64 + 1);
    } else {
        bits.write(0, 1);
        bits.f64(bound);
    }
}
