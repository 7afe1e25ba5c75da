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
        match self.rank {
            None => count,
            Some(rank) if rank > count => count,
            Some(rank) => rank,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::histogram::{native_quantile, quantile::NanEffect};
    use crate::model::histogram::equality::almost_equal;
    use crate::model::histogram::fixtures::histogram;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn native() {
        let spread =
            "{{count:12 sum:1 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 3] n_offset:1 n_buckets:[1 4]}}";
        let positive = "{{count:12 sum:100 z_bucket:4 z_bucket_w:0.5 offset:1 buckets:[2 6]}}";
        let negative = "{{count:12 sum:100 z_bucket:4 z_bucket_w:0.5 n_offset:1 n_buckets:[2 6]}}";
        let custom = "{{schema:-53 count:20 sum:1 custom_values:[5 10] buckets:[4 6 10]}}";
        let below_zero = "{{schema:-53 count:10 sum:1 custom_values:[-5] buckets:[4 6]}}";
        for (text, lower, upper, observations) in [
            (spread, -INF, INF, 12.0),
            (spread, 4.0, INF, 0.0),
            (spread, -INF, -4.0, 0.0),
            (spread, -2.0, 2.0, 5.0),
            (spread, 0.0, 0.25, 0.5),
            (spread, 2.0 * 2.0_f64.sqrt(), INF, 1.5),
            (spread, -INF, -2.0 * 2.0_f64.sqrt(), 2.0),
            (spread, 0.7, 0.9, 0.0),
            (positive, -INF, 0.25, 2.0),
            (positive, -1.0, 0.0, 0.0),
            (negative, -0.25, INF, 2.0),
            (custom, -INF, 2.5, 2.0),
            (custom, 2.5, 7.5, 5.0),
            (custom, 10.0, INF, 10.0),
            // Nothing is known of where observations lie beyond the bounds.
            (custom, 12.0, INF, 10.0),
            (custom, 12.0, 20.0, 0.0),
            (below_zero, -INF, -10.0, 4.0),
            (below_zero, -10.0, -5.0, 0.0),
        ] {
            let histogram = histogram(text);
            let got = native_fraction(lower, upper, &histogram);
            let expected = observations / histogram.count;
            assert!(almost_equal(got.value, expected, 1e-12), "{lower} to {upper} of {text}: {}", got.value);
            assert_eq!(got.nan, None);
        }
    }

    #[test]
    fn no_observations_and_no_range() {
        for (text, lower, upper, expected) in [
            ("{{}}", 0.0, 1.0, NAN),
            ("{{}}", 1.0, 0.0, NAN),
            ("{{count:1 buckets:[1]}}", NAN, 1.0, NAN),
            ("{{count:1 buckets:[1]}}", 1.0, NAN, NAN),
            ("{{count:1 buckets:[1]}}", 1.0, 1.0, 0.0),
            ("{{count:1 buckets:[1]}}", INF, -INF, 0.0),
        ] {
            let got = native_fraction(lower, upper, &histogram(text)).value;
            assert!(
                got.total_cmp(&expected).is_eq() || got.is_nan() && expected.is_nan(),
                "{text} {lower} {upper}"
            );
        }
    }

    #[test]
    fn observations_of_nan_are_in_no_fraction() {
        let histogram = histogram("{{count:10 sum:NaN offset:1 buckets:[4 4]}}");
        for (lower, upper, expected) in [(-INF, INF, 0.8), (-INF, 2.0, 0.4), (2.0, INF, 0.4)] {
            let got = native_fraction(lower, upper, &histogram);
            assert_eq!((got.value, got.nan), (expected, Some(NanEffect::NotInFraction)));
        }
    }

    #[test]
    fn fractions_undo_quantiles() {
        for text in [
            "{{count:12 sum:1 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 3] n_offset:1 n_buckets:[1 4]}}",
            "{{schema:3 count:12 sum:1 offset:1 buckets:[2 3 1 6]}}",
            "{{schema:-53 count:10 sum:1 custom_values:[5 10 11] buckets:[4 5 1]}}",
        ] {
            let histogram = histogram(text);
            for share in (1..20).map(|i| f64::from(i) / 20.0) {
                let value = native_quantile(share, &histogram).value;
                let back = native_fraction(-INF, value, &histogram).value;
                assert!(almost_equal(back, share, 1e-12), "{text}: {share} is {value} is {back}");
            }
        }
    }

    #[test]
    fn classic() {
        let positive = [(1.0, 2.0), (3.0, 6.0), (INF, 8.0)];
        let below_zero = [(-1.0, 2.0), (1.0, 6.0), (INF, 8.0)];
        for (buckets, lower, upper, observations) in [
            (&positive, -INF, INF, 8.0),
            (&positive, 0.5, 2.0, 3.0),
            (&positive, 3.0, INF, 2.0),
            (&positive, 4.0, INF, 2.0),
            (&positive, 4.0, 5.0, 0.0),
            (&positive, -1.0, 1.0, 2.0),
            (&below_zero, -INF, -5.0, 2.0),
            (&below_zero, -5.0, 0.0, 2.0),
            (&below_zero, 2.0, 1.0, 0.0),
        ] {
            let mut buckets = buckets.map(|(upper, count)| ClassicBucket { upper, count });
            buckets.reverse();
            let got = classic_fraction(lower, upper, &mut buckets);
            assert_eq!(got, observations / 8.0, "{lower} to {upper} of {buckets:?}");
        }
        let mut no_infinity = [ClassicBucket { upper: 1.0, count: 1.0 }];
        assert!(classic_fraction(0.0, 1.0, &mut no_infinity).is_nan());
        assert!(classic_fraction(0.0, 1.0, &mut []).is_nan());
    }
}
