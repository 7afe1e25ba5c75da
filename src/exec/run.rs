//! Runs a plan to its end and makes a value of its columns.

use super::context::QueryContext;
use super::drive::for_each_batch;
use super::error::ExecError;
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::open::{Env, open_range, open_scalar, open_vector};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::recent::SeriesReader;
use crate::diagnostic::Span;
use crate::functions::window::Edges;
use crate::functions::{FunctionError, extended_samples};
use crate::model::label_order::sort_by_labels;
use crate::model::value::{FloatPoints, InstantSample, MatrixSeries, SampleValue};
use crate::model::{Batch, Column, Labels, Value};
use crate::plan::node::{Range, Root};
use crate::plan::{Grid, Plan};
use crate::store::SeriesStore;

/// Runs `plan` over one consistent view of a store.
pub(crate) fn run(
    plan: &Plan,
    instant: bool,
    store: &dyn SeriesStore,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Value, ExecError> {
    let grid = plan.grid;
    let mut env = Env::new(plan, store, worker, context);
    match &plan.root {
        Root::String(text) => {
            Ok(Value::String { timestamp: grid.start, value: String::from_utf8_lossy(text).into_owned() })
        }
        Root::Scalar(scalar) => {
            let values = open_scalar(scalar, grid, &mut env)?;
            if instant {
                let value = values.first().copied().unwrap_or(f64::NAN);
                return Ok(Value::Scalar { timestamp: grid.start, value });
            }
            context.charge(values.len())?;
            let mut batch = Batch::default();
            batch.reset(1, grid.steps);
            let mut column = batch.column_mut(0);
            column.values.copy_from_slice(&values);
            column.set_all_present();
            Ok(Value::from(vec![matrix_series(Labels::empty(), batch.column(0), grid)]))
        }
        Root::Vector(vector) => {
            let operator = open_vector(vector, grid, &mut env)?;
            let operator = without_dropped_names(operator, grid, vector.spans.call, context);
            if instant {
                instant_vector(&*operator, grid, env.worker, context).map(Value::from)
            } else {
                matrix(&*operator, grid, env.worker, context).map(Value::from)
            }
        }
        Root::Range(range) => match range {
            Range::Select(_) => range_vector(range, grid, &mut env).map(Value::from),
            Range::Subquery(subquery) => {
                let operator = open_vector(&subquery.inner, subquery.grid, &mut env)?;
                let operator = without_dropped_names(operator, subquery.grid, subquery.span, context);
                matrix(&*operator, subquery.grid, env.worker, context).map(Value::from)
            }
        },
    }
}

/// Drops the names that were to be dropped at the end, and brings together what is the same then.
fn without_dropped_names<'s>(
    operator: BoxedOperator<'s>,
    grid: Grid,
    span: Span,
    context: &QueryContext,
) -> BoxedOperator<'s> {
    if !context.delayed_name_removal {
        return operator;
    }
    let series = operator.series().iter().map(|series| match series.drop_name {
        true => OutputSeries::new(series.labels.without_metadata()),
        false => series.clone(),
    });
    let series = series.collect();
    merge_duplicates(super::label_ops::relabelled(operator, series), Duplicates::Join, grid, span)
}

fn instant_vector(
    operator: &dyn Operator,
    grid: Grid,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Vec<InstantSample>, ExecError> {
    let mut samples = Vec::new();
    for_each_batch(operator, grid.steps, worker, context, |range, batch, _| {
        let before = samples.len();
        for (column, i) in range.enumerate() {
            let column = batch.column(column);
            let value = match column.histogram(0) {
                Some(histogram) => SampleValue::Histogram(histogram.clone()),
                None if column.has(0) => SampleValue::Float(column.values[0]),
                None => continue,
            };
            let labels = operator.series()[i].labels.clone();
            samples.push(InstantSample { labels, timestamp: grid.start, value });
        }
        context.charge(samples.len() - before)
    })?;
    Ok(samples)
}

fn matrix(
    operator: &dyn Operator,
    grid: Grid,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Vec<MatrixSeries>, ExecError> {
    let series = operator.series();
    let mut all: Vec<MatrixSeries> = Vec::with_capacity(series.len());
    for_each_batch(operator, grid.steps, worker, context, |range, batch, _| {
        let before = all.len();
        for (column, i) in range.enumerate() {
            let column = batch.column(column);
            if !column.is_empty() {
                all.push(matrix_series(series[i].labels.clone(), column, grid));
            }
        }
        context.charge(all[before..].iter().map(points).sum())
    })?;
    sort_by_labels(&mut all, |one| &one.labels);
    Ok(all)
}

/// How many samples a series counts for: a histogram weighs as much as its size says (`promql/value.go`).
fn points(series: &MatrixSeries) -> usize {
    series.floats.len() + series.histograms.iter().map(|(_, h)| h.size().div_ceil(16)).sum::<usize>()
}

fn matrix_series(labels: Labels, column: Column<'_>, grid: Grid) -> MatrixSeries {
    let floats = FloatPoints::of_column(column, grid.start, grid.step);
    let histograms = column.histograms.unwrap_or_default().iter().enumerate();
    let histograms = histograms.filter_map(|(step, h)| Some((grid.at(step), h.clone()?))).collect();
    MatrixSeries { labels, floats, histograms }
}

/// The samples of `m[5m]` as they were read.
fn range_vector(range: &Range, grid: Grid, env: &mut Env<'_, '_>) -> Result<Vec<MatrixSeries>, ExecError> {
    let context = env.context;
    let source = open_range(range, grid, env)?;
    let (ends, width) = (source.ends(), source.width());
    let mut reader = SeriesReader::default();
    let mut all = Vec::new();
    for i in 0..source.count() {
        let mut samples = source.read(i, &mut reader, env.worker, context)?;
        let lookback = context.lookback;
        let (before, after) = match source.edges() {
            Edges::Plain => (width, 0),
            Edges::Anchored => (width.saturating_add(lookback), 0),
            Edges::Smoothed => (width.saturating_add(lookback), lookback),
        };
        let found = samples.find_windows(ends, 1, before, after);
        let (floats, histograms, windows) = samples.windows(found, ends, width, ends);
        let (float_window, histogram_window) = (windows.floats(0), windows.histograms(0));
        let (timestamps, values) = (&floats.timestamps[float_window.clone()], &floats.values[float_window]);
        let (timestamps, values) = match source.edges() {
            Edges::Plain => (timestamps.to_vec(), values.to_vec()),
            edges => {
                let modifier = if edges == Edges::Anchored { "anchored" } else { "smoothed" };
                if !histogram_window.is_empty() {
                    return Err(ExecError::Function(
                        FunctionError::ExtendedHistogram { modifier },
                        range.span(),
                    ));
                }
                extended_samples(timestamps, values, ends.at(0), width, edges)
            }
        };
        let histograms: Vec<_> =
            histogram_window.map(|i| (histograms.timestamps[i], histograms.values[i].clone())).collect();
        if !values.is_empty() || !histograms.is_empty() {
            let floats = FloatPoints::as_read(timestamps, values);
            let series = MatrixSeries { labels: source.labels(i).clone(), floats, histograms };
            context.charge(points(&series))?;
            all.push(series);
        }
    }
    sort_by_labels(&mut all, |one| &one.labels);
    Ok(all)
}
