//! What a duration expression comes to: milliseconds, once the step and the range of the query are known.
//!
//! `[5m]` is 300,000; `[step() * 4]` depends on the query. A literal is rounded to nanoseconds, then cut to
//! milliseconds; arithmetic is cut to milliseconds at once (`promql/durations.go`).

use super::PlanError;
use crate::diagnostic::Span;
use crate::model::go_math;
use crate::syntax::ast::{BinaryOp, DurationExpr};

/// The largest number of seconds that fits Go's `time.Duration`.
const MAX_SECONDS: f64 = (1u64 << 63) as f64 / 1e9;

/// What `step()` and `range()` stand for, in ms.
#[derive(Clone, Copy, Debug)]
pub struct QuerySpan {
    /// Distance of the query's steps; 0 for an instant query.
    pub step: i64,
    /// From the query's start to its end.
    pub range: i64,
}

/// The width of a range or the step of a subquery in ms: more than nothing.
pub fn positive(expr: &DurationExpr, query: QuerySpan) -> Result<i64, PlanError> {
    resolve(expr, query, false)
}

/// An offset in ms, of either sign.
pub fn signed(expr: &DurationExpr, query: QuerySpan) -> Result<i64, PlanError> {
    resolve(expr, query, true)
}

fn resolve(expr: &DurationExpr, query: QuerySpan, negative_allowed: bool) -> Result<i64, PlanError> {
    if let Some(seconds) = literal(expr) {
        return Ok((seconds * 1e9).round() as i64 / 1_000_000);
    }
    let seconds = evaluate(expr, query)?;
    let refuse = |reason: &str| Err(refusal(expr.span(), reason));
    if !seconds.is_finite() {
        return refuse("duration is NaN or infinite");
    }
    if seconds <= 0.0 && !negative_allowed {
        return refuse("duration must be greater than 0");
    }
    if seconds.abs() > MAX_SECONDS {
        return refuse("duration is out of range");
    }
    Ok((seconds * 1000.0) as i64)
}

/// A literal with or without a sign; its limits are the grammar's business.
fn literal(expr: &DurationExpr) -> Option<f64> {
    match expr {
        DurationExpr::Literal(number) => Some(number.value),
        _ => None,
    }
}

fn evaluate(expr: &DurationExpr, query: QuerySpan) -> Result<f64, PlanError> {
    Ok(match expr {
        DurationExpr::Literal(number) => number.value,
        DurationExpr::Step(_) => query.step as f64 / 1000.0,
        DurationExpr::Range(_) => query.range as f64 / 1000.0,
        DurationExpr::Paren { inner, .. } => evaluate(inner, query)?,
        DurationExpr::Unary { negative, operand, .. } => {
            let value = evaluate(operand, query)?;
            if *negative { -value } else { value }
        }
        DurationExpr::Pick { max, lhs, rhs, .. } => {
            let (lhs, rhs) = (evaluate(lhs, query)?, evaluate(rhs, query)?);
            if *max { go_math::max(lhs, rhs) } else { go_math::min(lhs, rhs) }
        }
        DurationExpr::Binary { op, lhs, rhs, span } => {
            let (lhs, rhs) = (evaluate(lhs, query)?, evaluate(rhs, query)?);
            match op {
                BinaryOp::Add => lhs + rhs,
                BinaryOp::Sub => lhs - rhs,
                BinaryOp::Mul => lhs * rhs,
                BinaryOp::Div if rhs == 0.0 => return Err(refusal(*span, "division by zero")),
                BinaryOp::Mod if rhs == 0.0 => return Err(refusal(*span, "modulo by zero")),
                BinaryOp::Div => lhs / rhs,
                BinaryOp::Mod => lhs % rhs,
                _ => go_math::pow(lhs, rhs),
            }
        }
    })
}

/// Prometheus puts the byte offsets of the expression before its words here.
fn refusal(span: Span, reason: &str) -> PlanError {
    PlanError { message: format!("{}:{}: {reason}", span.start, span.end), span }
}
