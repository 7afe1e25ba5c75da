//! The index of a block: which series it has, and where their chunks are (`tsdb/index/index.go`).
//!
//! ```text
//! magic            4 bytes, 0xBAAAD700
//! version          1 byte, 2
//! symbols          all texts of all labels, sorted            -> symbols.rs
//! series           labels and chunks of each, sorted          -> series.rs
//! label indexes    not used any more
//! postings         lists of series, one for each label value  -> postings_list.rs
//! label offsets    not used any more
//! postings table   where each of those lists is               -> postings_table.rs
//! contents         where each of the above begins             -> contents.rs
//! ```
//!
//! Numbers of fixed width have the highest byte first. A *section* is its length in 4 bytes, so many bytes, and their
//! CRC-32C in 4 bytes. Between what is listed there may be zeros.
//!
//! A series is known by its *reference*, a sixteenth of its offset in the file. Series are sorted by their labels, so
//! a rising list of references is a list of series sorted by labels.

mod contents;
mod known_series;
mod postings_list;
mod postings_table;
mod reader;
mod series;
mod symbols;
mod writer;

pub(super) use known_series::KnownSeries;
pub(super) use reader::{Index, SeriesRef};
pub(super) use series::ChunkMeta;
pub(super) use writer::IndexWriter;
