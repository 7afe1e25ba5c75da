//! The chunks of a block: files `chunks/000001`, `chunks/000002`, … (`tsdb/chunks/chunks.go`).
//!
//! ```text
//! magic        4 bytes, 0x85BD40DD
//! version      1 byte, 1
//! padding      3 bytes
//! chunks       each at the offset that the index names:
//!   length     uvarint, of the data
//!   encoding   1 byte
//!   data
//!   checksum   4 bytes, of encoding and data
//! ```

use std::path::{Path, PathBuf};

use super::bytes::{Decoder, Encoder, checksum, verify};
use super::chunk::{Columns, Encoding, decode_until};
use super::error::{Corruption, DiskError, Problem};
use super::file::OpenFile;
use super::io::{Access, Io};
use super::new_file::NewFile;
use super::numbered::numbered_files;
use crate::model::Timestamp;

/// Name of the directory in the directory of a block.
pub(super) const DIR_NAME: &str = "chunks";
/// The first bytes of a segment.
const MAGIC: u32 = 0x85bd_40dd;
/// Bytes of magic number, version and padding.
const HEADER: u64 = 8;
/// Bytes of a chunk's length at most, and of encoding and checksum.
const MAX_LENGTH: u64 = 5;
const AROUND: u64 = 1 + 4;
/// Most chunks are smaller: they are read in one go.
const USUAL: u64 = 4096;

/// All segments of a block.
#[derive(Debug)]
pub(super) struct Segments {
    files: Vec<OpenFile>,
}

/// A chunk in its file, the checksum verified.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawChunk<'a> {
    pub(super) encoding: Encoding,
    pub(super) data: &'a [u8],
}

impl Segments {
    /// Opens the segments of the block in `dir`. A block without series has none.
    pub(super) fn open(io: &dyn Io, dir: &Path) -> Result<Self, DiskError> {
        let dir = dir.join(DIR_NAME);
        let mut files = Vec::new();
        for (_, path) in numbered_files(io, &dir)? {
            let file = OpenFile::open(io, path, Access::Finished)?;
            let mut scratch = Vec::new();
            let header = file.bytes(0, HEADER, &mut scratch)?;
            check_header(header).map_err(|corruption| file.corrupt(corruption))?;
            files.push(file);
        }
        Ok(Segments { files })
    }

    /// The chunk with this reference; `scratch` takes its bytes if they are not mapped.
    pub(super) fn chunk<'a>(
        &'a self,
        reference: ChunkRef<'_>,
        scratch: &'a mut Vec<u8>,
    ) -> Result<RawChunk<'a>, DiskError> {
        let (file, offset) = self.locate(reference)?;
        let rest = file.len().saturating_sub(offset);
        let head = file.bytes(offset, rest.min(USUAL), scratch)?;
        let mut decoder = Decoder::new(head, offset);
        let len = decoder.uvarint().map_err(|corruption| file.corrupt(corruption))?;
        let prefix = decoder.offset() - offset;
        if prefix > MAX_LENGTH {
            return Err(file.corrupt(Problem::Invalid("the length of a chunk is too long").at(offset)));
        }
        let needed = prefix.saturating_add(len).saturating_add(AROUND);
        let bytes = file.bytes(offset, needed, scratch)?;
        split(&bytes[prefix as usize..], offset + prefix).map_err(|corruption| file.corrupt(corruption))
    }

    /// Appends the samples of a chunk to `columns`, those behind `until` perhaps left out, and tells the times of the
    /// first and the last one.
    pub(super) fn decode(
        &self,
        reference: ChunkRef<'_>,
        until: Timestamp,
        scratch: &mut Vec<u8>,
        columns: &mut Columns,
    ) -> Result<Option<(Timestamp, Timestamp)>, DiskError> {
        let chunk = self.chunk(reference, scratch)?;
        decode_until(chunk.encoding, chunk.data, until, columns)
            .map_err(|problem| self.corrupt(reference, problem))
    }

    /// Something is wrong with the chunk that has this reference.
    pub(super) fn corrupt(&self, reference: ChunkRef<'_>, problem: Problem) -> DiskError {
        match self.locate(reference) {
            Ok((file, offset)) => file.corrupt(problem.at(offset)),
            Err(error) => error,
        }
    }

    fn locate(&self, reference: ChunkRef<'_>) -> Result<(&OpenFile, u64), DiskError> {
        let segment = usize::try_from(reference.number >> 32).ok().and_then(|number| self.files.get(number));
        let Some(file) = segment else {
            let problem = Problem::Unknown { what: "chunk segment", number: reference.number >> 32 };
            return Err(problem.at(reference.offset).in_file(reference.index));
        };
        Ok((file, reference.number & 0xffff_ffff))
    }

    /// Bytes of all segments.
    pub(super) fn size_bytes(&self) -> u64 {
        self.files.iter().map(OpenFile::len).sum()
    }
}

/// The reference of a chunk, and where it was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkRef<'a> {
    /// Segment, counted from 0, and offset.
    pub(super) number: u64,
    /// The index that has the reference.
    pub(super) index: &'a Path,
    /// Where in the index it is.
    pub(super) offset: u64,
}

fn check_header(header: &[u8]) -> Result<(), Corruption> {
    let mut decoder = Decoder::new(header, 0);
    let found = decoder.be32()?;
    if found != MAGIC {
        return Err(Problem::Magic { found, expected: MAGIC }.at(0));
    }
    match decoder.u8()? {
        1 => Ok(()),
        version => Err(Problem::Unknown { what: "version of chunks", number: u64::from(version) }.at(4)),
    }
}

/// Takes encoding, data and checksum apart.
fn split(bytes: &[u8], offset: u64) -> Result<RawChunk<'_>, Corruption> {
    let mut decoder = Decoder::new(bytes, offset);
    let contents = decoder.take((bytes.len() as u64).saturating_sub(4))?;
    verify(contents, decoder.be32()?, offset)?;
    let mut decoder = Decoder::new(contents, offset);
    let encoding = Encoding::from_number(decoder.u8()?).map_err(|problem| problem.at(offset))?;
    Ok(RawChunk { encoding, data: decoder.rest() })
}

/// Segments that are being written.
#[derive(Debug)]
pub(super) struct SegmentWriter {
    dir: PathBuf,
    /// Segments that are full, and the one that is not.
    full: u64,
    file: Option<NewFile>,
}

/// No segment grows over this, in bytes.
const MAX_SEGMENT: u64 = 512 << 20;

impl SegmentWriter {
    /// Begins the segments of the block in `dir`.
    pub(super) fn create(io: &dyn Io, dir: &Path) -> Result<Self, DiskError> {
        let dir = dir.join(DIR_NAME);
        io.create_dir(&dir).map_err(|error| DiskError::io(&dir, error))?;
        Ok(SegmentWriter { dir, full: 0, file: None })
    }

    /// Writes a chunk and tells its reference.
    pub(super) fn write(&mut self, io: &dyn Io, chunk: RawChunk<'_>) -> Result<u64, DiskError> {
        let len = chunk.data.len() as u64;
        if let Some(file) = &mut self.file
            && file.position() + MAX_LENGTH + AROUND + len > MAX_SEGMENT
        {
            file.sync()?;
            self.file = None;
            self.full += 1;
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = NewFile::create(io, self.dir.join(format!("{:06}", self.full + 1)))?;
                file.write(&MAGIC.to_be_bytes())?;
                file.write(&[1, 0, 0, 0])?;
                none.insert(file)
            }
        };
        let reference = self.full << 32 | file.position();
        let mut bytes = Encoder(Vec::with_capacity(chunk.data.len() + 10));
        bytes.uvarint(len);
        let start = bytes.0.len();
        bytes.u8(chunk.encoding.number());
        bytes.0.extend_from_slice(chunk.data);
        bytes.be32(checksum(&bytes.0[start..]));
        file.write(&bytes.0)?;
        Ok(reference)
    }

    /// Makes all segments last.
    pub(super) fn finish(mut self, io: &dyn Io) -> Result<(), DiskError> {
        if let Some(file) = &mut self.file {
            file.sync()?;
        }
        io.sync_dir(&self.dir).map_err(|error| DiskError::io(&self.dir, error))
    }
}
