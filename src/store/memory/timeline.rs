//! Timestamps that series share, in one piece of memory and under one name.
//!
//! What is scraped together has the same times, so most columns of timestamps occur many times over. They are kept
//! once, in two forms:
//!
//! - A [`Timeline`] grows. A series whose next time is the one that its neighbour has just put there moves on
//!   along with it, and stores no time at all:
//!
//!   | timeline `10 20 30 40` | from | samples |
//!   | --- | --- | --- |
//!   | scraped from the start | 0 | 4 |
//!   | appeared at 30 | 2 | 2 |
//!   | last seen at 20 | 0 | 2 |
//!
//! - [`SealedTimes`] no longer grow. They are looked up by their content in [`SealedTable`], so series that were
//!   loaded one after the other share them too.
//!
//! What is shared gets a number. A stretch of it is named by number, first and last place, in one word: that is what
//! tells the engine that two batches have the same times. Columns that nobody shares have no number.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use rustc_hash::{FxHashMap, FxHasher};

use crate::model::Timestamp;
use crate::store::TimestampsId;

/// How many times a timeline takes up before its series are sealed.
pub(super) const TIMELINE_LENGTH: usize = 128;

const NUMBER_BITS: u32 = 24;
const PLACE_BITS: u32 = 20;

/// The number of a shared column of times; 0 as long as it is not shared.
#[derive(Debug, Default)]
struct ShareNumber(AtomicU32);

impl ShareNumber {
    /// Numbers the column, if it has no number and numbers are left.
    fn assign(&self, numbers: &AtomicU32) {
        if self.0.load(Relaxed) == 0 && numbers.load(Relaxed) < (1 << NUMBER_BITS) - 1 {
            self.0.store(numbers.fetch_add(1, Relaxed) + 1, Relaxed);
        }
    }

    fn is_assigned(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    /// The name of a stretch of the column.
    fn id(&self, part: Range<usize>) -> Option<TimestampsId> {
        let number = self.0.load(Relaxed);
        if number == 0 || part.end >= 1 << PLACE_BITS {
            return None;
        }
        let id = u64::from(number) << (2 * PLACE_BITS) | (part.start as u64) << PLACE_BITS | part.end as u64;
        NonZeroU64::new(id).map(TimestampsId)
    }
}

/// A growing column of times.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    times: RwLock<GrowingTimes>,
    number: ShareNumber,
}

#[derive(Debug, Default)]
struct GrowingTimes {
    times: Vec<Timestamp>,
    /// A copy of the first so many times that can be lent.
    copy: Arc<[Timestamp]>,
}

/// What came of an attempt to go one step on along a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The time is there.
    Taken,
    /// The timeline has another time there, or is full.
    Leave,
}

impl Timeline {
    /// A timeline that begins with a time.
    pub(super) fn starting(time: Timestamp) -> Arc<Timeline> {
        let times = GrowingTimes { times: vec![time], copy: Arc::default() };
        Arc::new(Timeline { times: RwLock::new(times), number: ShareNumber::default() })
    }

    /// Goes on to `place` with `time`. Whoever comes there first sets the time.
    pub(super) fn step(&self, place: usize, time: Timestamp) -> Step {
        {
            let known = self.times.read().unwrap_or_else(PoisonError::into_inner);
            match known.times.get(place) {
                Some(there) if *there == time => return Step::Taken,
                None if place < TIMELINE_LENGTH => {}
                _ => return Step::Leave,
            }
        }
        let mut known = self.times.write().unwrap_or_else(PoisonError::into_inner);
        if known.times.len() != place {
            return Step::Leave;
        }
        known.times.push(time);
        Step::Taken
    }

    /// Where the last time is, if that is `time`.
    fn place_of_last(&self, time: Timestamp) -> Option<usize> {
        let known = self.times.read().unwrap_or_else(PoisonError::into_inner);
        (known.times.last() == Some(&time)).then(|| known.times.len() - 1)
    }

    /// At least the first `count` times.
    pub(super) fn times(&self, count: usize) -> Arc<[Timestamp]> {
        {
            let known = self.times.read().unwrap_or_else(PoisonError::into_inner);
            if known.copy.len() >= count {
                return known.copy.clone();
            }
        }
        let mut known = self.times.write().unwrap_or_else(PoisonError::into_inner);
        if known.copy.len() < count {
            known.copy = known.times.as_slice().into();
        }
        known.copy.clone()
    }

    /// The time at `place`.
    pub(super) fn time(&self, place: usize) -> Option<Timestamp> {
        self.times.read().unwrap_or_else(PoisonError::into_inner).times.get(place).copied()
    }

    /// The name of a stretch.
    pub(super) fn id(&self, part: Range<usize>) -> Option<TimestampsId> {
        self.number.id(part)
    }

    /// Whether more than one series has moved along.
    pub(super) fn is_shared(&self) -> bool {
        self.number.is_assigned()
    }
}

/// A column of times that does not change.
#[derive(Debug)]
pub(super) struct SealedTimes {
    pub(super) times: Box<[Timestamp]>,
    number: ShareNumber,
}

impl SealedTimes {
    /// Whether more than one series has asked for it.
    pub(super) fn is_shared(&self) -> bool {
        self.number.is_assigned()
    }

    /// The name of a stretch.
    pub(super) fn id(&self, part: Range<usize>) -> Option<TimestampsId> {
        self.number.id(part)
    }
}

/// All sealed columns of times that are in use, and the timelines that were used last.
#[derive(Debug, Default)]
pub(super) struct SealedTable {
    by_content: FxHashMap<u64, Vec<Weak<SealedTimes>>>,
    /// How many entries are put up with before those that are no longer in use are thrown out.
    entries_allowed: usize,
    entries: usize,
    share_numbers: AtomicU32,
    /// The latest first.
    recent: [Option<Arc<Timeline>>; 4],
}

impl SealedTable {
    /// A timeline for a series whose next time is `time`, and the place of that time in it.
    pub(super) fn timeline_at(&mut self, time: Timestamp) -> (Arc<Timeline>, usize) {
        for at in 0..self.recent.len() {
            let found =
                self.recent[at].as_ref().and_then(|line| Some((line.clone(), line.place_of_last(time)?)));
            if let Some((timeline, place)) = found {
                timeline.number.assign(&self.share_numbers);
                self.recent[..=at].rotate_right(1);
                return (timeline, place);
            }
        }
        let timeline = Timeline::starting(time);
        self.recent.rotate_right(1);
        self.recent[0] = Some(timeline.clone());
        (timeline, 0)
    }

    /// Notes that a series has just gone on along a timeline: its neighbours may join it.
    pub(super) fn note(&mut self, timeline: &Arc<Timeline>) {
        if !self.recent[0].as_ref().is_some_and(|latest| Arc::ptr_eq(latest, timeline)) {
            let at = self
                .recent
                .iter()
                .position(|line| line.as_ref().is_some_and(|line| Arc::ptr_eq(line, timeline)));
            let last = at.unwrap_or(self.recent.len() - 1);
            self.recent[..=last].rotate_right(1);
            self.recent[0] = Some(timeline.clone());
        }
    }

    /// Whether there is a sealed column with these times.
    pub(super) fn is_shared(&self, times: &[Timestamp]) -> bool {
        self.known(hash_of(times), times).is_some()
    }

    fn known(&self, hash: u64, times: &[Timestamp]) -> Option<Arc<SealedTimes>> {
        let same_hash = self.by_content.get(&hash)?;
        same_hash.iter().filter_map(Weak::upgrade).find(|known| *known.times == *times)
    }

    /// The one sealed column with these times, which are `shared` or may come to be.
    pub(super) fn seal(&mut self, times: &[Timestamp], shared: bool) -> Arc<SealedTimes> {
        let hash = hash_of(times);
        if let Some(known) = self.known(hash, times) {
            known.number.assign(&self.share_numbers);
            return known;
        }
        let sealed = Arc::new(SealedTimes { times: times.into(), number: ShareNumber::default() });
        if shared {
            sealed.number.assign(&self.share_numbers);
        }
        self.by_content.entry(hash).or_default().push(Arc::downgrade(&sealed));
        self.count_entry();
        sealed
    }

    fn count_entry(&mut self) {
        self.entries += 1;
        if self.entries <= self.entries_allowed.max(1024) {
            return;
        }
        self.by_content.retain(|_, same_hash| {
            same_hash.retain(|times| times.strong_count() > 0);
            !same_hash.is_empty()
        });
        self.entries = self.by_content.values().map(Vec::len).sum();
        self.entries_allowed = self.entries * 2;
    }
}

/// What equal times have in common, and others hardly ever.
pub(super) fn hash_of(times: &[Timestamp]) -> u64 {
    let mut hasher = FxHasher::default();
    times.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_move_along_together() {
        let mut table = SealedTable::default();
        let (first, place) = table.timeline_at(10);
        assert_eq!((place, first.id(0..1)), (0, None));
        let (second, place) = table.timeline_at(10);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(place, 0);
        assert!(first.id(0..1).is_some());

        assert_eq!(first.step(1, 20), Step::Taken);
        assert_eq!(second.step(1, 20), Step::Taken);
        assert_eq!(second.step(1, 21), Step::Leave);
        let (late, place) = table.timeline_at(20);
        assert!(Arc::ptr_eq(&first, &late));
        assert_eq!(place, 1);
        let (other, place) = table.timeline_at(15);
        assert!(!Arc::ptr_eq(&first, &other));
        assert_eq!(place, 0);

        assert_eq!(*first.times(2), [10, 20]);
        assert_eq!(first.step(2, 30), Step::Taken);
        assert_eq!(*first.times(2), [10, 20]);
        assert_eq!(*first.times(3), [10, 20, 30]);
        assert_eq!((first.time(2), first.time(3)), (Some(30), None));
    }

    #[test]
    fn a_full_timeline_is_left() {
        let timeline = Timeline::starting(0);
        for place in 1..TIMELINE_LENGTH {
            assert_eq!(timeline.step(place, place as i64), Step::Taken);
        }
        assert_eq!(timeline.step(TIMELINE_LENGTH, 1000), Step::Leave);
    }

    #[test]
    fn sealed_times_are_found_by_content() {
        let mut table = SealedTable::default();
        let a = table.seal(&[1, 2], false);
        assert_eq!(a.id(0..2), None);
        let b = table.seal(&[1, 2], false);
        assert!(Arc::ptr_eq(&a, &b));
        assert!(table.is_shared(&[1, 2]) && !table.is_shared(&[3]));
        let longer = table.seal(&[1, 2, 3], true);

        let names = [a.id(0..1), a.id(0..2), a.id(1..2), longer.id(0..1), longer.id(0..2)];
        assert!(names.iter().all(Option::is_some));
        assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
        assert_eq!(longer.id(0..1 << 20), None);
    }

    #[test]
    fn what_is_out_of_use_is_forgotten() {
        let mut table = SealedTable::default();
        let kept = table.seal(&[-1], false);
        for i in 0..10_000 {
            table.seal(&[i, i + 1], false);
        }
        assert!(table.entries < 3000, "{}", table.entries);
        assert!(Arc::ptr_eq(&kept, &table.seal(&[-1], false)));
    }
}
