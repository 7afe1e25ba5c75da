//! Text to tree: lexer, grammar, syntax tree, printer.
//!
//! The grammar knows no function names; whether a call is right is checked by `plan`.

pub mod ast;
