//! Samples on their way into a store: collected, checked, and then visible all at once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::append_error::{AppendError, AppendErrorKind};
use super::series::{Fit, MemorySeries, fit_after};
use super::snapshot::Contents;
use super::writing::Writing;
use crate::model::value::SampleValue;
use crate::model::{Labels, TimeRange, Timestamp};

/// A series of a store, for appending to it without looking up its labels again. It is good for the store that it
/// came from, until that is cleared.
#[derive(Clone, Debug)]
pub struct SeriesRef(pub(super) Arc<MemorySeries>);

impl SeriesRef {
    /// Which series it is.
    pub fn labels(&self) -> &Labels {
        &self.0.labels
    }
}

/// Collects samples and appends them in one go; from [`MemoryStore::appender`](super::MemoryStore::appender).
///
/// Samples of one series come in order of time; the same sample twice counts once. Nobody sees any of them before
/// [`commit`](Appender::commit), and everybody sees all of them after it. An appender that is dropped, or rolled
/// back, has appended nothing. Several appenders may be in use at once.
#[derive(Debug)]
pub struct Appender {
    contents: Arc<Contents>,
    samples: Vec<PendingSample>,
    series: Vec<PendingSeries>,
    /// The place in `series` of the series at an address.
    places: FxHashMap<usize, u32>,
}

#[derive(Debug)]
struct PendingSample {
    series: u32,
    time: Timestamp,
    start: Timestamp,
    value: SampleValue,
}

#[derive(Debug)]
struct PendingSeries {
    series: Arc<MemorySeries>,
    /// The places in `samples` of the first and the latest sample.
    first: usize,
    last: usize,
}

impl Appender {
    pub(super) fn new(contents: Arc<Contents>) -> Self {
        Appender { contents, samples: Vec::new(), series: Vec::new(), places: FxHashMap::default() }
    }

    /// The series with these labels, which comes into being with its first sample.
    pub fn series(&self, labels: &Labels) -> SeriesRef {
        SeriesRef(self.contents.series_named(labels))
    }

    /// Adds a sample to the series with these labels.
    pub fn append(
        &mut self,
        labels: &Labels,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
    ) -> Result<SeriesRef, AppendError> {
        let series = self.series(labels);
        self.append_to(&series, timestamp, value)?;
        Ok(series)
    }

    /// Adds a sample to a series.
    pub fn append_to(
        &mut self,
        series: &SeriesRef,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
    ) -> Result<(), AppendError> {
        self.append_with_start(series, timestamp, value, 0)
    }

    /// Adds a sample of a counter that began at `start_timestamp` (in ms, 0 where that is unknown) to a series.
    pub fn append_with_start(
        &mut self,
        series: &SeriesRef,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
        start_timestamp: Timestamp,
    ) -> Result<(), AppendError> {
        let value = value.into();
        let error = |kind| error(&series.0, timestamp, kind);
        if series.0.labels.is_empty() {
            return Err(error(AppendErrorKind::EmptyLabels));
        }
        if let SampleValue::Histogram(histogram) = &value {
            histogram.validate().map_err(|reason| error(AppendErrorKind::InvalidHistogram(reason)))?;
        }
        let next = self.samples.len();
        let address = Arc::as_ptr(&series.0) as usize;
        let place = match self.places.get(&address) {
            Some(&place) => {
                let pending = &mut self.series[place as usize];
                let last = &self.samples[pending.last];
                if fit_after(last.time, &last.value, timestamp, &value).map_err(error)? == Fit::Known {
                    return Ok(());
                }
                pending.last = next;
                place
            }
            None => {
                if series.0.read().fit(timestamp, &value).map_err(error)? == Fit::Known {
                    return Ok(());
                }
                let place = self.series.len() as u32;
                self.places.insert(address, place);
                self.series.push(PendingSeries { series: series.0.clone(), first: next, last: next });
                place
            }
        };
        self.samples.push(PendingSample { series: place, time: timestamp, start: start_timestamp, value });
        Ok(())
    }

    /// Makes all samples visible at once.
    ///
    /// If another appender has meanwhile appended something that one of the samples does not fit to, the error names
    /// that sample, and nothing is appended.
    pub fn commit(self) -> Result<(), AppendError> {
        let Appender { contents, samples, series, .. } = self;
        if samples.is_empty() {
            return Ok(());
        }
        let mut writing = Writing::begin(&contents);
        let mut known = Vec::with_capacity(series.len());
        for pending in &series {
            let first = &samples[pending.first];
            let fit = pending.series.read().fit(first.time, &first.value);
            known.push(fit.map_err(|kind| error(&pending.series, first.time, kind))? == Fit::Known);
        }
        for (at, sample) in samples.into_iter().enumerate() {
            let place = sample.series as usize;
            if at == series[place].first && known[place] {
                continue;
            }
            let times = TimeRange::new(sample.time, sample.time);
            writing.change(&series[place].series, times, 1, |samples, table| {
                samples.push(sample.time, sample.value, sample.start, table);
            });
        }
        writing.publish();
        Ok(())
    }

    /// Forgets all samples.
    pub fn rollback(self) {}
}

fn error(series: &MemorySeries, timestamp: Timestamp, kind: AppendErrorKind) -> AppendError {
    AppendError { labels: series.labels.clone(), timestamp, kind }
}
