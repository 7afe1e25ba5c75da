//! The dot-commands: one table, and one file for each.
//!
//! A command is a row: its name, what it takes, what it does in words and in code. The arguments are checked against
//! the row before the code runs; `.help` and completion read the same row.

mod analyze;
mod arguments;
mod at;
mod blocks;
mod cardinality;
mod clear;
mod edit;
mod expand;
mod explain;
mod extrapolate;
mod format;
mod help;
mod instant;
mod labels;
mod let_name;
mod load;
mod lookback;
mod match_groups;
mod meta;
mod metrics;
mod open;
mod output;
mod quit;
mod range;
mod save;
mod scrape;
mod series;
mod set;
mod show;
mod stats;
mod table;
mod timer;
mod tree;
mod unlet;
mod values;
mod watch;
mod why;

pub use arguments::{Argument, Arguments, Kind};
pub use table::{COMMANDS, Command, lookup, run};
