//! One state of a store: what readers share, and the state that a query reads while appends go on.
//!
//! Nothing is copied to take a state: commits are numbered, samples and series are only ever added at the end, and
//! each series remembers how long it was after the commits that somebody still looks back to. A state is the number
//! of the latest commit and the number of series.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::index::LabelIndex;
use super::order::Order;
use super::reader::SeriesReader;
use super::series::{Commit, MemorySeries};
use super::timeline::SealedTable;
use crate::model::{Labels, Matcher, TimeRange};
use crate::store::{Metadata, SelectRequest, Series, SeriesIter, SeriesStore, StoreError};

/// Everything that a store holds until it is cleared.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// All series that were ever named, whether or not they have samples.
    named: RwLock<FxHashMap<Labels, Arc<MemorySeries>>>,
    pub(super) indexed: RwLock<Indexed>,
    order: RwLock<Arc<Order>>,
    pub(super) states: Mutex<States>,
    /// Held while samples are written.
    pub(super) table: Mutex<SealedTable>,
    pub(super) metadata: RwLock<FxHashMap<Box<str>, Metadata>>,
}

/// The series that have samples.
#[derive(Debug, Default)]
pub(super) struct Indexed {
    pub(super) series: Vec<Arc<MemorySeries>>,
    pub(super) index: LabelIndex,
}

/// Which states there are.
#[derive(Debug, Default)]
pub(super) struct States {
    pub(super) latest: State,
    /// How many readers hold the state after a commit, commits rising.
    held: Vec<(Commit, usize)>,
}

/// The store after a commit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) commit: Commit,
    /// How many series have samples.
    pub(super) series: u32,
    /// How many samples there are.
    pub(super) samples: u64,
    /// The times of the oldest and the latest sample.
    pub(super) times: Option<TimeRange>,
}

impl States {
    /// The oldest state that somebody looks at or may come to look at.
    pub(super) fn oldest(&self) -> Commit {
        self.held.first().map_or(self.latest.commit, |(commit, _)| *commit)
    }

    /// Holds on to the latest state.
    fn hold(&mut self) -> State {
        match self.held.last_mut() {
            Some((commit, readers)) if *commit == self.latest.commit => *readers += 1,
            _ => self.held.push((self.latest.commit, 1)),
        }
        self.latest
    }

    /// Takes back one [`hold`](States::hold).
    fn release(&mut self, state: &State) {
        if let Ok(place) = self.held.binary_search_by_key(&state.commit, |(commit, _)| *commit) {
            self.held[place].1 -= 1;
            if self.held[place].1 == 0 {
                self.held.remove(place);
            }
        }
    }
}

impl Contents {
    pub(super) fn states(&self) -> MutexGuard<'_, States> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The series with these labels, which is invisible as long as it has no samples.
    pub(super) fn series_named(&self, labels: &Labels) -> Arc<MemorySeries> {
        if let Some(known) = self.named.read().unwrap_or_else(PoisonError::into_inner).get(labels) {
            return known.clone();
        }
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(MemorySeries::new(labels.clone()));
        named.entry(labels.clone()).or_insert_with(new).clone()
    }

    /// The order of at least the first `count` series.
    fn order_of(&self, count: u32, indexed: &Indexed) -> Arc<Order> {
        let known = self.order.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.len() >= count as usize {
            return known;
        }
        let mut order = self.order.write().unwrap_or_else(PoisonError::into_inner);
        if order.len() < count as usize {
            let all = indexed.series.len();
            let labels = |number: u32| &indexed.series[number as usize].labels;
            *order = Arc::new(match order.is_outgrown_by(all) {
                true => Order::new(indexed.index.in_order_of_labels(all)),
                false => order.extended(all, labels),
            });
        }
        order.clone()
    }
}

/// Holds on to a state until it is dropped.
#[derive(Debug)]
pub(super) struct ReaderGuard {
    pub(super) contents: Arc<Contents>,
    pub(super) state: State,
}

impl ReaderGuard {
    /// Takes the latest state.
    pub(super) fn latest(contents: Arc<Contents>) -> ReaderGuard {
        let state = contents.states().hold();
        ReaderGuard { contents, state }
    }

    fn covers_everything(&self, range: TimeRange) -> bool {
        self.state.times.is_none_or(|times| range.start <= times.start && times.end <= range.end)
    }

    /// The numbers of the series that match and may have samples in `range`, rising.
    fn numbers<'i>(&self, indexed: &'i Indexed, matchers: &[Matcher], range: TimeRange) -> Cow<'i, [u32]> {
        let series = |number: u32| &indexed.series[number as usize];
        let mut numbers = indexed.index.select(matchers, self.state.series, |number| &series(number).labels);
        let overlaps = |number: &u32| series(*number).may_overlap(range);
        if !self.covers_everything(range) && !numbers.iter().all(overlaps) {
            numbers.to_mut().retain(overlaps);
        }
        numbers
    }

    /// The series that match and may have samples in `range`, sorted by labels.
    pub(super) fn select(&self, request: &SelectRequest<'_>) -> Vec<Arc<MemorySeries>> {
        let indexed = self.contents.indexed.read().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = self.numbers(&indexed, request.matchers, request.range);
        if numbers.len() > 1 {
            self.contents.order_of(self.state.series, &indexed).sort(numbers.to_mut());
        }
        numbers.iter().map(|number| indexed.series[*number as usize].clone()).collect()
    }

    /// The numbers to look among, or `None` for all series.
    fn among<'i>(
        &self,
        indexed: &'i Indexed,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Option<Cow<'i, [u32]>> {
        (!matchers.is_empty() || !self.covers_everything(range))
            .then(|| self.numbers(indexed, matchers, range))
    }

    pub(super) fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Vec<String> {
        let indexed = self.contents.indexed.read().unwrap_or_else(PoisonError::into_inner);
        let among = self.among(&indexed, matchers, range);
        indexed.index.names(self.state.series, among.as_deref())
    }

    pub(super) fn label_values(&self, name: &str, matchers: &[Matcher], range: TimeRange) -> Vec<String> {
        let indexed = self.contents.indexed.read().unwrap_or_else(PoisonError::into_inner);
        let among = self.among(&indexed, matchers, range);
        let labels = |number: u32| &indexed.series[number as usize].labels;
        indexed.index.values(name, self.state.series, among.as_deref(), labels)
    }

    pub(super) fn metadata(&self, name: &str) -> Option<Cow<'static, Metadata>> {
        let metadata = self.contents.metadata.read().unwrap_or_else(PoisonError::into_inner);
        metadata.get(name).cloned().map(Cow::Owned)
    }
}

impl Drop for ReaderGuard {
    fn drop(&mut self) {
        self.contents.states().release(&self.state);
    }
}

/// One state of a store, as a store that does not change.
#[derive(Debug)]
pub(super) struct MemoryView {
    pub(super) guard: ReaderGuard,
}

impl SeriesStore for MemoryView {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(readers(self.guard.select(request), self.guard.state.commit, request.range, None))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        Ok(self.guard.label_names(matchers, range))
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        Ok(self.guard.label_values(name, matchers, range))
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.guard.metadata(name)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.guard.state.times
    }

    fn series_count(&self) -> Option<usize> {
        Some(self.guard.state.series as usize)
    }
}

/// So many series and what belongs to them stay in the caches of a processor from when they are selected until they are
/// read.
const AT_HAND: usize = 1000;

/// Series that are read as they were at `commit`, most likely in `range`. Without a guard, somebody else has to hold on
/// to that state.
pub(super) fn readers<'s>(
    series: Vec<Arc<MemorySeries>>,
    commit: Commit,
    range: TimeRange,
    guard: Option<Arc<ReaderGuard>>,
) -> SeriesIter<'s> {
    let many = series.len() > AT_HAND;
    Box::new(series.into_iter().map(move |series| {
        let reader = SeriesReader::new(series, commit, guard.clone());
        let reader = if many { reader.looked_up(range) } else { reader };
        Ok(Box::new(reader) as Box<dyn Series>)
    }))
}
