//! `sum`: compensated, in input order.
//!
//! `sum` of 1e100, 1 and -1e100 is 1, and that of 1, 1e100 and -1e100 too. A sum that became infinite is told as it is.

use super::compensated::add_lanes;
use super::group_columns::{GroupColumns, for_each_run};
use super::histogram_totals::HistogramTotals;
use super::record::{Accumulator, GroupedBatch};
use crate::model::{Batch, Notes};

/// `sum`
#[derive(Debug)]
pub(super) struct Sum {
    sums: GroupColumns,
    compensations: Vec<f64>,
    histograms: HistogramTotals,
}

impl Sum {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        Sum {
            sums: GroupColumns::new(groups, steps, 0.0),
            compensations: vec![0.0; groups * steps],
            histograms: HistogramTotals::new(groups, false),
        }
    }
}

impl Accumulator for Sum {
    fn add(&mut self, input: &GroupedBatch<'_>, notes: &mut Notes<'_>) {
        for (i, &group) in input.groups.iter().enumerate() {
            let column = input.batch.column(i);
            let row = self.sums.row(group as usize).start;
            for_each_run(column, 0.0, |first, values| {
                let lanes = row + first..row + first + values.len();
                add_lanes(&mut self.sums.values[lanes.clone()], &mut self.compensations[lanes], values);
            });
            self.sums.mark(group as usize, column);
            self.histograms.add(input, i, &self.sums, notes);
        }
    }

    fn finish(mut self: Box<Self>, notes: &mut Notes<'_>) -> Batch {
        for (sum, compensation) in self.sums.values.iter_mut().zip(&self.compensations) {
            *sum = if sum.is_infinite() { *sum } else { *sum + compensation };
        }
        let mut batch = self.sums.into_batch();
        self.histograms.finish(&mut batch, notes);
        batch
    }
}
