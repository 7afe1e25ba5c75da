//! The oracle: evaluates an expression as slowly and as plainly as possible.
//!
//! It follows the rules of Prometheus' `promql/engine.go` and knows nothing of plans, columns or windows that slide.

use std::cell::Cell;

use promqlite::Labels;
use promqlite::syntax::ast::{
    AtModifier, BinaryOp, DurationExpr, Expr, MatrixSelector, SubqueryExpr, VectorSelector,
};

use crate::data::Data;
use crate::table::{Grid, Series, Stop, Value, merge, without_empty};
use crate::windows::{self, Window};
use crate::{aggregate, binary, calls};

/// A query over data.
pub(crate) struct Oracle<'d> {
    pub(crate) data: &'d Data,
    /// The steps of the whole query.
    pub(crate) query: Grid,
    /// Whether it is an instant query.
    pub(crate) instant: bool,
    /// Whether names are dropped at the end of the query only.
    pub(crate) delayed: bool,
    /// Whether a `limitk` took some series and left others, where any choice would do.
    pub(crate) chose: Cell<bool>,
    /// Whether series became one that had different names, or were filled up for: their place among the others is open.
    pub(crate) merged: Cell<bool>,
    /// Whether the expression at hand is the parameter of an aggregation, which Prometheus does not prepare for `@`.
    pub(crate) in_parameter: Cell<bool>,
    /// By how many ms the times of `@` are missed: by the offsets of subqueries that begin where what is around them does.
    pub(crate) drift: Cell<i64>,
}

const LOOKBACK: i64 = 300_000;
const DEFAULT_SUBQUERY_STEP: i64 = 60_000;

impl<'d> Oracle<'d> {
    pub(crate) fn new(data: &'d Data, query: Grid, instant: bool, delayed: bool) -> Self {
        let (chose, merged, in_parameter) = Default::default();
        Oracle { data, query, instant, delayed, chose, merged, in_parameter, drift: Cell::new(0) }
    }

    /// The answer to the whole query.
    pub(crate) fn answer(&self, expr: &Expr) -> Result<Value, Stop> {
        let value = self.eval(expr, self.query)?;
        let Value::Vector(mut series) = value else { return Ok(value) };
        if self.delayed {
            for series in series.iter_mut().filter(|series| series.drop_name) {
                series.labels = series.labels.without_metadata();
            }
            series = merge(series)?;
        }
        Ok(Value::Vector(without_empty(series)))
    }

    /// The value of an expression at all steps of a grid. What is the same at every step is evaluated at the first.
    pub(crate) fn eval(&self, expr: &Expr, grid: Grid) -> Result<Value, Stop> {
        if grid.end < grid.start {
            return Ok(Value::Vector(Vec::new()));
        }
        let literal = matches!(expr.unwrap_parens(), Expr::Number(_) | Expr::String(_));
        if grid.is_single() || literal || self.in_parameter.get() || !self.is_invariant(expr) {
            return self.eval_steps(expr, grid);
        }
        let steps = grid.times().len();
        Ok(match self.eval_steps(expr, grid.first())? {
            Value::Scalar(values) => Value::Scalar(vec![values[0]; steps]),
            Value::Text(text) => Value::Text(text),
            Value::Vector(series) => {
                let repeated = |series: Series| Series { values: vec![series.values[0]; steps], ..series };
                Value::Vector(series.into_iter().map(repeated).collect())
            }
        })
    }

    fn eval_steps(&self, expr: &Expr, grid: Grid) -> Result<Value, Stop> {
        Ok(match expr {
            Expr::Number(e) => Value::Scalar(vec![e.value; grid.times().len()]),
            Expr::String(e) => Value::Text(String::from_utf8_lossy(&e.value).into_owned()),
            Expr::Paren(e) => self.eval_steps(&e.inner, grid)?,
            Expr::Unary(e) => match self.eval(&e.operand, grid)? {
                value if !e.negative => value,
                Value::Scalar(values) => Value::Scalar(values.into_iter().map(|value| -value).collect()),
                Value::Vector(series) => Value::Vector(self.negated(series)?),
                Value::Text(_) => unreachable!("a string has no sign"),
            },
            Expr::Binary(e) => binary::eval(self, e, grid)?,
            Expr::Aggregate(e) => Value::Vector(aggregate::eval(self, e, grid)?),
            Expr::Call(e) => calls::eval(self, e, grid)?,
            Expr::Vector(e) => Value::Vector(self.select(e, grid)),
            Expr::Matrix(_) | Expr::Subquery(_) => unreachable!("no range vectors outside of calls"),
            other => unreachable!("no queries such as {other}"),
        })
    }

    pub(crate) fn vector(&self, expr: &Expr, grid: Grid) -> Result<Vec<Series>, Stop> {
        match self.eval(expr, grid)? {
            Value::Vector(series) => Ok(series),
            other => unreachable!("{other:?} is no vector"),
        }
    }

    pub(crate) fn scalar(&self, expr: &Expr, grid: Grid) -> Result<Vec<f64>, Stop> {
        match self.eval(expr, grid)? {
            Value::Scalar(values) => Ok(values),
            other => unreachable!("{other:?} is no scalar"),
        }
    }

    fn negated(&self, mut series: Vec<Series>) -> Result<Vec<Series>, Stop> {
        for series in &mut series {
            if !self.delayed {
                series.labels = series.labels.without_metadata();
            }
            series.drop_name = true;
            series.values.iter_mut().flatten().for_each(|value| *value = -*value);
        }
        if self.delayed { Ok(series) } else { merge(series) }
    }

    /// Labels as they are after an operation that drops the name, and whether it is still to be dropped.
    pub(crate) fn nameless(&self, labels: &Labels) -> Labels {
        if self.delayed { labels.clone() } else { labels.without_metadata() }
    }

    /// The parameter of an aggregation.
    pub(crate) fn parameter(&self, expr: &Expr, grid: Grid) -> Result<Value, Stop> {
        let around = self.in_parameter.replace(true);
        let value = self.eval(expr, grid);
        self.in_parameter.set(around);
        value
    }

    fn pinned(&self, at: Option<AtModifier>) -> Option<i64> {
        match at? {
            AtModifier::Timestamp(time) => Some(time),
            _ if self.in_parameter.get() => None,
            AtModifier::Start => Some(self.query.start),
            AtModifier::End => Some(self.query.end),
            other => unreachable!("no queries with @ {other:?}"),
        }
    }

    /// The time that is looked at, `offset` not counted.
    fn looked_at(&self, pinned: Option<i64>, time: i64, grid: Grid) -> i64 {
        match pinned {
            None => time,
            Some(at) if self.in_parameter.get() => at + self.drift.get() + (time - grid.start),
            Some(at) => at + self.drift.get(),
        }
    }

    fn matching(&self, selector: &VectorSelector) -> Vec<&(Labels, Vec<(i64, f64)>)> {
        let matches = |labels: &Labels| selector.matchers.iter().all(|m| m.matches(labels.value(&m.name)));
        self.data.iter().filter(|(labels, _)| matches(labels)).collect()
    }

    /// The newest sample of each series that is younger than the lookback, unless it is a stale marker.
    fn select(&self, selector: &VectorSelector, grid: Grid) -> Vec<Series> {
        let (pinned, offset) = (self.pinned(selector.at), self.offset(&selector.offset));
        let look_at = |time| self.looked_at(pinned, time, grid) - offset;
        self.newest(selector, grid, look_at, |_, value| value)
    }

    /// The times of the samples that a selector finds, in s. With both `@` and `offset` Prometheus reads one stretch of
    /// time from the store and looks at another.
    pub(crate) fn timestamps(&self, selector: &VectorSelector, grid: Grid) -> Vec<Series> {
        let (pinned, offset) = (self.pinned(selector.at), self.offset(&selector.offset));
        let look_at = |time| pinned.unwrap_or(time - offset);
        self.newest(selector, grid, look_at, |time, _| time as f64 / 1000.0)
    }

    fn offset(&self, offset: &Option<DurationExpr>) -> i64 {
        offset.as_ref().map_or(0, |offset| self.duration(offset))
    }

    /// Of a selector with `@` no samples are read that are later than that, or older than `width` by then.
    fn is_read(&self, selector: &VectorSelector, width: i64) -> impl Fn(i64) -> bool {
        let last = self.pinned(selector.at).map(|at| at - self.offset(&selector.offset));
        move |time| last.is_none_or(|last| last - width < time && time <= last)
    }

    fn newest(
        &self,
        selector: &VectorSelector,
        grid: Grid,
        look_at: impl Fn(i64) -> i64,
        tell: impl Fn(i64, f64) -> f64,
    ) -> Vec<Series> {
        let is_read = self.is_read(selector, LOOKBACK);
        let series = self.matching(selector).into_iter().map(|(labels, samples)| {
            let at_step = |time: i64| {
                let time = look_at(time);
                let (found, value) = *samples.iter().rfind(|(t, _)| *t <= time && is_read(*t))?;
                let fresh = found > time - LOOKBACK && !promqlite::model::is_stale(value);
                fresh.then(|| tell(found, value))
            };
            let values = grid.times().into_iter().map(at_step).collect();
            Series { labels: labels.clone(), values, drop_name: false }
        });
        without_empty(series.collect())
    }

    /// Calls `tell` with the windows of each series: labels, whether the name is to be dropped, and for each step the
    /// window, if it has samples.
    pub(crate) fn windows(
        &self,
        expr: &Expr,
        grid: Grid,
        mut tell: impl FnMut(&Labels, bool, &mut dyn Iterator<Item = (usize, Window<'_>)>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let (samples, range, ends) = match expr.unwrap_parens() {
            Expr::Matrix(e) => self.range(e, grid),
            Expr::Subquery(e) => self.subquery(e, grid)?,
            other => unreachable!("{other:?} is no range vector"),
        };
        for (labels, drop_name, samples) in &samples {
            let mut windows = ends.iter().enumerate().filter_map(|(step, &End { time, sampled, end })| {
                let first = samples.partition_point(|(t, _)| *t <= sampled - range);
                let behind = samples.partition_point(|(t, _)| *t <= sampled);
                let window = Window { samples: &samples[first..behind], start: end - range, end, time };
                (first < behind).then_some((step, window))
            });
            tell(labels, *drop_name, &mut windows)?;
        }
        Ok(())
    }

    fn range(&self, matrix: &MatrixSelector, grid: Grid) -> Ranged {
        let (selector, range) = (&matrix.selector, self.duration(&matrix.range));
        let is_read = self.is_read(selector, range);
        let samples = self.matching(selector).into_iter().map(|(labels, samples)| {
            let fresh = |&(time, value): &(i64, f64)| is_read(time) && !promqlite::model::is_stale(value);
            (labels.clone(), false, samples.iter().copied().filter(fresh).collect())
        });
        let (pinned, offset) = (self.pinned(selector.at), self.offset(&selector.offset));
        (samples.collect(), range, self.ends(pinned, offset, grid))
    }

    /// Where the windows of all steps end. With `@` they have the samples of the first one.
    fn ends(&self, pinned: Option<i64>, offset: i64, grid: Grid) -> Vec<End> {
        let end = |time| self.looked_at(pinned, time, grid) - offset;
        let sampled = |time| if pinned.is_some() { end(grid.start) } else { end(time) };
        grid.times().into_iter().map(|time| End { time, sampled: sampled(time), end: end(time) }).collect()
    }

    /// The inner expression at the multiples of its step, from right behind the start of the first window to the end
    /// of the last.
    fn subquery(&self, subquery: &SubqueryExpr, grid: Grid) -> Result<Ranged, Stop> {
        let range = self.duration(&subquery.range);
        let step = subquery.step.as_ref().map_or(DEFAULT_SUBQUERY_STEP, |step| self.duration(step));
        let (pinned, offset) = (self.pinned(subquery.at), self.offset(&subquery.offset));
        let times = grid.times();
        // With `@` all windows are that of the first step, and yet the inner expression runs on from there.
        let first_end = self.looked_at(pinned, grid.start, grid) - offset;
        let last_end = first_end + (times[times.len() - 1] - grid.start);
        let behind = first_end - range;
        let inner = Grid { start: (behind.div_euclid(step) + 1) * step, end: last_end, step };
        let around = self.drift.get();
        self.drift.set(match pinned {
            _ if inner.start != grid.start => 0,
            Some(at) => offset + grid.start - at,
            None => around + offset,
        });
        let series = self.vector(&subquery.inner, inner);
        // Prometheus works out the windows of a subquery with `@` anew.
        self.drift.set(if pinned.is_some() { 0 } else { around });
        let ends = self.ends(pinned, offset, grid);
        self.drift.set(around);
        let inner_times = inner.times();
        let samples = series?.into_iter().map(|series| {
            let samples =
                inner_times.iter().zip(&series.values).filter_map(|(&t, value)| Some((t, (*value)?)));
            (series.labels, series.drop_name, samples.collect())
        });
        Ok((samples.collect(), range, ends))
    }

    /// A duration in ms, cut to whole ones.
    pub(crate) fn duration(&self, duration: &DurationExpr) -> i64 {
        match duration {
            DurationExpr::Literal(number) => ((number.value * 1e9).round() as i64) / 1_000_000,
            other => (self.duration_seconds(other) * 1000.0) as i64,
        }
    }

    fn duration_seconds(&self, duration: &DurationExpr) -> f64 {
        match duration {
            DurationExpr::Literal(number) => number.value,
            DurationExpr::Step(_) if self.instant => 0.0,
            DurationExpr::Step(_) => self.query.step as f64 / 1000.0,
            DurationExpr::Range(_) => (self.query.end - self.query.start) as f64 / 1000.0,
            DurationExpr::Unary { negative, operand, .. } => {
                let value = self.duration_seconds(operand);
                if *negative { -value } else { value }
            }
            DurationExpr::Binary { op, lhs, rhs, .. } => {
                let (lhs, rhs) = (self.duration_seconds(lhs), self.duration_seconds(rhs));
                match op {
                    BinaryOp::Add => lhs + rhs,
                    BinaryOp::Sub => lhs - rhs,
                    BinaryOp::Mul => lhs * rhs,
                    BinaryOp::Div => lhs / rhs,
                    other => unreachable!("no queries with {other} in durations"),
                }
            }
            DurationExpr::Paren { inner, .. } => self.duration_seconds(inner),
            DurationExpr::Pick { max, lhs, rhs, .. } => {
                let (lhs, rhs) = (self.duration_seconds(lhs), self.duration_seconds(rhs));
                if *max { lhs.max(rhs) } else { lhs.min(rhs) }
            }
            other => unreachable!("no queries with the duration {other:?}"),
        }
    }

    /// Whether all selectors are pinned, and no function looks at the time.
    pub(crate) fn is_invariant(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Number(_) | Expr::String(_) => true,
            Expr::Paren(e) => self.is_invariant(&e.inner),
            Expr::Unary(e) => self.is_invariant(&e.operand),
            Expr::Binary(e) => self.is_invariant(&e.lhs) && self.is_invariant(&e.rhs),
            // Of an aggregation only the vector counts.
            Expr::Aggregate(e) => e.args.last().is_some_and(|vector| self.is_invariant(vector)),
            Expr::Call(e) => {
                let pinned_selector = |arg: &Expr| match arg.unwrap_parens() {
                    Expr::Vector(e) => e.at.is_some(),
                    _ => false,
                };
                if ["start", "end", "step", "range"].contains(&e.name.as_str()) {
                    return true;
                }
                if e.name == "timestamp" {
                    return e.args.iter().all(pinned_selector);
                }
                !calls::LOOKS_AT_TIME.contains(&e.name.as_str())
                    && e.args.iter().all(|arg| self.is_invariant(arg))
            }
            Expr::Vector(e) => e.at.is_some(),
            Expr::Matrix(e) => e.selector.at.is_some(),
            Expr::Subquery(e) => e.at.is_some(),
            other => unreachable!("no queries such as {other}"),
        }
    }

    /// A function of windows at all steps of a grid.
    pub(crate) fn over_windows(
        &self,
        name: &str,
        args: &[Vec<f64>],
        windows: &Expr,
        grid: Grid,
    ) -> Result<Vec<Series>, Stop> {
        let steps = grid.times().len();
        let keeps_name = matches!(name, "last_over_time" | "first_over_time");
        let mut series = Vec::new();
        self.windows(windows, grid, |labels, drop_name, windows| {
            let mut values = vec![None; steps];
            for (step, window) in windows {
                let args: Vec<f64> = args.iter().map(|arg| arg[step]).collect();
                values[step] = windows::call(name, &args, &window)?;
            }
            let drop_name = drop_name || !keeps_name;
            let labels = if drop_name { self.nameless(labels) } else { labels.clone() };
            if !self.delayed && series.iter().any(|known: &Series| known.labels == labels) {
                self.merged.set(true);
            }
            series.push(Series { labels, values, drop_name });
            Ok(())
        })?;
        Ok(without_empty(series))
    }
}

/// Series with their samples and whether the name is to be dropped; the width of the windows; where that of each step
/// ends.
type Ranged = (Vec<(Labels, bool, Vec<(i64, f64)>)>, i64, Vec<End>);

/// Where the window of a step ends.
struct End {
    /// The step.
    time: i64,
    /// Where the window that the samples are taken from ends.
    sampled: i64,
    /// Where the window ends that functions are told.
    end: i64,
}
