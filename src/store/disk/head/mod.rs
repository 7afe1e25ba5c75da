//! The head: what came in since the last block was cut.
//!
//! On disk several things make up the head, and each sample may be in more than one of them:
//!
//! ```text
//! wal/            all samples that came in order since the last block
//! wbl/            samples that came late, until they are in a block
//! chunks_head/    chunks that are full, which Prometheus writes to have them out of memory
//! chunk_snapshot… what was in memory when a server stopped
//! ```
//!
//! [`replay`] puts them together, by the rules by which Prometheus does (`tsdb/head_wal.go`, `tsdb/head.go`).
//!
//! In memory the head is a table of [series] and their [postings]. There is one writer, and any number of
//! [views](view): a view sees the samples up to one commit, however long it lives and whatever is written meanwhile.

mod late;
mod postings;
mod replay;
mod series;
mod snapshot;
mod table;
mod view;
mod views;
mod writer;

pub(super) use replay::open;
pub(super) use series::{HeadSeries, Sealed, SeriesSamples};
pub(super) use snapshot::Snapshot;
pub(super) use view::HeadView;
pub(super) use views::Views;
pub(super) use writer::{Arrival, Head};
