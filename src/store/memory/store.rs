//! The store in memory.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::append_error::{AppendError, AppendErrorKind};
use super::appender::Appender;
use super::snapshot::{Contents, MemoryView, ReaderGuard, readers};
use super::timeline::hash_of;
use super::writing::Writing;
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, Matcher, TimeRange, Timestamp};
use crate::store::series_data::SeriesDataError;
use crate::store::{Metadata, SelectRequest, SeriesData, SeriesIter, SeriesStore, StoreError};

/// Series in memory, for queries and appends from any number of threads.
///
/// ```
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let store = MemoryStore::new();
/// let mut appender = store.appender();
/// let requests = appender.series(&Labels::metric("requests_total").with("code", "200"));
/// for minute in 0..=10 {
///     appender.append_to(&requests, minute * 60_000, minute as f64 * 30.0)?;
/// }
/// appender.commit()?;
/// let answer = Engine::default().instant(&store, "rate(requests_total[5m])", 600_000)?;
/// assert_eq!(answer.value.into_vector()?.only().unwrap().value, 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A query sees one state of the store from beginning to end and waits for no append; an append waits for no query.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: RwLock<Arc<Contents>>,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// How many series have samples.
    pub series: usize,
    /// How many samples have been appended.
    pub samples: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that holds these series; see [`extend`](MemoryStore::extend).
    pub fn from_series(series: impl IntoIterator<Item = SeriesData>) -> Result<Self, AppendError> {
        let store = MemoryStore::new();
        store.extend(series)?;
        Ok(store)
    }

    /// Begins to append.
    pub fn appender(&self) -> Appender {
        Appender::new(self.contents())
    }

    /// Appends one sample, at once. For more than a few, an [`appender`](MemoryStore::appender) is faster.
    pub fn append(
        &self,
        labels: &Labels,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
    ) -> Result<(), AppendError> {
        let mut appender = self.appender();
        appender.append(labels, timestamp, value)?;
        appender.commit()
    }

    /// Appends whole columns, all series or, if one does not fit, none. Each column stays in one piece, so this is the
    /// way to bring in large amounts of samples. Columns whose times no other series has are packed.
    ///
    /// A series may be there already, or come twice; its samples have to come in order of time all the same.
    pub fn extend(&self, series: impl IntoIterator<Item = SeriesData>) -> Result<(), AppendError> {
        let contents = self.contents();
        let series: Vec<SeriesData> = series.into_iter().collect();
        let mut writing = Writing::begin(&contents);
        let mut targets = Vec::with_capacity(series.len());
        let mut latest: FxHashMap<&Labels, Timestamp> = FxHashMap::default();
        for data in &series {
            let error = |timestamp, kind| AppendError { labels: data.labels.clone(), timestamp, kind };
            let Some(times) = data.time_range() else {
                targets.push(None);
                continue;
            };
            check(data, times).map_err(|(timestamp, kind)| error(timestamp, kind))?;
            let target = contents.series_named(&data.labels);
            let last = match latest.get(&data.labels) {
                Some(last) => Some(*last),
                None => target.read().last_time(),
            };
            if let Some(last) = last.filter(|last| *last >= times.start) {
                return Err(error(times.start, AppendErrorKind::OutOfOrder { latest: last }));
            }
            latest.insert(&data.labels, times.end);
            targets.push(Some((target, times)));
        }
        let mut with_times: FxHashMap<u64, u32> = FxHashMap::default();
        for data in &series {
            *with_times.entry(hash_of(&data.floats.timestamps)).or_default() += 1;
        }
        for (data, target) in series.into_iter().zip(targets) {
            if let Some((target, times)) = target {
                let count = data.floats.len() + data.histograms.len();
                let shared = with_times[&hash_of(&data.floats.timestamps)] > 1;
                writing.change(&target, times, count, |samples, table| {
                    samples.extend(data.floats, data.histograms, shared, table);
                });
            }
        }
        writing.publish();
        Ok(())
    }

    /// What is known of the metric `name` beyond its samples, from here on.
    pub fn set_metadata(&self, name: &str, metadata: Metadata) {
        let contents = self.contents();
        contents.metadata.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), metadata);
    }

    /// Lays the samples of each series together in one piece, which makes them faster to read. Worth its while after
    /// many samples have been appended one by one; not needed after [`extend`](MemoryStore::extend).
    pub fn seal(&self) {
        let contents = self.contents();
        let series = contents.indexed.read().unwrap_or_else(PoisonError::into_inner).series.clone();
        for series in series {
            let mut table = contents.table.lock().unwrap_or_else(PoisonError::into_inner);
            series.write().seal(&mut table);
        }
    }

    /// Forgets everything. Queries under way keep what they see; what an appender has collected is lost.
    pub fn clear(&self) {
        *self.contents.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// How much the store holds.
    pub fn stats(&self) -> MemoryStats {
        let state = self.contents().states().latest;
        MemoryStats { series: state.series as usize, samples: state.samples }
    }

    fn contents(&self) -> Arc<Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn latest(&self) -> ReaderGuard {
        ReaderGuard::latest(self.contents())
    }
}

/// Checks a series by itself; tells what is wrong with the sample at which time.
fn check(data: &SeriesData, times: TimeRange) -> Result<(), (Timestamp, AppendErrorKind)> {
    if data.labels.is_empty() {
        return Err((times.start, AppendErrorKind::EmptyLabels));
    }
    data.check().map_err(|error| match error {
        SeriesDataError::Uneven => (times.start, AppendErrorKind::UnevenColumns),
        SeriesDataError::NotRising { timestamp, before } => {
            (timestamp, AppendErrorKind::OutOfOrder { latest: before })
        }
        SeriesDataError::TwoKinds { timestamp } => (timestamp, AppendErrorKind::TwoKinds),
    })?;
    let histograms = data.histograms.timestamps.iter().zip(&data.histograms.values);
    let invalid = |(time, histogram): (&Timestamp, &Arc<Histogram>)| {
        Some((*time, AppendErrorKind::InvalidHistogram(histogram.validate().err()?)))
    };
    histograms.into_iter().find_map(invalid).map_or(Ok(()), Err)
}

impl SeriesStore for MemoryStore {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let guard = Arc::new(self.latest());
        Ok(readers(guard.select(request), guard.state.commit, request.range, Some(guard)))
    }

    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        Some(Box::new(MemoryView { guard: self.latest() }))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        Ok(self.latest().label_names(matchers, range))
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        Ok(self.latest().label_values(name, matchers, range))
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.latest().metadata(name)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.contents().states().latest.times
    }

    fn series_count(&self) -> Option<usize> {
        Some(self.stats().series)
    }
}
