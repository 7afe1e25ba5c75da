//! A data directory as a store that is only read.
//!
//! ```no_run
//! use promqlite::store::disk::DataDirectory;
//!
//! let directory = DataDirectory::open("/var/lib/prometheus")?;
//! for block in directory.blocks() {
//!     println!("{} {} series", block.ulid, block.stats.series);
//! }
//! # Ok::<(), promqlite::store::disk::DiskError>(())
//! ```
//!
//! Opening takes no lock and writes nothing. A server may go on writing to the directory: what is opened is the state
//! at one moment, and stays that. Blocks and head are listed, read, and listed again; if they changed in between (the
//! server has cut a block from its head, or replaced blocks by a larger one), what was read is thrown away.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::Block;
use super::error::{DiskError, DiskErrorKind};
use super::exemplars::SeriesExemplars;
use super::head::{self, HeadView};
use super::io::Io;
use super::meta::{self, BlockMeta};
use super::state::State;
use super::std_io::StdIo;
use super::ulid::Ulid;
use super::wal::{Log, LogFiles};
use super::{exemplars, head_chunks};
use crate::model::{Matcher, TimeRange, Timestamp};
use crate::store::{Metadata, SelectRequest, SeriesIter, SeriesStore, StoreError};

/// How often the directory is read anew when it changed while it was read.
const ATTEMPTS: usize = 5;

/// A Prometheus data directory, or a single block, as it was when it was opened.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    state: State,
    torn: Vec<DiskError>,
}

/// What decides which files belong to one state of the directory.
#[derive(Debug, PartialEq, Eq)]
struct Listing {
    /// Directories whose names are ULIDs.
    blocks: BTreeSet<Ulid>,
    wal: LogFiles,
    wbl: LogFiles,
}

impl DataDirectory {
    /// Opens the data directory or the block at `path`.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read, is none of Prometheus', or is damaged. The end of a log that was cut off
    /// while it was written is no damage; see [`torn`](DataDirectory::torn).
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DiskError> {
        Self::open_with(Arc::new(StdIo::new()), path)
    }

    /// Opens the data directory or the block at `path` of another file system.
    pub fn open_with(io: Arc<dyn Io>, path: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let (io, path) = (&*io, path.into());
        let entries = io.list(&path).map_err(|error| DiskError::io(&path, error))?;
        if entries.iter().any(|entry| entry.name == meta::FILE_NAME && !entry.is_dir) {
            let meta = BlockMeta::read(io, &path)?;
            let blocks = vec![Arc::new(Block::open(io, path.clone(), meta)?)];
            let state = State::new(blocks, HeadView::empty());
            return Ok(DataDirectory { path, state, torn: Vec::new() });
        }
        let is_ours = |name: &str| {
            let parts = [Log::Wal.dir_name(), Log::Wbl.dir_name(), head_chunks::DIR_NAME];
            parts.contains(&name) || name.parse::<Ulid>().is_ok()
        };
        if !entries.iter().any(|entry| entry.is_dir && is_ours(&entry.name)) {
            return Err(DiskError { path, kind: DiskErrorKind::NotADataDirectory });
        }
        let mut listing = Listing::read(io, &path);
        for _ in 0..ATTEMPTS {
            // What is damaged or missing may be no more than a file that is just being removed.
            let read = listing.as_ref().ok().map(|listing| Self::read(io, &path, listing));
            let later = Listing::read(io, &path);
            match (read, &listing, &later) {
                (Some(read), Ok(before), Ok(after)) if before.is_same_state(after) => return read,
                _ => listing = later,
            }
        }
        listing?;
        Err(DiskError { path, kind: DiskErrorKind::KeepsChanging })
    }

    fn read(io: &dyn Io, path: &Path, listing: &Listing) -> Result<Self, DiskError> {
        let metas = read_metas(io, path, &listing.blocks)?;
        let head_from = metas.iter().filter(|meta| meta.is_in_order()).map(|meta| meta.max_time).max();
        let min_valid_time = head_from.unwrap_or(Timestamp::MIN);
        let (head, torn) = head::open(io, path, &listing.wal, &listing.wbl, min_valid_time)?;
        let open = |meta: BlockMeta| Ok(Arc::new(Block::open(io, path.join(meta.ulid.to_string()), meta)?));
        let blocks = metas.into_iter().map(open).collect::<Result<Vec<_>, DiskError>>()?;
        let state = State::new(blocks, head.view().clone());
        Ok(DataDirectory { path: path.to_owned(), state, torn })
    }

    /// Where the directory is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The blocks, sorted by the time at which they begin.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &BlockMeta> {
        self.state.blocks.iter().map(|block| &block.meta)
    }

    /// Bytes that a block takes on disk: its index and its chunks.
    pub fn block_size_bytes(&self, ulid: Ulid) -> Option<u64> {
        let block = self.state.blocks.iter().find(|block| block.meta.ulid == ulid)?;
        Some(block.index.len() + block.segments.size_bytes())
    }

    /// Bytes of memory that the indexes of all blocks take beside their files.
    pub fn index_memory_bytes(&self) -> usize {
        self.state.blocks.iter().map(|block| block.index.size_bytes()).sum()
    }

    /// How many series the head has.
    pub fn head_series(&self) -> usize {
        self.state.head.series_count()
    }

    /// The times of the first and the last sample of the head.
    pub fn head_range(&self) -> Option<TimeRange> {
        self.state.head.range()
    }

    /// What was cut off while it was being written, at the ends of logs and head chunks. All that was acknowledged
    /// lies before it.
    pub fn torn(&self) -> &[DiskError] {
        &self.torn
    }

    /// The exemplars of the head, of series that meet all matchers, whose time lies in `range`; sorted by the labels
    /// of the series. Only the newest `capacity` of all exemplars count, as in Prometheus' exemplar storage.
    pub fn exemplars(&self, matchers: &[Matcher], range: TimeRange, capacity: usize) -> Vec<SeriesExemplars> {
        exemplars::select(self.state.head.exemplars(), matchers, range, capacity)
    }
}

impl Listing {
    fn read(io: &dyn Io, path: &Path) -> Result<Self, DiskError> {
        let entries = io.list(path).map_err(|error| DiskError::io(path, error))?;
        let ulids = entries.iter().filter(|entry| entry.is_dir).filter_map(|entry| entry.name.parse().ok());
        Ok(Listing {
            blocks: ulids.collect(),
            wal: LogFiles::find(io, path, Log::Wal)?,
            wbl: LogFiles::find(io, path, Log::Wbl)?,
        })
    }

    /// Whether nothing but growth of the logs lies between the two.
    fn is_same_state(&self, later: &Listing) -> bool {
        self.blocks == later.blocks && self.wal.begins(&later.wal) && self.wbl.begins(&later.wbl)
    }
}

/// Reads the meta.json of all blocks that count. A directory without one is being made or removed; a block whose
/// samples another one has taken over is about to be removed.
fn read_metas(io: &dyn Io, path: &Path, ulids: &BTreeSet<Ulid>) -> Result<Vec<BlockMeta>, DiskError> {
    let mut metas = Vec::new();
    for ulid in ulids {
        let dir = path.join(ulid.to_string());
        let meta = match BlockMeta::read(io, &dir) {
            Ok(meta) => meta,
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        };
        if meta.ulid != *ulid {
            let what = format!("the block is named {ulid}, and {} in its meta.json", meta.ulid);
            return Err(DiskError::unsupported(&dir.join(meta::FILE_NAME), what));
        }
        metas.push(meta);
    }
    let replaced: BTreeSet<Ulid> =
        metas.iter().flat_map(|meta| &meta.compaction.parents).map(|parent| parent.ulid).collect();
    metas.retain(|meta| !meta.compaction.deletable && !replaced.contains(&meta.ulid));
    Ok(metas)
}

impl SeriesStore for DataDirectory {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(self.state.select(request)?.map(|series| series.map(|series| series as _))))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        self.state.label_names(matchers, range)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        self.state.label_values(name, matchers, range)
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.state.head.metadata(name).map(Cow::Borrowed)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.state.time_range()
    }

    fn series_count(&self) -> Option<usize> {
        self.state.series_count()
    }
}
