//! A failed assertion as a script that fails alike: the series that the query looks at, and what it should have given.

use std::collections::BTreeMap;
use std::fmt;

use super::compare::{Rounding, Verdict};
use super::expected::Threshold;
use super::load_text::{load_text, series_text};
use crate::engine::Engine;
use crate::model::go_format::format_g;
use crate::model::{Labels, MatchOp, Matcher, TimeRange, Timestamp};
use crate::store::{SelectRequest, SeriesData, SeriesStore, StoreError};
use crate::syntax::{Expr, format_duration};
use crate::testing::EvalTime;
use crate::testing::query::script_engine_options;

/// Why there is no script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoScript {
    /// The expectation makes no sense.
    Expectation,
    /// The times make no sense.
    Times,
    /// Scripts know no time before the epoch.
    BeforeEpoch,
    /// A script of so many would help nobody.
    TooManySamples { samples: usize },
    /// The store could not read.
    Store,
}

/// For those who miss the script; empty where they do not.
impl fmt::Display for NoScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoScript::Expectation | NoScript::Times => Ok(()),
            NoScript::BeforeEpoch => f.write_str("scripts know no time before 1970"),
            NoScript::TooManySamples { samples } => {
                write!(
                    f,
                    "the query looks at series of {samples} samples, which are too many to be written down"
                )
            }
            NoScript::Store => f.write_str("the store could not read"),
        }
    }
}

/// Where a script is taken from.
pub(super) struct Reproduction<'a> {
    pub(super) engine: &'a Engine,
    pub(super) store: &'a dyn SeriesStore,
    pub(super) query: &'a str,
    pub(super) time: EvalTime,
}

/// An `eval` and the lines below it.
pub(super) struct ScriptEval {
    query: String,
    time: EvalTime,
    lines: Vec<String>,
}

impl Reproduction<'_> {
    /// The query as it is, with these lines below it.
    pub(super) fn eval(&self, lines: Vec<String>) -> ScriptEval {
        ScriptEval { query: self.one_line(), time: self.time, lines }
    }

    /// The query with the lines of a verdict. A difference that scripts let pass is asked for in the query itself.
    pub(super) fn of_verdict(&self, verdict: &Verdict, is_scalar: bool, ordered: bool) -> Vec<ScriptEval> {
        let lines = match &verdict.lines[..] {
            [(_, values)] if is_scalar => values.clone(),
            lines => {
                let series = lines.iter().map(|(labels, values)| series_line(labels, values));
                ordered.then(|| "expect ordered".to_owned()).into_iter().chain(series).collect()
            }
        };
        let mut evals = vec![self.eval(lines)];
        evals.extend(verdict.rounding.first().map(|rounding| self.exactly(rounding, is_scalar)));
        evals
    }

    /// An eval that passes only if the value is the expected one to the last digit.
    fn exactly(&self, rounding: &Rounding, is_scalar: bool) -> ScriptEval {
        let value = format_g(rounding.expected);
        let query = self.one_line();
        let (query, lines) = match is_scalar {
            true => (format!("({query}) == bool {value}"), vec!["1".to_owned()]),
            false => (format!("({query}) == {value}"), vec![series_line(&rounding.labels, &[value])]),
        };
        ScriptEval { query, time: EvalTime::Instant(rounding.time), lines }
    }

    /// An eval that gives what is on the wrong side of the bound, and should give nothing.
    pub(super) fn beyond(&self, threshold: Threshold, is_scalar: bool, verdict: &Verdict) -> ScriptEval {
        let Threshold { all, comparison, bound } = threshold;
        let query = match is_scalar {
            true => format!("vector({})", self.one_line()),
            false => format!("({})", self.one_line()),
        };
        let bound = format_g(bound);
        let query = match all {
            // NaN is on neither side, and neither are histograms.
            true if verdict.is_beyond_compare => format!("{query} unless {query} {comparison} {bound}"),
            true => format!("{query} {} {bound}", comparison.opposite()),
            false => format!("absent({query} {comparison} {bound})"),
        };
        ScriptEval { query, time: self.time, lines: Vec::new() }
    }

    /// An eval that gives something because the query gives nothing, and should not.
    pub(super) fn absent(&self) -> ScriptEval {
        ScriptEval { query: format!("absent({})", self.one_line()), time: self.time, lines: Vec::new() }
    }

    /// The whole script.
    pub(super) fn script(&self, evals: &[ScriptEval]) -> Result<String, NoScript> {
        let mut script = String::new();
        let lookback = (self.engine.options().lookback_ms, script_engine_options().lookback_ms);
        if lookback.0 != lookback.1 {
            let [own, scripts] = [lookback.0, lookback.1].map(format_duration);
            script.push_str(&format!(
                "# The engine of the test looks back {own}; scripts look back {scripts}.\n"
            ));
        }
        script.push_str(&load_text(&self.series().map_err(|_| NoScript::Store)?)?);
        for eval in evals {
            let time = match eval.time {
                EvalTime::Instant(time) => format!("instant at {}", duration(time)?),
                // Scripts know no such range either; the engine has told what is wrong with it.
                EvalTime::Range { start, end, step } if step <= 0 || end < start => {
                    return Err(NoScript::Times);
                }
                EvalTime::Range { start, end, step } => {
                    format!("range from {} to {} step {}", duration(start)?, duration(end)?, duration(step)?)
                }
            };
            script.push_str(&format!("eval {time} {}\n", eval.query));
            eval.lines.iter().for_each(|line| script.push_str(&format!("  {line}\n")));
            script.push('\n');
        }
        script.truncate(script.trim_end().len());
        script.push('\n');
        Ok(script)
    }

    /// The query on one line.
    fn one_line(&self) -> String {
        if !self.query.contains(['\n', '\r']) {
            return self.query.trim().to_owned();
        }
        match self.engine.prepare(self.query) {
            Ok(prepared) => prepared.expr().to_string(),
            Err(_) => self.query.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// All series that the query looks at, with all their samples.
    fn series(&self) -> Result<Vec<SeriesData>, StoreError> {
        let mut found: BTreeMap<Labels, SeriesData> = BTreeMap::new();
        let Ok(prepared) = self.engine.prepare(self.query) else { return Ok(Vec::new()) };
        for matchers in selectors(prepared.expr()) {
            for series in self.store.select(&SelectRequest::new(&matchers, TimeRange::ALL))? {
                let series = series?;
                if !found.contains_key(series.labels()) {
                    let mut data = SeriesData::new(series.labels().clone());
                    series.read(TimeRange::ALL, &mut data)?;
                    found.insert(data.labels.clone(), data);
                }
            }
        }
        Ok(found.into_values().collect())
    }
}

/// The matchers of all selectors of a query. `info` looks at series that no selector names.
fn selectors(expr: &Expr) -> Vec<Vec<Matcher>> {
    let mut found = Vec::new();
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Paren(e) => left.push(&e.inner),
            Expr::Unary(e) => left.push(&e.operand),
            Expr::Binary(e) => left.extend([&e.lhs, &e.rhs]),
            Expr::Aggregate(e) => left.extend(&e.args),
            Expr::Call(e) => {
                if e.name == "info" {
                    found.extend(Matcher::new(MatchOp::Regex, "__name__", ".+").map(|all| vec![all]));
                }
                left.extend(&e.args);
            }
            Expr::Vector(e) => found.push(e.matchers.to_vec()),
            Expr::Matrix(e) => found.push(e.selector.matchers.to_vec()),
            Expr::Subquery(e) => left.push(&e.inner),
        }
    }
    found
}

/// A line of a result.
fn series_line(labels: &Labels, values: &[String]) -> String {
    format!("{} {}", series_text(labels), values.join(" "))
}

fn duration(ms: Timestamp) -> Result<String, NoScript> {
    if ms < 0 { Err(NoScript::BeforeEpoch) } else { Ok(format_duration(ms)) }
}
