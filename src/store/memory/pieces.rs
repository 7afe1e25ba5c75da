//! What a reader holds of a column: the samples of its range, which stay as they are while the column grows.

use std::ops::Range;
use std::sync::Arc;

use super::few::Few;
use super::packed::{Packable, Packed};
use super::segment::Segment;
use super::timeline::Timeline;
use crate::model::Timestamp;
use crate::store::TimestampsId;

/// Pieces in order of time.
pub(super) type Pieces<V> = Few<Piece<V>>;

/// Consecutive samples of a column.
#[derive(Debug)]
pub(super) struct Piece<V: Packable> {
    samples: Samples<V>,
    /// What has not been taken of `samples`.
    part: Range<usize>,
}

#[derive(Debug)]
enum Samples<V: Packable> {
    Sealed(Segment<V>),
    Head(Box<HeadPart<V>>),
}

/// A copy of samples of a head.
#[derive(Debug)]
pub(super) struct HeadPart<V> {
    pub(super) timeline: Arc<Timeline>,
    /// The timeline's times.
    pub(super) times: Arc<[Timestamp]>,
    /// The place of the first value on the timeline.
    pub(super) from: usize,
    pub(super) values: Box<[V]>,
    /// Empty when unknown for all.
    pub(super) starts: Box<[Timestamp]>,
}

/// Samples that are there as columns, or have to be unpacked.
pub(super) enum Taken<'a, V: Packable> {
    Lent(Lent<'a, V>),
    Packed(&'a V::Packed, Range<usize>),
}

/// Samples as columns; all slices have one length, but `starts` may be empty.
pub(super) struct Lent<'a, V> {
    pub(super) times: &'a [Timestamp],
    pub(super) values: &'a [V],
    pub(super) starts: &'a [Timestamp],
    pub(super) id: Option<TimestampsId>,
}

impl<V: Packable> Piece<V> {
    /// Some samples of a segment.
    pub(super) fn sealed(segment: Segment<V>, part: Range<usize>) -> Self {
        Piece { samples: Samples::Sealed(segment), part }
    }

    /// Some samples of a head.
    pub(super) fn head(head: HeadPart<V>) -> Self {
        Piece { part: 0..head.values.len(), samples: Samples::Head(Box::new(head)) }
    }

    /// The time of the first sample that is left.
    pub(super) fn first_time(&self) -> Option<Timestamp> {
        let first = self.part.clone().next()?;
        Some(match &self.samples {
            Samples::Sealed(segment) => segment.time(first),
            Samples::Head(head) => head.times[head.from + first],
        })
    }

    /// Takes the samples before `limit`, or all.
    pub(super) fn take_before(&mut self, limit: Option<Timestamp>) -> Taken<'_, V> {
        let end = match (limit, &self.samples) {
            (None, _) => self.part.end,
            (Some(limit), Samples::Sealed(segment)) => segment.first_from(self.part.clone(), limit),
            (Some(limit), Samples::Head(head)) => {
                let times = &head.times[head.from + self.part.start..head.from + self.part.end];
                self.part.start + times.partition_point(|t| *t < limit)
            }
        };
        let part = self.part.start..end;
        self.part.start = end;
        self.samples.get(part)
    }

    /// Has the processor fetch the values, and the times that no other series has.
    pub(super) fn fetch(&self) {
        match self.left() {
            Taken::Lent(lent) => V::fetch(lent.values),
            Taken::Packed(packed, part) => packed.fetch(part),
        }
    }

    /// The samples that are left.
    pub(super) fn left(&self) -> Taken<'_, V> {
        self.samples.get(self.part.clone())
    }
}

impl<V: Packable> Samples<V> {
    fn get(&self, part: Range<usize>) -> Taken<'_, V> {
        Taken::Lent(match self {
            Samples::Sealed(Segment::Packed(packed)) => return Taken::Packed(packed, part),
            Samples::Sealed(Segment::Plain(plain)) => Lent {
                times: &plain.times.times[part.clone()],
                values: &plain.values[part.clone()],
                starts: plain.starts.get(part.clone()).unwrap_or(&[]),
                id: plain.times.id(part),
            },
            Samples::Head(head) => {
                let places = head.from + part.start..head.from + part.end;
                Lent {
                    times: &head.times[places.clone()],
                    values: &head.values[part.clone()],
                    starts: head.starts.get(part).unwrap_or(&[]),
                    id: head.timeline.id(places),
                }
            }
        })
    }
}
