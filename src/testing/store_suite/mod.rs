//! The contract of a store as a test: what [`SeriesStore`] promises, held against data that a store may stumble over.
//!
//! Whoever writes a store gives the suite a way to make one that holds some series:
//!
//! ```
//! use promqlite::MemoryStore;
//! use promqlite::testing::store_suite;
//!
//! store_suite(&|series| Box::new(MemoryStore::from_series(series.to_vec()).expect("series that fit")));
//! ```
//!
//! What a store does wrong is told with the request, what should have come, and what the store gave:
//!
//! ```text
//! the store breaks its contract, holding unusual series
//!   asked for: {__name__="up"} at any time
//!   expected:  series sorted by labels, so up{instance="a:9100", job="node"} before up{instance="b:9100", job="node"}
//!   got:       3 series: up{instance="b:9100", job="node"}, up{instance="a:9100", job="node"}, up{job="db"}
//! ```
//!
//! Everything is checked against a search through the series themselves, which is slow and obvious: which series
//! match, which samples lie in a range, and what the labels are. Values are compared bit by bit, histograms without
//! their counter reset hints. Start timestamps may be left out, but not changed.

mod data;
mod expected;
mod reading;
mod suite;
#[cfg(test)]
mod tests;

pub use suite::{float_store_suite, store_suite};
