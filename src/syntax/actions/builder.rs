//! The builder that the actions belong to: what it knows of the parse, and how errors are told in upstream's order.
//!
//! Upstream goes on after an error and shows the first; here the first one ends the parse. So that it is the same one,
//! an action must know whether upstream runs it before or after it has read the next token, because the lexer may
//! have an error to tell about that token: [`Builder::fail`] and [`Builder::fail_behind_lookahead`].

use std::cell::Cell;

use lalrpop_util::ParseError;

use super::operators::Open;
use crate::diagnostic::Span;
use crate::model::Matcher;
use crate::syntax::ast::*;
use crate::syntax::duration::{parse_duration, seconds};
use crate::syntax::error::{Completed, Context, Found, SyntaxError, SyntaxErrorKind as Kind};
use crate::syntax::features::Features;
use crate::syntax::literal::{number_value, unquote};
use crate::syntax::token::Token;

/// Texts longer than this are not repeated in a help.
const LONGEST_REPEATED: usize = 80;

/// What an action that can fail returns.
pub(crate) type Parsed<T> = Result<T, ParseError<usize, Token, Box<SyntaxError>>>;

/// An expression and the height of its tree.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) expr: Expr,
    pub(super) height: u16,
}

/// A duration and the height of its tree.
#[derive(Debug)]
pub(crate) struct DurationTree {
    pub(super) duration: DurationExpr,
    pub(super) height: u16,
}

/// Two durations.
pub(crate) type DurationPair = Box<(DurationTree, DurationTree)>;

/// Arguments, and the height of the highest.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(super) list: Vec<Expr>,
    pub(super) height: u16,
}

/// What stands between an operator and its right operand.
#[derive(Debug)]
pub(crate) struct Modifiers {
    pub(super) return_bool: bool,
    pub(super) matching: Option<Matching>,
}

/// `on (a) group_left (b)`
pub(crate) type Matching = Box<VectorMatching>;

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
    pub(super) tree: DurationTree,
    /// Whether it could have gone on: upstream has looked at the next token.
    pub(super) open: bool,
}

/// Where and why the tokens end with `Stop`.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) cause: StopCause,
    /// Whether `Stop` was read.
    pub(crate) reached: Cell<bool>,
}

/// Why parsing stops.
#[derive(Clone, Debug)]
pub(crate) enum StopCause {
    /// The grammar has no place for the token that stands there.
    Unexpected(Found, Span),
    /// The lexer found none.
    Lexer(Box<SyntaxError>),
}

/// The token behind what is complete, which has no error of the lexer to tell if the one behind it was read already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookahead {
    AtHand,
    Passed,
}

/// Makes the nodes.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(super) text: &'a str,
    pub(super) features: &'a Features,
    /// Signs and powers whose right operand is being read.
    levels: usize,
    /// The constructs that are being read and whose name an unexpected token is told with.
    contexts: Vec<Context>,
    /// The signs and operators that wait for their right operand.
    pub(super) open: Vec<Open>,
    /// Those in the braces that are being read.
    pub(super) matchers: Vec<Matcher>,
    stop: Option<&'a Stop>,
    pub(crate) completed: Vec<Completed>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str, features: &'a Features, stop: Option<&'a Stop>) -> Self {
        Builder {
            text,
            features,
            levels: 0,
            contexts: Vec::new(),
            open: Vec::new(),
            matchers: Vec::new(),
            stop,
            completed: Vec::new(),
        }
    }

    // Errors

    /// An error that upstream tells before it reads the next token.
    pub(super) fn fail<T>(&self, kind: Kind, span: Span) -> Parsed<T> {
        Err(ParseError::User { error: SyntaxError::new(kind, span) })
    }

    /// As [`Builder::fail`], with what the reader can do about it.
    pub(super) fn fail_with_help<T>(&self, kind: Kind, span: Span, help: Option<String>) -> Parsed<T> {
        let mut error = SyntaxError::new(kind, span);
        error.help = help;
        Err(ParseError::User { error })
    }

    /// A help that repeats the text of `span`, unless that is long.
    pub(super) fn if_short(&self, span: Span, help: impl FnOnce() -> String) -> Option<String> {
        (span.range().len() <= LONGEST_REPEATED).then(help)
    }

    /// An error that upstream tells when it has read the next token: an error of the lexer comes first.
    pub(super) fn fail_behind_lookahead<T>(&self, kind: Kind, span: Span) -> Parsed<T> {
        self.pass_lookahead()?;
        self.fail(kind, span)
    }

    /// Tells what the lexer has to say about the next token, if that is no token.
    pub(super) fn pass_lookahead(&self) -> Parsed<()> {
        match self.stop {
            Some(Stop { cause: StopCause::Lexer(error), reached }) if reached.get() => {
                Err(ParseError::User { error: error.clone() })
            }
            _ => Ok(()),
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
    pub(crate) fn stop_error(&self) -> Box<SyntaxError> {
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
    pub(super) fn over(&self, height: u16, span: Span) -> Parsed<u16> {
        if usize::from(height) >= MAX_DEPTH {
            self.fail(Kind::TooDeep { limit: MAX_DEPTH }, span)
        } else {
            Ok(height + 1)
        }
    }

    /// A sign or `^` was read: a level that is built only when its right operand is complete.
    pub(crate) fn enter_level<T>(&mut self, operator: T, (_, span): (Token, Span)) -> Parsed<T> {
        self.levels += 1;
        if self.levels > MAX_DEPTH {
            return self.fail(Kind::TooDeep { limit: MAX_DEPTH }, span);
        }
        Ok(operator)
    }

    pub(super) fn leave_level(&mut self) {
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

    pub(super) fn leave(&mut self) {
        self.contexts.pop();
    }

    // Literals

    pub(super) fn slice(&self, span: Span) -> &'a str {
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
}

/// The number behind a sign.
pub(super) fn signed(negative: bool, sign: Span, number: NumberLiteral) -> NumberLiteral {
    let value = if negative { -number.value } else { number.value };
    NumberLiteral { value, span: Span { start: sign.start, ..number.span }, ..number }
}
