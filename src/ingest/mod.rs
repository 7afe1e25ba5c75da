//! Text to series: one file for each notation in which people keep samples, one table of them all.
//!
//! ```
//! use promqlite::MemoryStore;
//! use promqlite::ingest;
//!
//! let scrape = b"# TYPE requests_total counter
//! requests_total{code=\"200\"} 1027
//! requests_total{code=\"500\"} 3
//! ";
//! let store = MemoryStore::new();
//! let samples = ingest::parse(scrape, None, 1_700_000_000_000)?;
//! ingest::load_into(&store, samples)?;
//! assert_eq!(store.stats().series, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A text is taken as a whole or not at all: an error tells the line and the column of what is wrong with it, and
//! nothing of the text has come into any store.

mod cursor;
mod error;
mod exposition;
mod format;
pub mod load;
mod open_metrics;
mod samples;
#[cfg(test)]
mod tests;

pub use error::{IngestError, IngestProblem};
pub use format::{FORMATS, Format, FormatRecord, detect, parse, parse_timed};
pub use samples::{IngestedSamples, load_into};
