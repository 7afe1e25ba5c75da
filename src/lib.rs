//! promqlite is to PromQL what SQLite and DuckDB are to SQL: an engine that you link, hand a store, and query. No server, no
//! set-up, and the answers of Prometheus 3.14.
//!
//! # Ask
//!
//! Five lines from nothing to an answer:
//!
//! ```
//! use promqlite::{Engine, Labels, MemoryStore};
//!
//! let store = MemoryStore::new();
//! store.append(&Labels::metric("up").with("job", "api"), 0, 1.0)?;
//! store.append(&Labels::metric("up").with("job", "db"), 0, 0.0)?;
//! let down = Engine::default().instant(&store, "up == 0", 0)?.value.into_vector()?;
//! assert_eq!(down.only().unwrap().labels.get("job"), Some("db"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Times are `i64` milliseconds since the Unix epoch; wherever one is asked for, a [`SystemTime`](std::time::SystemTime)
//! will do as well, and a [`Duration`](std::time::Duration) for a step.
//!
//! # Prepare once, run many times
//!
//! [`Engine::prepare`] parses and checks; what it gives is run over any store, from any number of threads, with limits of
//! time, samples and bytes, and a token that ends it early:
//!
//! ```
//! # use promqlite::{CancelToken, Engine, Labels, MemoryStore};
//! # let store = MemoryStore::new();
//! # let requests = Labels::metric("requests_total").with("code", "200");
//! # for minute in 0..=60 { store.append(&requests, minute * 60_000, minute as f64 * 30.0)?; }
//! use std::time::Duration;
//!
//! let token = CancelToken::new();
//! let query = Engine::default()
//!     .prepare("sum by (code) (rate(requests_total[5m]))")?
//!     .with_timeout(Duration::from_secs(10))
//!     .with_max_bytes(100_000_000)
//!     .with_cancel(&token);
//! let now = query.instant(&store, 3_600_000)?;
//! let hour = query.range(&store, 600_000, 3_600_000, Duration::from_secs(60))?;
//! assert_eq!(now.stats.samples_read, 5);
//! # assert_eq!(hour.value.as_matrix().unwrap().only().unwrap().floats.len(), 51);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Take answers apart
//!
//! A [`Value`] is a scalar, a string, a [`Vector`] (an instant query's) or a [`Matrix`] (a range query's). Series are found
//! by their labels; samples are slices of times and values:
//!
//! ```
//! # use promqlite::{Engine, Labels, MemoryStore};
//! # let store = MemoryStore::new();
//! # for code in ["200", "500"] {
//! #     let requests = Labels::metric("requests_total").with("code", code).with("job", "api");
//! #     for minute in 0..=60 { store.append(&requests, minute * 60_000, minute as f64 * 30.0)?; }
//! # }
//! let query = "rate(requests_total[5m])";
//! let matrix = Engine::default().range(&store, query, 600_000, 1_200_000, 60_000)?.value.into_matrix()?;
//! let errors = matrix.get([("code", "500"), ("job", "api")]).unwrap();
//! assert_eq!(errors.floats.values().as_ref(), [0.5; 11]);
//! assert_eq!(errors.floats.at(660_000), Some(0.5));
//! assert_eq!(matrix.having([("job", "api")]).count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`render`] writes answers as the JSON of Prometheus' HTTP API, CSV, tables and more; with the feature `serde`, answers,
//! errors and labels serialise in the shape of that API.
//!
//! # Understand mistakes
//!
//! There is one [`Error`]. It has a [kind](ErrorKind), a message (that of Prometheus), the place in the query, and help:
//!
//! ```
//! let error = promqlite::Engine::default().prepare("sum(rat(up[5m]))").unwrap_err();
//! assert_eq!(
//!     format!("{error:#}"),
//!     "1:5: parse error: unknown function with name \"rat\"\n\
//!      \x20 sum(rat(up[5m]))\n\
//!      \x20     ^^^\n\
//!      help: did you mean `rate`?"
//! );
//! ```
//!
//! # Bring data
//!
//! | what you have | what to take |
//! | --- | --- |
//! | samples in memory | [`MemoryStore`] |
//! | text: a scrape, OpenMetrics, a test script | [`ingest`] |
//! | a Prometheus data directory | `store::disk` (feature `disk`) |
//! | something that can say "these series match" | [`store::ClosureStore`] |
//! | storage of your own, and speed | the trait [`SeriesStore`]; [`testing::store_suite`] holds it to its contract |
//! | several of these | [`store::MergedStore`] |
//!
//! Each has a complete program in the directory `examples/`.
//!
//! # Test metrics
//!
//! [`testing`] has a simulated clock that is given the rendered `/metrics` of a program, assertions on queries, and a runner
//! for Prometheus' `.test` scripts.
//!
//! # Features
//!
//! None of them changes an answer, and all can be combined.
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `disk` | yes | Prometheus data directories, read and written |
//! | `mmap` | yes | their files are mapped into memory rather than read |
//! | `parallel` | yes | queries over many series use several threads; the answer is the same to the last bit |
//! | `testing` | yes | the module [`testing`] |
//! | `serde` | no | `Serialize` (and `Deserialize` where it can be) in the shape of the HTTP API |
//!
//! Without any, the library reads no file, asks no clock unless a query has a timeout, and starts no thread but for a query
//! nested so deep that it needs a larger stack; it builds for `wasm32-unknown-unknown`.
//!
//! # How it is built
//!
//! A query passes through [`syntax`] (text to tree), a check and a plan, operators over columns, and comes out of the
//! [`Engine`] as a value. [`inspect`] and [`why`](mod@why) look into that; [`functions`] and [`aggregations`] list what the
//! language has. Modules that this page does not link to are the engine's own, and change without notice.

pub mod aggregations;
mod diagnostic;
mod engine;
mod error;
#[doc(hidden)]
pub mod exec;
pub mod export;
pub mod functions;
pub mod ingest;
pub mod inspect;
pub mod model;
#[doc(hidden)]
pub mod plan;
pub mod render;
#[doc(hidden)]
pub mod similar;
mod stack;
pub mod store;
pub mod syntax;
#[cfg(feature = "testing")]
pub mod testing;
pub mod why;

#[doc(inline)]
pub use diagnostic::{Diagnostic, Severity, Span};
#[doc(inline)]
pub use engine::{Engine, EngineOptions, Prepared, QueryResult, QueryStats};
#[doc(inline)]
pub use error::{Error, ErrorKind};
#[doc(inline)]
pub use exec::{CancelToken, QueryLimits};
#[doc(inline)]
pub use model::{
    FloatPoints, Histogram, InstantSample, Labels, Matrix, MatrixSeries, SampleValue, Value, ValueType,
    Vector,
};
#[doc(inline)]
pub use store::{MemoryStore, SeriesStore};
#[doc(inline)]
pub use syntax::Features;

/// The examples in the README and in `docs/` are tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    pub struct Readme;
    #[doc = include_str!("../docs/embedding.md")]
    pub struct Embedding;
}
