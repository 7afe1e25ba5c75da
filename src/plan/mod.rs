//! From a checked syntax tree to a plan: what is read, when, and what is done with it.
//!
//! The plan of `sum by (job) (rate(m[5m] offset 1h))` over a day says: select `m`; each window is five minutes wide
//! and ends an hour before its step; `rate`; fold into one column a job. Types and arity are facts from here on,
//! times are milliseconds, durations are resolved, and what never changes is marked to be evaluated once.

pub mod build;
pub mod check;
pub mod check_error;
mod check_help;
pub mod duration;
pub mod explain;
mod invariance;
pub mod node;
pub mod selections;
pub mod times;
pub(crate) mod walk;

pub use build::build;
pub use check::{QueryError, check, parse_and_check};
pub use check_error::{CheckError, CheckErrorKind};
pub use node::Plan;
pub use times::Grid;

use crate::diagnostic::Span;

/// A query that was parsed and checked cannot be planned for these times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// The reason, in Prometheus' words.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PlanError {}
