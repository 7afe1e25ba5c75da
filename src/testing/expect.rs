//! What a script expects of an answer, and whether errors and annotations meet it.

use regex::Regex;

use super::report::Problem;
use super::script::ScriptProblem;
use crate::ingest::load::SequenceValue;
use crate::model::{Labels, Timestamp};

/// Everything that the lines below an `eval` ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectation {
    /// An error is expected, and its text has to match all of these.
    pub(super) failure: Option<Vec<TextMatch>>,
    pub(super) warnings: ExpectedAnnotations,
    pub(super) infos: ExpectedAnnotations,
    /// Whether the series have to come in the order of the lines.
    pub(super) ordered: bool,
    /// The times of the samples of a range vector.
    pub(super) range_vector: Option<Steps>,
    pub(super) result: ExpectedResult,
}

/// What the value has to be.
#[derive(Clone, Debug)]
pub(super) enum ExpectedResult {
    Series(Vec<ExpectedSeries>),
    Scalar(f64),
    Text(String),
}

impl Default for ExpectedResult {
    fn default() -> Self {
        ExpectedResult::Series(Vec::new())
    }
}

/// One line of the expected result.
#[derive(Clone, Debug)]
pub(super) struct ExpectedSeries {
    pub(super) labels: Labels,
    pub(super) values: Vec<SequenceValue>,
    /// The line as it was written.
    pub(super) text: String,
}

/// Times at equal distances, in ms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Greater than 0.
    pub(super) step: i64,
}

impl Steps {
    pub(super) fn count(self) -> usize {
        ((self.end - self.start) / self.step + 1) as usize
    }

    pub(super) fn at(self, i: usize) -> Timestamp {
        self.start + self.step * i as i64
    }
}

/// What the warnings, or the infos, have to be.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedAnnotations {
    /// There must be none.
    pub(super) none: bool,
    /// There must be at least one.
    pub(super) some: bool,
    /// If there is any of these, each has to match an annotation and each annotation has to match one.
    pub(super) texts: Vec<TextMatch>,
}

impl ExpectedAnnotations {
    /// Whether `got` is what is expected; `kind` is `warn` or `info`.
    pub(super) fn check(&self, kind: &'static str, got: &[String]) -> Result<(), Problem> {
        if self.none && !got.is_empty() {
            return Err(Problem::UnexpectedAnnotations { kind, got: got.to_vec() });
        }
        if got.is_empty() && (self.some || !self.texts.is_empty()) {
            return Err(Problem::NoAnnotations { kind });
        }
        if let Some(missing) = self.texts.iter().find(|text| !got.iter().any(|got| text.matches(got))) {
            return Err(Problem::MissingAnnotation {
                kind,
                expected: missing.to_string(),
                got: got.to_vec(),
            });
        }
        let unexpected = |got: &&String| !self.texts.iter().any(|text| text.matches(got));
        match got.iter().find(unexpected) {
            Some(got) if !self.texts.is_empty() => {
                Err(Problem::UnexpectedAnnotations { kind, got: vec![got.clone()] })
            }
            _ => Ok(()),
        }
    }
}

/// A condition on the text of an error, a warning or an info.
#[derive(Clone, Debug)]
pub(super) enum TextMatch {
    Any,
    Exactly(String),
    Pattern(Regex),
}

impl TextMatch {
    pub(super) fn exactly(text: &str) -> Self {
        TextMatch::Exactly(text.trim().to_owned())
    }

    pub(super) fn pattern(pattern: &str) -> Result<Self, ScriptProblem> {
        let regex = Regex::new(pattern.trim()).map_err(|error| ScriptProblem::Pattern(error.to_string()))?;
        Ok(TextMatch::Pattern(regex))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            TextMatch::Any => true,
            TextMatch::Exactly(expected) => expected == text,
            TextMatch::Pattern(regex) => regex.is_match(text),
        }
    }
}

impl std::fmt::Display for TextMatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TextMatch::Any => f.write_str("any"),
            TextMatch::Exactly(text) => f.write_str(text),
            TextMatch::Pattern(regex) => write!(f, "{regex}"),
        }
    }
}
