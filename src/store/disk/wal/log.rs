//! The directory of a log: which checkpoint and which segments count.

use std::path::{Path, PathBuf};

use super::super::error::{DiskError, Problem};
use super::super::file::OpenFile;
use super::super::io::{Access, Io};
use super::super::numbered::{number, numbered_files};
use super::pages::{PAGE, read_segment};
use super::record::{LogVisitor, read_record};

/// What the name of a checkpoint begins with; its number follows.
const CHECKPOINT: &str = "checkpoint.";

/// A log's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) enum Log {
    /// What came in order.
    Wal,
    /// Samples that came late.
    Wbl,
}

impl Log {
    /// Name of the log's directory in a data directory.
    pub(in crate::store::disk) fn dir_name(self) -> &'static str {
        match self {
            Log::Wal => "wal",
            Log::Wbl => "wbl",
        }
    }
}

/// The files of a log that count, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store::disk) struct LogFiles {
    /// The segments of the checkpoint.
    checkpoint: Vec<PathBuf>,
    /// The segments behind it with their numbers.
    segments: Vec<(u64, PathBuf)>,
}

impl LogFiles {
    /// Finds the files of a log of the data directory `dir`.
    pub(in crate::store::disk) fn find(io: &dyn Io, dir: &Path, log: Log) -> Result<Self, DiskError> {
        let dir = dir.join(log.dir_name());
        let mut segments = numbered_files(io, &dir)?;
        let mut files = LogFiles::default();
        if let Some((number, path)) = last_checkpoint(io, &dir)? {
            files.checkpoint = numbered_files(io, &path)?.into_iter().map(|(_, path)| path).collect();
            if files.checkpoint.is_empty() {
                return Err(Problem::Invalid("the checkpoint has no segment").at(0).in_file(&path));
            }
            segments.retain(|(segment, _)| *segment > number);
            if let Some((first, path)) = segments.first()
                && *first != number + 1
            {
                return Err(Problem::Invalid("the segment before this one is missing").at(0).in_file(path));
            }
        }
        files.segments = segments;
        Ok(files)
    }

    /// Whether `later` is what became of this log by nothing but being written to.
    pub(in crate::store::disk) fn begins(&self, later: &LogFiles) -> bool {
        self.checkpoint == later.checkpoint && later.segments.starts_with(&self.segments)
    }

    /// Number of the last segment.
    pub(in crate::store::disk) fn last_segment(&self) -> Option<u64> {
        self.segments.last().map(|(number, _)| *number)
    }

    /// Hands everything that the log tells to `visitor`. Returns what was torn at its end.
    pub(in crate::store::disk) fn read(
        &self,
        io: &dyn Io,
        visitor: &mut impl LogVisitor,
    ) -> Result<Option<DiskError>, DiskError> {
        for path in &self.checkpoint {
            check_whole(io, path)?;
            read_file(io, path, None, false, visitor)?;
        }
        let mut torn = None;
        for (i, (number, path)) in self.segments.iter().enumerate() {
            torn = read_file(io, path, Some(*number), i + 1 == self.segments.len(), visitor)?;
        }
        Ok(torn)
    }
}

/// A checkpoint is written as a whole, in whole pages.
fn check_whole(io: &dyn Io, path: &Path) -> Result<(), DiskError> {
    let file = OpenFile::open(io, path.to_owned(), Access::Finished)?;
    match file.len() % PAGE {
        0 => Ok(()),
        rest => Err(file.corrupt(Problem::Truncated { needed: PAGE, available: rest }.at(file.len() - rest))),
    }
}

fn read_file(
    io: &dyn Io,
    path: &Path,
    number: Option<u64>,
    last: bool,
    visitor: &mut impl LogVisitor,
) -> Result<Option<DiskError>, DiskError> {
    let file = OpenFile::open(io, path.to_owned(), Access::Changing)?;
    read_segment(&file, last, &mut |record, offset| {
        visitor.position(number, offset);
        read_record(record, offset, visitor)
    })
}

fn last_checkpoint(io: &dyn Io, dir: &Path) -> Result<Option<(u64, PathBuf)>, DiskError> {
    let entries = match io.list(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DiskError::io(dir, error)),
    };
    // One that is being written has a name that does not end in its number.
    let checkpoints = entries
        .iter()
        .filter(|entry| entry.is_dir)
        .filter_map(|entry| Some((number(entry.name.strip_prefix(CHECKPOINT)?)?, dir.join(&entry.name))));
    Ok(checkpoints.max())
}
