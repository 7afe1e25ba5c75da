//! A data directory that is written to.
//!
//! ```no_run
//! use promqlite::Labels;
//! use promqlite::store::disk::DiskStore;
//!
//! let store = DiskStore::open("metrics")?;
//! let mut appender = store.appender();
//! appender.append(&Labels::from_pairs([("__name__", "up")]), 1_700_000_000_000, 1.0);
//! appender.commit_synced()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! One process writes, and holds the lock; any number reads, in this process through the store, and in others through
//! a [`DataDirectory`](super::DataDirectory). A commit goes to the log first, then into the head, and is seen by every
//! query that begins after it. What else has to be done now and then, cutting blocks, compacting them and removing old
//! ones, is done when someone calls [`maintain`](DiskStore::maintain): the store starts no thread and asks no clock.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::appender::Appender;
use super::block::open_blocks;
use super::decoded::DecodedChunks;
use super::error::{DiskError, DiskErrorKind};
use super::head::{self, Head, Views};
use super::io::{Io, Lock};
use super::listing::{Listing, Metas};
use super::logs::Logs;
use super::meta::BlockMeta;
use super::new_file::create_dir;
use super::options::DiskOptions;
use super::rewrite::{remove_block, remove_left_overs};
use super::state::State;
use super::std_io::StdIo;
use super::wal::{CommitHead, remove_unfinished_checkpoints};
use super::write_error::WriteError;
use crate::model::{Matcher, TimeRange, Timestamp};
use crate::store::{Metadata, SelectRequest, SeriesIter, SeriesStore, StoreError};

/// Name of the file that stands for the lock.
const LOCK: &str = "lock";

/// A data directory that is written to.
#[derive(Debug)]
pub struct DiskStore {
    pub(super) io: Arc<dyn Io>,
    pub(super) dir: PathBuf,
    pub(super) options: DiskOptions,
    /// Chunks of blocks that were decoded lately.
    pub(super) decoded: Arc<DecodedChunks>,
    /// What queries see. Taken for as long as it takes to copy or replace it.
    state: RwLock<State>,
    pub(super) views: Arc<Views>,
    writer: Mutex<Writer>,
    _lock: Box<dyn Lock>,
}

/// What only the one who writes has.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) head: Head,
    pub(super) logs: Logs,
    /// Samples that came late and are in no block.
    pub(super) late_samples: usize,
    /// What is in a block and can be dropped from memory when nobody reads an earlier commit than this: what came up to
    /// this commit with an earlier time.
    pub(super) pending_drop: Option<(u64, Timestamp)>,
    /// A write has failed.
    failed: bool,
}

impl DiskStore {
    /// Opens the data directory at `path` to write to it, or makes one.
    ///
    /// # Errors
    ///
    /// When someone else writes to it, when it is damaged, or when it cannot be written to.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DiskError> {
        Self::open_with(Arc::new(StdIo::new()), path, DiskOptions::default())
    }

    /// The same with options, on any file system.
    ///
    /// The end of a log that was cut off while it was written is removed, and so is what a crash has left of blocks that
    /// were being written or removed.
    pub fn open_with(
        io: Arc<dyn Io>,
        path: impl Into<PathBuf>,
        options: DiskOptions,
    ) -> Result<Self, DiskError> {
        let dir = path.into();
        create_dir(&*io, &dir)?;
        let lock = io.lock(&dir.join(LOCK)).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => DiskError { path: dir.clone(), kind: DiskErrorKind::Locked },
            _ => DiskError::io(&dir.join(LOCK), error),
        })?;
        remove_left_overs(&*io, &dir)?;
        remove_unfinished_checkpoints(&*io, &dir)?;
        let listing = Listing::read(&*io, &dir)?;
        let metas = Metas::read(&*io, &dir, &listing.blocks)?;
        for ulid in &metas.obsolete {
            remove_block(&*io, &dir, *ulid)?;
        }
        let (from, range) = (metas.min_valid_time(), options.block_range());
        let replayed = head::open(&*io, &dir, &listing.wal, &listing.wbl, from, range)?;
        for (files, torn) in [(&listing.wal, &replayed.torn_wal), (&listing.wbl, &replayed.torn_wbl)] {
            if let Some(torn) = torn {
                files.cut(&*io, torn)?;
            }
        }
        let decoded = Arc::new(DecodedChunks::new());
        let blocks = open_blocks(&*io, &dir, metas.current, &decoded)?;
        let state = State::new(blocks, replayed.head.view().clone());
        let last_series = replayed.head.last_number();
        let last = CommitHead { number: replayed.last_commit, last_series, late: false };
        let logs = Logs::open(io.clone(), &dir, &listing, last)?;
        let writer = Writer {
            late_samples: replayed.head.all_series().map(|series| series.late_count()).sum(),
            head: replayed.head,
            logs,
            pending_drop: None,
            failed: false,
        };
        Ok(DiskStore {
            io,
            dir,
            options,
            decoded,
            state: RwLock::new(state),
            views: Arc::default(),
            writer: Mutex::new(writer),
            _lock: lock,
        })
    }

    /// Where the directory is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Begins to append samples.
    pub fn appender(&self) -> Appender<'_> {
        Appender::new(self)
    }

    /// The blocks, sorted by the time at which they begin.
    pub fn blocks(&self) -> Vec<BlockMeta> {
        self.current().blocks.iter().map(|block| block.meta.clone()).collect()
    }

    /// How many series the head has.
    pub fn head_series(&self) -> usize {
        self.current().head.series_count()
    }

    /// What queries see at this moment. Data that it stands on may be dropped from memory; see `held`.
    pub(super) fn current(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What queries see at this moment, kept as it is as long as it lives.
    fn held(&self) -> State {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        State { blocks: state.blocks.clone(), head: state.head.held(&self.views) }
    }

    /// Lets queries see another state.
    pub(super) fn publish(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Lets queries see the head as it is now.
    pub(super) fn publish_head(&self, head: &Head) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).head = head.view().clone();
    }

    /// Runs `write`, which nobody else does meanwhile. When it fails for the sake of files, nothing is written any more.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&mut Writer) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let mut writer: MutexGuard<'_, Writer> = match self.writer.lock() {
            Ok(writer) => writer,
            // Whoever panicked may have left half of something.
            Err(_) => return Err(WriteError::Refused),
        };
        if writer.failed {
            return Err(WriteError::Refused);
        }
        let result = write(&mut writer);
        writer.failed = matches!(result, Err(WriteError::Disk(_)));
        result
    }

    /// The earliest commit that someone reads up to: what came up to it, everyone sees.
    pub(super) fn seen(&self, published: u64) -> u64 {
        self.views.earliest().map_or(published, |earliest| earliest.min(published))
    }
}

impl SeriesStore for DiskStore {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(self.held().select(request)?.map(|series| series.map(|series| series as _))))
    }

    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        Some(Box::new(View(self.held())))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        self.held().label_names(matchers, range)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        self.held().label_values(name, matchers, range)
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.current().head.metadata(name).cloned().map(Cow::Owned)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.current().time_range()
    }

    fn series_count(&self) -> Option<usize> {
        self.current().series_count()
    }
}

/// One state of the store, as long as it lives.
#[derive(Debug)]
struct View(State);

impl SeriesStore for View {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        Ok(Box::new(self.0.select(request)?.map(|series| series.map(|series| series as _))))
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        self.0.label_names(matchers, range)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        self.0.label_values(name, matchers, range)
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, Metadata>> {
        self.0.head.metadata(name).map(Cow::Borrowed)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.0.time_range()
    }

    fn series_count(&self) -> Option<usize> {
        self.0.series_count()
    }
}
