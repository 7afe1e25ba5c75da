//! What can be wrong with a histogram. The texts are Prometheus' (`model/histogram/generic.go`).

use std::fmt;

use super::schema;
use crate::model::go_format::{format_fixed, format_g};

/// Two histograms cannot be combined: one has exponential buckets, the other custom ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncompatibleSchemas;

/// Why the resolution of a histogram cannot be reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReduceError {
    /// Custom buckets have no resolution.
    CustomBuckets,
    /// Custom buckets are no resolution.
    ToCustomBuckets,
    /// The new schema is not below the old one.
    NotCoarser {
        /// The schema of the histogram.
        from: i32,
        /// The schema asked for.
        to: i32,
    },
    /// The spans make no sense.
    Spans(SpanError),
}

/// Spans that make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanError {
    /// A span begins before the one before it ends, or, with custom bounds, before the first bucket.
    NegativeOffset {
        /// Which span, counted from 1.
        number: usize,
        /// Its offset.
        offset: i32,
    },
    /// There are more or fewer counts than the spans have buckets.
    CountMismatch {
        /// How many buckets the spans have.
        needed: u64,
        /// How many counts there are.
        present: usize,
    },
}

/// Why a histogram is not valid.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValidationError {
    /// The schema is none of those in use.
    InvalidSchema(i32),
    /// The schema is none that can be read.
    UnknownSchema(i32),
    /// The spans of one side make no sense.
    Spans(Part, SpanError),
    /// A bucket has a negative count.
    NegativeBucketCount {
        /// Which side.
        part: Part,
        /// Which of its buckets, counted from 1.
        number: usize,
        /// Its count.
        count: f64,
    },
    /// The zero bucket has a negative count.
    NegativeZeroCount(f64),
    /// The count of all observations is negative.
    NegativeCount(f64),
    /// A custom bound is NaN.
    NanBound,
    /// The custom bounds do not rise.
    UnorderedBounds {
        /// A bound.
        previous: f64,
        /// The bound behind it.
        current: f64,
    },
    /// +Inf is listed as a bound, though it always is the last one.
    InfiniteBound,
    /// There are buckets without a custom bound.
    TooFewBounds {
        /// How many bounds there are.
        bounds: usize,
        /// How many buckets the spans reach over, gaps included.
        reach: u64,
    },
    /// Custom buckets and a count in the zero bucket.
    CustomZeroCount,
    /// Custom buckets and a zero threshold.
    CustomZeroThreshold,
    /// Custom buckets and spans of negative buckets.
    CustomNegativeSpans,
    /// Custom buckets and negative buckets.
    CustomNegativeBuckets,
    /// Exponential buckets and custom bounds.
    ExponentialCustomBounds,
}

/// The part of a histogram that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The positive buckets of an exponential schema.
    Positive,
    /// The negative buckets of an exponential schema.
    Negative,
    /// The custom buckets.
    Custom,
}

impl fmt::Display for IncompatibleSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
        )
    }
}

impl fmt::Display for ReduceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReduceError::CustomBuckets => {
                f.write_str("cannot reduce resolution when there are custom buckets")
            }
            ReduceError::ToCustomBuckets => f.write_str("cannot reduce resolution to custom buckets schema"),
            ReduceError::NotCoarser { from, to } => {
                write!(f, "cannot reduce resolution from schema {from} to {to}")
            }
            ReduceError::Spans(error @ SpanError::CountMismatch { needed, present })
                if *needed > *present as u64 =>
            {
                write!(f, "have {present} buckets but spans need more: {}", error.kind())
            }
            ReduceError::Spans(error) => error.fmt(f),
        }
    }
}

impl SpanError {
    fn kind(&self) -> &'static str {
        match self {
            SpanError::NegativeOffset { .. } => "histogram has a span whose offset is negative",
            SpanError::CountMismatch { .. } => {
                "histogram spans specify different number of buckets than provided"
            }
        }
    }
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpanError::NegativeOffset { number, offset } => {
                write!(f, "span number {number} with offset {offset}")
            }
            SpanError::CountMismatch { needed, present } => {
                write!(f, "spans need {needed} buckets, have {present} buckets")
            }
        }?;
        write!(f, ": {}", self.kind())
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ValidationError as E;
        let schemas = |f: &mut fmt::Formatter<'_>, word: &str, min: i32, max: i32, got: &i32| {
            write!(
                f,
                "histogram has an {word} schema, which must be between {min} and {max} for exponential buckets, \
                 or {} for custom buckets, got schema {got}",
                schema::CUSTOM_BUCKETS
            )
        };
        const NEGATIVE_BUCKET: &str = "histogram has a bucket whose observation count is negative";
        match self {
            E::InvalidSchema(got) => schemas(f, "invalid", schema::MIN, schema::MAX, got),
            E::UnknownSchema(got) => schemas(f, "unknown", schema::MIN_RESERVED, schema::MAX_RESERVED, got),
            E::Spans(part, error) => write!(f, "{part}: {error}"),
            E::NegativeBucketCount { part, number, count } => {
                // The custom buckets' counts are checked as the positive ones they are stored as.
                let part = if *part == Part::Custom { Part::Positive } else { *part };
                let count = format_g(*count);
                write!(
                    f,
                    "{part}: bucket number {number} has observation count of {count}: {NEGATIVE_BUCKET}"
                )
            }
            E::NegativeZeroCount(count) => {
                write!(f, "zero bucket has observation count of {}: {NEGATIVE_BUCKET}", format_g(*count))
            }
            E::NegativeCount(count) => {
                write!(
                    f,
                    "observation count is  {}: histogram's observation count is negative",
                    format_g(*count)
                )
            }
            E::NanBound => write!(f, "{}: histogram custom bounds must not be NaN", Part::Custom),
            E::UnorderedBounds { previous, current } => write!(
                f,
                "{}: previous bound is {} and current is {}: \
                 histogram custom bounds must be in strictly increasing order",
                Part::Custom,
                format_fixed(*previous, 6),
                format_fixed(*current, 6),
            ),
            E::InfiniteBound => write!(
                f,
                "{}: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite",
                Part::Custom
            ),
            E::TooFewBounds { bounds, reach } => write!(
                f,
                "{}: only {bounds} custom bounds defined which is insufficient to cover total span length of {reach}: \
                 histogram custom bounds are too few",
                Part::Custom
            ),
            E::CustomZeroCount => f.write_str("custom buckets: must have zero count of 0"),
            E::CustomZeroThreshold => f.write_str("custom buckets: must have zero threshold of 0"),
            E::CustomNegativeSpans => f.write_str("custom buckets: must not have negative spans"),
            E::CustomNegativeBuckets => f.write_str("custom buckets: must not have negative buckets"),
            E::ExponentialCustomBounds => {
                f.write_str("histogram with exponential schema must not have custom bounds")
            }
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Positive => "positive side",
            Part::Negative => "negative side",
            Part::Custom => "custom buckets",
        })
    }
}

impl std::error::Error for IncompatibleSchemas {}
impl std::error::Error for ReduceError {}
impl std::error::Error for SpanError {}
impl std::error::Error for ValidationError {}

impl From<SpanError> for ReduceError {
    fn from(error: SpanError) -> Self {
        ReduceError::Spans(error)
    }
}
