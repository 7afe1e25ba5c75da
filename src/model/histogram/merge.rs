//! Adding the buckets of one side to those of another.
//!
//! Nearly always both have the same layout, and two columns are added. Where `other` has buckets that are missing,
//! they are put in:
//!
//! ```text
//! self    3 4 . . 7        other    . 4 5 6 . 8        self after    3 4 5 6 | 7 8
//! ```
//!
//! Runs that come to touch each other stay runs of their own (the `|`), because layouts are compared by runs and the
//! layout of a sum has to be the one that Prometheus finds; only a lone new bucket right before a run joins it.
//! Each bucket meets its counterpart once, so the order in which buckets are visited changes no bit.

use super::spans::{BucketSpan, SpanBuilder, indices};
use super::structure::Buckets;
use crate::model::kahan::kahan_add;

/// Buckets to be added, and how.
pub(super) struct Addend<'a> {
    /// Where they are and what they hold.
    pub(super) buckets: &'a Buckets,
    /// How many of them, from zero outwards, are left out.
    pub(super) skip: usize,
    /// Whether they are subtracted.
    pub(super) negate: bool,
    /// Their lost bits, if there are any.
    pub(super) lost: Option<&'a [f64]>,
}

impl Addend<'_> {
    fn count(&self, position: usize) -> f64 {
        let count = self.buckets.counts[position];
        if self.negate { -count } else { count }
    }

    fn lost(&self, position: usize) -> f64 {
        self.lost.and_then(|lost| lost.get(position)).copied().unwrap_or(0.0)
    }

    fn positions(&self) -> impl Iterator<Item = (usize, i32)> + '_ {
        let places = self.buckets.iter().map(|(index, _)| index);
        places.enumerate().skip(self.skip)
    }
}

impl Buckets {
    /// Adds `addend`, bucket by bucket.
    pub(super) fn add(&mut self, addend: &Addend<'_>) {
        if self.is_aligned_with(addend.buckets) {
            let pairs = self.counts.iter_mut().zip(&addend.buckets.counts).skip(addend.skip);
            match addend.negate {
                false => pairs.for_each(|(count, theirs)| *count += theirs),
                true => pairs.for_each(|(count, theirs)| *count -= theirs),
            }
            return;
        }
        let counts = &mut self.counts;
        let complete = meet(&self.spans, counts.len(), addend, |position, theirs| {
            counts[position] += addend.count(theirs);
        });
        if !complete {
            self.insert_missing(None, addend);
        }
    }

    /// Adds `addend`, bucket by bucket, to these counts with the lost bits `lost`.
    pub(super) fn kahan_add(&mut self, lost: &mut Vec<f64>, addend: &Addend<'_>) {
        lost.resize(self.counts.len(), 0.0);
        if addend.lost.is_none() && !addend.negate && self.is_aligned_with(addend.buckets) {
            let sums = self.counts.iter_mut().zip(lost);
            for ((count, lost), theirs) in sums.zip(&addend.buckets.counts).skip(addend.skip) {
                (*count, *lost) = kahan_add(*theirs, *count, *lost);
            }
            return;
        }
        let counts = &mut self.counts;
        let complete = meet(&self.spans, counts.len(), addend, |position, theirs| {
            let (count, lost) = (&mut counts[position], &mut lost[position]);
            (*count, *lost) = kahan_add(addend.count(theirs), *count, *lost);
            let their_lost = addend.lost(theirs);
            if their_lost != 0.0 {
                (*count, *lost) = kahan_add(their_lost, *count, *lost);
            }
        });
        if !complete {
            self.insert_missing(Some(lost), addend);
        }
    }

    /// Whether each bucket has its counterpart at the same position.
    pub(super) fn is_aligned_with(&self, other: &Buckets) -> bool {
        self.spans == other.spans && self.counts.len() == other.counts.len()
    }

    /// Puts in the buckets that `addend` has and these have not.
    fn insert_missing(&mut self, lost: Option<&mut Vec<f64>>, addend: &Addend<'_>) {
        let mut union = Union::default();
        let mut theirs = addend.positions().peekable();
        let mut starts = run_starts(&self.spans);
        for (position, (index, count)) in self.iter().enumerate() {
            while let Some((position, index)) = theirs.next_if(|&(_, their_index)| their_index < index) {
                union.put_new(index, addend.count(position), addend.lost(position));
            }
            // What both have was added before.
            theirs.next_if(|&(_, their_index)| their_index == index);
            let lost = lost.as_ref().map_or(0.0, |lost| lost[position]);
            union.put_old(index, starts.next_if_eq(&position).is_some(), count, lost);
        }
        for (position, index) in theirs {
            union.put_new(index, addend.count(position), addend.lost(position));
        }
        drop(starts);
        *self = Buckets { spans: union.spans.finish(), counts: union.counts };
        if let Some(lost) = lost {
            *lost = union.lost;
        }
    }
}

/// Calls `both` with the positions of each bucket that `spans` and `addend` have in common; tells whether `addend` has
/// no other ones.
fn meet(spans: &[BucketSpan], len: usize, addend: &Addend<'_>, mut both: impl FnMut(usize, usize)) -> bool {
    let mut ours = indices(spans).take(len).enumerate().peekable();
    let mut complete = true;
    for (position, index) in addend.positions() {
        while ours.next_if(|&(_, our_index)| our_index < index).is_some() {}
        match ours.next_if(|&(_, our_index)| our_index == index) {
            Some((our_position, _)) => both(our_position, position),
            None => complete = false,
        }
    }
    complete
}

/// The positions of the buckets that a run begins with.
fn run_starts(spans: &[BucketSpan]) -> std::iter::Peekable<impl Iterator<Item = usize> + '_> {
    let lengths = spans.iter().map(|span| span.length as usize).filter(|&length| length > 0);
    lengths
        .scan(0usize, |end, length| {
            let start = *end;
            *end = start.saturating_add(length);
            Some(start)
        })
        .peekable()
}

/// The buckets of both, put together in order of their indices.
#[derive(Default)]
struct Union {
    spans: SpanBuilder,
    counts: Vec<f64>,
    lost: Vec<f64>,
    /// Whether the last bucket is a new one with nothing right before it.
    lone_new: bool,
}

impl Union {
    fn put_new(&mut self, index: i32, count: f64, lost: f64) {
        self.lone_new = self.spans.is_empty() || index != self.spans.end();
        self.spans.push(index);
        self.counts.push(count);
        self.lost.push(lost);
    }

    fn put_old(&mut self, index: i32, starts_run: bool, count: f64, lost: f64) {
        if starts_run && !self.lone_new {
            self.spans.open(index);
        } else {
            self.spans.push(index);
        }
        self.lone_new = false;
        self.counts.push(count);
        self.lost.push(lost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{Layout, buckets};

    #[test]
    fn layouts_of_sums() {
        let cases: &[(&str, Layout, Layout, Layout)] = &[
            ("same", (&[(2, 2)], &[1., 2.]), (&[(2, 2)], &[10., 20.]), (&[(2, 2)], &[11., 22.])),
            ("contained", (&[(2, 3)], &[1., 2., 3.]), (&[(3, 1)], &[10.]), (&[(2, 3)], &[1., 12., 3.])),
            ("to nothing", (&[], &[]), (&[(2, 1), (1, 1)], &[1., 2.]), (&[(2, 1), (1, 1)], &[1., 2.])),
            ("nothing", (&[(2, 1)], &[1.]), (&[], &[]), (&[(2, 1)], &[1.])),
            ("right behind", (&[(2, 1)], &[1.]), (&[(3, 1)], &[2.]), (&[(2, 2)], &[1., 2.])),
            ("right before", (&[(2, 1)], &[1.]), (&[(1, 1)], &[2.]), (&[(1, 2)], &[2., 1.])),
            (
                "two right before",
                (&[(3, 1)], &[1.]),
                (&[(1, 2)], &[2., 3.]),
                (&[(1, 2), (0, 1)], &[2., 3., 1.]),
            ),
            ("apart, before", (&[(3, 1)], &[1.]), (&[(1, 1)], &[2.]), (&[(1, 1), (1, 1)], &[2., 1.])),
            (
                "fills a gap of one",
                (&[(1, 1), (1, 1)], &[1., 2.]),
                (&[(2, 1)], &[9.]),
                (&[(1, 2), (0, 1)], &[1., 9., 2.]),
            ),
            (
                "in the middle of a gap",
                (&[(1, 1), (3, 1)], &[1., 2.]),
                (&[(3, 1)], &[9.]),
                (&[(1, 1), (1, 1), (1, 1)], &[1., 9., 2.]),
            ),
            (
                "at the end of a gap",
                (&[(1, 1), (3, 1)], &[1., 2.]),
                (&[(4, 1)], &[9.]),
                (&[(1, 1), (2, 2)], &[1., 9., 2.]),
            ),
            (
                "runs that touch stay apart",
                (&[(1, 1), (0, 1), (1, 1)], &[1., 2., 3.]),
                (&[(0, 1), (5, 1)], &[8., 9.]),
                (&[(0, 2), (0, 1), (1, 1), (1, 1)], &[8., 1., 2., 3., 9.]),
            ),
        ];
        for &(name, ours, theirs, expected) in cases {
            let (mut plain, theirs) = (buckets(ours), buckets(theirs));
            let addend = Addend { buckets: &theirs, skip: 0, negate: false, lost: None };
            plain.add(&addend);
            assert_eq!(plain, buckets(expected), "{name}");

            let (mut compensated, mut lost) = (buckets(ours), vec![]);
            compensated.kahan_add(&mut lost, &addend);
            assert_eq!(compensated, buckets(expected), "{name}, compensated");
            assert_eq!(lost, vec![0.0; compensated.counts.len()], "{name}");
        }
    }

    #[test]
    fn skipped_and_subtracted() {
        let mut ours = buckets((&[(2, 2)], &[1., 2.]));
        let theirs = buckets((&[(1, 4)], &[10., 20., 30., 40.]));
        ours.add(&Addend { buckets: &theirs, skip: 2, negate: true, lost: None });
        assert_eq!(ours, buckets((&[(2, 3)], &[1., -28., -40.])));
    }

    #[test]
    fn lost_bits_of_both_are_kept() {
        let mut ours = buckets((&[(2, 1)], &[1e16]));
        let mut lost = vec![1.0];
        let theirs = buckets((&[(2, 2)], &[1.0, 5.0]));
        ours.kahan_add(
            &mut lost,
            &Addend { buckets: &theirs, skip: 0, negate: false, lost: Some(&[0.5, 0.25]) },
        );
        assert_eq!(ours, buckets((&[(2, 2)], &[1e16, 5.0])));
        assert_eq!(lost, [2.5, 0.25]);
    }
}
