//! The two logs of a data directory that is written to, kept in step.
//!
//! A commit with late samples has a part in each log. The log of late samples is written first:
//!
//! ```text
//! wbl    commit 7: late samples                   commit 9: late samples
//! wal    commit 7, late: samples   commit 8: …    commit 9, late: samples
//! ```
//!
//! A commit counts when all of its parts are there, and only if all before it do. Nothing is made to last in the one log
//! before everything is that came earlier in the other, so a loss of power takes away whole commits from the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::error::DiskError;
use super::io::Io;
use super::listing::Listing;
use super::wal::{CommitHead, Log, LogWriter, Records, remove_segments, write_checkpoint};

/// The two logs of a data directory that is written to.
#[derive(Debug)]
pub(super) struct Logs {
    io: Arc<dyn Io>,
    dir: PathBuf,
    wal: LogWriter,
    /// Begun with the first sample that comes late.
    wbl: Option<LogWriter>,
    /// Number of the next segment of the log of late samples.
    next_wbl: u64,
    next_commit: u64,
}

impl Logs {
    /// Goes on behind the logs in `listing`, which end with `last`.
    pub(super) fn open(
        io: Arc<dyn Io>,
        dir: &Path,
        listing: &Listing,
        last: CommitHead,
    ) -> Result<Self, DiskError> {
        let wal_dir = dir.join(Log::Wal.dir_name());
        let mut wal = LogWriter::create(io.clone(), wal_dir, listing.wal.next_segment())?;
        // From here on the log tells which commits the log of late samples may have.
        wal.write(last, &Records::default())?;
        wal.sync()?;
        io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
        let next_wbl = listing.wbl.next_segment();
        Ok(Logs { io, dir: dir.to_owned(), wal, wbl: None, next_wbl, next_commit: last.number + 1 })
    }

    /// Takes a number that no commit in the logs will have.
    pub(super) fn skip_commit(&mut self) -> u64 {
        self.next_commit += 1;
        self.next_commit - 1
    }

    /// Writes a commit with samples in order and late ones, and tells its number. `last_series` is the largest number that
    /// a series has had so far. The operating system has it when this returns; the disk may not.
    pub(super) fn commit(
        &mut self,
        last_series: u64,
        in_order: &Records,
        late: &Records,
    ) -> Result<u64, DiskError> {
        let number = self.next_commit;
        let head = CommitHead { number, last_series, late: !late.is_empty() };
        if head.late {
            if self.wbl.as_ref().is_none_or(|log| log.is_full(late)) {
                self.begin_wbl()?;
            }
            if let Some(log) = &mut self.wbl {
                log.write(CommitHead { late: false, ..head }, late)?;
            }
        }
        if self.wal.is_full(in_order) {
            self.sync()?;
            self.wal.next_segment()?;
        }
        self.wal.write(head, in_order)?;
        self.next_commit += 1;
        Ok(number)
    }

    /// Makes all commits so far last.
    pub(super) fn sync(&mut self) -> Result<(), DiskError> {
        if let Some(log) = &mut self.wbl {
            log.sync()?;
        }
        self.wal.sync()
    }

    /// Writes what still counts in place of everything that is in the logs, as commit `last`. Returns how many late samples
    /// there are. What comes before that commit in the log of late samples counts until the checkpoint is there.
    pub(super) fn clear(
        &mut self,
        last: CommitHead,
        mut checkpoint: Checkpoint<'_>,
    ) -> Result<usize, DiskError> {
        let number = self.wal.number();
        self.sync()?;
        self.wal.next_segment()?;
        let (late, count) = checkpoint.late()?;
        let first = self.next_wbl;
        let has_wbl = first > 0 || !late.is_empty();
        if has_wbl {
            self.begin_wbl()?;
            if let Some(log) = &mut self.wbl {
                log.write(last, &late)?;
                log.sync()?;
            }
        }
        write_checkpoint(&*self.io, &self.dir, number, last, |records| checkpoint.fill(records))?;
        if has_wbl {
            remove_segments(&*self.io, &self.dir.join(Log::Wbl.dir_name()), first)?;
        }
        Ok(count)
    }

    /// Begins the next segment of the log of late samples.
    fn begin_wbl(&mut self) -> Result<(), DiskError> {
        match &mut self.wbl {
            Some(log) => log.next_segment()?,
            none => {
                let dir = self.dir.join(Log::Wbl.dir_name());
                *none = Some(LogWriter::create(self.io.clone(), dir, self.next_wbl)?);
                self.io.sync_dir(&self.dir).map_err(|error| DiskError::io(&self.dir, error))?;
            }
        }
        self.next_wbl += 1;
        Ok(())
    }
}
