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

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::chunk::SampleValue;
use super::super::error::Problem;
use super::super::exemplars::Exemplar;
use super::super::head_chunks::{FoundChunk, HeadChunk, HeadChunkRef};
use super::super::wal::{LogVisitor, MetricMetadata, Sample};
use super::series::{HeadSeries, LateSamples, into_runs};
use super::snapshot::Snapshot;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::Metadata;

/// Takes head chunks, then the log of samples in order, then the log of late samples.
#[derive(Debug)]
pub(super) struct Replay {
    /// Samples in order that are earlier than this are in a block.
    min_valid_time: Timestamp,
    /// Which log is being read.
    late: bool,
    /// Where in it: segment, or the checkpoint, and offset.
    position: (Option<u64>, u64),
    snapshot: Snapshot,
    /// Chunks by the number of their series, until that number is met in the log.
    chunks: FxHashMap<u64, ChunksOfNumber>,
    /// The last chunk that was found.
    last_chunk: Option<HeadChunkRef>,
    series: Vec<ReplayedSeries>,
    by_number: FxHashMap<u64, usize>,
    by_labels: FxHashMap<Labels, usize>,
    exemplars: Vec<(usize, Exemplar)>,
    metadata: BTreeMap<String, Metadata>,
}

#[derive(Clone, Debug, Default)]
struct ChunksOfNumber {
    in_order: Vec<HeadChunk>,
    late: Vec<HeadChunk>,
}

#[derive(Debug, Default)]
struct ReplayedSeries {
    series: HeadSeries,
    late: LateSamples,
    /// Dropped for good: whatever comes under its number is not for a series that exists.
    dropped: bool,
}

/// What was put together.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// Series with samples, sorted by labels.
    pub(super) series: Vec<HeadSeries>,
    /// Exemplars in the order in which they came.
    pub(super) exemplars: Vec<(Labels, Exemplar)>,
    /// What is known of each metric.
    pub(super) metadata: BTreeMap<String, Metadata>,
}

impl Replay {
    /// A head without samples that are earlier than `min_valid_time`, with the exemplars of a snapshot.
    pub(super) fn new(min_valid_time: Timestamp, snapshot: Snapshot) -> Self {
        Replay {
            min_valid_time,
            position: (None, 0),
            snapshot,
            late: false,
            chunks: FxHashMap::default(),
            last_chunk: None,
            series: Vec::new(),
            by_number: FxHashMap::default(),
            by_labels: FxHashMap::default(),
            exemplars: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// Takes a head chunk.
    pub(super) fn chunk(&mut self, found: FoundChunk) -> Result<(), Problem> {
        self.last_chunk = Some(found.reference);
        if found.chunk.max_time < found.chunk.min_time {
            return Err(Problem::Invalid("a chunk ends before it begins"));
        }
        if !found.late && found.chunk.max_time < self.min_valid_time {
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

    /// What comes now is of the log of late samples.
    pub(super) fn begin_late(&mut self) {
        self.late = true;
    }

    /// The head.
    pub(super) fn finish(self) -> Replayed {
        let labels: Vec<Labels> = self.series.iter().map(|s| s.series.labels.clone()).collect();
        let mut exemplars = self.snapshot.exemplars;
        exemplars.extend(self.exemplars.into_iter().map(|(i, exemplar)| (labels[i].clone(), exemplar)));
        let mut series: Vec<HeadSeries> = self
            .series
            .into_iter()
            .filter(|replayed| !replayed.dropped)
            .map(|ReplayedSeries { mut series, late, .. }| {
                series.late_runs = into_runs(late);
                series
            })
            .filter(|series| series.range().is_some())
            .collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Replayed { series, exemplars, metadata: self.metadata }
    }

    /// The series with this number, if the log has named one. A checkpoint may keep samples of series that it drops.
    fn find(&mut self, number: u64) -> Option<&mut ReplayedSeries> {
        self.by_number.get(&number).map(|i| &mut self.series[*i]).filter(|series| !series.dropped)
    }

    fn sample(&mut self, series: u64, time: Timestamp, start: Timestamp, value: SampleValue) {
        if self.late {
            if let Some(found) = self.find(series) {
                found.late.entry(time).or_insert((start, value));
            }
        } else if time >= self.min_valid_time
            && let Some(found) = self.find(series)
        {
            found.series.append(time, start, value);
        }
    }
}

impl LogVisitor for Replay {
    fn position(&mut self, segment: Option<u64>, offset: u64) {
        self.position = (segment, offset);
    }

    fn series(&mut self, number: u64, labels: Labels) {
        let i = match self.by_labels.get(&labels) {
            Some(i) => *i,
            None => {
                let series = HeadSeries { labels: labels.clone(), ..HeadSeries::default() };
                self.series.push(ReplayedSeries { series, ..ReplayedSeries::default() });
                self.by_labels.insert(labels, self.series.len() - 1);
                self.series.len() - 1
            }
        };
        self.by_number.insert(number, i);
        // A series that comes back was dropped from memory before, because all it had was in a block.
        let chunks = self.chunks.get(&number).cloned().unwrap_or_default();
        let series = &mut self.series[i].series;
        series.chunks = chunks.in_order;
        series.late_chunks = chunks.late;
        series.runs.clear();
    }

    fn float(&mut self, sample: Sample<f64>) {
        self.sample(sample.series, sample.time, sample.start, SampleValue::Float(sample.value));
    }

    fn histogram(&mut self, sample: Sample<Histogram>) {
        let value = SampleValue::Histogram(Arc::new(sample.value));
        self.sample(sample.series, sample.time, sample.start, value);
    }

    fn tombstone(&mut self, number: u64, range: TimeRange) {
        if range == TimeRange::ALL {
            // Not a deletion by a user, whose ranges are cut to the times of the series: it was dropped.
            if let Some(series) = self.find(number) {
                series.dropped = true;
                let labels = series.series.labels.clone();
                self.by_labels.remove(&labels);
            }
        } else if range.end >= self.min_valid_time
            && let Some(series) = self.find(number)
        {
            series.series.deleted.add(range);
        }
    }

    fn exemplar(&mut self, number: u64, exemplar: Exemplar) {
        // What was there before the snapshot is in the snapshot.
        let position = (self.position.0.unwrap_or(0), self.position.1);
        let is_new =
            self.snapshot.position.is_none_or(|snapshot| self.position.0.is_some() && position >= snapshot);
        if is_new && exemplar.timestamp >= self.min_valid_time && self.find(number).is_some() {
            let i = self.by_number[&number];
            self.exemplars.push((i, exemplar));
        }
    }

    fn metadata(&mut self, number: u64, metadata: MetricMetadata<'_>) {
        if let Some(series) = self.find(number) {
            let name = series.series.labels.metric_name().to_owned();
            self.metadata.insert(name, metadata.into());
        }
    }

    fn marker(&mut self, number: u64, chunk: HeadChunkRef) {
        // A chunk that did not reach the disk does not count, though the log says that it was written.
        if self.last_chunk.is_some_and(|last| chunk <= last)
            && let Some(series) = self.find(number)
        {
            series.late.clear();
        }
    }
}
