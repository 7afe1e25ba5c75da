//! The samples of a series that came late, and what is deleted of the series.
//!
//! A late sample that is deleted stays for those who read an earlier commit, and another one may come in its place:
//!
//! ```text
//! commit   4         5                 6
//!          10:01 1   10:00 to 10:02    10:01 2
//!                    deleted
//! reads    1         nothing           2
//! ```

use std::collections::BTreeMap;

use super::super::chunk::{Run, push_sample};
use super::super::head_chunks::HeadChunk;
use super::super::tombstones::Intervals;
use super::series::Sealed;
use crate::model::value::SampleValue;
use crate::model::{TimeRange, Timestamp};

/// Stretches of time that are deleted, each with the commit that it was deleted by.
#[derive(Debug, Default)]
pub(super) struct Deletions(Vec<(u64, TimeRange)>);

impl Deletions {
    pub(super) fn add(&mut self, range: TimeRange, commit: u64) {
        self.0.push((commit, range));
    }

    /// Forgets what lies before `time`.
    pub(super) fn drop_before(&mut self, time: Timestamp) {
        self.0.retain(|(_, range)| range.end >= time);
    }

    /// What is deleted for a reader of `commit`.
    pub(super) fn seen_by(&self, commit: u64) -> Intervals {
        let mut intervals = Intervals::default();
        for (_, range) in self.0.iter().filter(|(since, _)| *since <= commit) {
            intervals.add(*range);
        }
        intervals
    }

    /// Whether a sample that came with commit `came` is deleted for a reader of `commit`.
    fn hide(&self, time: Timestamp, came: u64, commit: u64) -> bool {
        self.0.iter().any(|(since, range)| (came..=commit).contains(since) && range.contains(time))
    }
}

/// The samples of a series that came late.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// Chunks that a server wrote. They overlap each other and the samples.
    pub(super) chunks: Vec<Sealed>,
    /// By their times and the commits that they came with. Only the last of a time is not deleted.
    samples: BTreeMap<(Timestamp, u64), LateSample>,
}

#[derive(Clone, Debug)]
struct LateSample {
    start: Timestamp,
    value: SampleValue,
}

impl Late {
    /// Begins with these chunks. `None` if there are none.
    pub(super) fn of_chunks(chunks: Vec<HeadChunk>) -> Option<Box<Self>> {
        let chunks: Vec<Sealed> = chunks.into_iter().map(Sealed::File).collect();
        (!chunks.is_empty()).then(|| Box::new(Late { chunks, samples: BTreeMap::new() }))
    }

    /// Adds a sample, unless there is one at that time that is not deleted.
    pub(super) fn insert(
        &mut self,
        (time, start, value): (Timestamp, Timestamp, SampleValue),
        commit: u64,
        deleted: &Deletions,
    ) {
        let versions = self.samples.range((time, 0)..=(time, u64::MAX));
        let there = versions.last().is_some_and(|((_, came), _)| !deleted.hide(time, *came, u64::MAX));
        if !there {
            self.samples.insert((time, commit), LateSample { start, value });
        }
    }

    /// The times of the samples in `range` that a reader of `commit` may see.
    pub(super) fn times(&self, range: TimeRange, commit: u64) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.in_range(range).filter(move |((_, came), _)| *came <= commit).map(|((time, _), _)| *time)
    }

    /// The samples in `range` that a reader of `commit` sees.
    pub(super) fn runs(&self, range: TimeRange, commit: u64, deleted: &Deletions) -> Vec<Run> {
        let mut runs = Vec::new();
        for ((time, came), sample) in self.in_range(range) {
            if *came <= commit && !deleted.hide(*time, *came, commit) {
                push_sample(&mut runs, *time, sample.start, sample.value.clone());
            }
        }
        runs.iter_mut().for_each(Run::follow);
        runs
    }

    /// How many samples are in no chunk.
    pub(super) fn count(&self) -> usize {
        self.samples.len()
    }

    /// Forgets the samples that are in no chunk.
    pub(super) fn forget_samples(&mut self) {
        self.samples.clear();
    }

    /// Forgets what up to `commit` came with an earlier time than `time`. Tells whether anything is left.
    pub(super) fn drop_before(&mut self, time: Timestamp, commit: u64) -> bool {
        self.chunks.retain(|chunk| chunk.range().end >= time);
        self.samples.retain(|(t, came), _| *t >= time || *came > commit);
        !self.chunks.is_empty() || !self.samples.is_empty()
    }

    fn in_range(
        &self,
        range: TimeRange,
    ) -> impl DoubleEndedIterator<Item = (&(Timestamp, u64), &LateSample)> {
        let range = (!range.is_empty()).then_some((range.start, 0)..=(range.end, u64::MAX));
        range.into_iter().flat_map(|range| self.samples.range(range))
    }
}
