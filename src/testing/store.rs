//! What a script needs of a store: to empty it and to add to it.

use crate::store::{MemoryStore, SeriesData, SeriesStore, StoreError};

/// A store that scripts can run on.
///
/// A script starts on an empty store: the runner calls [`clear`](ScriptStore::clear) before the first command.
pub trait ScriptStore {
    /// Takes out all series.
    fn clear(&mut self) -> Result<(), StoreError>;

    /// Adds samples, to series that may be there already. When it returns, queries see them.
    fn append(&mut self, series: &[SeriesData]) -> Result<(), StoreError>;

    /// The store for queries.
    fn store(&self) -> &dyn SeriesStore;
}
impl ScriptStore for MemoryStore {
    fn clear(&mut self) -> Result<(), StoreError> {
        *self = MemoryStore::new();
        Ok(())
    }

    fn append(&mut self, series: &[SeriesData]) -> Result<(), StoreError> {
        self.extend(series.iter().cloned())
            .map_err(|error| StoreError { message: error.to_string(), source: Some(Box::new(error)) })
    }

    fn store(&self) -> &dyn SeriesStore {
        self
    }
}
