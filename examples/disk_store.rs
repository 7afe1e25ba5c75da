//! Samples that stay: a directory in Prometheus' own format, which promtool and a server open, too.
//!
//! A commit goes into a log, buffered or synced. Now and then `maintain` does what is due: it cuts blocks, makes large ones
//! of small ones, and removes those that are too old. Queries see each commit whole, and go on meanwhile.

use std::sync::Arc;

use promqlite::model::{Matcher, TimeRange};
use promqlite::store::disk::{DiskOptions, DiskStore, StdIo};
use promqlite::{Engine, Labels};

const MINUTE: i64 = 60_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let mut options = DiskOptions::default();
    options.retention_time = Some(30 * 24 * 60 * MINUTE);
    let store = DiskStore::open_with(Arc::new(StdIo::new()), dir.path(), options)?;

    let requests = Labels::metric("requests_total").with("code", "200");
    for minute in 0..12 * 60 {
        let mut appender = store.appender();
        appender.append(&requests, minute * MINUTE, (minute * 600) as f64);
        // Survives the end of this process. `commit_synced` survives a loss of power, too, and takes longer.
        appender.commit_buffered()?;
    }
    let done = store.maintain()?;
    assert!(!done.cut.is_empty() && store.head_series() == 1);

    // What was wrong goes, and something else may be appended in its place.
    store.delete(&[Matcher::equal("code", "200")], TimeRange::new(0, 5 * MINUTE))?;
    let mut appender = store.appender();
    appender.append(&requests, 5 * MINUTE, 3_000.0);
    appender.commit_synced()?;
    drop(store);

    // Whoever opens it next finds all of it.
    let store = DiskStore::open(dir.path())?;
    let samples = "count_over_time(requests_total[12h])";
    let answer = Engine::default().instant(&store, samples, 12 * 60 * MINUTE)?.value.into_vector()?;
    let count = answer.only().and_then(|sample| sample.value.as_float()).ok_or("one float")?;
    assert_eq!(count, 715.0);
    Ok(())
}
