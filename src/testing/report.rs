//! What a run of a script found: how many evals passed, and for each other one what was expected and what came.

use std::fmt;

use crate::diagnostic::{Diagnostic, Severity};

/// The outcome of a script.
///
/// A test that returns it as its error, or unwraps it, shows it in its `Debug` form: that is the text for people too.
#[derive(Clone, Default)]
pub struct ScriptReport {
    /// Name of the script.
    pub script: String,
    /// Evals that passed, together with all repetitions that a script makes of them.
    pub passed: usize,
    /// Everything that did not pass, in order of the lines.
    pub failed: Vec<Failure>,
    /// Evals that were not run: those after a `load` that failed, or all of a script that cannot be parsed.
    pub not_run: usize,
}

impl ScriptReport {
    /// The report itself as an error, unless everything passed.
    pub fn into_result(self) -> Result<ScriptReport, ScriptReport> {
        if self.failed.is_empty() { Ok(self) } else { Err(self) }
    }
}

/// A command of a script that did not do what the script says.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Name of the script.
    pub script: String,
    /// Where the command starts, counted from 1; 0 if it is about no command.
    pub line: usize,
    /// The query as it was run, which may be a variant of the one in the script; empty if it was no query.
    pub query: String,
    /// How it was run: `at 5m`, `from 0s to 10m step 1m`.
    pub run: String,
    /// What is wrong.
    pub problem: Problem,
    /// The series that the script expects, one a line.
    pub expected: Vec<String>,
    /// The series that came, one a line, as a script would write them.
    pub got: Vec<String>,
    /// What else is known: of an error, its place in the query and what may mend it; of an empty answer, why it is empty,
    /// the likeliest reason first.
    pub notes: Vec<Diagnostic>,
}

/// What can be wrong with an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The file of the script cannot be read.
    File(String),
    /// The script itself cannot be read.
    Script(String),
    /// The store did not take what was loaded, or could not be emptied.
    Store(String),
    /// The query failed.
    Error(String),
    /// The query did not fail.
    NoError,
    /// The query failed in another way.
    OtherError {
        /// What the text should have been.
        expected: String,
        /// What it was.
        got: String,
    },
    /// There is no warning, or no info.
    NoAnnotations {
        /// `warn` or `info`
        kind: &'static str,
    },
    /// No annotation is the one that is expected.
    MissingAnnotation {
        /// `warn` or `info`
        kind: &'static str,
        /// What one of them should have been.
        expected: String,
        /// What they were.
        got: Vec<String>,
    },
    /// Annotations that were not expected.
    UnexpectedAnnotations {
        /// `warn` or `info`
        kind: &'static str,
        /// What they were.
        got: Vec<String>,
    },
    /// The answer has another type.
    Type {
        /// What was expected.
        expected: &'static str,
        /// What came.
        got: &'static str,
    },
    /// A string that differs.
    Text {
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// A series that is not there.
    MissingSeries(String),
    /// A series that should not be there.
    UnexpectedSeries(String),
    /// A series that is there twice.
    DuplicateSeries(String),
    /// A series at another place than the script says.
    Order {
        /// The series.
        series: String,
        /// Its place in the script, counted from 1.
        expected: usize,
        /// Its place in the answer.
        got: usize,
    },
    /// The series of a matrix are not sorted by their labels.
    NotSorted {
        /// The series that should have come earlier.
        series: String,
    },
    /// A sample that is not there, is too much, or differs.
    Sample {
        /// The series; empty for a scalar.
        series: String,
        /// The time in ms, in a matrix.
        timestamp: Option<i64>,
        /// What was expected; `_` for no sample.
        expected: String,
        /// What came; `_` for no sample.
        got: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::File(text) => write!(f, "cannot be read: {text}"),
            Problem::Script(text) | Problem::Store(text) => f.write_str(text),
            Problem::Error(text) => write!(f, "the query failed: {text}"),
            Problem::NoError => f.write_str("the query should have failed, and did not"),
            Problem::OtherError { expected, got } => {
                write!(f, "the query should have failed with {expected:?}, and failed with {got:?}")
            }
            Problem::NoAnnotations { kind } => {
                write!(f, "expected an annotation of kind {kind}, and there is none")
            }
            Problem::MissingAnnotation { kind, expected, got } => {
                write!(f, "expected the annotation {expected:?} of kind {kind} and got {got:?}")
            }
            Problem::UnexpectedAnnotations { kind, got } => {
                write!(f, "unexpected annotations of kind {kind}: {got:?}")
            }
            Problem::Type { expected, got } => write!(f, "expected {expected}, and got {got}"),
            Problem::Text { expected, got } => write!(f, "expected the string {expected:?}, and got {got:?}"),
            Problem::MissingSeries(series) => write!(f, "{series} is missing"),
            Problem::UnexpectedSeries(series) => write!(f, "{series} is not expected"),
            Problem::DuplicateSeries(series) => write!(f, "{series} is there twice"),
            Problem::Order { series, expected, got } => {
                write!(f, "{series} should be number {expected}, and is number {got}")
            }
            Problem::NotSorted { series } => write!(f, "the series are not sorted: {series} comes too late"),
            Problem::Sample { series, timestamp, expected, got } => {
                write!(f, "expected {expected}, and got {got}")?;
                if !series.is_empty() {
                    write!(f, " for {series}")?;
                }
                match timestamp {
                    Some(ms) => write!(f, " at {}s", *ms as f64 / 1000.0),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Failure {
    /// Writes the query and what else is known: below it a caret at the place that is spoken of, unless only a part of the
    /// query would be shown. The message of an error stands in the first line already.
    fn query_and_note(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  query: {}", self.query)?;
        let Some(note) = self.notes.first() else { return writeln!(f, "  run:   {}", self.run) };
        let text = note.render(&self.query);
        let mut lines = text.lines().peekable();
        let message = lines.next().unwrap_or_default().trim_start_matches("info: ");
        let whole = |line: &&str| line.strip_prefix("  ") == Some(self.query.as_str());
        if lines.next_if(whole).is_some()
            && let Some(caret) = lines.next()
        {
            writeln!(f, "       {caret}")?;
        }
        writeln!(f, "  run:   {}", self.run)?;
        if note.severity != Severity::Error {
            writeln!(f, "  why it is empty: {message}")?;
        }
        lines.try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// How many lines of a large result are shown.
const SHOWN_LINES: usize = 20;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => writeln!(f, "{}: {}", self.script, self.problem)?,
            line => writeln!(f, "{}:{line}: {}", self.script, self.problem)?,
        }
        if !self.query.is_empty() {
            self.query_and_note(f)?;
        }
        for (title, lines) in [("expected", &self.expected), ("got", &self.got)] {
            if self.expected.is_empty() && self.got.is_empty() {
                continue;
            }
            writeln!(f, "  {title}:{}", if lines.is_empty() { " nothing" } else { "" })?;
            for line in lines.iter().take(SHOWN_LINES) {
                writeln!(f, "    {line}")?;
            }
            if lines.len() > SHOWN_LINES {
                writeln!(f, "    … and {} more", lines.len() - SHOWN_LINES)?;
            }
        }
        Ok(())
    }
}

/// All failures, and a line that counts.
impl fmt::Display for ScriptReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failed {
            writeln!(f, "{failure}")?;
        }
        write!(f, "{}: {} passed, {} failed", self.script, self.passed, self.failed.len())?;
        if self.not_run > 0 {
            write!(f, ", {} not run", self.not_run)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScriptReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ScriptReport {}
