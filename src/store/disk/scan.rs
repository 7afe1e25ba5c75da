//! Walking over a file from front to back, and telling a write that was cut off from damage.
//!
//! A log ends where its writer was interrupted. The operating system may have kept a part of the last write, or the
//! file's new length without its bytes; what is missing then is missing up to the end of the file. Anything else is
//! damage. So the last thing in a file is *torn* if the file ends before it does, or if from some sector on there
//! are only zeros.

use super::error::DiskError;
use super::file::OpenFile;

/// Bytes that are read at once, if the file is not mapped.
const WINDOW: u64 = 256 << 10;
/// The unit in which a disk writes, or less.
pub(super) const SECTOR: u64 = 512;

/// Reads a file from front to back.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    file: &'a OpenFile,
    /// Where in the file the window begins.
    start: u64,
    window: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// Begins at the front.
    pub(super) fn new(file: &'a OpenFile) -> Self {
        Scanner { file, start: 0, window: Vec::new() }
    }

    /// The `len` bytes from `offset` on, or as many of them as the file has.
    pub(super) fn get(&mut self, offset: u64, len: u64) -> Result<&[u8], DiskError> {
        let end = offset.saturating_add(len).min(self.file.len());
        if end <= offset {
            return Ok(&[]);
        }
        if offset < self.start || end > self.start + self.window.len() as u64 {
            let wanted = (end - offset).max(WINDOW).min(self.file.len() - offset);
            self.file.read_at(offset, wanted, &mut self.window)?;
            self.start = offset;
        }
        let from = (offset - self.start) as usize;
        let to = ((end - self.start) as usize).min(self.window.len());
        Ok(&self.window[from..to])
    }

    /// Whether there are only zeros from `offset` to the end of the file.
    pub(super) fn only_zeros(&mut self, mut offset: u64) -> Result<bool, DiskError> {
        loop {
            let piece = self.get(offset, WINDOW)?;
            if piece.is_empty() {
                return Ok(true);
            }
            if piece.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            offset += piece.len() as u64;
        }
    }

    /// Whether what lies between `start` and `end` was cut off while it was written: whether the file is zero from
    /// a border of sectors on that lies between them.
    pub(super) fn is_torn(&mut self, start: u64, end: u64) -> Result<bool, DiskError> {
        // If the last border is followed by anything but zeros, so are those before it.
        let border = end.saturating_sub(1) / SECTOR * SECTOR;
        Ok(border > start && border < end && self.only_zeros(border)?)
    }
}
