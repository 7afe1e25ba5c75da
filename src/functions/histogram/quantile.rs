//! `histogram_quantile`: the value below which a share φ of the observations lies.
//!
//! The bucket that holds the observation of rank φ · count is found, and the place within it by interpolation: evenly
//! by value for classic and custom buckets and around zero, evenly by logarithm for exponential buckets
//! (`promql/quantile.go`).
//!
//! ```
//! use promqlite::functions::histogram::native_quantile;
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! // Two observations in (1,2], two in (2,4]: the third quarter ends in the middle of the latter.
//! let histogram = parse_histogram("{{count:4 sum:9 offset:1 buckets:[2 2]}}").unwrap().0;
//! assert_eq!(native_quantile(0.75, &histogram).value, 2.82842712474619);
//! ```

use super::classic::{ClassicBucket, RaisedBuckets, in_order, make_monotonic};
use crate::model::annotation::Annotation;
use crate::model::go_log::{exp2, log2};
use crate::model::histogram::buckets::Slot;
use crate::model::histogram::{Bucket, Histogram};

/// A quantile of a classic histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicQuantile {
    /// The quantile.
    pub value: f64,
    /// Buckets that counted less than those below them, if there were any.
    pub raised: Option<RaisedBuckets>,
}

/// A quantile or a fraction of a native histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NativeEstimate {
    /// The quantile or fraction.
    pub value: f64,
    /// What observations of NaN did to it, if there were any.
    pub nan: Option<NanEffect>,
}

/// What observations of NaN do. They are in the count of a native histogram, but in none of its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanEffect {
    /// The quantile is one of them.
    QuantileIsNan,
    /// The quantile is higher than it would be without them.
    QuantileSkewed,
    /// They are in no fraction.
    NotInFraction,
}

impl NanEffect {
    /// The annotation that tells this; `metric` may be empty.
    pub fn annotation(self, metric: String) -> Annotation {
        match self {
            NanEffect::QuantileIsNan => Annotation::NativeHistogramQuantileNaNResult { metric },
            NanEffect::QuantileSkewed => Annotation::NativeHistogramQuantileNaNSkew { metric },
            NanEffect::NotInFraction => Annotation::NativeHistogramFractionNaNs { metric },
        }
    }
}

/// The answer for a φ that is no share, which does not depend on the observations: infinite beyond 0 and 1, NaN for NaN.
fn out_of_range(phi: f64) -> Option<f64> {
    match phi {
        _ if phi.is_nan() => Some(f64::NAN),
        ..0.0 => Some(f64::NEG_INFINITY),
        _ if phi > 1.0 => Some(f64::INFINITY),
        _ => None,
    }
}

/// The φ-quantile of a classic histogram.
///
/// The buckets may be in any order. Afterwards they are sorted, equal bounds are added up and counts are monotonic;
/// what lies behind the last bound is left over. Prometheus asks the same buckets again for the next φ of
/// `histogram_quantiles`, leftovers and all.
///
/// NaN if the highest bound is not +Inf, if there are less than two bounds, or without observations. In the bucket
/// below +Inf the answer is its lower bound; the lowest bucket begins at 0 if its bound is above that, else its bound
/// is the answer.
pub fn classic_quantile(phi: f64, buckets: &mut [ClassicBucket]) -> ClassicQuantile {
    let nan = ClassicQuantile { value: f64::NAN, raised: None };
    if let Some(value) = out_of_range(phi) {
        return ClassicQuantile { value, raised: None };
    }
    let Some(buckets) = in_order(buckets) else { return nan };
    let raised = make_monotonic(buckets);
    let [below @ .., highest] = &*buckets else { return nan };
    let Some(last_finite) = below.last() else { return ClassicQuantile { raised, ..nan } };
    if highest.count == 0.0 {
        return ClassicQuantile { raised, ..nan };
    }
    let rank = phi * highest.count;
    let value = match first_reaching(below, rank) {
        at if at == below.len() => last_finite.upper,
        0 if below[0].upper <= 0.0 => below[0].upper,
        0 => below[0].upper * (rank / below[0].count),
        at => {
            let (start, end) = (below[at - 1], below[at]);
            start.upper + (end.upper - start.upper) * ((rank - start.count) / (end.count - start.count))
        }
    };
    ClassicQuantile { value, raised }
}

/// The position of the first bucket that counts at least `rank`, by bisection: where counts are NaN, which positions
/// are looked at decides.
fn first_reaching(buckets: &[ClassicBucket], rank: f64) -> usize {
    let (mut low, mut high) = (0, buckets.len());
    while low < high {
        let middle = (low + high) / 2;
        if buckets[middle].count >= rank { high = middle } else { low = middle + 1 }
    }
    low
}

/// The φ-quantile of a native histogram.
///
/// Buckets around zero begin or end at zero if there are only positive or only negative buckets. Of custom buckets,
/// the lowest begins at 0 if its bound is above that, else its bound is the answer; in the highest its lower bound is.
pub fn native_quantile(phi: f64, histogram: &Histogram) -> NativeEstimate {
    if histogram.count == 0.0 && (0.0..=1.0).contains(&phi) {
        return f64::NAN.into();
    }
    if let Some(value) = out_of_range(phi) {
        return value.into();
    }
    // From the nearer end. Observations of NaN count as the highest, so with them it has to be from below.
    if histogram.sum.is_nan() || phi < 0.5 {
        let rank = phi * histogram.count;
        let mut slots = histogram.all_slots();
        let found = seek(&mut slots, rank);
        interpolate(histogram, rank, found, Some(&mut slots))
    } else {
        let rank = (1.0 - phi) * histogram.count;
        let found = seek(&mut histogram.all_slots_rev(), rank);
        interpolate(histogram, rank, found, None)
    }
}

impl From<f64> for NativeEstimate {
    fn from(value: f64) -> Self {
        NativeEstimate { value, nan: None }
    }
}

/// The first slot at which so many observations have been passed, or the last one, and how many have been.
fn seek(slots: &mut dyn Iterator<Item = Slot>, rank: f64) -> (Option<Slot>, f64) {
    let (mut last, mut passed) = (None, 0.0);
    for slot in slots {
        last = Some(slot);
        if slot.count == 0.0 {
            continue;
        }
        passed += slot.count;
        if passed >= rank {
            break;
        }
    }
    (last, passed)
}

/// The quantile, once the slot that holds it is `found`. `above` are the slots beyond it if the search came from below.
fn interpolate(
    histogram: &Histogram,
    rank: f64,
    (slot, passed): (Option<Slot>, f64),
    above: Option<&mut dyn Iterator<Item = Slot>>,
) -> NativeEstimate {
    let mut bucket = match slot {
        Some(slot) => histogram.bucket_at(slot),
        None => Bucket { lower: 0.0, upper: 0.0, lower_inclusive: false, upper_inclusive: false, count: 0.0 },
    };
    let custom = histogram.uses_custom_buckets();
    if custom {
        if bucket.lower == f64::NEG_INFINITY {
            if bucket.upper <= 0.0 {
                return bucket.upper.into();
            }
            bucket.lower = 0.0;
        } else if bucket.upper == f64::INFINITY {
            return bucket.lower.into();
        }
    } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
        match (histogram.negative.counts.is_empty(), histogram.positive.counts.is_empty()) {
            (true, false) => bucket.lower = 0.0,
            (false, true) => bucket.upper = 0.0,
            _ => {}
        }
    }
    // Rounding may have made the buckets hold more than there is.
    let mut passed = if passed > histogram.count { histogram.count } else { passed };
    if passed < rank {
        // All buckets were passed: either the rest are NaN, or the buckets hold less than the count says.
        return if histogram.sum.is_nan() {
            NativeEstimate { value: f64::NAN, nan: Some(NanEffect::QuantileIsNan) }
        } else {
            bucket.upper.into()
        };
    }
    let within = if above.is_some() { rank - (passed - bucket.count) } else { passed - rank };

    let mut nan = None;
    if let Some(above) = above
        && histogram.sum.is_nan()
    {
        // As in Prometheus, the bucket that this count ends at is the one that is interpolated in.
        for slot in above {
            bucket = histogram.bucket_at(slot);
            passed += slot.count;
        }
        if passed < histogram.count {
            nan = Some(NanEffect::QuantileSkewed);
        }
    }
    let fraction = within / bucket.count;
    let value = if custom || bucket.lower <= 0.0 && bucket.upper >= 0.0 {
        bucket.lower + (bucket.upper - bucket.lower) * fraction
    } else {
        let (lower, upper) = (log2(bucket.lower.abs()), log2(bucket.upper.abs()));
        if bucket.lower > 0.0 {
            exp2(lower + (upper - lower) * fraction)
        } else {
            -exp2(upper + (lower - upper) * (1.0 - fraction))
        }
    };
    NativeEstimate { value, nan }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::equality::almost_equal;
    use crate::model::histogram::fixtures::histogram;
    use proptest::prelude::*;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    fn buckets(list: &[(f64, f64)]) -> Vec<ClassicBucket> {
        list.iter().map(|&(upper, count)| ClassicBucket { upper, count }).collect()
    }

    fn near(a: f64, b: f64) -> bool {
        almost_equal(a, b, 1e-12)
    }

    #[test]
    fn classic() {
        let plain = [(10.0, 10.0), (15.0, 15.0), (20.0, 15.0), (30.0, 15.0), (INF, 15.0)];
        let long = [
            (1.0, 6454661.30141662),
            (5.0, 8339611.200191294),
            (10.0, 14118319.244476216),
            (25.0, 14130031.527285652),
            (50.0, 46001270.303000815),
            (64.0, 46008473.85855636),
            (80.0, 46008473.85855636),
            (INF, 46008473.85855636),
        ];
        let below_zero = [(-10.0, 1.0), (0.0, 2.0), (10.0, 4.0), (INF, 4.0)];
        for (given, phi, expected) in [
            (&plain[..], 1.0, 15.0),
            (&plain, 0.99, 14.85),
            (&plain, 0.9, 13.5),
            (&plain, 0.5, 7.5),
            (&plain, 0.0, 0.0),
            (&plain, -0.1, -INF),
            (&plain, 1.1, INF),
            (&plain, NAN, NAN),
            (&long, 1.0, 64.0),
            (&long, 0.99, 49.64475715376406),
            (&long, 0.9, 46.39671690938454),
            (&long, 0.5, 31.96098248992002),
            (&below_zero, 0.1, -10.0),
            (&below_zero, 0.5, 0.0),
            (&below_zero, 0.75, 5.0),
            (&[(1.0, 2.0), (INF, 4.0)], 0.9, 1.0),
            (&[], 0.5, NAN),
            (&[(INF, 4.0)], 0.5, NAN),
            (&[(1.0, 2.0), (2.0, 4.0)], 0.5, NAN),
            (&[(1.0, 0.0), (INF, 0.0)], 0.5, NAN),
        ] {
            let got = classic_quantile(phi, &mut buckets(given));
            assert!(near(got.value, expected), "{phi} of {given:?}: {} instead of {expected}", got.value);
            assert_eq!(got.raised, None);
        }
    }

    #[test]
    fn classic_buckets_that_fall() {
        let given = [(INF, 15.0), (30.0, 12.0), (20.0, 15.0 + 1e-11), (10.0, 10.0), (15.0, 15.0)];
        let got = classic_quantile(0.5, &mut buckets(&given));
        assert_eq!(got.value, 7.5);
        let raised = RaisedBuckets { min_bucket: 30.0, max_bucket: 30.0, max_difference: 3.0 };
        assert_eq!(got.raised, Some(raised));
        assert_eq!(raised.details(7000).samples, 1);
        assert_eq!(classic_quantile(2.0, &mut buckets(&given)).raised, None);
    }

    #[test]
    fn asked_again_the_leftovers_of_equal_bounds_count_twice() {
        let mut given = buckets(&[(1.0, 2.0), (1.0, 2.0), (INF, 8.0)]);
        assert_eq!(classic_quantile(0.5, &mut given).value, 1.0);
        assert_eq!(classic_quantile(0.25, &mut given).value, 1.0);
        assert_eq!(given, buckets(&[(1.0, 4.0), (INF, 16.0), (INF, 8.0)]));
    }

    #[test]
    fn native() {
        let spread =
            "{{count:12 sum:1 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 3] n_offset:1 n_buckets:[1 4]}}";
        let positive = "{{count:12 sum:100 z_bucket:4 z_bucket_w:0.5 offset:1 buckets:[2 6]}}";
        let negative = "{{count:12 sum:100 z_bucket:4 z_bucket_w:0.5 n_offset:1 n_buckets:[2 6]}}";
        let custom = "{{schema:-53 count:20 sum:1 custom_values:[5 10] buckets:[4 6 10]}}";
        let below_zero = "{{schema:-53 count:10 sum:1 custom_values:[-5] buckets:[4 6]}}";
        for (text, phi, expected) in [
            ("{{}}", 0.5, NAN),
            ("{{}}", -1.0, -INF),
            (spread, 2.0, INF),
            (spread, NAN, NAN),
            (spread, 0.0, -4.0),
            (spread, 1.0, 4.0),
            (spread, 2.0 / 12.0, -(2.0_f64.sqrt() * 2.0)),
            (spread, 0.5, 0.0),
            (spread, 5.5 / 12.0, -0.25),
            (spread, 10.5 / 12.0, 2.0 * 2.0_f64.sqrt()),
            (positive, 0.0, 0.0),
            (positive, 2.0 / 12.0, 0.25),
            (positive, 5.0 / 12.0, 2.0_f64.sqrt()),
            (negative, 1.0, 0.0),
            (negative, 10.0 / 12.0, -0.25),
            (negative, 3.0 / 12.0, -(2.0 * 2.0_f64.sqrt())),
            (custom, 0.1, 2.5),
            (custom, 0.35, 7.5),
            (custom, 0.9, 10.0),
            (below_zero, 0.2, -5.0),
            (below_zero, 0.9, -5.0),
            // Counts that do not add up.
            ("{{count:10 sum:1 offset:1 buckets:[2]}}", 0.4, 2.0),
            ("{{count:1 sum:1 offset:1 buckets:[2]}}", 0.75, 2.0_f64.powf(0.375)),
        ] {
            let got = native_quantile(phi, &histogram(text));
            assert!(near(got.value, expected), "{phi} of {text}: {} instead of {expected}", got.value);
            assert_eq!(got.nan, None, "{phi} of {text}");
        }
    }

    #[test]
    fn observations_of_nan() {
        let text = "{{count:10 sum:NaN offset:1 buckets:[4 4]}}";
        for (text, phi, expected, effect) in [
            (text, 0.7, 2.0 * 2.0_f64.powf(0.75), Some(NanEffect::QuantileSkewed)),
            (text, 0.9, NAN, Some(NanEffect::QuantileIsNan)),
            ("{{count:8 sum:NaN offset:1 buckets:[4 4]}}", 0.75, 2.0 * 2.0_f64.sqrt(), None),
        ] {
            let got = native_quantile(phi, &histogram(text));
            assert!(near(got.value, expected), "{phi} of {text}: {} instead of {expected}", got.value);
            assert_eq!(got.nan, effect, "{phi} of {text}");
        }
    }

    #[test]
    fn effects_are_told() {
        for (effect, message) in [
            (NanEffect::QuantileIsNan, "input to histogram_quantile has NaN observations, result is NaN"),
            (
                NanEffect::QuantileSkewed,
                "input to histogram_quantile has NaN observations, result is skewed higher for metric name \"m\"",
            ),
            (
                NanEffect::NotInFraction,
                "input to histogram_fraction has NaN observations, which are excluded from all fractions for \
                 metric name \"m\"",
            ),
        ] {
            let metric = if effect == NanEffect::QuantileIsNan { "" } else { "m" };
            assert_eq!(effect.annotation(metric.to_owned()).to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn quantiles_rise_with_their_share(
            counts in prop::collection::vec(0..9u32, 1..8),
            below in prop::collection::vec(0..9u32, 0..5),
            zero in 0..9u32,
            custom: bool,
            mut shares in prop::array::uniform3(0.0..=1.0f64),
        ) {
            let list = |counts: &[u32]| counts.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
            let total = |counts: &[u32]| counts.iter().sum::<u32>();
            let text = if custom {
                let bounds: Vec<String> = (0..counts.len()).map(|bound| (bound as i32 * 2 - 5).to_string()).collect();
                format!(
                    "{{{{schema:-53 count:{} sum:1 custom_values:[{}] buckets:[{}]}}}}",
                    total(&counts), bounds.join(" "), list(&counts)
                )
            } else {
                format!(
                    "{{{{count:{} sum:1 z_bucket:{zero} z_bucket_w:0.5 buckets:[{}] n_buckets:[{}]}}}}",
                    total(&counts) + total(&below) + zero, list(&counts), list(&below)
                )
            };
            let native = histogram(&text);
            shares.sort_by(f64::total_cmp);
            let values = shares.map(|share| native_quantile(share, &native).value);
            prop_assert!(native.count == 0.0 || values.is_sorted_by(|a, b| *a <= *b + 1e-9), "{text} {shares:?} {values:?}");

            let mut cumulative = 0.0;
            let mut classic: Vec<ClassicBucket> = counts.iter().enumerate().map(|(at, &count)| {
                cumulative += f64::from(count);
                ClassicBucket { upper: at as f64 - 2.0, count: cumulative }
            }).collect();
            classic.push(ClassicBucket { upper: INF, count: cumulative });
            let values = shares.map(|share| classic_quantile(share, &mut classic.clone()).value);
            prop_assert!(cumulative == 0.0 || values.is_sorted_by(|a, b| *a <= *b + 1e-9), "{classic:?} {shares:?} {values:?}");
        }
    }
}
