//! promqlite is to PromQL what SQLite and DuckDB are to SQL: an engine that you link, hand a store, and query.
//!
//! The modules, in the order in which a query passes through them:
//!
//! - [`syntax`] makes a tree of the text,
//! - [`plan`] checks it and works out what is read, and when,
//! - [`exec`] runs the plan over columns, with the bodies of [`functions`] and [`aggregations`],
//! - [`Engine`] ties them together,
//! - [`render`] writes the answer down, [`inspect`] and [`why`](mod@why) look into a query,
//! - [`ingest`] reads series from text, [`export`] writes them down, [`testing`] checks answers against scripts,
//! - [`model`] has the nouns that all of them speak of.

pub mod aggregations;
pub mod diagnostic;
mod engine;
mod error;
pub mod exec;
pub mod export;
pub mod functions;
pub mod ingest;
pub mod inspect;
pub mod model;
pub mod plan;
pub mod render;
pub mod similar;
mod stack;
pub mod store;
pub mod syntax;
#[cfg(feature = "testing")]
pub mod testing;
pub mod why;

pub use diagnostic::{Diagnostic, Severity, Span};
pub use engine::{Engine, EngineOptions, Prepared, QueryResult, QueryStats};
pub use error::{Error, ErrorKind};
pub use exec::{CancelToken, QueryLimits};
pub use model::{
    FloatPoints, Histogram, InstantSample, Labels, Matrix, MatrixSeries, SampleValue, Value, ValueType,
    Vector,
};
pub use store::{MemoryStore, SeriesStore};
pub use syntax::Features;

/// The examples in the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
