//! Aggregations.

use std::collections::BTreeMap;

use promqlite::Labels;
use promqlite::syntax::ast::{AggregateExpr, AggregateOp, Expr};

use crate::evaluate::Oracle;
use crate::numbers::{add, larger, mean, quantile, smaller};
use crate::table::{Cell, Grid, Row, Series, Stop, Value, from_rows, row, without_empty};

pub(crate) fn eval(oracle: &Oracle<'_>, e: &AggregateExpr, grid: Grid) -> Result<Vec<Series>, Stop> {
    use AggregateOp as Op;
    let vector = e.args.last().map(Expr::unwrap_parens).unwrap();
    let param = match e.args.len() {
        1 => Value::Scalar(vec![0.0; grid.times().len()]),
        _ => oracle.parameter(e.args[0].unwrap_parens(), grid)?,
    };
    let series = oracle.vector(vector, grid)?;
    match (e.op, param) {
        (Op::CountValues, Value::Text(label)) => count_values(oracle, e, &label, &series, grid),
        (Op::Topk | Op::Bottomk | Op::Limitk, Value::Scalar(ks)) => pick(oracle, e, &ks, &series, grid),
        (Op::LimitRatio, Value::Scalar(ratios)) => limit_ratio(ratios, series),
        (_, Value::Scalar(params)) => Ok(combine(e, &params, &series, grid)),
        (op, param) => unreachable!("{op} of {param:?}"),
    }
}

fn group(e: &AggregateExpr, labels: &Labels) -> Labels {
    let listed = |name: &str| e.grouping.iter().any(|label| label.name == name);
    if e.without { labels.filter(|name| name != "__name__" && !listed(name)) } else { labels.filter(listed) }
}

/// One series for each group, in order of the groups' first appearance.
fn combine(e: &AggregateExpr, params: &[f64], series: &[Series], grid: Grid) -> Vec<Series> {
    let steps = grid.times().len();
    let mut groups: Vec<Series> = Vec::new();
    for one in series {
        let labels = group(e, &one.labels);
        if groups.iter().all(|group| group.labels != labels) {
            groups.push(Series { labels, values: vec![None; steps], drop_name: false });
        }
    }
    for result in &mut groups {
        for (step, param) in params.iter().enumerate() {
            let members =
                row(series, step).into_iter().filter(|cell| group(e, &cell.labels) == result.labels);
            let members: Row = members.collect();
            let values: Vec<f64> = members.iter().map(|cell| cell.value).collect();
            if !values.is_empty() {
                result.values[step] = Some(value(e.op, *param, &values));
                result.drop_name = members.iter().any(|cell| cell.drop_name);
            }
        }
    }
    without_empty(groups)
}

fn value(op: AggregateOp, param: f64, values: &[f64]) -> f64 {
    let count = values.len() as f64;
    match op {
        AggregateOp::Sum => {
            let (sum, rest) = values[1..].iter().fold((values[0], 0.0), |total, &value| add(value, total));
            sum + rest
        }
        AggregateOp::Avg => mean(values),
        AggregateOp::Count => count,
        AggregateOp::Group => 1.0,
        AggregateOp::Min => best(values, |value, best| value < best),
        AggregateOp::Max => best(values, |value, best| value > best),
        AggregateOp::Stdvar => squares(values) / count,
        AggregateOp::Stddev => (squares(values) / count).sqrt(),
        AggregateOp::Quantile => quantile(param, values),
        other => unreachable!("{other} does not combine"),
    }
}

fn best(values: &[f64], better: impl Fn(f64, f64) -> bool) -> f64 {
    values
        .iter()
        .copied()
        .fold(f64::NAN, |best, value| if best.is_nan() || better(value, best) { value } else { best })
}

/// The sum of the squared distances from the mean.
fn squares(values: &[f64]) -> f64 {
    let mut mean = values[0];
    let mut squares = if values[0].is_finite() { 0.0 } else { f64::NAN };
    for (i, value) in values.iter().enumerate().skip(1) {
        let delta = value - mean;
        mean += delta / (i + 1) as f64;
        squares += delta * (value - mean);
    }
    squares
}

fn pick(
    oracle: &Oracle<'_>,
    e: &AggregateExpr,
    ks: &[f64],
    series: &[Series],
    grid: Grid,
) -> Result<Vec<Series>, Stop> {
    let most = ks.iter().copied().fold(-f64::MAX, larger);
    let least = ks.iter().copied().fold(f64::MAX, smaller);
    if most < 1.0 {
        return Ok(Vec::new());
    }
    if ks.iter().any(|k| k.is_nan()) {
        return Err(Stop::Error("Parameter value is NaN".to_owned()));
    }
    if least <= i64::MIN as f64 || most >= 9_223_372_036_854_774_784.0 {
        return Err(Stop::Error("overflow".to_owned()));
    }
    let mut kept: Vec<Series> = series.to_vec();
    kept.iter_mut().for_each(|series| series.values.fill(None));
    for (step, &k) in ks.iter().enumerate().take(grid.times().len()) {
        let k = if k < 1.0 { 0 } else { k as usize };
        let mut groups: Vec<(Labels, Vec<usize>)> = Vec::new();
        for (i, one) in series.iter().enumerate().filter(|(_, one)| one.values[step].is_some()) {
            let labels = group(e, &one.labels);
            match groups.iter_mut().find(|(known, _)| *known == labels) {
                Some((_, members)) => members.push(i),
                None => groups.push((labels, vec![i])),
            }
        }
        for (_, mut members) in groups {
            let value = |i: usize| series[i].values[step].unwrap();
            let order = |a: f64, b: f64| match e.op {
                AggregateOp::Topk => b.partial_cmp(&a),
                _ => a.partial_cmp(&b),
            };
            if e.op != AggregateOp::Limitk {
                members.sort_by(|&a, &b| {
                    let (a, b) = (value(a), value(b));
                    order(a, b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
                });
                let tied = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
                if k > 0 && k < members.len() && tied(value(members[k - 1]), value(members[k])) {
                    return Err(Stop::Open);
                }
            } else if 0 < k && k < members.len() {
                oracle.chose.set(true);
            }
            for &i in members.iter().take(k) {
                kept[i].values[step] = series[i].values[step];
            }
        }
    }
    Ok(without_empty(kept))
}

/// Whether these samples are what `limitk` might give: at each step as many of each group as it is to take, whichever
/// they are. `None` for other expressions than a `limitk`, sorted or not.
pub(crate) fn is_choice(
    oracle: &Oracle<'_>,
    expr: &Expr,
    got: &BTreeMap<Labels, Vec<(i64, f64)>>,
) -> Option<bool> {
    let grid = oracle.query;
    let e = match expr.unwrap_parens() {
        Expr::Call(e) if e.name.starts_with("sort") => return is_choice(oracle, &e.args[0], got),
        Expr::Aggregate(e) if e.op == AggregateOp::Limitk => e,
        _ => return None,
    };
    let (Ok(ks), Ok(series)) =
        (oracle.scalar(e.args[0].unwrap_parens(), grid), oracle.vector(e.args[1].unwrap_parens(), grid))
    else {
        return None;
    };
    let once = oracle.is_invariant(&e.args[1]);
    let mut left: usize = got.values().map(Vec::len).sum();
    for (step, time) in grid.times().into_iter().enumerate() {
        // Samples and samples taken of each group.
        let mut groups: Vec<(Labels, usize, usize)> = Vec::new();
        for cell in row(&series, step) {
            let of_cell = group(e, &cell.labels);
            let at = groups.iter().position(|(labels, ..)| *labels == of_cell).unwrap_or_else(|| {
                groups.push((of_cell, 0, 0));
                groups.len() - 1
            });
            let labels = if cell.drop_name { cell.labels.without_metadata() } else { cell.labels };
            let same = |&(t, value): &(i64, f64)| t == time && value.to_bits() == cell.value.to_bits();
            let taken = got.get(&labels).is_some_and(|samples| samples.iter().any(same));
            left -= usize::from(taken);
            groups[at].1 += 1;
            groups[at].2 += usize::from(taken);
        }
        // What is the same at every step is evaluated once, with the first k.
        let k = ks[if once { 0 } else { step }];
        let k = if k < 1.0 { 0 } else { k as usize };
        if groups.iter().any(|&(_, samples, taken)| taken != samples.min(k)) {
            return Some(false);
        }
    }
    Some(left == 0)
}

fn limit_ratio(ratios: Vec<f64>, mut series: Vec<Series>) -> Result<Vec<Series>, Stop> {
    if ratios.iter().all(|ratio| *ratio == 0.0) {
        return Ok(Vec::new());
    }
    if ratios.iter().any(|ratio| ratio.is_nan()) {
        return Err(Stop::Error("Ratio value is NaN".to_owned()));
    }
    for series in &mut series {
        let place = series.labels.upstream_hash() as f64 / u64::MAX as f64;
        for (ratio, value) in ratios.iter().zip(&mut series.values) {
            let ratio = ratio.clamp(-1.0, 1.0);
            let keep = if ratio < 0.0 { place >= 1.0 + ratio } else { place < ratio };
            *value = value.filter(|_| keep);
        }
    }
    Ok(without_empty(series))
}

fn count_values(
    oracle: &Oracle<'_>,
    e: &AggregateExpr,
    label: &str,
    series: &[Series],
    grid: Grid,
) -> Result<Vec<Series>, Stop> {
    let mut rows = Vec::new();
    for step in 0..grid.times().len() {
        let mut counts: Row = Vec::new();
        for cell in row(series, step) {
            let text = match cell.value {
                value if value.is_nan() => "NaN".to_owned(),
                f64::INFINITY => "+Inf".to_owned(),
                f64::NEG_INFINITY => "-Inf".to_owned(),
                value => value.to_string(),
            };
            let labels = cell.labels.with(label, &text);
            let listed = |name: &str| e.grouping.iter().any(|label| label.name == name);
            let labels = if e.without {
                group(e, &labels)
            } else {
                labels.filter(|name| name == label || listed(name))
            };
            match counts.iter_mut().find(|known| known.labels == labels) {
                Some(known) => known.value += 1.0,
                None => counts.push(Cell { labels, value: 1.0, drop_name: false, place: cell.place }),
            }
        }
        rows.push(counts);
    }
    from_rows(rows, grid, oracle.delayed)
}
