//! A file system in memory, which a test can damage.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promqlite::store::disk::{Access, DirEntry, Io, ReadFile};

/// Files by their paths. A clone shares their contents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(pub(crate) BTreeMap<PathBuf, Arc<Vec<u8>>>);

impl Files {
    /// Copies all files below `dir`; their paths begin with `/`.
    pub(crate) fn read(dir: &Path) -> Self {
        let mut files = Files::default();
        files.add(dir, dir);
        files
    }

    fn add(&mut self, root: &Path, dir: &Path) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add(root, &path);
            } else {
                let name = Path::new("/").join(path.strip_prefix(root).unwrap());
                self.0.insert(name, Arc::new(std::fs::read(&path).unwrap()));
            }
        }
    }

    /// The same files, one of them changed.
    pub(crate) fn with(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut files = self.clone();
        change(Arc::make_mut(files.0.get_mut(path).unwrap()));
        files
    }
}

impl Io for Files {
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = BTreeMap::new();
        // Paths are ordered by their components: what is in a folder comes right behind its path.
        for (path, bytes) in self.0.range::<Path, _>((Bound::Excluded(dir), Bound::Unbounded)) {
            let Ok(rest) = path.strip_prefix(dir) else { break };
            let mut parts = rest.components();
            let Some(name) = parts.next() else { continue };
            let name = name.as_os_str().to_str().unwrap().to_owned();
            let is_dir = parts.next().is_some();
            let len = if is_dir { 0 } else { bytes.len() as u64 };
            entries.insert(name.clone(), DirEntry { name, is_dir, len });
        }
        if entries.is_empty() {
            Err(io::ErrorKind::NotFound.into())
        } else {
            Ok(entries.into_values().collect())
        }
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn ReadFile>> {
        let bytes = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Contents { bytes: bytes.clone(), mapped: access == Access::Finished }))
    }
}

#[derive(Debug)]
struct Contents {
    bytes: Arc<Vec<u8>>,
    mapped: bool,
}

impl ReadFile for Contents {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn mapped(&self) -> Option<&[u8]> {
        self.mapped.then_some(&self.bytes[..])
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.bytes.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}
