//! The aggregations: one table of records, and accumulators by family.
//!
//! An aggregation folds the columns of a group's series, in input order, into one column. It never sees all series
//! at once: `sum by (job) (...)` over 100,000 series holds one column for each job.

mod record;
mod table;

pub use record::{Accumulator, Aggregation, Kind};
pub use table::{AGGREGATIONS, lookup};
