//! Reads all of a data directory and tells what is wrong with it. Nothing is changed.
//!
//! Opening a directory verifies what it reads, and queries verify what they touch. This touches everything: each
//! checksum, each chunk decoded, each list of postings held against the series, each meta.json against its block.
//!
//! ```no_run
//! for finding in promqlite::store::disk::check("/var/lib/prometheus".as_ref())? {
//!     println!("{finding}");
//! }
//! # Ok::<(), promqlite::store::disk::DiskError>(())
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::Block;
use super::chunk::Columns;
use super::decoded::DecodedChunks;
use super::error::{Corruption, DiskError, DiskErrorKind, Problem};
use super::head::{self, Snapshot};
use super::head_chunks::HeadChunkFiles;
use super::io::{DirEntry, Io};
use super::listing::{Listing, Metas};
use super::meta::{self, BlockMeta, BlockStats};
use super::options::BLOCK_RANGE;
use super::pieces::{Piece, Place};
use super::postings::List;
use super::std_io::StdIo;
use super::ulid::Ulid;
use super::wal::{Log, LogFiles, LogVisitor, Standing};
use super::{head_chunks, index};
use crate::model::{Labels, Timestamp};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file or directory.
    pub path: PathBuf,
    /// Where in the file, in bytes, if it is in one place.
    pub offset: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// Whether nothing is lost by it: a write that was cut off before it was acknowledged, a directory that waits
    /// for its removal.
    pub harmless: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(offset) = self.offset {
            write!(f, "at byte {offset}: ")?;
        }
        f.write_str(&self.message)?;
        if self.harmless { f.write_str(" (harmless)") } else { Ok(()) }
    }
}

impl Finding {
    fn new(path: &Path, message: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), offset: None, message: message.into(), harmless: false }
    }

    fn harmless(self) -> Self {
        Finding { harmless: true, ..self }
    }
}

impl From<DiskError> for Finding {
    fn from(error: DiskError) -> Self {
        let (offset, message) = match error.kind {
            DiskErrorKind::Corrupt(Corruption { offset, problem }) => (Some(offset), problem.to_string()),
            DiskErrorKind::Io(error) => (None, error.to_string()),
            DiskErrorKind::Unsupported(what) => (None, what),
            DiskErrorKind::NotADataDirectory => (None, "this is no data directory".to_owned()),
            DiskErrorKind::Locked => (None, "this is locked".to_owned()),
            DiskErrorKind::KeepsChanging => (None, "this keeps changing".to_owned()),
        };
        Finding { path: error.path, offset, message, harmless: false }
    }
}

/// Reads all of the data directory or block at `path`. An empty list means that nothing is wrong.
///
/// # Errors
///
/// When there is no such directory, or it is none of Prometheus'. All else is a finding.
pub fn check(path: &Path) -> Result<Vec<Finding>, DiskError> {
    check_with(&StdIo::new(), path)
}

/// The same on another file system.
pub fn check_with(io: &dyn Io, path: &Path) -> Result<Vec<Finding>, DiskError> {
    check_reporting(io, path, &mut |_| {})
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckProgress {
    /// About so many bytes were read.
    pub bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

/// Counts the bytes that were read.
struct Progress<'a> {
    report: &'a mut dyn FnMut(CheckProgress),
    progress: CheckProgress,
}

impl Progress<'_> {
    /// All before `start` was read, and of the `size` bytes behind it the first `part` of `parts` parts.
    fn at(&mut self, start: u64, size: u64, part: usize, parts: usize) {
        let share = u128::from(size) * part as u128 / parts.max(1) as u128;
        self.progress.bytes = (start + share as u64).min(self.progress.total_bytes);
        (self.report)(self.progress);
    }
}

/// The same, for those who wait: `report` is told how far it has come, many times.
pub fn check_reporting(
    io: &dyn Io,
    path: &Path,
    report: &mut dyn FnMut(CheckProgress),
) -> Result<Vec<Finding>, DiskError> {
    let total_bytes = size_bytes(io, path);
    let mut progress = Progress { report, progress: CheckProgress { bytes: 0, total_bytes } };
    let entries = io.list(path).map_err(|error| DiskError::io(path, error))?;
    let mut findings = Vec::new();
    if entries.iter().any(|entry| entry.name == meta::FILE_NAME && !entry.is_dir) {
        check_block(io, path, &mut progress, &mut findings);
        return Ok(findings);
    }
    let mut ulids: Vec<Ulid> = Vec::new();
    let mut ours = false;
    for entry in entries.iter().filter(|entry| entry.is_dir) {
        ours |=
            [Log::Wal.dir_name(), Log::Wbl.dir_name(), head_chunks::DIR_NAME].contains(&entry.name.as_str());
        ulids.extend(entry.name.parse::<Ulid>());
        if entry.name.contains(".tmp") {
            let left_over = "left over from a block that was being written or removed";
            findings.push(Finding::new(&path.join(&entry.name), left_over).harmless());
        }
    }
    if ulids.is_empty() && !ours {
        return Err(DiskError { path: path.to_owned(), kind: DiskErrorKind::NotADataDirectory });
    }
    ulids.sort();
    for ulid in ulids {
        check_block(io, &path.join(ulid.to_string()), &mut progress, &mut findings);
    }
    let mut done = |name: &str| {
        let start = progress.progress.bytes;
        progress.at(start, size_bytes(io, &path.join(name)), 1, 1);
    };
    check_head_chunks(io, path, &mut findings);
    done(head_chunks::DIR_NAME);
    for log in [Log::Wal, Log::Wbl] {
        check_log(io, path, log, &mut findings);
        done(log.dir_name());
    }
    check_snapshot(io, path, &mut findings);
    if findings.iter().all(|finding| finding.harmless) {
        findings.extend(check_head(io, path).err().map(Finding::from));
    }
    progress.at(total_bytes, 0, 1, 1);
    Ok(findings)
}

/// Bytes of the files in a directory and in those that lie in it; 0 if there is none.
pub(super) fn size_bytes(io: &dyn Io, dir: &Path) -> u64 {
    let size_of =
        |entry: DirEntry| if entry.is_dir { size_bytes(io, &dir.join(entry.name)) } else { entry.len };
    io.list(dir).unwrap_or_default().into_iter().map(size_of).sum()
}

fn check_block(io: &dyn Io, dir: &Path, progress: &mut Progress<'_>, findings: &mut Vec<Finding>) {
    let start = progress.progress.bytes;
    let size = size_bytes(io, dir);
    let mut report = |part, parts| progress.at(start, size, part, parts);
    check_files_of_block(io, dir, &mut report, findings);
    report(1, 1);
}

fn check_files_of_block(
    io: &dyn Io,
    dir: &Path,
    report: &mut dyn FnMut(usize, usize),
    findings: &mut Vec<Finding>,
) {
    let meta = match BlockMeta::read(io, dir) {
        Ok(meta) => meta,
        Err(error) if error.is_not_found() => {
            findings.push(Finding::new(dir, "a block without meta.json waits for its removal").harmless());
            return;
        }
        Err(error) => {
            findings.push(error.into());
            return;
        }
    };
    let name = dir.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<Ulid>().ok());
    if name.is_some_and(|name| name != meta.ulid) {
        let message = format!("ulid is {}, which is not the name of the directory", meta.ulid);
        findings.push(Finding::new(&dir.join(meta::FILE_NAME), message));
    }
    match Block::open(io, dir.to_owned(), meta, Arc::new(DecodedChunks::new())) {
        Ok(block) => {
            let (stats, series) = (BlockStats::default(), Vec::new());
            BlockCheck { block: &block, report, findings, stats, series }.run();
        }
        Err(error) => findings.push(error.into()),
    }
}

/// Goes over all of a block.
struct BlockCheck<'a> {
    block: &'a Block,
    /// Is told which part was checked, and of how many.
    report: &'a mut dyn FnMut(usize, usize),
    findings: &'a mut Vec<Finding>,
    /// What was counted.
    stats: BlockStats,
    /// References of the series that can be read, rising.
    series: Vec<index::SeriesRef>,
}

impl BlockCheck<'_> {
    fn found(&mut self, corruption: Corruption) {
        self.findings.push(self.block.index.corrupt(corruption).into());
    }

    fn run(&mut self) {
        self.check_symbols();
        self.check_series();
        self.check_postings();
        self.check_tombstones();
        self.check_stats();
    }

    fn check_symbols(&mut self) {
        let mut before = None;
        let result = self.block.index.for_each_symbol(|offset, symbol| {
            if before.is_some_and(|before| before >= symbol) {
                return Err(Problem::Invalid("the symbols are not sorted").at(offset));
            }
            before = Some(symbol);
            Ok(())
        });
        if let Err(corruption) = result {
            self.found(corruption);
        }
    }

    fn check_series(&mut self) {
        let references: Vec<_> = match self.block.index.all_series() {
            Ok(references) => references.collect(),
            Err(corruption) => return self.found(corruption),
        };
        let mut before: Option<Labels> = None;
        let (mut columns, mut scratch) = (Columns::default(), Vec::new());
        let count = references.len();
        for (i, reference) in references.into_iter().enumerate() {
            (self.report)(i, count);
            self.stats.series += 1;
            match self.check_one_series(reference, &mut before, &mut columns, &mut scratch) {
                Ok(()) => self.series.push(reference),
                Err(corruption) => self.found(corruption),
            }
        }
    }

    fn check_one_series(
        &mut self,
        reference: index::SeriesRef,
        before: &mut Option<Labels>,
        columns: &mut Columns,
        scratch: &mut Vec<u8>,
    ) -> Result<(), Corruption> {
        let block = self.block;
        let entry = block.index.series(reference)?;
        let labels = entry.labels()?;
        if before.as_ref().is_some_and(|before| *before >= labels) {
            return Err(Problem::Invalid("the series are not sorted by labels").at(entry.offset()));
        }
        *before = Some(labels);
        let mut end: Option<Timestamp> = None;
        for meta in entry.chunks() {
            let meta = meta?;
            self.stats.chunks += 1;
            if end.is_some_and(|end| meta.min_time <= end) {
                return Err(Problem::Invalid("the chunks of a series overlap").at(entry.offset()));
            }
            end = Some(meta.max_time);
            if let Err(error) = block.check_range(meta.range()) {
                self.findings.push(error.into());
            }
            let place = Place::Block(block, meta, entry.offset());
            let piece = Piece { range: meta.range(), source: 0, place, deleted: None, from: Timestamp::MIN };
            columns.clear();
            match piece.decode(Timestamp::MAX, scratch, columns) {
                Ok(()) => {
                    self.stats.float_samples += columns.floats.len() as u64;
                    self.stats.histogram_samples += columns.histograms.len() as u64;
                    self.stats.samples = self.stats.float_samples + self.stats.histogram_samples;
                }
                Err(error) => self.findings.push(error.into()),
            }
        }
        Ok(())
    }

    /// Each list of postings has the series that have the value, and no other.
    fn check_postings(&mut self) {
        let block = self.block;
        let series = std::mem::take(&mut self.series);
        let (mut listed, mut labels) = (0, 0);
        let result = block.index.for_each_postings(|name, value, list| {
            if name.is_empty() {
                return Ok(());
            }
            listed += list.len();
            check_list(block, &series, name, value, list)
        });
        if let Err(corruption) = result {
            return self.found(corruption);
        }
        for reference in &series {
            match block.index.series(*reference).and_then(|entry| entry.pairs()) {
                Ok(pairs) => labels += pairs.len(),
                Err(corruption) => return self.found(corruption),
            }
        }
        if listed != labels && series.len() as u64 == self.stats.series {
            let message = format!("the lists of postings have {listed} entries, the series {labels} labels");
            self.findings.push(Finding::new(block.index.path(), message));
        }
    }

    fn check_tombstones(&mut self) {
        let tombstones = &self.block.tombstones;
        self.stats.tombstones = tombstones.len() as u64;
        for series in tombstones.series() {
            let known =
                u32::try_from(series).is_ok_and(|reference| self.block.index.series(reference).is_ok());
            if !known {
                let path = self.block.dir().join(super::tombstones::FILE_NAME);
                let message =
                    format!("samples of series {series} are deleted, which the index does not have");
                self.findings.push(Finding::new(&path, message));
            }
        }
    }

    fn check_stats(&mut self) {
        let stated = self.block.meta.stats;
        let table = [
            ("numSeries", stated.series, self.stats.series),
            ("numChunks", stated.chunks, self.stats.chunks),
            ("numSamples", stated.samples, self.stats.samples),
            ("numTombstones", stated.tombstones, self.stats.tombstones),
        ];
        // Older servers do not tell of floats and histograms.
        let kinds = [
            ("numFloatSamples", stated.float_samples, self.stats.float_samples),
            ("numHistogramSamples", stated.histogram_samples, self.stats.histogram_samples),
        ];
        let kinds = kinds.into_iter().filter(|_| stated.float_samples + stated.histogram_samples > 0);
        for (name, stated, counted) in table.into_iter().chain(kinds) {
            // What could not be read was not counted, and was told already.
            if stated != counted && self.findings.is_empty() {
                let message = format!("{name} is {stated}, and the block has {counted}");
                let finding = Finding::new(&self.block.meta_path(), message);
                // Tombstones are written first, and a crash may come before they are counted.
                let harmless = name == "numTombstones";
                self.findings.push(if harmless { finding.harmless() } else { finding });
            }
        }
    }
}

fn check_list(
    block: &Block,
    series: &[index::SeriesRef],
    name: &str,
    value: &str,
    list: List<'_>,
) -> Result<(), Corruption> {
    let mut before = None;
    for reference in list.iter() {
        let offset = u64::from(reference) * 16;
        if before.is_some_and(|before| before >= reference) {
            return Err(Problem::Invalid("a list of postings with this series does not rise").at(offset));
        }
        before = Some(reference);
        // A series that cannot be read was told already, if it is one.
        let has_value = match series.binary_search(&reference) {
            Ok(_) => block.index.series(reference)?.pairs()?.contains(&(name, value)),
            Err(_) => block.index.series(reference).is_err(),
        };
        if !has_value {
            return Err(
                Problem::Invalid("a list of postings has this series for a label that it lacks").at(offset)
            );
        }
    }
    Ok(())
}

fn check_head_chunks(io: &dyn Io, dir: &Path, findings: &mut Vec<Finding>) {
    let mut chunks = Vec::new();
    let (files, torn) = match HeadChunkFiles::open(io, dir, |found| {
        chunks.push(found.chunk);
        Ok(())
    }) {
        Ok(opened) => opened,
        Err(error) => return findings.push(error.into()),
    };
    findings.extend(torn.map(|error| Finding::from(error).harmless()));
    let (mut columns, mut scratch) = (Columns::default(), Vec::new());
    for chunk in &chunks {
        columns.clear();
        match files.decode(chunk, &mut scratch, &mut columns) {
            Ok(Some(ends)) if ends != (chunk.min_time, chunk.max_time) => {
                let problem =
                    Problem::Invalid("a chunk's samples do not have the times that are named with it");
                findings.push(files.corrupt(chunk, problem).into());
            }
            Ok(_) => {}
            Err(error) => findings.push(error.into()),
        }
    }
}

fn check_log(io: &dyn Io, dir: &Path, log: Log, findings: &mut Vec<Finding>) {
    let read =
        LogFiles::find(io, dir, log).and_then(|files| files.read(io, &|_, _| Standing::Whole, &mut Ignore));
    match read {
        Ok(torn) => findings.extend(torn.map(|torn| Finding::from(torn.error).harmless())),
        Err(error) => findings.push(error.into()),
    }
}

/// Puts the head together: what files say of one another.
fn check_head(io: &dyn Io, dir: &Path) -> Result<(), DiskError> {
    let listing = Listing::read(io, dir)?;
    let min_valid_time = Metas::read(io, dir, &listing.blocks)?.min_valid_time();
    head::open(io, dir, &listing.wal, &listing.wbl, min_valid_time, BLOCK_RANGE).map(|_| ())
}

fn check_snapshot(io: &dyn Io, dir: &Path, findings: &mut Vec<Finding>) {
    if let Err(error) = Snapshot::read(io, dir, Some(u64::MAX)) {
        findings.push(error.into());
    }
}

/// Reads a log for the sake of reading it.
struct Ignore;

impl LogVisitor for Ignore {}
