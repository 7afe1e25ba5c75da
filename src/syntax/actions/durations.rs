//! Durations in brackets and behind `offset`.

use super::builder::{Builder, DurationPair, DurationTree, OffsetDuration, Parsed, signed};
use crate::diagnostic::Span;
use crate::syntax::ast::*;
use crate::syntax::error::SyntaxErrorKind as Kind;

impl Builder<'_> {
    pub(crate) fn duration_number(&mut self, number: NumberLiteral) -> Parsed<DurationTree> {
        if is_out_of_range(number.value) {
            return self.fail(Kind::DurationOutOfRange, number.span);
        }
        Ok(DurationTree { duration: DurationExpr::Literal(number), height: 1 })
    }

    pub(crate) fn step_duration(&mut self, (_, span): ((), Span)) -> DurationTree {
        DurationTree { duration: DurationExpr::Step(span), height: 1 }
    }

    pub(crate) fn query_range_duration(&mut self, (_, span): ((), Span)) -> DurationTree {
        DurationTree { duration: DurationExpr::Range(span), height: 1 }
    }

    pub(crate) fn duration_pick(
        &mut self,
        ((max, operands), span): ((bool, DurationPair), Span),
    ) -> Parsed<DurationTree> {
        let (lhs, rhs) = *operands;
        let height = self.over(lhs.height.max(rhs.height), span)?;
        let span = lhs.duration.span().to(rhs.duration.span());
        let (lhs, rhs) = (Box::new(lhs.duration), Box::new(rhs.duration));
        Ok(DurationTree { duration: DurationExpr::Pick { max, lhs, rhs, span }, height })
    }

    /// Parentheses in parentheses count once.
    pub(crate) fn duration_paren(&mut self, (tree, span): (DurationTree, Span)) -> Parsed<DurationTree> {
        if let DurationExpr::Paren { .. } = tree.duration {
            return Ok(tree);
        }
        let height = self.over(tree.height, span)?;
        let inner = tree.duration;
        let span = match &inner {
            DurationExpr::Literal(number) => Span { end: number.span.end, ..span },
            other => other.span(),
        };
        Ok(DurationTree { duration: DurationExpr::Paren { inner: Box::new(inner), span }, height })
    }

    /// A sign before a number is part of the number; a `+` before anything else says nothing.
    pub(crate) fn duration_unary(
        &mut self,
        (negative, sign): (bool, Span),
        tree: DurationTree,
    ) -> Parsed<DurationTree> {
        self.leave_level();
        match tree.duration {
            DurationExpr::Literal(number) => {
                let number = signed(negative, sign, number);
                Ok(DurationTree { duration: DurationExpr::Literal(number), height: 1 })
            }
            duration if negative => {
                let span = sign.to(duration.span());
                let height = self.over(tree.height, span)?;
                let operand = Box::new(duration);
                Ok(DurationTree { duration: DurationExpr::Unary { negative, operand, span }, height })
            }
            duration => Ok(DurationTree { duration, height: tree.height }),
        }
    }

    pub(crate) fn duration_binary(
        &mut self,
        lhs: DurationTree,
        (op, op_span): (BinaryOp, Span),
        rhs: DurationTree,
    ) -> Parsed<DurationTree> {
        if op == BinaryOp::Pow {
            self.leave_level();
        }
        let by_zero = matches!(&rhs.duration, DurationExpr::Literal(number) if number.value == 0.0);
        match op {
            BinaryOp::Div if by_zero => return self.fail_behind_lookahead(Kind::DivisionByZero, op_span),
            BinaryOp::Mod if by_zero => return self.fail_behind_lookahead(Kind::ModuloByZero, op_span),
            _ => {}
        }
        let span = lhs.duration.span().to(rhs.duration.span());
        let height = self.over(lhs.height.max(rhs.height), span)?;
        let (lhs, rhs) = (Box::new(lhs.duration), Box::new(rhs.duration));
        Ok(DurationTree { duration: DurationExpr::Binary { op, lhs, rhs, span }, height })
    }

    /// The range or step in brackets; a number alone is a duration there.
    pub(crate) fn range_duration(&mut self, tree: DurationTree) -> Parsed<DurationTree> {
        match tree.duration {
            DurationExpr::Literal(number) if number.value <= 0.0 => {
                self.fail_behind_lookahead(Kind::DurationNotPositive, number.span)
            }
            _ => Ok(alone(tree)),
        }
    }

    pub(crate) fn offset_number(
        &mut self,
        sign: Option<(bool, Span)>,
        number: NumberLiteral,
    ) -> Parsed<OffsetDuration> {
        let Some((negative, sign)) = sign else {
            return Ok(OffsetDuration { tree: alone(self.duration_number(number)?), open: false });
        };
        self.leave_level();
        if is_out_of_range(number.value) {
            return self.fail(Kind::DurationOutOfRange, sign);
        }
        let tree = self.duration_number(signed(negative, sign, number))?;
        Ok(OffsetDuration { tree: alone(tree), open: false })
    }

    pub(crate) fn offset_signed(
        &mut self,
        (negative, sign): (bool, Span),
        tree: DurationTree,
    ) -> Parsed<OffsetDuration> {
        let mut tree = self.duration_unary((negative, sign), tree)?;
        // What upstream takes for the first byte of what `+` stands before.
        match &mut tree.duration {
            DurationExpr::Step(span) | DurationExpr::Range(span) | DurationExpr::Pick { span, .. } => {
                span.start = sign.start;
            }
            DurationExpr::Paren { inner, span } => *span = inner.span(),
            _ => {}
        }
        Ok(OffsetDuration { tree, open: false })
    }

    pub(crate) fn offset_duration(&mut self, tree: DurationTree) -> OffsetDuration {
        OffsetDuration { tree, open: false }
    }

    /// A duration behind `offset` that could have gone on.
    pub(crate) fn open_offset_duration(&mut self, tree: DurationTree) -> OffsetDuration {
        OffsetDuration { tree: alone(tree), open: true }
    }
}

/// A number where a duration has to stand is one. NaN gets past all limits and then becomes the least count of
/// nanoseconds.
fn alone(tree: DurationTree) -> DurationTree {
    match tree.duration {
        DurationExpr::Literal(number) => {
            let value = if number.value.is_nan() { i64::MIN as f64 / 1e9 } else { number.value };
            let number = NumberLiteral { value, duration: true, ..number };
            DurationTree { duration: DurationExpr::Literal(number), height: tree.height }
        }
        _ => tree,
    }
}

/// Whether so many seconds, counted in nanoseconds, do not fit into 64 bits.
fn is_out_of_range(seconds: f64) -> bool {
    seconds.abs() > (1u64 << 63) as f64 / 1e9
}
