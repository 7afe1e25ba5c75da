//! From the whole query down to the parts that are to blame.

use super::matching;
use super::reason::{Finding, Reason};
use super::selector;
use crate::engine::Engine;
use crate::error::Error;
use crate::functions::{self, Body, Special};
use crate::inspect::{PartSeries, Parts, Times};
use crate::model::ValueType;
use crate::plan::check::value_type;
use crate::store::SeriesStore;
use crate::syntax::Expr;
use crate::syntax::ast::{BinaryExpr, BinaryOp, Call};

/// Why `query` has an empty answer at these times: the likeliest reason first; nothing if it has an answer, or if no
/// reason is known.
///
/// # Errors
///
/// The query makes no sense.
pub fn why(
    engine: &Engine,
    query: &str,
    store: &dyn SeriesStore,
    times: Times,
) -> Result<Vec<Finding>, Error> {
    let prepared = engine.prepare(query)?;
    let mut inquiry = Inquiry { parts: Parts { engine, store, times }, findings: Vec::new() };
    if inquiry.series(prepared.expr()).is_some_and(|series| series.is_empty()) {
        inquiry.look_at(prepared.expr());
    }
    Ok(inquiry.findings)
}

pub(super) struct Inquiry<'a> {
    pub(super) parts: Parts<'a>,
    pub(super) findings: Vec<Finding>,
}

impl Inquiry<'_> {
    fn found(&mut self, expr: &Expr, reason: Reason) {
        self.findings.push(Finding { span: expr.span(), reason });
    }

    fn series(&self, expr: &Expr) -> Option<Vec<PartSeries>> {
        self.parts.series(expr)
    }

    fn is_empty(&self, expr: &Expr) -> bool {
        self.series(expr).is_some_and(|series| series.is_empty())
    }

    /// Goes into an expression that is empty.
    fn look_at(&mut self, expr: &Expr) {
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Paren(paren) => self.look_at(&paren.inner),
            Expr::Unary(unary) => self.look_at(&unary.operand),
            Expr::Subquery(subquery) => {
                if self.is_empty(&subquery.inner) {
                    self.look_at(&subquery.inner);
                }
            }
            Expr::Vector(selector) => {
                let found = selector::look_at(self, selector, None);
                self.findings.extend(found);
            }
            Expr::Matrix(matrix) => {
                let found = selector::look_at(self, &matrix.selector, Some(&matrix.range));
                self.findings.extend(found);
            }
            Expr::Aggregate(aggregate) => {
                let Some(inner) = aggregate.args.last() else { return };
                match self.series(inner) {
                    Some(series) if series.is_empty() => self.look_at(inner),
                    Some(series) => {
                        let name = aggregate.op.as_str().to_owned();
                        self.found(expr, Reason::LeavesNothing { name, series: series.len() });
                    }
                    None => {}
                }
            }
            Expr::Call(call) => self.look_at_call(expr, call),
            Expr::Binary(binary) => self.look_at_binary(expr, binary),
        }
    }

    fn look_at_call(&mut self, expr: &Expr, call: &Call) {
        let vectors =
            call.args.iter().filter(|arg| matches!(value_type(arg), ValueType::Vector | ValueType::Matrix));
        let mut series = 0;
        for argument in vectors {
            match self.series(argument) {
                Some(found) if found.is_empty() => {
                    match selector::narrow_window(self, call) {
                        Some(reason) => self.found(expr, reason),
                        None => self.look_at(argument),
                    }
                    return;
                }
                Some(found) => series = series.max(found.len()),
                None => {}
            }
        }
        let name = call.name.clone();
        let body = functions::lookup(&name).map(|function| function.body);
        let reason = match body {
            Some(Body::Special(Special::Absent | Special::AbsentOverTime)) => Reason::Present { series },
            Some(Body::Window(_)) => {
                selector::window_too_short(self, call).unwrap_or(Reason::LeavesNothing { name, series })
            }
            _ => Reason::LeavesNothing { name, series },
        };
        self.found(expr, reason);
    }

    fn look_at_binary(&mut self, expr: &Expr, binary: &BinaryExpr) {
        let (lhs, rhs) = (self.series(&binary.lhs), self.series(&binary.rhs));
        let sides = [(&binary.lhs, &lhs), (&binary.rhs, &rhs)];
        let empty: Vec<&Expr> = sides
            .iter()
            .filter(|(_, series)| series.as_ref().is_some_and(|series| series.is_empty()))
            .map(|(side, _)| *side)
            .collect();
        match (binary.op, empty.as_slice(), &lhs, &rhs) {
            (BinaryOp::Unless, [], Some(lhs), _) => {
                self.found(expr, Reason::AllExcluded { series: lhs.len() });
            }
            (_, [], Some(left), Some(right)) => {
                let with_bool = BinaryExpr { return_bool: true, ..binary.clone() };
                let compared = binary.op.is_comparison() && !binary.return_bool;
                let pairs = if compared { self.series(&Expr::Binary(Box::new(with_bool))) } else { None };
                let reason = if pairs.is_some_and(|pairs| !pairs.is_empty()) {
                    filtered(binary.op, left)
                } else {
                    Some(matching::no_partners(binary, left, right))
                };
                if let Some(reason) = reason {
                    self.found(expr, reason);
                }
            }
            (operator, [], Some(vector), None) | (operator, [], None, Some(vector)) => {
                if let Some(reason) = filtered(operator, vector) {
                    self.found(expr, reason);
                }
            }
            (_, empty, _, _) => empty.iter().for_each(|side| self.look_at(side)),
        }
    }
}

/// What was compared, and did not pass.
fn filtered(operator: BinaryOp, series: &[PartSeries]) -> Option<Reason> {
    let values = || series.iter().flat_map(|series| series.floats.iter().copied());
    let low = values().reduce(f64::min)?;
    let high = values().reduce(f64::max)?;
    operator.is_comparison().then_some(Reason::Filtered { operator, low, high, series: series.len() })
}
