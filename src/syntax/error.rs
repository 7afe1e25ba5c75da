//! What can be wrong with a query before its meaning is looked at.
//!
//! ```
//! use promqlite::syntax::{Features, parse};
//!
//! let query = "sum by job (up)";
//! let error = parse(query, &Features::default()).unwrap_err();
//! assert_eq!(error.message(), "unexpected identifier \"job\" in grouping opts, expected \"(\"");
//! assert_eq!(error.span.position_in(query), (1, 8));
//! ```
//!
//! Messages and positions are those of `promql/parser`; the exceptions are the limits, which upstream does not have.

use std::fmt;

use super::ast::AggregateOp;
use super::duration::DurationError;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::model::go_format::{ParseFloatError, format_fixed, is_print, quote, quote_char};

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where; upstream tells the first byte.
    pub span: Span,
    /// What the reader can do about it, in our own words.
    pub help: Option<String>,
    /// What was complete before, in the order of completion. Upstream knows functions and aggregations while it parses:
    /// if one of these is wrong, that is the first error.
    pub earlier: Vec<Completed>,
}

/// A call or aggregation as far as the grammar knows it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in the tree")]
#[non_exhaustive]
pub enum Completed {
    /// A function call.
    Call { name_span: Span },
    /// An aggregation.
    Aggregate { op: AggregateOp, arguments: usize, span: Span },
}

impl SyntaxError {
    pub(super) fn new(kind: SyntaxErrorKind, span: Span) -> Box<Self> {
        Box::new(SyntaxError { kind, span, help: None, earlier: Vec::new() })
    }

    /// Upstream's text, without the `line:col: parse error: ` before it.
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// For rendering with the query text.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            message: self.message(),
            span: Some(self.span),
            help: self.help.clone(),
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for SyntaxError {}

/// The kinds of syntax errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the blanks of the messages")]
pub enum SyntaxErrorKind {
    /// There is nothing but space and comments.
    NoExpression,
    /// A token where none of its kind can stand.
    Unexpected {
        found: Found,
        context: Context,
    },

    /// A character that begins no token.
    UnexpectedCharacter(char),
    /// `=~` or `!` outside of braces; nothing may follow at the end of the text.
    UnexpectedCharacterAfter {
        first: char,
        found: Option<char>,
    },
    /// `!` inside of braces without `=` or `~`.
    UnexpectedCharacterAfterInBraces {
        first: char,
        found: Option<char>,
    },
    UnexpectedCharacterInBraces(char),
    UnexpectedLeftBrace,
    UnexpectedLeftBracket,
    UnexpectedRightBracket,
    UnexpectedRightParen,
    UnexpectedColon,
    ColonBeforeDuration,
    RepeatedColon,
    /// A word behind the first number in brackets.
    ExpectedColon(char),
    UnexpectedCharacterInDuration(char),
    UnclosedParen,
    UnclosedBracket,
    EndInBraces,
    EndInDuration,
    BadNumberOrDuration(String),
    UnterminatedString,
    UnterminatedRawString,
    InvalidUtf8,
    UnterminatedEscape,
    UnknownEscape(char),
    IllegalCharacterInEscape(char),
    EscapeOutOfRange,

    BadNumber {
        text: String,
        error: ParseFloatError,
    },
    BadDuration(DurationError),
    DurationOutOfRange,
    DurationNotPositive,
    DivisionByZero,
    ModuloByZero,

    InvalidGroupingLabel(Vec<u8>),
    /// A regular expression that does not compile; in the words of Go's `regexp`.
    BadRegex(String),
    TrailingComma,
    FillNotEnabled,

    RangeWithoutSelector,
    RangeAfterOffset,
    RangeAfterAt,
    OffsetWithoutSelector,
    OffsetTwice,
    AtWithoutSelector,
    AtTwice,
    AtOutOfBounds(f64),
    ExtendedNotEnabled {
        modifier: &'static str,
    },
    ExtendedOnSubquery {
        modifier: &'static str,
    },
    ExtendedWithoutSelector {
        modifier: &'static str,
    },
    AnchoredAndSmoothed,

    /// The expression is nested too deeply, or too long a chain of operators.
    TooDeep {
        limit: usize,
    },
    /// There are too many tokens.
    TooManyTokens {
        limit: usize,
    },
    /// There are too many bytes.
    TooLong {
        limit: usize,
    },
}

impl SyntaxErrorKind {
    /// Whether it is about a limit, which upstream does not have.
    pub(super) fn is_limit(&self) -> bool {
        use SyntaxErrorKind as K;
        matches!(self, K::TooDeep { .. } | K::TooManyTokens { .. } | K::TooLong { .. })
    }
}

/// The token that nobody expected, as upstream describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// `end of input`
    End,
    /// A word or literal of a kind that has a name: `identifier "foo"`.
    Named(&'static str, String),
    /// `<op:+>`, `<aggr:sum>`, `<by>`
    Keyword(&'static str, String),
    /// Anything else: `"("`
    Quoted(String),
}

/// What was being read when something unexpected came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after what upstream says")]
#[non_exhaustive]
pub enum Context {
    None,
    Aggregation,
    GroupingOpen,
    GroupingLabel,
    GroupingNext,
    MatcherName,
    MatcherOperator,
    MatcherValue,
    MatcherNext,
    Offset,
    At,
    RangeStart,
    RangeNext,
    StepStart,
    StepNext,
}

impl Context {
    /// What comes after ` in ` and after `, expected `.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Context::None => ("", ""),
            Context::Aggregation => ("aggregation", ""),
            Context::GroupingOpen => ("grouping opts", "\"(\""),
            Context::GroupingLabel => ("grouping opts", "label"),
            Context::GroupingNext => ("grouping opts", "\",\" or \")\""),
            Context::MatcherName => ("label matching", "identifier or \"}\""),
            Context::MatcherOperator => ("label matching", "label matching operator"),
            Context::MatcherValue => ("label matching", "string"),
            Context::MatcherNext => ("label matching", "\",\" or \"}\""),
            Context::Offset => ("offset", "number, duration, step(), or range()"),
            Context::At => ("@", "timestamp"),
            Context::RangeStart => ("subquery or range selector", "number, duration, step(), or range()"),
            Context::RangeNext => ("subquery or range", "\":\" or \"]\""),
            Context::StepStart => ("subquery selector", "number, duration, step(), range(), or \"]\""),
            Context::StepNext => ("subquery selector", "\"]\""),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::End => f.write_str("end of input"),
            Found::Named(kind @ ("identifier" | "metric identifier"), text) => {
                write!(f, "{kind} {}", quote(text))
            }
            Found::Named(kind, text) => write!(f, "{kind} {}", shortened(text)),
            Found::Keyword("", text) => write!(f, "<{text}>"),
            Found::Keyword(kind, text) => write!(f, "<{kind}:{text}>"),
            Found::Quoted(text) => f.write_str(&shortened(text)),
        }
    }
}

/// In quotes, and no more than ten characters of it.
fn shortened(text: &str) -> String {
    if text.len() <= 10 {
        return quote(text);
    }
    format!("{}...", quote(&text.chars().take(10).collect::<String>()))
}

/// As Go's `%#U`.
fn unicode(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

/// A character that may not be there; Go says U+FFFD for that.
fn quote_found(found: Option<char>) -> String {
    quote_char(found.unwrap_or(char::REPLACEMENT_CHARACTER))
}

const PRECEDED_BY_SELECTOR: &str =
    "must be preceded by an instant vector selector or range vector selector or a subquery";

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use SyntaxErrorKind as K;
        match self {
            K::NoExpression => f.write_str("no expression found in input"),
            K::Unexpected { found, context } => {
                write!(f, "unexpected {found}")?;
                let (context, expected) = context.texts();
                if !context.is_empty() {
                    write!(f, " in {context}")?;
                }
                if !expected.is_empty() {
                    write!(f, ", expected {expected}")?;
                }
                Ok(())
            }
            K::UnexpectedCharacter(c) => write!(f, "unexpected character: {}", quote_char(*c)),
            K::UnexpectedCharacterAfter { first, found } => {
                write!(f, "unexpected character after {}: {}", quote_char(*first), quote_found(*found))
            }
            K::UnexpectedCharacterAfterInBraces { first, found } => write!(
                f,
                "unexpected character after {} inside braces: {}",
                quote_char(*first),
                quote_found(*found)
            ),
            K::UnexpectedCharacterInBraces(c) => {
                write!(f, "unexpected character inside braces: {}", quote_char(*c))
            }
            K::UnexpectedLeftBrace => f.write_str("unexpected left brace '{'"),
            K::UnexpectedLeftBracket => f.write_str("unexpected left bracket '['"),
            K::UnexpectedRightBracket => f.write_str("unexpected right bracket ']'"),
            K::UnexpectedRightParen => f.write_str("unexpected right parenthesis ')'"),
            K::UnexpectedColon => f.write_str("unexpected colon ':'"),
            K::ColonBeforeDuration => f.write_str("unexpected colon before duration in duration expression"),
            K::RepeatedColon => f.write_str("unexpected repeated colon in duration expression"),
            K::ExpectedColon(c) => write!(f, "unexpected character: {}, expected ':'", quote_char(*c)),
            K::UnexpectedCharacterInDuration(c) => {
                write!(f, "unexpected character in duration expression: {}", quote_char(*c))
            }
            K::UnclosedParen => f.write_str("unclosed left parenthesis"),
            K::UnclosedBracket => f.write_str("unclosed left bracket"),
            K::EndInBraces => f.write_str("unexpected end of input inside braces"),
            K::EndInDuration => f.write_str("unexpected end of input in duration expression"),
            K::BadNumberOrDuration(text) => write!(f, "bad number or duration syntax: {}", quote(text)),
            K::UnterminatedString => f.write_str("unterminated quoted string"),
            K::UnterminatedRawString => f.write_str("unterminated raw string"),
            K::InvalidUtf8 => f.write_str("invalid UTF-8 rune"),
            K::UnterminatedEscape => f.write_str("escape sequence not terminated"),
            K::UnknownEscape(c) => write!(f, "unknown escape sequence {}", unicode(*c)),
            K::IllegalCharacterInEscape(c) => {
                write!(f, "illegal character {} in escape sequence", unicode(*c))
            }
            K::EscapeOutOfRange => f.write_str("escape sequence is an invalid Unicode code point"),
            K::BadNumber { text, error } => {
                write!(f, "error parsing number: strconv.ParseFloat: parsing {}: {error}", quote(text))
            }
            K::BadDuration(error) => error.fmt(f),
            K::DurationOutOfRange => f.write_str("duration out of range"),
            K::DurationNotPositive => f.write_str("duration must be greater than 0"),
            K::DivisionByZero => f.write_str("division by zero"),
            K::ModuloByZero => f.write_str("modulo by zero"),
            K::InvalidGroupingLabel(name) => {
                write!(f, "invalid label name for grouping: {}", crate::model::go_format::quote_bytes(name))
            }
            K::BadRegex(message) => f.write_str(message),
            K::TrailingComma => f.write_str("trailing commas not allowed in function call args"),
            K::FillNotEnabled => f.write_str("binop fill modifiers are experimental and not enabled"),
            K::RangeWithoutSelector => f.write_str("ranges only allowed for vector selectors"),
            K::RangeAfterOffset => f.write_str("no offset modifiers allowed before range"),
            K::RangeAfterAt => f.write_str("no @ modifiers allowed before range"),
            K::OffsetWithoutSelector => write!(f, "offset modifier {PRECEDED_BY_SELECTOR}"),
            K::OffsetTwice => f.write_str("offset may not be set multiple times"),
            K::AtWithoutSelector => write!(f, "@ modifier {PRECEDED_BY_SELECTOR}"),
            K::AtTwice => f.write_str("@ <timestamp> may not be set multiple times"),
            K::AtOutOfBounds(seconds) => {
                write!(f, "timestamp out of bounds for @ modifier: {}", format_fixed(*seconds, 6))
            }
            K::ExtendedNotEnabled { modifier } => {
                write!(f, "{modifier} modifier is experimental and not enabled")
            }
            K::ExtendedOnSubquery { modifier } => {
                write!(f, "{modifier} modifier is not supported for subqueries")
            }
            K::ExtendedWithoutSelector { modifier } => write!(f, "{modifier} modifier not implemented"),
            K::AnchoredAndSmoothed => f.write_str("anchored and smoothed modifiers cannot be used together"),
            K::TooDeep { limit } => {
                write!(f, "the expression is nested too deeply: at most {limit} levels are allowed")
            }
            K::TooManyTokens { limit } => {
                write!(f, "the query is too long: at most {limit} tokens are allowed")
            }
            K::TooLong { limit } => write!(f, "the query is too long: at most {limit} bytes are allowed"),
        }
    }
}
