//! Files as memory. The only place of the disk store where the compiler's guarantees end.
//!
//! Mapping a file is unsafe because someone else may change it: bytes behind a `&[u8]` would change under the reader,
//! and a page behind the end of a file that was cut short raises a signal. What is mapped here is finished
//! ([`Access::Finished`](super::Access)): indexes, chunk segments and head chunk files that have a successor, which
//! Prometheus and this store write once, never change, and remove only by their name. A removed file stays readable
//! as long as it is mapped. No invariant of a type rests on the bytes, either: all of them are decoded with checks,
//! so that a change by a stranger can give an error or another number, as it could between two plain reads.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use super::io::ReadFile;

/// A whole file, mapped read-only.
#[derive(Debug)]
pub(super) struct MappedFile {
    /// A file without bytes cannot be mapped.
    map: Option<memmap2::Mmap>,
}

impl MappedFile {
    /// Maps all of `file`, which nobody changes any more.
    pub(super) fn new(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(MappedFile { map: None });
        }
        // SAFETY: the file is finished, see above; the map is private to this type and read-only.
        let map = unsafe { memmap2::Mmap::map(file)? };
        Ok(MappedFile { map: Some(map) })
    }

    fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}

impl ReadFile for MappedFile {
    fn len(&self) -> u64 {
        self.bytes().len() as u64
    }

    fn mapped(&self) -> Option<&[u8]> {
        Some(self.bytes())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes().get(offset..)).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}
