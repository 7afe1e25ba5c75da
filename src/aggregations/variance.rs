//! `stddev` and `stdvar` of a population, by Welford's method: a running mean and the running sum of squared
//! distances from it. An infinity or a NaN makes the result NaN. Histograms are left out, with a note.

use multiversion::multiversion;

use super::group_columns::{Counts, GroupColumns, Run, runs};
use super::record::{Accumulator, GroupedBatch};
use crate::model::column::for_each_set;
use crate::model::{Batch, Notes};

/// `stddev` or `stdvar`
#[derive(Debug)]
pub(super) struct Variance {
    root: bool,
    counts: Counts,
    means: Vec<f64>,
    squares: GroupColumns,
}

impl Variance {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        Variance {
            root: false,
            counts: Counts::new(groups, steps),
            means: vec![0.0; groups * steps],
            squares: GroupColumns::new(groups, steps, 0.0),
        }
    }

    pub(super) fn deviation(groups: usize, steps: usize) -> Self {
        Variance { root: true, ..Variance::new(groups, steps) }
    }
}

impl Accumulator for Variance {
    fn add(&mut self, input: &GroupedBatch<'_>, notes: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let (group, column) = (group as usize, input.batch.column(i));
            self.counts.add(group, column);
            let row = self.squares.row(group);
            let (means, squares) = (&mut self.means[row.clone()], &mut self.squares.values[row]);
            let (full, counts) = self.counts.row(group);
            let values = column.values;
            for run in runs(column.present, values.len()) {
                match run {
                    Run::Dense(r) => welford_each(
                        &mut means[r.clone()],
                        &mut squares[r.clone()],
                        full,
                        &counts[r.clone()],
                        &values[r],
                    ),
                    Run::Gaps { first, bits } => for_each_set(&[bits], |bit| {
                        let i = first + bit;
                        welford(&mut means[i], &mut squares[i], full + counts[i], values[i]);
                    }),
                }
            }
            self.squares.mark(group, column);
        }
        input.note_ignored_histograms(if self.root { "stddev" } else { "stdvar" }, notes);
    }

    fn finish(mut self: Box<Self>, _: &mut Notes<'_>) -> Batch {
        for group in 0..self.squares.groups() {
            let (full, counts) = self.counts.row(group);
            let row = self.squares.row(group);
            for (square, count) in self.squares.values[row].iter_mut().zip(counts) {
                let variance = *square / (full + count);
                *square = if self.root { variance.sqrt() } else { variance };
            }
        }
        self.squares.into_batch()
    }
}

/// One step of the method in each lane; the counts include the new value.
#[multiversion(targets("x86_64+avx2"))]
fn welford_each(means: &mut [f64], squares: &mut [f64], full: f64, counts: &[f64], values: &[f64]) {
    for (((mean, square), count), &value) in means.iter_mut().zip(squares).zip(counts).zip(values) {
        welford(mean, square, full + count, value);
    }
}

#[inline(always)]
fn welford(mean: &mut f64, square: &mut f64, count: f64, value: f64) {
    let delta = value - *mean;
    *mean += delta / count;
    *square += delta * (value - *mean);
}
