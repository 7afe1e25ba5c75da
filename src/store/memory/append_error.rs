//! Why a sample cannot be appended, in Prometheus' words (`storage/errors.go`, `storage/interface.go`).

use std::fmt;

use crate::model::go_format::format_g;
use crate::model::histogram::ValidationError;
use crate::model::value::SampleValue;
use crate::model::{Labels, Timestamp};

/// A sample that cannot be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendError {
    /// The series that it was for.
    pub labels: Labels,
    /// Its time in ms.
    pub timestamp: Timestamp,
    /// What is wrong with it.
    pub kind: AppendErrorKind,
}

/// What can be wrong with a sample.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AppendErrorKind {
    /// There is a later sample in the series.
    OutOfOrder {
        /// The time of the latest sample, in ms.
        latest: Timestamp,
    },
    /// The time is before what can still be appended to, or beyond what can be told.
    OutOfBounds,
    /// There is a sample with this time and another value.
    DuplicateTimestamp {
        /// The value that is there.
        existing: SampleValue,
        /// The value that was to be appended.
        new: SampleValue,
    },
    /// The series has no labels.
    EmptyLabels,
    /// The histogram makes no sense.
    InvalidHistogram(ValidationError),
    /// There are not as many values, or start timestamps, as times.
    UnevenColumns,
    /// A column of floats and one of histograms both have a sample at this time.
    TwoKinds,
}

impl fmt::Display for AppendErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendErrorKind::OutOfOrder { .. } => f.write_str("out of order sample"),
            AppendErrorKind::OutOfBounds => f.write_str("out of bounds"),
            AppendErrorKind::DuplicateTimestamp { .. } => f.write_str("duplicate sample for timestamp"),
            AppendErrorKind::EmptyLabels => f.write_str("empty labelset: invalid sample"),
            AppendErrorKind::InvalidHistogram(reason) => reason.fmt(f),
            AppendErrorKind::TwoKinds => f.write_str("both a float and a histogram for timestamp"),
            AppendErrorKind::UnevenColumns => f.write_str("columns of samples differ in length"),
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let AppendErrorKind::DuplicateTimestamp { existing, new } = &self.kind {
            write!(f, " {}; overrides not allowed: ", self.timestamp)?;
            match existing {
                SampleValue::Float(existing) => write!(f, "existing {}", format_g(*existing))?,
                SampleValue::Histogram(_) => f.write_str("existing is a histogram")?,
            }
            match new {
                SampleValue::Float(new) => write!(f, ", new value {}", format_g(*new))?,
                SampleValue::Histogram(_) => f.write_str(", new value is a histogram")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for AppendError {}
