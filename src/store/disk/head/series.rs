//! One series of the head.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::chunk::{Run, SampleValue, push_sample};
use super::super::head_chunks::HeadChunk;
use super::super::tombstones::Intervals;
use crate::model::{Histogram, Labels, TimeRange, Timestamp, is_stale};

/// A series of the head.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct HeadSeries {
    /// Which series it is.
    pub(in crate::store::disk) labels: Labels,
    /// Full chunks of samples that came in order; they do not overlap.
    pub(in crate::store::disk) chunks: Vec<HeadChunk>,
    /// The samples that came in order behind those chunks.
    pub(in crate::store::disk) runs: Vec<Run>,
    /// Full chunks of samples that came late.
    pub(in crate::store::disk) late_chunks: Vec<HeadChunk>,
    /// Samples that came late and are in none of those chunks.
    pub(in crate::store::disk) late_runs: Vec<Run>,
    /// What is deleted.
    pub(in crate::store::disk) deleted: Intervals,
}

/// Samples in order of their time, each with its start timestamp.
pub(super) type LateSamples = BTreeMap<Timestamp, (Timestamp, SampleValue)>;

impl HeadSeries {
    /// Appends a sample that came in order. One that is not later than the last is left out.
    pub(super) fn append(&mut self, time: Timestamp, start: Timestamp, value: SampleValue) {
        if self.last_time().is_some_and(|last| time <= last) {
            return;
        }
        // Scrapes end every series that they miss with a float, whatever its kind.
        let value = match value {
            SampleValue::Float(value) if is_stale(value) && self.ends_with_histogram() => {
                SampleValue::Histogram(Arc::new(Histogram::stale()))
            }
            value => value,
        };
        push_sample(&mut self.runs, time, start, value);
    }

    fn last_time(&self) -> Option<Timestamp> {
        match self.runs.last() {
            Some(run) => run.range().map(|range| range.end),
            None => self.chunks.last().map(|chunk| chunk.max_time),
        }
    }

    fn ends_with_histogram(&self) -> bool {
        match self.runs.last() {
            Some(run) => matches!(run, Run::Histograms(_)),
            None => self.chunks.last().is_some_and(|chunk| chunk.encoding.is_histogram()),
        }
    }

    /// The times of everything that there is, late samples included.
    pub(in crate::store::disk) fn range(&self) -> Option<TimeRange> {
        let chunks = self.chunks.iter().chain(&self.late_chunks).map(HeadChunk::range);
        let runs = self.runs.iter().chain(&self.late_runs).filter_map(Run::range);
        chunks.chain(runs).reduce(TimeRange::union)
    }

    /// Whether there may be samples in `range`.
    pub(in crate::store::disk) fn overlaps(&self, range: TimeRange) -> bool {
        let overlaps = |other: TimeRange| other.overlaps(range);
        self.chunks.iter().chain(&self.late_chunks).any(|chunk| overlaps(chunk.range()))
            || self.runs.iter().chain(&self.late_runs).filter_map(Run::range).any(overlaps)
    }
}

/// The samples as runs.
pub(super) fn into_runs(samples: LateSamples) -> Vec<Run> {
    let mut runs = Vec::new();
    for (time, (start, value)) in samples {
        push_sample(&mut runs, time, start, value);
    }
    runs
}
