//! What a query answers: a scalar, a string, an instant vector or a matrix.
//!
//! ```
//! use promqlite::model::value::{InstantSample, SampleValue, Value};
//! use promqlite::Labels;
//!
//! let up = InstantSample { labels: Labels::from_pairs([("__name__", "up")]), timestamp: 0, value: SampleValue::Float(1.0) };
//! let value = Value::Vector(vec![up]);
//! assert_eq!(value.value_type().as_str(), "vector");
//! ```

use std::fmt;
use std::sync::Arc;

use super::histogram::Histogram;
use super::labels::Labels;
use super::time::Timestamp;

/// The four types that an expression can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One float for each step.
    Scalar,
    /// A set of series, one sample each.
    Vector,
    /// A set of series, a stretch of samples each.
    Matrix,
    /// A constant text.
    String,
}

impl ValueType {
    /// The name in the HTTP API: `scalar`, `vector`, `matrix`, `string`.
    pub fn as_str(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "vector",
            ValueType::Matrix => "matrix",
            ValueType::String => "string",
        }
    }

    /// The name in error messages: `scalar`, `instant vector`, `range vector`, `string` (`parser/value.go`).
    pub fn documented(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "instant vector",
            ValueType::Matrix => "range vector",
            ValueType::String => "string",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The value of one sample.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SampleValue {
    /// A float.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
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

/// One series of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct InstantSample {
    /// Which series.
    pub labels: Labels,
    /// The time the query was evaluated at, in ms.
    pub timestamp: Timestamp,
    /// Float or histogram.
    pub value: SampleValue,
}

/// One series of a matrix. Floats and histograms are kept apart; no timestamp occurs in both.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSeries {
    /// Which series.
    pub labels: Labels,
    /// The float samples in order of time.
    pub floats: FloatPoints,
    /// The histogram samples in order of time.
    pub histograms: Vec<(Timestamp, Arc<Histogram>)>,
}

/// The float samples of one series.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FloatPoints {
    /// One place for each step of a range query, some of them empty: 8 bytes and a bit for each.
    Steps(StepColumn),
    /// Samples as they were read, at their own times.
    Samples {
        /// Times in ms, rising.
        timestamps: Vec<Timestamp>,
        /// One value for each time.
        values: Vec<f64>,
    },
}

/// A dense column: the value at step `i` belongs to the time `start + i * step`.
#[derive(Clone, Debug, PartialEq)]
pub struct StepColumn {
    /// Time of the first step in ms.
    pub start: Timestamp,
    /// Distance of the steps in ms.
    pub step: i64,
    /// A value for each step; meaningless where `present` has no bit.
    pub values: Box<[f64]>,
    /// Bit `i % 64` of word `i / 64` tells whether step `i` has a value.
    pub present: Box<[u64]>,
}

impl StepColumn {
    /// Whether step `i` has a value.
    pub fn has(&self, i: usize) -> bool {
        self.present[i / 64] >> (i % 64) & 1 == 1
    }
}

impl FloatPoints {
    /// No samples.
    pub fn none() -> Self {
        FloatPoints::Samples { timestamps: Vec::new(), values: Vec::new() }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        match self {
            FloatPoints::Steps(column) => column.present.iter().map(|w| w.count_ones() as usize).sum(),
            FloatPoints::Samples { values, .. } => values.len(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples in order of time.
    pub fn iter(&self) -> Box<dyn Iterator<Item = (Timestamp, f64)> + '_> {
        match self {
            FloatPoints::Steps(column) => Box::new(
                (0..column.values.len())
                    .filter(|&i| column.has(i))
                    .map(|i| (column.start + i as i64 * column.step, column.values[i])),
            ),
            FloatPoints::Samples { timestamps, values } => {
                Box::new(timestamps.iter().copied().zip(values.iter().copied()))
            }
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A number at a time.
    Scalar {
        /// Evaluation time in ms.
        timestamp: Timestamp,
        /// The number.
        value: f64,
    },
    /// A text at a time. PromQL strings are bytes; what is no UTF-8 was replaced.
    String {
        /// Evaluation time in ms.
        timestamp: Timestamp,
        /// The text.
        value: String,
    },
    /// One sample for each series, all at one time.
    Vector(Vec<InstantSample>),
    /// A stretch of samples for each series, sorted by labels.
    Matrix(Vec<MatrixSeries>),
}

impl Value {
    /// Which of the four it is.
    pub fn value_type(&self) -> ValueType {
        match self {
            Value::Scalar { .. } => ValueType::Scalar,
            Value::String { .. } => ValueType::String,
            Value::Vector(_) => ValueType::Vector,
            Value::Matrix(_) => ValueType::Matrix,
        }
    }
}
