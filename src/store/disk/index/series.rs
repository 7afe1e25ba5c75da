//! One series in the index: its labels and where its chunks are.
//!
//! At 16 times the reference of the series:
//!
//! ```text
//! length       uvarint, of what follows up to the checksum
//! labels       count, then symbol of the name and of the value of each: uvarints
//! chunks       count: uvarint
//!   first      first time: varint; last - first time: uvarint; reference: uvarint
//!   others     first time - last time of the chunk before: uvarint; last - first time: uvarint;
//!              reference - reference of the chunk before: varint
//! checksum     4 bytes
//! ```
//!
//! The reference of a chunk is the number of its segment, counted from 0, in the upper 32 bits, and its offset there in
//! the lower.

use std::ops::Range;

use super::super::bytes::{Decoder, verify};
use super::super::error::{Corruption, Problem};
use super::contents::decoder_at;
use super::symbols::Symbols;
use crate::model::{Labels, TimeRange, Timestamp};

/// Where a chunk is, and the times of its first and last sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) struct ChunkMeta {
    /// Time of the first sample in ms.
    pub(in crate::store::disk) min_time: Timestamp,
    /// Time of the last sample in ms.
    pub(in crate::store::disk) max_time: Timestamp,
    /// Segment and offset.
    pub(in crate::store::disk) reference: u64,
}

impl ChunkMeta {
    /// The times that samples of the chunk may have.
    pub(in crate::store::disk) fn range(&self) -> TimeRange {
        TimeRange::new(self.min_time, self.max_time)
    }
}

/// The entry of one series.
#[derive(Clone, Debug)]
pub(in crate::store::disk) struct SeriesEntry<'a> {
    file: &'a [u8],
    symbols: &'a Symbols,
    label_count: usize,
    labels: Decoder<'a>,
    chunk_count: usize,
    chunks: Decoder<'a>,
}

impl<'a> SeriesEntry<'a> {
    /// The entry at `offset`.
    pub(super) fn read(file: &'a [u8], symbols: &'a Symbols, offset: u64) -> Result<Self, Corruption> {
        let mut decoder = decoder_at(file, offset)?;
        let len = decoder.uvarint()?;
        let start = decoder.offset();
        let contents = decoder.take(len)?;
        verify(contents, decoder.be32()?, start)?;
        let mut chunks = Decoder::new(contents, start);
        let label_count = chunks.count(2)?;
        let labels = chunks.clone();
        for _ in 0..2 * label_count {
            chunks.uvarint()?;
        }
        let chunk_count = chunks.count(3)?;
        Ok(SeriesEntry { file, symbols, label_count, labels, chunk_count, chunks })
    }

    /// Where in the file the entry begins, behind its length.
    pub(in crate::store::disk) fn offset(&self) -> u64 {
        self.labels.offset()
    }

    /// Names and values of the labels, sorted by name.
    pub(in crate::store::disk) fn pairs(&self) -> Result<Vec<(&'a str, &'a str)>, Corruption> {
        let mut decoder = self.labels.clone();
        let mut pairs: Vec<(&str, &str)> = Vec::with_capacity(self.label_count);
        for _ in 0..self.label_count {
            let offset = decoder.offset();
            let name = self.symbols.get(self.file, decoder.uvarint()?, offset)?;
            let value = self.symbols.get(self.file, decoder.uvarint()?, offset)?;
            if pairs.last().is_some_and(|(before, _)| *before >= name) {
                return Err(Problem::Invalid("the labels of a series are not sorted").at(offset));
            }
            pairs.push((name, value));
        }
        Ok(pairs)
    }

    /// The labels.
    pub(in crate::store::disk) fn labels(&self) -> Result<Labels, Corruption> {
        self.pairs().map(Labels::from_sorted)
    }

    /// The chunks in the order in which they are listed.
    pub(in crate::store::disk) fn chunks(&self) -> ChunkMetas<'a> {
        ChunkMetas::new(self.chunks.clone(), self.chunk_count, None)
    }

    /// Where in the file the chunks are described, and how many there are.
    pub(super) fn chunks_at(&self) -> (Range<u64>, usize) {
        let start = self.chunks.offset();
        (start..start + self.chunks.rest().len() as u64, self.chunk_count)
    }
}

/// The chunks of a series.
#[derive(Clone, Debug)]
pub(in crate::store::disk) struct ChunkMetas<'a> {
    decoder: Decoder<'a>,
    left: usize,
    before: Option<ChunkMeta>,
}

impl<'a> ChunkMetas<'a> {
    /// The next `left` chunks, which `decoder` stands in front of, behind the one `before`.
    pub(super) fn new(decoder: Decoder<'a>, left: usize, before: Option<ChunkMeta>) -> Self {
        ChunkMetas { decoder, left, before }
    }

    /// Where in the file the next chunk is described.
    pub(super) fn offset(&self) -> u64 {
        self.decoder.offset()
    }

    fn read(&mut self) -> Result<ChunkMeta, Corruption> {
        let offset = self.decoder.offset();
        let min_time = match self.before {
            None => self.decoder.varint()?,
            Some(before) => before.max_time.wrapping_add(self.decoder.uvarint()? as i64),
        };
        let max_time = min_time.wrapping_add(self.decoder.uvarint()? as i64);
        let reference = match self.before {
            None => self.decoder.uvarint()?,
            Some(before) => before.reference.wrapping_add(self.decoder.varint()? as u64),
        };
        if max_time < min_time {
            return Err(Problem::Invalid("a chunk ends before it begins").at(offset));
        }
        Ok(ChunkMeta { min_time, max_time, reference })
    }
}

impl Iterator for ChunkMetas<'_> {
    type Item = Result<ChunkMeta, Corruption>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let meta = self.read();
        match &meta {
            Ok(meta) => self.before = Some(*meta),
            Err(_) => self.left = 0,
        }
        Some(meta)
    }
}
