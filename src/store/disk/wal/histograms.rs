//! One histogram in a record.
//!
//! ```text
//! reset hint         1 byte
//! schema             varint
//! zero threshold     8 bytes
//! zero count, count  uvarints, or 8 bytes each for float counts
//! sum                8 bytes
//! positive spans     count: uvarint; offset, varint, and length, uvarint, of each
//! negative spans     the same
//! positive buckets   count: uvarint; then differences, varints, or float counts, 8 bytes each
//! negative buckets   the same
//! custom bounds      with schema -53 only: count: uvarint; 8 bytes each
//! ```

use super::super::bytes::{Decoder, Encoder};
use super::super::chunk::reduce_reserved;
use super::super::error::{Corruption, Problem};
use crate::model::histogram::{BucketSpan, Buckets, CounterResetHint, Histogram, schema};

/// What kind of numbers a histogram's counts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    Whole,
    Float,
}

/// Reads a histogram.
///
/// That there was no counter reset before it is not believed: the sample that this was said of may not be the one that a
/// reader sees before it.
pub(super) fn read(decoder: &mut Decoder<'_>, counts: Counts) -> Result<Histogram, Corruption> {
    let here = decoder.clone();
    let counter_reset_hint = match decoder.u8()? {
        0 | 2 => CounterResetHint::Unknown,
        1 => CounterResetHint::CounterReset,
        3 => CounterResetHint::Gauge,
        number => {
            return Err(here.error(Problem::Unknown { what: "counter reset hint", number: number.into() }));
        }
    };
    let number = decoder.varint()?;
    let known = i32::try_from(number).ok().filter(|schema| schema::is_known(*schema));
    let Some(schema) = known else {
        return Err(here.error(Problem::Unknown { what: "histogram schema", number: number as u64 }));
    };
    let zero_threshold = decoder.f64()?;
    let zero_count = read_count(decoder, counts)?;
    let count = read_count(decoder, counts)?;
    let sum = decoder.f64()?;
    let positive_spans = read_spans(decoder)?;
    let negative_spans = read_spans(decoder)?;
    let positive = Buckets { spans: positive_spans, counts: read_buckets(decoder, counts)? };
    let negative = Buckets { spans: negative_spans, counts: read_buckets(decoder, counts)? };
    let custom_values =
        if schema::is_custom(schema) { read_floats(decoder)?.into() } else { Default::default() };
    for buckets in [&positive, &negative] {
        let needed: u64 = buckets.spans.iter().map(|span| u64::from(span.length)).sum();
        if needed != buckets.counts.len() as u64 {
            return Err(here.invalid("the spans of a histogram do not fit its buckets"));
        }
    }
    let mut histogram = Histogram {
        counter_reset_hint,
        schema,
        zero_threshold,
        zero_count,
        count,
        sum,
        positive,
        negative,
        custom_values,
    };
    if histogram.is_stale() {
        return Ok(Histogram::stale());
    }
    reduce_reserved(&mut histogram).map_err(|problem| here.error(problem))?;
    Ok(histogram)
}

fn read_count(decoder: &mut Decoder<'_>, counts: Counts) -> Result<f64, Corruption> {
    match counts {
        Counts::Whole => decoder.uvarint().map(|count| count as f64),
        Counts::Float => decoder.f64(),
    }
}

fn read_spans(decoder: &mut Decoder<'_>) -> Result<Vec<BucketSpan>, Corruption> {
    let count = decoder.count(2)?;
    let mut spans = Vec::with_capacity(count);
    for _ in 0..count {
        let here = decoder.clone();
        let (offset, length) = (decoder.varint()?, decoder.uvarint()?);
        let (Ok(offset), Ok(length)) = (i32::try_from(offset), u32::try_from(length)) else {
            return Err(here.invalid("a span of a histogram has more than 32 bits"));
        };
        spans.push(BucketSpan { offset, length });
    }
    Ok(spans)
}

fn read_buckets(decoder: &mut Decoder<'_>, counts: Counts) -> Result<Vec<f64>, Corruption> {
    match counts {
        Counts::Float => read_floats(decoder),
        Counts::Whole => {
            let mut total = 0i64;
            (0..decoder.count(1)?)
                .map(|_| {
                    total = total.wrapping_add(decoder.varint()?);
                    Ok(total as f64)
                })
                .collect()
        }
    }
}

fn read_floats(decoder: &mut Decoder<'_>) -> Result<Vec<f64>, Corruption> {
    (0..decoder.count(8)?).map(|_| decoder.f64()).collect()
}

/// Writes a histogram.
pub(super) fn write(record: &mut Encoder, histogram: &Histogram, counts: Counts) {
    record.u8(match histogram.counter_reset_hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::CounterReset => 1,
        CounterResetHint::NotCounterReset => 2,
        CounterResetHint::Gauge => 3,
    });
    record.varint(i64::from(histogram.schema));
    record.f64(histogram.zero_threshold);
    for count in [histogram.zero_count, histogram.count] {
        match counts {
            Counts::Whole => record.uvarint(count as u64),
            Counts::Float => record.f64(count),
        }
    }
    record.f64(histogram.sum);
    for buckets in [&histogram.positive, &histogram.negative] {
        record.uvarint(buckets.spans.len() as u64);
        for span in &buckets.spans {
            record.varint(i64::from(span.offset));
            record.uvarint(u64::from(span.length));
        }
    }
    for buckets in [&histogram.positive, &histogram.negative] {
        record.uvarint(buckets.counts.len() as u64);
        let mut before = 0;
        for count in &buckets.counts {
            match counts {
                Counts::Whole => {
                    record.varint(*count as i64 - before);
                    before = *count as i64;
                }
                Counts::Float => record.f64(*count),
            }
        }
    }
    if schema::is_custom(histogram.schema) {
        record.uvarint(histogram.custom_values.len() as u64);
        histogram.custom_values.iter().for_each(|bound| record.f64(*bound));
    }
}
