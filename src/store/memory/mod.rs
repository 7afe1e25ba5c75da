//! Series in memory: appended to while they are queried, 2 to 8 bytes a sample and little beside.
//!
//! ```
//! use promqlite::model::{MatchOp, Matcher, TimeRange};
//! use promqlite::store::{MemoryStore, SelectRequest, SeriesStore};
//! use promqlite::Labels;
//!
//! let store = MemoryStore::new();
//! let up = |job: &str| Labels::from_pairs([("__name__", "up"), ("job", job)]);
//! let mut scrape = store.appender();
//! scrape.append(&up("node"), 15_000, 1.0)?;
//! scrape.append(&up("db"), 15_000, 0.0)?;
//! scrape.commit()?;
//!
//! let matchers = [Matcher::equal("__name__", "up"), Matcher::new(MatchOp::Regex, "job", "d.*")?];
//! let selected = store.select(&SelectRequest::new(&matchers, TimeRange::ALL))?;
//! assert_eq!(selected.count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | what it holds |
//! | --- | --- |
//! | `appender`, `append_error` | samples on their way in, and the rules about time |
//! | `writing` | one commit |
//! | `snapshot` | one state of the store: what a query reads |
//! | `store` | the store itself |
//! | `index`, `postings`, `order` | from matchers to series in the order of their labels |
//! | `series`, `column`, `segment` | the samples of one series |
//! | `timeline`, `packed` | timestamps that series share, and samples whose timestamps nobody shares |
//! | `pieces`, `reader` | from columns to batches |

mod append_error;
mod appender;
mod column;
mod few;
mod index;
mod order;
mod packed;
mod pieces;
mod postings;
mod reader;
mod segment;
mod series;
mod snapshot;
mod store;
#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
mod timeline;
mod writing;

pub use append_error::{AppendError, AppendErrorKind};
pub use appender::{Appender, SeriesRef};
pub use store::{MemoryStats, MemoryStore};
