//! A series with all its samples, as columns: what is handed to a store, and what a file of samples is read into.

use std::sync::Arc;

use super::StoreError;
use super::samples::{FloatBatch, Flow, HistogramBatch, SampleSink};
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};

/// A series and its samples. No time occurs both among the floats and among the histograms.
///
/// ```
/// use promqlite::Labels;
/// use promqlite::store::SeriesData;
///
/// let mut up = SeriesData::new(Labels::from_pairs([("__name__", "up"), ("job", "node")]));
/// up.push(0, 1.0).push(15_000, 0.0);
/// assert_eq!(up.floats.timestamps, [0, 15_000]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesData {
    /// Which series.
    pub labels: Labels,
    /// Its float samples.
    pub floats: SampleColumns<f64>,
    /// Its histogram samples.
    pub histograms: SampleColumns<Arc<Histogram>>,
}

/// Samples of one kind in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleColumns<V> {
    /// Times in ms, strictly rising.
    pub timestamps: Vec<Timestamp>,
    /// A value for each time.
    pub values: Vec<V>,
    /// When the counter behind each sample began, in ms, 0 where unknown; empty when unknown for all.
    pub start_timestamps: Vec<Timestamp>,
}

impl<V> Default for SampleColumns<V> {
    fn default() -> Self {
        SampleColumns { timestamps: Vec::new(), values: Vec::new(), start_timestamps: Vec::new() }
    }
}

impl<V> SampleColumns<V> {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// Appends a sample; `start_timestamp` is 0 where it is unknown.
    pub fn push(&mut self, timestamp: Timestamp, value: V, start_timestamp: Timestamp) {
        if start_timestamp != 0 && self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.timestamps.len(), 0);
        }
        if start_timestamp != 0 || !self.start_timestamps.is_empty() {
            self.start_timestamps.push(start_timestamp);
        }
        self.timestamps.push(timestamp);
        self.values.push(value);
    }
}

impl SeriesData {
    /// A series without samples.
    pub fn new(labels: Labels) -> Self {
        SeriesData { labels, ..SeriesData::default() }
    }

    /// Appends a sample, whose time has to lie after all others.
    pub fn push(&mut self, timestamp: Timestamp, value: impl Into<SampleValue>) -> &mut Self {
        self.push_with_start(timestamp, value, 0)
    }

    /// Appends a sample of a counter that began at `start_timestamp`, 0 where that is unknown.
    pub fn push_with_start(
        &mut self,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
        start_timestamp: Timestamp,
    ) -> &mut Self {
        match value.into() {
            SampleValue::Float(value) => self.floats.push(timestamp, value, start_timestamp),
            SampleValue::Histogram(value) => self.histograms.push(timestamp, value, start_timestamp),
        }
        self
    }

    /// The times of the first and the last sample, or `None` when there is no sample.
    pub fn time_range(&self) -> Option<TimeRange> {
        let of = |timestamps: &[Timestamp]| Some(TimeRange::new(*timestamps.first()?, *timestamps.last()?));
        match (of(&self.floats.timestamps), of(&self.histograms.timestamps)) {
            (Some(floats), Some(histograms)) => Some(floats.union(histograms)),
            (floats, histograms) => floats.or(histograms),
        }
    }

    /// Hands the samples in `range` to `sink`, as [`Series::read`](super::Series::read) asks.
    pub fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        let mut floats = Within::new(&self.floats.timestamps, range);
        let mut histograms = Within::new(&self.histograms.timestamps, range);
        loop {
            let flow = if let Some(part) = floats.take_before(histograms.next_time()) {
                let columns = &self.floats;
                sink.floats(FloatBatch {
                    timestamps: &columns.timestamps[part.clone()],
                    values: &columns.values[part.clone()],
                    start_timestamps: columns.start_timestamps.get(part).unwrap_or(&[]),
                    timestamps_id: None,
                })
            } else if let Some(part) = histograms.take_before(floats.next_time()) {
                let columns = &self.histograms;
                sink.histograms(HistogramBatch {
                    timestamps: &columns.timestamps[part.clone()],
                    values: &columns.values[part.clone()],
                    start_timestamps: columns.start_timestamps.get(part).unwrap_or(&[]),
                })
            } else {
                return Ok(());
            };
            if flow == Flow::Stop {
                return Ok(());
            }
        }
    }
}

/// The part of a column of timestamps that lies in a range and has not been handed out.
struct Within<'a> {
    timestamps: &'a [Timestamp],
    next: usize,
    end: usize,
}

impl<'a> Within<'a> {
    fn new(timestamps: &'a [Timestamp], range: TimeRange) -> Self {
        let next = timestamps.partition_point(|t| *t < range.start);
        let end = timestamps.partition_point(|t| *t <= range.end).max(next);
        Within { timestamps, next, end }
    }

    fn next_time(&self) -> Option<Timestamp> {
        self.timestamps[self.next..self.end].first().copied()
    }

    /// Takes what lies before `limit`, or all that is left; `None` if that is nothing.
    fn take_before(&mut self, limit: Option<Timestamp>) -> Option<std::ops::Range<usize>> {
        let left = &self.timestamps[self.next..self.end];
        let count = limit.map_or(left.len(), |limit| left.partition_point(|t| *t < limit));
        let part = self.next..self.next + count;
        self.next = part.end;
        (!part.is_empty()).then_some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_timestamps_appear_when_one_is_known() {
        let mut columns = SampleColumns::default();
        columns.push(10, 1.0, 0);
        assert!(columns.start_timestamps.is_empty());
        columns.push(20, 2.0, 15);
        columns.push(30, 3.0, 0);
        assert_eq!(columns.start_timestamps, [0, 15, 0]);
    }
}
