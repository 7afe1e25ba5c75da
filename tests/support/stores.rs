//! The stores that scripts run on.

use promqlite::MemoryStore;
use promqlite::testing::ScriptStore;

/// A kind of store: its name, which is part of the names of tests, and how to make an empty one.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) open: fn() -> Box<dyn ScriptStore>,
}

/// All kinds of stores.
pub(crate) const BACKENDS: [Backend; 1] = [Backend { name: "memory", open: || Box::new(MemoryStore::new()) }];
