//! The shortest way from data of any kind to queries: a closure that answers "which series match?".
//!
//! ```
//! use promqlite::Labels;
//! use promqlite::store::{ClosureStore, SelectRequest, SeriesData, StoreError};
//!
//! // One row for each machine; they are few, so all of them are handed over, whatever was asked for.
//! let temperatures = vec![("attic", 31.5), ("cellar", 12.0)];
//! let store = ClosureStore::new(move |_: &SelectRequest<'_>| {
//!     let series = temperatures.iter().map(|(room, celsius)| {
//!         let mut series =
//!             SeriesData::new(Labels::from_pairs([("__name__", "temperature_celsius"), ("room", *room)]));
//!         series.push(0, *celsius);
//!         series
//!     });
//!     Ok::<_, StoreError>(series.collect())
//! });
//! ```
//!
//! The closure is called once for each selector of a query. Whatever it returns is put right: series that do not match
//! are left out, the others are sorted. So a closure may ignore the request, or use as much of it as helps.

use super::{SelectRequest, Series, SeriesData, SeriesIter, SeriesStore, StoreError};

/// A store that asks a closure for series. Whatever it returns is put right: series that do not match are left out, the
/// others are sorted.
///
/// ```
/// use promqlite::store::{ClosureStore, SelectRequest, SeriesData};
/// use promqlite::{Engine, Labels};
///
/// let store = ClosureStore::new(|_: &SelectRequest<'_>| {
///     let mut attic = SeriesData::new(Labels::metric("temperature_celsius").with("room", "attic"));
///     attic.push(0, 31.5);
///     Ok(vec![attic])
/// });
/// let answer = Engine::default().instant(&store, "temperature_celsius > 25", 0)?;
/// assert_eq!(answer.value.into_vector()?.only().unwrap().labels.get("room"), Some("attic"));
/// # Ok::<(), promqlite::Error>(())
/// ```
pub struct ClosureStore<F> {
    select: F,
}

impl<F> ClosureStore<F>
where
    F: Fn(&SelectRequest<'_>) -> Result<Vec<SeriesData>, StoreError> + Send + Sync,
{
    /// A store whose series come from `select`. The times of each series have to rise, and a label set may come
    /// only once; anything else is an error of the query.
    pub fn new(select: F) -> Self {
        ClosureStore { select }
    }
}

impl<F> std::fmt::Debug for ClosureStore<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClosureStore").finish_non_exhaustive()
    }
}

impl<F> SeriesStore for ClosureStore<F>
where
    F: Fn(&SelectRequest<'_>) -> Result<Vec<SeriesData>, StoreError> + Send + Sync,
{
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let mut series = (self.select)(request)?;
        series.retain(|series| request.matchers.iter().all(|m| m.matches(series.labels.value(&m.name))));
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        if let Some(pair) = series.windows(2).find(|pair| pair[0].labels == pair[1].labels) {
            return Err(StoreError::new(format!("series {} was given twice", pair[0].labels)));
        }
        for series in &series {
            series
                .check()
                .map_err(|reason| StoreError::new(format!("series {}: {reason}", series.labels)))?;
        }
        Ok(Box::new(series.into_iter().map(|series| Ok(Box::new(series) as Box<dyn Series>))))
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;
    use crate::model::{Labels, Matcher, TimeRange};
    use crate::testing::store_suite;

    fn select(series: Vec<SeriesData>) -> Result<usize, String> {
        let store = ClosureStore::new(move |_: &SelectRequest<'_>| Ok(series.clone()));
        let matchers = [Matcher::equal("a", "1")];
        let selected = store.select(&SelectRequest::new(&matchers, TimeRange::ALL));
        selected.map(Iterator::count).map_err(|error| error.to_string())
    }

    fn series(a: &str, times: &[i64]) -> SeriesData {
        let mut series = SeriesData::new(Labels::from_pairs([("a", a)]));
        for time in times {
            series.push(*time, 1.0);
        }
        series
    }

    #[test]
    fn is_a_store() {
        store_suite(&|series| {
            // Neither sorted nor selected.
            let series: Vec<SeriesData> = series.iter().rev().cloned().collect();
            Box::new(ClosureStore::new(move |_: &SelectRequest<'_>| Ok(series.clone())))
        });
    }

    #[test]
    fn tells_what_is_wrong_with_the_series() {
        assert_eq!(select(vec![series("1", &[1, 2]), series("2", &[2, 1])]), Ok(1));
        assert_eq!(
            select(vec![series("1", &[1]), series("1", &[2])]),
            Err(r#"series {a="1"} was given twice"#.into())
        );
        let text = r#"series {a="1"}: sample at 1 ms does not come after the one at 2 ms"#;
        assert_eq!(select(vec![series("1", &[2, 1])]), Err(text.into()));
        let mut uneven = series("1", &[1, 2]);
        uneven.floats.values.pop();
        let text = r#"series {a="1"}: columns of samples differ in length"#;
        assert_eq!(select(vec![uneven]), Err(text.into()));
    }
}
