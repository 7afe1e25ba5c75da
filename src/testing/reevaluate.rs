//! The other ways in which an instant query of a script is asked.
//!
//! An answer that depends on the evaluation time only through its selectors must not change when the selectors are
//! pinned to that time and the query is asked at another one. `rate(x[5m])` at 10m has to give the same as
//! `rate(x[5m] @ 600.000)` at -100m, 0, 2m, 10m and 100m.

use crate::model::Timestamp;
use crate::syntax::Features;
use crate::syntax::ast::{AtModifier, Expr};

/// Functions whose answer depends on the evaluation time itself (`AtModifierUnsafeFunctions`, `promql/functions.go`).
const TIME_DEPENDENT: [&str; 15] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "end",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "year",
];

/// Calls whose answer depends on the range of the query, as they stand in its text.
const RANGE_DEPENDENT: [&str; 4] = ["start()", "end()", "range()", "step()"];

/// A variant of a query, and when to ask it.
pub(super) struct Variant {
    pub(super) query: String,
    pub(super) time: Timestamp,
}

/// The pinned variants of a query that is asked at `time`; none if its answer depends on when it is asked, or if it
/// cannot be parsed.
pub(super) fn pinned(query: &str, features: &Features, time: Timestamp) -> Vec<Variant> {
    let Ok(mut expr) = crate::syntax::parse(query, features) else { return Vec::new() };
    if !pin(&mut expr, time) {
        return Vec::new();
    }
    let query = expr.to_string();
    let times: &[Timestamp] = match time {
        0 => &[-1000, 0, 1000],
        _ => &[time.saturating_mul(-10), 0, time / 5, time, time.saturating_mul(10)],
    };
    times.iter().map(|&time| Variant { query: query.clone(), time }).collect()
}

/// Whether a query gives the same answer at a time when it is asked as a range query around that time.
pub(super) fn holds_in_a_range(query: &str) -> bool {
    !RANGE_DEPENDENT.iter().any(|call| query.contains(call))
}

/// Puts `@ time` on each selector and subquery that has no `@`. What is inside a subquery stays as it is, since the
/// subquery is pinned itself. Tells whether the answer is the same at any time then.
fn pin(expr: &mut Expr, time: Timestamp) -> bool {
    let pin = AtModifier::Timestamp(time);
    let mut rest = vec![expr];
    while let Some(expr) = rest.pop() {
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Paren(e) => rest.push(&mut e.inner),
            Expr::Unary(e) => rest.push(&mut e.operand),
            Expr::Binary(e) => rest.extend([&mut e.lhs, &mut e.rhs]),
            Expr::Aggregate(e) => rest.extend(&mut e.args),
            Expr::Call(e) if TIME_DEPENDENT.contains(&e.name.as_str()) => return false,
            Expr::Call(e) => rest.extend(&mut e.args),
            Expr::Vector(e) => _ = e.at.get_or_insert(pin),
            Expr::Matrix(e) => _ = e.selector.at.get_or_insert(pin),
            Expr::Subquery(e) => _ = e.at.get_or_insert(pin),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_and_subqueries_are_pinned() {
        for (query, expected) in [
            ("up", "up @ 600.000"),
            ("up{a=\"b\"} offset 5m", "up{a=\"b\"} @ 600.000 offset 5m"),
            ("up @ 5", "up @ 5.000"),
            ("up @ end()", "up @ end()"),
            ("rate(up[5m])", "rate(up[5m] @ 600.000)"),
            ("rate(up[5m] @ 5)", "rate(up[5m] @ 5.000)"),
            ("up + -(down)", "up @ 600.000 + -(down @ 600.000)"),
            ("topk(scalar(k), up)", "topk(scalar(k @ 600.000), up @ 600.000)"),
            ("max_over_time(up[5m:1m])", "max_over_time(up[5m:1m] @ 600.000)"),
            ("max_over_time(rate(up[1m])[5m:1m] @ 5)", "max_over_time(rate(up[1m])[5m:1m] @ 5.000)"),
            ("max_over_time(vector(time())[5m:1m])", "max_over_time(vector(time())[5m:1m] @ 600.000)"),
            ("1 + 1", "1 + 1"),
        ] {
            let variants = pinned(query, &Features::ALL, 600_000);
            let times: Vec<i64> = variants.iter().map(|variant| variant.time).collect();
            assert_eq!(times, [-6_000_000, 0, 120_000, 600_000, 6_000_000], "{query}");
            assert!(
                variants.iter().all(|variant| variant.query == expected),
                "{query}: {}",
                variants[0].query
            );
        }
    }

    #[test]
    fn what_depends_on_the_time_is_left_alone() {
        for query in
            ["time()", "up * time()", "predict_linear(up[5m], 60)", "timestamp(up)", "hour()", "up +"]
        {
            assert!(pinned(query, &Features::ALL, 600_000).is_empty(), "{query}");
        }
    }

    #[test]
    fn zero_has_neighbours() {
        let times: Vec<i64> = pinned("up", &Features::ALL, 0).iter().map(|variant| variant.time).collect();
        assert_eq!(times, [-1000, 0, 1000]);
    }
}
