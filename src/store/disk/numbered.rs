//! Files that are numbered: chunk segments, head chunks and the segments of logs.

use std::path::{Path, PathBuf};

use super::error::{DiskError, Problem};
use super::io::Io;

/// The files in `dir` whose names are numbers, in order. There are none if the directory is missing; a gap is an
/// error.
pub(super) fn numbered_files(io: &dyn Io, dir: &Path) -> Result<Vec<(u64, PathBuf)>, DiskError> {
    let entries = match io.list(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(DiskError::io(dir, error)),
    };
    let mut files: Vec<(u64, PathBuf)> = entries
        .iter()
        .filter(|entry| !entry.is_dir)
        .filter_map(|entry| Some((number(&entry.name)?, dir.join(&entry.name))))
        .collect();
    files.sort();
    if let Some(pair) = files.windows(2).find(|pair| pair[0].0 + 1 != pair[1].0) {
        return Err(Problem::Invalid("the file before this one is missing").at(0).in_file(&pair[1].1));
    }
    Ok(files)
}

/// The number that a name is, if it is one.
pub(super) fn number(name: &str) -> Option<u64> {
    if name.bytes().all(|byte| byte.is_ascii_digit()) { name.parse().ok() } else { None }
}
