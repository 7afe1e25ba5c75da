//! The answer to a query, with all that came up on the way.

use std::sync::Arc;

use crate::model::{Annotations, Value};

/// The answer to a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryResult {
    /// The answer itself.
    pub value: Value,
    /// Warnings and infos that came up on the way.
    pub annotations: Annotations,
    /// What it took.
    pub stats: QueryStats,
    pub(super) query: Arc<str>,
}

impl QueryResult {
    /// The warnings as Prometheus' API tells them, each with its `line:column`, in order of their text.
    ///
    /// ```
    /// use promqlite::{Engine, Labels, MemoryStore};
    ///
    /// let store = MemoryStore::new();
    /// store.append(&Labels::metric("x"), 0, 1.0)?;
    /// let answer = Engine::default().instant(&store, "quantile(2, x)", 0)?;
    /// assert_eq!(
    ///     answer.warnings(),
    ///     ["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"]
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn warnings(&self) -> Vec<String> {
        self.annotations.texts(&self.query).0
    }

    /// The infos, likewise.
    pub fn infos(&self) -> Vec<String> {
        self.annotations.texts(&self.query).1
    }

    /// The text of the query.
    pub fn query(&self) -> &str {
        &self.query
    }
}

/// What a query took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryStats {
    /// Samples read from the store.
    pub samples_read: u64,
    /// The most samples held at one time, as Prometheus counts them.
    pub peak_samples: u64,
    /// The most bytes held at one time, estimated as [`QueryLimits::max_bytes`](crate::QueryLimits::max_bytes) tells.
    pub peak_bytes: u64,
}
