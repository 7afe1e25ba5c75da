//! Sinks pull the columns of an operator through here, batch after batch, in series order.

use std::ops::Range;

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{Operator, Worker};
use crate::model::Batch;

/// Produces all columns of `operator`, `steps` long, and hands them to `take` in series order, a batch at a time.
pub fn for_each_batch(
    operator: &dyn Operator,
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
    mut take: impl FnMut(Range<usize>, &Batch, &mut Worker) -> Result<(), ExecError>,
) -> Result<(), ExecError> {
    let count = operator.series().len();
    let width = QueryContext::columns_in_batch(steps);
    let mut batch = worker.take();
    let mut start = 0;
    while start < count {
        context.check()?;
        let range = start..(start + width).min(count);
        operator.columns(range.clone(), &mut batch, worker, context)?;
        start = range.end;
        take(range, &batch, worker)?;
    }
    worker.give(batch);
    Ok(())
}

/// All columns of `operator` in one batch, their floats charged to the budget.
pub fn collect(
    operator: &dyn Operator,
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Batch, ExecError> {
    let mut all = Batch::default();
    let count = operator.series().len();
    context.charge(count * steps)?;
    all.reset(count, steps);
    for_each_batch(operator, steps, worker, context, |range, batch, _| {
        for (i, column) in range.enumerate() {
            all.column_mut(column).copy_from(batch.column(i));
        }
        Ok(())
    })?;
    Ok(all)
}
