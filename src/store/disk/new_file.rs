//! A file that is being written: bytes are gathered, and it is known where they will lie.

use std::path::{Path, PathBuf};

use super::error::DiskError;
use super::io::{Io, WriteFile};

/// So many bytes are gathered before they are written.
const BUFFER: usize = 1 << 20;

/// A file that is being written.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    file: Box<dyn WriteFile>,
    buffer: Vec<u8>,
    position: u64,
}

impl NewFile {
    /// Creates a file that is not there yet.
    pub(super) fn create(io: &dyn Io, path: PathBuf) -> Result<Self, DiskError> {
        match io.create(&path) {
            Ok(file) => Ok(NewFile { path, file, buffer: Vec::new(), position: 0 }),
            Err(error) => Err(DiskError::io(&path, error)),
        }
    }

    /// Where the next byte will lie.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.buffer.extend_from_slice(bytes);
        self.position += bytes.len() as u64;
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Appends zeros up to a multiple of `unit` bytes.
    pub(super) fn pad(&mut self, unit: u64) -> Result<(), DiskError> {
        let rest = self.position.next_multiple_of(unit) - self.position;
        self.write(&vec![0; rest as usize])
    }

    /// Hands what was gathered to the operating system.
    pub(super) fn flush(&mut self) -> Result<(), DiskError> {
        if !self.buffer.is_empty() {
            self.file.write(&self.buffer).map_err(|error| DiskError::io(&self.path, error))?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Makes everything that was written last.
    pub(super) fn sync(&mut self) -> Result<(), DiskError> {
        self.flush()?;
        self.file.sync().map_err(|error| DiskError::io(&self.path, error))
    }
}

/// Creates a file with these contents, and makes them last.
pub(super) fn write_file(io: &dyn Io, path: PathBuf, contents: &[u8]) -> Result<(), DiskError> {
    let mut file = NewFile::create(io, path)?;
    file.write(contents)?;
    file.sync()
}

/// Gives the file at `path` these contents, all of them or none: writes another file and gives it the name.
pub(super) fn replace_file(io: &dyn Io, path: &Path, contents: &[u8]) -> Result<(), DiskError> {
    let mut new = path.as_os_str().to_owned();
    new.push(".tmp");
    let new = PathBuf::from(new);
    remove_file_if_there(io, &new)?;
    write_file(io, new.clone(), contents)?;
    io.rename(&new, path).map_err(|error| DiskError::io(path, error))?;
    match path.parent() {
        Some(dir) => io.sync_dir(dir).map_err(|error| DiskError::io(dir, error)),
        None => Ok(()),
    }
}

/// Creates a directory and those that it lies in, and makes their names last.
pub(super) fn create_dir(io: &dyn Io, path: &Path) -> Result<(), DiskError> {
    let missing: Vec<&Path> = path
        .ancestors()
        .filter(|ancestor| !ancestor.as_os_str().is_empty())
        .take_while(|ancestor| io.list(ancestor).is_err())
        .collect();
    io.create_dir(path).map_err(|error| DiskError::io(path, error))?;
    for dir in missing {
        let parent = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        io.sync_dir(parent).map_err(|error| DiskError::io(parent, error))?;
    }
    Ok(())
}

/// Removes a file that a crash may have left.
pub(super) fn remove_file_if_there(io: &dyn Io, path: &Path) -> Result<(), DiskError> {
    match io.remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DiskError::io(path, error)),
        _ => Ok(()),
    }
}

/// Removes a directory and all that is in it, if it is there.
pub(super) fn remove_tree(io: &dyn Io, path: &Path) -> Result<(), DiskError> {
    let entries = match io.list(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(DiskError::io(path, error)),
    };
    for entry in entries {
        let entry_path = path.join(&entry.name);
        if entry.is_dir {
            remove_tree(io, &entry_path)?;
        } else {
            remove_file_if_there(io, &entry_path)?;
        }
    }
    io.remove_dir(path).map_err(|error| DiskError::io(path, error))
}
