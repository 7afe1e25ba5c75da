//! The value of one sample.

use std::sync::Arc;

use crate::model::Histogram;

/// The value of one sample. A float can be compared with it: `sample.value == 1.0`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SampleValue {
    /// A float.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

impl SampleValue {
    /// The float, unless it is a histogram.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            SampleValue::Float(value) => Some(*value),
            SampleValue::Histogram(_) => None,
        }
    }

    /// The histogram, unless it is a float.
    pub fn as_histogram(&self) -> Option<&Histogram> {
        match self {
            SampleValue::Float(_) => None,
            SampleValue::Histogram(histogram) => Some(histogram),
        }
    }
}

impl From<f64> for SampleValue {
    fn from(value: f64) -> Self {
        SampleValue::Float(value)
    }
}

impl From<Arc<Histogram>> for SampleValue {
    fn from(value: Arc<Histogram>) -> Self {
        SampleValue::Histogram(value)
    }
}

impl From<Histogram> for SampleValue {
    fn from(value: Histogram) -> Self {
        SampleValue::Histogram(Arc::new(value))
    }
}

impl PartialEq<f64> for SampleValue {
    fn eq(&self, other: &f64) -> bool {
        matches!(self, SampleValue::Float(value) if value == other)
    }
}
