//! The head: what came in since the last block was cut.
//!
//! Three things on disk make up the head, and each sample may be in more than one of them:
//!
//! ```text
//! chunks_head/    chunks that are full
//! wal/            all samples that came in order since the last block
//! wbl/            samples that came late, until they are in a block
//! ```
//!
//! [`replay`] puts them together, by the rules by which Prometheus does (`tsdb/head_wal.go`, `tsdb/head.go`).

mod mem_postings;
mod replay;
mod series;
mod state;

pub(super) use series::Run;
pub(super) use state::Head;
