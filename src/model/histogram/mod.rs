//! Native histograms: what they are, how they are walked over, combined, compared, read and written.
//!
//! [`structure`] tells what a histogram consists of; everything else is about one thing that can be done with it.

pub mod arithmetic;
#[doc(hidden)]
pub mod bounds;
mod bounds_table;
pub mod buckets;
mod compact;
mod custom_bounds;
pub mod equality;
pub mod error;
#[cfg(test)]
pub(crate) mod fixtures;
#[doc(hidden)]
pub mod kahan;
mod merge;
pub mod nhcb;
#[doc(hidden)]
pub mod notation;
#[cfg(test)]
mod properties;
mod reduce;
mod reset;
pub mod schema;
mod spans;
mod stored_hint;
pub mod structure;
mod text;
mod total;
#[doc(hidden)]
pub mod trim;
mod validate;
mod zero_bucket;

pub use arithmetic::Combined;
pub use buckets::Bucket;
pub use error::{IncompatibleSchemas, ReduceError, SpanError, ValidationError};
#[doc(hidden)]
pub use kahan::KahanHistogram;
pub use spans::BucketSpan;
pub use structure::{Buckets, CounterResetHint, Histogram};
pub(crate) use total::HistogramTotal;
