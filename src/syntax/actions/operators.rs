//! Signs and binary operators: which of them binds tighter.
//!
//! An operand belongs to the operator before it or to the one behind it, whichever binds tighter. So operators wait,
//! with their left operands, until a looser one or the end of the expression is read:
//!
//! ```text
//! a + b * c > d     reads   a +          [a +]
//!                           b *          [a +] [b *]
//!                           c >          [a + (b * c) >]
//!                           d            (a + (b * c)) > d
//! ```
//!
//! What an expression waits for lies on top of what the expressions around it wait for, in one list.

use super::builder::{Builder, Lookahead, Modifiers, Parsed, Tree, signed};
use crate::diagnostic::Span;
use crate::syntax::ast::*;
use crate::syntax::error::SyntaxErrorKind as Kind;

/// How many signs and operators of the expression at hand wait for their right operand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OpenCount(usize);

/// A sign or an operator that waits for its right operand.
#[derive(Debug)]
pub(super) enum Open {
    /// Whether it is a minus, and where.
    Sign(bool, Span),
    /// A left operand, its operator, and what stands behind that.
    Binary(Tree, BinaryOp, Span, Option<Box<Modifiers>>),
}

/// Operators that bind tighter are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
}

fn precedence(op: BinaryOp) -> Precedence {
    use BinaryOp as B;
    match op {
        B::Or => Precedence::Or,
        B::And | B::Unless => Precedence::And,
        B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
            Precedence::Comparison
        }
        B::TrimUpper | B::TrimLower => Precedence::Comparison,
        B::Add | B::Sub => Precedence::Sum,
        B::Mul | B::Div | B::Mod | B::Atan2 => Precedence::Product,
        B::Pow => Precedence::Power,
    }
}

impl Open {
    /// Whether the operand behind it belongs to it if `next` follows. Powers are the only ones that go from right to left.
    fn takes_operand_before(&self, next: BinaryOp) -> bool {
        let own = match self {
            Open::Sign(..) => Precedence::Sign,
            Open::Binary(_, op, ..) => precedence(*op),
        };
        let next = precedence(next);
        own > next || own == next && own != Precedence::Power
    }
}

impl Builder<'_> {
    /// A sign before an operand.
    pub(crate) fn sign(&mut self, open: OpenCount, (negative, span): (bool, Span)) -> OpenCount {
        self.open.push(Open::Sign(negative, span));
        OpenCount(open.0 + 1)
    }

    /// An operand and the operator behind it.
    pub(crate) fn operand(
        &mut self,
        OpenCount(mut open): OpenCount,
        mut operand: Tree,
        (op, span): (BinaryOp, Span),
    ) -> Parsed<OpenCount> {
        while open > 0 && self.open.last().is_some_and(|last| last.takes_operand_before(op)) {
            // The token behind the operand is the operator: no error of the lexer comes first.
            operand = self.close(operand, Lookahead::Passed)?;
            open -= 1;
        }
        self.open.push(Open::Binary(operand, op, span, None));
        Ok(OpenCount(open + 1))
    }

    /// What stands behind an operator.
    pub(crate) fn modified(&mut self, open: OpenCount, new: Option<Box<Modifiers>>) -> OpenCount {
        if let Some(Open::Binary(.., modifiers)) = self.open.last_mut() {
            *modifiers = new;
        }
        open
    }

    /// The operand that ends the expression.
    pub(crate) fn last_operand(&mut self, open: OpenCount, mut operand: Tree) -> Parsed<Tree> {
        for _ in 0..open.0 {
            operand = self.close(operand, Lookahead::AtHand)?;
        }
        Ok(operand)
    }

    /// Gives the last of what waits its operand.
    fn close(&mut self, operand: Tree, lookahead: Lookahead) -> Parsed<Tree> {
        match self.open.pop() {
            Some(Open::Sign(negative, span)) => self.unary((negative, span), operand),
            Some(Open::Binary(lhs, op, span, modifiers)) => {
                self.binary(lhs, (op, span), modifiers, operand, lookahead)
            }
            None => Ok(operand),
        }
    }

    /// A sign before a number is part of the number.
    fn unary(&mut self, (negative, sign): (bool, Span), operand: Tree) -> Parsed<Tree> {
        self.leave_level();
        if let Expr::Number(number) = operand.expr {
            return Ok(self.number(signed(negative, sign, number)));
        }
        let span = Span { end: operand.expr.span().end, ..sign };
        let height = self.over(operand.height, span)?;
        Ok(Tree { expr: Expr::Unary(Box::new(UnaryExpr { negative, operand: operand.expr, span })), height })
    }

    fn binary(
        &mut self,
        lhs: Tree,
        (op, op_span): (BinaryOp, Span),
        modifiers: Option<Box<Modifiers>>,
        rhs: Tree,
        lookahead: Lookahead,
    ) -> Parsed<Tree> {
        if op == BinaryOp::Pow {
            self.leave_level();
        }
        let span = lhs.expr.span().to(rhs.expr.span());
        let op_span = self.behind(lhs.expr.span()).to(op_span);
        let (return_bool, matching) = match modifiers {
            Some(modifiers) => (modifiers.return_bool, modifiers.matching.map(|matching| *matching)),
            None => (false, None),
        };
        let fills = matching.as_ref().is_some_and(|m| m.fill_left.is_some() || m.fill_right.is_some());
        if fills && !self.features.binop_fill_modifiers {
            return match lookahead {
                Lookahead::AtHand => self.fail_behind_lookahead(Kind::FillNotEnabled, span),
                Lookahead::Passed => self.fail(Kind::FillNotEnabled, span),
            };
        }
        let height = self.over(lhs.height.max(rhs.height), span)?;
        let expr = BinaryExpr { op, op_span, lhs: lhs.expr, rhs: rhs.expr, return_bool, matching, span };
        Ok(Tree { expr: Expr::Binary(Box::new(expr)), height })
    }

    /// The first byte behind an operand that is no space. Upstream takes it for the operator, though it may be an
    /// `anchored` or a comment.
    fn behind(&self, operand: Span) -> Span {
        let rest = &self.text[operand.end as usize..];
        let start = self.text.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        Span::new(start, start)
    }
}
