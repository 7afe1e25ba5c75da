//! Float and histogram samples of a value in one shape, in order of time, for the formats that write sample by sample.

use crate::model::Timestamp;
use crate::model::go_format::write_f;
use crate::model::value::{MatrixSeries, SampleValue};
use crate::model::{Histogram, Value};

/// The value of one sample, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample<'a> {
    Float(f64),
    Histogram(&'a Histogram),
}

impl Sample<'_> {
    /// Appends the value as Prometheus prints it in plain text: floats without an exponent.
    pub(super) fn push(self, out: &mut String) {
        match self {
            Sample::Float(value) => write_f(out, value),
            Sample::Histogram(histogram) => out.push_str(&histogram.to_string()),
        }
    }
}

impl<'a> From<&'a SampleValue> for Sample<'a> {
    fn from(value: &'a SampleValue) -> Self {
        match value {
            SampleValue::Float(value) => Sample::Float(*value),
            SampleValue::Histogram(histogram) => Sample::Histogram(histogram),
        }
    }
}

/// The samples of one series in order of time, floats and histograms together.
pub(super) fn samples(series: &MatrixSeries) -> impl Iterator<Item = (Timestamp, Sample<'_>)> {
    let mut floats = series.floats.iter().peekable();
    let mut histograms = series.histograms.iter().peekable();
    std::iter::from_fn(move || {
        let float_first = match (floats.peek(), histograms.peek()) {
            (Some((float, _)), Some((histogram, _))) => float <= histogram,
            (float, _) => float.is_some(),
        };
        if float_first {
            floats.next().map(|(time, value)| (time, Sample::Float(value)))
        } else {
            histograms.next().map(|(time, histogram)| (*time, Sample::Histogram(histogram)))
        }
    })
}

/// The names of all labels that occur in `value`, sorted, each once.
pub(super) fn label_names(value: &Value) -> Vec<&str> {
    let mut names = std::collections::BTreeSet::new();
    match value {
        Value::Vector(samples) => {
            samples.iter().for_each(|sample| names.extend(sample.labels.iter().map(|(name, _)| name)));
        }
        Value::Matrix(matrix) => {
            matrix.iter().for_each(|series| names.extend(series.labels.iter().map(|(name, _)| name)));
        }
        Value::Scalar { .. } | Value::String { .. } => {}
    }
    names.into_iter().collect()
}
