//! What a session queries: series that were loaded into memory, and data directories that are read where they lie.
//!
//! All of it is one store. Where two parts have a sample of a series at the same time, memory counts before
//! directories, and a directory before those that were opened after it.

use std::path::Path;
use std::sync::Arc;

use promqlite::model::Timestamp;
use promqlite::store::disk::{DataDirectory, DiskError};
use promqlite::store::{MemoryStore, MergedStore, SeriesStore};

use crate::source::{self, Loaded, SourceError};

/// Everything that is queried, as one store.
pub struct Data {
    memory: Arc<MemoryStore>,
    directories: Vec<Arc<DataDirectory>>,
    /// The parts as one.
    store: Arc<dyn SeriesStore>,
}

impl Data {
    /// What `memory` holds already.
    pub fn new(memory: MemoryStore) -> Self {
        let memory = Arc::new(memory);
        Data { store: memory.clone(), memory, directories: Vec::new() }
    }

    /// All of it.
    pub fn store(&self) -> &dyn SeriesStore {
        &*self.store
    }

    /// What was loaded into memory.
    pub fn memory(&self) -> &MemoryStore {
        &self.memory
    }

    /// The same, for those who append to it from elsewhere.
    pub fn shared_memory(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.memory)
    }

    /// The data directories, in the order in which they were opened.
    pub fn directories(&self) -> impl ExactSizeIterator<Item = &DataDirectory> {
        self.directories.iter().map(|directory| &**directory)
    }

    /// Adds a file, or a data directory. Samples of files without a time of their own get `time`, in ms.
    pub fn load(&mut self, path: &Path, time: Timestamp) -> Result<Loaded, SourceError> {
        if !path.is_dir() {
            let loaded = source::load(&self.memory, path, time)?;
            self.join();
            return Ok(loaded);
        }
        let directory = DataDirectory::open(path)?;
        let loaded = Loaded::of_directory(&directory);
        self.directories.retain(|open| open.path() != path);
        self.directories.push(Arc::new(directory));
        self.join();
        Ok(loaded)
    }

    /// Adds exposition text; `name` stands for it in messages.
    pub fn load_text(&mut self, name: &str, text: &[u8], time: Timestamp) -> Result<Loaded, SourceError> {
        let loaded = source::load_text(&self.memory, name, text, time)?;
        self.join();
        Ok(loaded)
    }

    /// Reads the data directories as they are by now.
    pub fn reopen(&mut self) -> Result<(), DiskError> {
        let directories = self.directories.iter().map(|directory| DataDirectory::open(directory.path()));
        self.directories = directories.map(|opened| opened.map(Arc::new)).collect::<Result<_, _>>()?;
        self.join();
        Ok(())
    }

    /// Finds out of which parts the store consists: to be called after something was appended to an empty memory.
    pub(crate) fn join(&mut self) {
        let in_memory = self.directories.is_empty() || self.memory.series_count() != Some(0);
        self.store = match &self.directories[..] {
            [directory] if !in_memory => directory.clone(),
            [] => self.memory.clone(),
            directories => {
                let memory = in_memory.then(|| self.memory.clone() as Arc<dyn SeriesStore>);
                let directories = directories.iter().map(|one| one.clone() as Arc<dyn SeriesStore>);
                Arc::new(MergedStore::new(memory.into_iter().chain(directories)))
            }
        };
    }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Data")
            .field("memory", &self.memory.stats())
            .field("directories", &self.directories)
            .finish_non_exhaustive()
    }
}
