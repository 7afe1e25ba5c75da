//! The nouns of the field: labels, matchers, samples, native histograms, time and values.
//!
//! Nothing here knows the query language; everything else builds on it.

pub mod annotation;
pub mod column;
pub mod go_format;
pub mod go_log;
pub mod go_math;
pub mod histogram;
pub mod kahan;
pub(crate) mod label_order;
pub mod labels;
pub mod matcher;
pub mod regex;
pub mod sample;
pub mod time;
pub mod value;

pub use annotation::{Annotation, Annotations, Notes, Place};
pub use column::{Batch, Column, ColumnMut};
pub use histogram::Histogram;
pub use labels::{Labels, LabelsBuilder};
pub use matcher::{MatchOp, Matcher};
pub use sample::{STALE_NAN, STALE_NAN_BITS, is_stale};
pub use time::{IntoMilliseconds, IntoTimestamp, TimeRange, Timestamp};
pub use value::{
    FloatPoints, InstantSample, Matrix, MatrixSeries, SampleValue, Value, ValueType, Vector, WrongType,
};
