//! Whether a histogram makes sense.
//!
//! Stores check what is appended; inside of a query histograms may well break these rules (differences have
//! negative buckets). The total count is not held against the buckets, because floats do not add up exactly.

use super::error::{Part, SpanError, ValidationError};
use super::schema;
use super::spans::BucketSpan;
use super::structure::{Buckets, Histogram};

impl Histogram {
    /// Checks that spans and counts fit, that no count is negative, and that only fields of this kind of schema are
    /// in use. The first thing that is wrong is told.
    pub fn validate(&self) -> Result<(), ValidationError> {
        if self.uses_custom_buckets() {
            self.validate_custom()?;
        } else if schema::is_exponential(self.schema) {
            self.validate_exponential()?;
        } else {
            return Err(ValidationError::InvalidSchema(self.schema));
        }
        if self.count < 0.0 {
            return Err(ValidationError::NegativeCount(self.count));
        }
        self.positive.check_counts(Part::Positive)
    }

    fn validate_custom(&self) -> Result<(), ValidationError> {
        check_bounds(&self.custom_values)?;
        if let Some((at, span)) = self.positive.spans.iter().enumerate().find(|(_, span)| span.offset < 0) {
            let error = SpanError::NegativeOffset { number: at + 1, offset: span.offset };
            return Err(ValidationError::Spans(Part::Custom, error));
        }
        self.positive.check_spans().map_err(|error| ValidationError::Spans(Part::Custom, error))?;
        let bounds = self.custom_values.len();
        let reach = self.positive.spans.iter().map(|span| span.offset as u64 + u64::from(span.length)).sum();
        if (bounds as u64 + 1) < reach {
            return Err(ValidationError::TooFewBounds { bounds, reach });
        }
        if self.zero_count != 0.0 {
            Err(ValidationError::CustomZeroCount)
        } else if self.zero_threshold != 0.0 {
            Err(ValidationError::CustomZeroThreshold)
        } else if !self.negative.spans.is_empty() {
            Err(ValidationError::CustomNegativeSpans)
        } else if !self.negative.counts.is_empty() {
            Err(ValidationError::CustomNegativeBuckets)
        } else {
            Ok(())
        }
    }

    fn validate_exponential(&self) -> Result<(), ValidationError> {
        self.positive.check_spans().map_err(|error| ValidationError::Spans(Part::Positive, error))?;
        self.negative.check_spans().map_err(|error| ValidationError::Spans(Part::Negative, error))?;
        self.negative.check_counts(Part::Negative)?;
        if self.zero_count < 0.0 {
            return Err(ValidationError::NegativeZeroCount(self.zero_count));
        }
        if !self.custom_values.is_empty() {
            return Err(ValidationError::ExponentialCustomBounds);
        }
        Ok(())
    }
}

impl Buckets {
    /// Checks that spans rise and that there is a count for each of their buckets.
    pub(super) fn check_spans(&self) -> Result<(), SpanError> {
        for (at, &BucketSpan { offset, .. }) in self.spans.iter().enumerate().skip(1) {
            if offset < 0 {
                return Err(SpanError::NegativeOffset { number: at + 1, offset });
            }
        }
        let needed = self.spans.iter().map(|span| u64::from(span.length)).sum();
        let present = self.counts.len();
        if needed == present as u64 { Ok(()) } else { Err(SpanError::CountMismatch { needed, present }) }
    }

    fn check_counts(&self, part: Part) -> Result<(), ValidationError> {
        match self.counts.iter().position(|&count| count < 0.0) {
            Some(at) => {
                Err(ValidationError::NegativeBucketCount { part, number: at + 1, count: self.counts[at] })
            }
            None => Ok(()),
        }
    }
}

fn check_bounds(bounds: &[f64]) -> Result<(), ValidationError> {
    for (at, &current) in bounds.iter().enumerate() {
        if current.is_nan() {
            return Err(ValidationError::NanBound);
        }
        let previous = if at == 0 { f64::NEG_INFINITY } else { bounds[at - 1] };
        if at > 0 && current <= previous {
            return Err(ValidationError::UnorderedBounds { previous, current });
        }
    }
    match bounds.last() {
        Some(&f64::INFINITY) => Err(ValidationError::InfiniteBound),
        _ => Ok(()),
    }
}
