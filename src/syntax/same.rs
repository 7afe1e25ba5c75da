//! Whether two expressions mean the same, wherever they were written.
//!
//! ```
//! use promqlite::syntax::{Features, parse};
//!
//! let features = Features::default();
//! let (a, b) = (parse("a+b", &features)?, parse("a  +  ignoring() b", &features)?);
//! assert!(a != b && a.same_as(&b));
//! # Ok::<(), promqlite::syntax::SyntaxError>(())
//! ```

use super::ast::*;
use crate::diagnostic::Span;

impl Expr {
    /// Whether the two are equal but for their spans, the order of matchers, and clauses that say nothing
    /// (`ignoring ()`, `by ()`).
    pub fn same_as(&self, other: &Expr) -> bool {
        let (mut a, mut b) = (self.clone(), other.clone());
        a.forget_spelling();
        b.forget_spelling();
        a == b
    }

    fn forget_spelling(&mut self) {
        match self {
            Expr::Number(e) => e.span = Span::default(),
            Expr::String(e) => e.span = Span::default(),
            Expr::Paren(e) => {
                e.span = Span::default();
                e.inner.forget_spelling();
            }
            Expr::Unary(e) => {
                e.span = Span::default();
                e.operand.forget_spelling();
            }
            Expr::Binary(e) => {
                (e.span, e.op_span) = Default::default();
                e.lhs.forget_spelling();
                e.rhs.forget_spelling();
                if let Some(matching) = &mut e.matching {
                    matching.forget_spelling();
                }
                e.matching = e.matching.take().filter(|matching| *matching != VectorMatching::default());
            }
            Expr::Aggregate(e) => {
                e.span = Span::default();
                e.grouping.iter_mut().for_each(|label| label.span = Span::default());
                e.args.iter_mut().for_each(Expr::forget_spelling);
            }
            Expr::Call(e) => {
                (e.span, e.name_span, e.args_span) = Default::default();
                e.args.iter_mut().for_each(Expr::forget_spelling);
            }
            Expr::Vector(e) => e.forget_spelling(),
            Expr::Matrix(e) => {
                e.span = Span::default();
                e.selector.forget_spelling();
                e.range.forget_spelling();
            }
            Expr::Subquery(e) => {
                e.span = Span::default();
                e.inner.forget_spelling();
                e.range.forget_spelling();
                for duration in e.step.iter_mut().chain(&mut e.offset) {
                    duration.forget_spelling();
                }
            }
        }
    }
}

impl VectorMatching {
    fn forget_spelling(&mut self) {
        self.span = Span::default();
        for label in self.labels.iter_mut().chain(&mut self.include) {
            label.span = Span::default();
        }
        if self.on == Some(false) && self.labels.is_empty() {
            self.on = None;
        }
    }
}

impl VectorSelector {
    fn forget_spelling(&mut self) {
        self.span = Span::default();
        let mut matchers = self.matchers.to_vec();
        matchers.sort_by(|a, b| (&a.name, a.op, &a.value).cmp(&(&b.name, b.op, &b.value)));
        self.matchers = matchers.into();
        if let Some(offset) = &mut self.offset {
            offset.forget_spelling();
        }
    }
}

impl DurationExpr {
    fn forget_spelling(&mut self) {
        match self {
            DurationExpr::Literal(number) => number.span = Span::default(),
            DurationExpr::Step(span) | DurationExpr::Range(span) => *span = Span::default(),
            DurationExpr::Unary { operand, span, .. } => {
                *span = Span::default();
                operand.forget_spelling();
            }
            DurationExpr::Paren { inner, span } => {
                *span = Span::default();
                inner.forget_spelling();
            }
            DurationExpr::Binary { lhs, rhs, span, .. } | DurationExpr::Pick { lhs, rhs, span, .. } => {
                *span = Span::default();
                lhs.forget_spelling();
                rhs.forget_spelling();
            }
        }
    }
}
