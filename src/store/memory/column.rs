//! The samples of one kind of one series: segments that do not change, and a head that grows.
//!
//! The head lies on a timeline. When that is full, or goes on without this series, the head becomes a segment; and
//! segments of about the same size become one, so a series of n samples has some log(n) of them, the oldest being
//! the largest: `[4096] [1024] [128] + head`.

use std::sync::Arc;

use super::few::Few;
use super::packed::Packable;
use super::pieces::{HeadPart, Piece, Pieces};
use super::segment::Segment;
use super::timeline::{SealedTable, Step, Timeline};
use crate::model::{TimeRange, Timestamp};
use crate::store::SampleColumns;

/// Samples in order of time.
#[derive(Debug)]
pub(super) struct Column<V: Packable> {
    sealed: Few<Segment<V>>,
    head: Option<Box<Head<V>>>,
    len: usize,
}

/// The latest samples.
#[derive(Debug)]
struct Head<V> {
    timeline: Arc<Timeline>,
    /// The place of the first sample on the timeline.
    from: usize,
    values: Vec<V>,
    /// Empty when unknown for all.
    starts: Vec<Timestamp>,
}

impl<V: Packable> Default for Column<V> {
    fn default() -> Self {
        Column { sealed: Few::default(), head: None, len: 0 }
    }
}

impl<V: Packable> Column<V> {
    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no head.
    pub(super) fn is_sealed(&self) -> bool {
        self.head.is_none()
    }

    /// The latest sample.
    pub(super) fn last(&self) -> Option<(Timestamp, V)> {
        if let Some(head) = &self.head {
            let value = head.values.last()?.clone();
            return Some((head.timeline.time(head.from + head.values.len() - 1)?, value));
        }
        self.sealed.last()?.last()
    }

    /// Appends a sample that is later than all others.
    pub(super) fn push(&mut self, time: Timestamp, value: V, start: Timestamp, table: &mut SealedTable) {
        let goes_on = self.head.as_ref().is_some_and(|head| {
            let taken = head.timeline.step(head.from + head.values.len(), time) == Step::Taken;
            if taken {
                table.note(&head.timeline);
            }
            taken
        });
        if !goes_on {
            self.seal_head(table);
        }
        let head = self.head.get_or_insert_with(|| {
            let (timeline, from) = table.timeline_at(time);
            Box::new(Head { timeline, from, values: Vec::new(), starts: Vec::new() })
        });
        if start != 0 && head.starts.is_empty() {
            head.starts.resize(head.values.len(), 0);
        }
        if start != 0 || !head.starts.is_empty() {
            head.starts.push(start);
        }
        head.values.push(value);
        self.len += 1;
    }

    /// Appends samples that are later than all others. `shared` tells that another series has the same times.
    pub(super) fn extend(&mut self, samples: SampleColumns<V>, shared: bool, table: &mut SealedTable) {
        if samples.is_empty() {
            return;
        }
        self.seal_head(table);
        self.len += samples.len();
        let SampleColumns { timestamps, values, start_timestamps } = samples;
        self.push_segment(Segment::new(&timestamps, values, start_timestamps, shared, table), table);
    }

    /// Makes one segment of all samples.
    pub(super) fn seal(&mut self, table: &mut SealedTable) {
        self.seal_head(table);
        if self.sealed.iter().count() > 1 {
            let segment = Segment::joined(self.sealed.iter(), table);
            self.sealed = Few::default();
            self.sealed.push(segment);
        }
    }

    fn seal_head(&mut self, table: &mut SealedTable) {
        let Some(head) = self.head.take() else { return };
        let part = head.from..head.from + head.values.len();
        let shared = head.timeline.is_shared();
        let times = &head.timeline.times(part.end)[part];
        self.push_segment(Segment::new(times, head.values, head.starts, shared, table), table);
    }

    /// Appends a segment, after those at the end that are no longer than what comes after them were joined to it.
    fn push_segment(&mut self, mut segment: Segment<V>, table: &mut SealedTable) {
        while let Some(before) = self.sealed.last().filter(|before| before.len() <= segment.len()) {
            segment = Segment::joined([before, &segment].into_iter(), table);
            self.sealed.pop();
        }
        self.sealed.push(segment);
    }

    /// Those of the first `visible` samples that lie in `range`. The column may change afterwards, this does not.
    pub(super) fn pieces(&self, visible: usize, range: TimeRange) -> Pieces<V> {
        let mut pieces = Pieces::default();
        let mut left = visible;
        for segment in self.sealed.iter() {
            let part = segment.within(left, range);
            if !part.is_empty() {
                pieces.push(Piece::sealed(segment.clone(), part));
            }
            left = left.saturating_sub(segment.len());
        }
        if let Some(head) = self.head.as_ref().filter(|_| left > 0) {
            let count = head.values.len().min(left);
            let times = head.timeline.times(head.from + count);
            let visible = &times[head.from..head.from + count];
            let start = visible.partition_point(|t| *t < range.start);
            let part = start..start + visible[start..].partition_point(|t| *t <= range.end);
            if !part.is_empty() {
                pieces.push(Piece::head(HeadPart {
                    timeline: head.timeline.clone(),
                    times,
                    from: head.from + part.start,
                    values: head.values[part.clone()].into(),
                    starts: head.starts.get(part).unwrap_or(&[]).into(),
                }));
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::packed::Packed;
    use crate::store::memory::pieces::Taken;
    use proptest::prelude::*;

    fn read(column: &Column<f64>, visible: usize, range: TimeRange) -> Vec<(Timestamp, f64, Timestamp)> {
        let mut samples = Vec::new();
        for mut piece in column.pieces(visible, range) {
            match piece.take_before(None) {
                Taken::Lent(lent) => {
                    let start = |i| lent.starts.get(i).copied().unwrap_or(0);
                    samples.extend((0..lent.times.len()).map(|i| (lent.times[i], lent.values[i], start(i))));
                }
                Taken::Packed(packed, part) => {
                    let (mut times, mut values) = (Vec::new(), Vec::new());
                    packed.unpack(part, &mut times, &mut values);
                    samples.extend(times.iter().zip(values).map(|(time, value)| (*time, value, 0)));
                }
            }
        }
        samples
    }

    proptest! {
        /// However samples come, what was put in is what is read.
        #[test]
        fn reads_what_was_written(
            gaps in prop::collection::vec(1i64..40, 1..700),
            seals in prop::collection::vec(0usize..1000, 0..4),
            bulk in 0usize..300,
            start_every in prop::sample::select(vec![3usize, 190, 1000]),
            alone in any::<bool>(),
            visible in 0usize..900,
            from in 0i64..3000,
            width in 0i64..9000,
        ) {
            let mut table = SealedTable::default();
            // A neighbour that is scraped at other times now and then.
            let mut neighbour = Column::default();
            let (mut column, mut written, mut time) = (Column::default(), Vec::new(), 0);
            let mut samples = SampleColumns::default();
            for (i, gap) in gaps.iter().enumerate() {
                time += gap;
                let start = if i % start_every == 2 { time - 1 } else { 0 };
                written.push((time, i as f64, start));
                if i < bulk {
                    samples.push(time, i as f64, start);
                    continue;
                }
                column.extend(std::mem::take(&mut samples), i % 2 == 0, &mut table);
                if !alone {
                    neighbour.push(if i % 50 == 9 { time - 1 } else { time }, 0.0, 0, &mut table);
                }
                column.push(time, i as f64, start, &mut table);
                if seals.contains(&i) {
                    column.seal(&mut table);
                }
            }
            column.extend(samples, false, &mut table);
            prop_assert_eq!(column.len(), written.len());
            prop_assert_eq!(column.last(), written.last().map(|s| (s.0, s.1)));
            let range = TimeRange::new(from, from + width);
            let expected: Vec<_> =
                written.iter().take(visible).filter(|(time, ..)| range.contains(*time)).copied().collect();
            prop_assert_eq!(read(&column, visible, range), expected);
        }
    }

    fn lent_ids(column: &Column<f64>, range: TimeRange) -> Vec<Option<std::num::NonZeroU64>> {
        let id = |piece: Piece<f64>| match piece.left() {
            Taken::Lent(lent) => lent.id.map(|id| id.0),
            Taken::Packed(..) => panic!("packed"),
        };
        column.pieces(column.len(), range).into_iter().map(id).collect()
    }

    #[test]
    fn segments_are_few_and_shared() {
        let mut table = SealedTable::default();
        let mut columns: Vec<Column<f64>> = (0..3).map(|_| Column::default()).collect();
        for i in 0..5000 {
            for column in &mut columns {
                column.push(i * 15, i as f64, 0, &mut table);
            }
        }
        let ids = |column| lent_ids(column, TimeRange::new(100, 70_000));
        let first = ids(&columns[0]);
        assert!((2..=7).contains(&first.len()), "{}", first.len());
        assert!(first.iter().all(Option::is_some));
        assert!(columns[1..].iter().all(|other| ids(other) == first));

        columns.iter_mut().for_each(|column| column.seal(&mut table));
        let sealed = columns.iter().map(|column| lent_ids(column, TimeRange::new(0, 45)));
        assert!(sealed.into_iter().all(|ids| matches!(ids[..], [Some(_)])));
    }

    #[test]
    fn what_nobody_shares_is_packed() {
        let mut table = SealedTable::default();
        let mut columns: Vec<Column<f64>> = (0..3).map(|_| Column::default()).collect();
        for i in 0..5000 {
            for (at, column) in (0i64..).zip(&mut columns) {
                column.push(i * 15_000 + at, i as f64, 0, &mut table);
            }
        }
        for column in &columns {
            let pieces = column.pieces(5000, TimeRange::ALL);
            assert_eq!(
                pieces.iter().filter(|piece| matches!(piece.left(), Taken::Lent(_))).count(),
                1,
                "the head"
            );
            assert!((2..=7).contains(&pieces.iter().count()));
        }
    }
}
