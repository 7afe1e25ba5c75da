//! Runs scripts: loads what they load, asks what they ask, and notes what did not come out as they say.

use super::compare;
use super::eval::{Eval, EvalTime};
use super::expect::{ExpectedResult, Steps};
use super::query::{Answer, ask, script_engine_options};
use super::reevaluate::{self, Variant};
use super::report::{Failure, Problem, ScriptReport};
use super::script::{Command, CommandKind, Script};
use super::store::ScriptStore;
use crate::engine::{Engine, EngineOptions};
use crate::error::Error;
use crate::model::value::{InstantSample, SampleValue};
use crate::model::{Timestamp, Value};
use crate::store::{MemoryStore, SeriesStore, StoreError};
use crate::why::why;

/// How scripts are run.
#[derive(Clone, Debug)]
pub struct ScriptOptions {
    /// The engine. By default as Prometheus runs its own scripts: every experimental feature on, the metric name
    /// removed at the end of a query, start times in use, lookback 5m, at most 10,000 samples, subquery step 1m.
    pub engine: EngineOptions,
    /// Whether instant queries are asked again pinned to their time at other times, and as range queries. On by
    /// default.
    pub reevaluate: bool,
}

impl Default for ScriptOptions {
    fn default() -> Self {
        ScriptOptions { engine: script_engine_options(), reevaluate: true }
    }
}

/// Runs a script on a fresh [`MemoryStore`] with the default options. For unit tests: the error, printed, tells
/// what was expected and what came.
pub fn check(script: &str) -> Result<ScriptReport, ScriptReport> {
    run_script_on("script", script, &mut MemoryStore::new(), &ScriptOptions::default()).into_result()
}

/// Empties the store and runs a script on it; `name` is what failures call the script.
///
/// An eval that fails does not end the script. A `load` that fails does.
pub fn run_script_on(
    name: &str,
    text: &str,
    store: &mut dyn ScriptStore,
    options: &ScriptOptions,
) -> ScriptReport {
    let mut report = ScriptReport { script: name.to_owned(), ..ScriptReport::default() };
    let script = match Script::parse(name, text) {
        Ok(script) => script,
        Err(error) => {
            report.failed.push(failure(name, error.line, Problem::Script(error.problem.to_string())));
            return report;
        }
    };
    if let Err(error) = store.clear() {
        report.failed.push(failure(name, 0, Problem::Store(error.to_string())));
        report.not_run = script.eval_count();
        return report;
    }
    let runner = Runner::new(options.clone());
    let is_eval = |command: &Command| matches!(command.kind, CommandKind::Eval(_));
    for (i, command) in script.commands().iter().enumerate() {
        let failed = runner.run(&script, command, store).err();
        let goes_on = failed.is_none() || is_eval(command);
        report.passed += usize::from(failed.is_none() && is_eval(command));
        report.failed.extend(failed.map(|failure| *failure));
        if !goes_on {
            report.not_run = script.commands()[i..].iter().filter(|command| is_eval(command)).count();
            break;
        }
    }
    report
}

pub(super) fn failure(script: &str, line: usize, problem: Problem) -> Failure {
    Failure {
        script: script.to_owned(),
        line,
        query: String::new(),
        run: String::new(),
        problem,
        expected: Vec::new(),
        got: Vec::new(),
        notes: Vec::new(),
    }
}

/// Runs the commands of scripts one by one.
#[derive(Debug)]
pub struct Runner {
    engine: Engine,
    options: ScriptOptions,
}

impl Runner {
    /// A runner with an engine of its own.
    pub fn new(options: ScriptOptions) -> Self {
        Runner { engine: Engine::new(options.engine.clone()), options }
    }

    /// Runs one command of `script` on `store`, in the state that the commands before it left.
    pub fn run(
        &self,
        script: &Script,
        command: &Command,
        store: &mut dyn ScriptStore,
    ) -> Result<(), Box<Failure>> {
        let stored = |result: Result<(), StoreError>| {
            result.map_err(|error| {
                Box::new(failure(script.name(), command.line, Problem::Store(error.to_string())))
            })
        };
        match &command.kind {
            CommandKind::Clear => stored(store.clear()),
            CommandKind::Load(series) => stored(store.append(series)),
            CommandKind::Eval(eval) => self.eval(eval, store.store()).map_err(|mut failure| {
                failure.script = script.name().to_owned();
                failure.line = command.line;
                failure
            }),
        }
    }

    fn eval(&self, eval: &Eval, store: &dyn SeriesStore) -> Result<(), Box<Failure>> {
        let time = match eval.time {
            EvalTime::Range { start, end, step } => {
                self.ask(eval, store, &eval.query, eval.time, Some(Steps { start, end, step }))?;
                return Ok(());
            }
            EvalTime::Instant(time) => time,
        };
        let as_written = Variant { query: eval.query.clone(), time };
        self.instant(eval, store, &as_written)?;
        if self.options.reevaluate {
            for variant in reevaluate::pinned(&eval.query, &self.options.engine.features, time) {
                self.instant(eval, store, &variant)?;
            }
        }
        Ok(())
    }

    /// Asks an instant query, and then the same as a range query around its time.
    fn instant(&self, eval: &Eval, store: &dyn SeriesStore, variant: &Variant) -> Result<(), Box<Failure>> {
        let Variant { query, time } = variant;
        let steps = eval.expected.range_vector;
        let answer = self.ask(eval, store, query, EvalTime::Instant(*time), steps)?;
        let Some(Answer { value, .. }) = answer else { return Ok(()) };
        let only_instant = steps.is_some() || matches!(eval.expected.result, ExpectedResult::Text(_));
        if !self.options.reevaluate || only_instant || !reevaluate::holds_in_a_range(query) {
            return Ok(());
        }
        let range = EvalTime::Range {
            start: time.saturating_sub(60_000),
            end: time.saturating_add(60_000),
            step: 60_000,
        };
        let failed = |problem, got| failed_eval(eval, query, range, problem, got);
        let answer = ask(&self.engine, store, query, range)
            .map_err(|error| explained(failed(error_problem(&error), None), &error))?;
        if eval.expected.ordered {
            return Ok(());
        }
        let at_middle = middle(&value, answer.value, *time);
        compare::value(&eval.expected, None, &at_middle)
            .map_err(|problem| failed(problem, Some((at_middle, None))))
    }

    /// Asks a query and compares the answer; `None` if it had to fail and did.
    fn ask(
        &self,
        eval: &Eval,
        store: &dyn SeriesStore,
        query: &str,
        time: EvalTime,
        steps: Option<Steps>,
    ) -> Result<Option<Answer>, Box<Failure>> {
        let failed = |problem, got| failed_eval(eval, query, time, problem, got);
        let expected = &eval.expected;
        let answer = match (ask(&self.engine, store, query, time), &expected.failure) {
            (Ok(answer), None) => answer,
            (Ok(answer), Some(_)) => return Err(failed(Problem::NoError, Some((answer.value, steps)))),
            (Err(error), None) => return Err(explained(failed(error_problem(&error), None), &error)),
            (Err(error), Some(texts)) => {
                let got = error.message();
                return match texts.iter().find(|text| !text.matches(got)) {
                    None => Ok(None),
                    Some(text) => {
                        let problem = Problem::OtherError { expected: text.to_string(), got: got.to_owned() };
                        Err(explained(failed(problem, None), &error))
                    }
                };
            }
        };
        let checked = (expected.warnings.check("warn", &answer.warnings))
            .and_then(|()| expected.infos.check("info", &answer.infos))
            .and_then(|()| compare::value(expected, steps, &answer.value));
        match checked {
            Ok(()) => Ok(Some(answer)),
            Err(problem) => {
                let mut failure = failed(problem, Some((answer.value, steps)));
                if failure.got.is_empty() {
                    let findings = why(&self.engine, query, store, time.times()).unwrap_or_default();
                    failure.notes = findings.iter().map(|finding| finding.diagnostic()).collect();
                }
                Err(failure)
            }
        }
    }
}

/// The failure with the place of the error.
fn explained(mut failure: Box<Failure>, error: &Error) -> Box<Failure> {
    failure.notes.push(error.diagnostic());
    failure
}

fn error_problem(error: &Error) -> Problem {
    Problem::Error(error.message().to_owned())
}

/// What a range query gave at one of its steps, in the type that the instant query had.
fn middle(instant: &Value, range: Value, time: Timestamp) -> Value {
    let Value::Matrix(series) = range else { return range };
    let mut samples = Vec::new();
    for series in series {
        let at_time = compare::samples_of(&series).into_iter().find(|(t, _)| *t == time);
        if let Some((timestamp, value)) = at_time {
            samples.push(InstantSample { labels: series.labels, timestamp, value });
        }
    }
    match (instant, &samples[..]) {
        (Value::Scalar { .. }, [InstantSample { value: SampleValue::Float(value), .. }]) => {
            Value::Scalar { timestamp: time, value: *value }
        }
        _ => Value::from(samples),
    }
}

fn failed_eval(
    eval: &Eval,
    query: &str,
    time: EvalTime,
    problem: Problem,
    got: Option<(Value, Option<Steps>)>,
) -> Box<Failure> {
    let expected = match &eval.expected.result {
        ExpectedResult::Series(series) => series.iter().map(|series| series.text.clone()).collect(),
        ExpectedResult::Scalar(value) => vec![value.to_string()],
        ExpectedResult::Text(text) => vec![format!("expect string {text:?}")],
    };
    let run = match time {
        EvalTime::Instant(time) => format!("at {}", seconds(time)),
        EvalTime::Range { start, end, step } => {
            format!("from {} to {} step {}", seconds(start), seconds(end), seconds(step))
        }
    };
    Box::new(Failure {
        script: String::new(),
        line: 0,
        query: query.to_owned(),
        run,
        problem,
        expected: if got.is_some() { expected } else { Vec::new() },
        got: got.map(|(value, steps)| compare::lines(&value, steps)).unwrap_or_default(),
        notes: Vec::new(),
    })
}

fn seconds(ms: i64) -> String {
    format!("{}s", ms as f64 / 1000.0)
}
