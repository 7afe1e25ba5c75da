//! Where series come from: the one trait that the engine reads through, and the stores that come with it.
//!
//! A store knows series, samples and matchers; it knows nothing of PromQL. Anything that can answer "which series
//! match, and what are their samples in this time range" can be queried.

mod closure;
#[cfg(feature = "disk")]
pub mod disk;
mod forward;
pub mod memory;
mod merge;
mod request;
mod samples;
mod series_data;

use std::borrow::Cow;

pub use closure::ClosureStore;
#[cfg(feature = "disk")]
pub use disk::{DataDirectory, DiskStore};
pub use memory::MemoryStore;
pub use merge::MergedStore;
pub use request::{SelectHints, SelectRequest};
pub use samples::{FloatBatch, Flow, HistogramBatch, SampleSink, TimestampsId};
pub use series_data::{SampleColumns, SeriesData};

use crate::model::{Labels, Matcher, TimeRange};

/// A set of series that can be queried.
///
/// ```
/// use promqlite::store::{SelectRequest, Series, SeriesData, SeriesIter, SeriesStore, StoreError};
/// use promqlite::{Engine, Labels};
///
/// /// A list of series, sorted by labels. `SeriesData` can be read already.
/// struct List(Vec<SeriesData>);
///
/// impl SeriesStore for List {
///     fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
///         let holds = |s: &&SeriesData| request.matchers.iter().all(|m| m.matches(s.labels.value(&m.name)));
///         let selected: Vec<&SeriesData> = self.0.iter().filter(holds).collect();
///         Ok(Box::new(selected.into_iter().map(|series| Ok(Box::new(series.clone()) as Box<dyn Series>))))
///     }
/// }
///
/// let mut up = SeriesData::new(Labels::metric("up"));
/// up.push(0, 1.0);
/// let answer = Engine::default().instant(&List(vec![up]), "up + 1", 0)?;
/// assert_eq!(answer.value.into_vector()?.only().unwrap().value, 2.0);
/// # Ok::<(), promqlite::Error>(())
/// ```
///
/// Only [`select`](SeriesStore::select) is required. The engine calls [`view`](SeriesStore::view) once at the start
/// of a query and reads everything through that view, so that all selectors of one query see one state.
///
/// Methods may be called from several threads at once.
pub trait SeriesStore: Send + Sync {
    /// The series that match all of the request's matchers and may have samples in its time range, sorted by
    /// labels, each label set once.
    ///
    /// The engine calls this once for each selector of a query, or for several that are equal, before it reads any
    /// of their samples. A series without
    /// samples in the range may be among them. Hints are advice; matchers and time range are binding.
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError>;

    /// One consistent state of the store that stays as it is while it is held, or `None` when the store itself
    /// never changes under a reader. Taking it is cheap, does not wait for appends to end, and holds up none.
    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        None
    }

    /// The names of all labels of the series that match, sorted.
    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        let mut names = std::collections::BTreeSet::new();
        for series in self.select(&SelectRequest::new(matchers, range))? {
            names.extend(series?.labels().iter().map(|(name, _)| name.to_owned()));
        }
        Ok(names.into_iter().collect())
    }

    /// The values that the label `name` has among the series that match, sorted.
    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        let mut values = std::collections::BTreeSet::new();
        for series in self.select(&SelectRequest::new(matchers, range))? {
            values.extend(series?.labels().get(name).map(str::to_owned));
        }
        Ok(values.into_iter().collect())
    }

    /// What is known of the metric `name` beyond its samples: type, help, unit.
    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        let _ = name;
        None
    }

    /// The times of the oldest and the newest sample, or `None` when there is no sample or it is not known.
    fn time_range(&self) -> Option<TimeRange> {
        None
    }

    /// How many series there are, if that is known without counting.
    fn series_count(&self) -> Option<usize> {
        None
    }
}

/// The series of a [`select`](SeriesStore::select), labels first; samples are read only when asked for.
pub type SeriesIter<'s> = Box<dyn Iterator<Item = Result<Box<dyn Series + 's>, StoreError>> + 's>;

/// One series of a store. It may be read more than once, and from another thread than the one that selected it.
pub trait Series: Send + Sync {
    /// Which series it is.
    fn labels(&self) -> &Labels;

    /// Hands the samples whose time lies in `range` to `sink`: in order of time, each time once, in as few batches
    /// as the storage has pieces. Floats and histograms come in batches of their own, in order of time across both.
    ///
    /// Slices are lent for the length of the call to the sink, so a store that keeps columns copies nothing, and
    /// one that decodes can use one buffer for all batches. When the sink answers [`Flow::Stop`], return `Ok` at once.
    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError>;

    /// All samples whose time lies in `range`, if they are floats and lie in one piece that can be lent for as long as
    /// the series is held; then nobody makes a copy. Where this gives `None`, which is always right, the samples are
    /// [read](Series::read).
    fn lend(&self, range: TimeRange) -> Option<FloatBatch<'_>> {
        let _ = range;
        None
    }

    /// Tells that the samples in `range` will be asked for in a moment, after those of a few other series of which the
    /// same was told: a store can have them on their way by then.
    fn fetch(&self, range: TimeRange) {
        let _ = range;
    }
}

/// What a metric's `# TYPE`, `# HELP` and `# UNIT` lines tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `counter`, `gauge`, `histogram`, `summary`, `info`, `stateset`, ... or empty.
    pub metric_type: String,
    /// A sentence for people, or empty.
    pub help: String,
    /// `seconds`, `bytes`, ... or empty.
    pub unit: String,
}

/// A store could not read: what failed, and where.
#[derive(Debug)]
pub struct StoreError {
    /// What failed, with the place: a file and offset, a column, an address.
    pub message: String,
    /// What lies beneath.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error with a text and nothing beneath.
    pub fn new(message: impl Into<String>) -> Self {
        StoreError { message: message.into(), source: None }
    }

    /// The same with what lies beneath.
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError { source: Some(source.into()), ..self }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|e| e.as_ref() as _)
    }
}
