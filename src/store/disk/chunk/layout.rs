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

use std::sync::Arc;

use super::super::error::Problem;
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
