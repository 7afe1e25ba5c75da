//! Queries from async code: the engine is synchronous, so a query runs on a thread for blocking work, and when the one who
//! asked goes away (a client hangs up, a timeout fires), the query is cancelled rather than left running.
//!
//! This uses tokio; any runtime with threads for blocking work will do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use promqlite::store::{ClosureStore, SelectRequest, StoreError};
use promqlite::{
    CancelToken, Engine, Error, ErrorKind, Labels, MemoryStore, Prepared, QueryResult, SeriesStore,
};
use tokio::sync::oneshot;

/// Cancels when it is dropped.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Answers without blocking the runtime. A future that is dropped takes its query with it.
async fn instant(
    query: Prepared,
    store: Arc<dyn SeriesStore>,
    time: i64,
) -> Result<Result<QueryResult, Error>, tokio::task::JoinError> {
    let token = CancelToken::new();
    let _guard = CancelOnDrop(token.clone());
    tokio::task::spawn_blocking(move || query.with_cancel(&token).instant(&store, time)).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Engine::default();
    let store = MemoryStore::new();
    store.append(&Labels::metric("up").with("job", "api"), 0, 1.0)?;
    let store: Arc<dyn SeriesStore> = Arc::new(store);

    // Many queries at once; engine, query and store are cheap to clone or shared.
    let query = engine.prepare("sum(up)")?;
    let running: Vec<_> = (0..20).map(|_| tokio::spawn(instant(query.clone(), store.clone(), 0))).collect();
    for answer in running {
        let vector = answer.await???.value.into_vector()?;
        assert_eq!(vector.only().ok_or("a sum")?.value, 1.0);
    }

    // A store that takes 20 ms for each of thirty selectors, and one who waits for 50 ms. `dropped` tells when the query is
    // done with the store.
    let (done, dropped) = oneshot::channel::<()>();
    let slow = ClosureStore::new(move |_: &SelectRequest<'_>| {
        let _held = &done;
        std::thread::sleep(Duration::from_millis(20));
        Ok::<_, StoreError>(Vec::new())
    });
    let long = engine.prepare(&(0..30).map(|i| format!("m{i}")).collect::<Vec<_>>().join(" or "))?;
    let begin = Instant::now();
    let asked = tokio::time::timeout(Duration::from_millis(50), instant(long, Arc::new(slow), 0));
    assert!(asked.await.is_err(), "600 ms do not fit into 50");
    let _ = dropped.await;
    assert!(begin.elapsed() < Duration::from_millis(400), "it went on for {:?}", begin.elapsed());

    // Without dropping anything: the query's own timeout is an error like others.
    let hurried = engine.prepare("up")?.with_timeout(Duration::ZERO);
    let error = instant(hurried, store, 0).await?.expect_err("no time at all");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    Ok(())
}
