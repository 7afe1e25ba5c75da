//! Selectors of a query that ask for the same.
//!
//! `a / (a + b)` has three selectors and two selections: both `a` want the same samples of the same series at the same
//! times, so that the store is asked once, and what one of them reads, the other need not read again.

use std::sync::Arc;

use super::node::{Hints, Selector};
use crate::functions::window::{Edges, StepTimes};
use crate::model::{Matcher, TimeRange};

/// What one selector asks for, or several that are equal.
#[derive(Debug)]
pub struct Selection {
    /// What of the hints all of its selectors give.
    pub hints: Hints,
    /// How many selectors it stands for.
    pub uses: usize,
    matchers: Arc<[Matcher]>,
    reads: TimeRange,
    ends: StepTimes,
    steps: usize,
    range: i64,
    pinned: bool,
    edges: Edges,
    stats_only: bool,
}

impl Selection {
    fn new(selector: &Selector, steps: usize) -> Self {
        let Selector { matchers, ends, range, pinned, edges, reads, hints, stats_only, .. } = selector;
        Selection {
            hints: hints.clone(),
            uses: 1,
            matchers: matchers.clone(),
            reads: *reads,
            ends: *ends,
            steps,
            range: *range,
            pinned: *pinned,
            edges: *edges,
            stats_only: *stats_only,
        }
    }

    fn is_of(&self, selector: &Selector, steps: usize) -> bool {
        self.reads == selector.reads
            && self.ends == selector.ends
            && self.steps == steps
            && self.range == selector.range
            && self.pinned == selector.pinned
            && self.edges == selector.edges
            && self.stats_only == selector.stats_only
            && self.matchers == selector.matchers
    }
}

/// The number of the selection that `selector` belongs to, which is evaluated at so many steps. It is counted there.
pub(super) fn number(selections: &mut Vec<Selection>, selector: &Selector, steps: usize) -> usize {
    let Some(number) = selections.iter().position(|selection| selection.is_of(selector, steps)) else {
        selections.push(Selection::new(selector, steps));
        return selections.len() - 1;
    };
    let Selection { hints, uses, .. } = &mut selections[number];
    *uses += 1;
    if hints.function != selector.hints.function {
        hints.function = "";
    }
    if (&hints.grouping, hints.by) != (&selector.hints.grouping, selector.hints.by) {
        (hints.grouping, hints.by) = Default::default();
    }
    number
}
