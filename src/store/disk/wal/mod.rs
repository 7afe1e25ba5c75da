//! The logs: everything that came in since the last block, in the order in which it came (`tsdb/wlog`, `tsdb/record`).
//!
//! `wal/` has the samples that came in order, `wbl/` those that came late. Both are numbered segments, and `wal/` may
//! have a checkpoint, a directory that stands for all segments up to its number:
//!
//! ```text
//! wal/checkpoint.00000007/00000000      what still counts of the segments 0 to 7
//! wal/00000008, wal/00000009, …         what came since
//! ```
//!
//! A segment is [pages](pages) of fragments of records, a record may be [compressed](compression), and is of one of
//! thirteen [types](record).

mod chain;
mod compression;
mod histograms;
mod log;
mod pages;
mod record;
mod samples;
mod write;
mod writer;

pub(super) use log::{
    Log, LogFiles, Standing, Torn, remove_segments, remove_unfinished_checkpoints, write_checkpoint,
};
pub(super) use pages::read_segment;
pub(super) use record::{CommitHead, LogVisitor, MetricMetadata, Sample, read_exemplars, read_labels};
pub(super) use write::{Records, SamplesOfSeries};
pub(super) use writer::LogWriter;
