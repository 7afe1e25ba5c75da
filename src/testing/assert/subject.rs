//! What an assertion can be about.

use std::borrow::Borrow;

use crate::engine::Engine;
use crate::model::Timestamp;
use crate::store::SeriesStore;
use crate::testing::Timeline;

/// What can be asked in [`assert_promql!`](crate::assert_promql): a [`Timeline`], any store, which an engine with the
/// default options answers for, or an engine and a store.
///
/// ```
/// use promqlite::{Engine, EngineOptions, Labels, MemoryStore, assert_promql};
///
/// let store = MemoryStore::new();
/// store.append(&Labels::from_pairs([("__name__", "up")]), 60_000, 1.0)?;
/// assert_promql!(store, "up", { "up" => 1 });
///
/// let mut options = EngineOptions::default();
/// options.lookback_ms = 10_000;
/// assert_promql!((Engine::new(options), &store), "up", at "2m", empty);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Subject {
    /// What understands and answers the query.
    fn engine(&self) -> Engine;

    /// What it is answered from.
    fn store(&self) -> &dyn SeriesStore;

    /// The point from which times such as `"5m"` count, in ms since the Unix epoch.
    fn start(&self) -> Timestamp {
        0
    }

    /// The time of a query that does not say when, in ms since the Unix epoch: that of the newest sample. `None` if that
    /// is not known.
    fn newest(&self) -> Option<Timestamp> {
        newest(self.store())
    }
}

fn newest(store: &dyn SeriesStore) -> Option<Timestamp> {
    let without_any = || (store.series_count() == Some(0)).then_some(0);
    store.time_range().map(|range| range.end).or_else(without_any)
}

impl<S: SeriesStore> Subject for S {
    fn engine(&self) -> Engine {
        Engine::default()
    }

    fn store(&self) -> &dyn SeriesStore {
        self
    }
}

impl<E: Borrow<Engine>, S: SeriesStore> Subject for (E, S) {
    fn engine(&self) -> Engine {
        self.0.borrow().clone()
    }

    fn store(&self) -> &dyn SeriesStore {
        &self.1
    }
}

impl Subject for Timeline {
    fn engine(&self) -> Engine {
        Timeline::engine(self).clone()
    }

    fn store(&self) -> &dyn SeriesStore {
        Timeline::store(self)
    }

    fn start(&self) -> Timestamp {
        Timeline::start(self)
    }

    fn newest(&self) -> Option<Timestamp> {
        Some(self.now())
    }
}

macro_rules! forward {
    ($pointer:ty) => {
        impl Subject for $pointer {
            fn engine(&self) -> Engine {
                Subject::engine(&**self)
            }

            fn store(&self) -> &dyn SeriesStore {
                Subject::store(&**self)
            }

            fn start(&self) -> Timestamp {
                Subject::start(&**self)
            }

            fn newest(&self) -> Option<Timestamp> {
                Subject::newest(&**self)
            }
        }
    };
}

forward!(&Timeline);
forward!(&mut Timeline);
