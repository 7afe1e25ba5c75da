//! An index that is open.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::super::error::{Corruption, DiskError, Problem};
use super::super::file::Contents as FileContents;
use super::super::io::{Access, Io};
use super::super::postings::{List, PostingsSource, union};
use super::contents::{Contents, HeaderError};
use super::known_series::{KnownSeries, KnownSeriesTable};
use super::postings_list;
use super::postings_table::PostingsTable;
use super::series::{ChunkMeta, SeriesEntry};
use super::symbols::Symbols;
use crate::model::{Matcher, TimeRange};

/// Reading a series takes as long as trying a matcher on so many values.
const READING: usize = 8;

/// Names a series of an index: a sixteenth of its offset.
pub(in crate::store::disk) type SeriesRef = u32;

/// The index of a block.
#[derive(Debug)]
pub(in crate::store::disk) struct Index {
    file: FileContents,
    contents: Contents,
    symbols: Symbols,
    postings: PostingsTable,
    known: KnownSeriesTable,
}

impl Index {
    /// Opens the index at `path`: verifies symbols and the table of postings, and remembers where their parts are.
    pub(in crate::store::disk) fn open(io: &dyn Io, path: PathBuf) -> Result<Self, DiskError> {
        let file = FileContents::open(io, path, Access::Finished)?;
        let bytes = file.bytes();
        let contents = match Contents::read(bytes) {
            Ok(contents) => contents,
            Err(HeaderError::Corrupt(corruption)) => return Err(file.corrupt(corruption)),
            Err(HeaderError::Version1) => {
                let what = "index format version 1, which Prometheus wrote before 2.1, is not supported";
                return Err(DiskError::unsupported(file.path(), what));
            }
        };
        let symbols = Symbols::read(bytes, contents.symbols).map_err(|e| file.corrupt(e))?;
        let postings = PostingsTable::read(bytes, contents.postings_table).map_err(|e| file.corrupt(e))?;
        Ok(Index { contents, symbols, postings, file, known: KnownSeriesTable::default() })
    }

    /// Where the file is.
    pub(in crate::store::disk) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Length of the file in bytes.
    pub(in crate::store::disk) fn len(&self) -> u64 {
        self.file.bytes().len() as u64
    }

    /// Bytes of memory that the index takes beside the file.
    pub(in crate::store::disk) fn size_bytes(&self) -> usize {
        self.symbols.size_bytes() + self.postings.size_bytes()
    }

    /// Corruption in this index.
    pub(in crate::store::disk) fn corrupt(&self, corruption: Corruption) -> DiskError {
        self.file.corrupt(corruption)
    }

    /// The entry of a series.
    pub(in crate::store::disk) fn series(&self, reference: SeriesRef) -> Result<SeriesEntry<'_>, Corruption> {
        let offset = u64::from(reference) * 16;
        if !(self.contents.series..self.contents.series_end).contains(&offset) {
            return Err(Problem::Invalid("a series is looked for outside of the series").at(offset));
        }
        SeriesEntry::read(self.file.bytes(), &self.symbols, offset)
    }

    /// The series with this reference, from memory if it was read lately.
    pub(in crate::store::disk) fn known_series(
        &self,
        reference: SeriesRef,
    ) -> Result<Arc<KnownSeries>, Corruption> {
        if let Some(known) = self.known.get(reference) {
            return Ok(known);
        }
        let known = Arc::new(KnownSeries::new(reference, &self.series(reference)?)?);
        self.known.add(known.clone());
        Ok(known)
    }

    /// The series with these references.
    pub(in crate::store::disk) fn all_known_series(
        &self,
        references: &[SeriesRef],
    ) -> Result<Vec<Arc<KnownSeries>>, Corruption> {
        let mut all = Vec::with_capacity(references.len());
        while let Some(reference) = references.get(all.len()) {
            let before = all.len();
            self.known.get_all(&references[before..], &mut all);
            if all.len() == before {
                all.push(self.known_series(*reference)?);
            }
        }
        Ok(all)
    }

    /// Checks that a series comes after the one with the reference `before` in the order of labels.
    pub(in crate::store::disk) fn check_order(
        &self,
        before: SeriesRef,
        series: &KnownSeries,
    ) -> Result<(), Corruption> {
        if series.after.load(Relaxed) != before {
            if self.known_series(before)?.labels >= series.labels {
                return Err(Problem::Invalid("the series are not sorted by labels").at(series.offset));
            }
            series.after.store(before, Relaxed);
        }
        Ok(())
    }

    /// Calls `f` with the chunks of a series that may have samples in `range`, as long as it says so.
    pub(in crate::store::disk) fn chunks_in(
        &self,
        series: &KnownSeries,
        range: TimeRange,
        f: impl FnMut(ChunkMeta) -> ControlFlow<()>,
    ) -> Result<(), Corruption> {
        series.chunks_in(self.file.bytes(), range, f)
    }

    /// Whether any chunk of a series may have samples in `range`.
    pub(in crate::store::disk) fn overlaps(
        &self,
        series: &KnownSeries,
        range: TimeRange,
    ) -> Result<bool, Corruption> {
        series.overlaps(self.file.bytes(), range)
    }

    /// References of all series, rising.
    pub(in crate::store::disk) fn all_series(&self) -> Result<impl Iterator<Item = SeriesRef>, Corruption> {
        Ok(self.all()?.iter())
    }

    /// The label names, sorted.
    pub(in crate::store::disk) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.postings.names()
    }

    /// The values of the label `name`, sorted.
    pub(in crate::store::disk) fn label_values(&self, name: &str) -> Result<Vec<&str>, Corruption> {
        self.postings.values(self.file.bytes(), name, "")?.map(|entry| Ok(entry?.value)).collect()
    }

    /// Calls `f` with the name and value of each list of postings, and the list. The first is the list of all series,
    /// with empty name and value.
    pub(in crate::store::disk) fn for_each_postings<'a>(
        &'a self,
        mut f: impl FnMut(&'a str, &'a str, List<'a>) -> Result<(), Corruption>,
    ) -> Result<(), Corruption> {
        let bytes = self.file.bytes();
        for entry in self.postings.entries(bytes) {
            let entry = entry?;
            f(entry.name, entry.value, postings_list::read(bytes, entry.list)?)?;
        }
        Ok(())
    }

    /// Calls `f` with each symbol and its offset.
    pub(in crate::store::disk) fn for_each_symbol<'a>(
        &'a self,
        f: impl FnMut(u64, &'a str) -> Result<(), Corruption>,
    ) -> Result<(), Corruption> {
        self.symbols.for_each(self.file.bytes(), f)
    }
}

impl PostingsSource for Index {
    type Error = Corruption;

    fn all(&self) -> Result<List<'_>, Corruption> {
        postings_list::read(self.file.bytes(), self.postings.all())
    }

    fn with_value(&self, name: &str, value: &str) -> Result<Option<List<'_>>, Corruption> {
        let bytes = self.file.bytes();
        self.postings.find(bytes, name, value)?.map(|offset| postings_list::read(bytes, offset)).transpose()
    }

    fn with_values<'a>(
        &'a self,
        name: &str,
        prefix: &str,
        keep: &mut dyn FnMut(&str) -> bool,
        lists: &mut Vec<List<'a>>,
    ) -> Result<(), Corruption> {
        let bytes = self.file.bytes();
        for entry in self.postings.values(bytes, name, prefix)? {
            let entry = entry?;
            if keep(entry.value) {
                lists.push(postings_list::read(bytes, entry.list)?);
            }
        }
        Ok(())
    }

    fn with_label(&self, name: &str) -> Result<Option<List<'_>>, Corruption> {
        let found = self.postings.with_label(name, || {
            let mut lists = Vec::new();
            self.with_values(name, "", &mut |_| true, &mut lists)?;
            Ok(union(&lists))
        });
        Ok(found?.map(List::Native))
    }

    fn keep_meeting(&self, references: &mut Vec<u32>, matcher: &Matcher) -> Result<bool, Corruption> {
        if references.len() * READING > self.postings.value_count(&matcher.name) {
            return Ok(false);
        }
        let mut kept = Vec::with_capacity(references.len());
        for reference in &*references {
            if matcher.matches(self.known_series(*reference)?.labels.value(&matcher.name)) {
                kept.push(*reference);
            }
        }
        *references = kept;
        Ok(true)
    }
}
