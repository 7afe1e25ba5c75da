//! Data directories in Prometheus' own format (`tsdb/`): opened as they are, without a server, and written.
//!
//! From the outside to the inside:
//!
//! - [`directory`] is the directory as a store: blocks and head as one consistent state,
//! - `select` finds the series that match, through the lists of `postings` and the `index` of each block,
//! - `series`, `pieces` and `merge` read the samples of one series from wherever they are,
//! - `block`, with `meta`, `index`, `segment` and `tombstones`, and `head`, with `head_chunks` and `wal`, know the
//!   structure of files, each documented where it is read,
//! - `chunk` decodes samples into columns,
//! - [`check`](check()) reads all of it and tells what is wrong,
//! - [`io`] is the one seam to the operating system.
//!
//! And for those who write:
//!
//! - [`DiskStore`] is the directory with one writer, who holds the lock,
//! - an [`Appender`] gathers samples, and commits them into the `logs` and the head,
//! - `maintain` does what is due: `rewrite` makes blocks of the head or of other blocks, `compaction` tells of which, and
//!   what the head still has then goes into a `checkpoint`,
//! - `deletion` deletes.

mod appender;
mod block;
mod bytes;
pub mod check;
mod checkpoint;
mod chunk;
mod compaction;
mod decoded;
mod deletion;
pub mod directory;
pub mod error;
mod exemplars;
mod file;
mod first;
mod head;
mod head_chunks;

mod index;
pub mod io;
mod listing;
mod logs;
mod maintain;
mod merge;
mod meta;
#[cfg(feature = "mmap")]
mod mmap;
mod new_file;
mod numbered;
mod options;
mod output;
mod pieces;
mod postings;
mod rewrite;
mod scan;
mod segment;
mod select;
mod series;
mod state;
mod stats;
mod std_io;
mod store;
mod tombstones;
mod ulid;
mod wal;
mod write_error;

pub use appender::Appender;
pub use check::{CheckProgress, Finding, check, check_reporting};
pub use directory::DataDirectory;
pub use error::{Corruption, DiskError, DiskErrorKind, Problem};
pub use exemplars::{Exemplar, SeriesExemplars};
pub use io::{Access, DirEntry, Io, Lock, ReadFile, WriteFile};
pub use maintain::Maintained;
pub use meta::{BlockMeta, BlockStats, Compaction, Parent};
pub use options::DiskOptions;
pub use stats::{DirectoryStats, PartStats};
pub use std_io::StdIo;
pub use store::DiskStore;
pub use ulid::{NotAUlid, Ulid};
pub use write_error::WriteError;
