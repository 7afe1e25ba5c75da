//! Why an assertion failed, in words.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::compare::{Difference, DifferenceKind};
use super::reproduce::NoScript;
use super::value::ValueMistake;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::Error;
use crate::ingest::load::LoadError;
use crate::model::Labels;
use crate::model::go_format::quote;
use crate::testing::query::Answer;
use crate::testing::test_time::point_text;
use crate::testing::{EvalTime, TestTimeError};
use crate::why::Finding;

/// Why an assertion failed. `Display`, and `Debug` too, is the whole text for people: what was expected and what came, why
/// there is nothing if there is nothing, and a script that fails alike.
pub struct PromqlFailure(Box<Details>);

struct Details {
    query: String,
    time: Option<EvalTime>,
    problem: PromqlProblem,
    /// Warnings and infos that came with the answer.
    notes: Vec<String>,
    why: Vec<Finding>,
    /// How many values differ in their last digits only.
    rounding: usize,
    script: Result<String, NoScript>,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum PromqlProblem {
    /// The answer is another one.
    Differences(Vec<Difference>),
    /// One value was expected, and there is not exactly one series.
    NotOneValue {
        /// The value.
        expected: String,
        /// The series that came, and their values.
        got: Vec<(Labels, String)>,
    },
    /// There is no sample that could keep to a threshold.
    NothingToCompare,
    /// The answer is another string.
    OtherString {
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// The answer has another type.
    Type {
        /// What was expected.
        expected: &'static str,
        /// What came.
        got: &'static str,
    },
    /// The query makes no sense, or failed.
    Query(Error),
    /// The query should have failed in a certain way.
    OtherError {
        /// What the message should have contained.
        expected: String,
        /// The error that came, if one did.
        got: Option<Error>,
    },
    /// Expected labels cannot be read.
    Labels {
        /// The labels as they are written.
        text: String,
        /// What is wrong, and where.
        error: LoadError,
    },
    /// The same series is expected twice.
    ExpectedTwice(Labels),
    /// No series can have the expected value.
    Value {
        /// The series.
        labels: Labels,
        /// What is wrong with the value.
        mistake: ValueMistake,
    },
    /// A time cannot be read.
    Time(TestTimeError),
    /// The query does not say when, and the store does not tell the time of its newest sample.
    NoTime,
}

impl PromqlFailure {
    pub(super) fn new(query: &str, time: Option<EvalTime>, problem: PromqlProblem) -> Self {
        PromqlFailure(Box::new(Details {
            query: query.to_owned(),
            time,
            problem,
            notes: Vec::new(),
            why: Vec::new(),
            rounding: 0,
            script: Err(NoScript::Expectation),
        }))
    }

    pub(super) fn with_script(mut self, script: Result<String, NoScript>) -> Self {
        self.0.script = script;
        self
    }

    pub(super) fn with_notes(mut self, answer: &Answer) -> Self {
        self.0.notes = answer.warnings.iter().chain(&answer.infos).cloned().collect();
        self
    }

    pub(super) fn with_why(mut self, findings: Vec<Finding>) -> Self {
        self.0.why = findings;
        self
    }

    pub(super) fn with_rounding(mut self, rounding: usize) -> Self {
        self.0.rounding = rounding;
        self
    }

    /// The query.
    pub fn query(&self) -> &str {
        &self.0.query
    }

    /// What is wrong.
    pub fn problem(&self) -> &PromqlProblem {
        &self.0.problem
    }

    /// Why the answer is empty, if it is and the reason is known: the likeliest first.
    pub fn why(&self) -> &[Finding] {
        &self.0.why
    }

    /// A `.test` script that fails alike: it loads the series that the query looks at, and asks the query. `None` if the
    /// expectation or the times make no sense, and where there are too many samples to write down, or some from before 1970.
    pub fn script(&self) -> Option<&str> {
        self.0.script.as_deref().ok()
    }

    fn headline(&self) -> String {
        match &self.0.problem {
            PromqlProblem::Differences(_) => "the answer is not the expected one".to_owned(),
            PromqlProblem::NotOneValue { expected, got } => {
                let count = match got.len() {
                    0 => "no series".to_owned(),
                    count => format!("{count} series"),
                };
                format!("expected {expected} as the only value, and got {count}")
            }
            PromqlProblem::NothingToCompare => "there is no sample to compare".to_owned(),
            PromqlProblem::OtherString { expected, got } => {
                format!("expected the string {}, and got {}", quote(expected), quote(got))
            }
            PromqlProblem::Type { expected, got } => format!("expected {}, and got {}", a(expected), a(got)),
            PromqlProblem::Query(_) => "the query failed".to_owned(),
            PromqlProblem::OtherError { expected, got: None } => {
                format!("the query should have failed with {expected:?}, and did not")
            }
            PromqlProblem::OtherError { expected, got: Some(_) } => {
                format!("the query should have failed with {expected:?}, and failed with another error")
            }
            PromqlProblem::Labels { .. } => "the expected labels cannot be read".to_owned(),
            PromqlProblem::ExpectedTwice(labels) => format!("the series {labels} is expected twice"),
            PromqlProblem::Value { labels, mistake } if labels.is_empty() => {
                format!("the expected value makes no sense: {mistake}")
            }
            PromqlProblem::Value { labels, mistake } => {
                format!("the value that is expected of {labels} makes no sense: {mistake}")
            }
            PromqlProblem::Time(error) => error.to_string(),
            PromqlProblem::NoTime => {
                "the store does not tell the time of its newest sample: say `at` which time the query is asked".to_owned()
            }
        }
    }

    /// What can be done about it, where the differences show that.
    fn help(&self) -> Option<String> {
        let differences = match &self.0.problem {
            PromqlProblem::Differences(differences) => differences,
            _ => return None,
        };
        let of = |kind| differences.iter().filter(move |difference| difference.kind == kind);
        for missing in of(DifferenceKind::Missing) {
            let same = |other: &&Difference| other.labels.without_name() == missing.labels.without_name();
            let Some(there) = of(DifferenceKind::Unexpected).find(same) else { continue };
            return Some(match there.labels.metric_name() {
                "" => format!("the answer has no metric name: expect {}", there.labels),
                _ => format!("the answer has the metric's name: expect {}", there.labels),
            });
        }
        let by_rounding = match self.0.rounding {
            0 => return None,
            count if count == differences.len() => "the values differ by rounding only",
            _ => "some values differ by rounding only",
        };
        Some(format!("{by_rounding}: `approx` before what is expected lets that pass"))
    }
}

/// With its article.
fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// So many rows are told.
const SHOWN_ROWS: usize = 30;

/// So many lines of a script are told.
const SHOWN_LINES: usize = 100;

impl fmt::Display for PromqlFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        writeln!(f, "{}", self.headline())?;
        for (i, line) in details.query.trim().lines().enumerate() {
            writeln!(f, "  {} {line}", if i == 0 { "query:" } else { "      " })?;
        }
        if let Some(time) = details.time {
            writeln!(f, "  asked: {time}")?;
        }
        match &details.problem {
            PromqlProblem::Differences(differences) => {
                writeln!(f)?;
                table(f, differences.iter().map(row).collect())?;
            }
            PromqlProblem::NotOneValue { got, .. } if !got.is_empty() => {
                writeln!(f)?;
                let row =
                    |(labels, value): &(Labels, String)| vec![labels.to_string(), format!("got {value}")];
                table(f, got.iter().map(row).collect())?;
            }
            PromqlProblem::Query(error) | PromqlProblem::OtherError { got: Some(error), .. } => {
                write!(f, "\n{}", error.diagnostic().render(&details.query))?;
            }
            PromqlProblem::Labels { text, error } => {
                let at = error.column.saturating_sub(1).min(text.len());
                let diagnostic = Diagnostic {
                    severity: Severity::Error,
                    message: error.problem.to_string(),
                    span: Some(Span::new(at, at)),
                    help: (!text.contains('{'))
                        .then(|| format!("labels stand in braces: {{{}}}", text.trim())),
                };
                write!(f, "\n{}", diagnostic.render(text))?;
            }
            _ => {}
        }
        if let Some(help) = self.help() {
            writeln!(f, "\nhelp: {help}")?;
        }
        if !details.notes.is_empty() {
            writeln!(f)?;
        }
        details.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        if let Some(finding) = details.why.first() {
            write!(
                f,
                "\nwhy it is empty: {}",
                finding.diagnostic().render(&details.query).trim_start_matches("info: ")
            )?;
        }
        match &details.script {
            Ok(script) => {
                writeln!(f, "\nthis script fails alike:\n")?;
                let lines = script.lines().count();
                for line in script.lines().take(SHOWN_LINES) {
                    writeln!(f, "{}{line}", if line.is_empty() { "" } else { "    " })?;
                }
                if lines > SHOWN_LINES {
                    writeln!(f, "    … and {} more lines", lines - SHOWN_LINES)?;
                }
            }
            Err(reason) => {
                let reason = reason.to_string();
                if !reason.is_empty() {
                    writeln!(f, "\nthere is no script that fails alike: {reason}")?;
                }
            }
        }
        Ok(())
    }
}

/// A difference as cells of a table.
fn row(difference: &Difference) -> Vec<String> {
    let time = difference.time.map(|time| format!(" at {}", point_text(time))).unwrap_or_default();
    let told = |word: &str, text: &Option<String>, nothing: &str| match text {
        Some(text) => format!("{word} {text}"),
        None => nothing.to_owned(),
    };
    let (nothing_expected, nothing_got) = match difference.kind {
        DifferenceKind::Different => ("expected no sample", "got no sample"),
        _ => ("", ""),
    };
    vec![
        difference.kind.as_str().to_owned(),
        format!("{}{time}", difference.labels),
        told("expected", &difference.expected, nothing_expected),
        told("got", &difference.got, nothing_got),
    ]
}

/// Rows of cells, one below the other; what is at the end of a row is not filled up.
fn table(f: &mut fmt::Formatter<'_>, rows: Vec<Vec<String>>) -> fmt::Result {
    let shown = &rows[..rows.len().min(SHOWN_ROWS)];
    let columns = shown.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| shown.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in shown {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str("  ");
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    if rows.len() > shown.len() {
        writeln!(f, "  … and {} more", rows.len() - shown.len())?;
    }
    Ok(())
}

impl fmt::Debug for PromqlFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PromqlFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.problem {
            PromqlProblem::Query(error) | PromqlProblem::OtherError { got: Some(error), .. } => Some(error),
            PromqlProblem::Labels { error, .. } => Some(error),
            PromqlProblem::Time(error) => Some(error),
            _ => None,
        }
    }
}
