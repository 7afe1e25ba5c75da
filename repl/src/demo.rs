//! The demo data set, carried in the program: a morning of a small company's services.
//!
//! `fixtures/README.md` tells what happens in it.

use std::fmt;

use promqlite::MemoryStore;
use promqlite::ingest::{self, IngestError};
use promqlite::model::Timestamp;
use promqlite::store::memory::AppendError;

/// The first scrape, in ms: 09:00 UTC on the third of March 2026.
pub const DEMO_START: Timestamp = 1_772_528_400_000;

const SAMPLES: &str = include_str!("../../fixtures/service_monitoring.test");
const METADATA: &str = include_str!("../../fixtures/service_monitoring.metadata.prom");

/// The demo data could not be loaded, which its tests rule out.
#[derive(Debug)]
pub enum DemoError {
    /// It cannot be read.
    Text(IngestError),
    /// Its samples do not fit together.
    Append(AppendError),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoError::Text(error) => write!(f, "demo data: {error}"),
            DemoError::Append(error) => write!(f, "demo data: {error}"),
        }
    }
}

impl std::error::Error for DemoError {}

/// A store with the demo data.
pub fn demo_store() -> Result<MemoryStore, DemoError> {
    let store = MemoryStore::new();
    for text in [SAMPLES, METADATA] {
        let samples = ingest::parse(text.as_bytes(), None, DEMO_START).map_err(DemoError::Text)?;
        ingest::load_into(&store, samples).map_err(DemoError::Append)?;
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use promqlite::SeriesStore;
    use promqlite::model::TimeRange;

    #[test]
    fn the_demo_is_three_hours_long() {
        let store = demo_store().expect("demo data");
        assert_eq!(store.time_range(), Some(TimeRange::new(DEMO_START, DEMO_START + 3 * 3_600_000)));
        assert_eq!(store.stats().series, 292);
        assert!(store.metadata("http_requests_total").is_some_and(|told| told.metric_type == "counter"));
    }
}
