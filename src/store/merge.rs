//! Several stores as one: yesterday's blocks and today's memory, or the same metrics from two places.
//!
//! ```
//! use promqlite::Labels;
//! use promqlite::model::TimeRange;
//! use promqlite::store::{MemoryStore, MergedStore, SelectRequest, SeriesStore};
//!
//! let (old, new) = (MemoryStore::new(), MemoryStore::new());
//! let up = Labels::from_pairs([("__name__", "up")]);
//! old.append(&up, 0, 1.0)?;
//! new.append(&up, 15_000, 1.0)?;
//! let merged = MergedStore::new([&old, &new]);
//! assert_eq!(merged.select(&SelectRequest::new(&[], TimeRange::ALL))?.count(), 1);
//! assert_eq!(merged.time_range(), Some(TimeRange::new(0, 15_000)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A series that several stores have is read from all of them. Where two have a sample at the same time, the store that
//! comes first decides. A series that only one store has costs nothing beyond what it costs there.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter::Peekable;

use super::{
    Metadata, SampleColumns, SampleSink, SelectRequest, Series, SeriesData, SeriesIter, SeriesStore,
    StoreError,
};
use crate::model::{Labels, Matcher, TimeRange, Timestamp};

/// Several stores as one. Where two have a sample of one series at the same time, the store that comes first decides.
///
/// ```
/// use promqlite::store::MergedStore;
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let (live, archive) = (MemoryStore::new(), MemoryStore::new());
/// let up = Labels::metric("up");
/// archive.append(&up, 0, 0.0)?;
/// live.append(&up, 60_000, 1.0)?;
/// let both = MergedStore::new([&live, &archive]);
/// let answer = Engine::default().instant(&both, "sum_over_time(up[5m])", 60_000)?;
/// assert_eq!(answer.value.into_vector()?.only().unwrap().value, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MergedStore<'a> {
    stores: Vec<Box<dyn SeriesStore + 'a>>,
}

impl<'a> MergedStore<'a> {
    /// The union of these stores, the one that counts most first.
    pub fn new<S: SeriesStore + 'a>(stores: impl IntoIterator<Item = S>) -> Self {
        MergedStore {
            stores: stores.into_iter().map(|store| Box::new(store) as Box<dyn SeriesStore>).collect(),
        }
    }
}

impl MergedStore<'_> {
    fn union(
        &self,
        texts: impl Fn(&dyn SeriesStore) -> Result<Vec<String>, StoreError>,
    ) -> Result<Vec<String>, StoreError> {
        let mut union = BTreeSet::new();
        for store in &self.stores {
            union.extend(texts(store)?);
        }
        Ok(union.into_iter().collect())
    }
}

impl std::fmt::Debug for MergedStore<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MergedStore").field("stores", &self.stores.len()).finish()
    }
}

impl SeriesStore for MergedStore<'_> {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let selected = self.stores.iter().map(|store| store.select(request).map(Iterator::peekable));
        let mut parts = selected.collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(std::iter::from_fn(move || next_series(&mut parts).transpose())))
    }

    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        let views: Vec<_> = self.stores.iter().map(|store| (store, store.view())).collect();
        if views.iter().all(|(_, view)| view.is_none()) {
            return None;
        }
        // A store without a view does not change.
        let stores = views.into_iter().map(|(store, view)| view.unwrap_or_else(|| Box::new(store)));
        Some(Box::new(MergedStore { stores: stores.collect() }))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        self.union(|store| store.label_names(matchers, range))
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        self.union(|store| store.label_values(name, matchers, range))
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.stores.iter().find_map(|store| store.metadata(name))
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.stores.iter().filter_map(|store| store.time_range()).reduce(TimeRange::union)
    }

    fn series_count(&self) -> Option<usize> {
        match &self.stores[..] {
            [] => Some(0),
            [store] => store.series_count(),
            _ => None,
        }
    }
}

/// Takes the series with the lowest labels from each store that has it.
fn next_series<'s>(
    stores: &mut [Peekable<SeriesIter<'s>>],
) -> Result<Option<Box<dyn Series + 's>>, StoreError> {
    let mut lowest: Option<Labels> = None;
    for store in stores.iter_mut() {
        match store.peek() {
            Some(Ok(series)) if lowest.as_ref().is_none_or(|lowest| series.labels() < lowest) => {
                lowest = Some(series.labels().clone());
            }
            Some(Err(_)) => return store.next().transpose(),
            _ => {}
        }
    }
    let Some(lowest) = lowest else { return Ok(None) };
    let mut parts = Vec::new();
    for store in stores {
        let next = store.next_if(|series| series.as_ref().is_ok_and(|series| *series.labels() == lowest));
        parts.extend(next.transpose()?);
    }
    match parts.len() {
        1 => Ok(parts.pop()),
        _ => Ok(Some(Box::new(MergedSeries { labels: lowest, parts }))),
    }
}

/// A series that several stores have.
struct MergedSeries<'s> {
    labels: Labels,
    /// The one that counts most first.
    parts: Vec<Box<dyn Series + 's>>,
}

impl Series for MergedSeries<'_> {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        let mut merged = SeriesData::default();
        for part in &self.parts {
            let mut collected = SeriesData::default();
            part.read(range, &mut collected)?;
            merged.add_missing(collected);
        }
        merged.send(range, sink);
        Ok(())
    }
}

impl SeriesData {
    /// Adds the samples of `other` at times at which there is none.
    fn add_missing(&mut self, mut other: SeriesData) {
        let has = |time: &Timestamp| {
            self.floats.timestamps.binary_search(time).is_ok()
                || self.histograms.timestamps.binary_search(time).is_ok()
        };
        let floats = other.floats.timestamps.iter().map(|time| !has(time)).collect::<Vec<_>>();
        let histograms = other.histograms.timestamps.iter().map(|time| !has(time)).collect::<Vec<_>>();
        other.floats.keep(&floats);
        other.histograms.keep(&histograms);
        self.floats.merge(other.floats);
        self.histograms.merge(other.histograms);
    }
}

impl<V: Clone> SampleColumns<V> {
    fn keep(&mut self, kept: &[bool]) {
        if kept.iter().all(|kept| *kept) {
            return;
        }
        let all = std::mem::take(self);
        for (at, (time, value)) in all.timestamps.iter().zip(all.values).enumerate() {
            if kept[at] {
                self.push(*time, value, all.start_timestamps.get(at).copied().unwrap_or(0));
            }
        }
    }

    /// Adds samples, none of which has a time that is there already.
    fn merge(&mut self, other: SampleColumns<V>) {
        if self.timestamps.last() < other.timestamps.first() || other.is_empty() {
            self.extend_from(&other.timestamps, &other.values, &other.start_timestamps);
            return;
        }
        let this = std::mem::take(self);
        let (mut ours, mut theirs) = (0, 0);
        while ours < this.len() || theirs < other.len() {
            let (from, at) = match (this.timestamps.get(ours), other.timestamps.get(theirs)) {
                (Some(our), their) if their.is_none_or(|their| our < their) => (&this, &mut ours),
                _ => (&other, &mut theirs),
            };
            let start = from.start_timestamps.get(*at).copied().unwrap_or(0);
            self.push(from.timestamps[*at], from.values[*at].clone(), start);
            *at += 1;
        }
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::store_suite;

    /// Spreads samples over three stores: by turns, and some in two stores, with a wrong value in the latter.
    fn spread(series: &[SeriesData]) -> Box<dyn SeriesStore> {
        let mut parts = vec![Vec::new(), Vec::new(), Vec::new()];
        for (number, series) in series.iter().enumerate() {
            let mut spread: Vec<SeriesData> =
                (0..3).map(|_| SeriesData::new(series.labels.clone())).collect();
            let starts = |starts: &[Timestamp], at: usize| starts.get(at).copied().unwrap_or(0);
            let owner = |at: usize| match number % 3 {
                0 => (at * 3 / series.floats.len().max(1)).min(2),
                1 => at / 7 % 3,
                _ => number % 2,
            };
            for (at, time) in series.floats.timestamps.iter().enumerate() {
                let start = starts(&series.floats.start_timestamps, at);
                spread[owner(at)].push_with_start(*time, series.floats.values[at], start);
                if at % 5 == 0 && owner(at) < 2 {
                    spread[owner(at) + 1].push_with_start(*time, -12345.0, 1);
                }
            }
            for (at, time) in series.histograms.timestamps.iter().enumerate() {
                let start = starts(&series.histograms.start_timestamps, at);
                spread[owner(at)].push_with_start(*time, series.histograms.values[at].clone(), start);
            }
            spread.into_iter().enumerate().for_each(|(at, part)| parts[at].push(part));
        }
        let stores = parts.into_iter().map(|part| MemoryStore::from_series(part).unwrap());
        Box::new(MergedStore::new(stores))
    }

    #[test]
    fn is_a_store() {
        store_suite(&spread);
    }

    #[test]
    fn one_store_and_none() {
        store_suite(&|series| {
            Box::new(MergedStore::new([MemoryStore::from_series(series.to_vec()).unwrap()]))
        });
        let none = MergedStore::new(Vec::<MemoryStore>::new());
        assert_eq!(none.select(&SelectRequest::new(&[], TimeRange::ALL)).unwrap().count(), 0);
        assert_eq!(none.series_count(), Some(0));
    }

    #[test]
    fn a_view_of_stores_that_change_does_not() {
        let (first, second) = (MemoryStore::new(), MemoryStore::new());
        let labels = Labels::from_pairs([("a", "1")]);
        let merged = MergedStore::new([&first, &second]);
        let before = merged.view().unwrap();
        first.append(&labels, 1, 1.0).unwrap();
        second.append(&labels, 2, 1.0).unwrap();
        let count =
            |store: &dyn SeriesStore| store.select(&SelectRequest::new(&[], TimeRange::ALL)).unwrap().count();
        assert_eq!((count(before.as_ref()), count(&merged)), (0, 1));
    }
}
