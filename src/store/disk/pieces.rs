//! Where the samples of one series lie: pieces, from which they are read in order of time.
//!
//! A piece is a chunk of a block, a chunk of the head, or a run of samples in memory. Pieces may overlap: late samples
//! and those in order, a block and one that was made of late samples, a head chunk and the log. Pieces that do not
//! are decoded into the same columns one after the other; those that do are [merged](super::merge).

use std::path::Path;
use std::sync::Arc;

use super::block::Block;
use super::chunk::{Columns, EncodedChunk, FloatColumns, Run, decode_until};
use super::error::{DiskError, Problem};
use super::head_chunks::{HeadChunk, HeadChunkFiles};
use super::index::ChunkMeta;
use super::segment::ChunkRef;
use super::tombstones::Intervals;
use crate::model::{TimeRange, Timestamp};

/// Samples of one series and of one kind, in one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'s> {
    /// The times of the first and the last sample.
    pub(super) range: TimeRange,
    /// The block or the head that it is a part of, by its place among those that have the series.
    pub(super) source: usize,
    /// Where the samples are.
    pub(super) place: Place<'s>,
    /// What of them is deleted.
    pub(super) deleted: Option<&'s Intervals>,
    /// Samples that are earlier do not count.
    pub(super) from: Timestamp,
}

/// Where samples are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'s> {
    /// In a chunk of a block, which the index names at this offset.
    Block(&'s Block, ChunkMeta, u64),
    /// In a chunk of the head.
    HeadChunk(&'s HeadChunkFiles, &'s HeadChunk),
    /// In a chunk in memory.
    Memory(&'s EncodedChunk),
    /// In memory.
    Run(&'s Run),
}

impl<'s> Piece<'s> {
    /// Whether some samples of the piece may not count.
    pub(super) fn has_gaps(&self) -> bool {
        self.range.start < self.from || self.deleted.is_some_and(|deleted| deleted.overlap(self.range))
    }

    /// Whether no sample of the piece counts.
    pub(super) fn is_gone(&self) -> bool {
        self.range.end < self.from || self.deleted.is_some_and(|deleted| deleted.cover(self.range))
    }

    /// Appends the samples that count to `columns`. Those behind `until` may be left out.
    pub(super) fn decode(
        &self,
        until: Timestamp,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<(), DiskError> {
        let (floats, histograms) = (columns.floats.len(), columns.histograms.len());
        let ends = match self.place {
            Place::Block(block, meta, offset) => {
                block.segments.decode(chunk_ref(block, meta, offset), until, scratch, columns)?
            }
            Place::HeadChunk(files, chunk) => files.decode_until(chunk, until, scratch, columns)?,
            Place::Memory(chunk) => decode_until(chunk.encoding, &chunk.data, until, columns)
                .map_err(|problem| self.corrupt(problem))?,
            Place::Run(run) => {
                copy(run, columns);
                None
            }
        };
        self.check_ends(ends).inspect_err(|_| {
            columns.floats.truncate(floats);
            columns.histograms.truncate(histograms);
        })?;
        if self.has_gaps() {
            let keep = |t| t >= self.from && !self.deleted.is_some_and(|deleted| deleted.contain(t));
            columns.floats.retain_from(floats, keep);
            columns.histograms.retain_from(histograms, keep);
        }
        Ok(())
    }

    fn corrupt(&self, problem: Problem) -> DiskError {
        match self.place {
            Place::Block(block, meta, offset) => {
                block.segments.corrupt(chunk_ref(block, meta, offset), problem)
            }
            Place::HeadChunk(files, chunk) => files.corrupt(chunk, problem),
            Place::Memory(_) | Place::Run(_) => problem.at(0).in_file(Path::new("memory")),
        }
    }

    /// The samples of a chunk of a block, if it is kept decoded.
    pub(super) fn kept(
        &self,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<Option<Arc<FloatColumns>>, DiskError> {
        let Place::Block(block, meta, offset) = self.place else { return Ok(None) };
        let kept = block.kept_chunk(chunk_ref(block, meta, offset), scratch, columns)?;
        if let Some(kept) = &kept {
            let times = &kept.timestamps;
            self.check_ends(times.first().copied().zip(times.last().copied()))?;
        }
        Ok(kept)
    }

    /// Holds the times of the first and the last sample against those that are named with the piece.
    fn check_ends(&self, ends: Option<(Timestamp, Timestamp)>) -> Result<(), DiskError> {
        if ends.is_some_and(|(first, last)| first < self.range.start || last > self.range.end) {
            let problem = "a chunk has samples outside of the times that are named with it";
            return Err(self.corrupt(Problem::Invalid(problem)));
        }
        Ok(())
    }

    /// The samples, if they are in memory as columns.
    pub(super) fn run(&self) -> Option<&'s Run> {
        match self.place {
            Place::Run(run) => Some(run),
            _ => None,
        }
    }
}

/// Groups of pieces that overlap; all of them are sorted by where they begin.
pub(super) fn groups<'p, 's>(pieces: &'p [Piece<'s>]) -> impl Iterator<Item = &'p [Piece<'s>]> {
    let mut rest = pieces;
    std::iter::from_fn(move || {
        let mut end = rest.first()?.range.end;
        let mut len = 1;
        while let Some(piece) = rest.get(len).filter(|piece| piece.range.start <= end) {
            end = end.max(piece.range.end);
            len += 1;
        }
        let (group, behind) = rest.split_at(len);
        rest = behind;
        Some(group)
    })
}

fn chunk_ref(block: &Block, meta: ChunkMeta, offset: u64) -> ChunkRef<'_> {
    ChunkRef { number: meta.reference, index: block.index.path(), offset }
}

fn copy(run: &Run, columns: &mut Columns) {
    match run {
        Run::Floats(run) => columns.floats.extend_from(run),
        Run::Histograms(run) => columns.histograms.extend_from(run),
    }
}
