//! `avg`: the compensated sum over the count, for as long as the sum stays finite.
//!
//! Where a sum would become infinite, the mean of what came before is taken, and from there on each value moves
//! the mean a little: `avg` of 1e308 and 1e308 is 1e308. A lane (a step of a group) that went over stays so.

use super::compensated::{add_lanes, any_overflow};
use super::group_columns::{Counts, GroupColumns, for_each_run};
use super::histogram_totals::HistogramTotals;
use super::record::{Accumulator, GroupedBatch};
use crate::model::kahan::kahan_add;
use crate::model::{Batch, Notes};

/// `avg`
#[derive(Debug)]
pub(super) struct Average {
    counts: Counts,
    /// Sums, and means where the bit in `incremental` is set.
    sums: GroupColumns,
    compensations: Vec<f64>,
    /// Laid out as the presence of `sums`.
    incremental: Vec<u64>,
    histograms: HistogramTotals,
}

impl Average {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        let sums = GroupColumns::new(groups, steps, 0.0);
        Average {
            counts: Counts::new(groups, steps),
            compensations: vec![0.0; groups * steps],
            incremental: vec![0; sums.present.len()],
            sums,
            histograms: HistogramTotals::new(groups, true),
        }
    }
}

impl Accumulator for Average {
    fn add(&mut self, input: &GroupedBatch<'_>, notes: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let (group, column) = (group as usize, input.batch.column(i));
            self.counts.add(group, column);
            self.sums.mark(group, column);
            let row = self.sums.row(group);
            let words = self.sums.words(group);
            let sums = &mut self.sums.values[row.clone()];
            let compensations = &mut self.compensations[row];
            let incremental = &mut self.incremental[words];
            for_each_run(column, 0.0, |first, values| {
                let lanes = first..first + values.len();
                let no_mean = incremental[first / 64..lanes.end.div_ceil(64)].iter().all(|bits| *bits == 0);
                if no_mean && !any_overflow(&sums[lanes.clone()], values) {
                    return add_lanes(&mut sums[lanes.clone()], &mut compensations[lanes], values);
                }
                for (chunk, values) in values.chunks(64).enumerate() {
                    let first = first + chunk * 64;
                    let lanes = first..first + values.len();
                    let went_over = &mut incremental[first / 64];
                    if *went_over == 0 && !any_overflow(&sums[lanes.clone()], values) {
                        add_lanes(&mut sums[lanes.clone()], &mut compensations[lanes], values);
                        continue;
                    }
                    for (bit, (lane, &value)) in lanes.zip(values).enumerate() {
                        if column.has(lane) {
                            let count = self.counts.at(group, lane);
                            let state = (sums[lane], compensations[lane], *went_over >> bit & 1 == 1);
                            let over;
                            (sums[lane], compensations[lane], over) = add_carefully(value, count, state);
                            *went_over |= u64::from(over) << bit;
                        }
                    }
                }
            });
            self.histograms.add(input, i, &self.sums, notes);
        }
    }

    fn finish(mut self: Box<Self>, notes: &mut Notes<'_>) -> Batch {
        for group in 0..self.sums.groups() {
            let row = self.sums.row(group);
            let words = self.sums.words(group);
            let (full, counts) = self.counts.row(group);
            let lanes = self.sums.values[row.clone()].iter_mut().zip(&self.compensations[row]).zip(counts);
            for (step, ((sum, compensation), count)) in lanes.enumerate() {
                let went_over = self.incremental[words.start + step / 64] >> (step % 64) & 1 == 1;
                let count = full + count;
                *sum = if went_over { *sum + compensation } else { *sum / count + compensation / count };
            }
        }
        let mut batch = self.sums.into_batch();
        self.histograms.finish(&mut batch, notes);
        batch
    }
}

/// Adds `value`, the `count`th of its lane, to a sum and its compensation, or to a mean once the lane went over.
fn add_carefully(value: f64, count: f64, state: (f64, f64, bool)) -> (f64, f64, bool) {
    let (mut sum, mut compensation, went_over) = state;
    if count == 1.0 {
        return (value, 0.0, false);
    }
    if !went_over {
        let (total, lost) = kahan_add(value, sum, compensation);
        if !total.is_infinite() {
            return (total, lost, false);
        }
        sum /= count - 1.0;
        compensation /= count - 1.0;
    }
    let share = (count - 1.0) / count;
    let (mean, compensation) = kahan_add(value / count, share * sum, share * compensation);
    (mean, compensation, true)
}
