//! The file system of the operating system.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::io::{Access, DirEntry, Io, Lock, ReadFile, WriteFile};

/// The operating system's files, mapped into memory where that is possible and the feature `mmap` is on.
#[derive(Clone, Debug)]
pub struct StdIo {
    map: bool,
}

impl StdIo {
    /// Maps files that are finished into memory, and reads the others.
    pub fn new() -> Self {
        StdIo { map: true }
    }

    /// Reads all files, which never meets with the signal that a mapped file raises when someone cuts it short.
    pub fn without_maps() -> Self {
        StdIo { map: false }
    }
}

impl Default for StdIo {
    fn default() -> Self {
        StdIo::new()
    }
}

impl Io for StdIo {
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            match std::fs::metadata(dir.join(&name)) {
                Ok(metadata) => {
                    entries.push(DirEntry { name, is_dir: metadata.is_dir(), len: metadata.len() });
                }
                // Gone between the two calls.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn ReadFile>> {
        let file = File::open(path)?;
        #[cfg(feature = "mmap")]
        if self.map && access == Access::Finished {
            return Ok(Box::new(super::mmap::MappedFile::new(&file)?));
        }
        let _ = (access, self.map);
        let len = file.metadata()?.len();
        Ok(Box::new(PlainFile { file, len }))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        Ok(Box::new(NewFile(File::create_new(path)?)))
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let file = File::options().write(true).open(path)?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // Elsewhere directories cannot be opened, and names last without it.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(LockFile { _file: file })),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A file that is being written.
#[derive(Debug)]
struct NewFile(File);

impl WriteFile for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.0, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// The lock lasts as long as the file is open.
#[derive(Debug)]
struct LockFile {
    _file: File,
}

impl Lock for LockFile {}

/// A file that is read piece by piece.
#[derive(Debug)]
struct PlainFile {
    file: File,
    len: u64,
}

impl ReadFile for PlainFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn mapped(&self) -> Option<&[u8]> {
        None
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match read_some(&self.file, offset + done as u64, &mut buffer[done..]) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

#[cfg(unix)]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
