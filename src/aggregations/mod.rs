//! The aggregations: one table of records, and accumulators by family.
//!
//! An aggregation folds the columns of a group's series, in input order, into one column. It never sees all series
//! at once: `sum by (job) (...)` over 100,000 series holds one column for each job.

mod average;
mod compensated;
mod count;
mod extremum;
mod group_columns;
mod histogram_totals;
mod quantile;
mod record;
mod signature;
mod sum;
mod table;
mod variance;

pub(crate) use quantile::quantile;
pub use record::Aggregation;
#[doc(hidden)]
pub use record::{Accumulator, GroupedBatch, Kind};
pub use table::{AGGREGATIONS, lookup};
