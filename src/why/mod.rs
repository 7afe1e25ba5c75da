//! Why an answer is empty, the likeliest reason first.
//!
//! Nothing is the commonest wrong answer there is, and it never says why. [`why`] goes down the query to the parts that
//! are empty although what they are made of is not, and looks there:
//!
//! ```
//! use promqlite::{Engine, Labels, MemoryStore};
//! use promqlite::inspect::Times;
//! use promqlite::why::why;
//!
//! let store = MemoryStore::new();
//! store.append(&Labels::from_pairs([("__name__", "up"), ("job", "node")]), 0, 1.0)?;
//!
//! let query = r#"sum(up{job="nod"})"#;
//! let findings = why(&Engine::default(), query, &store, Times::instant(0))?;
//! assert_eq!(
//!     findings[0].diagnostic().render(query),
//!     "info: no series of up has job=\"nod\"\n\
//!      \x20 sum(up{job=\"nod\"})\n\
//!      \x20     ^^^^^^^^^^^^^\n\
//!      help: did you mean \"node\"?\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The questions that it asks of the engine and of the store are ordinary ones, so it works on any store and never
//! changes an answer.

mod inquiry;
mod matching;
mod reason;
mod selector;

pub use inquiry::why;
pub use reason::{Finding, Reason};
