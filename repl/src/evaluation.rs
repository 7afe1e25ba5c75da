//! When queries are evaluated: at one moment, or at each step of a range.
//!
//! It is kept as the user said it, because moments move: `at end-5m` is another time when newer samples are loaded. The
//! reference that a query begins with makes times of it.

use std::fmt;

use crate::evaluate::When;
use crate::moment::{Millis, Moment, Reference};

/// When queries are evaluated, as the user said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluation {
    /// At one time.
    Instant(Moment),
    /// At every step from start to end.
    Range {
        /// The first step.
        start: Moment,
        /// No step is later.
        end: Moment,
        /// Distance of the steps.
        step: Millis,
    },
}

impl Evaluation {
    /// The times in ms, given what relative times are relative to.
    pub fn resolve(&self, reference: &Reference) -> Result<When, BackwardRange> {
        match *self {
            Evaluation::Instant(moment) => Ok(When::Instant(moment.resolve(reference))),
            Evaluation::Range { start, end, step } => {
                let (start, end) = (start.resolve(reference), end.resolve(reference));
                if end < start { Err(BackwardRange) } else { Ok(When::Range { start, end, step: step.0 }) }
            }
        }
    }

    /// The time to give to samples that have none of their own, if this says one: that at which they are asked for, so
    /// that they are found.
    pub fn load_time(&self) -> Option<Moment> {
        let (Evaluation::Instant(moment) | Evaluation::Range { end: moment, .. }) = *self;
        moment.is_absolute().then_some(moment)
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evaluation::Instant(moment) => write!(f, "at {moment}"),
            Evaluation::Range { start, end, step } => write!(f, "from {start} to {end}, step {step}"),
        }
    }
}

/// A range that ends before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackwardRange;

impl fmt::Display for BackwardRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("end timestamp must not be before start time")
    }
}

impl std::error::Error for BackwardRange {}
