//! Making a block out of a state: of what the head has in a stretch of time, or of several blocks that become one.
//!
//! ```text
//! 01FYRNS3T7P7V2WHRHN90K0RWS.tmp-for-creation/   written file by file, each made to last
//! 01FYRNS3T7P7V2WHRHN90K0RWS/                    the name that it gets when it is whole
//! ```
//!
//! Chunks that nothing overlaps and of which nothing is missing are copied as they are. All others are decoded, merged
//! as a query would, and encoded anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::block::Block;
use super::chunk::{EncodedChunk, Encoding, Run, encode, push_sample};
use super::error::DiskError;
use super::index::{ChunkMeta, IndexWriter};
use super::io::Io;
use super::merge::{merge_pieces, merge_places};
use super::meta::{self, BlockMeta, BlockStats, Compaction};
use super::new_file::{remove_tree, write_file};
use super::output::with_scratch;
use super::pieces::{Piece, Place, groups};
use super::segment::{ChunkRef, RawChunk, SegmentWriter};
use super::series::DiskSeries;
use super::state::State;
use super::tombstones::{self, Tombstones};
use super::ulid::Ulid;
use crate::model::TimeRange;
use crate::store::SelectRequest;

/// What the name of a block ends with while it is being written.
const CREATION: &str = ".tmp-for-creation";
/// What the name of a block ends with while it is being removed.
const DELETION: &str = ".tmp-for-deletion";

/// What a new block is to say of itself.
#[derive(Clone, Debug)]
pub(super) struct NewBlock {
    /// No sample is earlier, in ms.
    pub(super) min_time: i64,
    /// All samples are earlier, in ms.
    pub(super) max_time: i64,
    /// What it is made of. A block that is its own source has none here.
    pub(super) compaction: Compaction,
}

/// The names that `blocks` know: their own, and those of blocks that they were made of. Whoever opens the directory takes a
/// block for one that was replaced if another one says so, whose name is therefore never used again.
pub(super) fn known_names(blocks: &[Arc<Block>]) -> BTreeSet<Ulid> {
    let names = blocks.iter().flat_map(|block| {
        let compaction = &block.meta.compaction;
        let parents = compaction.parents.iter().map(|parent| parent.ulid);
        parents.chain(compaction.sources.iter().copied()).chain([block.meta.ulid])
    });
    names.collect()
}

/// Makes a block in `dir` of all that `state` has between the block's times, under a name that is not among `taken`.
/// Without samples there is none.
pub(super) fn write_block(
    io: &dyn Io,
    dir: &Path,
    state: &State,
    block: NewBlock,
    taken: &BTreeSet<Ulid>,
) -> Result<Option<BlockMeta>, DiskError> {
    let range = TimeRange::new(block.min_time, block.max_time.saturating_sub(1));
    let Some(Survey { texts, contents }) = survey(state, range)? else { return Ok(None) };
    let mut ulid = Ulid::for_contents(block.max_time, contents);
    while taken.contains(&ulid) || io.list(&dir.join(ulid.to_string())).is_ok() {
        ulid = ulid.next();
    }
    let temporary = dir.join(format!("{ulid}{CREATION}"));
    remove_tree(io, &temporary)?;
    io.create_dir(&temporary).map_err(|error| DiskError::io(&temporary, error))?;
    let mut writer = BlockWriter {
        io,
        index: IndexWriter::create(io, temporary.join("index"), texts)?,
        segments: SegmentWriter::create(io, &temporary)?,
        stats: BlockStats::default(),
    };
    let mut selected = state.selected(&SelectRequest::new(&[], range))?;
    while let Some(series) = selected.advance()? {
        writer.add(&series, range)?;
    }
    let BlockWriter { index, segments, stats, .. } = writer;
    if stats.samples == 0 {
        remove_tree(io, &temporary)?;
        return Ok(None);
    }
    index.finish()?;
    segments.finish(io)?;
    write_file(io, temporary.join(tombstones::FILE_NAME), &Tombstones::default().to_bytes())?;
    let mut compaction = block.compaction;
    if compaction.sources.is_empty() {
        compaction.sources.push(ulid);
    }
    let meta = BlockMeta { ulid, min_time: block.min_time, max_time: block.max_time, stats, compaction };
    write_file(io, temporary.join(meta::FILE_NAME), meta.to_json().as_bytes())?;
    io.sync_dir(&temporary).map_err(|error| DiskError::io(&temporary, error))?;
    let last = dir.join(ulid.to_string());
    io.rename(&temporary, &last).map_err(|error| DiskError::io(&last, error))?;
    io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
    Ok(Some(meta))
}

/// Removes a block. A crash leaves all of it, or a directory that says that it is being removed.
pub(super) fn remove_block(io: &dyn Io, dir: &Path, ulid: Ulid) -> Result<(), DiskError> {
    let (from, to) = (dir.join(ulid.to_string()), dir.join(format!("{ulid}{DELETION}")));
    remove_tree(io, &to)?;
    io.rename(&from, &to).map_err(|error| DiskError::io(&from, error))?;
    io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
    remove_tree(io, &to)
}

/// Removes what a crash has left of blocks that were being written or removed.
pub(super) fn remove_left_overs(io: &dyn Io, dir: &Path) -> Result<(), DiskError> {
    let entries = io.list(dir).map_err(|error| DiskError::io(dir, error))?;
    let left_over = |name: &str| {
        let name = name.strip_suffix(CREATION).or_else(|| name.strip_suffix(DELETION));
        name.is_some_and(|name| name.parse::<Ulid>().is_ok())
    };
    for entry in entries.iter().filter(|entry| entry.is_dir && left_over(&entry.name)) {
        remove_tree(io, &dir.join(&entry.name))?;
    }
    Ok(())
}

/// What has to be known of all series before the first one is written.
struct Survey {
    /// All texts of their labels.
    texts: BTreeSet<Box<str>>,
    /// A number that tells these series from others.
    contents: u64,
}

/// Goes over the series of `state` with samples in `range`. `None` if there are none.
fn survey(state: &State, range: TimeRange) -> Result<Option<Survey>, DiskError> {
    use std::hash::{Hash, Hasher};
    let mut texts: BTreeSet<Box<str>> = BTreeSet::new();
    let mut hasher = rustc_hash::FxHasher::default();
    let mut selected = state.selected(&SelectRequest::new(&[], range))?;
    let mut any = false;
    while let Some(series) = selected.advance()? {
        any = true;
        series.labels_ref().hash(&mut hasher);
        for text in series.labels_ref().iter().flat_map(|(name, value)| [name, value]) {
            if !texts.contains(text) {
                texts.insert(text.into());
            }
        }
    }
    for block in state.blocks.iter() {
        block.meta.ulid.hash(&mut hasher);
    }
    (range.start, range.end).hash(&mut hasher);
    Ok(any.then(|| Survey { texts, contents: hasher.finish() }))
}

/// A block that is being written.
struct BlockWriter<'a> {
    io: &'a dyn Io,
    index: IndexWriter,
    segments: SegmentWriter,
    stats: BlockStats,
}

impl BlockWriter<'_> {
    /// Adds a series with its samples in `range`, if it has any.
    fn add(&mut self, series: &DiskSeries, range: TimeRange) -> Result<(), DiskError> {
        let head_samples = series.head_samples(range);
        let pieces = series.pieces(&head_samples, range)?;
        let mut chunks = Vec::new();
        let one_source = |group: &[Piece<'_>]| group.iter().all(|piece| piece.source == group[0].source);
        if groups(&pieces).all(one_source) {
            for group in groups(&pieces) {
                match group {
                    [piece] if is_whole(piece, range) => self.copy(piece, &mut chunks)?,
                    _ => {
                        let runs = with_scratch(|scratch| merge_pieces(group, range, &mut scratch.bytes))?;
                        self.encode_merged(runs, &mut chunks)?;
                    }
                }
            }
        } else {
            let mut places = vec![Vec::new(); series.part_count()];
            for piece in pieces {
                places[piece.source].push(piece);
            }
            let mut runs = Vec::new();
            with_scratch(|scratch| {
                merge_places(places, range, &mut scratch.bytes, &mut |time, start, value| {
                    push_sample(&mut runs, time, start, value);
                    true
                })
            })?;
            self.encode_merged(runs, &mut chunks)?;
        }
        if !chunks.is_empty() {
            self.index.add_series(series.labels_ref(), &chunks)?;
            self.stats.series += 1;
            self.stats.chunks += chunks.len() as u64;
        }
        Ok(())
    }

    /// Histograms have other neighbours now than those that they tell of.
    fn encode_merged(&mut self, mut runs: Vec<Run>, chunks: &mut Vec<ChunkMeta>) -> Result<(), DiskError> {
        runs.iter_mut().for_each(Run::follow);
        self.encode(&runs, chunks)
    }

    fn encode(&mut self, runs: &[Run], chunks: &mut Vec<ChunkMeta>) -> Result<(), DiskError> {
        let mut encoded = Vec::new();
        runs.iter().for_each(|run| encode(run, &mut encoded));
        encoded.iter().try_for_each(|chunk| self.write_encoded(chunk, chunks))
    }

    fn write_encoded(&mut self, chunk: &EncodedChunk, chunks: &mut Vec<ChunkMeta>) -> Result<(), DiskError> {
        self.write(RawChunk { encoding: chunk.encoding, data: &chunk.data }, chunk.range, chunks)
    }

    fn write(
        &mut self,
        chunk: RawChunk<'_>,
        range: TimeRange,
        chunks: &mut Vec<ChunkMeta>,
    ) -> Result<(), DiskError> {
        let reference = self.segments.write(self.io, chunk)?;
        chunks.push(ChunkMeta { min_time: range.start, max_time: range.end, reference });
        let samples = sample_count(chunk);
        self.stats.samples += samples;
        if chunk.encoding.is_histogram() {
            self.stats.histogram_samples += samples;
        } else {
            self.stats.float_samples += samples;
        }
        Ok(())
    }

    /// Copies a chunk as it is, or encodes samples that are in none.
    fn copy(&mut self, piece: &Piece<'_>, chunks: &mut Vec<ChunkMeta>) -> Result<(), DiskError> {
        match piece.place {
            Place::Run(run) => self.encode(std::slice::from_ref(run), chunks),
            Place::Memory(chunk) => self.write_encoded(chunk, chunks),
            Place::HeadChunk(files, chunk) => {
                let mut scratch = Vec::new();
                let raw = files.raw(chunk, &mut scratch)?;
                self.write(raw, piece.range, chunks)
            }
            Place::Block(block, meta, offset) => {
                let mut scratch = Vec::new();
                let reference = ChunkRef { number: meta.reference, index: block.index.path(), offset };
                let raw = block.segments.chunk(reference, &mut scratch)?;
                self.write(raw, piece.range, chunks)
            }
        }
    }
}

/// Whether all samples of a piece count and lie in `range`.
fn is_whole(piece: &Piece<'_>, range: TimeRange) -> bool {
    !piece.has_gaps() && range.contains(piece.range.start) && range.contains(piece.range.end)
}

/// How many samples the header of a chunk declares.
fn sample_count(chunk: RawChunk<'_>) -> u64 {
    let declared = chunk.data.first_chunk::<2>().map_or(0, |bytes| u16::from_be_bytes(*bytes));
    u64::from(match chunk.encoding {
        Encoding::HistogramSt | Encoding::FloatHistogramSt => declared & 0x3fff,
        _ => declared,
    })
}
