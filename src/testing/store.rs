//! What a script needs of a store: to empty it and to add to it.

use crate::ingest::load::LoadedSeries;
use crate::store::memory::AppendError;
use crate::store::{MemoryStore, SeriesStore, StoreError};

/// A store that scripts can run on.
///
/// A script starts on an empty store: the runner calls [`clear`](ScriptStore::clear) before the first command.
pub trait ScriptStore {
    /// Takes out all series.
    fn clear(&mut self) -> Result<(), StoreError>;

    /// Adds samples, to series that may be there already. When it returns, queries see them.
    fn append(&mut self, series: &[LoadedSeries]) -> Result<(), StoreError>;

    /// The store for queries.
    fn store(&self) -> &dyn SeriesStore;
}
impl ScriptStore for MemoryStore {
    fn clear(&mut self) -> Result<(), StoreError> {
        *self = MemoryStore::new();
        Ok(())
    }

    fn append(&mut self, series: &[LoadedSeries]) -> Result<(), StoreError> {
        let refused =
            |error: AppendError| StoreError { message: error.to_string(), source: Some(Box::new(error)) };
        let mut appender = self.appender();
        for series in series {
            let place = appender.series(&series.labels);
            for sample in &series.samples {
                appender
                    .append_with_start(&place, sample.timestamp, sample.value.clone(), sample.start_timestamp)
                    .map_err(refused)?;
            }
        }
        appender.commit().map_err(refused)
    }

    fn store(&self) -> &dyn SeriesStore {
        self
    }
}
