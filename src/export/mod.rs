//! Series to text: what [`ingest`](crate::ingest) reads, written.

mod open_metrics;

pub use open_metrics::{ExportError, Exported, open_metrics};
