//! The snapshot of the head's memory that a server leaves when it stops (`tsdb/docs/format/memory_snapshot.md`).
//!
//! `chunk_snapshot.000004.0000032768` is what was in memory when the log stood at offset 32768 of segment 4. Inside it
//! is a log of its own:
//!
//! ```text
//! 1 series       number: 8 bytes; labels; chunk and last values: not read here
//! 2 tombstones   not read here
//! 3 exemplars    as in the log
//! ```
//!
//! All samples are in the log, too. Exemplars may not be: a checkpoint drops what is older than the head, and they are
//! kept for longer. So they are read from here, and from the log only what came after.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::super::bytes::Decoder;
use super::super::error::{Corruption, DiskError, Problem};
use super::super::exemplars::Exemplar;
use super::super::file::OpenFile;
use super::super::io::{Access, Io};
use super::super::numbered::{number, numbered_files};
use super::super::wal::{read_exemplars, read_labels, read_segment};
use crate::model::Labels;

/// What the name of a snapshot begins with; segment and offset follow.
const PREFIX: &str = "chunk_snapshot.";

/// The exemplars of a snapshot.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct Snapshot {
    /// Where the log stood: segment and offset.
    pub(super) position: Option<(u64, u64)>,
    /// In the order in which they came.
    pub(super) exemplars: Vec<(Labels, Exemplar)>,
}

impl Snapshot {
    /// Reads the newest snapshot in the data directory `dir` that is not ahead of the log, whose last segment is
    /// `last_segment`.
    pub(in crate::store::disk) fn read(
        io: &dyn Io,
        dir: &Path,
        last_segment: Option<u64>,
    ) -> Result<Self, DiskError> {
        let mut snapshot = Snapshot::default();
        let Some((position, path)) = newest(io, dir)? else { return Ok(snapshot) };
        if last_segment.is_none_or(|last| last < position.0) {
            return Ok(snapshot);
        }
        snapshot.position = Some(position);
        let mut labels = FxHashMap::default();
        for (_, path) in numbered_files(io, &path)? {
            let file = OpenFile::open(io, path, Access::Finished)?;
            read_segment(&file, false, &mut |record, offset| {
                let read = snapshot.read_record(record, &mut labels);
                read.map_err(|corruption| corruption.problem.at(offset))
            })?;
        }
        Ok(snapshot)
    }

    fn read_record(&mut self, record: &[u8], labels: &mut FxHashMap<u64, Labels>) -> Result<(), Corruption> {
        let mut decoder = Decoder::new(record, 0);
        match decoder.u8()? {
            1 => {
                let series = decoder.be64()?;
                labels.insert(series, read_labels(&mut decoder)?);
                Ok(())
            }
            2 => Ok(()),
            3 => read_exemplars(&mut decoder, |series, exemplar| {
                if let Some(labels) = labels.get(&series) {
                    self.exemplars.push((labels.clone(), exemplar));
                }
            }),
            number => {
                Err(decoder
                    .error(Problem::Unknown { what: "type of snapshot record", number: number.into() }))
            }
        }
    }
}

type Newest = Option<((u64, u64), PathBuf)>;

fn newest(io: &dyn Io, dir: &Path) -> Result<Newest, DiskError> {
    let entries = io.list(dir).map_err(|error| DiskError::io(dir, error))?;
    let snapshots = entries.iter().filter(|entry| entry.is_dir).filter_map(|entry| {
        let (segment, offset) = entry.name.strip_prefix(PREFIX)?.split_once('.')?;
        Some(((number(segment)?, number(offset)?), dir.join(&entry.name)))
    });
    Ok(snapshots.max())
}
