//! An open file with its path: reads that stay inside of it, and errors that name it.

use std::path::{Path, PathBuf};

use super::error::{Corruption, DiskError, Problem};
use super::io::{Access, Io, ReadFile};

/// An open file.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    file: Box<dyn ReadFile>,
}

impl OpenFile {
    /// Opens the file at `path`.
    pub(super) fn open(io: &dyn Io, path: PathBuf, access: Access) -> Result<Self, DiskError> {
        match io.open(&path, access) {
            Ok(file) => Ok(OpenFile { path, file }),
            Err(error) => Err(DiskError::io(&path, error)),
        }
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.file.len()
    }

    /// The `len` bytes from `offset` on; `scratch` takes them if they are not at hand.
    pub(super) fn bytes<'a>(
        &'a self,
        offset: u64,
        len: u64,
        scratch: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], DiskError> {
        let available = self.len().saturating_sub(offset);
        if len > available || offset > self.len() {
            return Err(self.corrupt(Problem::Truncated { needed: len, available }.at(offset)));
        }
        if let Some(bytes) = self.file.mapped() {
            return Ok(&bytes[offset as usize..(offset + len) as usize]);
        }
        self.read_at(offset, len, scratch)?;
        if (scratch.len() as u64) < len {
            let available = scratch.len() as u64;
            return Err(self.corrupt(Problem::Truncated { needed: len, available }.at(offset)));
        }
        Ok(scratch)
    }

    /// Reads what there is of the `len` bytes from `offset` on. `len` is no more than the length of the file.
    pub(super) fn read_at(&self, offset: u64, len: u64, buffer: &mut Vec<u8>) -> Result<(), DiskError> {
        buffer.clear();
        buffer.resize(len.min(self.len()) as usize, 0);
        let read = self.file.read_at(offset, buffer).map_err(|error| DiskError::io(&self.path, error))?;
        buffer.truncate(read);
        Ok(())
    }

    /// Corruption in this file.
    pub(super) fn corrupt(&self, corruption: Corruption) -> DiskError {
        corruption.in_file(&self.path)
    }
}

/// All bytes of a file, mapped or read.
#[derive(Debug)]
pub(super) struct Contents {
    file: OpenFile,
    /// The bytes, if the file is not mapped.
    read: Vec<u8>,
}

impl Contents {
    /// The contents of the file at `path`.
    pub(super) fn open(io: &dyn Io, path: PathBuf, access: Access) -> Result<Self, DiskError> {
        let file = OpenFile::open(io, path, access)?;
        let mut read = Vec::new();
        if file.file.mapped().is_none() {
            file.read_at(0, file.len(), &mut read)?;
        }
        Ok(Contents { file, read })
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.file.file.mapped().unwrap_or(&self.read)
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Corruption in this file.
    pub(super) fn corrupt(&self, corruption: Corruption) -> DiskError {
        self.file.corrupt(corruption)
    }
}
