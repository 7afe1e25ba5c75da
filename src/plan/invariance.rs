//! Which parts of a query are the same at every step.
//!
//! A selector pinned with `@` is, and so is everything made of such selectors and constants alone, unless a function
//! depends on the time of the step itself. The outermost such part is evaluated once (`PreprocessExpr` in
//! `promql/engine.go`). As there, an aggregation is judged by its vector alone, not by its parameter.

use rustc_hash::FxHashSet;

use crate::functions::{Body, Special, lookup};
use crate::syntax::ast::Expr;

/// The outermost expressions that are evaluated once, by their place in memory.
#[derive(Debug, Default)]
pub(super) struct Invariants {
    wrapped: FxHashSet<*const Expr>,
}

/// Whether an expression never changes, and whether it is worth (or possible) to evaluate it apart.
#[derive(Clone, Copy)]
struct Verdict {
    invariant: bool,
    wrap: bool,
}

impl Invariants {
    /// Looks through the whole expression.
    pub(super) fn find(expr: &Expr) -> Self {
        let mut found = Invariants::default();
        let verdict = found.visit(expr);
        if verdict.wrap {
            found.wrapped.insert(expr);
        }
        found
    }

    /// Whether this expression is to be evaluated once.
    pub(super) fn contains(&self, expr: &Expr) -> bool {
        !self.wrapped.is_empty() && self.wrapped.contains(&(expr as *const Expr))
    }

    fn visit(&mut self, expr: &Expr) -> Verdict {
        match expr {
            Expr::Number(_) | Expr::String(_) => Verdict { invariant: true, wrap: false },
            Expr::Vector(selector) => {
                Verdict { invariant: selector.at.is_some(), wrap: selector.at.is_some() }
            }
            Expr::Matrix(matrix) => Verdict { invariant: matrix.selector.at.is_some(), wrap: false },
            Expr::Paren(paren) => self.visit(&paren.inner),
            Expr::Unary(unary) => self.visit(&unary.operand),
            Expr::Aggregate(aggregate) => match aggregate.args.last() {
                Some(vector) => self.visit(vector.unwrap_parens()),
                None => Verdict { invariant: false, wrap: false },
            },
            Expr::Subquery(subquery) => {
                if self.visit(&subquery.inner).invariant {
                    self.wrapped.insert(&subquery.inner);
                }
                Verdict { invariant: subquery.at.is_some(), wrap: false }
            }
            Expr::Binary(binary) => {
                let (lhs, rhs) = (self.visit(&binary.lhs), self.visit(&binary.rhs));
                if lhs.invariant && rhs.invariant {
                    return Verdict { invariant: true, wrap: true };
                }
                for (operand, verdict) in [(&binary.lhs, lhs), (&binary.rhs, rhs)] {
                    if verdict.wrap {
                        self.wrapped.insert(operand);
                    }
                }
                Verdict { invariant: false, wrap: false }
            }
            Expr::Call(call) => {
                let function = lookup(&call.name);
                // `start()` and its like were constants before anybody looked.
                let folded = matches!(
                    function.map(|f| &f.body),
                    Some(Body::Special(Special::Start | Special::End | Special::Range | Special::Step))
                );
                if folded {
                    return Verdict { invariant: true, wrap: false };
                }
                let mut all = true;
                let mut apart = Vec::new();
                for arg in call.args.iter().map(Expr::unwrap_parens) {
                    let verdict = self.visit(arg);
                    all &= verdict.invariant;
                    apart.extend(verdict.wrap.then_some(arg as *const Expr));
                }
                let timeless = function.is_some_and(|f| !f.depends_on_time);
                let pinned_timestamp = call.name == "timestamp"
                    && call.args.iter().all(|arg| matches!(arg.unwrap_parens(), Expr::Vector(_)));
                if all && (timeless || pinned_timestamp) {
                    return Verdict { invariant: true, wrap: true };
                }
                self.wrapped.extend(apart);
                Verdict { invariant: false, wrap: false }
            }
        }
    }
}
