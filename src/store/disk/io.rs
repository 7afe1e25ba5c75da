//! The one seam between the disk store and the operating system.
//!
//! Everything that the store asks of a file system goes through [`Io`], so that a test can stand in for it: fail the
//! n-th call, or keep only what was synced. [`StdIo`](super::StdIo) is the real one.

use std::fmt;
use std::io;
use std::path::Path;

/// A file system.
pub trait Io: Send + Sync + fmt::Debug {
    /// What is in a directory, in no particular order. Links count as what they lead to.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Opens a file for reading.
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn ReadFile>>;

    /// Creates a directory and those that it lies in. It may be there already.
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        Err(unsupported(path))
    }

    /// Creates a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        Err(unsupported(path))
    }

    /// Cuts a file to its first `len` bytes and makes that last.
    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let _ = len;
        Err(unsupported(path))
    }

    /// Gives a file or directory another name; a file that has that name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let _ = to;
        Err(unsupported(from))
    }

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        Err(unsupported(path))
    }

    /// Removes a directory that is empty.
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        Err(unsupported(path))
    }

    /// Makes the names in a directory last: files that were created, renamed or removed.
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        Err(unsupported(path))
    }

    /// Takes the lock that the file at `path` stands for, or fails with [`io::ErrorKind::WouldBlock`] if someone else
    /// has it. Whoever drops it or dies gives it back.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        Err(unsupported(path))
    }
}

fn unsupported(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("{}: this file system is only read", path.display()))
}

/// A file that is being written, from front to back.
pub trait WriteFile: Send + Sync + fmt::Debug {
    /// Appends bytes, all of them.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything that was written last.
    fn sync(&mut self) -> io::Result<()>;
}

/// A lock that is held.
pub trait Lock: Send + Sync + fmt::Debug {}

/// How a file will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// In many places, and nobody changes it any more: it may be mapped into memory.
    Finished,
    /// Someone may be appending to it, or cutting it to its length.
    Changing,
}

/// A file that is open for reading.
pub trait ReadFile: Send + Sync + fmt::Debug {
    /// Its length in bytes when it was opened.
    fn len(&self) -> u64;

    /// Whether it had no bytes when it was opened.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of its bytes, if they are at hand without reading.
    fn mapped(&self) -> Option<&[u8]>;

    /// Reads bytes from `offset` on into `buffer`, as many as there are, and tells how many that was. Fewer than
    /// asked for means that the file ends there.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name without the directory. Names that are not UTF-8 are not ours and are left out.
    pub name: String,
    /// Whether it is a directory itself.
    pub is_dir: bool,
    /// Length of a file in bytes.
    pub len: u64,
}
