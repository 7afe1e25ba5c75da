//! Parentheses, what stands between two operands, calls and aggregations.

use super::builder::{Arguments, Builder, Fill, Matching, Modifiers, Parsed, Tree};
use crate::diagnostic::Span;
use crate::syntax::ast::*;
use crate::syntax::error::{Completed, SyntaxErrorKind as Kind};
use crate::syntax::token::Token;

impl Builder<'_> {
    pub(crate) fn paren(&mut self, (inner, span): (Tree, Span)) -> Parsed<Tree> {
        let height = self.over(inner.height, span)?;
        Ok(Tree { expr: Expr::Paren(Box::new(ParenExpr { inner: inner.expr, span })), height })
    }

    pub(crate) fn modifiers(
        &mut self,
        return_bool: bool,
        matching: Option<Matching>,
        fill: Option<Fill>,
    ) -> Option<Box<Modifiers>> {
        let matching = match (matching, fill) {
            (matching, None) => matching,
            (matching, Some(fill)) => {
                let none = || Box::new(VectorMatching { span: fill.span, ..VectorMatching::default() });
                let mut matching = matching.unwrap_or_else(none);
                matching.span = matching.span.to(fill.span);
                (matching.fill_left, matching.fill_right) = (fill.left, fill.right);
                Some(matching)
            }
        };
        (return_bool || matching.is_some()).then(|| Box::new(Modifiers { return_bool, matching }))
    }

    pub(crate) fn matching(
        &mut self,
        on: bool,
        labels: Vec<LabelName>,
        group: Option<(Grouping, Vec<LabelName>)>,
        span: Span,
    ) -> Matching {
        let (grouping, include) = group.unwrap_or_default();
        Box::new(VectorMatching {
            on: Some(on),
            labels,
            grouping,
            include,
            span,
            ..VectorMatching::default()
        })
    }

    pub(crate) fn call(&mut self, (_, name_span): ((), Span), args: (Arguments, Span)) -> Parsed<Tree> {
        let (Arguments { list: args, height }, args_span) = args;
        let name = self.slice(name_span).to_owned();
        self.completed.push(Completed::Call { name_span });
        let span = name_span.to(args_span);
        let height = self.over(height, span)?;
        Ok(Tree { expr: Expr::Call(Box::new(Call { name, name_span, args, args_span, span })), height })
    }

    pub(crate) fn only_argument(&mut self, argument: Tree) -> Arguments {
        Arguments { list: vec![argument.expr], height: argument.height }
    }

    pub(crate) fn next_argument(&mut self, mut arguments: Arguments, argument: Tree) -> Arguments {
        arguments.list.push(argument.expr);
        arguments.height = arguments.height.max(argument.height);
        arguments
    }

    pub(crate) fn trailing_comma(&mut self, (_, comma): (Token, Span)) -> Parsed<Arguments> {
        self.fail_behind_lookahead(Kind::TrailingComma, comma)
    }

    pub(crate) fn aggregate(
        &mut self,
        (op, op_span): (AggregateOp, Span),
        (arguments, args_span): (Arguments, Span),
        labels: Option<((bool, Vec<LabelName>), Span)>,
    ) -> Parsed<Tree> {
        let ((without, grouping), end) = match labels {
            Some((labels, span)) => (labels, span),
            None => {
                // Upstream looks at the next token first: there might come a `by`.
                self.pass_lookahead()?;
                (Default::default(), args_span)
            }
        };
        self.aggregation(op, without, grouping, arguments, op_span.to(end))
    }

    pub(crate) fn aggregate_by(
        &mut self,
        (op, op_span): (AggregateOp, Span),
        ((without, grouping), _): ((bool, Vec<LabelName>), Span),
        (arguments, args_span): (Arguments, Span),
    ) -> Parsed<Tree> {
        self.aggregation(op, without, grouping, arguments, op_span.to(args_span))
    }

    fn aggregation(
        &mut self,
        op: AggregateOp,
        without: bool,
        grouping: Vec<LabelName>,
        arguments: Arguments,
        span: Span,
    ) -> Parsed<Tree> {
        self.leave();
        let Arguments { list: args, height } = arguments;
        self.completed.push(Completed::Aggregate { op, arguments: args.len(), span });
        let height = self.over(height, span)?;
        let expr = AggregateExpr { op, args, without, grouping, span };
        Ok(Tree { expr: Expr::Aggregate(Box::new(expr)), height })
    }
}
