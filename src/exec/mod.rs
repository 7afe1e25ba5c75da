//! Operators over columns: how a plan becomes an answer.
//!
//! Every operator works in two phases. *Opening* it finds which series it will produce: labels are grouped, matched
//! and replaced here, once a query. Then its *columns* are asked for, a batch of series at a time, all steps at once.
//!
//! `sum by (job) (rate(m[5m]))` opens as selector, window and fold. The fold then asks the window for a batch of
//! columns, which reads each series into the same buffers, works out all its windows in one call, and hands over a
//! column; the fold adds it to the column of its group and forgets it.

pub mod aggregate;
mod arithmetic;
mod context;
mod drive;
mod error;
mod gather;
mod histogram;
mod histogram_stats;
mod info;
mod join;
mod label_ops;
mod map;
mod matching;
mod merge_duplicates;
pub(crate) mod meter;
pub(crate) mod open;
mod operator;
mod places;
mod range_source;
mod reader;
mod recent;
pub(crate) mod run;
mod scalar;
mod select;
mod set_op;
mod side_by_side;
mod sort;
mod step_join;
mod vector_scalar;
mod window;

pub use context::{CancelToken, QueryContext, QueryLimits};
pub use drive::{collect, for_each_batch};
pub use error::ExecError;
pub use operator::{BoxedOperator, Operator, OutputSeries, Worker};
