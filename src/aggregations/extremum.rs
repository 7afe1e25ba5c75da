//! `min` and `max`. NaN gives way to every number, so the result is NaN only where all values are; of two equal
//! values the first stays, which tells 0 from -0. Histograms are left out, with a note.

use multiversion::multiversion;

use super::group_columns::{GroupColumns, for_each_run};
use super::record::{Accumulator, GroupedBatch};
use crate::model::{Batch, Notes};

/// `min` or `max`
#[derive(Debug)]
pub(super) struct Extremum {
    name: &'static str,
    best: GroupColumns,
    kernel: fn(&mut [f64], &[f64]),
}

impl Extremum {
    pub(super) fn max(groups: usize, steps: usize) -> Self {
        Extremum { name: "max", best: GroupColumns::new(groups, steps, f64::NAN), kernel: raise }
    }

    pub(super) fn min(groups: usize, steps: usize) -> Self {
        Extremum { name: "min", best: GroupColumns::new(groups, steps, f64::NAN), kernel: lower }
    }
}

impl Accumulator for Extremum {
    fn add(&mut self, input: &GroupedBatch<'_>, notes: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let column = input.batch.column(i);
            let row = self.best.row(group as usize).start;
            // NaN is what gaps read as, because it replaces nothing but NaN.
            for_each_run(column, f64::NAN, |first, values| {
                (self.kernel)(&mut self.best.values[row + first..row + first + values.len()], values);
            });
            self.best.mark(group as usize, column);
        }
        input.note_ignored_histograms(self.name, notes);
    }

    fn finish(self: Box<Self>, _: &mut Notes<'_>) -> Batch {
        self.best.into_batch()
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn raise(best: &mut [f64], values: &[f64]) {
    for (best, &value) in best.iter_mut().zip(values) {
        *best = if *best < value || best.is_nan() { value } else { *best };
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn lower(best: &mut [f64], values: &[f64]) {
    for (best, &value) in best.iter_mut().zip(values) {
        *best = if *best > value || best.is_nan() { value } else { *best };
    }
}
