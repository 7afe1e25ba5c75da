//! Operators over columns: how a plan becomes an answer.
//!
//! Every operator works in two phases. *Opening* it finds which series it will produce: labels are grouped, matched
//! and replaced here, once a query. Then its *columns* are asked for, a batch of series at a time, all steps at once.

mod context;
mod drive;
mod error;
mod operator;

pub use context::{CancelToken, Grid, QueryContext, QueryLimits};
pub use drive::{collect, for_each_batch};
pub use error::ExecError;
pub use operator::{BoxedOperator, Operator, OutputSeries, Worker};
