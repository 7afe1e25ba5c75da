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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{buckets, histogram};

    fn message(histogram: &Histogram) -> Option<String> {
        histogram.validate().err().map(|error| error.to_string())
    }

    #[test]
    fn valid_ones() {
        for text in [
            "{{}}",
            "{{schema:8 count:3 sum:NaN z_bucket:0.5 z_bucket_w:1 buckets:[0 1 2] n_buckets:[3]}}",
            "{{count:1 buckets:[5]}}",
            "{{schema:-53 count:6 custom_values:[-Inf 1 2] buckets:[1 2 3]}}",
            "{{schema:-53 custom_values:[]}}",
        ] {
            assert_eq!(message(&histogram(text)), None, "{text}");
        }
    }

    #[test]
    fn messages() {
        for (text, expected) in [
            (
                "{{schema:9}}",
                "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 \
                 for custom buckets, got schema 9",
            ),
            ("{{count:-3.5}}", "observation count is  -3.5: histogram's observation count is negative"),
            (
                "{{buckets:[1 -4.2]}}",
                "positive side: bucket number 2 has observation count of -4.2: \
                 histogram has a bucket whose observation count is negative",
            ),
            (
                "{{n_buckets:[1 2 -3e6]}}",
                "negative side: bucket number 3 has observation count of -3e+06: \
                 histogram has a bucket whose observation count is negative",
            ),
            (
                "{{z_bucket:-5.5}}",
                "zero bucket has observation count of -5.5: \
                 histogram has a bucket whose observation count is negative",
            ),
            ("{{custom_values:[1]}}", "histogram with exponential schema must not have custom bounds"),
            (
                "{{schema:-53 custom_values:[1 NaN]}}",
                "custom buckets: histogram custom bounds must not be NaN",
            ),
            (
                "{{schema:-53 custom_values:[1 2 2]}}",
                "custom buckets: previous bound is 2.000000 and current is 2.000000: \
                 histogram custom bounds must be in strictly increasing order",
            ),
            (
                "{{schema:-53 custom_values:[Inf 3]}}",
                "custom buckets: previous bound is +Inf and current is 3.000000: \
                 histogram custom bounds must be in strictly increasing order",
            ),
            (
                "{{schema:-53 custom_values:[1 Inf]}}",
                "custom buckets: last +Inf bound must not be explicitly defined: \
                 histogram custom bounds must be finite",
            ),
            (
                "{{schema:-53 custom_values:[1] buckets:[1 2 3]}}",
                "custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: \
                 histogram custom bounds are too few",
            ),
            (
                "{{schema:-53 offset:-1 buckets:[1]}}",
                "custom buckets: span number 1 with offset -1: histogram has a span whose offset is negative",
            ),
            (
                "{{schema:-53 buckets:[-1]}}",
                "positive side: bucket number 1 has observation count of -1: \
                 histogram has a bucket whose observation count is negative",
            ),
            ("{{schema:-53 z_bucket:1}}", "custom buckets: must have zero count of 0"),
            ("{{schema:-53 z_bucket_w:1}}", "custom buckets: must have zero threshold of 0"),
            ("{{schema:-53 n_buckets:[1]}}", "custom buckets: must not have negative spans"),
        ] {
            assert_eq!(message(&histogram(text)).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn spans() {
        for (layout, expected) in [
            (
                buckets((&[(3, 2)], &[1.0])),
                "positive side: spans need 2 buckets, have 1 buckets: \
                 histogram spans specify different number of buckets than provided",
            ),
            (
                buckets((&[(-3, 1), (-1, 1)], &[1.0, 2.0])),
                "positive side: span number 2 with offset -1: histogram has a span whose offset is negative",
            ),
        ] {
            let histogram = Histogram { positive: layout, ..Histogram::default() };
            assert_eq!(message(&histogram).as_deref(), Some(expected));
        }
        let custom = Histogram { schema: -53, negative: buckets((&[], &[1.0])), ..Histogram::default() };
        assert_eq!(message(&custom).as_deref(), Some("custom buckets: must not have negative buckets"));
    }
}
