//! The full chunks of the head: files `chunks_head/000001`, … (`tsdb/chunks/head_chunks.go`).
//!
//! ```text
//! magic        4 bytes, 0x0130BC91
//! version      1 byte, 1
//! padding      3 bytes
//! chunks       one behind the other:
//!   series     8 bytes, the number of the series in the log
//!   times      8 bytes each, of the first and the last sample in ms
//!   encoding   1 byte; the highest bit marks samples that came late
//!   length     uvarint, of the data
//!   data
//!   checksum   4 bytes, of all of the above
//! ```
//!
//! A file may be longer than what was written to it; a chunk of series 0 at times 0 is the end. As all samples are in
//! the log, too, until they are in a block, a torn chunk at the end of the last file costs nothing.

use std::path::{Path, PathBuf};

use super::bytes::{Decoder, verify};
use super::chunk::{Columns, Encoding, decode_until};
use super::error::{Corruption, DiskError, Problem};
use super::file::OpenFile;
use super::io::{Access, Io};
use super::numbered::numbered_files;
use super::scan::Scanner;
use super::segment::RawChunk;
use crate::model::{TimeRange, Timestamp};

/// Name of the directory in a data directory.
pub(super) const DIR_NAME: &str = "chunks_head";
/// The first bytes of a file.
const MAGIC: u32 = 0x0130_bc91;
/// Bytes of magic number, version and padding.
const HEADER: u64 = 8;
/// Bytes of a chunk in front of its length.
const PREFIX: u64 = 8 + 8 + 8 + 1;
/// Bytes of a chunk without its data, at most.
const MAX_AROUND: u64 = PREFIX + 5 + 4;
/// In the byte that names the encoding: the samples came late.
const LATE: u8 = 0x80;

/// The chunks of all files.
#[derive(Debug, Default)]
pub(super) struct HeadChunkFiles {
    files: Vec<(u64, OpenFile)>,
}

/// A chunk in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeadChunk {
    /// Time of the first sample in ms.
    pub(super) min_time: Timestamp,
    /// Time of the last sample in ms.
    pub(super) max_time: Timestamp,
    /// How the samples are encoded.
    pub(super) encoding: Encoding,
    /// Which of the open files it is in.
    file: u32,
    /// Where its data begins.
    data: u32,
    /// Bytes of its data.
    len: u32,
}

/// What is known of a chunk while the files are walked over.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundChunk {
    /// The number of the series in the log.
    pub(super) series: u64,
    /// Number of the file and offset there, as the log of late samples names chunks.
    pub(super) reference: HeadChunkRef,
    /// Whether the samples came late.
    pub(super) late: bool,
    /// Where it is.
    pub(super) chunk: HeadChunk,
}

/// Number of a file and offset there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeadChunkRef {
    pub(super) file: u64,
    pub(super) offset: u64,
}

impl HeadChunkRef {
    /// The reference that a log writes as one number.
    pub(super) fn from_number(number: u64) -> Self {
        HeadChunkRef { file: number >> 32, offset: number & 0xffff_ffff }
    }
}

impl HeadChunk {
    /// The times that samples of the chunk may have.
    pub(super) fn range(&self) -> TimeRange {
        TimeRange::new(self.min_time, self.max_time)
    }
}

impl HeadChunkFiles {
    /// Opens the files in the data directory `dir` and calls `found` with each chunk. Returns the files, and what was
    /// torn at the end of the last one.
    pub(super) fn open(
        io: &dyn Io,
        dir: &Path,
        mut found: impl FnMut(FoundChunk) -> Result<(), Problem>,
    ) -> Result<(Self, Option<DiskError>), DiskError> {
        let paths = numbered_files(io, &dir.join(DIR_NAME))?;
        let mut files = HeadChunkFiles::default();
        let mut torn = None;
        let count = paths.len();
        for (i, (number, path)) in paths.into_iter().enumerate() {
            let last = i + 1 == count;
            let file = open_file(io, path, last)?;
            // A crash may leave the last file without even its header.
            if file.len() == 0 && last {
                break;
            }
            let mut walk = Walk { scanner: Scanner::new(&file), file: &file, index: i as u32, number, last };
            torn = walk.run(&mut found)?;
            files.files.push((number, file));
        }
        Ok((files, torn))
    }

    /// Appends the samples of a chunk to `columns` and tells the times of the first and the last one.
    pub(super) fn decode(
        &self,
        chunk: &HeadChunk,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<Option<(Timestamp, Timestamp)>, DiskError> {
        self.decode_until(chunk, Timestamp::MAX, scratch, columns)
    }

    /// The same; samples behind `until` may be left out.
    pub(super) fn decode_until(
        &self,
        chunk: &HeadChunk,
        until: Timestamp,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<Option<(Timestamp, Timestamp)>, DiskError> {
        let raw = self.raw(chunk, scratch)?;
        decode_until(raw.encoding, raw.data, until, columns).map_err(|problem| self.corrupt(chunk, problem))
    }

    /// A chunk as it is in the file.
    pub(super) fn raw<'a>(
        &'a self,
        chunk: &HeadChunk,
        scratch: &'a mut Vec<u8>,
    ) -> Result<RawChunk<'a>, DiskError> {
        let file = &self.files[chunk.file as usize].1;
        let data = file.bytes(u64::from(chunk.data), u64::from(chunk.len), scratch)?;
        Ok(RawChunk { encoding: chunk.encoding, data })
    }

    /// Something is wrong with `chunk`.
    pub(super) fn corrupt(&self, chunk: &HeadChunk, problem: Problem) -> DiskError {
        self.files[chunk.file as usize].1.corrupt(problem.at(u64::from(chunk.data)))
    }
}

/// The last file may still be written to.
fn open_file(io: &dyn Io, path: PathBuf, last: bool) -> Result<OpenFile, DiskError> {
    OpenFile::open(io, path, if last { Access::Changing } else { Access::Finished })
}

/// Goes over the chunks of one file.
struct Walk<'a> {
    scanner: Scanner<'a>,
    file: &'a OpenFile,
    /// Which of the open files it is.
    index: u32,
    /// The number that is its name.
    number: u64,
    /// Whether it is the last one, which may end in the middle of a chunk.
    last: bool,
}

impl Walk<'_> {
    fn run(
        &mut self,
        found: &mut impl FnMut(FoundChunk) -> Result<(), Problem>,
    ) -> Result<Option<DiskError>, DiskError> {
        let header = self.scanner.get(0, HEADER)?;
        if let Err(corruption) = check_header(header) {
            // A crash may have left a part of the first write, or the length of the file alone.
            if self.last && (self.file.len() < HEADER || self.scanner.only_zeros(0)?) {
                return Ok(Some(self.file.corrupt(corruption)));
            }
            return Err(self.file.corrupt(corruption));
        }
        let mut offset = HEADER;
        while offset < self.file.len() {
            let head = self.scanner.get(offset, MAX_AROUND)?;
            if head.is_empty() || is_end(head) {
                break;
            }
            match parse_head(head, offset) {
                Ok((chunk, data_offset, len)) => {
                    let size = data_offset - offset + len + 4;
                    let bytes = self.scanner.get(offset, size)?;
                    if (bytes.len() as u64) < size {
                        let problem = Problem::Truncated { needed: size, available: bytes.len() as u64 };
                        return self.damaged(problem.at(offset), offset, offset + size);
                    }
                    if let Err(corruption) = check_sum(bytes, offset) {
                        return self.damaged(corruption, offset, offset + size);
                    }
                    let encoding = Encoding::from_number(chunk.encoding & !LATE);
                    let encoding = encoding.map_err(|problem| self.file.corrupt(problem.at(offset)))?;
                    let found_chunk = FoundChunk {
                        series: chunk.series,
                        reference: HeadChunkRef { file: self.number, offset },
                        late: chunk.encoding & LATE != 0,
                        chunk: HeadChunk {
                            min_time: chunk.min_time,
                            max_time: chunk.max_time,
                            encoding,
                            file: self.index,
                            // Files have less than 2^32 bytes.
                            data: data_offset as u32,
                            len: len as u32,
                        },
                    };
                    found(found_chunk).map_err(|problem| self.file.corrupt(problem.at(offset)))?;
                    offset += size;
                }
                Err(corruption) => return self.damaged(corruption, offset, offset + MAX_AROUND),
            }
        }
        Ok(None)
    }

    /// Something is wrong with the chunk between `start` and `end`: it was never finished, or it is damaged.
    fn damaged(
        &mut self,
        corruption: Corruption,
        start: u64,
        end: u64,
    ) -> Result<Option<DiskError>, DiskError> {
        let error = self.file.corrupt(corruption);
        let torn = self.last && (end > self.file.len() || self.scanner.is_torn(start, end)?);
        if torn { Ok(Some(error)) } else { Err(error) }
    }
}

/// What a chunk begins with.
struct ChunkHead {
    series: u64,
    min_time: Timestamp,
    max_time: Timestamp,
    encoding: u8,
}

fn check_header(header: &[u8]) -> Result<(), Corruption> {
    let mut decoder = Decoder::new(header, 0);
    let found = decoder.be32()?;
    if found != MAGIC {
        return Err(Problem::Magic { found, expected: MAGIC }.at(0));
    }
    match decoder.u8()? {
        1 => {}
        version => {
            return Err(Problem::Unknown { what: "version of head chunks", number: u64::from(version) }.at(4));
        }
    }
    decoder.take(3).map(|_| ())
}

/// Whether nothing was written from here on: series and times are 0, or the file ends in zeros.
fn is_end(head: &[u8]) -> bool {
    head.iter().take(24).all(|byte| *byte == 0)
}

fn parse_head(head: &[u8], offset: u64) -> Result<(ChunkHead, u64, u64), Corruption> {
    let mut decoder = Decoder::new(head, offset);
    let chunk = ChunkHead {
        series: decoder.be64()?,
        min_time: decoder.be64()? as i64,
        max_time: decoder.be64()? as i64,
        encoding: decoder.u8()?,
    };
    let here = decoder.offset();
    let len = decoder.uvarint()?;
    if u32::try_from(len).is_err() {
        return Err(Problem::Invalid("the length of a chunk is too long").at(here));
    }
    Ok((chunk, decoder.offset(), len))
}

fn check_sum(bytes: &[u8], offset: u64) -> Result<(), Corruption> {
    match bytes.split_last_chunk::<4>() {
        Some((contents, stored)) => verify(contents, u32::from_be_bytes(*stored), offset),
        None => Err(Problem::Truncated { needed: 4, available: bytes.len() as u64 }.at(offset)),
    }
}
