//! From a query and an expectation to a failure, if there is one.

use std::collections::HashSet;

use super::answer::{Answer, step_times};
use super::compare::{self, ExpectedSeries, Verdict};
use super::expected::{Expected, ExpectedResult, Threshold};
use super::failure::{PromqlFailure, PromqlProblem};
use super::reproduce::{Reproduction, ScriptEval};
use super::subject::Subject;
use super::value::ExpectedValue;
use super::when::When;
use crate::engine::Engine;
use crate::error::Error;
use crate::ingest::load::parse_labels;
use crate::model::go_format::quote;
use crate::model::{Labels, Timestamp, Value, ValueType};
use crate::store::SeriesStore;
use crate::testing::EvalTime;
use crate::testing::query::{Answer as Asked, ask};
use crate::why::why;

/// Asks a query and holds the answer against what is expected: [`assert_promql!`](crate::assert_promql) without the
/// panic.
///
/// ```
/// use promqlite::testing::{Expected, PromqlProblem, Timeline, When, check_promql};
///
/// let mut timeline = Timeline::every("15s");
/// timeline.scrape("queue_length 3\n");
/// let expected = Expected::series().with("queue_length", 4);
/// let failure = check_promql(&timeline, "queue_length", When::NEWEST, expected).unwrap_err();
/// let PromqlProblem::Differences(differences) = failure.problem() else { panic!("{failure}") };
/// assert_eq!(differences[0].got.as_deref(), Some("3"));
/// ```
///
/// # Errors
///
/// The answer is not what is expected, there is none, or the expectation makes no sense.
pub fn check_promql(
    subject: &(impl Subject + ?Sized),
    query: impl AsRef<str>,
    when: When,
    expected: Expected,
) -> Result<(), PromqlFailure> {
    let query = query.as_ref();
    let engine = subject.engine();
    let failure = |problem| PromqlFailure::new(query, None, problem);
    let time = match when.resolve(subject.start(), || subject.newest()) {
        Ok(Some(time)) => time,
        Ok(None) => return Err(failure(PromqlProblem::NoTime)),
        Err(error) => return Err(failure(PromqlProblem::Time(error))),
    };
    let check = Check { engine: &engine, store: subject.store(), query, time, expected: &expected };
    check.run()
}

/// [`check_promql`] for the macro: a failure is a panic of the caller.
#[doc(hidden)]
#[track_caller]
pub fn enforce_promql(
    subject: &(impl Subject + ?Sized),
    query: impl AsRef<str>,
    when: When,
    expected: Expected,
) {
    if let Err(failure) = check_promql(subject, query, when, expected) {
        panic!("{failure}");
    }
}

/// An expectation for so many steps takes no memory worth mentioning.
const MANY_STEPS: i128 = 100_000;

struct Check<'a> {
    engine: &'a Engine,
    store: &'a dyn SeriesStore,
    query: &'a str,
    time: EvalTime,
    expected: &'a Expected,
}

impl Check<'_> {
    fn run(&self) -> Result<(), PromqlFailure> {
        // It is the engine that refuses a range of too many steps, before anything is written down for each of them.
        if self.steps() > MANY_STEPS
            && !matches!(self.expected.result, ExpectedResult::Error(_))
            && let Err(error) = self.ask()
        {
            return Err(self.no_answer(error, vec![self.reproduction().eval(Vec::new())]));
        }
        match &self.expected.result {
            ExpectedResult::Series(written) => self.series(written),
            ExpectedResult::Value(value) => self.value(value),
            ExpectedResult::Threshold(threshold) => self.threshold(*threshold),
            ExpectedResult::Text(text) => self.string(text),
            ExpectedResult::Error(text) => self.error(text),
        }
    }

    fn series(&self, written: &[(String, ExpectedValue)]) -> Result<(), PromqlFailure> {
        let labels = self.labels(written)?;
        let wanted = labels.into_iter().zip(written).map(|(labels, (_, value))| self.wanted(labels, value));
        let wanted: Vec<ExpectedSeries> = wanted.collect::<Result<_, _>>()?;
        let all_wanted = || {
            let lines = wanted.iter().map(|series| {
                let values = series.values.iter().map(|value| value.script_text()).collect();
                (series.labels.clone(), values)
            });
            Verdict { lines: lines.collect(), ..Verdict::default() }
        };
        let of_verdict =
            |verdict: &Verdict| self.reproduction().of_verdict(verdict, false, self.expected.ordered);
        let asked = self.ask().map_err(|error| self.no_answer(error, of_verdict(&all_wanted())))?;
        let answer = Answer::of(asked.value.clone());
        if self.is_unfit(answer.value_type, false) {
            return Err(self.wrong_type(
                "instant vector",
                answer.value_type,
                of_verdict(&all_wanted()),
                &asked,
            ));
        }
        let verdict = compare::series(self.expected, &wanted, &self.times(), &answer);
        self.judge(&asked, &answer, &verdict, || of_verdict(&verdict))
    }

    fn value(&self, value: &ExpectedValue) -> Result<(), PromqlFailure> {
        let wanted = self.wanted(Labels::empty(), value)?;
        let texts: Vec<String> = wanted.values.iter().map(|value| value.script_text()).collect();
        let is_range = matches!(self.time, EvalTime::Range { .. });
        let number = || match is_range {
            true => vec![self.reproduction().eval(vec![format!("{{}} {}", texts.join(" "))])],
            false => vec![self.reproduction().eval(texts.clone())],
        };
        let asked = self.ask().map_err(|error| self.no_answer(error, number()))?;
        let answer = Answer::of(asked.value.clone());
        if self.is_unfit(answer.value_type, true) {
            return Err(self.wrong_type("scalar", answer.value_type, number(), &asked));
        }
        let times = self.times();
        let [only] = &answer.series[..] else {
            let expected = wanted.values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ");
            let got = answer.series.iter();
            let got = got.map(|series| (series.labels.clone(), series.texts(&times).join(" "))).collect();
            let lines = vec![format!("{{}} {}", texts.join(" "))];
            let problem = PromqlProblem::NotOneValue { expected, got };
            return Err(self.failure(problem, vec![self.reproduction().eval(lines)], &asked, &answer));
        };
        let wanted = ExpectedSeries { labels: only.labels.clone(), values: wanted.values };
        let verdict = compare::series(self.expected, &[wanted], &times, &answer);
        let is_scalar = answer.value_type == ValueType::Scalar;
        self.judge(&asked, &answer, &verdict, || self.reproduction().of_verdict(&verdict, is_scalar, false))
    }

    fn threshold(&self, threshold: Threshold) -> Result<(), PromqlFailure> {
        let nothing = || vec![self.reproduction().eval(Vec::new())];
        let asked = self.ask().map_err(|error| self.no_answer(error, nothing()))?;
        let answer = Answer::of(asked.value.clone());
        if self.is_unfit(answer.value_type, true) {
            return Err(self.wrong_type("instant vector", answer.value_type, nothing(), &asked));
        }
        if answer.series.is_empty() {
            let evals = vec![self.reproduction().absent()];
            return Err(self.failure(PromqlProblem::NothingToCompare, evals, &asked, &answer));
        }
        let is_range = matches!(self.time, EvalTime::Range { .. });
        let verdict = compare::threshold(threshold, &answer, is_range);
        // In a range query a scalar has become a series, and stays a scalar where it is asked for again.
        let is_scalar = self.value_type() == Some(ValueType::Scalar);
        self.judge(&asked, &answer, &verdict, || {
            vec![self.reproduction().beyond(threshold, is_scalar, &verdict)]
        })
    }

    fn string(&self, text: &str) -> Result<(), PromqlFailure> {
        // In a range query no string can come, and none be expected by a script.
        let line = match self.time {
            EvalTime::Instant(_) => vec![format!("expect string {}", quote(text))],
            EvalTime::Range { .. } => Vec::new(),
        };
        let evals = || vec![self.reproduction().eval(line.clone())];
        let asked = self.ask().map_err(|error| self.no_answer(error, evals()))?;
        match &asked.value {
            Value::String { value, .. } if value == text => Ok(()),
            Value::String { value, .. } => {
                let problem = PromqlProblem::OtherString { expected: text.to_owned(), got: value.clone() };
                Err(self.failure(problem, evals(), &asked, &Answer::of(asked.value.clone())))
            }
            other if matches!(self.time, EvalTime::Range { .. }) => {
                let got = other.value_type().documented();
                Err(self.mistake(PromqlProblem::Type { expected: "string", got }))
            }
            other => Err(self.wrong_type("string", other.value_type(), evals(), &asked)),
        }
    }

    fn error(&self, text: &str) -> Result<(), PromqlFailure> {
        let evals =
            || vec![self.reproduction().eval(vec![format!("expect fail regex: {}", regex::escape(text))])];
        let problem = |got| PromqlProblem::OtherError { expected: text.to_owned(), got };
        match self.ask() {
            Err(error) if error.message().contains(text) => Ok(()),
            Err(error) => {
                let script = self.reproduction().script(&evals());
                Err(PromqlFailure::new(self.query, Some(self.time), problem(Some(error))).with_script(script))
            }
            Ok(asked) => {
                let answer = Answer::of(asked.value.clone());
                Err(self.failure(problem(None), evals(), &asked, &answer))
            }
        }
    }

    fn ask(&self) -> Result<Asked, Error> {
        ask(self.engine, self.store, self.query, self.time)
    }

    fn value_type(&self) -> Option<ValueType> {
        self.engine.prepare(self.query).ok().map(|prepared| prepared.value_type())
    }

    /// Whether no series can be expected of an answer of this type.
    fn is_unfit(&self, value_type: ValueType, scalars_fit: bool) -> bool {
        match (value_type, self.time) {
            (ValueType::Vector, _) | (ValueType::Matrix, EvalTime::Range { .. }) => false,
            (ValueType::Scalar, _) => !scalars_fit,
            (ValueType::Matrix | ValueType::String, _) => true,
        }
    }

    /// How many steps the query has; 1 if its times make no sense, which the engine tells.
    fn steps(&self) -> i128 {
        match self.time {
            EvalTime::Range { start, end, step } if step > 0 && end >= start => {
                (i128::from(end) - i128::from(start)) / i128::from(step) + 1
            }
            _ => 1,
        }
    }

    fn times(&self) -> Vec<Timestamp> {
        step_times(self.time)
    }

    /// The labels as they are written, read.
    fn labels(&self, written: &[(String, ExpectedValue)]) -> Result<Vec<Labels>, PromqlFailure> {
        let mut all = Vec::with_capacity(written.len());
        let mut seen = HashSet::new();
        for (text, _) in written {
            let labels = match parse_labels(text) {
                Ok(labels) => labels,
                Err(error) => {
                    return Err(self.mistake(PromqlProblem::Labels { text: text.clone(), error }));
                }
            };
            if !seen.insert(labels.clone()) {
                return Err(self.mistake(PromqlProblem::ExpectedTwice(labels)));
            }
            all.push(labels);
        }
        Ok(all)
    }

    /// The value as it is written, for each step of the query.
    fn wanted(&self, labels: Labels, value: &ExpectedValue) -> Result<ExpectedSeries, PromqlFailure> {
        let steps = match self.time {
            EvalTime::Instant(_) => None,
            EvalTime::Range { .. } => Some(self.steps() as usize),
        };
        match value.wanted(steps) {
            Ok(values) => Ok(ExpectedSeries { labels, values }),
            Err(mistake) => Err(self.mistake(PromqlProblem::Value { labels, mistake })),
        }
    }

    fn judge(
        &self,
        asked: &Asked,
        answer: &Answer,
        verdict: &Verdict,
        evals: impl FnOnce() -> Vec<ScriptEval>,
    ) -> Result<(), PromqlFailure> {
        if verdict.differences.is_empty() {
            return Ok(());
        }
        let problem = PromqlProblem::Differences(verdict.differences.clone());
        Err(self.failure(problem, evals(), asked, answer).with_rounding(verdict.rounding.len()))
    }

    /// An expectation that makes no sense.
    fn mistake(&self, problem: PromqlProblem) -> PromqlFailure {
        PromqlFailure::new(self.query, Some(self.time), problem)
    }

    fn no_answer(&self, error: Error, evals: Vec<ScriptEval>) -> PromqlFailure {
        let script = self.reproduction().script(&evals);
        PromqlFailure::new(self.query, Some(self.time), PromqlProblem::Query(error)).with_script(script)
    }

    fn wrong_type(
        &self,
        expected: &'static str,
        got: ValueType,
        evals: Vec<ScriptEval>,
        asked: &Asked,
    ) -> PromqlFailure {
        let problem = PromqlProblem::Type { expected, got: got.documented() };
        let script = self.reproduction().script(&evals);
        PromqlFailure::new(self.query, Some(self.time), problem).with_script(script).with_notes(asked)
    }

    fn failure(
        &self,
        problem: PromqlProblem,
        evals: Vec<ScriptEval>,
        asked: &Asked,
        answer: &Answer,
    ) -> PromqlFailure {
        let is_empty = answer.series.is_empty() && answer.value_type != ValueType::String;
        let findings = match is_empty {
            true => why(self.engine, self.query, self.store, self.time.times()).unwrap_or_default(),
            false => Vec::new(),
        };
        let script = self.reproduction().script(&evals);
        PromqlFailure::new(self.query, Some(self.time), problem)
            .with_script(script)
            .with_notes(asked)
            .with_why(findings)
    }

    fn reproduction(&self) -> Reproduction<'_> {
        Reproduction { engine: self.engine, store: self.store, query: self.query, time: self.time }
    }
}
