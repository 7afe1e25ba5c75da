//! A series with all its samples, as columns: what is handed to a store, and what a file of samples is read into.

use std::sync::Arc;

use super::samples::{FloatBatch, Flow, HistogramBatch, SampleSink};
use super::{Series, StoreError};
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};

/// A series and its samples. No time occurs both among the floats and among the histograms.
///
/// It is a [`Series`] that can be read, and a [`SampleSink`] that collects what it is sent.
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

    fn check(&self) -> Result<(), SeriesDataError> {
        let (count, starts) = (self.timestamps.len(), self.start_timestamps.len());
        if self.values.len() != count || (starts != 0 && starts != count) {
            return Err(SeriesDataError::Uneven);
        }
        match self.timestamps.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(SeriesDataError::NotRising { timestamp: pair[1], before: pair[0] }),
            None => Ok(()),
        }
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

    /// Appends all samples of `other`, whose times have to lie after all others.
    pub fn append(&mut self, other: &SampleColumns<V>)
    where
        V: Clone,
    {
        for (i, (&timestamp, value)) in other.timestamps.iter().zip(&other.values).enumerate() {
            self.push(timestamp, value.clone(), other.start_timestamps.get(i).copied().unwrap_or(0));
        }
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

    /// Checks what the columns promise: equal lengths, and times that rise and occur once.
    pub(crate) fn check(&self) -> Result<(), SeriesDataError> {
        self.floats.check()?;
        self.histograms.check()?;
        let floats = &self.floats.timestamps;
        match self.histograms.timestamps.iter().find(|time| floats.binary_search(time).is_ok()) {
            Some(&timestamp) => Err(SeriesDataError::TwoKinds { timestamp }),
            None => Ok(()),
        }
    }

    /// Hands the samples in `range` to `sink`, as [`Series::read`] asks.
    pub(crate) fn send(&self, range: TimeRange, sink: &mut dyn SampleSink) {
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
                return;
            };
            if flow == Flow::Stop {
                return;
            }
        }
    }
}

/// A series that is its own store's answer.
impl Series for SeriesData {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        self.send(range, sink);
        Ok(())
    }
}

/// Appends what it is sent.
impl SampleSink for SeriesData {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.floats.extend_from(batch.timestamps, batch.values, batch.start_timestamps);
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.histograms.extend_from(batch.timestamps, batch.values, batch.start_timestamps);
        Flow::Continue
    }
}

impl<V: Clone> SampleColumns<V> {
    /// Appends columns; `starts` may be empty.
    pub(crate) fn extend_from(&mut self, timestamps: &[Timestamp], values: &[V], starts: &[Timestamp]) {
        if !starts.is_empty() || !self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.timestamps.len(), 0);
            self.start_timestamps.extend_from_slice(starts);
            self.start_timestamps.resize(self.timestamps.len() + timestamps.len(), 0);
        }
        self.timestamps.extend_from_slice(timestamps);
        self.values.extend_from_slice(values);
    }
}

/// What is wrong with the columns of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeriesDataError {
    /// There are not as many values, or start timestamps, as times.
    Uneven,
    /// A time is not after the one before it.
    NotRising { timestamp: Timestamp, before: Timestamp },
    /// A time has a float and a histogram.
    TwoKinds { timestamp: Timestamp },
}

impl std::fmt::Display for SeriesDataError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SeriesDataError::Uneven => f.write_str("columns of samples differ in length"),
            SeriesDataError::NotRising { timestamp, before } => {
                write!(f, "sample at {timestamp} ms does not come after the one at {before} ms")
            }
            SeriesDataError::TwoKinds { timestamp } => {
                write!(f, "both a float and a histogram at {timestamp} ms")
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
