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
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas, KahanHistogram};
use crate::model::{Annotation, Batch, Histogram, Notes};

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
    total: Option<Total>,
    /// Whether there was a float before a series did not fit; `None` as long as all fit.
    misfit: Option<bool>,
}

/// A sum of histograms, or their mean.
#[derive(Debug)]
struct Total {
    value: KahanHistogram,
    count: f64,
    /// The sum would have overflown, so `value` is the mean.
    incremental: bool,
    /// No number in `value` is larger than this.
    magnitude: f64,
    saw_reset: bool,
    saw_no_reset: bool,
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
                let total = (!has_float).then(|| Total::new(histogram));
                row[step] = Some(Box::new(Cell { total, misfit: None }));
                continue;
            };
            let Cell { total: Some(total), misfit: misfit @ None } = &mut **cell else { continue };
            match total.add(histogram, self.mean) {
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
                    if total.saw_reset && total.saw_no_reset {
                        notes.add(
                            Annotation::HistogramCounterResetCollision { operation: Aggregation },
                            VECTOR,
                        );
                    }
                    if let Ok(histogram) = total.finish(self.mean) {
                        column.set_histogram(step, Arc::new(histogram));
                    }
                }
            }
        }
    }
}

impl Total {
    fn new(first: &Histogram) -> Self {
        let mut total = Total {
            value: KahanHistogram::new(first.clone()),
            count: 1.0,
            incremental: false,
            magnitude: magnitude(first),
            saw_reset: false,
            saw_no_reset: false,
        };
        total.see_hint(first);
        total
    }

    fn see_hint(&mut self, histogram: &Histogram) {
        self.saw_reset |= histogram.counter_reset_hint == CounterResetHint::CounterReset;
        self.saw_no_reset |= histogram.counter_reset_hint == CounterResetHint::NotCounterReset;
    }

    /// Adds a histogram; tells whether custom bounds had to be reconciled.
    fn add(&mut self, histogram: &Histogram, mean: bool) -> Result<bool, IncompatibleSchemas> {
        self.see_hint(histogram);
        self.count += 1.0;
        if !mean {
            return Ok(self.value.add(histogram)?.bounds_reconciled);
        }
        let mut reconciled = false;
        if !self.incremental {
            self.magnitude += magnitude(histogram);
            if self.magnitude < f64::MAX / 4.0 {
                return Ok(self.value.add(histogram)?.bounds_reconciled);
            }
            let mut sum = self.value.clone();
            reconciled = sum.add(histogram)?.bounds_reconciled;
            if !sum.sum.has_overflow() {
                self.value = sum;
                return Ok(reconciled);
            }
            self.incremental = true;
            self.value.div(self.count - 1.0);
        }
        self.value.mul((self.count - 1.0) / self.count);
        let mut share = histogram.clone();
        share.div(self.count);
        Ok(self.value.add(&share)?.bounds_reconciled | reconciled)
    }

    fn finish(mut self, mean: bool) -> Result<Histogram, IncompatibleSchemas> {
        if mean && !self.incremental {
            self.value.div(self.count);
        }
        let mut histogram = self.value.total()?;
        histogram.compact(0);
        Ok(histogram)
    }
}

/// A bound for all numbers in `histogram`, and for what any of its buckets come to when they are merged.
fn magnitude(histogram: &Histogram) -> f64 {
    let numbers = [histogram.zero_count, histogram.count, histogram.sum];
    numbers
        .iter()
        .chain(&histogram.positive.counts)
        .chain(&histogram.negative.counts)
        .chain(histogram.custom_values.iter())
        .map(|number| number.abs())
        .sum()
}
