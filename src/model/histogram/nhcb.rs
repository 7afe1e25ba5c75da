//! Turning a classic histogram into a native one with custom buckets.
//!
//! The series of a classic histogram are collected one after the other, in any order; what has come together for one
//! time is then converted:
//!
//! ```
//! use promqlite::model::histogram::nhcb::ClassicHistogram;
//!
//! let mut classic = ClassicHistogram::default();
//! classic.set_bucket(0.5, 50.0);
//! classic.set_bucket(f64::INFINITY, 1000.0);
//! classic.set_bucket(1.0, 950.0);
//! classic.set_sum(700.25);
//! let native = classic.into_native().unwrap();
//! assert_eq!(native.to_string(), "{count:1000, sum:700.25, [-Inf,0.5]:50, (0.5,1]:900, (1,+Inf]:50}");
//! ```
//!
//! The bucket +Inf need not be there (`util/convertnhcb/convertnhcb.go`).

use std::fmt;

use super::schema;
use super::spans::BucketSpan;
use super::structure::{Buckets, Histogram};
use crate::model::go_format::format_g;

/// A classic histogram at one time, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicHistogram {
    /// Bounds, rising, with how many observations are not above each.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
    error: Option<NhcbError>,
}

/// Why a classic histogram cannot be converted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum NhcbError {
    /// The bound of a bucket is NaN.
    NanBound,
    /// A bucket has a negative count.
    NegativeBucketCount {
        /// Its bound.
        bound: f64,
        /// Its count.
        count: f64,
    },
    /// The count of all observations is negative.
    NegativeCount(f64),
    /// A bucket counts less than one below it, or more than one above it.
    NotCumulative {
        /// Its count.
        count: f64,
        /// The other bucket's count.
        neighbour: f64,
    },
    /// The highest bucket does not hold as many observations as there are.
    CountMismatch {
        /// The count of all observations.
        count: f64,
        /// The bound of the highest bucket.
        bound: f64,
        /// Its count.
        highest: f64,
    },
}

impl ClassicHistogram {
    /// Notes that `count` observations are not above `bound`. A second count for a bound is ignored; an error is
    /// kept and told at the end.
    pub fn set_bucket(&mut self, bound: f64, count: f64) {
        if self.error.is_some() {
            return;
        }
        if bound.is_nan() {
            self.error = Some(NhcbError::NanBound);
        } else if count < 0.0 {
            self.error = Some(NhcbError::NegativeBucketCount { bound, count });
        } else {
            let position = self.buckets.partition_point(|&(other, _)| other < bound);
            if self.buckets.get(position).is_some_and(|&(other, _)| other == bound) {
                return;
            }
            let below = position.checked_sub(1).and_then(|below| self.buckets.get(below));
            let neighbour = below
                .filter(|&&(_, below)| count < below)
                .or_else(|| self.buckets.get(position).filter(|&&(_, above)| count > above));
            if let Some(&(_, neighbour)) = neighbour {
                self.error = Some(NhcbError::NotCumulative { count, neighbour });
            } else {
                self.buckets.insert(position, (bound, count));
            }
        }
    }

    /// Notes the count of all observations.
    pub fn set_count(&mut self, count: f64) {
        if self.error.is_none() {
            if count < 0.0 {
                self.error = Some(NhcbError::NegativeCount(count));
            } else {
                self.count = Some(count);
            }
        }
    }

    /// Notes the sum of all observations.
    pub fn set_sum(&mut self, sum: f64) {
        self.sum = sum;
    }

    /// The native histogram. Without a count, that of the highest bucket is taken. It need not be
    /// [valid](Histogram::validate): whoever stores it checks that.
    ///
    /// Prometheus makes an integer histogram where all counts are whole, and allows it up to two empty buckets in a
    /// row between populated ones; one with fractions has none. That difference in layout is kept.
    ///
    /// # Errors
    ///
    /// The first thing that was wrong with what was noted, or a count that contradicts the highest bucket.
    pub fn into_native(mut self) -> Result<Histogram, NhcbError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let count = self.count.or(self.buckets.last().map(|&(_, count)| count)).unwrap_or(0.0);
        if self.buckets.last().is_none_or(|&(bound, _)| bound != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        let (bound, highest) = self.buckets.last().copied().unwrap_or((f64::INFINITY, count));
        if count != highest {
            return Err(NhcbError::CountMismatch { count, bound, highest });
        }
        let whole = self.buckets.iter().all(|&(_, count)| is_whole(count));
        let mut below = 0.0;
        let counts = self.buckets.iter().map(|&(_, count)| {
            let own = count - below;
            below = count;
            own
        });
        let counts: Vec<f64> = counts.collect();
        let custom_values =
            self.buckets.iter().map(|&(bound, _)| bound).filter(|&bound| bound != f64::INFINITY);
        let mut native = Histogram {
            schema: schema::CUSTOM_BUCKETS,
            count,
            sum: self.sum,
            positive: Buckets {
                spans: vec![BucketSpan {
                    offset: 0,
                    length: u32::try_from(counts.len()).unwrap_or(u32::MAX),
                }],
                counts,
            },
            custom_values: custom_values.collect(),
            ..Histogram::default()
        };
        native.compact(if whole { 2 } else { 0 });
        Ok(native)
    }
}

/// Whether Prometheus can keep the count as an integer.
fn is_whole(count: f64) -> bool {
    count.fract() == 0.0 && count.abs() < 9_223_372_036_854_775_808.0
}

impl fmt::Display for NhcbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let g = |value: &f64| format_g(*value);
        match self {
            NhcbError::NanBound => f.write_str("bucket boundary must not be NaN"),
            NhcbError::NegativeBucketCount { bound, count } => {
                write!(f, "bucket count must be non-negative: le={}, count={}", g(bound), g(count))
            }
            NhcbError::NegativeCount(count) => write!(f, "count must be non-negative: count={}", g(count)),
            NhcbError::NotCumulative { count, neighbour } => {
                let sign = if count < neighbour { '<' } else { '>' };
                write!(f, "count is not cumulative: {} {sign} {}", g(count), g(neighbour))
            }
            NhcbError::CountMismatch { count, bound, highest } => {
                let shown = if is_whole(*count) { format!("{count:.0}") } else { g(count) };
                write!(f, "count mismatch: count={shown} != le={} count={}", g(bound), g(highest))
            }
        }
    }
}

impl std::error::Error for NhcbError {}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn converted(buckets: &[(f64, f64)], count: Option<f64>, sum: f64) -> Result<String, String> {
        let mut classic = ClassicHistogram::default();
        buckets.iter().for_each(|&(bound, count)| classic.set_bucket(bound, count));
        if let Some(count) = count {
            classic.set_count(count);
        }
        classic.set_sum(sum);
        let native = classic.into_native().map_err(|error| error.to_string())?;
        native.validate().map_err(|error| error.to_string())?;
        Ok(native.test_expression())
    }

    #[test]
    fn conversions_upstream_expects() {
        for (buckets, count, sum, expected) in [
            (vec![], None, 0.0, "{{schema:-53 custom_values:[]}}"),
            (vec![], None, 1000.25, "{{schema:-53 sum:1000.25 custom_values:[]}}"),
            (
                vec![(0.5, 1000.0)],
                None,
                1000.25,
                "{{schema:-53 count:1000 sum:1000.25 custom_values:[0.5] buckets:[1000]}}",
            ),
            (
                vec![(0.5, 1337.42)],
                None,
                1000.25,
                "{{schema:-53 count:1337.42 sum:1000.25 custom_values:[0.5] buckets:[1337.42]}}",
            ),
            (
                vec![(0.5, 50.0), (1.0, 950.0), (INF, 1000.0)],
                Some(1000.0),
                1000.25,
                "{{schema:-53 count:1000 sum:1000.25 custom_values:[0.5 1] buckets:[50 900 50]}}",
            ),
            (
                vec![(0.5, 50.0), (1.0, 950.5), (INF, 1000.0)],
                Some(1000.0),
                1000.25,
                "{{schema:-53 count:1000 sum:1000.25 custom_values:[0.5 1] buckets:[50 900.5 49.5]}}",
            ),
            (
                vec![(0.5, 50.0), (INF, 1000.0), (1.0, 950.0), (0.5, 3.0)],
                Some(1000.0),
                1000.25,
                "{{schema:-53 count:1000 sum:1000.25 custom_values:[0.5 1] buckets:[50 900 50]}}",
            ),
        ] {
            assert_eq!(converted(&buckets, count, sum), Ok(expected.to_owned()), "{buckets:?}");
        }
    }

    #[test]
    fn whole_counts_keep_up_to_two_empty_buckets() {
        let layout = |last: f64| {
            let mut classic = ClassicHistogram::default();
            for (bound, count) in [(1.0, 5.0), (2.0, 5.0), (3.0, 5.0), (4.0, last)] {
                classic.set_bucket(bound, count);
            }
            classic.into_native().map(|native| native.positive.counts)
        };
        assert_eq!(layout(6.0), Ok(vec![5.0, 0.0, 0.0, 1.0]));
        assert_eq!(layout(6.5), Ok(vec![5.0, 1.5]));
    }

    #[test]
    fn errors() {
        for (buckets, count, message) in [
            (vec![(0.5, 50.0), (1.0, 950.0), (INF, 900.0)], None, "count is not cumulative: 900 < 950"),
            (vec![(1.0, 5.0), (0.5, 6.0)], None, "count is not cumulative: 6 > 5"),
            (vec![(0.5, 50.0)], Some(-1000.0), "count must be non-negative: count=-1000"),
            (vec![(0.5, -1.0)], None, "bucket count must be non-negative: le=0.5, count=-1"),
            (vec![(1.0, 5.0), (f64::NAN, 10.0)], None, "bucket boundary must not be NaN"),
            (vec![(INF, 5.0)], Some(6.0), "count mismatch: count=6 != le=+Inf count=5"),
            (vec![(INF, 2e6)], Some(1e6), "count mismatch: count=1000000 != le=+Inf count=2e+06"),
            (vec![(INF, 5.0)], Some(6.5), "count mismatch: count=6.5 != le=+Inf count=5"),
        ] {
            assert_eq!(converted(&buckets, count, 0.0), Err(message.to_owned()), "{buckets:?}");
        }
    }
}
