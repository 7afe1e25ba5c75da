//! What a program holds on to: options, and the ways of asking.

use std::sync::Arc;

use super::{EngineOptions, Prepared, QueryResult};
use crate::error::Error;
use crate::exec::CancelToken;
use crate::model::{IntoMilliseconds, IntoTimestamp};
use crate::store::SeriesStore;

/// Understands and runs queries. Cheap to clone; one engine serves any number of threads and stores.
///
/// ```
/// use promqlite::{Engine, Labels, MemoryStore};
///
/// let store = MemoryStore::new();
/// store.append(&Labels::metric("up").with("job", "api"), 0, 1.0)?;
/// let answer = Engine::default().instant(&store, "sum(up)", 0)?;
/// assert_eq!(answer.value.into_vector()?.only().unwrap().value, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Engine {
    options: Arc<EngineOptions>,
    cancel: Option<CancelToken>,
}

impl Engine {
    /// An engine with these options.
    pub fn new(options: EngineOptions) -> Self {
        Engine { options: Arc::new(options), cancel: None }
    }

    /// The same engine, all queries of which end when the token is pulled: those that [`inspect`](crate::inspect) and
    /// [`why`](mod@crate::why) ask on the way, too.
    pub fn with_cancel(self, token: &CancelToken) -> Self {
        Engine { cancel: Some(token.clone()), ..self }
    }

    /// The engine's options.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Answers a query at one time: a [`SystemTime`](std::time::SystemTime), or milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// Those of [`prepare`](Engine::prepare) and of [`Prepared::instant`].
    pub fn instant(
        &self,
        store: &dyn SeriesStore,
        query: &str,
        time: impl IntoTimestamp,
    ) -> Result<QueryResult, Error> {
        self.prepare(query)?.instant(store, time)
    }

    /// Answers a query at `start`, `start + step`, and so on up to `end`: times as for [`instant`](Engine::instant), the
    /// step as a [`Duration`](std::time::Duration) or in milliseconds.
    ///
    /// # Errors
    ///
    /// Those of [`prepare`](Engine::prepare) and of [`Prepared::range`].
    pub fn range(
        &self,
        store: &dyn SeriesStore,
        query: &str,
        start: impl IntoTimestamp,
        end: impl IntoTimestamp,
        step: impl IntoMilliseconds,
    ) -> Result<QueryResult, Error> {
        self.prepare(query)?.range(store, start, end, step)
    }

    /// Parses and checks a query, to be run any number of times.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadData`](crate::ErrorKind::BadData) with the place of the first mistake.
    pub fn prepare(&self, query: &str) -> Result<Prepared, Error> {
        let prepared = Prepared::parse(query, &self.options)?;
        Ok(match &self.cancel {
            Some(token) => prepared.with_cancel(token),
            None => prepared,
        })
    }
}
