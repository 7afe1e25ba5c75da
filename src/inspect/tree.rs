//! A query as the tree of its parts, with what each comes to.

use std::collections::BTreeSet;

use super::parts::{Parts, Times};
use crate::diagnostic::Span;
use crate::engine::Engine;
use crate::error::Error;
use crate::model::{Labels, ValueType};
use crate::plan::check::value_type;
use crate::store::SeriesStore;
use crate::syntax::Expr;

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The part as it is written.
    pub text: String,
    /// What it does with its parts, which are left out: `sum by (job)`, `rate(…)`, `/ on (job)`. Of a selector all of it.
    pub head: String,
    /// Where it stands.
    pub span: Span,
    /// The type of its value.
    pub value_type: ValueType,
    /// How many series it has; `None` for numbers and texts, and where it has an error by itself.
    pub series: Option<usize>,
    /// The names of the labels of all its series, sorted.
    pub labels: Vec<String>,
    /// One of its series, with its last value if that is a float; of a range vector, how many samples the last window
    /// has.
    pub example: Option<(Labels, Option<f64>)>,
    /// What it is made of, without numbers and texts.
    pub parts: Vec<Part>,
}

/// The parts of `query`, each evaluated by itself at these times.
///
/// # Errors
///
/// The query makes no sense. A part that fails by itself has no series.
pub fn tree(engine: &Engine, query: &str, store: &dyn SeriesStore, times: Times) -> Result<Part, Error> {
    let prepared = engine.prepare(query)?;
    Ok(part(&Parts { engine, store, times }, query, prepared.expr()))
}

fn part(parts: &Parts<'_>, query: &str, expr: &Expr) -> Part {
    let expr = expr.unwrap_parens();
    let span = expr.span();
    let series = parts.series(expr);
    let mut labels = BTreeSet::new();
    for series in series.iter().flatten() {
        labels.extend(series.labels.iter().map(|(name, _)| name.to_owned()));
    }
    let example = series.as_ref().and_then(|series| series.first());
    Part {
        text: written(query, span),
        head: head(query, expr),
        span,
        value_type: value_type(expr),
        series: series.as_ref().map(Vec::len),
        labels: labels.into_iter().collect(),
        example: example.map(|example| (example.labels.clone(), example.floats.last().copied())),
        parts: operands(expr).into_iter().map(|operand| part(parts, query, operand)).collect(),
    }
}

/// A piece of the query in one line.
fn written(query: &str, span: Span) -> String {
    let text = query.get(span.range()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn head(query: &str, expr: &Expr) -> String {
    let between = |start: u32, end: u32| written(query, Span { start, end });
    let literal = |expr: &Expr| match expr {
        Expr::Number(_) | Expr::String(_) => written(query, expr.span()),
        _ => "…".to_owned(),
    };
    match expr {
        Expr::Aggregate(aggregate) => {
            let labels: Vec<&str> = aggregate.grouping.iter().map(|label| label.name.as_str()).collect();
            let clause = match (labels.is_empty(), aggregate.without) {
                (true, false) => String::new(),
                (_, without) => {
                    format!(" {} ({})", if without { "without" } else { "by" }, labels.join(", "))
                }
            };
            let parameters: Vec<String> =
                aggregate.args.iter().take(aggregate.args.len().saturating_sub(1)).map(literal).collect();
            let parameters = if parameters.is_empty() {
                String::new()
            } else {
                format!("({}, …)", parameters.join(", "))
            };
            format!("{}{clause}{parameters}", aggregate.op)
        }
        Expr::Call(call) => {
            let arguments: Vec<String> = call.args.iter().map(literal).collect();
            format!("{}({})", call.name, arguments.join(", "))
        }
        Expr::Binary(binary) => {
            let operator = between(binary.lhs.span().end, binary.rhs.span().start);
            match (&binary.lhs, &binary.rhs) {
                (Expr::Number(_), _) => format!("{} {operator}", literal(&binary.lhs)),
                (_, Expr::Number(_)) => format!("{operator} {}", literal(&binary.rhs)),
                _ => operator,
            }
        }
        Expr::Unary(unary) => between(unary.span.start, unary.operand.span().start),
        Expr::Subquery(subquery) => between(subquery.inner.span().end, subquery.span.end),
        Expr::Paren(_) | Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => {
            written(query, expr.span())
        }
    }
}

/// What an expression is made of, numbers and texts left out.
fn operands(expr: &Expr) -> Vec<&Expr> {
    let all: Vec<&Expr> = match expr {
        Expr::Paren(paren) => vec![&paren.inner],
        Expr::Unary(unary) => vec![&unary.operand],
        Expr::Binary(binary) => vec![&binary.lhs, &binary.rhs],
        Expr::Aggregate(aggregate) => aggregate.args.iter().collect(),
        Expr::Call(call) => call.args.iter().collect(),
        Expr::Subquery(subquery) => vec![&subquery.inner],
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => Vec::new(),
    };
    all.into_iter()
        .filter(|operand| !matches!(operand.unwrap_parens(), Expr::Number(_) | Expr::String(_)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EngineOptions, Features, MemoryStore};

    #[test]
    fn heads_leave_the_parts_out() {
        let options = EngineOptions { features: Features::ALL, ..EngineOptions::default() };
        let engine = Engine::new(options);
        let table = [
            ("sum by (a, b) (x)", "sum by (a, b)"),
            ("sum(x) without (a)", "sum without (a)"),
            ("topk(3, x)", "topk(3, …)"),
            ("rate(x[5m] offset 1h)", "rate(…)"),
            ("histogram_quantile(0.9, x)", "histogram_quantile(0.9, …)"),
            ("(a) / on (b)\n group_left (c) d", "/ on (b) group_left (c)"),
            ("100 * a", "100 *"),
            ("a > bool 5", "> bool 5"),
            ("-a", "-"),
            ("max_over_time(a[5m:1m] @ 0)", "max_over_time(…)"),
            ("a{b=\"c\"} offset 5m", "a{b=\"c\"} offset 5m"),
        ];
        for (query, head) in table {
            let part = tree(&engine, query, &MemoryStore::new(), Times::instant(0)).expect("a query");
            assert_eq!(part.head, head, "{query}");
        }
    }
}
