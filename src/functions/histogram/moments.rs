//! `histogram_avg`, `histogram_stddev` and `histogram_stdvar`: mean and spread of a native histogram.
//!
//! The mean is exact. For the spread, all observations of a bucket are taken to lie in its middle: on the scale on
//! which the buckets are wide, and at zero for the zero bucket.
//!
//! ```
//! use promqlite::functions::histogram::{average, variance};
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let text = "{{schema:-53 count:4 sum:8 custom_values:[1 3 5] buckets:[0 3 1]}}";
//! let histogram = parse_histogram(text).unwrap().0;
//! assert_eq!(average(&histogram), 2.0);
//! assert_eq!(variance(&histogram), 1.0);
//! ```

use crate::model::histogram::Histogram;
use crate::model::kahan::KahanSum;

/// The mean of the observations; NaN without any.
pub fn average(histogram: &Histogram) -> f64 {
    histogram.sum / histogram.count
}

/// The estimated standard deviation of the observations.
pub fn standard_deviation(histogram: &Histogram) -> f64 {
    variance(histogram).sqrt()
}

/// The estimated variance of the observations.
pub fn variance(histogram: &Histogram) -> f64 {
    let mean = average(histogram);
    let mut squares = KahanSum::default();
    for bucket in histogram.all_buckets().filter(|bucket| bucket.count != 0.0) {
        let middle = if histogram.uses_custom_buckets() {
            (bucket.upper + bucket.lower) / 2.0
        } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
            0.0
        } else {
            let mean = (bucket.upper * bucket.lower).sqrt();
            if bucket.upper < 0.0 { -mean } else { mean }
        };
        let distance = middle - mean;
        squares.add(bucket.count * distance * distance);
    }
    squares.total() / histogram.count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::histogram;

    #[test]
    fn mean_and_spread() {
        for (text, mean, spread) in [
            // Eight in (1,4], taken to be 2, and eight in (4,16], taken to be 8.
            ("{{schema:-1 count:16 sum:80 offset:1 buckets:[8 8]}}", 5.0, 9.0),
            ("{{schema:-1 count:16 sum:-80 n_offset:1 n_buckets:[8 8]}}", -5.0, 9.0),
            // The zero bucket is at zero.
            ("{{schema:-1 count:4 sum:4 z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[2]}}", 1.0, 1.0),
            // Custom buckets are at the mean of their bounds.
            ("{{schema:-53 count:4 sum:8 custom_values:[1 3 5] buckets:[0 2 2]}}", 2.0, 2.0),
        ] {
            let histogram = histogram(text);
            assert_eq!(average(&histogram), mean, "{text}");
            assert_eq!(variance(&histogram), spread, "{text}");
            assert_eq!(standard_deviation(&histogram), spread.sqrt(), "{text}");
        }
    }

    #[test]
    fn without_observations_there_is_neither() {
        let nothing = Histogram::default();
        assert!(average(&nothing).is_nan() && variance(&nothing).is_nan());
        let unbounded = histogram("{{schema:-53 count:4 sum:8 custom_values:[1] buckets:[2 2]}}");
        assert_eq!(variance(&unbounded), f64::INFINITY);
    }
}
