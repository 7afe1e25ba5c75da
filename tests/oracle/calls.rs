//! Function calls.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike};
use promqlite::Labels;
use promqlite::model::MatchOp;
use promqlite::syntax::ast::{Call, Expr, VectorSelector};
use regex::Regex;

use crate::elementary;
use crate::evaluate::Oracle;
use crate::numbers::{larger, smaller};
use crate::table::{Cell, Grid, Row, SAME_LABELS, Series, Stop, Value, from_rows, merge, row};

/// Functions whose answer depends on the evaluation time.
pub(crate) const LOOKS_AT_TIME: [&str; 10] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "time",
    "year",
];

pub(crate) fn eval(oracle: &Oracle<'_>, call: &Call, grid: Grid) -> Result<Value, Stop> {
    let name = call.name.as_str();
    let bare = |arg| if oracle.in_parameter.get() { arg } else { Expr::unwrap_parens(arg) };
    let args: Vec<&Expr> = call.args.iter().map(bare).collect();
    if let Some(windows) = args.iter().position(|arg| matches!(arg, Expr::Matrix(_) | Expr::Subquery(_))) {
        return over_windows(oracle, name, &args, windows, grid).map(Value::Vector);
    }
    let times = grid.times();
    let query = oracle.query;
    let every_step = |value: f64| Ok(Value::Scalar(vec![value; times.len()]));
    match name {
        "time" => return Ok(Value::Scalar(times.iter().map(|time| *time as f64 / 1000.0).collect())),
        "pi" => return every_step(std::f64::consts::PI),
        "start" => return every_step(query.start as f64 / 1000.0),
        "end" => return every_step(query.end as f64 / 1000.0),
        "range" => return every_step((query.end - query.start) as f64 / 1000.0),
        "step" if query.is_single() => return every_step(0.0),
        "step" => return every_step(query.step as f64 / 1000.0),
        "max_of" | "min_of" => {
            let pick = if name == "max_of" { larger } else { smaller };
            let (a, b) = (oracle.scalar(args[0], grid)?, oracle.scalar(args[1], grid)?);
            return Ok(Value::Scalar(a.into_iter().zip(b).map(|(a, b)| pick(a, b)).collect()));
        }
        "scalar" => {
            let series = oracle.vector(args[0], grid)?;
            let only = |step| match row(&series, step)[..] {
                [Cell { value, .. }] => value,
                _ => f64::NAN,
            };
            return Ok(Value::Scalar((0..times.len()).map(only).collect()));
        }
        "vector" => {
            let values = oracle.scalar(args[0], grid)?;
            let rows = values.into_iter().map(|value| vec![unnamed(Labels::empty(), value)]).collect();
            return from_rows(rows, grid, oracle.delayed).map(Value::Vector);
        }
        "label_replace" | "label_join" => return relabel(oracle, name, &args, grid).map(Value::Vector),
        _ => {}
    }
    let series = match (name, args.first()) {
        ("timestamp", Some(Expr::Vector(selector))) => oracle.timestamps(selector, grid),
        (_, None) => Vec::new(),
        ("histogram_quantile", _) => oracle.vector(args[1], grid)?,
        (_, Some(arg)) => oracle.vector(arg, grid)?,
    };
    let direct = matches!(args.first(), Some(Expr::Vector(_)));
    let scalars = args
        .iter()
        .enumerate()
        .filter(|(i, arg)| (*i > 0 || name == "histogram_quantile") && is_scalar(arg))
        .map(|(_, arg)| oracle.scalar(arg, grid))
        .collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::new();
    for (step, &time) in times.iter().enumerate() {
        let mut input = row(&series, step);
        if args.is_empty() {
            input.push(unnamed(Labels::empty(), (time as f64 / 1000.0).trunc()));
        }
        let scalars: Vec<f64> = scalars.iter().map(|values| values[step]).collect();
        rows.push(match name {
            "sort" | "sort_desc" => input,
            "absent" if input.is_empty() => vec![unnamed(absent_labels(args[0]), 1.0)],
            "absent" => Vec::new(),
            "clamp" if scalars[1] < scalars[0] => Vec::new(),
            "clamp_max" if scalars[0] < f64::NEG_INFINITY => Vec::new(),
            "clamp_min" if f64::INFINITY < scalars[0] => Vec::new(),
            "histogram_quantile" => quantiles(oracle, scalars[0], input),
            "timestamp" if !direct => map(oracle, input, |_| time as f64 / 1000.0),
            "timestamp" => map(oracle, input, |value| value),
            _ => map(oracle, input, |value| single(name, value, &scalars)),
        });
    }
    from_rows(rows, grid, oracle.delayed).map(Value::Vector)
}

/// Whether an argument of a function of vectors is a scalar.
fn is_scalar(expr: &Expr) -> bool {
    match expr.unwrap_parens() {
        Expr::Number(_) => true,
        Expr::Unary(e) => is_scalar(&e.operand),
        Expr::Binary(e) => is_scalar(&e.lhs) && is_scalar(&e.rhs),
        Expr::Call(e) => ["time", "pi", "scalar", "start", "end", "step", "range", "max_of", "min_of"]
            .contains(&e.name.as_str()),
        _ => false,
    }
}

fn over_windows(
    oracle: &Oracle<'_>,
    name: &str,
    args: &[&Expr],
    windows: usize,
    grid: Grid,
) -> Result<Vec<Series>, Stop> {
    let mut scalars = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        if i != windows {
            scalars.push(oracle.scalar(arg, grid)?);
        }
    }
    let series = oracle.over_windows(name, &scalars, args[windows], grid)?;
    if name == "absent_over_time" {
        let steps = grid.times().len();
        let absent = |step: usize| series.iter().all(|series| series.values[step].is_none());
        let values: Vec<Option<f64>> = (0..steps).map(|step| absent(step).then_some(1.0)).collect();
        let labels = absent_labels(args[windows]);
        return Ok(crate::table::without_empty(vec![Series { labels, values, drop_name: true }]));
    }
    let distinct = series.iter().enumerate().all(|(i, a)| series[..i].iter().all(|b| a.labels != b.labels));
    if !distinct && !oracle.delayed {
        return Err(Stop::Error(SAME_LABELS.to_owned()));
    }
    Ok(series)
}

fn map(oracle: &Oracle<'_>, row: Row, f: impl Fn(f64) -> f64) -> Row {
    let mapped = |cell: Cell| Cell {
        labels: oracle.nameless(&cell.labels),
        value: f(cell.value),
        drop_name: true,
        place: cell.place,
    };
    row.into_iter().map(mapped).collect()
}

fn unnamed(labels: Labels, value: f64) -> Cell {
    Cell { labels, value, drop_name: false, place: 0 }
}

/// Functions of one value.
fn single(name: &str, value: f64, args: &[f64]) -> f64 {
    let date = || DateTime::from_timestamp(value as i64, 0);
    let of_date =
        |tell: &dyn Fn(DateTime<chrono::Utc>) -> u32| date().map_or(f64::NAN, |date| f64::from(tell(date)));
    if let Some(value) = elementary::of_one(name, value) {
        return value;
    }
    match name {
        "abs" => value.abs(),
        "ceil" => value.ceil(),
        "floor" => value.floor(),
        "sqrt" => value.sqrt(),
        "deg" => value * 180.0 / std::f64::consts::PI,
        "rad" => value * std::f64::consts::PI / 180.0,
        "sgn" if value < 0.0 => -1.0,
        "sgn" if value > 0.0 => 1.0,
        "sgn" => value,
        "round" => {
            let inverse = 1.0 / args.first().copied().unwrap_or(1.0);
            (value * inverse + 0.5).floor() / inverse
        }
        "clamp" => larger(args[0], smaller(args[1], value)),
        "clamp_min" => larger(args[0], smaller(f64::INFINITY, value)),
        "clamp_max" => larger(f64::NEG_INFINITY, smaller(args[0], value)),
        "minute" => of_date(&|date| date.minute()),
        "hour" => of_date(&|date| date.hour()),
        "day_of_week" => of_date(&|date| date.weekday().num_days_from_sunday()),
        "day_of_month" => of_date(&|date| date.day()),
        "day_of_year" => of_date(&|date| date.ordinal()),
        "month" => of_date(&|date| date.month()),
        "year" => of_date(&|date| date.year() as u32),
        "days_in_month" => of_date(&|date| date.num_days_in_month().into()),
        _ => unreachable!("{name} is no function of values"),
    }
}

fn absent_labels(arg: &Expr) -> Labels {
    let selector: &VectorSelector = match arg {
        Expr::Vector(e) => e,
        Expr::Matrix(e) => &e.selector,
        _ => return Labels::empty(),
    };
    let mut labels: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for matcher in selector.matchers.iter().filter(|matcher| matcher.name != "__name__") {
        let first = !labels.contains_key(matcher.name.as_str());
        // A condition other than = leaves room for a later one with =.
        match matcher.op {
            MatchOp::Equal if first => _ = labels.insert(&matcher.name, Some(&matcher.value)),
            MatchOp::Equal => _ = labels.insert(&matcher.name, None),
            _ => {
                if let Some(value) = labels.get_mut(matcher.name.as_str()) {
                    *value = None;
                }
            }
        }
    }
    Labels::from_pairs(labels.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

fn relabel(oracle: &Oracle<'_>, name: &str, args: &[&Expr], grid: Grid) -> Result<Vec<Series>, Stop> {
    let texts = args[1..].iter().map(|arg| match oracle.eval(arg, grid) {
        Ok(Value::Text(text)) => text,
        other => unreachable!("{other:?} is no string"),
    });
    let texts: Vec<String> = texts.collect();
    let mut series = oracle.vector(args[0], grid)?;
    for series in &mut series {
        let target = &texts[0];
        let value = if name == "label_join" {
            let parts: Vec<&str> = texts[2..].iter().map(|source| series.labels.value(source)).collect();
            parts.join(&texts[1])
        } else {
            let Ok(pattern) = Regex::new(&format!("^(?s:{})$", texts[3])) else {
                return Err(Stop::Error("invalid regular expression".to_owned()));
            };
            let Some(captures) = pattern.captures(series.labels.value(&texts[2])) else { continue };
            let mut value = String::new();
            captures.expand(&texts[1], &mut value);
            value
        };
        series.labels = series.labels.with(target, &value);
        if target == "__name__" {
            series.drop_name = false;
        }
    }
    merge(series)
}

/// Quantiles of classic histograms: the buckets of one row, by all labels but the bound.
fn quantiles(oracle: &Oracle<'_>, q: f64, row: Row) -> Row {
    let mut histograms: Vec<(Cell, Vec<(f64, f64)>)> = Vec::new();
    for cell in row {
        let Ok(bound) = cell.labels.value("le").replace("+Inf", "inf").parse::<f64>() else { continue };
        let labels = cell.labels.filter(|name| name != "le");
        match histograms.iter_mut().find(|(known, _)| known.labels == labels) {
            Some((_, buckets)) => buckets.push((bound, cell.value)),
            None => histograms.push((Cell { labels, ..cell.clone() }, vec![(bound, cell.value)])),
        }
    }
    let quantile = |(cell, buckets): (Cell, Vec<(f64, f64)>)| Cell {
        labels: oracle.nameless(&cell.labels),
        value: classic(q, buckets),
        drop_name: true,
        place: cell.place,
    };
    histograms.into_iter().map(quantile).collect()
}

fn classic(q: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    } else if q < 0.0 {
        return f64::NEG_INFINITY;
    } else if q > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    if buckets[buckets.len() - 1].0 != f64::INFINITY {
        return f64::NAN;
    }
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (bound, count) in buckets {
        match joined.last_mut() {
            Some(last) if last.0 == bound => last.1 += count,
            _ => joined.push((bound, count)),
        }
    }
    let mut highest = joined[0].1;
    for (_, count) in &mut joined[1..] {
        let same = (*count - highest).abs() < 1e-12 * (*count + highest);
        if *count < highest || same {
            *count = highest;
        }
        highest = *count;
    }
    let last = joined.len() - 1;
    let total = joined[last].1;
    if last == 0 || total == 0.0 {
        return f64::NAN;
    }
    let rank = q * total;
    let found = joined[..last].iter().position(|(_, count)| *count >= rank).unwrap_or(last);
    let (upper, count) = joined[found];
    if found == last {
        joined[last - 1].0
    } else if found == 0 && upper <= 0.0 {
        upper
    } else {
        let (lower, below) = if found == 0 { (0.0, 0.0) } else { joined[found - 1] };
        lower + (upper - lower) * ((rank - below) / (count - below))
    }
}
