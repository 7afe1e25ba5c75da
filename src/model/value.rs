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

use super::column::{Column, for_each_set};
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
    /// Few of the steps of a range query: 16 bytes for each sample that is there.
    FewSteps {
        /// Distance of the steps in ms; 0 if the query has only one.
        step: i64,
        /// The samples in order of time.
        samples: FewSamples,
    },
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
    /// Bit `i % 64` of word `i / 64` tells whether step `i` has a value. Empty when all steps have one.
    pub present: Box<[u64]>,
}

/// Few samples: times in ms, rising, and values. One sample takes no memory of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct FewSamples(Few);

#[derive(Clone, Debug, PartialEq)]
enum Few {
    One([(Timestamp, f64); 1]),
    Any(Box<[(Timestamp, f64)]>),
}

impl FewSamples {
    /// The samples as a slice.
    pub fn as_slice(&self) -> &[(Timestamp, f64)] {
        match &self.0 {
            Few::One(sample) => sample,
            Few::Any(samples) => samples,
        }
    }
}

impl From<Vec<(Timestamp, f64)>> for FewSamples {
    fn from(samples: Vec<(Timestamp, f64)>) -> Self {
        FewSamples(match samples[..] {
            [only] => Few::One([only]),
            _ => Few::Any(samples.into()),
        })
    }
}

impl StepColumn {
    /// Whether step `i` has a value.
    pub fn has(&self, i: usize) -> bool {
        self.present.is_empty() || self.present[i / 64] >> (i % 64) & 1 == 1
    }
}

impl FloatPoints {
    /// The floats of `column`, whose step `i` is the time `start + i * step`, in whichever form is smaller.
    pub fn of_column(column: Column<'_>, start: Timestamp, step: i64) -> Self {
        let count: usize = column.present.iter().map(|word| word.count_ones() as usize).sum();
        let present = if column.is_full() { &[][..] } else { column.present };
        let dense_size = size_of_val(column.values) + size_of_val(present);
        if count > 1 && count * size_of::<(Timestamp, f64)>() >= dense_size {
            let (values, present) = (column.values.into(), present.into());
            return FloatPoints::Steps(StepColumn { start, step, values, present });
        }
        let sample = |i: usize| (start + i as i64 * step, column.values[i]);
        let samples = match column.present.iter().position(|word| *word != 0) {
            Some(w) if count == 1 => {
                let bit = column.present[w].trailing_zeros() as usize;
                FewSamples(Few::One([sample(w * 64 + bit)]))
            }
            _ => {
                let mut samples = Vec::with_capacity(count);
                for_each_set(column.present, |i| samples.push(sample(i)));
                samples.into()
            }
        };
        let step = if column.values.len() > 1 { step } else { 0 };
        FloatPoints::FewSteps { step, samples }
    }

    /// No samples.
    pub fn none() -> Self {
        FloatPoints::Samples { timestamps: Vec::new(), values: Vec::new() }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        match self {
            FloatPoints::Steps(column) if column.present.is_empty() => column.values.len(),
            FloatPoints::Steps(column) => column.present.iter().map(|w| w.count_ones() as usize).sum(),
            FloatPoints::FewSteps { samples, .. } => samples.as_slice().len(),
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
            FloatPoints::FewSteps { samples, .. } => Box::new(samples.as_slice().iter().copied()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Batch;

    #[test]
    fn a_column_takes_the_smaller_form() {
        for (steps, present, few) in [
            (1, vec![], true),
            (1, vec![0], true),
            (2, vec![1], true),
            (100, (0..100).collect(), false),
            (100, (0..51).collect(), false),
            (100, (0..100).step_by(2).collect(), true),
            (100, vec![99], true),
            (100, vec![], true),
        ] {
            let mut batch = Batch::default();
            batch.reset(1, steps);
            let mut column = batch.column_mut(0);
            column.values.fill(f64::NAN);
            present.iter().for_each(|&i: &usize| column.set(i, i as f64));
            let points = FloatPoints::of_column(batch.column(0), 1000, 15);
            assert_eq!(matches!(points, FloatPoints::FewSteps { .. }), few, "{present:?} of {steps}");
            assert_eq!(points.len(), present.len());
            let expected: Vec<_> = present.iter().map(|&i| (1000 + 15 * i as i64, i as f64)).collect();
            assert_eq!(points.iter().collect::<Vec<_>>(), expected);
        }
    }
}
