//! promqlite is an embeddable query engine for PromQL: link it, hand it a store, and query.

pub mod aggregations;
pub mod diagnostic;
pub mod exec;
pub mod functions;
pub mod model;
pub mod store;
pub mod syntax;

pub use diagnostic::{Diagnostic, Severity, Span};
pub use model::{Histogram, Labels, Value};
pub use store::{MemoryStore, SeriesStore};
