//! Regular expressions as Prometheus means them: RE2's syntax, the whole text, and a dot that matches newline.
//!
//! Rust's `regex` has the same engine design as Go's `regexp`, but another syntax: it knows set operations in
//! classes, `(?x)` and many escapes that Go refuses, and refuses `\Q...\E`, octal escapes and `{,5}` that Go takes.
//! So an expression is read with Go's rules (`parse`) into a tree (`tree`), and written down again in Rust's
//! syntax (`translate`). What is wrong with an expression is said in Go's words.
//!
//! Most expressions need no engine at all. What they come down to is found in the tree (`shape`, `sequence`):
//!
//! ```
//! use promqlite::model::regex::AnchoredRegex;
//!
//! let regex = AnchoredRegex::new("(get|post)_[12]").unwrap();
//! assert_eq!(regex.literals().unwrap(), ["get_1", "get_2", "post_1", "post_2"]);
//!
//! let regex = AnchoredRegex::new("node-.*").unwrap();
//! assert!(regex.is_match("node-7") && !regex.is_match("a node-7"));
//! assert_eq!(regex.prefix(), "node-");
//!
//! let error = AnchoredRegex::new("a(?=b)").unwrap_err();
//! assert_eq!(error.to_string(), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
//! ```

mod anchored;
mod class;
mod error;
mod expand;
mod parse;
mod sequence;
mod shape;
#[cfg(test)]
mod tests;
mod translate;
mod tree;

pub use anchored::AnchoredRegex;
pub use error::{RegexError, RegexErrorKind};
