//! Tests of queries written as text: Prometheus' `.test` scripts, run against this engine and any store.
//!
//! A script loads series, asks a question and says what the answer has to be:
//!
//! ```
//! use promqlite::testing;
//!
//! testing::check(
//!     r#"
//!     load 1m
//!       http_requests_total{code="200"}  0+60x10
//!       http_requests_total{code="500"}  0+6x10
//!
//!     eval instant at 10m sum(rate(http_requests_total[5m]))
//!       {} 1.1
//!     "#,
//! )?;
//! # Ok::<(), testing::ScriptReport>(())
//! ```
//!
//! [`check`] is for unit tests; [`run_script`] takes a file, [`run_script_on`] a store of your choice; [`Script`] and
//! [`Runner`] go through a script command by command.
//!
//! # The language
//!
//! A script is a sequence of commands. A blank line ends a command, and so does a line that starts with `#`.
//!
//! | command | what it does |
//! | --- | --- |
//! | `load 1m` | adds series, in the notation of [`ingest::load`](crate::ingest::load), one a line |
//! | `load_with_nhcb 1m` | the same, and classic histograms once more as native ones |
//! | `clear` | empties the store |
//! | `eval instant at 5m QUERY` | runs a query at one time |
//! | `eval range from 0 to 10m step 1m QUERY` | runs a query over a range |
//!
//! Lines below `eval` say what has to come out: series with one value, or one for each step; a bare number for a
//! scalar; nothing for an empty answer. Besides them there can be:
//!
//! | line | what it asks for |
//! | --- | --- |
//! | `expect fail` | an error; with `msg: TEXT` this one, with `regex: PATTERN` one that matches |
//! | `expect warn`, `expect info` | a warning, an info; also with `msg:` or `regex:`; all have to be expected then |
//! | `expect no_warn`, `expect no_info` | no warning, no info |
//! | `expect ordered` | the series in the order of the lines |
//! | `expect string "TEXT"` | a string |
//! | `expect range vector from 10s to 1m step 10s` | samples at these times, where the query gives a range vector |
//!
//! The older `eval_fail`, `eval_warn`, `eval_info`, `eval_ordered`, `expected_fail_message` and
//! `expected_fail_regexp` are understood too.
//!
//! Floats may differ by a millionth of their magnitude. An instant query is asked again with its selectors pinned
//! by `@` at other times, and as a range query, and has to give the same answer each time.
//!
//! # Stores
//!
//! [`store_suite`] holds a store against what [`SeriesStore`](crate::store::SeriesStore) promises; [`float_store_suite`] is
//! for stores without histograms.

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
