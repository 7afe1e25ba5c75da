//! An operator between a vector and a scalar: `m * 2`, `100 > m`.
//!
//! A comparison that filters keeps the vector's value, whichever side it stands on.

use std::ops::Range;
use std::sync::Arc;

use super::arithmetic::{self, Operand, Outcome, Sample};
use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::model::annotation::CallSpans;
use crate::model::{Batch, ColumnMut, Histogram};
use crate::syntax::ast::BinaryOp;

struct VectorScalar<'s> {
    child: BoxedOperator<'s>,
    series: Vec<OutputSeries>,
    op: BinaryOp,
    return_bool: bool,
    scalar: Vec<f64>,
    scalar_left: bool,
    spans: CallSpans,
}

/// `child op scalar`, or with `scalar_left` the other way round.
pub(crate) fn open<'s>(
    child: BoxedOperator<'s>,
    op: BinaryOp,
    return_bool: bool,
    scalar: Vec<f64>,
    scalar_left: bool,
    spans: CallSpans,
    context: &QueryContext,
) -> BoxedOperator<'s> {
    let drops_name = return_bool || !(op.is_comparison() || op.is_trim());
    let series = child.series().iter().map(|s| s.clone().drop_name_if(drops_name, context)).collect();
    Box::new(VectorScalar { child, series, op, return_bool, scalar, scalar_left, spans })
}

impl Operator for VectorScalar<'_> {
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
        self.child.columns(range.clone(), out, worker, context)?;
        for (column, series) in range.enumerate() {
            let mut column = out.column_mut(column);
            if column.histograms.get().is_some() || self.op.is_trim() {
                self.mixed(&mut column, series, worker);
                continue;
            }
            let operand = match self.scalar_left {
                true => Operand::ColumnOnLeft(&self.scalar),
                false => Operand::Column(&self.scalar),
            };
            arithmetic::apply(self.op, self.return_bool, column.values, column.present, operand);
        }
        Ok(())
    }
}

impl VectorScalar<'_> {
    fn mixed(&self, column: &mut ColumnMut<'_>, series: usize, worker: &mut Worker) {
        for step in 0..column.steps() {
            let histogram = column.as_column().histogram(step).map(Arc::clone);
            let vector = match (&histogram, column.as_column().get(step)) {
                (Some(h), _) => Sample::Histogram(h),
                (None, Some(value)) => Sample::Float(value),
                (None, None) => continue,
            };
            let scalar = Sample::Float(self.scalar[step]);
            let (lhs, rhs) = if self.scalar_left { (scalar, vector) } else { (vector, scalar) };
            let outcome = match (lhs, rhs) {
                (Sample::Float(a), Sample::Float(b)) if !self.op.is_trim() => Ok(self.floats(a, b)),
                _ => arithmetic::mixed(self.op, lhs, rhs).map(|(outcome, keep, _)| (outcome, keep)),
            };
            column.unset(step);
            if let Some(slot) = column.histograms.get_mut() {
                slot[step] = None;
            }
            match outcome {
                Err(annotation) => worker.say_last(&self.spans, step, series, annotation),
                Ok((_, keep)) if self.return_bool => column.set(step, f64::from(u8::from(keep))),
                Ok((_, false)) => {}
                Ok((_, true)) if self.op.is_comparison() && self.scalar_left => {
                    self.put(column, step, vector)
                }
                Ok((Outcome::Float(value), true)) => column.set(step, value),
                Ok((Outcome::Histogram(h), true)) => column.set_histogram(step, h),
            }
        }
    }

    fn floats(&self, lhs: f64, rhs: f64) -> (Outcome, bool) {
        let value = arithmetic::scalar_op(self.op, lhs, rhs);
        if self.op.is_comparison() {
            (Outcome::Float(lhs), value == 1.0)
        } else {
            (Outcome::Float(value), true)
        }
    }

    fn put(&self, column: &mut ColumnMut<'_>, step: usize, sample: Sample<'_>) {
        match sample {
            Sample::Float(value) => column.set(step, value),
            Sample::Histogram(h) => column.set_histogram(step, Arc::<Histogram>::clone(h)),
        }
    }
}
