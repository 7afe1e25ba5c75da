//! Cutting off the observations above or below a value: the operators `</` and `>/`.
//!
//! Where the value lies within a bucket, its observations are divided by interpolation; count and sum are then
//! estimated anew from what is left, each bucket standing for its midpoint.
//!
//! ```
//! use promqlite::model::histogram::notation::parse_histogram;
//! use promqlite::model::histogram::trim::Keep;
//!
//! let mut histogram = parse_histogram("{{count:12 sum:40 offset:1 buckets:[2 4 6]}}").unwrap().0;
//! histogram.trim(4.0, Keep::Below);
//! assert_eq!(histogram.to_string(), "{count:6, sum:14.142135623730951, (1,2]:2, (2,4]:4}");
//! ```

use super::buckets::Bucket;
use super::structure::{Buckets, Histogram};

/// Which observations are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those up to the value, as `</` does.
    Below,
    /// Those from the value on, as `>/` does.
    Above,
}

/// What is left of a bucket.
#[derive(Clone, Copy, Debug)]
struct Rest {
    count: f64,
    /// The value that the observations are taken to have.
    midpoint: f64,
}

/// How buckets are cut.
#[derive(Clone, Copy)]
struct Cut {
    at: f64,
    keep: Keep,
    custom: bool,
}

impl Histogram {
    /// Removes the observations above or below `at`. If anything was removed, the histogram is compact afterwards, and
    /// its count and sum are estimates; otherwise nothing changes.
    pub fn trim(&mut self, at: f64, keep: Keep) -> &mut Self {
        let cut = Cut { at, keep, custom: self.uses_custom_buckets() };
        let (mut count, mut sum, mut removed) = (0.0, 0.0, false);
        let mut settle = |rest: Rest, before: &mut f64| {
            count += rest.count;
            sum += rest.midpoint * rest.count;
            if before.to_bits() != rest.count.to_bits() {
                *before = rest.count;
                removed = true;
            }
        };
        let populated = |buckets: &Buckets| buckets.counts.iter().any(|&count| count != 0.0);
        let (has_negative, has_positive) = (populated(&self.negative), populated(&self.positive));

        let positive: Vec<Rest> = self.positive_buckets().map(|bucket| cut.rest(bucket, true)).collect();
        let negative: Vec<Rest> = self.negative_buckets().map(|bucket| cut.rest(bucket, false)).collect();
        for (buckets, rests) in [(&mut self.positive, positive), (&mut self.negative, negative)] {
            for (before, rest) in buckets.counts.iter_mut().zip(rests) {
                if *before != 0.0 {
                    settle(rest, before);
                }
            }
        }
        if self.zero_count > 0.0 && !cut.custom {
            let mut bucket = self.zero_bucket();
            if has_negative && !has_positive {
                bucket.upper = 0.0;
            }
            if has_positive && !has_negative {
                bucket.lower = 0.0;
            }
            settle(cut.rest_of_zero_bucket(bucket), &mut self.zero_count);
        }
        if removed {
            self.count = count;
            self.sum = sum;
            self.compact(0);
        }
        self
    }
}

impl Cut {
    /// What is left of a bucket that is not the zero bucket.
    fn rest(self, bucket: Bucket, positive: bool) -> Rest {
        let Bucket { lower, upper, count, .. } = bucket;
        let (whole, divided) = match self.keep {
            Keep::Below => (upper <= self.at, lower < self.at),
            Keep::Above => (lower >= self.at, upper > self.at),
        };
        if whole {
            Rest { count, midpoint: self.midpoint(lower, upper, positive) }
        } else if !divided {
            Rest::NOTHING
        } else if lower == f64::NEG_INFINITY {
            self.rest_of_lowest(upper, count)
        } else if upper == f64::INFINITY {
            // How far up the observations reach is unknown; all of them may be above the value.
            match self.keep {
                Keep::Below => Rest::NOTHING,
                Keep::Above => Rest { count, midpoint: self.at },
            }
        } else {
            let below = count * bucket.fraction_below(self.at, self.custom);
            match self.keep {
                Keep::Below => Rest { count: below, midpoint: self.midpoint(lower, self.at, positive) },
                Keep::Above => {
                    Rest { count: count - below, midpoint: self.midpoint(self.at, upper, positive) }
                }
            }
        }
    }

    /// What is left of a bucket that has no lower bound and is divided. Where it reaches above zero, it is taken to
    /// begin at zero.
    fn rest_of_lowest(self, upper: f64, count: f64) -> Rest {
        let at = self.at;
        match self.keep {
            Keep::Below if at > 0.0 && upper != f64::INFINITY => {
                Rest { count: count * at / upper, midpoint: at / 2.0 }
            }
            Keep::Below if upper <= 0.0 => Rest { count, midpoint: at },
            Keep::Above if at >= 0.0 && upper != f64::INFINITY => {
                Rest { count: count * (1.0 - at / upper), midpoint: (at + upper) / 2.0 }
            }
            _ => Rest::NOTHING,
        }
    }

    /// What is left of the zero bucket, whose observations are taken to be evenly spread.
    fn rest_of_zero_bucket(self, Bucket { lower, upper, count, .. }: Bucket) -> Rest {
        let at = self.at;
        let whole = Rest { count, midpoint: (lower + upper) / 2.0 };
        match self.keep {
            Keep::Below if at <= lower => Rest::NOTHING,
            Keep::Above if at <= lower => whole,
            Keep::Below if at >= upper => whole,
            Keep::Above if at >= upper => Rest::NOTHING,
            Keep::Below => {
                Rest { count: count * ((at - lower) / (upper - lower)), midpoint: (lower + at) / 2.0 }
            }
            Keep::Above => {
                Rest { count: count * ((upper - at) / (upper - lower)), midpoint: (at + upper) / 2.0 }
            }
        }
    }

    /// The value that stands for all observations between two bounds: the mean of the bounds, on the scale on which
    /// the buckets are wide.
    fn midpoint(self, lower: f64, upper: f64, positive: bool) -> f64 {
        match (lower.is_infinite(), upper.is_infinite()) {
            (true, true) => 0.0,
            (true, false) if upper > 0.0 => upper / 2.0,
            (true, false) => upper,
            (false, true) => lower,
            (false, false) if self.custom => (lower + upper) / 2.0,
            (false, false) => {
                let mean = (lower * upper).abs().sqrt();
                if positive { mean } else { -mean }
            }
        }
    }
}

impl Rest {
    const NOTHING: Rest = Rest { count: 0.0, midpoint: 0.0 };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::sparse;

    #[test]
    fn what_is_left() {
        const INF: f64 = f64::INFINITY;
        let exponential =
            "{{count:30 sum:100 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 6] n_offset:1 n_buckets:[4]}}";
        let positive = "{{count:6 sum:5 z_bucket:4 z_bucket_w:0.5 offset:1 buckets:[2]}}";
        let negative = "{{count:6 sum:5 z_bucket:4 z_bucket_w:0.5 n_offset:1 n_buckets:[2]}}";
        let custom = "{{schema:-53 count:20 sum:70 custom_values:[5 10] buckets:[4 6 10]}}";
        let below_zero = "{{schema:-53 count:20 sum:70 custom_values:[-5] buckets:[4 6]}}";
        for (text, at, below, above) in [
            // Nothing is cut: count and sum stay.
            (exponential, INF, exponential, "{{z_bucket_w:0.5}}"),
            (exponential, -INF, "{{z_bucket_w:0.5}}", exponential),
            // At a bound, whole buckets go. What is left has the geometric means of its bounds as values.
            (
                exponential,
                2.0,
                "{{count:8 sum:-2.8284271247461903 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2] n_offset:1 n_buckets:[4]}}",
                "{{count:6 sum:16.970562748477143 z_bucket_w:0.5 offset:2 buckets:[6]}}",
            ),
            // Within a bucket, by the logarithm.
            (
                exponential,
                2.8284271247461903,
                "{{count:11 sum:4.3068 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 3] n_offset:1 n_buckets:[4]}}",
                "{{count:3 sum:10.0906 z_bucket_w:0.5 offset:2 buckets:[3]}}",
            ),
            (
                exponential,
                -std::f64::consts::SQRT_2,
                "{{count:2 sum:-3.3636 z_bucket_w:0.5 n_offset:1 n_buckets:[2]}}",
                "{{count:12 sum:17.4208 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2 6] n_offset:1 n_buckets:[2]}}",
            ),
            // Within the zero bucket, evenly; it reaches over zero only if both sides are populated.
            (
                exponential,
                0.25,
                "{{count:5.5 sum:-5.8443542494923805 z_bucket:1.5 z_bucket_w:0.5 n_offset:1 n_buckets:[4]}}",
                "{{count:8.5 sum:19.9865 z_bucket:0.5 z_bucket_w:0.5 offset:1 buckets:[2 6]}}",
            ),
            (
                positive,
                0.125,
                "{{count:1 sum:0.0625 z_bucket:1 z_bucket_w:0.5}}",
                "{{count:5 sum:3.7659 z_bucket:3 z_bucket_w:0.5 offset:1 buckets:[2]}}",
            ),
            (positive, 0.0, "{{z_bucket_w:0.5}}", positive),
            (negative, 0.0, negative, "{{z_bucket_w:0.5}}"),
            // Custom buckets are divided evenly. The lowest begins at zero, in the highest nothing is known.
            (
                custom,
                7.5,
                "{{schema:-53 count:7 sum:28.75 custom_values:[5 10] buckets:[4 3]}}",
                "{{schema:-53 count:13 sum:126.25 custom_values:[5 10] offset:1 buckets:[3 10]}}",
            ),
            (
                custom,
                2.5,
                "{{schema:-53 count:2 sum:2.5 custom_values:[5 10] buckets:[2]}}",
                "{{schema:-53 count:18 sum:152.5 custom_values:[5 10] buckets:[2 6 10]}}",
            ),
            (
                custom,
                20.0,
                "{{schema:-53 count:10 sum:55 custom_values:[5 10] buckets:[4 6]}}",
                "{{schema:-53 count:10 sum:200 custom_values:[5 10] offset:2 buckets:[10]}}",
            ),
            (
                below_zero,
                -10.0,
                "{{schema:-53 count:4 sum:-40 custom_values:[-5] buckets:[4]}}",
                "{{schema:-53 count:6 sum:-30 custom_values:[-5] offset:1 buckets:[6]}}",
            ),
        ] {
            for (keep, expected) in [(Keep::Below, below), (Keep::Above, above)] {
                let mut left = sparse(text);
                left.trim(at, keep);
                assert!(left.almost_equals(&sparse(expected), 1e-4), "{text} {keep:?} {at}: {left:?}");
            }
        }
    }

    #[test]
    fn the_bound_may_be_no_number() {
        let mut left = sparse("{{count:3 buckets:[1 2]}}");
        assert_eq!(left.trim(f64::NAN, Keep::Below).test_expression(), "{{}}");
    }
}
