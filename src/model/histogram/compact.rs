//! Bringing the layout of buckets to its shortest form.
//!
//! Arithmetic leaves empty buckets behind, and runs that touch each other. Compacting drops the empty buckets and
//! makes one run of what is contiguous. A few empty buckets between populated ones may be kept, or put in, where
//! that saves a span:
//!
//! ```text
//! index    3 4 5 6 7 8 9
//! count    0 5 0 0 2 1 0     compact(0): 4..=4, 7..=8     compact(2): 4..=8
//! ```

use super::spans::SpanBuilder;
use super::structure::{Buckets, Histogram};

impl Histogram {
    /// Drops empty buckets from both sides, except up to `max_empty` of them in a row between populated ones; such
    /// gaps are filled where they are not explicit yet.
    ///
    /// `usize::MAX` leaves one span a side at most, which takes as many buckets as lie between the outermost
    /// populated ones.
    pub fn compact(&mut self, max_empty: usize) -> &mut Self {
        self.positive.compact(max_empty, None);
        self.negative.compact(max_empty, None);
        self
    }

    /// Compacts this histogram without empty buckets, and keeps the layout of `compensation` equal to it. A bucket
    /// with a compensation is not empty.
    pub(super) fn compact_with(&mut self, compensation: &mut Histogram) {
        self.positive.compact(0, Some(&mut compensation.positive));
        self.negative.compact(0, Some(&mut compensation.negative));
    }
}

impl Buckets {
    fn compact(&mut self, max_empty: usize, mut compensation: Option<&mut Buckets>) {
        if self.is_compact(max_empty) {
            return;
        }
        let mut spans = SpanBuilder::default();
        let mut counts = Vec::with_capacity(self.counts.len());
        let mut lost = Vec::new();
        let lost_at = |position: usize| compensation.as_ref().and_then(|c| c.counts.get(position)).copied();
        for (position, (index, count)) in self.iter().enumerate() {
            let lost_here = lost_at(position).unwrap_or(0.0);
            if count == 0.0 && lost_here == 0.0 {
                continue;
            }
            let gap = usize::try_from(index.wrapping_sub(spans.end()));
            if let Ok(gap @ 1..) = gap
                && gap <= max_empty
                && !spans.is_empty()
            {
                (spans.end()..index).for_each(|filler| spans.push(filler));
                counts.resize(counts.len() + gap, 0.0);
                lost.resize(lost.len() + gap, 0.0);
            }
            spans.push(index);
            counts.push(count);
            lost.push(lost_here);
        }
        self.spans = spans.finish();
        self.counts = counts;
        if let Some(compensation) = compensation.as_mut() {
            compensation.spans.clone_from(&self.spans);
            compensation.counts = lost;
        }
    }

    /// Whether compacting would change nothing: no bucket is empty, and no two runs are as near as `max_empty`.
    fn is_compact(&self, max_empty: usize) -> bool {
        let apart = |offset: i32| usize::try_from(offset).is_ok_and(|gap| gap > max_empty);
        self.counts.iter().all(|&count| count != 0.0)
            && self.spans.iter().all(|span| span.length > 0)
            && self.spans.iter().skip(1).all(|span| apart(span.offset))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::fixtures::{Layout, buckets};

    #[test]
    fn layouts_upstream_expects() {
        let cases: &[(&str, usize, Layout, Layout)] = &[
            ("nothing there", 0, (&[], &[]), (&[], &[])),
            (
                "nothing to do",
                0,
                (&[(-2, 1), (2, 3)], &[1., 3.3, 4.2, 0.1]),
                (&[(-2, 1), (2, 3)], &[1., 3.3, 4.2, 0.1]),
            ),
            (
                "runs that touch",
                0,
                (&[(-2, 1), (0, 3)], &[1., 3.3, 4.2, 0.1]),
                (&[(-2, 4)], &[1., 3.3, 4.2, 0.1]),
            ),
            (
                "empty at the ends",
                0,
                (&[(-4, 4), (1, 2), (1, 3)], &[0., 0., 1., 3.3, 4.2, 0.1, 3.3, 0., 0.]),
                (&[(-2, 2), (1, 3 - 1), (1, 1)], &[1., 3.3, 4.2, 0.1, 3.3]),
            ),
            (
                "empty in the middle is a gap",
                0,
                (&[(-2, 6)], &[1., 0., 0., 4., 0., 2.]),
                (&[(-2, 1), (2, 1), (1, 1)], &[1., 4., 2.]),
            ),
            (
                "two may stay",
                2,
                (&[(-2, 6)], &[1., 0., 0., 4., 0., 2.]),
                (&[(-2, 6)], &[1., 0., 0., 4., 0., 2.]),
            ),
            (
                "one may stay, two may not",
                1,
                (&[(-2, 6)], &[1., 0., 0., 4., 0., 2.]),
                (&[(-2, 1), (2, 3)], &[1., 4., 0., 2.]),
            ),
            (
                "near runs are joined",
                2,
                (&[(-2, 1), (2, 1), (3, 2)], &[1., 4., 5., 6.]),
                (&[(-2, 4), (3, 2)], &[1., 0., 0., 4., 5., 6.]),
            ),
            (
                "empty around a gap counts as gap",
                3,
                (&[(1, 3), (1, 2)], &[7., 0., 0., 0., 8.]),
                (&[(1, 1), (4, 1)], &[7., 8.]),
            ),
            (
                "spans without buckets",
                0,
                (&[(-2, 0), (1, 1), (3, 0), (2, 1), (4, 0)], &[1., 2.]),
                (&[(-1, 1), (5, 1)], &[1., 2.]),
            ),
            ("all empty", 0, (&[(-2, 2), (3, 1)], &[0., 0., 0.]), (&[], &[])),
            ("all empty, much allowed", usize::MAX, (&[(-2, 2), (3, 1)], &[0., 0., 0.]), (&[], &[])),
            ("only spans without buckets", 0, (&[(0, 0), (3, 0)], &[]), (&[], &[])),
            (
                "one span",
                usize::MAX,
                (&[(-1, 1), (2, 1), (1, 1)], &[1., 2., 3.]),
                (&[(-1, 6)], &[1., 0., 0., 2., 0., 3.]),
            ),
        ];
        for &(name, max_empty, before, after) in cases {
            let mut result = buckets(before);
            result.compact(max_empty, None);
            assert_eq!(result, buckets(after), "{name}");
        }
    }

    #[test]
    fn a_compensation_keeps_its_bucket() {
        let mut counts = buckets((&[(1, 4)], &[0., 2., 0., 0.]));
        let mut lost = buckets((&[(1, 4)], &[0., 0., 1e-20, 0.]));
        counts.compact(0, Some(&mut lost));
        assert_eq!(counts, buckets((&[(2, 2)], &[2., 0.])));
        assert_eq!(lost, buckets((&[(2, 2)], &[0., 1e-20])));
    }
}
