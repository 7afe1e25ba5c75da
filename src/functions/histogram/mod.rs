//! What is asked of histograms: quantiles, fractions and moments, of native histograms and of classic buckets.
//!
//! Everything here is a plain function of one histogram, or of the buckets of one classic histogram at one time:
//!
//! ```
//! use promqlite::functions::histogram::{ClassicBucket, classic_quantile};
//!
//! let mut buckets = [(1.0, 2.0), (3.0, 6.0), (f64::INFINITY, 8.0)]
//!     .map(|(upper, count)| ClassicBucket { upper, count });
//! assert_eq!(classic_quantile(0.5, &mut buckets).value, 2.0);
//! ```
//!
//! Which samples make up a classic histogram, and what is told about odd ones, is the business of the operators that
//! call these.

mod classic;
mod fraction;
mod moments;
mod quantile;

pub use classic::{ClassicBucket, RaisedBuckets};
pub use fraction::{classic_fraction, native_fraction};
pub use moments::{average, standard_deviation, variance};
pub use quantile::{ClassicQuantile, NanEffect, NativeEstimate, classic_quantile, native_quantile};
