//! Opens a plan: every node becomes an operator, inside out.

use super::context::QueryContext;
use super::drive::for_each_batch;
use super::error::ExecError;
use super::histogram::Measure;
use super::join::JoinSpec;
use super::map::{self, Change, Empty, Ready, Repeat};
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::meter::metered;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::range_source::RangeSource;
use super::select::Selected;
use super::side_by_side::SideBySide;
use super::{
    aggregate, histogram, info, join, label_ops, scalar, select, set_op, side_by_side, sort, vector_scalar,
    window,
};
use crate::functions::SMOOTHED_SELECTOR;
use crate::functions::window::Edges;
use crate::plan::node::{Parameter, Range, Scalar, Vector, VectorKind};
use crate::plan::selections::Selection;
use crate::plan::{Grid, Plan};
use crate::store::SeriesStore;

/// What opening a plan needs.
pub(crate) struct Env<'s, 'e> {
    /// One consistent view of the data.
    pub(crate) store: &'s dyn SeriesStore,
    /// Does what has to be computed while opening.
    pub(crate) worker: &'e mut Worker,
    /// Limits of the query.
    pub(crate) context: &'e QueryContext,
    /// What the selectors of the plan ask for.
    pub(super) selections: &'e [Selection],
    /// The series of selections that several selectors share, by number.
    pub(super) selected: Vec<(usize, Selected<'s>)>,
    /// Aggregations that are opened together.
    pub(super) side_by_side: SideBySide<'s, 'e>,
}

impl<'s, 'e> Env<'s, 'e> {
    /// What opening the nodes of `plan` needs.
    pub(crate) fn new(
        plan: &'e Plan,
        store: &'s dyn SeriesStore,
        worker: &'e mut Worker,
        context: &'e QueryContext,
    ) -> Self {
        let side_by_side = SideBySide::find(plan, context);
        Env { store, worker, context, selections: &plan.selections, selected: Vec::new(), side_by_side }
    }
}

/// Opens an instant vector at the steps of `grid`.
pub(crate) fn open_vector<'s>(
    vector: &Vector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let context = env.context;
    context.check()?;
    match context.meter() {
        None => open_operator(vector, grid, env),
        Some(meter) => {
            let (operator, counters) =
                meter.measure(vector.id(), context, || open_operator(vector, grid, env))?;
            Ok(metered(operator, counters))
        }
    }
}

fn open_operator<'s>(
    vector: &Vector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let context = env.context;
    let span = vector.spans.call;
    // Names are gone from these; series that have come to be the same continue each other.
    let merged = |operator| {
        let policy = if context.delayed_name_removal { Duplicates::Keep } else { Duplicates::Join };
        merge_duplicates(operator, policy, grid, span)
    };
    let operator = match &vector.kind {
        VectorKind::Aggregate { .. } if env.side_by_side.has(vector.id()) => {
            side_by_side::open(vector.id(), env)?
        }
        VectorKind::Select(selector) if selector.edges == Edges::Smoothed => {
            let source = RangeSource::stored(selector, select::select(selector, grid, env)?);
            window::open(&SMOOTHED_SELECTOR, source, Vec::new(), grid, vector.spans.clone(), context)
        }
        VectorKind::Select(selector) => select::open(selector, grid, env)?,
        VectorKind::SampleTime { selector, start } => {
            merged(select::open_sample_time(selector, *start, grid, env)?)
        }
        VectorKind::StepTime(child) => change(child, Change::StepTime(grid), grid, env).map(merged)?,
        VectorKind::Empty => Box::new(Empty),
        VectorKind::FromScalar(value) => Box::new(Ready::scalar(&scalar::evaluate(value, grid, env)?)),
        VectorKind::Window { function: _, window, source, args } => {
            let args = args.iter().map(|arg| scalar::evaluate(arg, grid, env)).collect::<Result<_, _>>()?;
            let source = open_range(source, grid, env)?;
            window::open(window, source, args, grid, vector.spans.clone(), context)
        }
        VectorKind::Absent { child, labels } => {
            let operator = open_vector(child, grid, env)?;
            let present = any_present(&*operator, grid, env)?;
            Box::new(map::absent(&present, labels.clone(), false, grid.steps))
        }
        VectorKind::AbsentOverTime { source, labels } => {
            let source = open_range(source, grid, env)?;
            let presence = window::presence(source, grid, vector.spans.clone(), context);
            let present = any_present(&*presence, grid, env)?;
            Box::new(map::absent(&present, labels.clone(), true, grid.steps))
        }
        VectorKind::Map { apply, child } => change(child, Change::Floats(*apply), grid, env).map(merged)?,
        VectorKind::MapWith { apply, child, args } => {
            let args = args.iter().map(|arg| scalar::evaluate(arg, grid, env)).collect::<Result<_, _>>()?;
            change(child, Change::FloatsWith(*apply, args), grid, env).map(merged)?
        }
        VectorKind::FromHistogram { apply, child } => {
            change(child, Change::FromHistograms(*apply), grid, env).map(merged)?
        }
        VectorKind::Negate(child) => change(child, Change::Negate, grid, env).map(merged)?,
        VectorKind::VectorScalar { op, return_bool, vector: operand, scalar: value, scalar_left } => {
            let (operator, values) = if *scalar_left {
                let values = scalar::evaluate(value, grid, env)?;
                (open_vector(operand, grid, env)?, values)
            } else {
                let operator = open_vector(operand, grid, env)?;
                (operator, scalar::evaluate(value, grid, env)?)
            };
            let spans = vector.spans.clone();
            merged(vector_scalar::open(operator, *op, *return_bool, values, *scalar_left, spans, context))
        }
        VectorKind::Join { op, return_bool, matching, lhs, rhs } => {
            let spec = JoinSpec {
                op: *op,
                return_bool: *return_bool,
                matching: matching.clone(),
                grid,
                spans: vector.spans.clone(),
            };
            let left = open_vector(lhs, grid, env)?;
            let right = open_vector(rhs, grid, env)?;
            join::open(spec, left, right, env.worker, context)?
        }
        VectorKind::Set { op, matching, lhs, rhs } => {
            let spec = JoinSpec {
                op: *op,
                return_bool: false,
                matching: matching.clone(),
                grid,
                spans: vector.spans.clone(),
            };
            let left = open_vector(lhs, grid, env)?;
            let right = open_vector(rhs, grid, env)?;
            set_op::open(spec, left, right, env.worker, context)?
        }
        VectorKind::Aggregate { aggregation, without, labels, parameter, child } => {
            let parameter = match parameter {
                None => None,
                Some(Parameter::String(text)) => Some(aggregate::Parameter::String(text.to_vec())),
                Some(Parameter::Scalar(value)) => {
                    Some(aggregate::Parameter::Scalar(scalar::evaluate(value, grid, env)?))
                }
            };
            let spec = aggregate::AggregateSpec {
                aggregation,
                without: *without,
                grouping: labels.clone(),
                parameter,
                spans: vector.spans.clone(),
            };
            let operator = open_vector(child, grid, env)?;
            aggregate::open(spec, operator, grid, env.worker, context)?
        }
        VectorKind::LabelReplace { child, target, replacement, source, regex } => {
            let operator = open_vector(child, grid, env)?;
            label_ops::replace(operator, target, replacement, source, regex, grid, span)?
        }
        VectorKind::LabelJoin { child, target, separator, sources } => {
            let operator = open_vector(child, grid, env)?;
            label_ops::join(operator, target, separator, sources, grid, span)?
        }
        VectorKind::Sort { child, descending } => {
            let operator = open_vector(child, grid, env)?;
            sort::by_value(operator, *descending, grid, &vector.spans, env.worker, context)?
        }
        VectorKind::SortByLabel { child, descending, labels } => {
            let operator = open_vector(child, grid, env)?;
            sort::by_label(operator, *descending, labels, grid, &vector.spans, env.worker)
        }
        VectorKind::HistogramQuantile { quantile, child } => {
            let measure = Measure::Quantile(scalar::evaluate(quantile, grid, env)?);
            of_histograms(measure, child, vector, grid, env)?
        }
        VectorKind::HistogramQuantiles { child, label, quantiles } => {
            let quantiles =
                quantiles.iter().map(|q| scalar::evaluate(q, grid, env)).collect::<Result<_, _>>()?;
            of_histograms(Measure::Quantiles { label: label.clone(), quantiles }, child, vector, grid, env)?
        }
        VectorKind::HistogramFraction { lower, upper, child } => {
            let lower = scalar::evaluate(lower, grid, env)?;
            let upper = scalar::evaluate(upper, grid, env)?;
            of_histograms(Measure::Fraction { lower, upper }, child, vector, grid, env)?
        }
        VectorKind::Info { child, matchers, at } => {
            let operator = open_vector(child, grid, env)?;
            info::open(operator, matchers, *at, grid, span, env)?
        }
        VectorKind::Invariant(child) => {
            Box::new(Repeat::new(open_vector(child, grid.first_only(), env)?, grid.steps))
        }
    };
    // Those of a selector have been counted as they came in.
    if !matches!(vector.kind, VectorKind::Select(_) | VectorKind::SampleTime { .. }) {
        let bytes = |series: &OutputSeries| size_of::<OutputSeries>() + series.labels.size_bytes();
        context.charge_bytes(operator.series().iter().map(bytes).sum())?;
    }
    Ok(operator)
}

fn change<'s>(
    child: &Vector,
    change: Change,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let operator = open_vector(child, grid, env)?;
    Ok(map::map(operator, change, env.context))
}

fn of_histograms<'s>(
    measure: Measure,
    child: &Vector,
    vector: &Vector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let operator = open_vector(child, grid, env)?;
    histogram::open(measure, operator, grid, vector.spans.clone(), env.worker, env.context)
}

/// Opens a range vector.
pub(crate) fn open_range<'s>(
    range: &Range,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<RangeSource<'s>, ExecError> {
    let context = env.context;
    match context.meter() {
        None => open_source(range, grid, env),
        Some(meter) => {
            let (source, counters) = meter.measure(range.id(), context, || open_source(range, grid, env))?;
            Ok(source.metered(counters))
        }
    }
}

fn open_source<'s>(range: &Range, grid: Grid, env: &mut Env<'s, '_>) -> Result<RangeSource<'s>, ExecError> {
    match range {
        Range::Select(selector) => Ok(RangeSource::stored(selector, select::select(selector, grid, env)?)),
        Range::Subquery(subquery) => {
            let operator = open_vector(&subquery.inner, subquery.grid, env)?;
            Ok(RangeSource::subquery(subquery, operator, env.context))
        }
    }
}

/// At which steps any series has a sample.
fn any_present(operator: &dyn Operator, grid: Grid, env: &mut Env<'_, '_>) -> Result<Vec<u64>, ExecError> {
    let mut present = vec![0u64; grid.steps.div_ceil(64)];
    for_each_batch(operator, grid.steps, env.worker, env.context, |_, batch, _| {
        for i in 0..batch.columns() {
            let column = batch.column(i);
            for (word, bits) in present.iter_mut().zip(column.present) {
                *word |= bits;
            }
            for (step, _) in
                column.histograms.unwrap_or_default().iter().enumerate().filter(|(_, h)| h.is_some())
            {
                present[step / 64] |= 1 << (step % 64);
            }
        }
        Ok(())
    })?;
    Ok(present)
}

/// The value of a scalar at each step.
pub(crate) fn open_scalar(value: &Scalar, grid: Grid, env: &mut Env<'_, '_>) -> Result<Vec<f64>, ExecError> {
    scalar::evaluate(value, grid, env)
}
