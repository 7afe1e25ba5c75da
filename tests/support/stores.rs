//! The stores that scripts run on.
//!
//! The disk store is made to use all of its parts: after each `load` the blocks that are due are cut, and the directory
//! is opened anew.
//!
//! ```text
//! load 5m …  ->  commit into the log  ->  blocks of 20 minutes, compacted  ->  opened again: blocks, and a head from the log
//! ```

use promqlite::MemoryStore;
use promqlite::testing::ScriptStore;

/// A kind of store: its name, which is part of the names of tests, and how to make an empty one.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) open: fn() -> Box<dyn ScriptStore>,
}

/// All kinds of stores.
pub(crate) const BACKENDS: &[Backend] = &[
    Backend { name: "memory", open: || Box::new(MemoryStore::new()) },
    #[cfg(feature = "disk")]
    Backend { name: "disk", open: || Box::new(disk::Scratch::new()) },
];

#[cfg(feature = "disk")]
pub(crate) mod disk {
    use std::sync::Arc;

    use promqlite::store::disk::{DiskOptions, DiskStore, StdIo};
    use promqlite::store::{SeriesData, SeriesStore, StoreError};
    use promqlite::testing::ScriptStore;
    use tempfile::TempDir;

    /// A disk store in a directory that goes with it.
    pub(crate) struct Scratch {
        /// Open but while it is opened anew.
        store: Option<DiskStore>,
        dir: TempDir,
    }

    impl Scratch {
        pub(crate) fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            Scratch { store: Some(open(&dir)), dir }
        }
    }

    fn open(dir: &TempDir) -> DiskStore {
        let mut options = DiskOptions::default();
        options.block_range = 20 * 60 * 1000;
        options.max_block_range = 3 * options.block_range;
        DiskStore::open_with(Arc::new(StdIo::new()), dir.path(), options).unwrap()
    }

    impl ScriptStore for Scratch {
        fn clear(&mut self) -> Result<(), StoreError> {
            *self = Scratch::new();
            Ok(())
        }

        fn append(&mut self, series: &[SeriesData]) -> Result<(), StoreError> {
            let store = self.store.take().unwrap();
            let mut appender = store.appender();
            for series in series {
                appender.append_series(series);
            }
            let done = appender.commit_buffered();
            store.maintain()?;
            drop(store);
            self.store = Some(open(&self.dir));
            Ok(done?)
        }

        fn store(&self) -> &dyn SeriesStore {
            self.store.as_ref().unwrap()
        }
    }
}
