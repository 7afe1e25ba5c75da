//! Two stores as one: yesterday's samples lie in an archive, today's come in.
//!
//! `MergedStore` takes any stores. A series that both have is read from both, in order of time; where both have a sample
//! at the same time, the store that was named first decides.

use promqlite::store::{MergedStore, SeriesData};
use promqlite::{Engine, Labels, MemoryStore, SeriesStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let requests = Labels::metric("requests_total").with("job", "api");
    let mut before = SeriesData::new(requests.clone());
    for minute in 0..=30 {
        before.push(minute * 60_000, minute as f64 * 60.0);
    }
    let archive = MemoryStore::from_series([before])?;

    // It begins a little before the other one ends, and corrects its last sample.
    let live = MemoryStore::new();
    for minute in 30..=60 {
        live.append(&requests, minute * 60_000, minute as f64 * 60.0 + 1.0)?;
    }
    live.append(&Labels::metric("up").with("job", "api"), 3_600_000, 1.0)?;

    let stores: [&dyn SeriesStore; 2] = [&live, &archive];
    let merged = MergedStore::new(stores);

    let engine = Engine::default();
    // A window that lies across the seam.
    let vector = engine.instant(&merged, "requests_total[2m]", 1_860_000)?.value.into_matrix()?;
    let series = vector.only().ok_or("one series")?;
    assert_eq!(series.floats.iter().collect::<Vec<_>>(), [(1_800_000, 1_801.0), (1_860_000, 1_861.0)]);
    let rate = engine.instant(&merged, "rate(requests_total[1h])", 3_600_000)?.value.into_vector()?;
    let rate = rate.only().and_then(|sample| sample.value.as_float()).ok_or("a rate")?;
    assert!((rate - 1.0).abs() < 0.001, "{rate}");

    // What only one of them has is there, too.
    assert_eq!(engine.instant(&merged, "up", 3_600_000)?.value.into_vector()?.len(), 1);
    assert_eq!(merged.label_names(&[], promqlite::model::TimeRange::ALL)?, ["__name__", "job"]);
    Ok(())
}
