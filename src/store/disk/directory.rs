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
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{Block, open_blocks};
use super::check::size_bytes;
use super::decoded::DecodedChunks;
use super::error::{DiskError, DiskErrorKind};
use super::exemplars::{self, SeriesExemplars};
use super::head::{self, HeadView};
use super::head_chunks;
use super::io::Io;
use super::listing::{Listing, Metas};
use super::meta::{self, BlockMeta};
use super::options::BLOCK_RANGE;
use super::state::State;
use super::std_io::StdIo;
use super::ulid::Ulid;
use super::wal::Log;
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
    /// Bytes of the files of logs and head chunks.
    head_bytes: u64,
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
            let blocks = vec![Arc::new(Block::open(io, path.clone(), meta, Arc::new(DecodedChunks::new()))?)];
            let state = State::new(blocks, HeadView::empty());
            return Ok(DataDirectory { path, state, torn: Vec::new(), head_bytes: 0 });
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
        let metas = Metas::read(io, path, &listing.blocks)?;
        let blocks = open_blocks(io, path, metas.current, &Arc::new(DecodedChunks::new()))?;
        // What the log has behind the last sample of the blocks is in none of them, whatever a meta.json says.
        let in_order = blocks.iter().filter(|block| block.meta.is_in_order());
        let min_valid_time = in_order.map(|block| block.end()).max().unwrap_or(Timestamp::MIN);
        let replayed = head::open(io, path, &listing.wal, &listing.wbl, min_valid_time, BLOCK_RANGE)?;
        let logs = [replayed.torn_wal, replayed.torn_wbl].into_iter().flatten().map(|torn| torn.error);
        let torn = replayed.torn_chunks.into_iter().chain(logs).collect();
        let state = State::new(blocks, replayed.head.view().clone());
        let parts = [Log::Wal.dir_name(), Log::Wbl.dir_name(), head_chunks::DIR_NAME];
        let head_bytes = parts.iter().map(|part| size_bytes(io, &path.join(part))).sum();
        Ok(DataDirectory { path: path.to_owned(), state, torn, head_bytes })
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
        Some(block.size_bytes())
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

    /// Bytes of the files of logs and head chunks.
    pub(super) fn head_bytes(&self) -> u64 {
        self.head_bytes
    }

    /// What queries see.
    pub(super) fn state(&self) -> &State {
        &self.state
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
