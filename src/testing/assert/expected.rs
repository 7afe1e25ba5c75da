//! What has to come out of a query.

use std::fmt;

use super::value::ExpectedValue;

/// What has to come out of a query: series with values, one value, a threshold, a string, or an error.
///
/// [`assert_promql!`](crate::assert_promql) writes it down more briefly.
///
/// ```
/// use promqlite::testing::{Expected, Timeline, When, check_promql};
///
/// let mut timeline = Timeline::every("15s");
/// timeline.scrape("requests_total{code=\"200\"} 3\nrequests_total{code=\"500\"} 1\n");
/// let expected = Expected::series().with(r#"requests_total{code="500"}"#, 1.0).contains();
/// check_promql(&timeline, "requests_total", When::NEWEST, expected)?;
/// # Ok::<(), promqlite::testing::PromqlFailure>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expected {
    pub(super) result: ExpectedResult,
    /// The difference that is allowed, as a part of the values' magnitude.
    pub(super) tolerance: Option<f64>,
    pub(super) contains: bool,
    pub(super) ordered: bool,
}

#[derive(Clone, Debug)]
pub(super) enum ExpectedResult {
    /// Labels as they are written, and values.
    Series(Vec<(String, ExpectedValue)>),
    /// A scalar, or the only series whatever its labels are.
    Value(ExpectedValue),
    /// A bound that all samples keep, or at least one.
    Threshold(Threshold),
    /// This string.
    Text(String),
    /// An error with this in its text.
    Error(String),
}

/// A bound, and who has to keep it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold {
    /// All samples, or at least one.
    pub(super) all: bool,
    pub(super) comparison: Comparison,
    pub(super) bound: f64,
}

/// How a sample is held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// Whether `value` compares so to `bound`. NaN does to nothing, unless it is to differ.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Comparison::Above => value > bound,
            Comparison::AtLeast => value >= bound,
            Comparison::Below => value < bound,
            Comparison::AtMost => value <= bound,
            Comparison::Equal => value == bound,
            Comparison::NotEqual => value != bound,
        }
    }

    /// The comparison that holds where this one does not, NaN left aside.
    pub(super) fn opposite(self) -> Comparison {
        match self {
            Comparison::Above => Comparison::AtMost,
            Comparison::AtLeast => Comparison::Below,
            Comparison::Below => Comparison::AtLeast,
            Comparison::AtMost => Comparison::Above,
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
        }
    }
}

/// As PromQL and Rust write it.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
        })
    }
}

/// The part of their magnitude by which values may differ when nothing else is said: what scripts allow.
const TOLERANCE: f64 = 1e-6;

impl Expected {
    fn new(result: ExpectedResult) -> Expected {
        Expected { result, tolerance: None, contains: false, ordered: false }
    }

    /// The series that [`with`](Expected::with) adds, and no others; none at all so far.
    pub fn series() -> Expected {
        Expected::new(ExpectedResult::Series(Vec::new()))
    }

    /// One series more: its labels as a query or a script writes them, `up{job="node"}` or `{job="node"}`, and its value.
    ///
    /// On anything but [`series`](Expected::series) this has no effect.
    pub fn with(mut self, labels: impl AsRef<str>, value: impl Into<ExpectedValue>) -> Expected {
        if let ExpectedResult::Series(series) = &mut self.result {
            series.push((labels.as_ref().to_owned(), value.into()));
        }
        self
    }

    /// A scalar of this value, or exactly one series of this value, whatever its labels are.
    pub fn value(value: impl Into<ExpectedValue>) -> Expected {
        Expected::new(ExpectedResult::Value(value.into()))
    }

    /// At least one sample, and all of them on this side of the bound.
    pub fn all(comparison: Comparison, bound: impl Into<f64>) -> Expected {
        Expected::new(ExpectedResult::Threshold(Threshold { all: true, comparison, bound: bound.into() }))
    }

    /// At least one sample on this side of the bound.
    pub fn any(comparison: Comparison, bound: impl Into<f64>) -> Expected {
        Expected::new(ExpectedResult::Threshold(Threshold { all: false, comparison, bound: bound.into() }))
    }

    /// This string, of a query that is one. For instant queries.
    pub fn string(text: impl Into<String>) -> Expected {
        Expected::new(ExpectedResult::Text(text.into()))
    }

    /// An error whose message contains this text.
    pub fn error(text: impl Into<String>) -> Expected {
        Expected::new(ExpectedResult::Error(text.into()))
    }

    /// Values may differ by a millionth of their magnitude, as in scripts.
    pub fn approximately(self) -> Expected {
        self.within(TOLERANCE)
    }

    /// Values may differ by this part of their magnitude.
    pub fn within(self, tolerance: f64) -> Expected {
        Expected { tolerance: Some(tolerance), ..self }
    }

    /// There may be other series too.
    pub fn contains(self) -> Expected {
        Expected { contains: true, ..self }
    }

    /// The series come in this order, as `sort` and `topk` give it. For instant queries.
    pub fn ordered(self) -> Expected {
        Expected { ordered: true, ..self }
    }
}
