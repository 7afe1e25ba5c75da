//! Brings series together that have come to have the same labels.
//!
//! Dropping a name or replacing a label can make two series one. Where their samples never fall on one step that is
//! fine, and they continue each other; where they do, there is no answer.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::diagnostic::Span;
use crate::model::{Batch, Column, ColumnMut, Labels};
use crate::plan::Grid;

/// What is to be done about series with the same labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// Leave them for later: names are dropped at the end.
    Keep,
    /// Join them; two samples on one step are an error.
    Join,
    /// Two series with samples, on whatever steps, are an error.
    Refuse,
}

struct Merge<'s> {
    child: BoxedOperator<'s>,
    series: Vec<OutputSeries>,
    /// For each output series, the input series that make it.
    members: Vec<Vec<usize>>,
    policy: Duplicates,
    grid: Grid,
    span: Span,
}

/// `child`, with each label set once.
pub(crate) fn merge_duplicates<'s>(
    child: BoxedOperator<'s>,
    policy: Duplicates,
    grid: Grid,
    span: Span,
) -> BoxedOperator<'s> {
    if policy == Duplicates::Keep || child.series().windows(2).all(|w| w[0].labels < w[1].labels) {
        return child;
    }
    let mut places: FxHashMap<&Labels, usize> = FxHashMap::default();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (i, series) in child.series().iter().enumerate() {
        let place = *places.entry(&series.labels).or_insert_with(|| {
            members.push(Vec::new());
            members.len() - 1
        });
        members[place].push(i);
    }
    if members.len() == child.series().len() {
        return child;
    }
    let series = members.iter().map(|m| child.series()[m[0]].clone()).collect();
    Box::new(Merge { child, series, members, policy, grid, span })
}

impl Operator for Merge<'_> {
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
        out.reset(range.len(), self.grid.steps);
        let mut batch = worker.take();
        for (column, i) in range.enumerate() {
            for &member in &self.members[i] {
                self.child.columns(member..member + 1, &mut batch, worker, context)?;
                self.join(batch.column(0), &mut out.column_mut(column))?;
            }
        }
        worker.give(batch);
        Ok(())
    }
}

impl Merge<'_> {
    fn join(&self, from: Column<'_>, into: &mut ColumnMut<'_>) -> Result<(), ExecError> {
        if from.is_empty() {
            return Ok(());
        }
        if self.policy == Duplicates::Refuse && !into.as_column().is_empty() {
            return Err(ExecError::DuplicateLabels(self.span));
        }
        for step in 0..self.grid.steps {
            let taken = into.has(step) || into.as_column().histogram(step).is_some();
            if let Some(value) = from.get(step) {
                if taken {
                    return Err(ExecError::DuplicateLabels(self.span));
                }
                into.set(step, value);
            } else if let Some(histogram) = from.histogram(step) {
                if taken {
                    return Err(ExecError::DuplicateLabels(self.span));
                }
                into.set_histogram(step, histogram.clone());
            }
        }
        Ok(())
    }
}
