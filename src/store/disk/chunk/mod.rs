//! Chunks: stretches of one series' samples, compressed.
//!
//! A chunk is a byte that names its encoding and the encoded data; where chunks lie and what is written around them
//! is told by [`segment`](super::segment) and [`head_chunks`](super::head_chunks). A chunk is always decoded as a
//! whole, into columns that are reused:
//!
//! ```text
//! data of a chunk  ->  timestamps   1647877650300  1647877665300  1647877680300 …
//!                      values       0.5            0.5            0.75          …
//! ```
//!
//! Encodings (`tsdb/chunkenc/chunk.go`): 1 [XOR](xor), 2 [histogram](histogram), 3 [float histogram](float_histogram),
//! 4 [XOR2](xor2), and 5 and 6, the histogram encodings with [start timestamps](start_times).

mod bit_writer;
mod bits;
mod columns;
mod decode;
mod encode;
mod float_histogram;
mod histogram;
mod layout;
mod run;
mod start_times;
mod value_window;
mod xor;
mod xor2;

pub(super) use columns::{Columns, FloatColumns, HistogramColumns, ValueColumns};
pub(super) use decode::{Encoding, decode, decode_until};
pub(super) use encode::{EncodedChunk, MOST_SAMPLES, encode, is_whole};
pub(super) use layout::reduce_reserved;
pub(super) use run::{Run, is_same, push_sample};
