//! Operators that change the samples of each series by themselves, and those that make series out of nothing.

use std::ops::Range;
use std::sync::Arc;

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::model::column::for_each_set;
use crate::model::{Batch, ColumnMut, Histogram, Labels};
use crate::plan::Grid;

/// What is done to a batch of columns.
pub(crate) enum Change {
    /// Float by float, in place; histograms are dropped.
    Floats(fn(&mut [f64])),
    /// Float by float with scalars, a value for each step; histograms are dropped.
    FloatsWith(fn(&mut ColumnMut<'_>, &[&[f64]]), Vec<Vec<f64>>),
    /// A float out of each histogram; floats are dropped.
    FromHistograms(fn(&Histogram) -> f64),
    /// The sign is turned.
    Negate,
    /// The time of the step, where there is a sample.
    StepTime(Grid),
}

struct Map<'s> {
    child: BoxedOperator<'s>,
    series: Vec<OutputSeries>,
    change: Change,
}

/// `child` with every sample changed; the names of the series are dropped.
pub(crate) fn map<'s>(child: BoxedOperator<'s>, change: Change, context: &QueryContext) -> BoxedOperator<'s> {
    let series = child.series().iter().map(|s| s.clone().drop_name(context)).collect();
    Box::new(Map { child, series, change })
}

impl Operator for Map<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn can_object(&self) -> bool {
        self.child.can_object()
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        self.child.columns(range, out, worker, context)?;
        match &self.change {
            Change::Floats(apply) => {
                out.drop_histograms();
                apply(out.values_mut());
            }
            Change::FloatsWith(apply, args) => {
                out.drop_histograms();
                let args: Vec<&[f64]> = args.iter().map(Vec::as_slice).collect();
                for i in 0..out.columns() {
                    apply(&mut out.column_mut(i), &args);
                }
            }
            Change::FromHistograms(apply) => {
                for i in 0..out.columns() {
                    from_histograms(&mut out.column_mut(i), *apply);
                }
                out.drop_histograms();
            }
            Change::Negate => {
                out.values_mut().iter_mut().for_each(|v| *v = -*v);
                for i in 0..if out.has_histograms() { out.columns() } else { 0 } {
                    let mut column = out.column_mut(i);
                    for slot in column.histograms.get_mut().unwrap_or_default().iter_mut().flatten() {
                        let mut negated = Histogram::clone(slot);
                        negated.mul(-1.0);
                        *slot = Arc::new(negated);
                    }
                }
            }
            Change::StepTime(grid) => {
                for i in 0..out.columns() {
                    step_times(&mut out.column_mut(i), *grid);
                }
                out.drop_histograms();
            }
        }
        Ok(())
    }
}

fn from_histograms(column: &mut ColumnMut<'_>, apply: fn(&Histogram) -> f64) {
    column.present.fill(0);
    for step in 0..column.steps() {
        let value = column.as_column().histogram(step).map(|h| apply(h));
        if let Some(value) = value {
            column.set(step, value);
        }
    }
}

fn step_times(column: &mut ColumnMut<'_>, grid: Grid) {
    for step in 0..column.steps() {
        column.values[step] = grid.at(step) as f64 / 1000.0;
        if column.as_column().histogram(step).is_some() {
            column.set(step, grid.at(step) as f64 / 1000.0);
        }
    }
}

/// No series at all.
pub(crate) struct Empty;

impl Operator for Empty {
    fn series(&self) -> &[OutputSeries] {
        &[]
    }

    fn can_object(&self) -> bool {
        false
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        _: &mut Worker,
        _: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), 0);
        Ok(())
    }
}

/// Columns that are there already.
pub(crate) struct Ready {
    pub(crate) series: Vec<OutputSeries>,
    pub(crate) columns: Batch,
}

impl Ready {
    /// One series without labels that has a value at every step: `vector(s)`.
    pub(crate) fn scalar(values: &[f64]) -> Self {
        let mut columns = Batch::default();
        columns.reset(1, values.len());
        let mut column = columns.column_mut(0);
        column.values.copy_from_slice(values);
        column.set_all_present();
        Ready { series: vec![OutputSeries::new(Labels::empty())], columns }
    }

    /// The same series in another order, if one is given: first `order[0]`, and so on.
    pub(crate) fn in_order(self, order: Option<Vec<u32>>) -> Self {
        let Some(order) = order else { return self };
        let mut columns = Batch::default();
        columns.reset(order.len(), self.columns.steps());
        for (to, &from) in order.iter().enumerate() {
            columns.column_mut(to).copy_from(self.columns.column(from as usize));
        }
        Ready { series: order.iter().map(|&from| self.series[from as usize].clone()).collect(), columns }
    }
}

impl Operator for Ready {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn ready(&self) -> Option<&Batch> {
        Some(&self.columns)
    }

    fn can_object(&self) -> bool {
        false
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        _: &mut Worker,
        _: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.columns.steps());
        for (column, i) in range.enumerate() {
            out.column_mut(column).copy_from(self.columns.column(i));
        }
        Ok(())
    }
}

/// What never changes: evaluated at one step, told at all of them.
pub(crate) struct Repeat<'s> {
    child: BoxedOperator<'s>,
    steps: usize,
}

impl<'s> Repeat<'s> {
    /// The columns of `child`, which are one step long, at `steps` steps.
    pub(crate) fn new(child: BoxedOperator<'s>, steps: usize) -> Self {
        Repeat { child, steps }
    }
}

impl Operator for Repeat<'_> {
    fn series(&self) -> &[OutputSeries] {
        self.child.series()
    }

    fn can_object(&self) -> bool {
        self.child.can_object()
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        let mut once = worker.take();
        out.reset(range.len(), self.steps);
        self.child.columns(range, &mut once, worker, context)?;
        for i in 0..once.columns() {
            let (from, mut into) = (once.column(i), out.column_mut(i));
            if let Some(value) = from.get(0) {
                into.values.fill(value);
                into.set_all_present();
            } else if let Some(histogram) = from.histogram(0) {
                into.histograms.get_or_insert(self.steps).fill(Some(Arc::clone(histogram)));
            }
        }
        worker.give(once);
        Ok(())
    }
}

/// `absent(v)` and `absent_over_time(m)`: one series that is there where nothing else is.
pub(crate) fn absent(present: &[u64], labels: Labels, drop_name: bool, steps: usize) -> Ready {
    let mut columns = Batch::default();
    columns.reset(1, steps);
    let mut column = columns.column_mut(0);
    column.values.fill(1.0);
    column.set_all_present();
    for_each_set(present, |step| column.unset(step));
    Ready { series: vec![OutputSeries { labels, drop_name }], columns }
}
