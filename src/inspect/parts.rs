//! Evaluating a part of a query by itself.

use crate::engine::Engine;
use crate::model::value::{SampleValue, Value};
use crate::model::{Labels, Timestamp, ValueType};
use crate::plan::check::value_type;
use crate::store::SeriesStore;
use crate::syntax::Expr;

/// When a query is evaluated, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The first step.
    pub start: Timestamp,
    /// No step is later.
    pub end: Timestamp,
    /// Distance of the steps; 0 for an instant query.
    pub step: i64,
}

impl Times {
    /// The one time of an instant query.
    pub fn instant(time: Timestamp) -> Self {
        Times { start: time, end: time, step: 0 }
    }
}

/// Where and when the parts of a query are evaluated.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// What evaluates them.
    pub engine: &'a Engine,
    /// Over what.
    pub store: &'a dyn SeriesStore,
    /// When.
    pub times: Times,
}

/// One series of the value of a part.
#[derive(Clone, Debug, PartialEq)]
pub struct PartSeries {
    /// Which series.
    pub labels: Labels,
    /// Its floats, in order of time.
    pub floats: Vec<f64>,
}

impl Parts<'_> {
    /// The series that a part evaluates to; of a range vector, those with samples and how many there are at each step.
    /// `None` for numbers, texts and what cannot be evaluated.
    pub fn series(&self, expr: &Expr) -> Option<Vec<PartSeries>> {
        match value_type(expr) {
            ValueType::Matrix => self.series_of_text(&format!("count_over_time({expr})")),
            _ => self.series_of_text(&expr.to_string()),
        }
    }

    pub(crate) fn series_of_text(&self, text: &str) -> Option<Vec<PartSeries>> {
        let prepared = self.engine.prepare(text).ok()?;
        let Times { start, end, step } = self.times;
        let result = match step {
            0 => prepared.instant(self.store, start),
            _ => prepared.range(self.store, start, end, step),
        };
        match result.ok()?.value {
            Value::Vector(vector) => {
                let series = vector.into_iter().map(|sample| PartSeries {
                    labels: sample.labels,
                    floats: match sample.value {
                        SampleValue::Float(value) => vec![value],
                        SampleValue::Histogram(_) => Vec::new(),
                    },
                });
                Some(series.collect())
            }
            Value::Matrix(matrix) if prepared.value_type() == ValueType::Vector => {
                let series = matrix.into_iter().map(|series| PartSeries {
                    floats: series.floats.iter().map(|(_, value)| value).collect(),
                    labels: series.labels,
                });
                Some(series.collect())
            }
            _ => None,
        }
    }
}
