//! The buckets of a classic histogram, put in order.
//!
//! A classic histogram is a set of series, one for each upper bound, and each counts all observations up to its
//! bound. They arrive in any order, two of them may have the same bound (`le="1"` and `le="1.0"`), and they may
//! contradict each other: scraped at different times, or carried over rules, a bucket can count less than the one
//! below it.
//!
//! ```text
//! le      0.1   +Inf   0.5   0.5         le      0.1   0.5   +Inf
//! count   4     8      2     1      =>   count   4     4     8      (0.5 was 3, and was raised)
//! ```

use crate::model::Timestamp;
use crate::model::annotation::ForcedMonotonicity;
use crate::model::histogram::equality::almost_equal;

/// One bucket of a classic histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicBucket {
    /// The upper bound: the value of the label `le`.
    pub upper: f64,
    /// How many observations are not above it.
    pub count: f64,
}

/// Where buckets counted less than those below them, and were raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaisedBuckets {
    /// The lowest bound of a bucket that was raised.
    pub min_bucket: f64,
    /// The highest bound of a bucket that was raised.
    pub max_bucket: f64,
    /// By how much at most.
    pub max_difference: f64,
}

impl RaisedBuckets {
    /// What the annotation tells if this happened in one sample at `timestamp`, in ms.
    pub fn details(self, timestamp: Timestamp) -> ForcedMonotonicity {
        ForcedMonotonicity {
            min_bucket: self.min_bucket,
            max_bucket: self.max_bucket,
            max_difference: self.max_difference,
            samples: 1,
            first: timestamp,
            last: timestamp,
        }
    }
}

/// Buckets whose counts differ by less than this, relatively, count the same: the rest is rounding.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// How many elements Go's sort puts in order by insertion, which leaves NaN bounds where they are.
const INSERTION_SORT: usize = 12;

/// Sorts buckets by their bounds and adds up those with the same bound. Gives the buckets that are left, at the
/// beginning of the slice; `None` if the highest bound is not +Inf, or there is no bucket.
pub(super) fn in_order(buckets: &mut [ClassicBucket]) -> Option<&mut [ClassicBucket]> {
    sort(buckets);
    if buckets.last()?.upper != f64::INFINITY {
        return None;
    }
    let mut last = 0;
    for next in 1..buckets.len() {
        if buckets[next].upper == buckets[last].upper {
            buckets[last].count += buckets[next].count;
        } else {
            last += 1;
            buckets[last] = buckets[next];
        }
    }
    buckets.get_mut(..=last)
}

fn sort(buckets: &mut [ClassicBucket]) {
    let swapped = |pair: &[ClassicBucket]| pair[1].upper < pair[0].upper;
    if !buckets.windows(2).any(swapped) {
        return;
    }
    if buckets.len() > INSERTION_SORT {
        buckets.sort_by(|a, b| a.upper.total_cmp(&b.upper));
        return;
    }
    for end in 1..buckets.len() {
        for at in (1..=end).rev() {
            if !swapped(&buckets[at - 1..=at]) {
                break;
            }
            buckets.swap(at - 1, at);
        }
    }
}

/// Sets each count that is less than the one below it to that one, or that differs from it only by rounding. Tells
/// where there was more than rounding.
pub(super) fn make_monotonic(buckets: &mut [ClassicBucket]) -> Option<RaisedBuckets> {
    let mut raised: Option<RaisedBuckets> = None;
    let mut below = buckets.first()?.count;
    for bucket in &mut buckets[1..] {
        let count = bucket.count;
        if count == below {
            continue;
        }
        if almost_equal(below, count, SMALL_DIFFERENCE) {
            bucket.count = below;
        } else if count < below {
            bucket.count = below;
            let so_far = raised.get_or_insert(RaisedBuckets {
                min_bucket: f64::INFINITY,
                max_bucket: f64::NEG_INFINITY,
                max_difference: 0.0,
            });
            so_far.min_bucket = so_far.min_bucket.min(bucket.upper);
            so_far.max_bucket = so_far.max_bucket.max(bucket.upper);
            so_far.max_difference = so_far.max_difference.max(below - count);
        } else {
            below = count;
        }
    }
    raised
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn buckets(list: &[(f64, f64)]) -> Vec<ClassicBucket> {
        list.iter().map(|&(upper, count)| ClassicBucket { upper, count }).collect()
    }

    #[test]
    fn order_and_equal_bounds() {
        for (before, after) in [
            (vec![], None),
            (vec![(1.0, 2.0)], None),
            (vec![(INF, 2.0)], Some(vec![(INF, 2.0)])),
            (vec![(INF, 8.0), (0.5, 2.0), (0.1, 1.0)], Some(vec![(0.1, 1.0), (0.5, 2.0), (INF, 8.0)])),
            (vec![(1.0, 2.0), (INF, 8.0), (1.0, 3.0), (INF, 1.0)], Some(vec![(1.0, 5.0), (INF, 9.0)])),
        ] {
            let mut given = buckets(&before);
            let left = in_order(&mut given).map(|left| left.to_vec());
            assert_eq!(left, after.as_deref().map(buckets), "{before:?}");
        }
    }

    #[test]
    fn many_buckets_and_odd_bounds_are_sorted_without_panic() {
        let mut many: Vec<ClassicBucket> =
            (0..100).map(|i| ClassicBucket { upper: f64::from(i * 37 % 100), count: 1.0 }).collect();
        many.push(ClassicBucket { upper: INF, count: 1.0 });
        assert_eq!(in_order(&mut many).map(|left| left.len()), Some(101));
        assert!(many.windows(2).all(|pair| pair[0].upper < pair[1].upper));

        many.iter_mut().step_by(3).for_each(|bucket| bucket.upper = f64::NAN);
        many.reverse();
        assert_eq!(in_order(&mut many), None);
    }

    #[test]
    fn falls_are_raised_and_rounding_is_ignored() {
        let mut given =
            buckets(&[(1.0, 5.0), (2.0, 3.0), (3.0, 5.0 + 1e-14), (4.0, 6.0), (5.0, 5.5), (INF, 6.0)]);
        let raised = make_monotonic(&mut given);
        assert_eq!(raised, Some(RaisedBuckets { min_bucket: 2.0, max_bucket: 5.0, max_difference: 2.0 }));
        let counts: Vec<f64> = given.iter().map(|bucket| bucket.count).collect();
        assert_eq!(counts, [5.0, 5.0, 5.0, 6.0, 6.0, 6.0]);

        let mut rounding = buckets(&[(1.0, 5.0), (2.0, 5.0 - 1e-13), (INF, 5.0 + 1e-13)]);
        assert_eq!(make_monotonic(&mut rounding), None);
        assert!(rounding.iter().all(|bucket| bucket.count == 5.0));
    }
}
