//! Operators between two expressions.

use promqlite::Labels;
use promqlite::syntax::ast::{BinaryExpr, BinaryOp, Grouping, VectorMatching};

use crate::elementary;
use crate::evaluate::Oracle;
use crate::table::{Cell, Grid, Row, Stop, Value, from_rows, row};

pub(crate) fn eval(oracle: &Oracle<'_>, e: &BinaryExpr, grid: Grid) -> Result<Value, Stop> {
    let (lhs, rhs) = (oracle.eval(&e.lhs, grid)?, oracle.eval(&e.rhs, grid)?);
    let steps = 0..grid.times().len();
    let rows = match (lhs, rhs) {
        (Value::Scalar(lhs), Value::Scalar(rhs)) => {
            let pairs = lhs.into_iter().zip(rhs);
            return Ok(Value::Scalar(
                pairs.map(|(a, b)| compute(e.op, a, b).unwrap_or_else(truth)).collect(),
            ));
        }
        (Value::Vector(lhs), Value::Scalar(rhs)) => {
            steps.map(|step| with_scalar(oracle, e, row(&lhs, step), rhs[step], false)).collect()
        }
        (Value::Scalar(lhs), Value::Vector(rhs)) => {
            steps.map(|step| with_scalar(oracle, e, row(&rhs, step), lhs[step], true)).collect()
        }
        (Value::Vector(lhs), Value::Vector(rhs)) => {
            let matching = e.matching.clone().unwrap_or_default();
            let rows = steps.map(|step| {
                let (lhs, rhs) = (row(&lhs, step), row(&rhs, step));
                if e.op.is_set() {
                    Ok(set(e.op, &matching, lhs, rhs))
                } else {
                    join(oracle, e, &matching, lhs, rhs)
                }
            });
            rows.collect::<Result<Vec<Row>, Stop>>()?
        }
        (lhs, rhs) => unreachable!("{lhs:?} {} {rhs:?}", e.op),
    };
    from_rows(rows, grid, oracle.delayed).map(Value::Vector)
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// The number, or for a comparison whether it holds.
fn compute(op: BinaryOp, a: f64, b: f64) -> Result<f64, bool> {
    match op {
        BinaryOp::Add => Ok(a + b),
        BinaryOp::Sub => Ok(a - b),
        BinaryOp::Mul => Ok(a * b),
        BinaryOp::Div => Ok(a / b),
        BinaryOp::Mod => Ok(a % b),
        BinaryOp::Pow => Ok(elementary::pow(a, b)),
        BinaryOp::Atan2 => Ok(elementary::atan2(a, b)),
        BinaryOp::Equal => Err(a == b),
        BinaryOp::NotEqual => Err(a != b),
        BinaryOp::Less => Err(a < b),
        BinaryOp::LessEqual => Err(a <= b),
        BinaryOp::Greater => Err(a > b),
        BinaryOp::GreaterEqual => Err(a >= b),
        other => unreachable!("{other} is not computed"),
    }
}

fn with_scalar(oracle: &Oracle<'_>, e: &BinaryExpr, row: Row, scalar: f64, scalar_left: bool) -> Row {
    let mut out = Row::new();
    for cell in row {
        let changed =
            |value| Cell { labels: oracle.nameless(&cell.labels), value, drop_name: true, ..cell.clone() };
        match if scalar_left { compute(e.op, scalar, cell.value) } else { compute(e.op, cell.value, scalar) }
        {
            Ok(result) => out.push(changed(result)),
            Err(holds) if e.return_bool => out.push(changed(truth(holds))),
            Err(true) => out.push(cell),
            Err(false) => {}
        }
    }
    out
}

/// The labels by which two series find each other.
fn signature(matching: &VectorMatching, labels: &Labels) -> Labels {
    let listed = |name: &str| matching.labels.iter().any(|label| label.name == name);
    match matching.on {
        Some(true) => labels.filter(listed),
        _ => labels.filter(|name| name != "__name__" && !listed(name)),
    }
}

fn set(op: BinaryOp, matching: &VectorMatching, lhs: Row, rhs: Row) -> Row {
    let has = |row: &Row, cell: &Cell| {
        let wanted = signature(matching, &cell.labels);
        row.iter().any(|cell| signature(matching, &cell.labels) == wanted)
    };
    match op {
        BinaryOp::And => lhs.into_iter().filter(|cell| has(&rhs, cell)).collect(),
        BinaryOp::Unless => lhs.into_iter().filter(|cell| !has(&rhs, cell)).collect(),
        _ => {
            let more = rhs.into_iter().filter(|cell| !has(&lhs, cell));
            let more: Row = more.map(|cell| Cell { place: cell.place + BEHIND, ..cell }).collect();
            lhs.into_iter().chain(more).collect()
        }
    }
}

/// Places from here on lie behind those of all series on the left.
const BEHIND: usize = 1 << 32;

/// A series of the one side and one of the other, either of which may be a fill value.
struct Pair {
    signature: Labels,
    many: (Labels, f64),
    one: (Labels, f64),
    place: usize,
}

fn join(
    oracle: &Oracle<'_>,
    e: &BinaryExpr,
    matching: &VectorMatching,
    lhs: Row,
    rhs: Row,
) -> Result<Row, Stop> {
    let swapped = matching.grouping == Grouping::Right;
    // From here on the right side is the one of which each signature may be there only once. The fill values are not
    // swapped with the sides.
    let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
    let no_fill = matching.fill_left.is_none() && matching.fill_right.is_none();
    // What is filled up for has no place of its own among the others.
    if !no_fill {
        oracle.merged.set(true);
    }
    if many.is_empty() && one.is_empty() || (many.is_empty() || one.is_empty()) && no_fill {
        return Ok(Row::new());
    }
    let signatures =
        |row: &Row| -> Vec<Labels> { row.iter().map(|cell| signature(matching, &cell.labels)).collect() };
    let (many_signatures, one_signatures) = (signatures(&many), signatures(&one));
    for (i, signature) in one_signatures.iter().enumerate() {
        if one_signatures[..i].contains(signature) {
            return Err(Stop::Error(format!("duplicate series for the match group {signature}")));
        }
    }
    let mut pairs: Vec<Pair> = Vec::new();
    for (cell, signature) in many.into_iter().zip(&many_signatures) {
        let partner = one_signatures.iter().position(|one| one == signature);
        let partner = match (partner, matching.fill_right) {
            (Some(i), _) => (one[i].labels.clone(), one[i].value),
            (None, Some(fill)) => (signature.clone(), fill),
            (None, None) => continue,
        };
        let many = (cell.labels, cell.value);
        pairs.push(Pair { signature: signature.clone(), many, one: partner, place: cell.place });
    }
    if let Some(fill) = matching.fill_left {
        for (cell, signature) in one.into_iter().zip(&one_signatures) {
            if !many_signatures.contains(signature) {
                let many = (signature.clone(), fill);
                let place = cell.place + BEHIND;
                pairs.push(Pair {
                    signature: signature.clone(),
                    many,
                    one: (cell.labels, cell.value),
                    place,
                });
            }
        }
    }
    let mut out = Row::new();
    let mut seen: Vec<(Labels, Labels)> = Vec::new();
    for Pair { signature, many, one, place } in pairs {
        let (left, right) = if swapped { (one.1, many.1) } else { (many.1, one.1) };
        let labels = result_labels(oracle, e, matching, &many.0, &one.0);
        let key = match matching.grouping {
            Grouping::None => (signature, Labels::empty()),
            _ => (signature, labels.clone()),
        };
        if seen.contains(&key) {
            return Err(Stop::Error("multiple matches for labels".to_owned()));
        }
        seen.push(key);
        let value = match compute(e.op, left, right) {
            Ok(value) => value,
            Err(holds) if e.return_bool => truth(holds),
            Err(true) => left,
            Err(false) => continue,
        };
        out.push(Cell { labels, value, drop_name: e.return_bool, place });
    }
    Ok(out)
}

fn result_labels(
    oracle: &Oracle<'_>,
    e: &BinaryExpr,
    matching: &VectorMatching,
    many: &Labels,
    one: &Labels,
) -> Labels {
    let mut labels = many.clone();
    if !e.op.is_comparison() || e.return_bool && !oracle.delayed {
        labels = labels.without_metadata();
    }
    if matching.grouping == Grouping::None {
        let listed = |name: &str| matching.labels.iter().any(|label| label.name == name);
        labels = if matching.on == Some(true) {
            labels.filter(listed)
        } else {
            labels.filter(|name| !listed(name))
        };
    }
    for include in &matching.include {
        labels = labels.with(&include.name, one.value(&include.name));
    }
    labels
}
