//! Whether a group's labels that describe the metric are dropped at the end (delayed name removal).
//!
//! A group drops them when any of its members does. Members may differ, and then it is the last step with a result
//! that decides: `sum by (__name__) (a or -b)` looks at which of the two had a sample there.

use super::grouping::Grouping;
use crate::exec::{OutputSeries, QueryContext};
use crate::model::{Batch, Column};

/// The flag of each group, as far as it is known.
#[derive(Debug)]
pub(super) struct NameDrop {
    /// Empty where there is nothing left to drop.
    groups: Vec<Flag>,
    any_mixed: bool,
}

#[derive(Clone, Debug)]
enum Flag {
    Keep,
    Drop,
    /// The steps at which a member that drops its name has a sample, as presence words.
    Mixed(Box<[u64]>),
}

impl NameDrop {
    /// What the members say before any sample is known. Where names are dropped at once, nothing is left to drop.
    pub(super) fn new(
        grouping: &Grouping,
        series: &[OutputSeries],
        steps: usize,
        context: &QueryContext,
    ) -> Self {
        let mut any_mixed = false;
        if !context.delayed_name_removal {
            return NameDrop { groups: Vec::new(), any_mixed };
        }
        let first = grouping.first.iter().map(|&first| series[first as usize].drop_name);
        let mut groups: Vec<Flag> = first.map(|drop| if drop { Flag::Drop } else { Flag::Keep }).collect();
        for (one, &group) in series.iter().zip(&grouping.groups) {
            let flag = &mut groups[group as usize];
            if matches!((&*flag, one.drop_name), (Flag::Keep, true) | (Flag::Drop, false)) {
                *flag = Flag::Mixed(vec![0; steps.div_ceil(64)].into());
                any_mixed = true;
            }
        }
        NameDrop { groups, any_mixed }
    }

    /// Looks at the next columns: `series` and `groups` are theirs.
    pub(super) fn see(&mut self, batch: &Batch, series: &[OutputSeries], groups: &[u32]) {
        if !self.any_mixed {
            return;
        }
        for (i, (one, &group)) in series.iter().zip(groups).enumerate() {
            if let (true, Flag::Mixed(steps)) = (one.drop_name, &mut self.groups[group as usize]) {
                let column = batch.column(i);
                steps.iter_mut().zip(column.present).for_each(|(own, new)| *own |= new);
                column.histogram_steps().for_each(|step| steps[step / 64] |= 1 << (step % 64));
            }
        }
    }

    /// The flag of `group`, whose result is `column`.
    pub(super) fn of(&self, group: usize, column: Column<'_>) -> bool {
        match self.groups.get(group) {
            None | Some(Flag::Keep) => false,
            Some(Flag::Drop) => true,
            Some(Flag::Mixed(steps)) => {
                let last =
                    (0..column.values.len()).rev().find(|&i| column.has(i) || column.histogram(i).is_some());
                last.is_some_and(|i| steps[i / 64] >> (i % 64) & 1 == 1)
            }
        }
    }
}
