//! One series of the head: chunks that are full, and samples that wait to fill one.
//!
//! ```text
//! in order    [chunk][chunk][chunk]  samples since, each with the number of its commit
//! late        [chunk]                samples since, sorted, each with the number of its commit
//! ```
//!
//! A reader sees the samples up to a commit. Chunks are seen whole, so samples are put into one only when everyone who
//! reads may see them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::chunk::{self, Columns, EncodedChunk, FloatColumns, HistogramColumns, Run};
use super::super::error::{DiskError, Problem};
use super::super::head_chunks::{HeadChunk, HeadChunkFiles};
use super::super::tombstones::Intervals;
use super::late::{Deletions, Late};
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp, is_stale};

/// So many floats make a chunk.
const FLOATS: usize = chunk::MOST_SAMPLES;
/// So many histograms make a chunk: waiting they take much more memory.
const HISTOGRAMS: usize = 40;

/// A series of the head.
#[derive(Debug)]
pub(in crate::store::disk) struct HeadSeries {
    /// Which series it is.
    pub(in crate::store::disk) labels: Labels,
    /// Its number in the log.
    pub(in crate::store::disk) number: u64,
    data: Mutex<Data>,
}

/// A chunk that is full.
#[derive(Clone, Debug)]
pub(in crate::store::disk) enum Sealed {
    /// In one of the files of head chunks.
    File(HeadChunk),
    /// In memory.
    Memory(Arc<EncodedChunk>),
}

/// What a reader sees of a series.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct SeriesSamples {
    /// Chunks of samples that came in order; they do not overlap.
    pub(in crate::store::disk) chunks: Vec<Sealed>,
    /// The samples behind them.
    pub(in crate::store::disk) runs: Vec<Run>,
    /// Chunks of samples that came late.
    pub(in crate::store::disk) late_chunks: Vec<Sealed>,
    /// Samples that came late and are in none of those chunks, without those that are deleted.
    pub(in crate::store::disk) late_runs: Vec<Run>,
    /// What is deleted of all others.
    pub(in crate::store::disk) deleted: Intervals,
}

#[derive(Debug, Default)]
struct Data {
    chunks: Vec<Sealed>,
    /// Runs of samples behind the chunks. Only the last one grows.
    open: VecDeque<Open>,
    late: Option<Box<Late>>,
    deleted: Deletions,
}

/// Samples that wait to fill a chunk.
#[derive(Debug)]
struct Open {
    run: Run,
    /// The commit of each sample; they rise.
    commits: Vec<u64>,
}

impl Sealed {
    /// The times that samples of the chunk may have.
    pub(in crate::store::disk) fn range(&self) -> TimeRange {
        match self {
            Sealed::File(chunk) => chunk.range(),
            Sealed::Memory(chunk) => chunk.range,
        }
    }

    fn is_histogram(&self) -> bool {
        match self {
            Sealed::File(chunk) => chunk.encoding.is_histogram(),
            Sealed::Memory(chunk) => chunk.encoding.is_histogram(),
        }
    }
}

impl HeadSeries {
    /// A series without samples.
    pub(super) fn new(labels: Labels, number: u64) -> Self {
        HeadSeries { labels, number, data: Mutex::default() }
    }

    /// Whoever held the lock has left whole samples behind, even if it panicked.
    fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time of the last sample that came in order.
    pub(in crate::store::disk) fn last_time(&self) -> Option<Timestamp> {
        self.data().last_time()
    }

    /// Appends a sample that is later than all that came in order. Everyone sees the samples up to commit `seen`. No
    /// chunk has samples of more than one block, and each block is as long as `block_range`.
    pub(super) fn append(
        &self,
        (time, start, value): (Timestamp, Timestamp, SampleValue),
        commit: u64,
        seen: u64,
        block_range: i64,
    ) {
        let mut data = self.data();
        // Scrapes end every series that they miss with a float, whatever its kind.
        let value = match value {
            SampleValue::Float(value) if is_stale(value) && data.ends_with_histogram() => {
                SampleValue::Histogram(Arc::new(Histogram::stale()))
            }
            value => value,
        };
        match data.open.back_mut() {
            Some(open) if open.takes(&value) && open.is_of_block(time, block_range) => {
                open.push(time, start, value, commit);
            }
            _ => {
                let mut open = Open { run: Run::for_kind_of(&value), commits: Vec::new() };
                open.push(time, start, value, commit);
                data.open.push_back(open);
            }
        }
        data.seal(seen);
    }

    /// Makes chunks of samples of commits up to `seen`, which everyone sees, if there are enough.
    pub(in crate::store::disk) fn seal(&self, seen: u64) {
        self.data().seal(seen);
    }

    /// The value that there is at a time and that is not deleted.
    pub(in crate::store::disk) fn at(
        &self,
        time: Timestamp,
        files: &HeadChunkFiles,
    ) -> Result<Option<SampleValue>, DiskError> {
        let samples = self.samples(TimeRange::new(time, time), u64::MAX);
        if let Some(value) = samples.late_runs.iter().find_map(|run| run.at(time)) {
            return Ok(Some(value));
        }
        if samples.deleted.contain(time) {
            return Ok(None);
        }
        if let Some(value) = samples.runs.iter().find_map(|run| run.at(time)) {
            return Ok(Some(value));
        }
        for chunk in samples.chunks.iter().chain(&samples.late_chunks) {
            let mut columns = Columns::default();
            match chunk {
                Sealed::File(chunk) => {
                    files.decode(chunk, &mut Vec::new(), &mut columns)?;
                }
                Sealed::Memory(chunk) => {
                    let corrupt = |problem: Problem| problem.at(0).in_file(Path::new("memory"));
                    chunk::decode(chunk.encoding, &chunk.data, &mut columns).map_err(corrupt)?;
                }
            }
            if let Some(value) = Run::from_columns(columns).at(time) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Adds a sample that came late, unless there is one at that time that came late, too, and is not deleted.
    pub(super) fn insert(&self, sample: (Timestamp, Timestamp, SampleValue), commit: u64) {
        let data = &mut *self.data();
        data.late.get_or_insert_default().insert(sample, commit, &data.deleted);
    }

    /// Says that `commit` deletes the samples in a stretch of time. Late samples that come after it are not deleted.
    pub(in crate::store::disk) fn delete(&self, range: TimeRange, commit: u64) {
        self.data().deleted.add(range, commit);
    }

    /// Begins anew with these chunks, as the log demands when it names a series again. What is deleted stays deleted.
    pub(super) fn reset(&self, chunks: Vec<HeadChunk>, late_chunks: Vec<HeadChunk>) {
        let chunks = chunks.into_iter().map(Sealed::File).collect();
        let mut data = self.data();
        let deleted = std::mem::take(&mut data.deleted);
        *data = Data { chunks, open: VecDeque::new(), late: Late::of_chunks(late_chunks), deleted };
    }

    /// Forgets the late samples that are in no chunk.
    pub(super) fn forget_late_samples(&self) {
        if let Some(late) = &mut self.data().late {
            late.forget_samples();
        }
    }

    /// Forgets everything up to `commit` that is earlier than `time`: it is in a block. A chunk that reaches over it
    /// stays.
    pub(super) fn drop_before(&self, time: Timestamp, commit: u64) {
        let mut data = self.data();
        data.chunks.retain(|chunk| chunk.range().end >= time);
        for open in &mut data.open {
            open.drop_before(time);
        }
        data.open.retain(|open| !open.commits.is_empty());
        data.deleted.drop_before(time);
        data.late.take_if(|late| !late.drop_before(time, commit));
    }

    /// The times of everything that there is up to `commit`, late samples included.
    pub(in crate::store::disk) fn range(&self, commit: u64) -> Option<TimeRange> {
        let data = self.data();
        let open = data.open.iter().filter_map(|open| {
            let times = &open.run.timestamps()[..open.visible(commit)];
            Some(TimeRange::new(*times.first()?, *times.last()?))
        });
        let late = data.late.as_deref();
        let late_chunks = late.into_iter().flat_map(|late| late.chunks.iter().map(Sealed::range));
        let late_samples = late.into_iter().flat_map(|late| {
            let mut times = late.times(TimeRange::ALL, commit);
            let first = times.next();
            first.map(|first| TimeRange::new(first, times.next_back().unwrap_or(first)))
        });
        let chunks = data.chunks.iter().map(Sealed::range);
        chunks.chain(open).chain(late_chunks).chain(late_samples).reduce(TimeRange::union)
    }

    /// Whether there may be samples in `range` up to `commit`.
    pub(in crate::store::disk) fn overlaps(&self, range: TimeRange, commit: u64) -> bool {
        let data = self.data();
        let chunks = |chunks: &[Sealed]| chunks.iter().any(|chunk| chunk.range().overlaps(range));
        let open = |open: &Open| {
            let times = &open.run.timestamps()[..open.visible(commit)];
            times.first().zip(times.last()).is_some_and(|(a, b)| TimeRange::new(*a, *b).overlaps(range))
        };
        chunks(&data.chunks)
            || data.open.iter().any(open)
            || data
                .late
                .as_ref()
                .is_some_and(|late| chunks(&late.chunks) || late.times(range, commit).next().is_some())
    }

    /// What there is in `range` up to `commit`. Chunks may reach over the range.
    pub(in crate::store::disk) fn samples(&self, range: TimeRange, commit: u64) -> SeriesSamples {
        let data = self.data();
        let overlapping = |chunks: &[Sealed]| -> Vec<Sealed> {
            chunks.iter().filter(|chunk| chunk.range().overlaps(range)).cloned().collect()
        };
        let mut samples = SeriesSamples {
            chunks: overlapping(&data.chunks),
            runs: data.open.iter().filter_map(|open| open.copy(range, commit)).collect(),
            ..SeriesSamples::default()
        };
        if let Some(late) = &data.late {
            samples.late_chunks = overlapping(&late.chunks);
            samples.late_runs = late.runs(range, commit, &data.deleted);
        }
        samples.deleted = data.deleted.seen_by(commit);
        samples
    }

    /// Calls `f` with stretches of time that together have all samples.
    pub(super) fn for_each_stretch(&self, mut f: impl FnMut(TimeRange)) {
        let data = self.data();
        let late = data.late.as_deref();
        let late_chunks = late.into_iter().flat_map(|late| &late.chunks);
        data.chunks.iter().chain(late_chunks).for_each(|chunk| f(chunk.range()));
        let open = data.open.iter().flat_map(|open| open.run.timestamps());
        let late_samples = late.into_iter().flat_map(|late| late.times(TimeRange::ALL, u64::MAX));
        open.copied().chain(late_samples).for_each(|time| f(TimeRange::new(time, time)));
    }

    /// Whether there is anything that came late.
    pub(in crate::store::disk) fn has_late(&self) -> bool {
        self.data().late.is_some()
    }

    /// How many late samples are in no chunk.
    pub(in crate::store::disk) fn late_count(&self) -> usize {
        self.data().late.as_ref().map_or(0, |late| late.count())
    }

    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        let data = self.data();
        data.chunks.is_empty() && data.open.is_empty() && data.late.is_none()
    }
}

impl Data {
    fn last_time(&self) -> Option<Timestamp> {
        match self.open.back() {
            Some(open) => open.run.timestamps().last().copied(),
            None => self.chunks.last().map(|chunk| chunk.range().end),
        }
    }

    fn ends_with_histogram(&self) -> bool {
        match self.open.back() {
            Some(open) => matches!(open.run, Run::Histograms(_)),
            None => self.chunks.last().is_some_and(Sealed::is_histogram),
        }
    }

    /// Makes chunks of samples that everyone sees, if there are enough or no more will come.
    fn seal(&mut self, seen: u64) {
        while let Some(first) = self.open.front() {
            let enough = match first.run {
                Run::Floats(_) => FLOATS,
                Run::Histograms(_) => HISTOGRAMS,
            };
            let (len, visible, is_last) = (first.commits.len(), first.visible(seen), self.open.len() == 1);
            let count = if visible == len && !is_last { len } else { visible / enough * enough };
            let full = match self.open.front_mut() {
                Some(first) if count > 0 => first.split_off_front(count),
                _ => return,
            };
            let mut chunks = Vec::new();
            for start in (0..count).step_by(enough) {
                chunk::encode(&full.slice(start..count.min(start + enough)), &mut chunks);
            }
            self.chunks.extend(chunks.into_iter().map(|chunk| Sealed::Memory(Arc::new(chunk))));
            if count < len {
                return;
            }
            self.open.pop_front();
        }
    }
}

impl Open {
    fn takes(&self, value: &SampleValue) -> bool {
        matches!(
            (&self.run, value),
            (Run::Floats(_), SampleValue::Float(_)) | (Run::Histograms(_), SampleValue::Histogram(_))
        )
    }

    /// Whether `time` is in the same block as the samples so far.
    fn is_of_block(&self, time: Timestamp, range: i64) -> bool {
        let block = |time: &Timestamp| time.div_euclid(range);
        self.run.timestamps().last().is_none_or(|last| block(last) == block(&time))
    }

    fn push(&mut self, time: Timestamp, start: Timestamp, value: SampleValue, commit: u64) {
        match (&mut self.run, value) {
            (Run::Floats(columns), SampleValue::Float(value)) => columns.push(time, value, start),
            (Run::Histograms(columns), SampleValue::Histogram(mut value)) => {
                Arc::make_mut(&mut value).follow(columns.values.last().map(|before| &**before));
                columns.push(time, value, start);
            }
            _ => return,
        }
        self.commits.push(commit);
    }

    /// How many samples a reader of `commit` sees.
    fn visible(&self, commit: u64) -> usize {
        self.commits.partition_point(|c| *c <= commit)
    }

    /// The samples in `range` that a reader of `commit` sees.
    fn copy(&self, range: TimeRange, commit: u64) -> Option<Run> {
        let times = &self.run.timestamps()[..self.visible(commit)];
        let from = times.partition_point(|t| *t < range.start);
        let to = times.partition_point(|t| *t <= range.end);
        (from < to).then(|| self.run.slice(from..to))
    }

    /// Takes the first `count` samples.
    fn split_off_front(&mut self, count: usize) -> Run {
        self.commits.drain(..count);
        let front = self.run.slice(0..count);
        self.run = self.run.slice(count..self.run.timestamps().len());
        front
    }

    fn drop_before(&mut self, time: Timestamp) {
        let count = self.run.timestamps().partition_point(|t| *t < time);
        if count > 0 {
            self.split_off_front(count);
        }
    }
}

impl Run {
    fn for_kind_of(value: &SampleValue) -> Run {
        match value {
            SampleValue::Float(_) => Run::Floats(FloatColumns::default()),
            SampleValue::Histogram(_) => Run::Histograms(HistogramColumns::default()),
        }
    }
}
