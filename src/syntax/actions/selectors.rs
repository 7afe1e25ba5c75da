//! Vector selectors, ranges, subqueries, and the modifiers behind them.

use std::string::FromUtf8Error;
use std::sync::Arc;

use super::builder::{Builder, DurationTree, OffsetDuration, Parsed, Tree};
use crate::diagnostic::Span;
use crate::model::labels::METRIC_NAME;
use crate::model::{MatchOp, Matcher};
use crate::syntax::ast::*;
use crate::syntax::error::SyntaxErrorKind as Kind;
use crate::syntax::literal::unquote;
use crate::syntax::token::Token;

impl Builder<'_> {
    pub(crate) fn append<T>(&mut self, mut list: Vec<T>, item: T) -> Vec<T> {
        list.push(item);
        list
    }

    pub(crate) fn label(&mut self, (_, span): ((), Span)) -> LabelName {
        LabelName { name: self.slice(span).to_owned(), span }
    }

    pub(crate) fn quoted_label(&mut self, (_, span): (Token, Span)) -> Parsed<LabelName> {
        match String::from_utf8(unquote(self.slice(span))) {
            Ok(name) if !name.is_empty() => Ok(LabelName { name, span }),
            Ok(_) => self.fail(Kind::InvalidGroupingLabel(Vec::new()), span),
            Err(error) => self.fail(Kind::InvalidGroupingLabel(error.into_bytes()), span),
        }
    }

    pub(crate) fn matcher(
        &mut self,
        (_, name): (Token, Span),
        op: MatchOp,
        (_, value): (Token, Span),
    ) -> Parsed<()> {
        self.add_matcher(self.slice(name), op, value, name.to(value))
    }

    pub(crate) fn matcher_on_quoted(
        &mut self,
        (_, name): (Token, Span),
        op: MatchOp,
        (_, value): (Token, Span),
    ) -> Parsed<()> {
        self.add_matcher(&self.unquoted(name), op, value, name.to(value))
    }

    fn add_matcher(&mut self, name: &str, op: MatchOp, value: Span, span: Span) -> Parsed<()> {
        let bytes = unquote(self.slice(value));
        let text = match (op, String::from_utf8(bytes)) {
            (_, Ok(text)) => text,
            (MatchOp::Equal | MatchOp::NotEqual, Err(error)) => text_of(&error),
            (MatchOp::Regex | MatchOp::NotRegex, Err(error)) => {
                let rest = &error.as_bytes()[error.utf8_error().valid_up_to()..];
                let rest = String::from_utf8_lossy(rest);
                return self
                    .fail(Kind::BadRegex(format!("error parsing regexp: invalid UTF-8: `{rest}`")), span);
            }
        };
        match Matcher::new(op, name, &text) {
            Ok(matcher) => {
                self.matchers.push(matcher);
                Ok(())
            }
            Err(error) => self.fail(Kind::BadRegex(error.to_string()), span),
        }
    }

    pub(crate) fn name_matcher(&mut self, (_, name): (Token, Span)) {
        self.matchers.push(Matcher::equal(METRIC_NAME, &self.unquoted(name)));
    }

    fn unquoted(&self, span: Span) -> String {
        String::from_utf8(unquote(self.slice(span))).unwrap_or_else(|error| text_of(&error))
    }

    pub(crate) fn vector(&mut self, name: Option<((), Span)>, braces: Option<((), Span)>) -> Tree {
        let name_span = name.map(|(_, span)| span);
        let name = name_span.map(|span| self.slice(span).to_owned());
        let by_name = name.as_deref().map(|name| Matcher::equal(METRIC_NAME, name));
        let matchers = match by_name {
            Some(by_name) if self.matchers.is_empty() => Arc::new([by_name]),
            by_name => self.matchers.drain(..).chain(by_name).collect::<Arc<[_]>>(),
        };
        let span = match (name_span, braces.map(|(_, span)| span)) {
            (Some(name), Some(braces)) => name.to(braces),
            (Some(span), None) | (None, Some(span)) => span,
            (None, None) => Span::default(),
        };
        let selector =
            VectorSelector { name, matchers, offset: None, at: None, anchored: false, smoothed: false, span };
        Tree { expr: Expr::Vector(Box::new(selector)), height: 1 }
    }

    pub(crate) fn matrix(
        &mut self,
        tree: Tree,
        open: Span,
        range: DurationTree,
        (_, close): (Token, Span),
    ) -> Parsed<Tree> {
        self.leave();
        let brackets = open.to(close);
        let expr_span = tree.expr.span();
        let span = expr_span.to(close);
        let Expr::Vector(selector) = tree.expr else {
            let is_range = matches!(tree.expr, Expr::Matrix(_) | Expr::Subquery(_));
            let help = self.if_short(span, || {
                let (expr, range) = (self.slice(expr_span), self.slice(Span { end: close.start, ..open }));
                if is_range {
                    format!("put a function over the first range: `rate({expr}){range}:]`")
                } else {
                    format!("only a selector has a range; anything else is a subquery: `{expr}{range}:]`")
                }
            });
            return self.fail_with_help(Kind::RangeWithoutSelector, brackets, help);
        };
        let too_early = match (&selector.offset, selector.at) {
            (Some(_), _) => Some(Kind::RangeAfterOffset),
            (None, Some(_)) => Some(Kind::RangeAfterAt),
            (None, None) => None,
        };
        let height = self.over(range.height, span)?.max(tree.height + 1);
        let matrix = MatrixSelector { selector: *selector, range: range.duration, span };
        match too_early {
            None => Ok(Tree { expr: Expr::Matrix(Box::new(matrix)), height }),
            Some(kind) => {
                let help = self.if_short(span, || format!("the range comes first: `{matrix}`"));
                self.fail_with_help(kind, brackets, help)
            }
        }
    }

    pub(crate) fn subquery(
        &mut self,
        tree: Tree,
        range: DurationTree,
        step: Option<DurationTree>,
        (_, close): (Token, Span),
    ) -> Parsed<Tree> {
        self.leave();
        let span = tree.expr.span().to(close);
        let step_height = step.as_ref().map_or(0, |step| step.height);
        let height = self.over(tree.height.max(range.height).max(step_height), span)?;
        let (range, step) = (range.duration, step.map(|step| step.duration));
        let expr = SubqueryExpr { inner: tree.expr, range, step, offset: None, at: None, span };
        Ok(Tree { expr: Expr::Subquery(Box::new(expr)), height })
    }

    pub(crate) fn offset(&mut self, mut tree: Tree, (new, at): (OffsetDuration, Span)) -> Parsed<Tree> {
        self.leave();
        let whole = tree.expr.span();
        let fail = |kind| {
            if new.open { self.fail_behind_lookahead(kind, whole) } else { self.fail(kind, whole) }
        };
        let (offset, span) = match &mut tree.expr {
            Expr::Vector(e) => (&mut e.offset, &mut e.span),
            Expr::Matrix(e) => (&mut e.selector.offset, &mut e.span),
            Expr::Subquery(e) => (&mut e.offset, &mut e.span),
            _ => return fail(Kind::OffsetWithoutSelector),
        };
        if offset.is_some() {
            return fail(Kind::OffsetTwice);
        }
        span.end = at.end;
        // The offset of a range lies one level deeper, at its selector.
        tree.height = tree.height.max(self.over(new.tree.height + 1, whole)?);
        // No offset and one of zero are the same.
        let duration = new.tree.duration;
        let zero = matches!(&duration, DurationExpr::Literal(n) if (n.value * 1e9).round() == 0.0);
        *offset = (!zero).then_some(duration);
        Ok(tree)
    }

    pub(crate) fn at_time(&mut self, tree: Tree, (seconds, span): (f64, Span)) -> Parsed<Tree> {
        // The bounds are those of a count of seconds in 64 bits; what lies beyond them in ms is the least time there is.
        if seconds.is_nan() || seconds.abs() >= i64::MAX as f64 {
            self.leave();
            return self.fail(Kind::AtOutOfBounds(seconds), tree.expr.span());
        }
        let ms = (seconds * 1000.0).round();
        let ms = if ms.abs() < i64::MAX as f64 { ms as i64 } else { i64::MIN };
        self.at(tree, (AtModifier::Timestamp(ms), span))
    }

    pub(crate) fn at(&mut self, mut tree: Tree, (time, time_span): (AtModifier, Span)) -> Parsed<Tree> {
        self.leave();
        let whole = tree.expr.span();
        let (at, span) = match &mut tree.expr {
            Expr::Vector(e) => (&mut e.at, &mut e.span),
            Expr::Matrix(e) => (&mut e.selector.at, &mut e.span),
            Expr::Subquery(e) => (&mut e.at, &mut e.span),
            _ => return self.fail(Kind::AtWithoutSelector, whole),
        };
        if at.is_some() {
            return self.fail(Kind::AtTwice, whole);
        }
        *at = Some(time);
        span.end = time_span.end;
        Ok(tree)
    }

    pub(crate) fn anchored(&mut self, mut tree: Tree) -> Parsed<Tree> {
        let selector = self.extended(&mut tree, "anchored")?;
        selector.anchored = true;
        Ok(tree)
    }

    pub(crate) fn smoothed(&mut self, mut tree: Tree) -> Parsed<Tree> {
        let selector = self.extended(&mut tree, "smoothed")?;
        selector.smoothed = true;
        Ok(tree)
    }

    /// The selector that `anchored` or `smoothed` stands behind.
    fn extended<'t>(&self, tree: &'t mut Tree, modifier: &'static str) -> Parsed<&'t mut VectorSelector> {
        let span = tree.expr.span();
        if !self.features.extended_range_selectors {
            return self.fail(Kind::ExtendedNotEnabled { modifier }, span);
        }
        let selector = match &mut tree.expr {
            Expr::Vector(selector) => &mut **selector,
            Expr::Matrix(matrix) => &mut matrix.selector,
            Expr::Subquery(_) => return self.fail(Kind::ExtendedOnSubquery { modifier }, span),
            _ => return self.fail(Kind::ExtendedWithoutSelector { modifier }, span),
        };
        let other = if modifier == "anchored" { selector.smoothed } else { selector.anchored };
        if other {
            return self.fail(Kind::AnchoredAndSmoothed, span);
        }
        Ok(selector)
    }
}

/// What stands for bytes that are no text. Labels are text, so such bytes match none.
fn text_of(error: &FromUtf8Error) -> String {
    String::from_utf8_lossy(error.as_bytes()).into_owned()
}
