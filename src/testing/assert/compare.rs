//! Where an answer differs from what was expected.

use std::collections::HashMap;

use super::answer::{Answer, AnswerSeries};
use super::expected::{Expected, Threshold};
use super::value::{Wanted, is_equal};
use crate::ingest::load::SequenceValue;
use crate::model::go_format::format_f;
use crate::model::value::SampleValue;
use crate::model::{Labels, Timestamp};
use crate::testing::compare::{EPSILON, sample_text};

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// What kind of difference it is.
    pub kind: DifferenceKind,
    /// The series.
    pub labels: Labels,
    /// The time of the sample, in ms since the Unix epoch, if it is about one sample of a range query.
    pub time: Option<Timestamp>,
    /// What was expected, in words; `None` if nothing was.
    pub expected: Option<String>,
    /// What came, in words; `None` if nothing did.
    pub got: Option<String>,
}

/// What can be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The value is another.
    Different,
    /// The series is not there.
    Missing,
    /// The series should not be there.
    Unexpected,
    /// The series is at another place.
    Misplaced,
}

impl DifferenceKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            DifferenceKind::Different => "different",
            DifferenceKind::Missing => "missing",
            DifferenceKind::Unexpected => "unexpected",
            DifferenceKind::Misplaced => "misplaced",
        }
    }
}

/// A series that is expected.
pub(super) struct ExpectedSeries {
    pub(super) labels: Labels,
    /// What is wanted at each step.
    pub(super) values: Vec<Wanted>,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) differences: Vec<Difference>,
    /// What a script has to expect so that it fails at the same places, and at these only: what was expected where that
    /// did not come, what came elsewhere.
    pub(super) lines: Vec<(Labels, Vec<String>)>,
    /// The floats that differ by so little that scripts let them pass.
    pub(super) rounding: Vec<Rounding>,
    /// Whether all that is on the wrong side of a bound is on neither side.
    pub(super) is_beyond_compare: bool,
}

/// A float that differs in its last digits only.
#[derive(Debug)]
pub(super) struct Rounding {
    pub(super) labels: Labels,
    pub(super) time: Timestamp,
    pub(super) expected: f64,
}

/// Holds the series of an answer against those that are expected; `times` are the steps of the query.
pub(super) fn series(
    expected: &Expected,
    wanted: &[ExpectedSeries],
    times: &[Timestamp],
    answer: &Answer,
) -> Verdict {
    let mut verdict = Verdict::default();
    let places: HashMap<&Labels, usize> =
        wanted.iter().enumerate().map(|(place, series)| (&series.labels, place)).collect();
    let mut met = Vec::new();
    for got in &answer.series {
        match places.get(&got.labels) {
            Some(&place) => {
                met.push(place);
                verdict.samples(expected.tolerance, &wanted[place], times, got);
            }
            None if expected.contains => verdict.lines.push((got.labels.clone(), got.texts(times))),
            None => verdict.differences.push(Difference {
                kind: DifferenceKind::Unexpected,
                labels: got.labels.clone(),
                time: None,
                expected: None,
                got: Some(joined(&got.texts(times))),
            }),
        }
    }
    if expected.ordered {
        verdict.order(wanted, &met);
    }
    for (place, series) in wanted.iter().enumerate() {
        // Nobody wants a series that has no sample.
        if !met.contains(&place) && series.values.iter().any(Wanted::is_sample) {
            verdict.missing(series);
        }
    }
    // The missing ones first: they are what the other two are about.
    let rank = |kind| match kind {
        DifferenceKind::Missing => 0,
        DifferenceKind::Different => 1,
        DifferenceKind::Misplaced => 2,
        DifferenceKind::Unexpected => 3,
    };
    verdict.differences.sort_by_key(|difference| rank(difference.kind));
    verdict
}

/// Holds all samples of an answer against a bound.
pub(super) fn threshold(threshold: Threshold, answer: &Answer, is_range: bool) -> Verdict {
    let Threshold { all, comparison, bound } = threshold;
    let keeps = |value: &SampleValue| match value {
        SampleValue::Float(value) => comparison.holds(*value, bound),
        SampleValue::Histogram(_) => false,
    };
    let mut verdict = Verdict { is_beyond_compare: true, ..Verdict::default() };
    for series in &answer.series {
        for (time, value) in &series.samples {
            if keeps(value) {
                if !all {
                    return Verdict::default();
                }
                continue;
            }
            verdict.is_beyond_compare &= !matches!(value, SampleValue::Float(value) if !value.is_nan());
            verdict.differences.push(Difference {
                kind: DifferenceKind::Different,
                labels: series.labels.clone(),
                time: is_range.then_some(*time),
                expected: Some(format!("{comparison} {}", format_f(bound))),
                got: Some(sample_text(value)),
            });
        }
    }
    verdict
}

impl Verdict {
    /// Compares the samples of a series step by step.
    fn samples(
        &mut self,
        tolerance: Option<f64>,
        wanted: &ExpectedSeries,
        times: &[Timestamp],
        got: &AnswerSeries,
    ) {
        let mut line = Vec::with_capacity(times.len());
        for ((&time, wanted), text) in times.iter().zip(&wanted.values).zip(got.texts(times)) {
            let value = got.at(time);
            if wanted.is_met_by(value, tolerance) {
                line.push(text);
                continue;
            }
            if let (Wanted::Value(SequenceValue::Float(expected)), Some(SampleValue::Float(got_value))) =
                (wanted, value)
                && is_equal(*expected, *got_value, Some(EPSILON))
            {
                let labels = got.labels.clone();
                self.rounding.push(Rounding { labels, time, expected: *expected });
            }
            line.push(wanted.script_text());
            self.differences.push(Difference {
                kind: DifferenceKind::Different,
                labels: got.labels.clone(),
                time: (times.len() > 1).then_some(time),
                expected: wanted.is_sample().then(|| wanted.to_string()),
                got: value.map(|_| text),
            });
        }
        self.lines.push((got.labels.clone(), line));
    }

    fn missing(&mut self, series: &ExpectedSeries) {
        let texts: Vec<String> = series.values.iter().map(Wanted::to_string).collect();
        self.differences.push(Difference {
            kind: DifferenceKind::Missing,
            labels: series.labels.clone(),
            time: None,
            expected: Some(joined(&texts)),
            got: None,
        });
        let line = series.values.iter().map(Wanted::script_text).collect();
        self.lines.push((series.labels.clone(), line));
    }

    /// Compares the order of the series that came, whose places among the expected are `met`.
    fn order(&mut self, wanted: &[ExpectedSeries], met: &[usize]) {
        let mut sorted = met.to_vec();
        sorted.sort_unstable();
        for (got, (&place, &here)) in met.iter().zip(&sorted).enumerate() {
            if place == here {
                continue;
            }
            let expected = sorted.iter().position(|other| *other == place).unwrap_or(place);
            self.differences.push(Difference {
                kind: DifferenceKind::Misplaced,
                labels: wanted[place].labels.clone(),
                time: None,
                expected: Some(format!("as number {}", expected + 1)),
                got: Some(format!("as number {}", got + 1)),
            });
        }
        // The lines of the series that came, put into the order that was expected.
        let of = |lines: &[(Labels, Vec<String>)], place: usize| {
            lines.iter().position(|(labels, _)| *labels == wanted[place].labels)
        };
        let lines = self.lines.clone();
        for (&place, &here) in met.iter().zip(&sorted) {
            if let (Some(to), Some(from)) = (of(&lines, place), of(&lines, here)) {
                self.lines[to] = lines[from].clone();
            }
        }
    }
}

/// So many values of a series are told.
const SHOWN_VALUES: usize = 20;

fn joined(texts: &[String]) -> String {
    match texts.len() {
        0..=SHOWN_VALUES => texts.join(" "),
        count => format!("{} … and {} more", texts[..SHOWN_VALUES].join(" "), count - SHOWN_VALUES),
    }
}
