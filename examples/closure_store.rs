//! The second rung: data of any shape, and a closure that answers "which series match?".
//!
//! Here it is a `HashMap` that a program keeps of its sensors anyway, changing while it is queried. The closure may use
//! as much of the request as helps: this one looks at the matchers to leave out rooms that nobody asked for, and at the
//! time range to leave out old readings. What it returns is put right: series that do not match are left out, the others
//! sorted.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use promqlite::store::{ClosureStore, SelectRequest, SeriesData, StoreError};
use promqlite::{Engine, Labels};

/// What the program has: readings of each room, the time in ms with each.
type Readings = HashMap<String, Vec<(i64, f64)>>;

fn series_of(readings: &Readings, request: &SelectRequest<'_>) -> Vec<SeriesData> {
    let of_room = |room: &&String| request.matchers.iter().all(|m| m.name != "room" || m.matches(room));
    let series = readings.keys().filter(of_room).map(|room| {
        let mut series = SeriesData::new(Labels::metric("temperature_celsius").with("room", room));
        for &(time, celsius) in readings[room].iter().filter(|(time, _)| request.range.contains(*time)) {
            series.push(time, celsius);
        }
        series
    });
    series.collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let readings: Arc<RwLock<Readings>> = Arc::default();
    let shared = readings.clone();
    let store = ClosureStore::new(move |request: &SelectRequest<'_>| {
        let readings = shared.read().map_err(|_| StoreError::new("the readings are poisoned"))?;
        Ok(series_of(&readings, request))
    });

    let take = |room: &str, time: i64, celsius: f64| {
        if let Ok(mut readings) = readings.write() {
            readings.entry(room.to_owned()).or_default().push((time, celsius));
        }
    };
    take("cellar", 0, 12.0);
    take("attic", 0, 31.5);

    let hot = Engine::default().prepare("temperature_celsius > 25")?;
    let vector = hot.instant(&store, 0)?.value.into_vector()?;
    assert_eq!(vector.only().ok_or("one room")?.labels.get("room"), Some("attic"));

    // It gets cooler; the next run of the same query sees it.
    take("attic", 60_000, 24.0);
    assert!(hot.instant(&store, 60_000)?.value.into_vector()?.is_empty());

    let query = r#"max_over_time(temperature_celsius{room=~"at.+"}[5m])"#;
    let vector = Engine::default().instant(&store, query, 60_000)?.value.into_vector()?;
    assert_eq!(vector.get([("room", "attic")]).ok_or("the attic")?.value, 31.5);
    Ok(())
}
