//! `histogram_fraction`: the share of the observations that lie between two values.
//!
//! It is the inverse of a quantile: how many observations lie below the upper value, less those below the lower one,
//! each found by interpolation within the bucket that holds the value (`promql/quantile.go`).
//!
//! ```
//! use promqlite::functions::histogram::native_fraction;
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let histogram = parse_histogram("{{count:4 sum:9 offset:1 buckets:[2 2]}}").unwrap().0;
//! assert_eq!(native_fraction(2.0, 2.8284271247461903, &histogram).value, 0.25);
//! assert_eq!(native_fraction(f64::NEG_INFINITY, 4.0, &histogram).value, 1.0);
//! ```

use super::classic::{ClassicBucket, in_order};
use super::quantile::{NanEffect, NativeEstimate};
use crate::model::histogram::Histogram;

/// How many observations lie below a value, while buckets go by from the lowest to the highest.
struct Rank {
    value: f64,
    rank: Option<f64>,
}

impl Rank {
    fn of(value: f64) -> Self {
        Rank { value, rank: None }
    }

    /// Settles the rank if the value is the bucket's lower bound, or lies below it.
    fn settle_at_bound(&mut self, lower: f64, passed: f64) {
        if self.rank.is_none() && lower >= self.value {
            self.rank = Some(passed);
        }
    }

    /// Settles the rank if the value lies within the bucket.
    fn settle_within(&mut self, lower: f64, upper: f64, interpolated: impl Fn(f64) -> f64) {
        if self.rank.is_none() && lower < self.value && upper > self.value {
            self.rank = Some(interpolated(self.value));
        }
    }

    /// The rank, with no more than `count` observations below the value.
    fn within(self, count: f64) -> f64 {
        self.rank.filter(|&rank| !(rank > count)).unwrap_or(count)
    }
}

/// The share of a native histogram's observations between `lower` and `upper`.
///
/// Without observations it is NaN, and so it is if a value is; 0 if `lower` is not below `upper`. Buckets without a
/// bound are not divided: what is in the lowest custom bucket lies below any value in it (unless the bucket is taken
/// to begin at zero), what is in the highest lies above any.
pub fn native_fraction(lower: f64, upper: f64, histogram: &Histogram) -> NativeEstimate {
    if histogram.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN.into();
    }
    if lower >= upper {
        return 0.0.into();
    }
    let (mut low, mut high) = (Rank::of(lower), Rank::of(upper));
    let (mut passed, mut in_buckets) = (0.0, 0.0);
    let mut slots = histogram.all_slots();
    for slot in &mut slots {
        in_buckets += slot.count;
        let mut bucket = histogram.bucket_at(slot);
        let around_zero = bucket.lower <= 0.0 && bucket.upper >= 0.0;
        if around_zero {
            match (histogram.negative.counts.is_empty(), histogram.positive.counts.is_empty()) {
                (true, false) => bucket.lower = 0.0,
                (false, true) => bucket.upper = 0.0,
                _ => {}
            }
        }
        let linear = around_zero || histogram.uses_custom_buckets();
        let interpolated = |value: f64| {
            if linear && bucket.lower == f64::NEG_INFINITY {
                bucket.count
            } else {
                passed + bucket.count * bucket.fraction_below(value, linear)
            }
        };
        low.settle_at_bound(bucket.lower, passed);
        high.settle_at_bound(bucket.lower, passed);
        low.settle_within(bucket.lower, bucket.upper, interpolated);
        high.settle_within(bucket.lower, bucket.upper, interpolated);
        if low.rank.is_some() && high.rank.is_some() {
            break;
        }
        passed += bucket.count;
    }
    let (mut count, mut nan) = (histogram.count, None);
    if histogram.sum.is_nan() {
        // Observations of NaN are in the count only.
        count = slots.fold(in_buckets, |sum, slot| sum + slot.count);
        nan = (count < histogram.count).then_some(NanEffect::NotInFraction);
    }
    NativeEstimate { value: (high.within(count) - low.within(count)) / histogram.count, nan }
}

/// The share of a classic histogram's observations between `lower` and `upper`.
///
/// The buckets may be in any order, and are sorted afterwards. NaN if the highest bound is not +Inf, otherwise as for
/// native histograms. The lowest bucket begins at 0 if its bound is above that, else it has no lower bound. Counts
/// that fall from one bucket to the next are taken as they are.
pub fn classic_fraction(lower: f64, upper: f64, buckets: &mut [ClassicBucket]) -> f64 {
    let Some(buckets) = in_order(buckets) else { return f64::NAN };
    let count = buckets.last().map_or(0.0, |highest| highest.count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let (mut low, mut high) = (Rank::of(lower), Rank::of(upper));
    let mut passed = 0.0;
    let mut start = if buckets[0].upper <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    for bucket in &*buckets {
        let interpolated = |value: f64| {
            if start == f64::NEG_INFINITY {
                bucket.count
            } else {
                passed + (bucket.count - passed) * (value - start) / (bucket.upper - start)
            }
        };
        low.settle_at_bound(start, passed);
        high.settle_at_bound(start, passed);
        low.settle_within(start, bucket.upper, interpolated);
        high.settle_within(start, bucket.upper, interpolated);
        if low.rank.is_some() && high.rank.is_some() {
            break;
        }
        passed = bucket.count;
        start = bucket.upper;
    }
    (high.within(count) - low.within(count)) / count
}
