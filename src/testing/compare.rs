//! Whether a value is the one that a script expects.

use std::collections::HashMap;
use std::sync::Arc;

use super::expect::{Expectation, ExpectedResult, ExpectedSeries, Steps};
use super::report::Problem;
use crate::ingest::load::SequenceValue;
use crate::model::go_format::format_f;
use crate::model::histogram::equality::almost_equal;
use crate::model::value::{InstantSample, MatrixSeries, SampleValue};
use crate::model::{Histogram, Labels, Timestamp, Value, is_stale};

/// The relative difference that is allowed: long sums depend on their order in the last digits.
pub(super) const EPSILON: f64 = 1e-6;

/// Compares an answer; `steps` are the times of the values in the script's lines if they have more than one.
pub(super) fn value(expected: &Expectation, steps: Option<Steps>, got: &Value) -> Result<(), Problem> {
    let wrong_type = |expected| Problem::Type { expected, got: got.value_type().documented() };
    match (&expected.result, got) {
        (ExpectedResult::Text(text), Value::String { value, .. }) if text == value => Ok(()),
        (ExpectedResult::Text(text), Value::String { value, .. }) => {
            Err(Problem::Text { expected: text.clone(), got: value.clone() })
        }
        (ExpectedResult::Text(_), _) => Err(wrong_type("string")),
        (ExpectedResult::Scalar(number), Value::Scalar { value, .. }) => scalar(*number, *value),
        (ExpectedResult::Scalar(_), _) => Err(wrong_type("scalar")),
        (ExpectedResult::Series(series), Value::Vector(samples)) => vector(expected.ordered, series, samples),
        (ExpectedResult::Series(series), Value::Matrix(got)) => match steps {
            Some(steps) if !expected.ordered => matrix(series, steps, got),
            _ => Err(wrong_type("instant vector")),
        },
        (ExpectedResult::Series(_), _) => {
            Err(wrong_type(if steps.is_some() { "matrix" } else { "instant vector" }))
        }
    }
}

fn scalar(expected: f64, got: f64) -> Result<(), Problem> {
    if nearly_equal(expected, got) {
        return Ok(());
    }
    Err(Problem::Sample {
        series: String::new(),
        timestamp: None,
        expected: float_text(expected),
        got: float_text(got),
    })
}

fn vector(ordered: bool, expected: &[ExpectedSeries], got: &[InstantSample]) -> Result<(), Problem> {
    let mut seen = Seen::new(expected);
    for (place, sample) in got.iter().enumerate() {
        let (expected_place, series) = seen.meet(&sample.labels)?;
        if ordered && expected_place != place {
            return Err(Problem::Order {
                series: sample.labels.to_string(),
                expected: expected_place + 1,
                got: place + 1,
            });
        }
        let value = series.values.first().unwrap_or(&SequenceValue::Omitted);
        self::sample(&sample.labels, None, value, Some(&sample.value))?;
    }
    seen.all()
}

fn matrix(expected: &[ExpectedSeries], steps: Steps, got: &[MatrixSeries]) -> Result<(), Problem> {
    if let Some(pair) = got.windows(2).find(|pair| pair[0].labels > pair[1].labels) {
        return Err(Problem::NotSorted { series: pair[1].labels.to_string() });
    }
    let mut seen = Seen::new(expected);
    for series in got {
        let (_, expected) = seen.meet(&series.labels)?;
        let mut samples = samples_of(series).into_iter().peekable();
        for (i, value) in expected.values.iter().enumerate() {
            let time = steps.at(i);
            if let Some((early, value)) = samples.next_if(|(t, _)| *t < time) {
                sample(&series.labels, Some(early), &SequenceValue::Omitted, Some(&value))?;
            }
            let got = samples.next_if(|(t, _)| *t == time).map(|(_, value)| value);
            sample(&series.labels, Some(time), value, got.as_ref())?;
        }
        if let Some((time, value)) = samples.next() {
            sample(&series.labels, Some(time), &SequenceValue::Omitted, Some(&value))?;
        }
    }
    seen.all()
}

/// Floats and histograms of a series together, in order of time.
pub(super) fn samples_of(series: &MatrixSeries) -> Vec<(Timestamp, SampleValue)> {
    let floats = series.floats.iter().map(|(time, value)| (time, SampleValue::Float(value)));
    let histograms =
        series.histograms.iter().map(|(time, value)| (*time, SampleValue::Histogram(Arc::clone(value))));
    let mut samples: Vec<_> = floats.chain(histograms).collect();
    samples.sort_by_key(|(time, _)| *time);
    samples
}

fn sample(
    labels: &Labels,
    timestamp: Option<Timestamp>,
    expected: &SequenceValue,
    got: Option<&SampleValue>,
) -> Result<(), Problem> {
    let equal = match (expected, got) {
        (SequenceValue::Omitted, None) => true,
        (SequenceValue::Float(expected), Some(SampleValue::Float(got))) => nearly_equal(*expected, *got),
        (SequenceValue::Histogram { histogram, hint_given }, Some(SampleValue::Histogram(got))) => {
            nearly_same(histogram, got, *hint_given)
        }
        _ => false,
    };
    if equal {
        return Ok(());
    }
    let expected = match expected {
        SequenceValue::Omitted => "_".to_owned(),
        SequenceValue::Float(value) => float_text(*value),
        SequenceValue::Histogram { histogram, .. } => histogram_text(histogram),
    };
    let got = got.map_or_else(|| "_".to_owned(), sample_text);
    Err(Problem::Sample { series: labels.to_string(), timestamp, expected, got })
}

fn nearly_equal(expected: f64, got: f64) -> bool {
    almost_equal(expected, got, EPSILON)
}

/// Empty buckets do not count. What is known of counter resets is compared only where the script tells it.
fn nearly_same(expected: &Histogram, got: &Histogram, with_hint: bool) -> bool {
    let same_hint = expected.counter_reset_hint == got.counter_reset_hint;
    let (mut expected, mut got) = (expected.clone(), got.clone());
    expected.compact(0).almost_equals(got.compact(0), EPSILON) && (same_hint || !with_hint)
}

/// The expected series, and which of them have come.
struct Seen<'e> {
    expected: &'e [ExpectedSeries],
    places: HashMap<&'e Labels, usize>,
    met: Vec<bool>,
}

impl<'e> Seen<'e> {
    fn new(expected: &'e [ExpectedSeries]) -> Self {
        let places = expected.iter().enumerate().map(|(i, series)| (&series.labels, i)).collect();
        Seen { expected, places, met: vec![false; expected.len()] }
    }

    fn meet(&mut self, labels: &Labels) -> Result<(usize, &'e ExpectedSeries), Problem> {
        let place = *self.places.get(labels).ok_or_else(|| Problem::UnexpectedSeries(labels.to_string()))?;
        if std::mem::replace(&mut self.met[place], true) {
            return Err(Problem::DuplicateSeries(labels.to_string()));
        }
        Ok((place, &self.expected[place]))
    }

    fn all(&self) -> Result<(), Problem> {
        match self.met.iter().position(|met| !met) {
            Some(place) => Err(Problem::MissingSeries(self.expected[place].labels.to_string())),
            None => Ok(()),
        }
    }
}

/// An answer in the lines that a script would have for it.
pub(super) fn lines(value: &Value, steps: Option<Steps>) -> Vec<String> {
    match value {
        Value::Scalar { value, .. } => vec![float_text(*value)],
        Value::String { value, .. } => vec![format!("expect string {value:?}")],
        Value::Vector(samples) => {
            samples.iter().map(|sample| format!("{} {}", sample.labels, sample_text(&sample.value))).collect()
        }
        Value::Matrix(series) => series.iter().map(|series| series_line(series, steps)).collect(),
    }
}

fn series_line(series: &MatrixSeries, steps: Option<Steps>) -> String {
    let mut line = series.labels.to_string();
    let mut next = 0;
    for (time, value) in samples_of(series) {
        let on_step = steps.filter(|steps| time >= steps.at(next) && (time - steps.start) % steps.step == 0);
        match on_step {
            Some(steps) => {
                let step = ((time - steps.start) / steps.step) as usize;
                line.push_str(&" _".repeat(step - next));
                line.push_str(&format!(" {}", sample_text(&value)));
                next = step + 1;
            }
            None => line.push_str(&format!(" {}@{}s", sample_text(&value), time as f64 / 1000.0)),
        }
    }
    line
}

pub(super) fn sample_text(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => float_text(*value),
        SampleValue::Histogram(histogram) => histogram_text(histogram),
    }
}

fn float_text(value: f64) -> String {
    if is_stale(value) { "stale".to_owned() } else { format_f(value) }
}

fn histogram_text(histogram: &Histogram) -> String {
    histogram.test_expression()
}
