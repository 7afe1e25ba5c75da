//! Combining histograms whose custom bounds differ.
//!
//! What two lists of bounds have in common is a coarser list that both can be brought to exactly:
//!
//! ```text
//! bounds  1   2   3   5        counts  4 3 2 1 0
//! bounds  1     2.5   5        counts  1 1 1 1
//! common  1           5        counts  5     8   1       (sum)
//! ```

use std::sync::Arc;

use super::spans::SpanBuilder;
use super::structure::{Buckets, Histogram};
use crate::model::kahan::KahanSum;

/// Whether two lists of custom bounds are equal.
pub(super) fn bounds_match(a: &Arc<[f64]>, b: &Arc<[f64]>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

/// The bounds that two rising lists have in common.
pub(super) fn common_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut common = Vec::with_capacity(a.len().min(b.len()));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        if x == y {
            common.push(**x);
            a.next();
            b.next();
        } else if x < y {
            a.next();
        } else {
            b.next();
        }
    }
    common
}

impl Histogram {
    /// Adds the buckets of `other`, or subtracts them, after both were brought to the bounds that they have in
    /// common. Lost bits are given to `compensation`, if there is one, whose layout stays equal to this one's.
    ///
    /// Only populated buckets remain.
    pub(super) fn add_at_common_bounds(
        &mut self,
        other: &Histogram,
        negate: bool,
        compensation: Option<&mut Histogram>,
    ) {
        let bounds: Arc<[f64]> = common_bounds(&self.custom_values, &other.custom_values).into();
        let mut sums = vec![KahanSum::default(); bounds.len() + 1];
        let lost = compensation.as_ref().map(|c| c.positive.counts.as_slice());
        for (position, (target, count)) in targets(&self.positive, &self.custom_values, &bounds).enumerate() {
            sums[target].add(count);
            if let Some(&lost) = lost.and_then(|lost| lost.get(position)) {
                sums[target].add(lost);
            }
        }
        for (target, count) in targets(&other.positive, &other.custom_values, &bounds) {
            sums[target].add(if negate { -count } else { count });
        }

        let (mut spans, mut counts, mut lost) = (SpanBuilder::default(), Vec::new(), Vec::new());
        for (index, sum) in (0..).zip(&sums) {
            if sum.sum != 0.0 || sum.compensation != 0.0 {
                spans.push(index);
                counts.push(sum.sum);
                lost.push(sum.compensation);
            }
        }
        self.positive = Buckets { spans: spans.finish(), counts };
        self.custom_values = bounds;
        if let Some(compensation) = compensation {
            compensation.positive = Buckets { spans: self.positive.spans.clone(), counts: lost };
            compensation.custom_values = Arc::clone(&self.custom_values);
        }
    }
}

/// For each bucket the position among the coarser buckets that it falls into, and its count.
pub(super) fn targets<'a>(
    buckets: &'a Buckets,
    from: &'a [f64],
    to: &'a [f64],
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let mut target = 0;
    buckets.iter().map(move |(index, count)| {
        match usize::try_from(index).ok().and_then(|index| from.get(index)) {
            Some(upper) => {
                // NaN is no bound of a valid histogram; it would end the search at once.
                while to.get(target).is_some_and(|bound| bound < upper) {
                    target += 1;
                }
                (target, count)
            }
            None => (to.len(), count),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_bounds_are_the_intersection() {
        for (a, b, expected) in [
            (vec![1., 2., 3.], vec![1., 2., 3.], vec![1., 2., 3.]),
            (vec![1., 2., 3., 5.], vec![1., 2.5, 5.], vec![1., 5.]),
            (vec![1., 3.], vec![2., 4.], vec![]),
            (vec![], vec![2., 4.], vec![]),
            (vec![-1., 0., 7.], vec![0.], vec![0.]),
        ] {
            assert_eq!(common_bounds(&a, &b), expected);
            assert_eq!(common_bounds(&b, &a), expected);
        }
    }
}
