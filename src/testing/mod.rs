#![doc = include_str!("../../docs/testing.md")]
//!
//! # Where to look
//!
//! - [`Timeline`], [`Target`]: scrapes on a simulated clock; [`TestTime`]: how times are written.
//! - [`assert_promql!`], [`check_promql`], [`Expected`], [`ExpectedValue`]: what has to come out of a query.
//! - [`check`], [`run_script`], [`run_script_on`]: scripts; [`Script`] and [`Runner`] go through one command by command.
//! - [`store_suite`], [`float_store_suite`]: the contract of [`SeriesStore`](crate::store::SeriesStore).

mod assert;
mod compare;
mod eval;
mod expect;
mod files;
mod query;
mod reevaluate;
mod report;
mod runner;
mod scrape;
mod script;
mod store;
mod store_suite;
mod test_time;

pub use crate::assert_promql;
#[doc(hidden)]
pub use assert::enforce_promql;
pub use assert::{
    Comparison, Difference, DifferenceKind, Expected, ExpectedValue, PromqlFailure, PromqlProblem, Subject,
    ValueMistake, When, check_promql,
};
pub use eval::{Eval, EvalTime};
pub use files::{run_script, script_files};
pub use report::{Failure, Problem, ScriptReport};
pub use runner::{Runner, ScriptOptions, check, run_script_on};
pub use scrape::{Scrape, ScrapeError, Target, Timeline};
pub use script::{Command, CommandKind, Script, ScriptError, ScriptProblem};
pub use store::ScriptStore;
pub use store_suite::{float_store_suite, store_suite};
pub use test_time::{TestTime, TestTimeError};
