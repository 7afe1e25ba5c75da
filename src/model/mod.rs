//! The nouns of the field: labels, matchers, samples, native histograms, time and values.
//!
//! Nothing here knows the query language; everything else builds on it.

pub mod annotation;
#[doc(hidden)]
pub mod column;
#[doc(hidden)]
pub mod go_format;
#[doc(hidden)]
pub mod go_log;
#[doc(hidden)]
pub mod go_math;
pub mod histogram;
#[doc(hidden)]
pub mod kahan;
pub(crate) mod label_order;
pub mod labels;
pub mod matcher;
pub(crate) mod nearby;
pub mod regex;
pub mod sample;
pub mod time;
pub mod value;

pub use annotation::{Annotation, Annotations};
#[doc(hidden)]
pub use annotation::{Notes, Place};
#[doc(hidden)]
pub use column::{Batch, Column, ColumnMut};
pub use histogram::Histogram;
pub use labels::{Labels, LabelsBuilder};
pub use matcher::{MatchOp, Matcher};
pub use sample::{STALE_NAN, STALE_NAN_BITS, is_stale};
pub use time::{IntoMilliseconds, IntoTimestamp, TimeRange, Timestamp};
pub use value::{
    FloatPoints, InstantSample, Matrix, MatrixSeries, SampleValue, Value, ValueType, Vector, WrongType,
};
