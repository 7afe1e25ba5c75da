//! Text to tree: lexer, grammar, syntax tree, printer.
//!
//! The grammar knows no function names; whether a call is right is checked by `plan`.

mod actions;
pub mod ast;
mod context;
mod duration;
mod duration_scope;
pub mod error;
mod features;
/// Made of `grammar/promql.lalrpop` by `cargo run -p promqlite-grammar`.
#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs,
    unused_lifetimes,
    elided_lifetimes_in_paths
)]
mod grammar;
mod help;
mod lex;
mod lexer;
mod literal;
mod parse;
mod prettier;
mod printer;
mod same;
#[doc(hidden)]
pub mod token;

pub use ast::Expr;
pub use duration::{DurationError, format_duration, parse_duration};
pub use error::SyntaxError;
pub use features::{Features, UnknownFeature};
pub use lex::{is_unfinished, lex};
pub(crate) use literal::{number_value, string_ahead};
pub use parse::parse;
