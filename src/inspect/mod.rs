//! Seeing through a query: what each of its parts comes to and takes, which series of two sides meet, and how a rate is
//! extrapolated.
//!
//! Every part of a query is a query, so all that is told here comes from evaluating parts by themselves, over the same
//! store and at the same times:
//!
//! ```
//! use promqlite::{Engine, Labels, MemoryStore};
//! use promqlite::inspect::{Times, tree};
//!
//! let store = MemoryStore::new();
//! for job in ["a", "b"] {
//!     store.append(&Labels::from_pairs([("__name__", "up"), ("job", job)]), 0, 1.0)?;
//! }
//! let tree = tree(&Engine::default(), "sum(up)", &store, Times::instant(0))?;
//! assert_eq!((tree.text.as_str(), tree.series), ("sum(up)", Some(1)));
//! assert_eq!((tree.parts[0].text.as_str(), tree.parts[0].series), ("up", Some(2)));
//! assert_eq!(tree.parts[0].labels, ["__name__", "job"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analyze;
mod explain;
mod extrapolation;
mod groups;
mod parts;
mod tree;

pub use analyze::{Analysis, Cost, Operator, analyze};
pub use explain::explain;
pub use extrapolation::{Edge, EdgeRule, Extrapolated, Extrapolation, Reset, extrapolations};
pub(crate) use groups::is_matched_by;
pub use groups::{MatchGroup, match_groups};
pub use parts::{PartSeries, Parts, Times};
pub use tree::{Part, tree};

pub use crate::plan::explain::Explanation;
