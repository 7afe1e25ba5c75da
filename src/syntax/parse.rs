//! The parser: lexer, generated grammar and builder put together.

use std::cell::Cell;
use std::iter;

use lalrpop_util::ParseError;

use super::actions::{Builder, Stop, StopCause, Tree};
use super::ast::Expr;
use super::error::{Found, SyntaxError, SyntaxErrorKind};
use super::features::Features;
use super::grammar;
use super::help::help;
use super::lexer::Lexer;
use super::token::Token;
use crate::diagnostic::Span;

/// Parses an expression.
///
/// Types are not looked at, and neither are functions; `plan` checks them.
///
/// ```
/// use promqlite::syntax::{Features, parse};
///
/// let expr = parse("sum by(job)(rate(up[5m]))", &Features::default())?;
/// assert_eq!(expr.to_string(), "sum by (job) (rate(up[5m]))");
/// # Ok::<(), promqlite::syntax::SyntaxError>(())
/// ```
pub fn parse(text: &str, features: &Features) -> Result<Expr, SyntaxError> {
    parse_boxed(text, features).map_err(|mut error| {
        error.help = error.help.take().or_else(|| help(&error, text));
        *error
    })
}

fn parse_boxed(text: &str, features: &Features) -> Result<Expr, Box<SyntaxError>> {
    if u32::try_from(text.len()).is_err() {
        let kind = SyntaxErrorKind::TooLong { limit: u32::MAX as usize };
        return Err(SyntaxError::new(kind, Span::default()));
    }
    let mut lexer = Lexer::new(text);
    let mut builder = Builder::new(text, features, None);
    let failure = match run(&mut builder, &mut lexer) {
        Ok(tree) => return Ok(tree.expr),
        Err(failure) => failure,
    };
    let (before, cause) = match (failure, lexer.error.take()) {
        (_, Some(error)) if error.kind.is_limit() => return Err(error),
        (_, Some(error)) => (lexer.count, StopCause::Lexer(error)),
        (ParseError::User { error }, None) => return Err(with_completed(error, builder)),
        (ParseError::UnrecognizedEof { .. }, None) => {
            let end = Span::new(text.len(), text.len());
            (lexer.count, StopCause::Unexpected(Found::End, end))
        }
        (ParseError::UnrecognizedToken { token, .. } | ParseError::ExtraToken { token }, None) => {
            let (start, token, end) = token;
            let span = Span::new(start, end);
            (lexer.count - 1, StopCause::Unexpected(describe(token, &text[span.range()]), span))
        }
        (ParseError::InvalidToken { location }, None) => {
            let span = Span::new(location, location);
            (lexer.count, StopCause::Unexpected(Found::End, span))
        }
    };
    // Once more up to there, so that what is complete gets built.
    let stop = Stop { cause, reached: Cell::new(false) };
    let mut builder = Builder::new(text, features, Some(&stop));
    let stop_token = iter::once_with(|| {
        stop.reached.set(true);
        Ok((text.len(), Token::Stop, text.len()))
    });
    let error = match run(&mut builder, Lexer::new(text).take(before).chain(stop_token)) {
        Err(ParseError::User { error }) => error,
        _ => builder.stop_error(),
    };
    Err(with_completed(error, builder))
}

fn run<'a>(
    builder: &mut Builder<'a>,
    tokens: impl Iterator<Item = Result<(usize, Token, usize), Box<SyntaxError>>>,
) -> Result<Tree, ParseError<usize, Token, Box<SyntaxError>>> {
    grammar::QueryParser::new().parse(builder, tokens)
}

fn with_completed(mut error: Box<SyntaxError>, builder: Builder<'_>) -> Box<SyntaxError> {
    error.earlier = builder.completed;
    error
}

/// How upstream names a token that nobody expected.
fn describe(token: Token, text: &str) -> Found {
    use Token as T;
    let text = text.to_owned();
    match token {
        T::Identifier => Found::Named("identifier", text),
        T::MetricIdentifier => Found::Named("metric identifier", text),
        T::Number => Found::Named("number", text),
        T::Duration => Found::Named("duration", text),
        T::String => Found::Named("string", text),
        T::LeftParen | T::LabelsParen | T::RightParen | T::LeftBrace | T::RightBrace | T::LeftBracket => {
            Found::Quoted(text)
        }
        T::RightBracket | T::Comma | T::Colon | T::Assign => Found::Quoted(text),
        T::Start | T::End | T::Step | T::Range | T::MaxOf | T::MinOf => Found::Quoted(text),
        T::Avg | T::Bottomk | T::Count | T::CountValues | T::Group | T::LimitRatio | T::Limitk | T::Max => {
            Found::Keyword("aggr", text)
        }
        T::Min | T::Quantile | T::Stddev | T::Stdvar | T::Sum | T::Topk => Found::Keyword("aggr", text),
        T::Bool
        | T::By
        | T::GroupLeft
        | T::GroupRight
        | T::Fill
        | T::FillLeft
        | T::FillRight
        | T::FillMetric
        | T::Ignoring => Found::Keyword("", text),
        T::Offset | T::Smoothed | T::Anchored | T::On | T::Without => Found::Keyword("", text),
        T::Stop => Found::End,
        _ => Found::Keyword("op", text),
    }
}
