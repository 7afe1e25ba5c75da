//! Goes over all vectors of a plan, with the steps at which each is evaluated.

use super::node::{Parameter, Plan, Range, Root, Scalar, Vector, VectorKind};
use super::times::Grid;

/// Takes a vector and the steps at which it is evaluated.
pub(crate) type Visit<'v, 'p> = dyn FnMut(&'p Vector, Grid) + 'v;

/// Visits all vectors of `plan`, each before those that it is made from, in the order in which they are opened.
pub(crate) fn for_each_vector<'p>(plan: &'p Plan, visit: &mut Visit<'_, 'p>) {
    match &plan.root {
        Root::String(_) => {}
        Root::Scalar(value) => scalar(value, plan.grid, visit),
        Root::Vector(value) => vector(value, plan.grid, visit),
        Root::Range(value) => range(value, visit),
    }
}

fn scalar<'p>(value: &'p Scalar, grid: Grid, visit: &mut Visit<'_, 'p>) {
    match value {
        Scalar::Constant(_) | Scalar::Time => {}
        Scalar::Negate(operand) => scalar(operand, grid, visit),
        Scalar::Binary(_, lhs, rhs, _) => [lhs, rhs].into_iter().for_each(|side| scalar(side, grid, visit)),
        Scalar::Function(_, args) => args.iter().for_each(|arg| scalar(arg, grid, visit)),
        Scalar::FromVector(inner) => vector(inner, grid, visit),
        Scalar::Invariant(inner) => scalar(inner, grid.first_only(), visit),
    }
}

fn range<'p>(value: &'p Range, visit: &mut Visit<'_, 'p>) {
    match value {
        Range::Select(_) => {}
        Range::Subquery(subquery) => vector(&subquery.inner, subquery.grid, visit),
    }
}

fn vector<'p>(value: &'p Vector, grid: Grid, visit: &mut Visit<'_, 'p>) {
    visit(value, grid);
    match &value.kind {
        VectorKind::Select(_) | VectorKind::SampleTime { .. } | VectorKind::Empty => {}
        VectorKind::FromScalar(value) => scalar(value, grid, visit),
        VectorKind::Window { source, args, .. } => {
            args.iter().for_each(|arg| scalar(arg, grid, visit));
            range(source, visit);
        }
        VectorKind::AbsentOverTime { source, .. } => range(source, visit),
        VectorKind::StepTime(child)
        | VectorKind::Absent { child, .. }
        | VectorKind::Map { child, .. }
        | VectorKind::FromHistogram { child, .. }
        | VectorKind::Negate(child)
        | VectorKind::LabelReplace { child, .. }
        | VectorKind::LabelJoin { child, .. }
        | VectorKind::Sort { child, .. }
        | VectorKind::SortByLabel { child, .. }
        | VectorKind::Info { child, .. } => vector(child, grid, visit),
        VectorKind::MapWith { child, args, .. } => {
            args.iter().for_each(|arg| scalar(arg, grid, visit));
            vector(child, grid, visit);
        }
        VectorKind::VectorScalar { vector: operand, scalar: value, .. } => {
            scalar(value, grid, visit);
            vector(operand, grid, visit);
        }
        VectorKind::Join { lhs, rhs, .. } | VectorKind::Set { lhs, rhs, .. } => {
            [lhs, rhs].into_iter().for_each(|side| vector(side, grid, visit));
        }
        VectorKind::Aggregate { parameter, child, .. } => {
            if let Some(Parameter::Scalar(value)) = parameter {
                scalar(value, grid, visit);
            }
            vector(child, grid, visit);
        }
        VectorKind::HistogramQuantile { quantile, child } => {
            scalar(quantile, grid, visit);
            vector(child, grid, visit);
        }
        VectorKind::HistogramQuantiles { child, quantiles, .. } => {
            quantiles.iter().for_each(|quantile| scalar(quantile, grid, visit));
            vector(child, grid, visit);
        }
        VectorKind::HistogramFraction { lower, upper, child } => {
            [lower, upper].into_iter().for_each(|bound| scalar(bound, grid, visit));
            vector(child, grid, visit);
        }
        VectorKind::Invariant(inner) => vector(inner, grid.first_only(), visit),
    }
}
