//! `sort`, `sort_by_label` and their descending sisters: another order of the same series.
//!
//! An order means something for one step only. In a range query the series stay as they are, and a warning says so.

use std::cmp::Ordering;
use std::ops::Range;

use ordered_float::OrderedFloat;

use super::context::QueryContext;
use super::drive::collect;
use super::error::ExecError;
use super::gather::gather;
use super::map::Ready;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::functions::natural_order;
use crate::model::annotation::CallSpans;
use crate::model::{Annotation, Batch, Notes, Place};
use crate::plan::Grid;

struct Reordered<'s> {
    child: BoxedOperator<'s>,
    order: Vec<u32>,
    series: Vec<OutputSeries>,
    floats_only: bool,
    steps: usize,
}

impl<'s> Reordered<'s> {
    fn new(child: BoxedOperator<'s>, order: Vec<u32>, floats_only: bool, steps: usize) -> Self {
        let series = order.iter().map(|&i| child.series()[i as usize].clone()).collect();
        Reordered { child, order, series, floats_only, steps }
    }
}

impl Operator for Reordered<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        gather(&*self.child, &self.order[range], self.steps, out, worker, context)?;
        if self.floats_only {
            out.drop_histograms();
        }
        Ok(())
    }
}

/// A query from one time to another is a range query, even if it comes to a single step.
fn warn_if_useless(grid: Grid, spans: &CallSpans, worker: &mut Worker) {
    if grid.start != grid.end {
        let mut notes = Notes { annotations: &mut worker.annotations, spans };
        notes.add(Annotation::SortInRangeQuery, Place::Call);
    }
}

/// Sorts by value. NaN comes last in either direction; histograms are left out.
pub(crate) fn by_value<'s>(
    child: BoxedOperator<'s>,
    descending: bool,
    grid: Grid,
    spans: &CallSpans,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let count = child.series().len() as u32;
    let mut order: Vec<u32> = (0..count).collect();
    warn_if_useless(grid, spans, worker);
    if grid.steps == 1 {
        let columns = collect(&*child, 1, worker, context)?;
        let value = |i: u32| columns.column(i as usize).values[0];
        order.retain(|&i| columns.column(i as usize).has(0));
        order.sort_by(|&a, &b| compare(value(a), value(b), descending));
        let ready = Ready { series: child.series().to_vec(), columns };
        return Ok(Box::new(Reordered::new(Box::new(ready), order, true, 1)));
    }
    Ok(Box::new(Reordered::new(child, order, true, grid.steps)))
}

fn compare(a: f64, b: f64, descending: bool) -> Ordering {
    // The order of floats has NaN at its end.
    let rising = OrderedFloat(a).cmp(&OrderedFloat(b));
    if descending && !a.is_nan() && !b.is_nan() { rising.reverse() } else { rising }
}

/// Sorts by the values of `labels` in turn, numbers in them by size, and at last by all labels.
pub(crate) fn by_label<'s>(
    child: BoxedOperator<'s>,
    descending: bool,
    labels: &[String],
    grid: Grid,
    spans: &CallSpans,
    worker: &mut Worker,
) -> BoxedOperator<'s> {
    let series = child.series();
    let mut order: Vec<u32> = (0..series.len() as u32).collect();
    warn_if_useless(grid, spans, worker);
    if grid.steps == 1 {
        order.sort_by(|&a, &b| {
            let (a, b) = (&series[a as usize].labels, &series[b as usize].labels);
            let by_named = labels.iter().map(|name| natural_order::compare(a.value(name), b.value(name)));
            let order = by_named.into_iter().find(|o| o.is_ne()).unwrap_or_else(|| a.cmp(b));
            if descending { order.reverse() } else { order }
        });
    }
    Box::new(Reordered::new(child, order, false, grid.steps))
}
