//! The directory of a log: which checkpoint and which segments count.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::super::error::{Corruption, DiskError, Problem};
use super::super::file::OpenFile;
use super::super::io::{Access, DirEntry, Io};
use super::super::new_file::{remove_file_if_there, remove_tree};
use super::super::numbered::{number, numbered_files};
use super::chain::Chain;
use super::pages::{PAGE, TornEnd, read_segment};
use super::record::{CommitHead, LogVisitor, read_commit, read_record};
use super::write::Records;
use super::writer::write_finished;

/// What the name of a checkpoint begins with; its number follows.
const CHECKPOINT: &str = "checkpoint.";
/// What the name of a checkpoint ends with while it is being written.
const UNFINISHED: &str = ".tmp";

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

/// The end of a log that was being written when the writer stopped.
#[derive(Debug)]
pub(in crate::store::disk) struct Torn {
    /// In which of the segments.
    segment: usize,
    /// Everything in front of this offset is whole.
    pub(in crate::store::disk) valid: u64,
    /// What was found there.
    pub(in crate::store::disk) error: DiskError,
}

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) enum Standing {
    /// It counts.
    Whole,
    /// It does not, and what comes after it neither: it was never finished.
    Unfinished,
    /// It is passed over: what still counts of it is in a later commit.
    Superseded,
}

/// Tells what becomes of a commit, and is told whether it is in the last segment of its log.
pub(in crate::store::disk) type Judge<'a> = dyn Fn(CommitHead, bool) -> Standing + 'a;

/// The files of a log that count, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store::disk) struct LogFiles {
    /// The segments of the checkpoint, and its number.
    checkpoint: Vec<PathBuf>,
    checkpoint_number: Option<u64>,
    /// The segments behind it with their numbers.
    segments: Vec<(u64, PathBuf)>,
    /// Whether the log has every commit, one after the other.
    has_all_commits: bool,
}

impl LogFiles {
    /// Finds the files of a log of the data directory `dir`.
    pub(in crate::store::disk) fn find(io: &dyn Io, dir: &Path, log: Log) -> Result<Self, DiskError> {
        let dir = dir.join(log.dir_name());
        let mut segments = numbered_files(io, &dir)?;
        let mut files = LogFiles { has_all_commits: log == Log::Wal, ..LogFiles::default() };
        if let Some((number, path)) = last_checkpoint(io, &dir)? {
            files.checkpoint_number = Some(number);
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

    /// The first file of the checkpoint.
    pub(in crate::store::disk) fn checkpoint_path(&self) -> Option<&Path> {
        self.checkpoint.first().map(PathBuf::as_path)
    }

    /// Whether `later` is what became of this log by nothing but being written to.
    pub(in crate::store::disk) fn begins(&self, later: &LogFiles) -> bool {
        self.checkpoint == later.checkpoint && later.segments.starts_with(&self.segments)
    }

    /// Number of the segment that comes next.
    pub(in crate::store::disk) fn next_segment(&self) -> u64 {
        match (self.last_segment(), self.checkpoint_number) {
            (Some(last), _) => last + 1,
            (None, Some(checkpoint)) => checkpoint + 1,
            (None, None) => 0,
        }
    }

    /// Removes the end that was never finished.
    pub(in crate::store::disk) fn cut(&self, io: &dyn Io, torn: &Torn) -> Result<(), DiskError> {
        let mut from_there = self.segments.iter().skip(torn.segment);
        let Some((_, path)) = from_there.next() else { return Ok(()) };
        // The last one first: whatever a crash leaves follows without a gap.
        for (_, path) in from_there.rev() {
            remove_file_if_there(io, path)?;
            if let Some(dir) = path.parent() {
                io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
            }
        }
        io.truncate(path, torn.valid).map_err(|error| DiskError::io(path, error))
    }

    /// The numbers of all commits.
    pub(in crate::store::disk) fn commits(&self, io: &dyn Io) -> Result<FxHashSet<u64>, DiskError> {
        let mut commits = Commits::default();
        self.read(io, &|_, _| Standing::Whole, &mut commits)?;
        Ok(commits.0)
    }

    /// Number of the last segment.
    pub(in crate::store::disk) fn last_segment(&self) -> Option<u64> {
        self.segments.last().map(|(number, _)| *number)
    }

    /// Hands everything that the log tells to `visitor`, up to the first commit that was not finished. Returns what was
    /// torn at its end, such a commit included.
    pub(in crate::store::disk) fn read(
        &self,
        io: &dyn Io,
        judge: &Judge<'_>,
        visitor: &mut impl LogVisitor,
    ) -> Result<Option<Torn>, DiskError> {
        let mut chain = Chain::new(self.has_all_commits);
        for path in &self.checkpoint {
            check_whole(io, path)?;
            let segment = Segment { path, number: None, last: false };
            segment.read(io, &|_| Standing::Whole, &mut chain, visitor)?;
            chain.end_checkpoint()?;
        }
        if chain.is_empty() && !self.checkpoint.is_empty() {
            visitor.empty_checkpoint();
        }
        let mut refused: Option<Torn> = None;
        for (segment, (number, path)) in self.segments.iter().enumerate() {
            let last = segment + 1 == self.segments.len();
            let so_far = refused.is_none();
            let judge = |head| if so_far { judge(head, last) } else { Standing::Unfinished };
            let file = Segment { path, number: Some(*number), last };
            let end = file.read(io, &judge, &mut chain, visitor)?;
            let torn = |end: TornEnd| Torn { segment, valid: end.valid, error: end.error };
            refused = match refused {
                // A server has written behind it, and counts it.
                Some(_) if end.others => None,
                None => end.refused.map(torn),
                refused => refused,
            };
            if let Some(end) = end.torn {
                return Ok(refused.or_else(|| Some(torn(end))));
            }
        }
        Ok(refused)
    }
}

/// A segment of the log, or of its checkpoint.
struct Segment<'a> {
    path: &'a Path,
    number: Option<u64>,
    last: bool,
}

/// What was found at the end of a segment.
#[derive(Default)]
struct SegmentEnd {
    /// It was never finished.
    torn: Option<TornEnd>,
    /// From here on there are commits that do not count.
    refused: Option<TornEnd>,
    /// There are records that belong to no commit, as a server writes them.
    others: bool,
}

/// The records of a commit that are not all there yet.
struct Commit {
    head: CommitHead,
    /// Where it begins.
    start: u64,
    /// How many records are missing.
    missing: u64,
    records: Vec<(Vec<u8>, u64)>,
}

impl Segment<'_> {
    fn read(
        &self,
        io: &dyn Io,
        judge: &dyn Fn(CommitHead) -> Standing,
        chain: &mut Chain,
        visitor: &mut impl LogVisitor,
    ) -> Result<SegmentEnd, DiskError> {
        let file = OpenFile::open(io, self.path.to_owned(), Access::Changing)?;
        chain.begin(&file);
        let mut open: Option<Commit> = None;
        let (mut refused, mut others) = (None, false);
        let torn = read_segment(&file, self.last, &mut |record, offset| {
            match &mut open {
                Some(commit) => {
                    commit.records.push((record.to_owned(), offset));
                    commit.missing -= 1;
                }
                None => match read_commit(record, offset)? {
                    Some((head, missing)) => {
                        chain.commit(head, missing, offset)?;
                        open = Some(Commit { head, start: offset, missing, records: Vec::new() });
                    }
                    None => {
                        others = true;
                        chain.other();
                        visitor.position(self.number, offset);
                        return read_record(record, offset, visitor);
                    }
                },
            }
            let Some(commit) = open.take_if(|commit| commit.missing == 0) else { return Ok(()) };
            match judge(commit.head) {
                Standing::Whole if refused.is_none() => return self.take(commit, visitor),
                Standing::Superseded => {}
                Standing::Whole | Standing::Unfinished => {
                    refused.get_or_insert(commit.start);
                }
            }
            Ok(())
        });
        let torn = chain.fault().map_or(torn, Err)?;
        let ends = |start: u64, what| TornEnd {
            valid: start,
            error: file.corrupt(Problem::Invalid(what).at(start)),
        };
        let torn = match (open, torn) {
            // A commit of which something is missing was never acknowledged.
            (Some(commit), Some(torn)) => Some(TornEnd { valid: commit.start, ..torn }),
            (Some(commit), None) if self.last => Some(ends(commit.start, "a commit is not finished")),
            // A server has gone on in the next segment, and counts what is there.
            (Some(commit), None) => {
                chain.unfinished(commit.start);
                self.take(commit, visitor).map_err(|corruption| file.corrupt(corruption))?;
                None
            }
            (None, torn) => torn,
        };
        let refused = refused.map(|start| ends(start, "a commit is in one log only"));
        Ok(SegmentEnd { torn, refused, others })
    }

    fn take(&self, commit: Commit, visitor: &mut impl LogVisitor) -> Result<(), Corruption> {
        visitor.position(self.number, commit.start);
        visitor.commit(commit.head);
        for (record, offset) in commit.records {
            visitor.position(self.number, offset);
            read_record(&record, offset, visitor)?;
        }
        Ok(())
    }
}

/// The numbers of commits.
#[derive(Default)]
struct Commits(FxHashSet<u64>);

impl LogVisitor for Commits {
    fn commit(&mut self, commit: CommitHead) {
        self.0.insert(commit.number);
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

/// Removes what a crash has left of checkpoints of the data directory `dir` that were being written.
pub(in crate::store::disk) fn remove_unfinished_checkpoints(
    io: &dyn Io,
    dir: &Path,
) -> Result<(), DiskError> {
    let dir = dir.join(Log::Wal.dir_name());
    for entry in list_if_there(io, &dir)? {
        if entry.name.starts_with(CHECKPOINT) && entry.name.ends_with(UNFINISHED) {
            remove_tree(io, &dir.join(&entry.name))?;
        }
    }
    Ok(())
}

/// Makes `records` the checkpoint of the data directory `dir` that stands for all segments up to `number`; `commit` is
/// the last commit in it. Then removes those segments, and older checkpoints.
pub(in crate::store::disk) fn write_checkpoint(
    io: &dyn Io,
    dir: &Path,
    number: u64,
    commit: CommitHead,
    records: impl FnMut(&mut Records) -> Result<bool, DiskError>,
) -> Result<(), DiskError> {
    let dir = dir.join(Log::Wal.dir_name());
    let name = format!("{CHECKPOINT}{number:08}");
    let unfinished = dir.join(format!("{name}{UNFINISHED}"));
    let failed = |path: &Path, error| DiskError::io(path, error);
    remove_tree(io, &unfinished)?;
    io.create_dir(&unfinished).map_err(|error| failed(&unfinished, error))?;
    write_finished(io, unfinished.join("00000000"), commit, records)?;
    io.sync_dir(&unfinished).map_err(|error| failed(&unfinished, error))?;
    io.rename(&unfinished, &dir.join(&name)).map_err(|error| failed(&dir.join(&name), error))?;
    io.sync_dir(&dir).map_err(|error| failed(&dir, error))?;
    for entry in list_if_there(io, &dir)? {
        let path = dir.join(&entry.name);
        let older = entry.name.strip_prefix(CHECKPOINT).and_then(super::super::numbered::number);
        if entry.is_dir && older.is_some_and(|older| older < number) {
            remove_tree(io, &path)?;
        }
    }
    remove_segments(io, &dir, number + 1)
}

/// Removes the segments of the log in `dir` before segment `first`.
pub(in crate::store::disk) fn remove_segments(io: &dyn Io, dir: &Path, first: u64) -> Result<(), DiskError> {
    // One after the other, the oldest first: whatever a crash leaves follows without a gap.
    for (_, path) in numbered_files(io, dir)?.into_iter().take_while(|(number, _)| *number < first) {
        remove_file_if_there(io, &path)?;
        io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
    }
    Ok(())
}

fn list_if_there(io: &dyn Io, dir: &Path) -> Result<Vec<DirEntry>, DiskError> {
    match io.list(dir) {
        Ok(entries) => Ok(entries),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(DiskError::io(dir, error)),
    }
}

fn last_checkpoint(io: &dyn Io, dir: &Path) -> Result<Option<(u64, PathBuf)>, DiskError> {
    let entries = list_if_there(io, dir)?;
    // One that is being written has a name that does not end in its number.
    let checkpoints = entries
        .iter()
        .filter(|entry| entry.is_dir)
        .filter_map(|entry| Some((number(entry.name.strip_prefix(CHECKPOINT)?)?, dir.join(&entry.name))));
    Ok(checkpoints.max())
}
