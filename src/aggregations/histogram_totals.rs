//! What `sum` and `avg` make of native histograms.
//!
//! Few queries have any, so they are kept beside the float lanes: a row for each group that ever saw a histogram,
//! in it a cell for each step that did. What the group gives at a step depends on all its samples there:
//!
//! | samples | result |
//! | --- | --- |
//! | floats | the float |
//! | histograms | their compensated sum or mean, compacted |
//! | both | nothing, and a warning |
//! | exponential and custom buckets | nothing, and a warning that names the series that did not fit |
//!
//! A series that did not fit ends its group's step: what comes after it is not looked at.

use std::sync::Arc;

use super::group_columns::GroupColumns;
use super::record::{GroupedBatch, VECTOR};
use crate::model::annotation::HistogramOperation::Aggregation;
use crate::model::histogram::{HistogramTotal, IncompatibleSchemas};
use crate::model::{Annotation, Batch, Notes};

/// The histograms of all groups.
#[derive(Debug)]
pub(super) struct HistogramTotals {
    mean: bool,
    groups: usize,
    /// Empty as long as there is no histogram.
    rows: Vec<Option<Row>>,
}

/// The cells of one group.
type Row = Box<[Option<Box<Cell>>]>;

/// The histograms of one group at one step.
#[derive(Debug)]
struct Cell {
    /// `None` if a float came before the first histogram: then nothing comes of it.
    total: Option<HistogramTotal>,
    /// Whether there was a float before a series did not fit; `None` as long as all fit.
    misfit: Option<bool>,
}

impl HistogramTotals {
    /// For sums, or for means.
    pub(super) fn new(groups: usize, mean: bool) -> Self {
        HistogramTotals { mean, groups, rows: Vec::new() }
    }

    /// Takes the histograms of column `i` of the batch. `floats` tells where its group has floats so far.
    pub(super) fn add(
        &mut self,
        input: &GroupedBatch<'_>,
        i: usize,
        floats: &GroupColumns,
        notes: &mut Notes<'_>,
    ) {
        let Some(steps) = input.batch.column(i).histograms else { return };
        let group = input.groups[i] as usize;
        let present = &floats.present[floats.words(group)];
        for (step, histogram) in steps.iter().enumerate() {
            let Some(histogram) = histogram else { continue };
            let has_float = present[step / 64] >> (step % 64) & 1 == 1;
            if self.rows.is_empty() {
                self.rows.resize_with(self.groups, || None);
            }
            let row = self.rows[group].get_or_insert_with(|| steps.iter().map(|_| None).collect());
            let Some(cell) = &mut row[step] else {
                let total = (!has_float).then(|| HistogramTotal::new(histogram, self.mean));
                row[step] = Some(Box::new(Cell { total, misfit: None }));
                continue;
            };
            let Cell { total: Some(total), misfit: misfit @ None } = &mut **cell else { continue };
            match total.add(histogram) {
                Ok(false) => {}
                Ok(true) => notes.add(Annotation::MismatchedCustomBuckets { operation: Aggregation }, VECTOR),
                Err(IncompatibleSchemas) => {
                    let metric = (input.labels)(i).metric_name().to_owned();
                    notes.add(Annotation::MixedExponentialCustomHistograms { metric }, VECTOR);
                    *misfit = Some(has_float);
                }
            }
        }
    }

    /// Writes the histograms into the batch of finished floats, and takes the floats away that met a histogram.
    pub(super) fn finish(self, batch: &mut Batch, notes: &mut Notes<'_>) {
        for (group, row) in self.rows.into_iter().enumerate() {
            let Some(row) = row else { continue };
            let mut column = batch.column_mut(group);
            for (step, cell) in row.into_iter().enumerate() {
                let Some(cell) = cell else { continue };
                let has_float = cell.misfit.unwrap_or_else(|| column.has(step));
                column.unset(step);
                if has_float {
                    notes.add(Annotation::MixedFloatsHistogramsAggregation, VECTOR);
                } else if let (None, Some(total)) = (cell.misfit, cell.total) {
                    if total.hints_collide() {
                        notes.add(
                            Annotation::HistogramCounterResetCollision { operation: Aggregation },
                            VECTOR,
                        );
                    }
                    if let Ok(mut histogram) = total.finish() {
                        histogram.compact(0);
                        column.set_histogram(step, Arc::new(histogram));
                    }
                }
            }
        }
    }
}
