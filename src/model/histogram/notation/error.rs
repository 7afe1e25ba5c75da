//! What can be wrong with a histogram's text, in Prometheus' words (`promql/parser/lex.go`, `parse.go`).

use std::fmt;

use crate::model::go_format::quote;
use crate::model::histogram::error::IncompatibleSchemas;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct NotationError {
    /// The byte of the text at which it is.
    pub at: usize,
    /// What it is.
    pub kind: NotationErrorKind,
}

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NotationErrorKind {
    /// No field has this name.
    UnknownField(String),
    /// A field's name is not followed by a colon.
    MissingColon,
    /// A field was written twice.
    DuplicateField(&'static str),
    /// A character that nothing here begins with; `None` at the end of the text.
    UnexpectedCharacter(Option<char>),
    /// A character that nothing in a list begins with; `None` at the end of the text.
    UnexpectedInList(Option<char>),
    /// Something that has its place elsewhere.
    Unexpected {
        /// What it is, as messages show it.
        token: String,
        /// Where it was met, and what may stand there.
        context: &'static str,
    },
    /// Digits that are no number.
    BadNumberSyntax(String),
    /// A number that cannot be read.
    BadNumber {
        /// What was written.
        text: String,
        /// Whether it is too large, rather than no number.
        out_of_range: bool,
    },
    /// A number that should be whole.
    BadInteger {
        /// What was written.
        text: String,
        /// Whether it is too large, rather than not whole.
        out_of_range: bool,
    },
    /// In a sequence, the change has a coarser schema than the values.
    FinerThanChange {
        /// The schema of the change.
        from: i32,
        /// The schema of the value that it should be applied to.
        to: i32,
    },
    /// In a sequence, only one of value and change has custom buckets.
    Incompatible(IncompatibleSchemas),
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for NotationErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use NotationErrorKind as K;
        let why = |out_of_range: &bool| if *out_of_range { "value out of range" } else { "invalid syntax" };
        match self {
            K::UnknownField(word) => write!(f, "bad histogram descriptor found: {}", quote(word)),
            K::MissingColon => write!(f, "missing `:` for histogram descriptor"),
            K::DuplicateField(name) => write!(f, "duplicate key \"{name}\" in histogram"),
            K::UnexpectedCharacter(c) => {
                write!(f, "histogram description incomplete unexpected: {}", quote_char(*c))
            }
            K::UnexpectedInList(c) => {
                write!(f, "invalid character in buckets description: {}", quote_char(*c))
            }
            K::Unexpected { token, context } => write!(f, "unexpected {token} in {context}"),
            K::BadNumberSyntax(text) => write!(f, "bad number syntax: {}", quote(text)),
            K::BadNumber { text, out_of_range } => {
                write!(
                    f,
                    "error parsing number: strconv.ParseFloat: parsing {}: {}",
                    quote(text),
                    why(out_of_range)
                )
            }
            K::BadInteger { text, out_of_range } => write!(
                f,
                "invalid repetition in series values: strconv.ParseUint: parsing {}: {}",
                quote(text),
                why(out_of_range)
            ),
            K::FinerThanChange { from, to } => {
                write!(f, "error combining histograms: cannot merge from schema {from} to {to}")
            }
            K::Incompatible(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotationError {}
impl std::error::Error for NotationErrorKind {}

/// A character as Go's `%q` shows it; the end of the text is the replacement character.
fn quote_char(c: Option<char>) -> String {
    match c.unwrap_or(char::REPLACEMENT_CHARACTER) {
        '\'' => r"'\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", quote(c.encode_utf8(&mut [0; 4])).trim_matches('"')),
    }
}
