//! Samples of one series that do not change: on times that other series have, too, or else packed.
//!
//! | | shared times | packed |
//! | --- | --- | --- |
//! | a time takes | next to nothing | 1 byte |
//! | a value takes | 8 bytes | 1 to 8 bytes |
//! | readers | are lent the columns | unpack them |
//! | what depends on times alone | is worked out once for all series | for each series |

use std::ops::Range;
use std::sync::Arc;

use super::packed::{Packable, Packed};
use super::timeline::{SealedTable, SealedTimes};
use crate::model::{TimeRange, Timestamp};

/// Samples in order of time; always some.
#[derive(Clone, Debug)]
pub(super) enum Segment<V: Packable> {
    Plain(Arc<Plain<V>>),
    Packed(V::Packed),
}

/// Samples as columns.
#[derive(Debug)]
pub(super) struct Plain<V> {
    pub(super) times: Arc<SealedTimes>,
    pub(super) values: Box<[V]>,
    /// Empty when unknown for all.
    pub(super) starts: Box<[Timestamp]>,
}

impl<V: Packable> Segment<V> {
    /// Samples on times that are known to be shared, or that perhaps are. `starts` may be empty.
    pub(super) fn new(
        times: &[Timestamp],
        values: Vec<V>,
        starts: Vec<Timestamp>,
        shared: bool,
        table: &mut SealedTable,
    ) -> Self {
        if starts.is_empty()
            && !shared
            && !table.is_shared(times)
            && let Some(packed) = V::Packed::pack(times, &values)
        {
            return Segment::Packed(packed);
        }
        let times = table.seal(times, shared);
        Segment::Plain(Arc::new(Plain { times, values: values.into(), starts: starts.into() }))
    }

    /// One segment of several, of which there are some.
    pub(super) fn joined<'s>(
        segments: impl Iterator<Item = &'s Segment<V>> + Clone,
        table: &mut SealedTable,
    ) -> Self
    where
        V: 's,
    {
        let count = segments.clone().map(Segment::len).sum();
        let shared = segments.clone().all(Segment::is_shared);
        let (mut times, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut starts = Vec::new();
        for segment in segments {
            match segment {
                Segment::Packed(packed) => packed.unpack(0..packed.len(), &mut times, &mut values),
                Segment::Plain(plain) => {
                    if !plain.starts.is_empty() {
                        starts.resize(times.len(), 0);
                        starts.extend_from_slice(&plain.starts);
                    }
                    times.extend_from_slice(&plain.times.times);
                    values.extend_from_slice(&plain.values);
                }
            }
        }
        if !starts.is_empty() {
            starts.resize(times.len(), 0);
        }
        Segment::new(&times, values, starts, shared, table)
    }

    /// Whether other series have the same times.
    fn is_shared(&self) -> bool {
        matches!(self, Segment::Plain(plain) if plain.times.is_shared())
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Segment::Plain(plain) => plain.values.len(),
            Segment::Packed(packed) => packed.len(),
        }
    }

    /// The time of sample `i`.
    pub(super) fn time(&self, i: usize) -> Timestamp {
        match self {
            Segment::Plain(plain) => plain.times.times[i],
            Segment::Packed(packed) => packed.time(i),
        }
    }

    /// The last sample.
    pub(super) fn last(&self) -> Option<(Timestamp, V)> {
        let time = self.time(self.len().checked_sub(1)?);
        match self {
            Segment::Plain(plain) => Some((time, plain.values.last()?.clone())),
            Segment::Packed(packed) => Some((time, packed.last_value())),
        }
    }

    /// The times of the first and the last sample.
    fn range(&self) -> Option<TimeRange> {
        Some(match self {
            Segment::Plain(plain) => TimeRange::new(*plain.times.times.first()?, *plain.times.times.last()?),
            Segment::Packed(packed) => packed.range(),
        })
    }

    /// Which of the first `visible` samples lie in `range`.
    pub(super) fn within(&self, visible: usize, range: TimeRange) -> Range<usize> {
        let among = 0..self.len().min(visible);
        let Some(all) = self.range().filter(|_| !among.is_empty()) else { return among };
        let start = match all.start >= range.start {
            true => 0,
            false => self.first_from(among.clone(), range.start),
        };
        // Mostly it is the latest samples that are asked for.
        let end = match all.end <= range.end {
            true => among.end,
            false => self.first_from(start..among.end, range.end.saturating_add(1)),
        };
        start..end
    }

    /// The first of the samples `among` that is not before `time`, or where they end.
    pub(super) fn first_from(&self, among: Range<usize>, time: Timestamp) -> usize {
        if let Segment::Plain(plain) = self {
            return among.start + plain.times.times[among].partition_point(|t| *t < time);
        }
        let (mut low, mut high) = (among.start, among.end);
        while low < high {
            let middle = low.midpoint(high);
            match self.time(middle) < time {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}
