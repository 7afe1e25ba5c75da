//! The first rung of the ladder: everything is in memory already, so hand it over.
//!
//! A `MemoryStore` takes samples one at a time, in transactions, or as whole columns, and can be queried and appended to
//! from any number of threads at once.

use promqlite::store::SeriesData;
use promqlite::{Engine, Labels, MemoryStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();

    // A few samples: one at a time. Times are milliseconds.
    store.append(&Labels::metric("build_info").with("version", "1.4"), 0, 1.0)?;

    // Samples that belong together: nobody sees some of them and not the others.
    let mut appender = store.appender();
    let requests = appender.series(&Labels::metric("requests_total").with("code", "200"));
    let errors = appender.series(&Labels::metric("requests_total").with("code", "500"));
    for minute in 0..=30_i64 {
        appender.append_to(&requests, minute * 60_000, (minute * 600) as f64)?;
        appender.append_to(&errors, minute * 60_000, (minute * 6) as f64)?;
    }
    appender.commit()?;

    // Large amounts: columns, which are not copied.
    let mut load = SeriesData::new(Labels::metric("load1").with("instance", "a"));
    load.floats.timestamps = (0..=30).map(|minute| minute * 60_000).collect();
    load.floats.values = (0..=30).map(|minute| f64::from(minute % 5)).collect();
    store.extend([load])?;

    let engine = Engine::default();
    let ratio = r#"sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))"#;
    let answer = engine.instant(&store, ratio, 1_800_000)?.value.into_vector()?;
    let share = answer.only().and_then(|sample| sample.value.as_float()).ok_or("one float")?;
    assert!((share - 6.0 / 606.0).abs() < 1e-12);

    // Over half an hour, a value each five minutes.
    let course = engine.range(&store, "max_over_time(load1[10m])", 600_000, 1_800_000, 300_000)?;
    let matrix = course.value.into_matrix()?;
    assert_eq!(matrix.get([("instance", "a")]).ok_or("the series")?.floats.values().as_ref(), [4.0; 5]);
    Ok(())
}
