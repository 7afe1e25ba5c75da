//! The head: what came in since the last block was cut.
//!
//! Several things on disk make up the head, and each sample may be in more than one of them:
//!
//! ```text
//! chunks_head/    chunks that are full
//! wal/            all samples that came in order since the last block
//! wbl/            samples that came late, until they are in a block
//! chunk_snapshot… what was in memory when the server stopped
//! ```
//!
//! [`replay`] puts them together, by the rules by which Prometheus does (`tsdb/head_wal.go`, `tsdb/head.go`).

mod mem_postings;
mod replay;
mod series;
mod snapshot;
mod state;

pub(super) use snapshot::Snapshot;
pub(super) use state::Head;
