//! The promqlite shell: a prompt for people, and a command for scripts.
//!
//! From the outside to the inside:
//!
//! - [`args`] is the command line, [`subcommand`] the table of what else it can ask for than answers,
//! - [`script`] and [`prompt`] are the two places where lines come from;
//! - [`session`] holds the state and runs one line after the other. It writes to whatever it is given, so everything
//!   that a user sees can be tested without a terminal;
//! - [`command`] is the table of dot-commands, one file each;
//! - [`data`] is what is queried: [`source`] loads files, [`demo`] is a data set that comes with the shell;
//! - [`evaluate`] asks the engine, [`evaluation`] says when, [`moment`] understands times, [`size`] writes sizes,
//!   [`variables`] are the names that `.let` gives, [`settings`] are what can be set, [`scrape`] reads live pages;
//! - [`config`] is the configuration file, [`xdg`] knows where it lies.
//!
//! Nothing here knows PromQL: the library returns data, the shell shows it.

pub mod args;
pub mod command;
pub mod complete;
pub mod config;
pub mod data;
pub mod demo;
pub mod error;
pub mod evaluate;
pub mod evaluation;
mod explore;
pub mod input;
pub mod moment;
pub mod output;
mod pager;
pub mod paint;
mod progress;
pub mod prompt;
pub mod scrape;
pub mod script;
pub mod session;
pub mod settings;
pub mod size;
pub mod source;
pub mod start;
pub mod subcommand;
pub mod variables;
pub mod xdg;
