//! What lies in a data directory: which blocks count, and which files of the logs.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::DiskError;
use super::io::Io;
use super::meta::{self, BlockMeta};
use super::ulid::Ulid;
use super::wal::{Log, LogFiles};

/// What decides which files belong to one state of the directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// Directories whose names are ULIDs.
    pub(super) blocks: BTreeSet<Ulid>,
    pub(super) wal: LogFiles,
    pub(super) wbl: LogFiles,
}

impl Listing {
    /// Lists what is there.
    pub(super) fn read(io: &dyn Io, path: &Path) -> Result<Self, DiskError> {
        let entries = io.list(path).map_err(|error| DiskError::io(path, error))?;
        let ulids = entries.iter().filter(|entry| entry.is_dir).filter_map(|entry| entry.name.parse().ok());
        Ok(Listing {
            blocks: ulids.collect(),
            wal: LogFiles::find(io, path, Log::Wal)?,
            wbl: LogFiles::find(io, path, Log::Wbl)?,
        })
    }

    /// Whether nothing but growth of the logs lies between the two.
    pub(super) fn is_same_state(&self, later: &Listing) -> bool {
        self.blocks == later.blocks && self.wal.begins(&later.wal) && self.wbl.begins(&later.wbl)
    }
}

/// The blocks of a directory.
#[derive(Debug, Default)]
pub(super) struct Metas {
    /// Those that count.
    pub(super) current: Vec<BlockMeta>,
    /// Those that are about to be removed: another one has taken over their samples, or they have none left.
    pub(super) obsolete: Vec<Ulid>,
}

impl Metas {
    /// Reads the meta.json of each block. A directory without one is being made or removed.
    pub(super) fn read(io: &dyn Io, path: &Path, ulids: &BTreeSet<Ulid>) -> Result<Self, DiskError> {
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
        let parents = metas.iter().flat_map(|meta| &meta.compaction.parents);
        let replaced: BTreeSet<Ulid> = parents.map(|parent| parent.ulid).collect();
        let is_obsolete = |meta: &BlockMeta| meta.compaction.deletable || replaced.contains(&meta.ulid);
        let (obsolete, current): (Vec<_>, Vec<_>) = metas.into_iter().partition(is_obsolete);
        Ok(Metas { current, obsolete: obsolete.into_iter().map(|meta| meta.ulid).collect() })
    }

    /// Where samples in order go on: at the end of the last block of such samples.
    pub(super) fn min_valid_time(&self) -> i64 {
        let in_order = self.current.iter().filter(|meta| meta.is_in_order());
        in_order.map(|meta| meta.max_time).max().unwrap_or(i64::MIN)
    }
}
