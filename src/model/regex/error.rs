//! Why an expression is refused, in the words of Go's `regexp/syntax`.

use std::fmt;

/// An expression that is refused, and the part of it that is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    /// What is wrong.
    pub kind: RegexErrorKind,
    /// The part of the expression that is wrong, as Go cuts it out.
    pub fragment: String,
}

/// What can be wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegexErrorKind {
    /// An unknown class name, or a range whose end lies before its start.
    InvalidCharRange,
    /// An escape that RE2 does not know.
    InvalidEscape,
    /// `(?P<` without a proper name.
    InvalidNamedCapture,
    /// A group such as lookahead.
    InvalidPerlOp,
    /// `a**`
    InvalidRepeatOp,
    /// `a{1001}`, `a{2,1}`, or nested repetitions whose product is above 1000.
    InvalidRepeatSize,
    /// `[a`
    MissingBracket,
    /// `(a`
    MissingParen,
    /// `*a`
    MissingRepeatArgument,
    /// `a\`
    TrailingBackslash,
    /// `a)`
    UnexpectedParen,
    /// Nested more than a thousand deep.
    NestingDepth,
    /// Too much memory would be needed.
    Large,
}

impl RegexErrorKind {
    /// Go's text.
    pub fn as_str(self) -> &'static str {
        match self {
            RegexErrorKind::InvalidCharRange => "invalid character class range",
            RegexErrorKind::InvalidEscape => "invalid escape sequence",
            RegexErrorKind::InvalidNamedCapture => "invalid named capture",
            RegexErrorKind::InvalidPerlOp => "invalid or unsupported Perl syntax",
            RegexErrorKind::InvalidRepeatOp => "invalid nested repetition operator",
            RegexErrorKind::InvalidRepeatSize => "invalid repeat count",
            RegexErrorKind::MissingBracket => "missing closing ]",
            RegexErrorKind::MissingParen => "missing closing )",
            RegexErrorKind::MissingRepeatArgument => "missing argument to repetition operator",
            RegexErrorKind::TrailingBackslash => "trailing backslash at end of expression",
            RegexErrorKind::UnexpectedParen => "unexpected )",
            RegexErrorKind::NestingDepth => "expression nests too deeply",
            RegexErrorKind::Large => "expression too large",
        }
    }

    pub(super) fn at(self, fragment: &str) -> RegexError {
        RegexError { kind: self, fragment: fragment.to_owned() }
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.kind.as_str(), self.fragment)
    }
}

impl std::error::Error for RegexError {}
