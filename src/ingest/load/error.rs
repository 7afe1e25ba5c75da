//! Why a text in the `load` notation is refused, and where.

use std::fmt;

use crate::model::histogram::notation::NotationErrorKind;
use crate::syntax::DurationError;
use crate::syntax::error::SyntaxErrorKind;

/// A place in the text and what is wrong with it: `2:17: expected a repetition such as x5`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadError {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// What is wrong.
    pub problem: LoadProblem,
}

/// What can be wrong with a text in the `load` notation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoadProblem {
    /// The command is not `load <interval>` or `load_with_nhcb <interval>`.
    Command,
    /// The interval is no duration.
    Interval(DurationError),
    /// The samples of a line reach past the last representable time.
    TimeOutOfRange,
    /// Neither a metric name nor `{` at the start of a line.
    ExpectedSeries,
    /// A word that names a metric only in quotes.
    UnusableName(String),
    /// Something else in the place of a label name.
    ExpectedLabelName,
    /// No `=` after a label name.
    ExpectedEquals,
    /// No quoted string after `=`.
    ExpectedLabelValue,
    /// Neither `,` nor `}` after a label.
    ExpectedCommaOrBrace,
    /// A string does not end, or has an escape that there is not.
    String(SyntaxErrorKind),
    /// A string that is not UTF-8.
    NotUtf8,
    /// A label that was there before.
    DuplicateLabel(String),
    /// Something after a series that has to stand alone.
    ExpectedEnd,
    /// No space before a value.
    ExpectedSpace,
    /// Something else in the place of a value.
    ExpectedValue(String),
    /// A number that is none.
    Number(String),
    /// A word with a repetition that does not take one.
    NotRepeatable(String),
    /// No `x` and a count after a step.
    ExpectedRepetition,
    /// A count that is no whole number.
    Repetition(String),
    /// More values in one line than are reasonable.
    TooManyValues,
    /// A histogram, or a sequence of them, that is none.
    Histogram(NotationErrorKind),
    /// An `@st` line without the line of the same series after it.
    StartTimesWithoutSamples,
    /// An `@st` line with more or fewer values than the line after it.
    StartTimesCount {
        /// Values of the `@st` line.
        start_times: usize,
        /// Values of the line after it.
        samples: usize,
    },
    /// A start time that is no signed duration.
    StartTime(String),
    /// A classic bucket without the label `le`.
    BucketWithoutBound(String),
    /// Buckets, count and sum that make no histogram.
    ClassicHistogram {
        /// The series.
        series: String,
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use LoadProblem as P;
        match self {
            P::Command => f.write_str("expected load <interval> or load_with_nhcb <interval>"),
            P::Interval(error) => write!(f, "{error}"),
            P::TimeOutOfRange => f.write_str("the values reach past the last time that there is"),
            P::ExpectedSeries => f.write_str("expected a metric name or {"),
            P::UnusableName(name) => write!(f, "the name {name:?} has to be quoted, as in {{{name:?}}}"),
            P::ExpectedLabelName => f.write_str("expected a label name or }"),
            P::ExpectedEquals => f.write_str("expected = after the label name"),
            P::ExpectedLabelValue => f.write_str("expected a quoted label value"),
            P::ExpectedCommaOrBrace => f.write_str("expected , or }"),
            P::String(kind) => write!(f, "{kind}"),
            P::NotUtf8 => f.write_str("the string is not UTF-8"),
            P::DuplicateLabel(name) => write!(f, "the label {name:?} is there twice"),
            P::ExpectedEnd => f.write_str("expected nothing after the labels"),
            P::ExpectedSpace => f.write_str("expected a space before the next value"),
            P::ExpectedValue(found) => {
                write!(f, "expected a number, stale, _ or {{{{…}}}}, found {found:?}")
            }
            P::Number(text) => write!(f, "{text:?} is not a number"),
            P::NotRepeatable(text) => {
                write!(f, "unexpected {text:?}: Inf, NaN and stale cannot be repeated with x")
            }
            P::ExpectedRepetition => f.write_str("expected a repetition such as x5"),
            P::Repetition(text) => write!(f, "{text:?} is not a number of repetitions"),
            P::TooManyValues => f.write_str("more values than one line can have"),
            P::Histogram(kind) => write!(f, "{kind}"),
            P::StartTimesWithoutSamples => {
                f.write_str("expected the samples of the same series in the line after the @st line")
            }
            P::StartTimesCount { start_times, samples } => {
                write!(f, "the @st line has {start_times} values, the line of samples has {samples}")
            }
            P::StartTime(text) => write!(f, "{text:?} is not a start time such as -1m"),
            P::BucketWithoutBound(series) => write!(f, "the bucket {series} has no label le"),
            P::ClassicHistogram { series, reason } => {
                write!(f, "the classic histogram {series} cannot be converted: {reason}")
            }
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for LoadError {}
