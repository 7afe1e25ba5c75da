//! Regular expressions as Prometheus' matchers mean them: RE2, anchored at both ends, dot matches newline.

use std::fmt;

/// A compiled, fully anchored expression.
#[derive(Clone, Debug)]
pub struct AnchoredRegex(regex::Regex);

/// Why an expression is refused, in the words of Go's `regexp/syntax`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError(pub String);

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RegexError {}

impl AnchoredRegex {
    /// Compiles `pattern` as `^(?s:pattern)$`.
    pub fn new(pattern: &str) -> Result<Self, RegexError> {
        regex::Regex::new(&format!("^(?s:{pattern})$"))
            .map(AnchoredRegex)
            .map_err(|error| RegexError(error.to_string()))
    }

    /// Whether the whole of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
