//! `count` and `group`: that there are samples matters, not what they are. Histograms count like floats.

use super::group_columns::{Counts, GroupColumns};
use super::record::{Accumulator, GroupedBatch};
use crate::model::{Batch, Notes};

/// `count`
#[derive(Debug)]
pub(super) struct Count(Counts);

impl Count {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        Count(Counts::new(groups, steps))
    }
}

impl Accumulator for Count {
    fn add(&mut self, input: &GroupedBatch<'_>, _: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let column = input.batch.column(i);
            self.0.add(group as usize, column);
            for step in column.histogram_steps() {
                self.0.add_step(group as usize, step);
            }
        }
    }

    fn finish(self: Box<Self>, _: &mut Notes<'_>) -> Batch {
        self.0.into_batch()
    }
}

/// `group`
#[derive(Debug)]
pub(super) struct Group(GroupColumns);

impl Group {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        Group(GroupColumns::new(groups, steps, 1.0))
    }
}

impl Accumulator for Group {
    fn add(&mut self, input: &GroupedBatch<'_>, _: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let column = input.batch.column(i);
            self.0.mark(group as usize, column);
            for step in column.histogram_steps() {
                self.0.mark_step(group as usize, step);
            }
        }
    }

    fn finish(self: Box<Self>, _: &mut Notes<'_>) -> Batch {
        self.0.into_batch()
    }
}
