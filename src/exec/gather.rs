//! Fetches columns of an operator in whatever order they are wanted: neighbours together.

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{Operator, Worker};
use crate::model::Batch;

/// Fills `out` with the columns of `operator` that `wanted` names, in that order.
pub(crate) fn gather(
    operator: &dyn Operator,
    wanted: &[u32],
    steps: usize,
    out: &mut Batch,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<(), ExecError> {
    let run = run_length(wanted);
    if run == wanted.len() && run > 0 {
        let first = wanted[0] as usize;
        return operator.columns(first..first + run, out, worker, context);
    }
    out.reset(wanted.len(), steps);
    let mut piece = worker.take();
    let mut done = 0;
    while done < wanted.len() {
        let run = run_length(&wanted[done..]);
        let first = wanted[done] as usize;
        operator.columns(first..first + run, &mut piece, worker, context)?;
        for i in 0..run {
            out.column_mut(done + i).copy_from(piece.column(i));
        }
        done += run;
    }
    worker.give(piece);
    Ok(())
}

/// Computes the columns that nobody needs, if the operator might have something to say about them.
pub(crate) fn hear_out(
    operator: &dyn Operator,
    unneeded: impl Iterator<Item = usize>,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<(), ExecError> {
    if !operator.can_object() {
        return Ok(());
    }
    let mut batch = worker.take();
    for i in unneeded {
        context.check()?;
        operator.columns(i..i + 1, &mut batch, worker, context)?;
    }
    worker.give(batch);
    Ok(())
}

/// How many of the first indices follow each other.
fn run_length(wanted: &[u32]) -> usize {
    let follows = |w: &[u32]| w[1] == w[0] + 1;
    if wanted.is_empty() { 0 } else { 1 + wanted.windows(2).take_while(|w| follows(w)).count() }
}
