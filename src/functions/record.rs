//! What is known of a function: its record in the table.

use std::fmt;

use super::window::{Scratch, WindowCall};
use crate::model::go_format::format_fixed;
use crate::model::{ColumnMut, Histogram, Notes, Timestamp, ValueType};

/// One function of the language.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name; names are case-sensitive.
    pub name: &'static str,
    /// The types of its arguments, in order. With [`Arity::Optional`] or [`Arity::Variadic`] the last one is the
    /// one that may be missing or come again.
    pub args: &'static [ValueType],
    /// What the arguments are called in help texts, one for each of `args`.
    pub arg_names: &'static [&'static str],
    /// How many arguments there may be.
    pub arity: Arity,
    /// The type of its result.
    pub returns: ValueType,
    /// Whether it needs `promql-experimental-functions`.
    pub experimental: bool,
    /// Whether the result depends on the time of the step itself, so that pinning all selectors with `@` does not
    /// make it the same at every step (`AtModifierUnsafeFunctions` in `promql/functions.go`).
    pub depends_on_time: bool,
    /// What it does, in a sentence or two of our own, for `.help` and the README's table.
    pub summary: &'static str,
    /// How it is run.
    #[doc(hidden)]
    pub body: Body,
}

/// How many arguments a function takes (`Variadic` in `promql/parser/functions.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arity {
    /// Exactly those in `args`.
    Exact,
    /// The last of `args` may be left out.
    Optional,
    /// The last of `args` may be left out, or come up to this many times.
    UpTo(usize),
    /// The last of `args` may be left out, or come any number of times.
    Variadic,
}

/// How a function is run. What has a shape of its own needs an operator of its own and is [`Body::Special`].
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Float by float, in place; runs over absent values too. Histograms are dropped.
    Map(fn(&mut [f64])),
    /// Float by float with scalar arguments: `args[k][step]` is argument k + 1 at a step; an optional argument
    /// that was left out is missing from `args`. May take steps away. Histograms are dropped by the caller.
    MapWith(fn(&mut ColumnMut<'_>, args: &[&[f64]])),
    /// Float by float, a time in seconds to a part of its date; without argument: the evaluation time.
    Calendar(fn(&mut [f64])),
    /// A float out of each native histogram; float samples are dropped.
    FromHistogram(fn(&Histogram) -> f64),
    /// A float out of the count and sum of each native histogram; stores need not read its buckets.
    FromHistogramStats(fn(&Histogram) -> f64),
    /// A float for each step out of scalar arguments; histograms and labels play no part.
    Scalar(fn(args: &[&[f64]], out: &mut [f64])),
    /// A sample for each window of a range vector.
    Window(WindowFunction),
    /// Runs in an operator of its own.
    Special(Special),
}

/// Fills the column of one series, all absent before, from its windows.
pub type WindowBody =
    fn(&WindowCall<'_>, &mut Scratch, &mut ColumnMut<'_>, &mut Notes<'_>) -> Result<(), FunctionError>;

/// A function over windows of one series.
#[derive(Clone, Copy, Debug)]
pub struct WindowFunction {
    /// What fills the column.
    pub body: WindowBody,
    /// Which argument is the range vector; the others are scalars.
    pub range_arg: usize,
    /// Whether the result keeps the metric's name.
    pub keeps_name: bool,
    /// Whether `anchored` selectors are taken.
    pub anchored: bool,
    /// Whether `smoothed` selectors are taken.
    pub smoothed: bool,
}

/// Functions with operators of their own. `exec` knows each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the functions")]
pub enum Special {
    Absent,
    AbsentOverTime,
    End,
    HistogramFraction,
    HistogramQuantile,
    HistogramQuantiles,
    Info,
    LabelJoin,
    LabelReplace,
    Range,
    Scalar,
    Sort { descending: bool },
    SortByLabel { descending: bool },
    Start,
    StartTimestamp,
    Step,
    Time,
    Timestamp,
    Vector,
}

/// Why a function cannot give an answer at all.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FunctionError {
    /// `double_exponential_smoothing` with a smoothing factor outside (0, 1).
    InvalidSmoothingFactor(f64),
    /// `double_exponential_smoothing` with a trend factor outside (0, 1).
    InvalidTrendFactor(f64),
    /// A raw range vector with `anchored` or `smoothed` over histograms.
    ExtendedHistogram {
        /// `anchored` or `smoothed`.
        modifier: &'static str,
    },
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FunctionError::InvalidSmoothingFactor(got) => {
                write!(f, "invalid smoothing factor. Expected: 0 < sf < 1, got: {}", format_fixed(*got, 6))
            }
            FunctionError::InvalidTrendFactor(got) => {
                write!(f, "invalid trend factor. Expected: 0 < tf < 1, got: {}", format_fixed(*got, 6))
            }
            FunctionError::ExtendedHistogram { modifier } => {
                write!(f, "{modifier} modifier is not supported with histograms")
            }
        }
    }
}

impl std::error::Error for FunctionError {}

/// The times of the steps of a query: `first + i * step`, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepTimes {
    /// Time of the first step.
    pub first: Timestamp,
    /// Distance of two steps; 0 when all steps look at one time.
    pub step: i64,
}

impl StepTimes {
    /// The time of step `i`.
    #[inline(always)]
    pub fn at(self, i: usize) -> Timestamp {
        self.first.wrapping_add((i as i64).wrapping_mul(self.step))
    }
}
