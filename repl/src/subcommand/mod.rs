//! What the program does beside answering queries: one table, and one file for each subcommand.
//!
//! A subcommand is a row: its name, its flags as clap describes them, and the code. Help, completion and the manual
//! read the same row.

mod check;
mod completions;
mod config;
mod export;
mod import;
mod man;
mod table;
mod test;

pub use table::{SUBCOMMANDS, Subcommand, lookup};
