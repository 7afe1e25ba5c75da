//! What a native histogram consists of.
//!
//! A histogram counts observations in buckets. Nearly all of the buckets that a schema defines are empty, so only
//! runs of buckets are kept: *spans* say where they are, and the counts follow each other in one column. These are
//! three buckets, at the indices 2, 3 and 7 (the first offset is an index, the others are gaps):
//!
//! ```
//! use promqlite::model::histogram::{BucketSpan, Buckets, Histogram};
//!
//! let positive = Buckets {
//!     spans: vec![BucketSpan { offset: 2, length: 2 }, BucketSpan { offset: 3, length: 1 }],
//!     counts: vec![5.0, 10.0, 1.0],
//! };
//! let histogram = Histogram { count: 16.0, sum: 123.0, positive, ..Histogram::default() };
//! let uppers: Vec<f64> = histogram.positive_buckets().map(|bucket| bucket.upper).collect();
//! assert_eq!(uppers, [4.0, 8.0, 128.0]);
//! ```
//!
//! Counts are absolute floats: arithmetic makes fractions even where the observations were whole numbers
//! (`model/histogram/float_histogram.go`). Inside of a query counts may be negative, too.

use std::sync::Arc;

use super::schema;
use super::spans::BucketSpan;
use crate::model::sample::{STALE_NAN, is_stale};

/// A native histogram with float counts: a zero bucket, positive and negative buckets, count and sum.
///
/// `==` compares field by field, and NaN is unequal to itself; what the query language's `==` compares is
/// [`equals`](Histogram::equals).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// What is known about a counter reset between the sample before and this one.
    pub counter_reset_hint: CounterResetHint,
    /// How values are cut into buckets: -4..=8 exponential, -53 custom bounds (see [`schema`]).
    pub schema: i32,
    /// The zero bucket holds what lies between `-zero_threshold` and `zero_threshold`, both included. 0 with custom
    /// bounds.
    pub zero_threshold: f64,
    /// Observations in the zero bucket. 0 with custom bounds.
    pub zero_count: f64,
    /// All observations. Those of NaN are in no bucket.
    pub count: f64,
    /// Sum of all observations. The stale marker's bits here make the whole sample a stale marker.
    pub sum: f64,
    /// The buckets above zero, or all buckets with custom bounds.
    pub positive: Buckets,
    /// The buckets below zero, indexed from zero outwards. None with custom bounds.
    pub negative: Buckets,
    /// With custom bounds, the upper bound of each bucket but the last, whose upper bound is +Inf; rising. Otherwise
    /// empty.
    pub custom_values: Arc<[f64]>,
}

/// The buckets on one side of zero: where they are and how much is in each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets {
    /// Runs of buckets, rising.
    pub spans: Vec<BucketSpan>,
    /// The count of each bucket, as many as the spans have buckets. Empty buckets may be among them.
    pub counts: Vec<f64>,
}

/// What is known about a counter reset between the sample before and this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CounterResetHint {
    /// Nothing: it has to be found out by comparison.
    #[default]
    Unknown,
    /// There was a reset.
    CounterReset,
    /// There was none.
    NotCounterReset,
    /// The histogram is a gauge: resets mean nothing.
    Gauge,
}

impl Histogram {
    /// The stale marker as a histogram.
    pub fn stale() -> Self {
        Histogram { sum: STALE_NAN, ..Histogram::default() }
    }

    /// Whether this is the stale marker.
    pub fn is_stale(&self) -> bool {
        is_stale(self.sum)
    }

    /// Whether the bounds are listed one by one rather than exponential.
    pub fn uses_custom_buckets(&self) -> bool {
        schema::is_custom(self.schema)
    }

    /// Whether any count, the sum or a bound is infinite: a sum of histograms grew too large for `f64`.
    pub fn has_overflow(&self) -> bool {
        [self.zero_count, self.count, self.sum]
            .iter()
            .chain(&self.positive.counts)
            .chain(&self.negative.counts)
            .chain(self.custom_values.iter())
            .any(|value| value.is_infinite())
    }

    /// How many bytes Prometheus counts this histogram as: a fixed part and 8 for each span, bucket and custom bound.
    ///
    /// Sample limits are measured with it: a point of a range vector or matrix weighs `(size + 8) / 16` samples, a
    /// sample of an instant vector `size / 16`, both rounded down (`promql/value.go`).
    pub fn size(&self) -> usize {
        const FIXED: usize = 168;
        let elements = self.positive.spans.len()
            + self.negative.spans.len()
            + self.positive.counts.len()
            + self.negative.counts.len()
            + self.custom_values.len();
        FIXED + 8 * elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_counts_every_element() {
        let buckets = |spans, counts| Buckets {
            spans: vec![BucketSpan { offset: 1, length: 1 }; spans],
            counts: vec![1.0; counts],
        };
        assert_eq!(Histogram::default().size(), 168);
        let exponential =
            Histogram { positive: buckets(3, 6), negative: buckets(4, 5), ..Histogram::default() };
        assert_eq!(exponential.size(), 168 + 8 * 18);
        let custom = Histogram {
            schema: schema::CUSTOM_BUCKETS,
            positive: buckets(1, 3),
            custom_values: [1.0, 2.0, 3.0].into(),
            ..Histogram::default()
        };
        assert_eq!(custom.size(), 168 + 8 * 7);
    }

    #[test]
    fn staleness_is_in_the_bits_of_the_sum() {
        assert!(Histogram::stale().is_stale());
        assert!(!Histogram { sum: f64::NAN, ..Histogram::default() }.is_stale());
    }

    #[test]
    fn overflow_is_an_infinite_field() {
        assert!(!Histogram { sum: f64::NAN, ..Histogram::default() }.has_overflow());
        assert!(Histogram { sum: f64::NEG_INFINITY, ..Histogram::default() }.has_overflow());
        let mut histogram = Histogram::default();
        histogram.negative.counts.push(f64::INFINITY);
        assert!(histogram.has_overflow());
    }
}
