//! Spans: where the buckets of one side are.
//!
//! A list of spans stands for a rising list of bucket indices. Everything that changes a layout goes through the
//! two halves of this file, [`indices`] to read spans and [`SpanBuilder`] to write them:
//!
//! ```text
//! offset:2 length:2, offset:3 length:1   <=>   2, 3, 7
//! ```
//!
//! Spans come from outside, too, so nothing here trusts them: indices wrap instead of overflowing, and whoever
//! walks them stops where the counts end.

/// A run of consecutive buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BucketSpan {
    /// Index of the first bucket for the first span, gap to the span before for the others.
    pub offset: i32,
    /// How many buckets the run has.
    pub length: u32,
}

/// The index of each bucket, rising.
pub(super) fn indices(spans: &[BucketSpan]) -> Indices<'_> {
    Indices { spans: spans.iter(), index: 0, left: 0 }
}

/// The index of each bucket, falling.
pub(super) fn indices_rev(spans: &[BucketSpan]) -> impl Iterator<Item = i32> + '_ {
    let end =
        spans.iter().fold(0i32, |end, span| end.wrapping_add(span.offset).wrapping_add(span.length as i32));
    let mut start = end;
    spans.iter().rev().flat_map(move |span| {
        let end = start;
        start = end.wrapping_sub(span.length as i32).wrapping_sub(span.offset);
        (1..=span.length).map(move |back| end.wrapping_sub(back as i32))
    })
}

/// See [`indices`].
#[derive(Clone, Debug)]
pub(super) struct Indices<'a> {
    spans: std::slice::Iter<'a, BucketSpan>,
    index: i32,
    left: u32,
}

impl Iterator for Indices<'_> {
    type Item = i32;

    #[inline]
    fn next(&mut self) -> Option<i32> {
        while self.left == 0 {
            let span = self.spans.next()?;
            self.index = self.index.wrapping_add(span.offset);
            self.left = span.length;
        }
        let index = self.index;
        self.left -= 1;
        self.index = index.wrapping_add(1);
        Some(index)
    }
}

/// Makes spans out of rising indices.
#[derive(Debug, Default)]
pub(super) struct SpanBuilder {
    spans: Vec<BucketSpan>,
    end: i32,
}

impl SpanBuilder {
    /// Adds the bucket `index`, to the run before it if it follows that directly.
    pub(super) fn push(&mut self, index: i32) {
        match self.spans.last_mut() {
            Some(span) if index == self.end => {
                span.length += 1;
                self.end = index.wrapping_add(1);
            }
            _ => self.open(index),
        }
    }

    /// Adds the bucket `index` as the first of a run of its own, even right behind the run before it.
    pub(super) fn open(&mut self, index: i32) {
        self.spans.push(BucketSpan { offset: index.wrapping_sub(self.end), length: 1 });
        self.end = index.wrapping_add(1);
    }

    /// The index behind the last bucket, or 0 if there is none yet.
    pub(super) fn end(&self) -> i32 {
        self.end
    }

    /// Whether there is no bucket yet.
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans of all that was pushed.
    pub(super) fn finish(self) -> Vec<BucketSpan> {
        self.spans
    }
}

/// Whether two lists of spans are the same layout. Spans without buckets do not matter; a run that is split in two
/// is another layout than the whole.
pub(super) fn same_layout(a: &[BucketSpan], b: &[BucketSpan]) -> bool {
    runs(a).eq(runs(b))
}

/// The spans without those that have no bucket; their offsets go to the span behind them.
fn runs(spans: &[BucketSpan]) -> impl Iterator<Item = BucketSpan> + '_ {
    let mut skipped = 0i32;
    spans.iter().filter_map(move |span| {
        let offset = skipped.wrapping_add(span.offset);
        skipped = if span.length == 0 { offset } else { 0 };
        (span.length > 0).then_some(BucketSpan { offset, length: span.length })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(list: &[(i32, u32)]) -> Vec<BucketSpan> {
        list.iter().map(|&(offset, length)| BucketSpan { offset, length }).collect()
    }

    #[test]
    fn spans_stand_for_indices() {
        for (list, expected) in [
            (vec![], vec![]),
            (vec![(2, 2), (3, 1)], vec![2, 3, 7]),
            (vec![(-2, 1), (0, 2), (0, 0), (1, 1)], vec![-2, -1, 0, 2]),
            (vec![(3, 0), (1, 1), (2, 0)], vec![4]),
        ] {
            let spans = spans(&list);
            assert_eq!(indices(&spans).collect::<Vec<_>>(), expected);
            let mut falling: Vec<_> = indices_rev(&spans).collect();
            falling.reverse();
            assert_eq!(falling, expected);
        }
    }

    #[test]
    fn indices_become_spans_again() {
        let mut builder = SpanBuilder::default();
        [-3, -2, 5, 6].into_iter().for_each(|index| builder.push(index));
        builder.open(7);
        assert_eq!(builder.finish(), spans(&[(-3, 2), (6, 2), (0, 1)]));
    }

    #[test]
    fn spans_at_the_edge_of_the_index_range_wrap() {
        let wild = spans(&[(i32::MAX, 3), (i32::MAX, 1), (i32::MIN, u32::MAX)]);
        assert_eq!(indices(&wild).take(3).collect::<Vec<_>>(), [i32::MAX, i32::MIN, i32::MIN + 1]);
        assert_eq!(indices_rev(&wild).take(2).count(), 2);
    }

    #[test]
    fn empty_spans_do_not_change_a_layout() {
        let plain = spans(&[(2, 2), (3, 1)]);
        for (list, same) in [
            (vec![(2, 2), (3, 1)], true),
            (vec![(1, 0), (1, 2), (1, 0), (1, 0), (1, 1), (5, 0)], true),
            (vec![(2, 2), (2, 1)], false),
            (vec![(2, 2)], false),
            (vec![(2, 1), (0, 1), (3, 1)], false),
        ] {
            assert_eq!(same_layout(&plain, &spans(&list)), same, "{list:?}");
            assert_eq!(same_layout(&spans(&list), &plain), same, "{list:?}");
        }
        assert!(same_layout(&[], &spans(&[(1, 0)])));
    }
}
