//! The last samples of each series, in rings of one length.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use promqlite::Labels;
use promqlite::model::TimeRange;
use promqlite::store::{FloatBatch, SampleSink, SelectRequest, Series, SeriesIter, SeriesStore, StoreError};

/// Remembers so many samples of each series.
#[derive(Debug)]
pub struct Ring {
    length: usize,
    series: RwLock<BTreeMap<Labels, Arc<Samples>>>,
}

#[derive(Clone, Debug, Default)]
struct Samples {
    times: Vec<i64>,
    values: Vec<f64>,
}

impl Ring {
    /// An empty memory for so many samples of each series.
    pub fn new(length: usize) -> Ring {
        Ring { length, series: RwLock::default() }
    }

    /// Remembers a sample, which is later than all others of its series.
    pub fn push(&self, labels: Labels, time: i64, value: f64) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever reads the series at the moment keeps what it had.
        let samples = Arc::make_mut(series.entry(labels).or_default());
        if samples.times.len() == self.length {
            samples.times.remove(0);
            samples.values.remove(0);
        }
        samples.times.push(time);
        samples.values.push(value);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot(self.series.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl SeriesStore for Ring {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(self.snapshot().matching(request).into_iter()))
    }

    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        Some(Box::new(self.snapshot()))
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.snapshot().time_range()
    }
}

/// One state of all rings.
struct Snapshot(BTreeMap<Labels, Arc<Samples>>);

impl Snapshot {
    fn matching<'s>(&self, request: &SelectRequest<'_>) -> Vec<Result<Box<dyn Series + 's>, StoreError>> {
        let matches = |labels: &Labels| request.matchers.iter().all(|m| m.matches(labels.value(&m.name)));
        let matching = self.0.iter().filter(|(labels, _)| matches(labels));
        let series = matching.map(|(labels, samples)| {
            let series = RingSeries { labels: labels.clone(), samples: samples.clone() };
            Ok(Box::new(series) as Box<dyn Series>)
        });
        series.collect()
    }
}

impl SeriesStore for Snapshot {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(self.matching(request).into_iter()))
    }

    fn time_range(&self) -> Option<TimeRange> {
        let times = || self.0.values().flat_map(|samples| samples.times.iter().copied());
        Some(TimeRange::new(times().min()?, times().max()?))
    }
}

struct RingSeries {
    labels: Labels,
    samples: Arc<Samples>,
}

impl Series for RingSeries {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        let Samples { times, values } = &*self.samples;
        let start = times.partition_point(|time| *time < range.start);
        let end = times.partition_point(|time| *time <= range.end);
        if start < end {
            let batch = FloatBatch {
                timestamps: &times[start..end],
                values: &values[start..end],
                start_timestamps: &[],
                timestamps_id: None,
            };
            let _ = sink.floats(batch);
        }
        Ok(())
    }
}
