//! The samples of one kind of one series: segments that do not change, and a head that grows.
//!
//! The head lies on a timeline. When that is full, or goes on without this series, the head becomes a segment; and
//! segments of about the same size become one, so a series of n samples has some log(n) of them, the oldest being
//! the largest: `[4096] [1024] [128] + head`.

use std::ops::Range;
use std::sync::Arc;

use super::timeline::{SealedTable, SealedTimes, Step, Timeline};
use crate::model::{TimeRange, Timestamp};
use crate::store::{SampleColumns, TimestampsId};

/// Samples in order of time.
#[derive(Debug)]
pub(super) struct Column<V> {
    sealed: Vec<Arc<Segment<V>>>,
    head: Option<Head<V>>,
    len: usize,
}

/// Samples that do not change.
#[derive(Debug)]
pub(super) struct Segment<V> {
    times: Arc<SealedTimes>,
    values: Box<[V]>,
    /// Empty when unknown for all.
    starts: Box<[Timestamp]>,
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

impl<V> Default for Column<V> {
    fn default() -> Self {
        Column { sealed: Vec::new(), head: None, len: 0 }
    }
}

impl<V: Clone> Column<V> {
    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The latest sample.
    pub(super) fn last(&self) -> Option<(Timestamp, &V)> {
        if let Some(head) = &self.head {
            let value = head.values.last()?;
            return Some((head.timeline.time(head.from + head.values.len() - 1)?, value));
        }
        let segment = self.sealed.last()?;
        Some((*segment.times.times.last()?, segment.values.last()?))
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
            Head { timeline, from, values: Vec::new(), starts: Vec::new() }
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

    /// Appends samples that are later than all others.
    pub(super) fn extend(&mut self, samples: SampleColumns<V>, table: &mut SealedTable) {
        if samples.is_empty() {
            return;
        }
        self.seal_head(table);
        self.len += samples.len();
        self.push_segment(
            Segment {
                times: table.seal(&samples.timestamps),
                values: samples.values.into(),
                starts: samples.start_timestamps.into(),
            },
            table,
        );
    }

    /// Makes one segment of all samples.
    pub(super) fn seal(&mut self, table: &mut SealedTable) {
        self.seal_head(table);
        if self.sealed.len() > 1 {
            let times: Vec<&[Timestamp]> = self.sealed.iter().map(|segment| &*segment.times.times).collect();
            let segment = Segment {
                times: table.seal(&times.concat()),
                values: join(self.sealed.iter().map(|segment| &*segment.values)),
                starts: join_starts(&self.sealed),
            };
            self.sealed = vec![Arc::new(segment)];
        }
    }

    fn seal_head(&mut self, table: &mut SealedTable) {
        let Some(head) = self.head.take() else { return };
        let part = head.from..head.from + head.values.len();
        let times = table.seal(&head.timeline.times(part.end)[part]);
        self.push_segment(Segment { times, values: head.values.into(), starts: head.starts.into() }, table);
    }

    /// Appends a segment, and joins those at the end that are no longer than what comes after them.
    fn push_segment(&mut self, segment: Segment<V>, table: &mut SealedTable) {
        self.sealed.push(Arc::new(segment));
        while let [.., first, second] = &self.sealed[..]
            && first.values.len() <= second.values.len()
        {
            let joined = Segment {
                times: table.join(&first.times, &second.times),
                values: join([&*first.values, &*second.values].into_iter()),
                starts: join_starts(&[first.clone(), second.clone()]),
            };
            self.sealed.truncate(self.sealed.len() - 2);
            self.sealed.push(Arc::new(joined));
        }
    }

    /// Those of the first `visible` samples that lie in `range`. The column may change afterwards, this does not.
    pub(super) fn pieces(&self, visible: usize, range: TimeRange) -> Pieces<V> {
        let mut pieces = Pieces::default();
        let mut left = visible;
        for segment in &self.sealed {
            let part = within(&segment.times.times[..segment.values.len().min(left)], range);
            if !part.is_empty() {
                pieces.push(Piece { part, samples: PieceSamples::Sealed(segment.clone()) });
            }
            left = left.saturating_sub(segment.values.len());
        }
        if let Some(head) = self.head.as_ref().filter(|_| left > 0) {
            let count = head.values.len().min(left);
            let times = head.timeline.times(head.from + count);
            let part = within(&times[head.from..head.from + count], range);
            if !part.is_empty() {
                pieces.push(Piece {
                    part: 0..part.len(),
                    samples: PieceSamples::Head {
                        timeline: head.timeline.clone(),
                        times,
                        from: head.from + part.start,
                        values: head.values[part.clone()].into(),
                        starts: head.starts.get(part).unwrap_or(&[]).into(),
                    },
                });
            }
        }
        pieces
    }
}

fn join<'a, T: Clone + 'a>(parts: impl Iterator<Item = &'a [T]>) -> Box<[T]> {
    parts.collect::<Vec<_>>().concat().into()
}

fn join_starts<V>(segments: &[Arc<Segment<V>>]) -> Box<[Timestamp]> {
    if segments.iter().all(|segment| segment.starts.is_empty()) {
        return Box::default();
    }
    let mut starts = Vec::with_capacity(segments.iter().map(|segment| segment.values.len()).sum());
    for segment in segments {
        starts.extend_from_slice(&segment.starts);
        starts.resize(starts.len() - segment.starts.len() + segment.values.len(), 0);
    }
    starts.into()
}

fn within(times: &[Timestamp], range: TimeRange) -> Range<usize> {
    let start = times.partition_point(|t| *t < range.start);
    let end = match times.last() {
        // Mostly it is the latest samples that are asked for.
        Some(last) if *last <= range.end => times.len(),
        _ => start + times[start..].partition_point(|t| *t <= range.end),
    };
    start..end
}

/// Pieces in order of time. A series mostly has one, and then they take no memory.
#[derive(Debug)]
pub(super) struct Pieces<V> {
    first: Option<Piece<V>>,
    others: Vec<Piece<V>>,
}

impl<V> Default for Pieces<V> {
    fn default() -> Self {
        Pieces { first: None, others: Vec::new() }
    }
}

impl<V> Pieces<V> {
    fn push(&mut self, piece: Piece<V>) {
        match self.first {
            None => self.first = Some(piece),
            Some(_) => self.others.push(piece),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The piece, if there is one and no other.
    pub(super) fn only(self) -> Option<Piece<V>> {
        self.first.filter(|_| self.others.is_empty())
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Piece<V>> {
        self.first.iter_mut().chain(&mut self.others)
    }
}

impl<V> IntoIterator for Pieces<V> {
    type Item = Piece<V>;
    type IntoIter = std::iter::Chain<std::option::IntoIter<Piece<V>>, std::vec::IntoIter<Piece<V>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.others)
    }
}

/// Consecutive samples of a column, held on to.
#[derive(Debug)]
pub(super) struct Piece<V> {
    samples: PieceSamples<V>,
    /// What has not been taken of `samples`.
    part: Range<usize>,
}

#[derive(Debug)]
enum PieceSamples<V> {
    Sealed(Arc<Segment<V>>),
    Head {
        timeline: Arc<Timeline>,
        /// The timeline's times.
        times: Arc<[Timestamp]>,
        /// The place of the first value on the timeline.
        from: usize,
        values: Box<[V]>,
        starts: Box<[Timestamp]>,
    },
}

/// Samples as columns; all slices have one length, but `starts` may be empty.
pub(super) struct Lent<'a, V> {
    pub(super) times: &'a [Timestamp],
    pub(super) values: &'a [V],
    pub(super) starts: &'a [Timestamp],
    pub(super) id: Option<TimestampsId>,
}

impl<V> Piece<V> {
    /// The time of the first sample that is left.
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        self.times(self.part.clone()).first().copied()
    }

    fn times(&self, part: Range<usize>) -> &[Timestamp] {
        match &self.samples {
            PieceSamples::Sealed(segment) => &segment.times.times[part],
            PieceSamples::Head { times, from, .. } => &times[from + part.start..from + part.end],
        }
    }

    /// Takes the samples before `limit`, or all.
    pub(super) fn take_before(&mut self, limit: Option<Timestamp>) -> Lent<'_, V> {
        let count = match limit {
            Some(limit) => self.times(self.part.clone()).partition_point(|t| *t < limit),
            None => self.part.len(),
        };
        let part = self.part.start..self.part.start + count;
        self.part.start = part.end;
        self.lend(part)
    }

    /// The samples that are left.
    pub(super) fn left(&self) -> Lent<'_, V> {
        self.lend(self.part.clone())
    }

    fn lend(&self, part: Range<usize>) -> Lent<'_, V> {
        let (values, starts, id) = match &self.samples {
            PieceSamples::Sealed(segment) => {
                (&segment.values, &segment.starts, segment.times.id(part.clone()))
            }
            PieceSamples::Head { timeline, from, values, starts, .. } => {
                (values, starts, timeline.id(from + part.start..from + part.end))
            }
        };
        Lent {
            times: self.times(part.clone()),
            values: &values[part.clone()],
            starts: starts.get(part).unwrap_or(&[]),
            id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(column: &Column<i64>, visible: usize, range: TimeRange) -> Vec<(Timestamp, i64, Timestamp)> {
        let mut samples = Vec::new();
        for mut piece in column.pieces(visible, range) {
            let lent = piece.take_before(None);
            for i in 0..lent.times.len() {
                samples.push((lent.times[i], lent.values[i], lent.starts.get(i).copied().unwrap_or(0)));
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
            start_every in 1usize..200,
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
                let start = if i % start_every == 7 { time - 1 } else { 0 };
                written.push((time, i as i64, start));
                if i < bulk {
                    samples.push(time, i as i64, start);
                    continue;
                }
                column.extend(std::mem::take(&mut samples), &mut table);
                neighbour.push(if i % 50 == 9 { time - 1 } else { time }, 0, 0, &mut table);
                column.push(time, i as i64, start, &mut table);
                if seals.contains(&i) {
                    column.seal(&mut table);
                }
            }
            column.extend(samples, &mut table);
            prop_assert_eq!(column.len(), written.len());
            prop_assert_eq!(column.last().map(|(time, value)| (time, *value)), written.last().map(|s| (s.0, s.1)));
            let range = TimeRange::new(from, from + width);
            let expected: Vec<_> =
                written.iter().take(visible).filter(|(time, ..)| range.contains(*time)).copied().collect();
            prop_assert_eq!(read(&column, visible, range), expected);
        }
    }

    #[test]
    fn segments_are_few_and_shared() {
        let mut table = SealedTable::default();
        let mut columns: Vec<Column<i64>> = (0..3).map(|_| Column::default()).collect();
        for i in 0..5000 {
            for column in &mut columns {
                column.push(i * 15, i, 0, &mut table);
            }
        }
        let range = TimeRange::new(100, 70_000);
        let pieces: Vec<Vec<_>> =
            columns.iter().map(|column| column.pieces(5000, range).into_iter().collect()).collect();
        assert!((2..=7).contains(&pieces[0].len()), "{}", pieces[0].len());
        let ids = |pieces: Vec<Piece<i64>>| -> Vec<Option<TimestampsId>> {
            pieces.into_iter().map(|mut piece| piece.take_before(None).id).collect()
        };
        let mut ids = pieces.into_iter().map(ids);
        let first = ids.next().unwrap();
        assert!(first.iter().all(Option::is_some));
        assert!(ids.all(|other| other == first));

        columns.iter_mut().for_each(|column| column.seal(&mut table));
        let sealed: Vec<_> = columns.iter().flat_map(|column| column.pieces(5000, TimeRange::ALL)).collect();
        assert_eq!(sealed.len(), 3);
        assert!(sealed.into_iter().all(|mut piece| piece.take_before(Some(45)).id.is_some()));
    }
}
