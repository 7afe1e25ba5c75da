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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{buckets, histogram, sparse};

    #[test]
    fn the_same_bits() {
        let text = "{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4]}}";
        for (other, same) in [
            (text, true),
            (
                "{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4] \
              counter_reset_hint:gauge}}",
                true,
            ),
            (
                "{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4] \
              custom_values:[1]}}",
                true,
            ),
            ("{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3 0] n_buckets:[4]}}", false),
            (
                "{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 offset:1 buckets:[3] n_buckets:[4]}}",
                false,
            ),
            ("{{schema:2 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4]}}", false),
            ("{{schema:3 count:NaN sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4]}}", false),
            ("{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.2 buckets:[3] n_buckets:[4]}}", false),
            ("{{schema:3 count:2.2 sum:9.7 z_bucket:1 z_bucket_w:0.1 buckets:[3] n_buckets:[4]}}", false),
            ("{{schema:3 count:2.2 sum:9.7 z_bucket:1.1 z_bucket_w:0.1 buckets:[3] n_buckets:[4.1]}}", false),
        ] {
            assert_eq!(histogram(text).equals(&histogram(other)), same, "{other}");
            assert_eq!(histogram(other).equals(&histogram(text)), same, "{other}");
        }
        let nan = histogram("{{count:NaN z_bucket:NaN sum:NaN buckets:[NaN]}}");
        assert!(nan.equals(&nan));
        assert!(!Histogram { sum: -0.0, ..Histogram::default() }.equals(&Histogram::default()));
        let (one, other) = ("{{schema:-53 custom_values:[1 2]}}", "{{schema:-53 custom_values:[1 3]}}");
        assert!(!histogram(one).equals(&histogram(other)));
    }

    #[test]
    fn layouts() {
        let with = |spans| Histogram { positive: buckets((spans, &[1.0, 2.0])), ..Histogram::default() };
        assert!(with(&[(1, 1), (2, 1)]).equals(&with(&[(1, 1), (1, 0), (1, 1), (4, 0)])));
        assert!(!with(&[(1, 2)]).equals(&with(&[(1, 1), (0, 1)])));
    }

    #[test]
    fn nearly() {
        let near = |a: &str, b: &str| sparse(a).almost_equals(&sparse(b), 1e-6);
        assert!(near(
            "{{count:1 sum:1 buckets:[1 0 2]}}",
            "{{count:1.0000001 sum:1 buckets:[1 0 2.000001]}}"
        ));
        assert!(!near("{{count:1 sum:1 buckets:[1 0 2]}}", "{{count:1 sum:1 buckets:[1 0 2.00001]}}"));
        assert!(!near("{{z_bucket_w:1}}", "{{z_bucket_w:1.0000001}}"));
        assert!(near("{{sum:NaN}}", "{{sum:NaN}}"));
        assert!(!Histogram::stale().almost_equals(&histogram("{{sum:NaN}}"), 1e-6));
    }

    #[test]
    fn numbers() {
        for (a, b, same) in [
            (0.0, 0.0, true),
            (0.0, -0.0, true),
            (0.0, 1e-310, false),
            (1e-309, 1e-310, false),
            (1e-320, 1.1e-320, true),
            (1e-320, 1e-320, true),
            (1.0, -1.0, false),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::INFINITY, f64::MAX, false),
            (f64::MAX, f64::MAX * (1.0 - 1e-9), true),
            (f64::NAN, 1.0, false),
        ] {
            assert_eq!(almost_equal(a, b, 1e-6), same, "{a} {b}");
            assert_eq!(almost_equal(b, a, 1e-6), same, "{b} {a}");
        }
    }
}
