//! The `load` notation: series with their samples, short enough to write by hand.
//!
//! It is the notation of Prometheus' own test scripts and rule unit tests. A line names a series and gives its
//! values, one for each interval from the start on:
//!
//! ```
//! use promqlite::ingest::load;
//!
//! let series = load::read(
//!     "load 1m
//!        http_requests_total{code=\"200\"}  0+10x3
//!        http_requests_total{code=\"500\"}  1 _ 2 stale
//!     ",
//!     0,
//! )?;
//! assert_eq!(series[0].labels.to_string(), r#"http_requests_total{code="200"}"#);
//! assert_eq!(series[1].floats.timestamps, [0, 120_000, 180_000]);
//! # Ok::<(), load::LoadError>(())
//! ```
//!
//! | value | meaning |
//! | --- | --- |
//! | `5`, `-2.5`, `1e3`, `010`, `Inf`, `NaN` | a float (`010` is octal: 8) |
//! | `stale` | the stale marker |
//! | `_`, `_x3` | no sample, three times no sample |
//! | `1x3` | `1 1 1 1` |
//! | `1+2x3`, `1-2x3` | `1 3 5 7`, `1 -1 -3 -5` |
//! | `{{schema:1 count:3 sum:4 buckets:[1 2]}}` | a native histogram |
//! | `{{…}}x3`, `{{…}}+{{…}}x3`, `{{…}}-{{…}}x3` | as with floats |
//!
//! A line `series@st -1m 0 _` right before the line of the same series gives each sample's start time, relative to
//! the sample. After `load_with_nhcb` instead of `load`, classic histograms are loaded a second time, as native
//! histograms with custom buckets.

mod block;
mod cursor;
mod error;
mod line;
mod start_times;
mod with_nhcb;

pub use block::{LoadBlock, read};
pub use error::{LoadError, LoadProblem};
pub use line::{SequenceValue, SeriesLine, parse_labels, parse_line, parse_values};
