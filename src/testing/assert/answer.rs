//! An answer in the one shape that expectations are held against: series with samples.

use crate::model::value::{SampleValue, Value};
use crate::model::{Labels, Timestamp, ValueType};
use crate::testing::EvalTime;
use crate::testing::compare::{sample_text, samples_of};

/// What a query gave.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) value_type: ValueType,
    /// A scalar is a series without labels. Each sample is at a step of the query.
    pub(super) series: Vec<AnswerSeries>,
}

/// A series of an answer.
#[derive(Debug)]
pub(super) struct AnswerSeries {
    pub(super) labels: Labels,
    pub(super) samples: Vec<(Timestamp, SampleValue)>,
}

impl Answer {
    pub(super) fn of(value: Value) -> Answer {
        let value_type = value.value_type();
        let series = match value {
            Value::Scalar { timestamp, value } => {
                let samples = vec![(timestamp, SampleValue::Float(value))];
                vec![AnswerSeries { labels: Labels::empty(), samples }]
            }
            Value::Vector(vector) => {
                let series = vector.into_iter().map(|sample| AnswerSeries {
                    labels: sample.labels,
                    samples: vec![(sample.timestamp, sample.value)],
                });
                series.collect()
            }
            Value::Matrix(matrix) => {
                let series = matrix
                    .into_iter()
                    .map(|series| AnswerSeries { samples: samples_of(&series), labels: series.labels });
                series.collect()
            }
            Value::String { .. } => Vec::new(),
        };
        Answer { value_type, series }
    }
}

impl AnswerSeries {
    /// The sample at a time.
    pub(super) fn at(&self, time: Timestamp) -> Option<&SampleValue> {
        let place = self.samples.binary_search_by_key(&time, |(time, _)| *time).ok()?;
        Some(&self.samples[place].1)
    }

    /// The values at these times as a script has them, `_` where there is none.
    pub(super) fn texts(&self, times: &[Timestamp]) -> Vec<String> {
        times.iter().map(|time| self.at(*time).map_or_else(|| "_".to_owned(), sample_text)).collect()
    }
}

/// The times of the samples that a query gives.
pub(super) fn step_times(time: EvalTime) -> Vec<Timestamp> {
    match time {
        EvalTime::Instant(time) => vec![time],
        EvalTime::Range { start, end, step } => {
            std::iter::successors(Some(start), |time| time.checked_add(step).filter(|time| *time <= end))
                .collect()
        }
    }
}
