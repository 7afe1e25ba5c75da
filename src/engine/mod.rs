//! The whole pipeline: text, tree, check, plan, operators, value.
//!
//! An [`Engine`] parses and checks a query, which makes it a [`Prepared`] one; that is planned and run for the times that it
//! is asked for, and what comes out is a [`QueryResult`].
//!
//! ```
//! use promqlite::{Engine, MemoryStore};
//!
//! let query = Engine::default().prepare("vector(1) + 1")?;
//! let answer = query.instant(&MemoryStore::new(), 0)?;
//! assert_eq!(answer.value.into_vector()?.only().unwrap().value, 2.0);
//! # Ok::<(), promqlite::Error>(())
//! ```

mod handle;
mod options;
mod prepared;
mod result;

pub use handle::Engine;
pub use options::EngineOptions;
pub use prepared::Prepared;
pub use result::{QueryResult, QueryStats};
