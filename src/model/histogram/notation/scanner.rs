//! Walking through a histogram's text, piece by piece.
//!
//! The pieces are those that Prometheus' lexer has between double braces, so that the same texts are refused at the
//! same places: a number ends where a letter would be refused (but not before the `x` of a repetition), words have
//! no digits.

use super::descriptor::is_field;
use super::error::{NotationError, NotationErrorKind};
use crate::model::go_format::quote;

/// Where something unexpected is before the first field is complete.
pub(super) const SERIES_VALUES: &str = "series values";

/// Where something unexpected is behind that.
pub(super) const DESCRIPTION: &str =
    "histogram description, expected histogram description key, e.g. buckets:[5 10 7]";

/// Walks through the text.
pub(super) struct Scanner<'t> {
    text: &'t str,
    /// The byte that comes next.
    pub(super) at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The text of a number: digits, with a point, an exponent and underscores where they may be. Whether it really
    /// is a number shows when it is read.
    pub(super) fn number_token(&mut self) -> Result<&'t str, NotationError> {
        let start = self.at;
        let complete = self.skip_number();
        let text = &self.text[start..self.at];
        if complete {
            Ok(text)
        } else {
            Err(NotationError { at: start, kind: NotationErrorKind::BadNumberSyntax(text.to_owned()) })
        }
    }

    fn skip_number(&mut self) -> bool {
        let start = self.at;
        let (mut points, mut exponents) = (0, 0);
        while let Some(c) = self.peek() {
            let must_not_follow = match c {
                '0'..='9' => "",
                '.' => {
                    points += 1;
                    "_."
                }
                'e' | 'E' => {
                    exponents += 1;
                    "._eE"
                }
                '_' if self.at > start => "._eE",
                _ => break,
            };
            self.at += 1;
            if matches!(c, 'e' | 'E') && matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            let next = self.peek();
            if points > 1 || exponents > 1 || matches!(c, 'e' | 'E' | '_') && next.is_none() {
                return false;
            }
            if next.is_some_and(|next| must_not_follow.contains(next)) {
                self.at += 1;
                return false;
            }
        }
        self.at > start && self.peek().is_none_or(|c| c == 'x' || !(c.is_ascii_alphanumeric() || c == '_'))
    }

    pub(super) fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphabetic() || c == '_')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(is_space).len();
        self.at += length;
        length > 0
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The error that what begins at `at` has no place there.
    pub(super) fn unexpected(&mut self, at: usize, context: &'static str) -> NotationError {
        self.at = at;
        let error = |kind| NotationError { at, kind };
        let token = match self.peek() {
            Some(c @ (':' | '[' | ']')) => format!("\"{c}\""),
            Some(c) if is_space(c) => quote(c.encode_utf8(&mut [0; 4])),
            Some(c @ ('-' | '+')) => format!("<op:{c}>"),
            Some('0'..='9') => match self.number_token() {
                Ok(text) if text.len() > 10 => format!("number \"{}\"...", &text[..10]),
                Ok(text) => format!("number \"{text}\""),
                Err(error) => return error,
            },
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let word = self.word();
                let known = |name: &str| word.eq_ignore_ascii_case(name);
                if is_field(word) {
                    if self.peek() != Some(':') {
                        return error(NotationErrorKind::MissingColon);
                    }
                    quote(word)
                } else if known("inf") || known("nan") {
                    format!("number {}", quote(word))
                } else if ["unknown", "reset", "not_reset", "gauge"].into_iter().any(known) {
                    quote(word)
                } else {
                    return error(NotationErrorKind::UnknownField(word.to_owned()));
                }
            }
            _ if self.rest().starts_with("}}") => "\"}}\"".to_owned(),
            c => return error(NotationErrorKind::UnexpectedCharacter(c)),
        };
        error(NotationErrorKind::Unexpected { token, context })
    }
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
