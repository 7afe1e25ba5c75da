//! Histograms in the notation of test scripts.
//!
//! A histogram is written as its fields between double braces, in any order; what is left out is zero:
//!
//! ```
//! use promqlite::model::histogram::notation::{parse_histogram, parse_sequence};
//!
//! let (histogram, consumed) = parse_histogram("{{schema:1 sum:2.5 offset:-1 buckets:[1 0 4]}} 7").unwrap();
//! assert_eq!(consumed, "{{schema:1 sum:2.5 offset:-1 buckets:[1 0 4]}}".len());
//! assert_eq!(histogram.positive.counts, [1.0, 0.0, 4.0]);
//!
//! let error = parse_histogram("{{schema:1 total:3}}").unwrap_err();
//! assert_eq!(error.to_string(), "bad histogram descriptor found: \"total\"");
//!
//! let (sequence, _) = parse_sequence("{{count:1}}+{{count:2}}x3").unwrap();
//! let counts: Vec<f64> = sequence.values().map(|histogram| histogram.unwrap().count).collect();
//! assert_eq!(counts, [1.0, 3.0, 5.0, 7.0]);
//! ```
//!
//! The fields are `schema`, `count`, `sum`, `z_bucket`, `z_bucket_w`, `custom_values`, `counter_reset_hint`, and for
//! each side the index of its first bucket and the counts from there: `offset` and `buckets`, `n_offset` and
//! `n_buckets`. Words may be in capitals. Nothing is [validated](crate::model::Histogram::validate) here.
//!
//! What Prometheus writes in this notation, [`test_expression`](crate::model::Histogram::test_expression) included, is read back
//! even where Prometheus' own parser stumbles: `+Inf` and empty lists are taken.

mod descriptor;
mod error;
mod scanner;
mod sequence;

pub use descriptor::{Described, parse_described, parse_histogram};
pub use error::{NotationError, NotationErrorKind};
pub use sequence::{Change, Sequence, parse_sequence};
