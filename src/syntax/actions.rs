//! What the grammar calls: one method for each production that makes a node.
//!
//! The method says what is wrong with the node, if anything is: `foo[5m][5m]` is grammatical, but `matrix` refuses it
//! ("ranges only allowed for vector selectors"). What needs types or the tables of functions and aggregations is left
//! to `plan`.
//!
//! Upstream goes on after an error and shows the first; here the first one ends the parse. So that it is the same one,
//! an action must know whether upstream runs it before or after it has read the next token, because the lexer may
//! have an error to tell about that token: [`Builder::fail`] and [`Builder::fail_behind_lookahead`].

use std::cell::Cell;

use lalrpop_util::ParseError;

use super::ast::*;
use super::error::{Completed, Context, Found, SyntaxError, SyntaxErrorKind as Kind};
use super::features::Features;
use super::literal::{number_value, parse_duration, seconds, unquote};
use super::token::Token;
use crate::diagnostic::Span;
use crate::model::{MatchOp, Matcher};

/// What an action that can fail returns.
pub(crate) type Parsed<T> = Result<T, ParseError<usize, Token, Box<SyntaxError>>>;

/// An expression and the height of its tree.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(super) expr: Expr,
    height: usize,
}

/// A duration and the height of its tree.
#[derive(Debug)]
pub(crate) struct DurationTree {
    duration: DurationExpr,
    height: usize,
}

/// Arguments, and the height of the highest.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    list: Vec<Expr>,
    height: usize,
}

/// What stands between an operator and its right operand.
#[derive(Debug)]
pub(crate) struct Modifiers {
    return_bool: bool,
    matching: Option<VectorMatching>,
}

/// `on (a) group_left (b)`
pub(crate) type Matching = VectorMatching;

/// `fill (0)`
#[derive(Debug)]
pub(crate) struct Fill {
    pub(crate) left: Option<f64>,
    pub(crate) right: Option<f64>,
    pub(crate) span: Span,
}

/// What stands behind `offset`.
#[derive(Debug)]
pub(crate) struct OffsetDuration {
    duration: DurationExpr,
    /// Whether it could have gone on: upstream has looked at the next token.
    open: bool,
}

/// Where and why the tokens end with `Stop`.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) cause: StopCause,
    /// Whether `Stop` was read.
    pub(super) reached: Cell<bool>,
}

/// Why parsing stops.
#[derive(Clone, Debug)]
pub(super) enum StopCause {
    /// The grammar has no place for the token that stands there.
    Unexpected(Found, Span),
    /// The lexer found none.
    Lexer(Box<SyntaxError>),
}

/// Makes the nodes.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    text: &'a str,
    features: &'a Features,
    /// Signs and powers whose right operand is being read.
    levels: usize,
    /// The constructs that are being read and whose name an unexpected token is told with.
    contexts: Vec<Context>,
    stop: Option<&'a Stop>,
    pub(super) completed: Vec<Completed>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, features: &'a Features, stop: Option<&'a Stop>) -> Self {
        Builder { text, features, levels: 0, contexts: Vec::new(), stop, completed: Vec::new() }
    }

    // Errors

    /// An error that upstream tells before it reads the next token.
    fn fail<T>(&self, kind: Kind, span: Span) -> Parsed<T> {
        Err(ParseError::User { error: SyntaxError::new(kind, span) })
    }

    /// An error that upstream tells when it has read the next token: an error of the lexer comes first.
    fn fail_behind_lookahead<T>(&self, kind: Kind, span: Span) -> Parsed<T> {
        match self.lookahead_error() {
            Some(error) => Err(ParseError::User { error }),
            None => self.fail(kind, span),
        }
    }

    /// What the lexer has to tell about the next token, if it is no token.
    fn lookahead_error(&self) -> Option<Box<SyntaxError>> {
        match self.stop {
            Some(Stop { cause: StopCause::Lexer(error), reached }) if reached.get() => Some(error.clone()),
            _ => None,
        }
    }

    /// Parsing stops here, where something else had to come.
    pub(crate) fn missing(&mut self, context: Context) {
        self.contexts.push(context);
    }

    /// Parsing stopped: whatever this is part of has no value.
    pub(crate) fn stopped<T>(&mut self) -> Parsed<T> {
        Err(ParseError::User { error: self.stop_error() })
    }

    /// The error that made parsing stop, told with the innermost construct that was being read.
    pub(super) fn stop_error(&self) -> Box<SyntaxError> {
        match self.stop.map(|stop| &stop.cause) {
            Some(StopCause::Lexer(error)) => error.clone(),
            Some(StopCause::Unexpected(found, span)) => {
                let context = self.contexts.last().copied().unwrap_or(Context::None);
                SyntaxError::new(Kind::Unexpected { found: found.clone(), context }, *span)
            }
            None => SyntaxError::new(Kind::NoExpression, Span::default()),
        }
    }

    pub(crate) fn no_expression(&mut self) -> Parsed<Tree> {
        self.fail(Kind::NoExpression, Span::default())
    }

    // Depth and contexts

    /// The height of a node over children of this height.
    fn over(&self, height: usize, span: Span) -> Parsed<usize> {
        if height >= MAX_DEPTH { self.fail(Kind::TooDeep { limit: MAX_DEPTH }, span) } else { Ok(height + 1) }
    }

    /// A sign or `^` was read: a level that is built only when its right operand is complete.
    pub(crate) fn enter_level<T>(&mut self, operator: T) -> Parsed<T> {
        self.levels += 1;
        if self.levels > MAX_DEPTH {
            return self.fail(Kind::TooDeep { limit: MAX_DEPTH }, Span::default());
        }
        Ok(operator)
    }

    fn leave_level(&mut self) {
        self.levels -= 1;
    }

    pub(crate) fn enter(&mut self, context: Context) {
        self.contexts.push(context);
    }

    pub(crate) fn enter_range(&mut self, (_, span): (Token, Span)) -> Span {
        self.enter(Context::RangeStart);
        span
    }

    pub(crate) fn enter_step(&mut self) {
        self.contexts.pop();
        self.contexts.push(Context::StepStart);
    }

    pub(crate) fn enter_aggregate(&mut self, op: (AggregateOp, Span)) -> (AggregateOp, Span) {
        self.enter(Context::Aggregation);
        op
    }

    fn leave(&mut self) {
        self.contexts.pop();
    }

    // Literals

    fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    pub(crate) fn number_literal(&mut self, (_, span): (Token, Span)) -> Parsed<NumberLiteral> {
        let text = self.slice(span);
        match number_value(text) {
            Ok(value) => Ok(NumberLiteral { value, duration: false, span }),
            Err(error) => self.fail(Kind::BadNumber { text: text.to_owned(), error }, span),
        }
    }

    pub(crate) fn duration_literal(&mut self, (_, span): (Token, Span)) -> Parsed<NumberLiteral> {
        match parse_duration(self.slice(span)) {
            Ok(ms) => Ok(NumberLiteral { value: seconds(ms), duration: true, span }),
            Err(error) => self.fail(Kind::BadDuration(error), span),
        }
    }

    pub(crate) fn signed_value(&mut self, negative: bool, number: NumberLiteral) -> f64 {
        self.leave_level();
        if negative { -number.value } else { number.value }
    }

    pub(crate) fn number(&mut self, number: NumberLiteral) -> Tree {
        Tree { expr: Expr::Number(number), height: 1 }
    }

    pub(crate) fn string(&mut self, (_, span): (Token, Span)) -> Tree {
        let value = unquote(self.slice(span)).into_boxed_slice();
        Tree { expr: Expr::String(StringLiteral { value, span }), height: 1 }
    }

    // Operators and calls

    pub(crate) fn paren(&mut self, (inner, span): (Tree, Span)) -> Parsed<Tree> {
        let height = self.over(inner.height, span)?;
        Ok(Tree { expr: Expr::Paren(Box::new(ParenExpr { inner: inner.expr, span })), height })
    }

    /// A sign before a number is part of the number.
    pub(crate) fn unary(&mut self, (negative, sign): (bool, Span), operand: Tree) -> Parsed<Tree> {
        self.leave_level();
        if let Expr::Number(number) = operand.expr {
            return Ok(self.number(signed(negative, sign, number)));
        }
        let span = Span { end: operand.expr.span().end, ..sign };
        let height = self.over(operand.height, span)?;
        Ok(Tree { expr: Expr::Unary(Box::new(UnaryExpr { negative, operand: operand.expr, span })), height })
    }

    pub(crate) fn binary(
        &mut self,
        lhs: Tree,
        (op, op_span): (BinaryOp, Span),
        modifiers: Option<Box<Modifiers>>,
        rhs: Tree,
    ) -> Parsed<Tree> {
        if op == BinaryOp::Pow {
            self.leave_level();
        }
        let span = lhs.expr.span().to(rhs.expr.span());
        let op_span = self.behind(lhs.expr.span()).to(op_span);
        let (return_bool, matching) = match modifiers {
            Some(modifiers) => (modifiers.return_bool, modifiers.matching),
            None => (false, None),
        };
        let fills = matching.as_ref().is_some_and(|m| m.fill_left.is_some() || m.fill_right.is_some());
        if fills && !self.features.binop_fill_modifiers {
            return self.fail_behind_lookahead(Kind::FillNotEnabled, span);
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

    pub(crate) fn modifiers(
        &mut self,
        return_bool: bool,
        matching: Option<Matching>,
        fill: Option<Fill>,
    ) -> Option<Box<Modifiers>> {
        let matching = match (matching, fill) {
            (matching, None) => matching,
            (matching, Some(fill)) => {
                let matching =
                    matching.unwrap_or(VectorMatching { span: fill.span, ..VectorMatching::default() });
                let span = matching.span.to(fill.span);
                Some(VectorMatching { fill_left: fill.left, fill_right: fill.right, span, ..matching })
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
        VectorMatching { on: Some(on), labels, grouping, include, span, ..VectorMatching::default() }
    }

    pub(crate) fn call(&mut self, (_, name_span): ((), Span), args: (Arguments, Span)) -> Parsed<Tree> {
        let (Arguments { list: args, height }, args_span) = args;
        let name = self.slice(name_span).to_owned();
        self.completed.push(Completed::Call { name_span });
        let span = name_span.to(args_span);
        let height = self.over(height, span)?;
        Ok(Tree { expr: Expr::Call(Box::new(Call { name, name_span, args, args_span, span })), height })
    }

    pub(crate) fn first_argument(&mut self, argument: Tree) -> Arguments {
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
                if let Some(error) = self.lookahead_error() {
                    return Err(ParseError::User { error });
                }
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

    // Labels and selectors

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
    ) -> Parsed<Matcher> {
        self.make_matcher(self.slice(name), op, value, name.to(value))
    }

    pub(crate) fn matcher_on_quoted(
        &mut self,
        (_, name): (Token, Span),
        op: MatchOp,
        (_, value): (Token, Span),
    ) -> Parsed<Matcher> {
        self.make_matcher(&self.unquoted(name), op, value, name.to(value))
    }

    fn make_matcher(&self, name: &str, op: MatchOp, value: Span, span: Span) -> Parsed<Matcher> {
        match Matcher::new(op, name, &self.unquoted(value)) {
            Ok(matcher) => Ok(matcher),
            Err(error) => self.fail(Kind::BadRegex(error.to_string()), span),
        }
    }

    pub(crate) fn name_matcher(&mut self, (_, name): (Token, Span)) -> Matcher {
        Matcher::equal("__name__", &self.unquoted(name))
    }

    /// A string as text; labels are text, so bytes that are none match no label.
    fn unquoted(&self, span: Span) -> String {
        String::from_utf8(unquote(self.slice(span)))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    pub(crate) fn vector(&mut self, name: Option<((), Span)>, braces: Option<(Vec<Matcher>, Span)>) -> Tree {
        let name_span = name.map(|(_, span)| span);
        let (mut matchers, braces_span) = braces.map_or((Vec::new(), None), |(m, span)| (m, Some(span)));
        let name = name_span.map(|span| self.slice(span).to_owned());
        matchers.extend(name.as_deref().map(|name| Matcher::equal("__name__", name)));
        let span = match (name_span, braces_span) {
            (Some(name), Some(braces)) => name.to(braces),
            (Some(span), None) | (None, Some(span)) => span,
            (None, None) => Span::default(),
        };
        let selector =
            VectorSelector { name, matchers, offset: None, at: None, anchored: false, smoothed: false, span };
        Tree { expr: Expr::Vector(Box::new(selector)), height: 1 }
    }

    // Ranges and modifiers of selectors

    pub(crate) fn matrix(
        &mut self,
        tree: Tree,
        open: Span,
        range: DurationExpr,
        (_, close): (Token, Span),
    ) -> Parsed<Tree> {
        self.leave();
        let brackets = open.to(close);
        let selector = match tree.expr {
            Expr::Vector(selector) if selector.offset.is_some() => {
                return self.fail(Kind::RangeAfterOffset, brackets);
            }
            Expr::Vector(selector) if selector.at.is_some() => {
                return self.fail(Kind::RangeAfterAt, brackets);
            }
            Expr::Vector(selector) => *selector,
            _ => return self.fail(Kind::RangeWithoutSelector, brackets),
        };
        let span = selector.span.to(close);
        Ok(Tree { expr: Expr::Matrix(Box::new(MatrixSelector { selector, range, span })), height: 2 })
    }

    pub(crate) fn subquery(
        &mut self,
        tree: Tree,
        range: DurationExpr,
        step: Option<DurationExpr>,
        (_, close): (Token, Span),
    ) -> Parsed<Tree> {
        self.leave();
        let span = tree.expr.span().to(close);
        let height = self.over(tree.height, span)?;
        let expr = SubqueryExpr { inner: tree.expr, range, step, offset: None, at: None, span };
        Ok(Tree { expr: Expr::Subquery(Box::new(expr)), height })
    }

    pub(crate) fn offset(&mut self, mut tree: Tree, (new, at): (OffsetDuration, Span)) -> Parsed<Tree> {
        self.leave();
        let OffsetDuration { duration, open } = new;
        let whole = tree.expr.span();
        let fail = |kind| {
            if open { self.fail_behind_lookahead(kind, whole) } else { self.fail(kind, whole) }
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
        // No offset and one of zero are the same.
        let zero = matches!(&duration, DurationExpr::Literal(n) if (n.value * 1e9).round() == 0.0);
        *offset = (!zero).then_some(duration);
        span.end = at.end;
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

    // Durations

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
        ((max, lhs, rhs), span): ((bool, DurationTree, DurationTree), Span),
    ) -> Parsed<DurationTree> {
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
    pub(crate) fn range_duration(&mut self, tree: DurationTree) -> Parsed<DurationExpr> {
        match tree.duration {
            DurationExpr::Literal(number) if number.value <= 0.0 => {
                self.fail_behind_lookahead(Kind::DurationNotPositive, number.span)
            }
            duration => Ok(alone(duration)),
        }
    }

    pub(crate) fn offset_number(
        &mut self,
        sign: Option<(bool, Span)>,
        number: NumberLiteral,
    ) -> Parsed<OffsetDuration> {
        if let Some((_, sign)) = sign {
            self.leave_level();
            if is_out_of_range(number.value) {
                return self.fail(Kind::DurationOutOfRange, sign);
            }
        }
        let number = match sign {
            Some((negative, sign)) => signed(negative, sign, number),
            None => number,
        };
        let duration = alone(self.duration_number(number)?.duration);
        Ok(OffsetDuration { duration, open: false })
    }

    pub(crate) fn offset_signed(
        &mut self,
        (negative, sign): (bool, Span),
        tree: DurationTree,
    ) -> Parsed<OffsetDuration> {
        let mut duration = self.duration_unary((negative, sign), tree)?.duration;
        // What upstream takes for the first byte of what `+` stands before.
        match &mut duration {
            DurationExpr::Step(span) | DurationExpr::Range(span) | DurationExpr::Pick { span, .. } => {
                span.start = sign.start;
            }
            DurationExpr::Paren { inner, span } => *span = inner.span(),
            _ => {}
        }
        Ok(OffsetDuration { duration, open: false })
    }

    pub(crate) fn offset_duration(&mut self, tree: DurationTree) -> OffsetDuration {
        OffsetDuration { duration: tree.duration, open: false }
    }

    /// A duration behind `offset` that could have gone on.
    pub(crate) fn open_offset_duration(&mut self, tree: DurationTree) -> OffsetDuration {
        OffsetDuration { duration: alone(tree.duration), open: true }
    }
}

/// A number where a duration has to stand is one. NaN gets past all limits and then becomes the least count of
/// nanoseconds.
fn alone(duration: DurationExpr) -> DurationExpr {
    match duration {
        DurationExpr::Literal(number) => {
            let value = if number.value.is_nan() { i64::MIN as f64 / 1e9 } else { number.value };
            DurationExpr::Literal(NumberLiteral { value, duration: true, ..number })
        }
        other => other,
    }
}

fn signed(negative: bool, sign: Span, number: NumberLiteral) -> NumberLiteral {
    let value = if negative { -number.value } else { number.value };
    NumberLiteral { value, span: Span { start: sign.start, ..number.span }, ..number }
}

/// Whether so many seconds, counted in nanoseconds, do not fit into 64 bits.
fn is_out_of_range(seconds: f64) -> bool {
    seconds.abs() > (1u64 << 63) as f64 / 1e9
}
