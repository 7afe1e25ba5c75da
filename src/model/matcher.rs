//! A matcher: the condition that a selector puts on one label.
//!
//! ```
//! use promqlite::model::{MatchOp, Matcher};
//!
//! let matcher = Matcher::new(MatchOp::Regex, "code", "5..|429")?;
//! assert!(matcher.matches("503") && !matcher.matches("1503"));
//! assert_eq!(matcher.to_string(), r#"code=~"5..|429""#);
//! # Ok::<(), promqlite::model::regex::RegexError>(())
//! ```
//!
//! A label that a series does not have is matched as the empty string.

use std::fmt;
use std::sync::Arc;

use super::go_format::quote;
use super::labels::is_legacy_label_name;
use super::regex::{AnchoredRegex, RegexError};

/// How a matcher compares.
///
/// There is nothing else to come: a store that asks another system for series has to know all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, the whole value
    Regex,
    /// `!~`, the whole value
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        }
    }
}

/// A condition on the value of one label.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// How to compare.
    pub op: MatchOp,
    /// The label.
    pub name: String,
    /// The text or regular expression to compare with.
    pub value: String,
    regex: Option<Arc<AnchoredRegex>>,
}

impl Matcher {
    /// A matcher; a regular expression is compiled here, once, with RE2's meaning.
    pub fn new(op: MatchOp, name: &str, value: &str) -> Result<Self, RegexError> {
        let regex = match op {
            MatchOp::Regex | MatchOp::NotRegex => Some(Arc::new(AnchoredRegex::new(value)?)),
            MatchOp::Equal | MatchOp::NotEqual => None,
        };
        Ok(Matcher { op, name: name.to_owned(), value: value.to_owned(), regex })
    }

    /// `name="value"`.
    pub fn equal(name: &str, value: &str) -> Self {
        Matcher { op: MatchOp::Equal, name: name.to_owned(), value: value.to_owned(), regex: None }
    }

    /// Whether a label with this value meets the condition; `""` stands for a label that is not there.
    pub fn matches(&self, value: &str) -> bool {
        match (self.op, &self.regex) {
            (MatchOp::NotEqual, _) => value != self.value,
            (MatchOp::Regex, Some(regex)) => regex.is_match(value),
            (MatchOp::NotRegex, Some(regex)) => !regex.is_match(value),
            _ => value == self.value,
        }
    }

    /// Whether a series without the label meets the condition.
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }

    /// The compiled expression of a `=~` or `!~` matcher.
    pub fn regex(&self) -> Option<&AnchoredRegex> {
        self.regex.as_deref()
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_legacy_label_name(&self.name) {
            write!(f, "{}{}{}", self.name, self.op.as_str(), quote(&self.value))
        } else {
            write!(f, "{}{}{}", quote(&self.name), self.op.as_str(), quote(&self.value))
        }
    }
}
