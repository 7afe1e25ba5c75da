//! Which part of the language the failing queries have in common.

use std::collections::{BTreeMap, BTreeSet};

use promqlite::syntax::Features;
use promqlite::syntax::ast::{BinaryExpr, Expr, Grouping, MatrixSelector, VectorSelector};

/// The parts of the language that a query uses: names of functions, aggregations, operators, modifiers. A query that
/// cannot be parsed uses `parse`.
pub(crate) fn features(query: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(expr) = promqlite::syntax::parse(query, &Features::ALL) else {
        found.insert("parse".to_owned());
        return found;
    };
    let mut rest = vec![&expr];
    while let Some(expr) = rest.pop() {
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Paren(e) => rest.push(&e.inner),
            Expr::Unary(e) => {
                found.insert("unary".to_owned());
                rest.push(&e.operand);
            }
            Expr::Binary(e) => {
                binary(e, &mut found);
                rest.extend([&e.lhs, &e.rhs]);
            }
            Expr::Aggregate(e) => {
                found.insert(e.op.to_string());
                rest.extend(&e.args);
            }
            Expr::Call(e) => {
                found.insert(format!("{}()", e.name));
                rest.extend(&e.args);
            }
            Expr::Vector(e) => selector(e, &mut found),
            Expr::Matrix(e) => matrix(e, &mut found),
            Expr::Subquery(e) => {
                found.insert("subquery".to_owned());
                if e.offset.is_some() || e.at.is_some() {
                    found.insert("subquery with @ or offset".to_owned());
                }
                rest.push(&e.inner);
            }
            other => {
                found.insert(format!("unknown syntax: {other}"));
            }
        }
    }
    found
}

fn binary(e: &BinaryExpr, found: &mut BTreeSet<String>) {
    let kind = match e.op {
        op if op.is_comparison() && e.return_bool => "comparison with bool".to_owned(),
        op if op.is_comparison() => "comparison".to_owned(),
        op => format!("operator {op}"),
    };
    found.insert(kind);
    if let Some(matching) = &e.matching {
        found.insert(match matching.grouping {
            Grouping::None => "matching".to_owned(),
            _ => "group_left or group_right".to_owned(),
        });
        if matching.fill_left.is_some() || matching.fill_right.is_some() {
            found.insert("fill".to_owned());
        }
    }
}

fn matrix(e: &MatrixSelector, found: &mut BTreeSet<String>) {
    found.insert("range selector".to_owned());
    selector(&e.selector, found);
}

fn selector(e: &VectorSelector, found: &mut BTreeSet<String>) {
    found.insert("selector".to_owned());
    for (used, name) in [
        (e.offset.is_some(), "offset"),
        (e.at.is_some(), "@"),
        (e.anchored, "anchored"),
        (e.smoothed, "smoothed"),
    ] {
        if used {
            found.insert(name.to_owned());
        }
    }
}

/// Explains failures by as few parts of the language as possible: again and again the part whose queries fail most
/// surely takes all failing queries that use it. Gives `part: failing of all queries that use it`.
pub(crate) fn explain(queries: &[(BTreeSet<String>, bool)]) -> Vec<String> {
    let mut failing: Vec<&BTreeSet<String>> = queries.iter().filter(|q| !q.1).map(|q| &q.0).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in queries.iter().flat_map(|(features, _)| features) {
        *uses.entry(feature).or_default() += 1;
    }
    let mut lines = Vec::new();
    while !failing.is_empty() {
        let mut failures: BTreeMap<&str, usize> = BTreeMap::new();
        for feature in failing.iter().copied().flatten() {
            *failures.entry(feature).or_default() += 1;
        }
        // A part that few queries use fails "surely" by chance; the count added below keeps it behind.
        let certainty = |feature: &str, count: usize| count as f64 / (uses[feature] as f64 + 2.0);
        let worst = failures.into_iter().max_by(|a, b| certainty(a.0, a.1).total_cmp(&certainty(b.0, b.1)));
        let Some((feature, count)) = worst else { break };
        lines.push(format!("{count:6} of {:5}  {feature}", uses[feature]));
        let feature = feature.to_owned();
        failing.retain(|features| !features.contains(&feature));
    }
    lines
}
