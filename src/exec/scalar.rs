//! Scalars: one column each, worked out at once.

use super::arithmetic::scalar_op;
use super::context::QueryContext;
use super::drive::for_each_batch;
use super::error::ExecError;
use super::open::{Env, open_vector};
use super::operator::{Operator, Worker};
use crate::functions::Body;
use crate::model::column::for_each_set;
use crate::plan::Grid;
use crate::plan::node::Scalar;

/// The value of `scalar` at each step.
pub(crate) fn evaluate(scalar: &Scalar, grid: Grid, env: &mut Env<'_, '_>) -> Result<Vec<f64>, ExecError> {
    Ok(match scalar {
        Scalar::Constant(value) => vec![*value; grid.steps],
        Scalar::Time => (0..grid.steps).map(|step| grid.at(step) as f64 / 1000.0).collect(),
        Scalar::Negate(operand) => {
            let mut values = evaluate(operand, grid, env)?;
            values.iter_mut().for_each(|v| *v = -*v);
            values
        }
        Scalar::Binary(op, lhs, rhs, _) => {
            let mut values = evaluate(lhs, grid, env)?;
            let right = evaluate(rhs, grid, env)?;
            for (left, right) in values.iter_mut().zip(right) {
                *left = scalar_op(*op, *left, right);
            }
            values
        }
        Scalar::Function(function, args) => {
            let args = args.iter().map(|arg| evaluate(arg, grid, env)).collect::<Result<Vec<_>, _>>()?;
            let args: Vec<&[f64]> = args.iter().map(Vec::as_slice).collect();
            let mut out = vec![f64::NAN; grid.steps];
            if let Body::Scalar(body) = function.body {
                body(&args, &mut out);
            }
            out
        }
        Scalar::FromVector(vector) => {
            let operator = open_vector(vector, grid, env)?;
            only_sample(&*operator, grid.steps, env.worker, env.context)?
        }
        Scalar::Invariant(inner) => {
            let once = evaluate(inner, grid.first_only(), env)?;
            vec![once.first().copied().unwrap_or(f64::NAN); grid.steps]
        }
    })
}

/// At each step the one float there is; NaN where there is none, or more than one.
fn only_sample(
    operator: &dyn Operator,
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Vec<f64>, ExecError> {
    let mut values = vec![f64::NAN; steps];
    let mut count = vec![0u32; steps];
    for_each_batch(operator, steps, worker, context, |_, batch, _| {
        for i in 0..batch.columns() {
            let column = batch.column(i);
            for_each_set(column.present, |step| {
                count[step] = count[step].saturating_add(1);
                values[step] = if count[step] == 1 { column.values[step] } else { f64::NAN };
            });
        }
        Ok(())
    })?;
    Ok(values)
}
