//! Why a text of samples is refused, and where.

use std::fmt;

use super::load::LoadProblem;
use crate::model::go_format::quote;

/// A place in a text and what is wrong with it: `3:17: expected a label name`.
#[derive(Clone, Debug, PartialEq)]
pub struct IngestError {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// What is wrong.
    pub problem: IngestProblem,
}

/// What can be wrong with a text of samples.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum IngestProblem {
    /// A line that is neither a series nor a comment.
    ExpectedSeries,
    /// No metric name after `# TYPE` and the like.
    ExpectedMetricName,
    /// Something else in the place of a label name.
    ExpectedLabelName,
    /// No `=` after a label name.
    ExpectedEquals,
    /// No quoted string after `=`.
    ExpectedLabelValue,
    /// Neither `,` nor `}` after a label.
    ExpectedCommaOrBrace,
    /// A quoted string that does not end.
    UnterminatedString,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// Labels without a metric name.
    MissingMetricName,
    /// A second metric name.
    SecondMetricName,
    /// A label that was there before.
    DuplicateLabel(String),
    /// No value after the series.
    ExpectedValue,
    /// A value that is no number.
    Number(String),
    /// Something that is neither a timestamp nor the end of the line.
    ExpectedTimestamp,
    /// No timestamp where each sample has to have one.
    MissingTimestamp,
    /// A timestamp that is no number, or out of range.
    Timestamp(String),
    /// Something after the end of a sample.
    ExpectedEndOfLine,
    /// A `# TYPE` that there is not.
    MetricType(String),
    /// A `# UNIT` with which the name of the metric does not end.
    Unit {
        /// The unit.
        unit: String,
        /// The metric.
        metric: String,
    },
    /// No text after `# HELP` and a name.
    ExpectedText,
    /// Something after `# EOF`.
    DataAfterEof,
    /// OpenMetrics without `# EOF` at the end.
    MissingEof,
    /// A series that has another value at the same time.
    ConflictingSample {
        /// The series.
        series: String,
        /// The time, in ms.
        timestamp: i64,
    },
    /// Something that is wrong in the `load` notation.
    Load(LoadProblem),
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

impl fmt::Display for IngestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IngestProblem::ExpectedSeries => f.write_str("expected a metric name, `{` or a comment"),
            IngestProblem::ExpectedMetricName => f.write_str("expected a metric name"),
            IngestProblem::ExpectedLabelName => f.write_str("expected a label name"),
            IngestProblem::ExpectedEquals => f.write_str("expected `=` after the label name"),
            IngestProblem::ExpectedLabelValue => f.write_str("expected a label value in double quotes"),
            IngestProblem::ExpectedCommaOrBrace => f.write_str("expected `,` or `}` after the label"),
            IngestProblem::UnterminatedString => f.write_str("the quoted string does not end"),
            IngestProblem::NotUtf8 => f.write_str("not valid UTF-8"),
            IngestProblem::MissingMetricName => f.write_str("no metric name among the labels"),
            IngestProblem::SecondMetricName => f.write_str("a second metric name"),
            IngestProblem::DuplicateLabel(name) => write!(f, "label name {} is not unique", quote(name)),
            IngestProblem::ExpectedValue => f.write_str("expected a value after the series"),
            IngestProblem::Number(text) => write!(f, "value {} is not a number", quote(text)),
            IngestProblem::ExpectedTimestamp => f.write_str("expected a timestamp or the end of the line"),
            IngestProblem::MissingTimestamp => f.write_str("expected a timestamp: the sample has none"),
            IngestProblem::Timestamp(text) => write!(f, "timestamp {} is not a number in range", quote(text)),
            IngestProblem::ExpectedEndOfLine => f.write_str("expected the end of the line"),
            IngestProblem::MetricType(text) => write!(f, "invalid metric type {}", quote(text)),
            IngestProblem::Unit { unit, metric } => {
                write!(f, "unit {} not a suffix of metric {}", quote(unit), quote(metric))
            }
            IngestProblem::ExpectedText => f.write_str("expected a space and a text after the metric name"),
            IngestProblem::DataAfterEof => f.write_str("unexpected data after # EOF"),
            IngestProblem::MissingEof => f.write_str("data does not end with # EOF"),
            IngestProblem::ConflictingSample { series, timestamp } => {
                write!(f, "{series} has another value at {timestamp} ms already")
            }
            IngestProblem::Load(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for IngestError {}
