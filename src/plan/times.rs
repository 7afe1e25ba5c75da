//! When each part of a query is evaluated.
//!
//! An expression is evaluated at the steps of a *grid*: those of the query, one step for what never changes, or the
//! steps of a subquery, which are multiples of its own step. A selector looks at other times than it is evaluated
//! at: `m offset 1h` an hour earlier, `m @ 60` always at one minute past the epoch.

use crate::functions::window::StepTimes;
use crate::model::Timestamp;

/// The steps at which an expression is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Time of the first step in ms.
    pub start: Timestamp,
    /// Distance of the steps in ms; above 0.
    pub step: i64,
    /// How many steps there are.
    pub steps: usize,
    /// The time up to which steps were asked for: that of the last step, or up to a step later.
    pub end: Timestamp,
}

impl Grid {
    /// The steps `start`, `start + step`, ... up to `end`.
    pub fn new(start: Timestamp, end: Timestamp, step: i64) -> Self {
        let step = step.max(1);
        let steps = if end < start { 0 } else { (end.wrapping_sub(start) as u64 / step as u64) as usize + 1 };
        Grid { start, step, steps, end }
    }

    /// The time of step `i`.
    pub fn at(self, i: usize) -> Timestamp {
        self.start + i as i64 * self.step
    }

    /// The time of the last step; the start if there is none.
    pub fn last(self) -> Timestamp {
        self.at(self.steps.saturating_sub(1))
    }

    /// The times of the steps.
    pub fn times(self) -> StepTimes {
        StepTimes { first: self.start, step: self.step }
    }

    /// The first step alone: where that which never changes is evaluated.
    pub fn first_only(self) -> Grid {
        Grid { steps: self.steps.min(1), end: self.start, ..self }
    }

    /// The times that a selector looks at: `offset` earlier than each step, or than the time it is pinned to.
    pub fn looked_at(self, pinned: Option<Timestamp>, offset: i64) -> StepTimes {
        match pinned {
            Some(at) => StepTimes { first: at.saturating_sub(offset), step: 0 },
            None => StepTimes { first: self.start.saturating_sub(offset), step: self.step },
        }
    }

    /// The steps of a subquery whose windows end at `ends`, one for each of these steps: the multiples of `step`
    /// from the first one after the first window's start up to the last window's end.
    pub fn subquery(self, ends: StepTimes, range: i64, step: i64) -> Grid {
        let step = step.max(1);
        let after = ends.first.saturating_sub(range);
        let start = after.div_euclid(step).saturating_add(1).saturating_mul(step);
        let end = if ends.step == 0 { ends.first } else { ends.at(self.steps.saturating_sub(1)) };
        if self.steps == 0 { Grid { start, step, steps: 0, end: start } } else { Grid::new(start, end, step) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subqueries_start_after_the_left_edge() {
        let grid = Grid::new(0, 0, 1);
        let of = |end: i64, range, step| grid.subquery(StepTimes { first: end, step: 1 }, range, step);
        assert_eq!(of(60_000, 50_000, 10_000), Grid::new(20_000, 60_000, 10_000));
        assert_eq!(of(65_000, 50_000, 10_000), Grid::new(20_000, 65_000, 10_000));
        assert_eq!(of(-5_000, 20_000, 10_000), Grid::new(-20_000, -5_000, 10_000));
    }
}
