//! Series in memory.

use super::{SelectRequest, SeriesIter, SeriesStore, StoreError};
use crate::model::{Histogram, Labels, Timestamp};

/// Series in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl SeriesStore for MemoryStore {
    fn select<'s>(&'s self, _request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(std::iter::empty()))
    }
}

#[allow(unused)]
type Unused = (Histogram, Labels, Timestamp);
