//! The head, put together from its chunks and logs.
//!
//! The order is: head chunks, the log of samples in order, the log of late samples. A series has a number in the log,
//! and more than one if it was dropped from memory and came back; its chunks are filed under those numbers:
//!
//! ```text
//! chunk of 7: 10:00 to 11:00       series 7 = up{job="a"}       7: 10:30 → 1   (the chunk has it)
//!                                                               7: 11:01 → 0   (new)
//! ```
//!
//! What is older than the newest block with samples in order is in that block already; logs and chunks are cleared
//! of it some time later, and it is left out here.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::error::{DiskError, Problem};
use super::super::exemplars::Exemplar;
use super::super::head_chunks::{FoundChunk, HeadChunk, HeadChunkFiles, HeadChunkRef};
use super::super::io::Io;
use super::super::wal::{CommitHead, LogFiles, LogVisitor, MetricMetadata, Sample, Standing, Torn};
use super::snapshot::Snapshot;
use super::writer::{Arrival, Head};
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};

/// A head that was put together.
#[derive(Debug)]
pub(in crate::store::disk) struct Replayed {
    pub(in crate::store::disk) head: Head,
    /// What was torn at the end of the head chunks, and of each log.
    pub(in crate::store::disk) torn_chunks: Option<DiskError>,
    pub(in crate::store::disk) torn_wal: Option<Torn>,
    pub(in crate::store::disk) torn_wbl: Option<Torn>,
    /// The last commit that the logs tell of.
    pub(in crate::store::disk) last_commit: u64,
}

/// Puts together the head of the data directory `dir`, whose blocks have the samples in order up to `min_valid_time`.
/// What there is becomes blocks as long as `block_range`.
pub(in crate::store::disk) fn open(
    io: &dyn Io,
    dir: &Path,
    wal: &LogFiles,
    wbl: &LogFiles,
    min_valid_time: Timestamp,
    block_range: i64,
) -> Result<Replayed, DiskError> {
    let mut replay = Replay::new(Head::new(min_valid_time, block_range));
    replay.snapshot = Snapshot::read(io, dir, wal.last_segment())?;
    let (files, torn_chunks) = HeadChunkFiles::open(io, dir, |found| replay.chunk(found))?;
    // A commit whose late samples did not get to the disk is not whole. All before the last segment are.
    let late = wbl.commits(io)?;
    let judge = |commit: CommitHead, last: bool| match !last || !commit.late || late.contains(&commit.number)
    {
        true => Standing::Whole,
        false => Standing::Unfinished,
    };
    let torn_wal = wal.read(io, &judge, &mut replay)?;
    if replay.empty_checkpoint && replay.has_unnamed {
        let problem =
            Problem::Invalid("the checkpoint is empty, and lacks series of which there are samples");
        return Err(problem.at(0).in_file(wal.checkpoint_path().unwrap_or(dir)));
    }
    (replay.late, replay.commit) = (true, 0);
    // A server drops the numbers of commits from its log. Where there is none, all late samples are of old commits.
    let last_commit = replay.last_commit.unwrap_or(u64::MAX);
    let first_commit = replay.checkpoint.unwrap_or(0);
    let judge = |commit: CommitHead, _| match commit.number {
        number if number < first_commit => Standing::Superseded,
        number if number > last_commit => Standing::Unfinished,
        _ => Standing::Whole,
    };
    let torn_wbl = wbl.read(io, &judge, &mut replay)?;
    let last_commit = replay.last_commit.unwrap_or(0);
    Ok(Replayed { head: replay.finish(files), torn_chunks, torn_wal, torn_wbl, last_commit })
}

/// Takes head chunks, then the log of samples in order, then the log of late samples.
#[derive(Debug)]
struct Replay {
    head: Head,
    /// Which log is being read.
    late: bool,
    /// Where in it: segment, or the checkpoint, and offset.
    position: (Option<u64>, u64),
    /// The commit that is being read, or the last one before.
    commit: u64,
    /// Whether this segment has commits: it was not written by a server.
    has_commits: bool,
    snapshot: Snapshot,
    /// Chunks by the number of their series.
    chunks: FxHashMap<u64, ChunksOfNumber>,
    /// The last chunk that was found.
    last_chunk: Option<HeadChunkRef>,
    /// Series that were dropped for good: whatever comes under their numbers is not for a series that exists.
    dropped: FxHashSet<u32>,
    exemplars: Vec<(Labels, Exemplar)>,
    last_commit: Option<u64>,
    /// The commit that the checkpoint is.
    checkpoint: Option<u64>,
    /// There is a checkpoint, and nothing in it.
    empty_checkpoint: bool,
    /// There are samples of a series that was never named, and that are not in a block.
    has_unnamed: bool,
}

#[derive(Clone, Debug, Default)]
struct ChunksOfNumber {
    in_order: Vec<HeadChunk>,
    late: Vec<HeadChunk>,
}

impl Replay {
    fn new(head: Head) -> Self {
        Replay {
            head,
            late: false,
            position: (None, 0),
            commit: 0,
            has_commits: false,
            snapshot: Snapshot::default(),
            chunks: FxHashMap::default(),
            last_chunk: None,
            dropped: FxHashSet::default(),
            exemplars: Vec::new(),
            last_commit: None,
            checkpoint: None,
            empty_checkpoint: false,
            has_unnamed: false,
        }
    }

    fn chunk(&mut self, found: FoundChunk) -> Result<(), Problem> {
        self.last_chunk = Some(found.reference);
        if found.chunk.max_time < found.chunk.min_time {
            return Err(Problem::Invalid("a chunk ends before it begins"));
        }
        if !found.late && found.chunk.max_time < self.head.view.min_valid_time {
            return Ok(());
        }
        let chunks = self.chunks.entry(found.series).or_default();
        if found.late {
            chunks.late.push(found.chunk);
            return Ok(());
        }
        if chunks.in_order.last().is_some_and(|last| found.chunk.min_time <= last.max_time) {
            return Err(Problem::Invalid("a chunk begins before the one before it in its series ends"));
        }
        chunks.in_order.push(found.chunk);
        Ok(())
    }

    fn finish(mut self, files: HeadChunkFiles) -> Head {
        let mut exemplars = self.snapshot.exemplars;
        exemplars.append(&mut self.exemplars);
        self.head.view.exemplars = Arc::new(exemplars);
        self.head.view.files = Arc::new(files);
        for reference in self.dropped {
            self.head.series(reference).reset(Vec::new(), Vec::new());
        }
        self.head.view.commit = self.last_commit.unwrap_or(0);
        self.head.drop_empty();
        self.head
    }

    /// The series with this number, if the log has named one. A checkpoint may keep samples of series that it drops.
    fn find(&self, number: u64) -> Option<u32> {
        self.head.by_number.get(&number).copied().filter(|reference| !self.dropped.contains(reference))
    }

    fn sample(&mut self, number: u64, time: Timestamp, start: Timestamp, value: SampleValue) {
        let Some(reference) = self.find(number) else {
            let is_named = self.head.by_number.contains_key(&number);
            self.has_unnamed |= !is_named && time >= self.head.view.min_valid_time;
            return;
        };
        if self.late {
            self.head.add(reference, Arrival::Late, (time, start, value), self.commit, u64::MAX);
            return;
        }
        // What is not later than the last sample is in a chunk already, or was not taken when it came.
        let last = self.head.series(reference).last_time();
        if time >= self.head.view.min_valid_time && last.is_none_or(|last| time > last) {
            self.head.add(reference, Arrival::InOrder, (time, start, value), 0, u64::MAX);
        }
    }
}

impl LogVisitor for Replay {
    fn empty_checkpoint(&mut self) {
        self.empty_checkpoint = true;
    }

    fn commit(&mut self, commit: CommitHead) {
        (self.commit, self.has_commits) = (commit.number, true);
        if self.position.0.is_none() {
            self.checkpoint = Some(commit.number);
        }
        self.last_commit = self.last_commit.max(Some(commit.number));
        self.head.last_number = self.head.last_number.max(commit.last_series);
    }

    fn position(&mut self, segment: Option<u64>, offset: u64) {
        self.has_commits &= self.position.0 == segment;
        self.position = (segment, offset);
    }

    fn series(&mut self, number: u64, labels: Labels) {
        let reference = match self.head.find(&labels) {
            Some(reference) => reference,
            None => self.head.create(labels, number),
        };
        self.head.by_number.insert(number, reference);
        self.head.last_number = self.head.last_number.max(number);
        // A series that comes back was dropped from memory before, because all it had was in a block.
        let chunks = self.chunks.get(&number).cloned().unwrap_or_default();
        self.head.series(reference).reset(chunks.in_order, chunks.late);
    }

    fn float(&mut self, sample: Sample<f64>) {
        self.sample(sample.series, sample.time, sample.start, SampleValue::Float(sample.value));
    }

    fn histogram(&mut self, sample: Sample<Histogram>) {
        let value = SampleValue::Histogram(Arc::new(sample.value));
        self.sample(sample.series, sample.time, sample.start, value);
    }

    fn tombstone(&mut self, number: u64, range: TimeRange) {
        // A number whose series is gone from the log must not be given to another one.
        self.head.last_number = self.head.last_number.max(number);
        let Some(reference) = self.find(number) else { return };
        if range == TimeRange::ALL {
            // Not a deletion by a user, whose ranges are cut to the times of the series: it was dropped.
            self.dropped.insert(reference);
            let labels = self.head.series(reference).labels.clone();
            self.head.by_labels.remove(&labels);
        } else if self.has_commits || range.end >= self.head.view.min_valid_time {
            // A server deletes only samples that came in order.

            self.head.series(reference).delete(range, self.commit);
        }
    }

    fn exemplar(&mut self, number: u64, exemplar: Exemplar) {
        // What was there before the snapshot is in the snapshot.
        let is_new = self.snapshot.position.is_none_or(|(segment, offset)| {
            self.position.0.is_some_and(|position| (position, self.position.1) >= (segment, offset))
        });
        if is_new
            && exemplar.timestamp >= self.head.view.min_valid_time
            && let Some(reference) = self.find(number)
        {
            self.exemplars.push((self.head.series(reference).labels.clone(), exemplar));
        }
    }

    fn metadata(&mut self, number: u64, metadata: MetricMetadata<'_>) {
        if let Some(reference) = self.find(number) {
            let labels = self.head.series(reference).labels.clone();
            self.head.set_metadata(labels.metric_name(), metadata.into());
        }
    }

    fn marker(&mut self, number: u64, chunk: HeadChunkRef) {
        // A chunk that did not reach the disk does not count, though the log says that it was written.
        if self.last_chunk.is_some_and(|last| chunk <= last)
            && let Some(reference) = self.find(number)
        {
            self.head.series(reference).forget_late_samples();
        }
    }
}
