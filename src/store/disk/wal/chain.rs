//! Whether anything is missing between the records of a log.
//!
//! A segment that was cut between two records looks whole. What tells is what comes behind it:
//!
//! ```text
//! 00000003   after 4 │ commit 5 │ commit 6          (cut here: commit 6 is missing)
//! 00000004   after 6 │ commit 7
//! ```
//!
//! The numbers of commits rise by one. A segment with which a writer begins tells the last commit before it, in the head
//! of a commit without records; so does a checkpoint, first and last. A server writes no commits: what it goes on
//! behind is what there was.

use std::path::{Path, PathBuf};

use super::super::error::{Corruption, DiskError, Problem};
use super::super::file::OpenFile;
use super::record::CommitHead;

/// What was read of a log so far.
#[derive(Debug)]
pub(super) struct Chain {
    /// Whether the log has every commit.
    has_all_commits: bool,
    /// The number of the last commit.
    last: Option<u64>,
    /// The file that is being read, and the one before; with their lengths.
    file: (PathBuf, u64),
    before: Option<(PathBuf, u64)>,
    /// Heads of commits and other records in this file.
    heads: u64,
    others: u64,
    /// Whether the last record was the head of a commit without records.
    is_closed: bool,
    /// Where a commit begins at the end of the file before that is not finished.
    unfinished: Option<u64>,
    /// Records in all files.
    records: u64,
    /// What is wrong with another file than the one that is being read.
    fault: Option<DiskError>,
}

impl Chain {
    /// Nothing was read.
    pub(super) fn new(has_all_commits: bool) -> Self {
        Chain {
            has_all_commits,
            last: None,
            file: (PathBuf::new(), 0),
            before: None,
            heads: 0,
            others: 0,
            is_closed: false,
            unfinished: None,
            records: 0,
            fault: None,
        }
    }

    /// The next file is read.
    pub(super) fn begin(&mut self, file: &OpenFile) {
        let next = (file.path().to_owned(), file.len());
        let before = std::mem::replace(&mut self.file, next);
        // A segment without records says nothing of what comes before it.
        self.before = Some(before).filter(|(path, _)| path != Path::new(""));
        (self.heads, self.others, self.is_closed) = (0, 0, false);
    }

    /// A commit of so many records begins.
    pub(super) fn commit(&mut self, head: CommitHead, records: u64, offset: u64) -> Result<(), Corruption> {
        let first = self.heads + self.others == 0;
        self.is_closed = records == 0 && !head.late;
        let next = |last: u64| last.saturating_add(u64::from(!self.is_closed));
        let follows = !self.has_all_commits || self.last.is_none_or(|last| head.number == next(last));
        if let Some((path, len)) = &self.before {
            let invalid = |what, at| Some(Problem::Invalid(what).at(at).in_file(path));
            self.fault = match self.unfinished.take() {
                Some(start) => invalid("a commit is not finished", start),
                None if first && !follows => invalid("commits are missing behind this", *len),
                None => None,
            };
        }
        if self.fault.is_some() || !follows {
            return Err(Problem::Invalid("commits before this one are missing").at(offset));
        }
        (self.last, self.heads, self.records) = (Some(head.number), self.heads + 1, self.records + 1);
        Ok(())
    }

    /// A record comes that belongs to no commit.
    pub(super) fn other(&mut self) {
        (self.others, self.records) = (self.others + 1, self.records + 1);
        (self.is_closed, self.unfinished) = (false, None);
    }

    /// The file that was read ends within the commit that begins at `start`.
    pub(super) fn unfinished(&mut self, start: u64) {
        self.unfinished = Some(start);
    }

    /// What is wrong with another file than the one that is being read.
    pub(super) fn fault(&mut self) -> Option<DiskError> {
        self.fault.take()
    }

    /// Whether there was no record so far.
    pub(super) fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// A file of a checkpoint was read: if it begins with a commit, it ends with it.
    pub(super) fn end_checkpoint(&self) -> Result<(), DiskError> {
        if self.heads == 0 || (self.heads > 1 && self.is_closed) {
            return Ok(());
        }
        let (path, len) = &self.file;
        Err(Problem::Invalid("the checkpoint is not finished").at(*len).in_file(path))
    }
}
