//! A block: a directory with all samples of a stretch of time, which never changes but for its tombstones.
//!
//! ```text
//! 01FYRNS3T7P7V2WHRHN90K0RWS/
//!     meta.json       what the block is
//!     index           its series, and where their chunks are
//!     chunks/000001   their chunks
//!     tombstones      what is deleted
//! ```

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::chunk::{Columns, FloatColumns};
use super::decoded::{ChunkKey, DecodedChunks, Found};
use super::error::{Corruption, DiskError, Problem};
use super::index::Index;
use super::io::Io;
use super::meta::{self, BlockMeta};
use super::segment::{ChunkRef, Segments};
use super::tombstones::Tombstones;
use crate::model::{TimeRange, Timestamp};

/// Up to this size of its index in bytes, a block's meta.json is held against the index when the block is opened.
const SMALL_INDEX: u64 = 1 << 20;

/// An open block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) dir: PathBuf,
    pub(super) meta: BlockMeta,
    pub(super) index: Index,
    pub(super) segments: Segments,
    pub(super) tombstones: Tombstones,
    /// Chunks that were decoded lately, and what the block is called among them.
    decoded: Arc<DecodedChunks>,
    number: u32,
    /// The times of the first and the last sample, once someone asked.
    exact_range: OnceLock<Option<TimeRange>>,
}

/// Opens the blocks in `dir` that have these names.
pub(super) fn open_blocks(
    io: &dyn Io,
    dir: &Path,
    metas: Vec<BlockMeta>,
    decoded: &Arc<DecodedChunks>,
) -> Result<Vec<Arc<Block>>, DiskError> {
    let open = |meta: BlockMeta| {
        let dir = dir.join(meta.ulid.to_string());
        Ok(Arc::new(Block::open(io, dir, meta, decoded.clone())?))
    };
    metas.into_iter().map(open).collect()
}

impl Block {
    /// Opens the block in `dir`.
    ///
    /// meta.json has no checksum, and what it says of times decides whether a query looks into the block at all. So
    /// its times are held against those in the index wherever that costs nothing: when the block is small, and
    /// for each series that is read.
    pub(super) fn open(
        io: &dyn Io,
        dir: PathBuf,
        meta: BlockMeta,
        decoded: Arc<DecodedChunks>,
    ) -> Result<Self, DiskError> {
        let index = Index::open(io, dir.join("index"))?;
        let segments = Segments::open(io, &dir)?;
        let tombstones = Tombstones::read(io, &dir)?;
        let (number, exact_range) = (decoded.next_block(), OnceLock::new());
        let block = Block { dir, meta, index, segments, tombstones, decoded, number, exact_range };
        if block.index.len() <= SMALL_INDEX {
            block.range()?;
        }
        Ok(block)
    }

    /// The times of the first and the last sample, deleted ones included; `None` if there is no sample.
    pub(super) fn range(&self) -> Result<Option<TimeRange>, DiskError> {
        if let Some(range) = self.exact_range.get() {
            return Ok(*range);
        }
        let range = self.find_range().map_err(|corruption| self.index.corrupt(corruption))?;
        if let Some(range) = range {
            self.check_range(range)?;
        }
        Ok(*self.exact_range.get_or_init(|| range))
    }

    fn find_range(&self) -> Result<Option<TimeRange>, Corruption> {
        let mut range: Option<TimeRange> = None;
        for reference in self.index.all_series()? {
            for chunk in self.index.series(reference)?.chunks() {
                let chunk = chunk?.range();
                range = Some(range.map_or(chunk, |range| range.union(chunk)));
            }
        }
        Ok(range)
    }

    /// The samples of a chunk of floats, if it was decoded lately, or is worth to be kept: then it is decoded as a whole.
    /// `scratch` is for its bytes, and `columns`, which it leaves as they are, for its samples.
    pub(super) fn kept_chunk(
        &self,
        chunk: ChunkRef<'_>,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<Option<Arc<FloatColumns>>, DiskError> {
        let key = ChunkKey { block: self.number, reference: chunk.number };
        match self.decoded.find(key) {
            Found::Kept(kept) => Ok(Some(kept)),
            Found::Unknown => Ok(None),
            Found::Wanted => {
                let (floats, histograms) = (columns.floats.len(), columns.histograms.len());
                self.segments.decode(chunk, Timestamp::MAX, scratch, columns)?;
                let kept = (columns.histograms.len() == histograms)
                    .then(|| Arc::new(columns.floats.slice(floats..columns.floats.len())));
                columns.floats.truncate(floats);
                columns.histograms.truncate(histograms);
                if let Some(kept) = &kept {
                    self.decoded.keep(key, kept.clone());
                }
                Ok(kept)
            }
        }
    }

    /// Holds the times of samples against those that meta.json names.
    pub(super) fn check_range(&self, range: TimeRange) -> Result<(), DiskError> {
        let meta = self.meta.range();
        if meta.contains(range.start) && meta.contains(range.end) {
            return Ok(());
        }
        let problem = Problem::Invalid("the block has samples outside of minTime and maxTime");
        Err(problem.at(0).in_file(&self.meta_path()))
    }

    /// The first time that is later than all samples: as the index tells, if the block is small, else as meta.json
    /// does, which may name a later one.
    pub(super) fn end(&self) -> Timestamp {
        match self.exact_range.get() {
            Some(Some(range)) => range.end.saturating_add(1),
            _ => self.meta.max_time,
        }
    }

    /// Bytes that the block takes on disk: its index and its chunks.
    pub(super) fn size_bytes(&self) -> u64 {
        self.index.len() + self.segments.size_bytes()
    }

    /// Where the block's meta.json is.
    pub(super) fn meta_path(&self) -> PathBuf {
        self.dir.join(meta::FILE_NAME)
    }

    /// The directory of the block.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}
