//! A place in one line of the notation, and the few moves that its parsers make.

use super::error::{LoadError, LoadProblem};

/// Walks through the bytes of a line.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// The start of `text`, which is line number `line` (counted from 1) of whatever it was taken from.
    pub(super) fn new(text: &'a str, line: usize) -> Self {
        Cursor { text, at: 0, line }
    }

    /// The byte here, or `None` at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What lies ahead.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Offset from the start of the line in bytes.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Goes on by `bytes`, which end at a character boundary.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes past `prefix` if it lies right ahead.
    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        let ahead = self.rest().starts_with(prefix);
        if ahead {
            self.at += prefix.len();
        }
        ahead
    }

    /// Goes past the ASCII characters that `belongs` accepts, and returns them.
    pub(super) fn take_while(&mut self, mut belongs: impl FnMut(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.bytes().take_while(|&b| b.is_ascii() && belongs(b)).count();
        self.at += len;
        &rest[..len]
    }

    /// Goes past spaces and tabs; tells whether there were any.
    pub(super) fn skip_spaces(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }

    /// What lies ahead up to the next space, for messages.
    pub(super) fn word_ahead(&self) -> &'a str {
        let rest = self.rest();
        rest.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or(rest)
    }

    /// An error at the place `at`.
    pub(super) fn error_at(&self, at: usize, problem: LoadProblem) -> LoadError {
        LoadError { line: self.line, column: at + 1, problem }
    }

    /// An error right here.
    pub(super) fn error(&self, problem: LoadProblem) -> LoadError {
        self.error_at(self.at, problem)
    }

    /// `x` and a count, if there is an `x` ahead.
    pub(super) fn repetition(&mut self) -> Result<Option<u64>, LoadError> {
        if !self.eat("x") {
            return Ok(None);
        }
        let start = self.at;
        let digits = self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        match digits.parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(self.error_at(start, LoadProblem::Repetition(digits.to_owned()))),
        }
    }
}

pub(super) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}
