//! promqlite is an embeddable query engine for PromQL: link it, hand it a store, and query.

pub mod diagnostic;
pub mod model;
pub mod syntax;
pub mod store;
pub mod functions;

pub use diagnostic::{Diagnostic, Severity, Span};
pub use model::{Histogram, Labels, Value};
pub use store::{MemoryStore, SeriesStore};
