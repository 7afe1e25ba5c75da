//! Data directories that Prometheus wrote, read as they are, and damaged in every way that one can think of.
//!
//! The directories lie in `../shared`, each beside a description of what is in it. Without them these tests have
//! nothing to read, and say so.

#![allow(clippy::unwrap_used, reason = "a test that meets an error fails right there")]

mod contract;
mod crash;
mod crash_files;
mod cuts;
mod damage;
mod damaged;
mod files;
mod flips;
mod model;
mod reading;
mod samples;
mod sizes;
mod small;
mod untouched;
mod writing;

use std::path::{Path, PathBuf};

/// The directory `path` of the reference data, if it is there.
fn data(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if !found.exists() {
        assert!(std::env::var("PROMQLITE_REQUIRE_CONFORMANCE").is_err(), "there is no {}", found.display());
    }
    found.exists().then_some(found)
}
