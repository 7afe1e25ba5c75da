//! What the value of a series has to be: a number, one for each step, or bounds.

use std::fmt;
use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use crate::ingest::load::{LoadError, SequenceValue, parse_values};
use crate::model::go_format::format_f;
use crate::model::histogram::equality::almost_equal;
use crate::model::is_stale;
use crate::model::value::SampleValue;

/// What the value of a series has to be.
///
/// | made of | means |
/// | --- | --- |
/// | a number | this value, in a range query at every step |
/// | a range of numbers, `0.5..=1.0`, `0.5..` | a value within it, in a range query at every step |
/// | numbers, `[1.0, 2.0]` | a value for each step |
/// | options, `[Some(1.0), None]` | a value, or no sample, for each step |
/// | a text, `"1 _ 3+1x2"`, `"{{schema:0 count:2 sum:3 buckets:[2]}}"` | the same in the [`load`](crate::ingest::load) notation, which has histograms too |
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedValue(Written);

#[derive(Clone, Debug, PartialEq)]
enum Written {
    Number(f64),
    Within(Bounds),
    Steps(Vec<Option<f64>>),
    Notation(String),
}

/// Two ends between which a value has to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    low: Bound<f64>,
    high: Bound<f64>,
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for ExpectedValue {
            fn from(value: $number) -> Self {
                ExpectedValue(Written::Number(value as f64))
            }
        }
    )*};
}

from_numbers!(f64, f32, i32, i64, u32, u64, usize);

macro_rules! from_ranges {
    ($($range:ident),*) => {$(
        impl From<$range<f64>> for ExpectedValue {
            fn from(range: $range<f64>) -> Self {
                let (low, high) = (range.start_bound().cloned(), range.end_bound().cloned());
                ExpectedValue(Written::Within(Bounds { low, high }))
            }
        }
    )*};
}

from_ranges!(Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive);

impl<const N: usize> From<[f64; N]> for ExpectedValue {
    fn from(steps: [f64; N]) -> Self {
        steps.to_vec().into()
    }
}

impl<const N: usize> From<[i32; N]> for ExpectedValue {
    fn from(steps: [i32; N]) -> Self {
        steps.map(f64::from).into()
    }
}

impl<const N: usize> From<[Option<f64>; N]> for ExpectedValue {
    fn from(steps: [Option<f64>; N]) -> Self {
        steps.to_vec().into()
    }
}

impl From<Vec<f64>> for ExpectedValue {
    fn from(steps: Vec<f64>) -> Self {
        ExpectedValue(Written::Steps(steps.into_iter().map(Some).collect()))
    }
}

impl From<Vec<Option<f64>>> for ExpectedValue {
    fn from(steps: Vec<Option<f64>>) -> Self {
        ExpectedValue(Written::Steps(steps))
    }
}

impl From<&str> for ExpectedValue {
    fn from(notation: &str) -> Self {
        ExpectedValue(Written::Notation(notation.to_owned()))
    }
}

impl From<String> for ExpectedValue {
    fn from(notation: String) -> Self {
        ExpectedValue(Written::Notation(notation))
    }
}

/// Why a value cannot be what a series has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueMistake {
    /// A text that cannot be read.
    Notation {
        /// The text.
        text: String,
        /// What is wrong with it.
        error: LoadError,
    },
    /// Not exactly one value for an instant query.
    NotOne {
        /// How many there are.
        values: usize,
    },
    /// More values than the query has steps.
    TooMany {
        /// How many there are.
        values: usize,
        /// How many steps the query has.
        steps: usize,
    },
}

impl fmt::Display for ValueMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueMistake::Notation { text, error } => {
                write!(f, "{text:?} cannot be read: column {}: {}", error.column, error.problem)
            }
            ValueMistake::NotOne { values } => {
                write!(f, "an instant query gives one value, and {values} are expected")
            }
            ValueMistake::TooMany { values, steps } => {
                write!(f, "the query has {steps} steps, and {values} values are expected")
            }
        }
    }
}

/// What is wanted at one step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    Value(SequenceValue),
    Within(Bounds),
}

impl ExpectedValue {
    /// What is wanted at each of so many steps; the one time of an instant query is `None`.
    pub(super) fn wanted(&self, steps: Option<usize>) -> Result<Vec<Wanted>, ValueMistake> {
        let count = steps.unwrap_or(1);
        let value = |value: &Option<f64>| match value {
            Some(value) => SequenceValue::Float(*value),
            None => SequenceValue::Omitted,
        };
        let values = match &self.0 {
            Written::Number(number) => vec![SequenceValue::Float(*number); count],
            Written::Within(bounds) => return Ok(vec![Wanted::Within(*bounds); count]),
            Written::Steps(steps) => steps.iter().map(value).collect(),
            Written::Notation(text) => {
                parse_values(text).map_err(|error| ValueMistake::Notation { text: text.clone(), error })?
            }
        };
        match (steps, values.len()) {
            (None, 1) => {}
            (None, values) => return Err(ValueMistake::NotOne { values }),
            (Some(steps), values) if values > steps => return Err(ValueMistake::TooMany { values, steps }),
            _ => {}
        }
        let rest = count.saturating_sub(values.len());
        let rest = std::iter::repeat_n(SequenceValue::Omitted, rest);
        Ok(values.into_iter().chain(rest).map(Wanted::Value).collect())
    }
}

impl Wanted {
    /// Whether `got` is it; with a tolerance, floats and histograms may differ by this part of their magnitudes.
    pub(super) fn is_met_by(&self, got: Option<&SampleValue>, tolerance: Option<f64>) -> bool {
        match (self, got) {
            (Wanted::Value(SequenceValue::Omitted), None) => true,
            (Wanted::Value(SequenceValue::Float(wanted)), Some(SampleValue::Float(got))) => {
                is_equal(*wanted, *got, tolerance)
            }
            (
                Wanted::Value(SequenceValue::Histogram { histogram, hint_given }),
                Some(SampleValue::Histogram(got)),
            ) => {
                let same_hint = histogram.counter_reset_hint == got.counter_reset_hint;
                let (mut wanted, mut got) = ((**histogram).clone(), (**got).clone());
                let (wanted, got) = (wanted.compact(0), got.compact(0));
                let same = match tolerance {
                    Some(tolerance) => wanted.almost_equals(got, tolerance),
                    None => wanted.equals(got),
                };
                same && (same_hint || !hint_given)
            }
            (Wanted::Within(bounds), Some(SampleValue::Float(got))) => bounds.contains(*got),
            _ => false,
        }
    }

    /// Whether a sample is wanted at all.
    pub(super) fn is_sample(&self) -> bool {
        *self != Wanted::Value(SequenceValue::Omitted)
    }

    /// The value as a script has it. Bounds, which scripts do not know, become a value between them.
    pub(super) fn script_text(&self) -> String {
        match self {
            Wanted::Value(value) => sequence_text(value),
            Wanted::Within(bounds) => format_f(bounds.example()),
        }
    }
}

/// For people.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Value(value) => f.write_str(&sequence_text(value)),
            Wanted::Within(Bounds { low, high }) => {
                match low {
                    Bound::Included(low) | Bound::Excluded(low) => f.write_str(&format_f(*low))?,
                    Bound::Unbounded => {}
                }
                match high {
                    Bound::Included(high) => write!(f, "..={}", format_f(*high)),
                    Bound::Excluded(high) => write!(f, "..{}", format_f(*high)),
                    Bound::Unbounded => f.write_str(".."),
                }
            }
        }
    }
}

impl Bounds {
    fn contains(self, value: f64) -> bool {
        (self.low, self.high).contains(&value)
    }

    /// A number within the bounds, away from them where there is room.
    fn example(self) -> f64 {
        let of = |bound| match bound {
            Bound::Included(end) | Bound::Excluded(end) => Some(end),
            Bound::Unbounded => None,
        };
        match (of(self.low), of(self.high)) {
            (Some(low), Some(high)) => low + (high - low) / 2.0,
            (Some(low), None) => low + low.abs().max(1.0),
            (None, Some(high)) => high - high.abs().max(1.0),
            (None, None) => 0.0,
        }
    }
}

/// Whether two floats are the same: any NaN is as good as another, the stale marker excepted.
pub(super) fn is_equal(wanted: f64, got: f64, tolerance: Option<f64>) -> bool {
    let same_nan = wanted.is_nan() && got.is_nan() && is_stale(wanted) == is_stale(got);
    wanted == got || same_nan || tolerance.is_some_and(|tolerance| almost_equal(wanted, got, tolerance))
}

fn sequence_text(value: &SequenceValue) -> String {
    match value {
        SequenceValue::Omitted => "_".to_owned(),
        SequenceValue::Float(value) if is_stale(*value) => "stale".to_owned(),
        SequenceValue::Float(value) => format_f(*value),
        SequenceValue::Histogram { histogram, .. } => histogram.test_expression(),
    }
}
