//! How queries are understood and run.

use std::time::Duration;

use crate::model::IntoMilliseconds;
use crate::syntax::Features;

/// How queries are understood and run. The defaults are those of a Prometheus server.
///
/// ```
/// use std::time::Duration;
/// use promqlite::{Engine, EngineOptions, Features};
///
/// let options = EngineOptions::default()
///     .with_lookback(Duration::from_secs(60))
///     .with_max_samples(1_000_000)
///     .with_features(Features::from_names(["promql-experimental-functions"])?);
/// assert_eq!(options.lookback_ms, 60_000);
/// assert!(Engine::new(options).prepare("mad_over_time(x[5m])").is_ok());
/// # Ok::<(), promqlite::syntax::UnknownFeature>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Parts of the language that have to be asked for.
    pub features: Features,
    /// How far back an instant selector looks for a sample, in ms: 5 minutes.
    pub lookback_ms: i64,
    /// Samples that one query may hold in memory: 50 million.
    pub max_samples: u64,
    /// Bytes that one query may hold in memory, estimated as [`QueryLimits::max_bytes`](crate::QueryLimits::max_bytes) tells: no limit.
    pub max_bytes: Option<u64>,
    /// How long one run of a query may take: for ever. (A Prometheus server gives it two minutes.)
    pub timeout: Option<Duration>,
    /// Step of a subquery that does not name one, in ms: 1 minute.
    pub default_subquery_step_ms: i64,
    /// Whether `__type__` and `__unit__` labels tell what a metric is (`type-and-unit-labels`): no.
    pub type_and_unit_labels: bool,
    /// How many threads one query may use: as many as the machine has processors. The answer is the same to the last
    /// bit for any number; only queries over many series use more than one. Without the feature `parallel` it is one,
    /// whatever is said here.
    pub threads: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            features: Features::default(),
            lookback_ms: 300_000,
            max_samples: 50_000_000,
            max_bytes: None,
            timeout: None,
            default_subquery_step_ms: 60_000,
            type_and_unit_labels: false,
            threads: available_threads(),
        }
    }
}

#[cfg(feature = "parallel")]
fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(not(feature = "parallel"))]
fn available_threads() -> usize {
    1
}

impl EngineOptions {
    /// With these experimental parts of the language.
    pub fn with_features(self, features: Features) -> Self {
        EngineOptions { features, ..self }
    }

    /// Instant selectors look back this far: a [`Duration`], or milliseconds.
    pub fn with_lookback(self, lookback: impl IntoMilliseconds) -> Self {
        EngineOptions { lookback_ms: lookback.into_milliseconds(), ..self }
    }

    /// One query may hold this many samples.
    pub fn with_max_samples(self, max_samples: u64) -> Self {
        EngineOptions { max_samples, ..self }
    }

    /// One query may hold this many bytes, estimated as [`QueryLimits::max_bytes`](crate::QueryLimits::max_bytes) tells.
    pub fn with_max_bytes(self, max_bytes: u64) -> Self {
        EngineOptions { max_bytes: Some(max_bytes), ..self }
    }

    /// One run of a query may take this long.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        EngineOptions { timeout: Some(timeout), ..self }
    }

    /// One query may use this many threads.
    pub fn with_threads(self, threads: usize) -> Self {
        EngineOptions { threads, ..self }
    }
}
