//! When two histograms are the same.
//!
//! Two notions, both about data rather than numbers: bit by bit, which is what `==` and `!=` of the query language
//! compare, and nearly, which is what tests compare. Neither looks at the counter reset hint; both look at the
//! layout, in which an empty bucket is not the same as no bucket, but spans without buckets are nothing.

use super::custom_bounds::bounds_match;
use super::spans::same_layout;
use super::structure::{Buckets, Histogram};
use crate::model::sample::is_stale;

impl Histogram {
    /// Whether both hold the same data: equal schema, bounds and layout, and the same bits in all counts and the sum.
    pub fn equals(&self, other: &Histogram) -> bool {
        self.matches(other, |a, b| a.to_bits() == b.to_bits())
    }

    /// Whether both hold nearly the same data: equal schema, bounds and layout, and counts and sums for which
    /// [`almost_equal`] holds. Compact both first, unless empty buckets matter.
    pub fn almost_equals(&self, other: &Histogram, epsilon: f64) -> bool {
        self.matches(other, |a, b| almost_equal(a, b, epsilon))
    }

    fn matches(&self, other: &Histogram, same: impl Fn(f64, f64) -> bool + Copy) -> bool {
        self.schema == other.schema
            && same(self.count, other.count)
            && same(self.sum, other.sum)
            && (!self.uses_custom_buckets() || bounds_match(&self.custom_values, &other.custom_values))
            && self.zero_threshold == other.zero_threshold
            && same(self.zero_count, other.zero_count)
            && self.negative.matches(&other.negative, same)
            && self.positive.matches(&other.positive, same)
    }
}

impl Buckets {
    fn matches(&self, other: &Buckets, same: impl Fn(f64, f64) -> bool) -> bool {
        same_layout(&self.spans, &other.spans)
            && self.counts.len() == other.counts.len()
            && self.counts.iter().zip(&other.counts).all(|(&a, &b)| same(a, b))
    }
}

/// Whether `a` and `b` differ by less than `epsilon` of the sum of their magnitudes (`util/almost/almost.go`).
///
/// A stale marker equals only a stale marker, any other NaN any other NaN; zero practically equals only zero.
///
/// ```
/// use promqlite::model::histogram::equality::almost_equal;
///
/// assert!(almost_equal(1.0, 1.000_001, 1e-6));
/// assert!(!almost_equal(1.0, 1.000_01, 1e-6));
/// assert!(!almost_equal(0.0, 1e-300, 1e-6));
/// ```
pub fn almost_equal(a: f64, b: f64, epsilon: f64) -> bool {
    if is_stale(a) || is_stale(b) {
        return is_stale(a) && is_stale(b);
    }
    if a == b || a.is_nan() && b.is_nan() {
        return true;
    }
    let (magnitude, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || magnitude < f64::MIN_POSITIVE {
        difference < epsilon * f64::MIN_POSITIVE
    } else {
        difference / magnitude.min(f64::MAX) < epsilon
    }
}
