//! A segment of a log: pages of 32 KiB with fragments of records (`tsdb/wlog/reader.go`).
//!
//! ```text
//! fragment:
//!   kind       1 byte: bits 0 to 2: 1 a whole record, 2 the first piece of one, 3 a middle one, 4 the last one;
//!              bit 3: compressed with snappy; bit 4: with zstd
//!   length     2 bytes, of the data
//!   checksum   4 bytes, of the data
//!   data
//! ```
//!
//! A fragment does not go over the border of a page, nor a record over the end of a segment. A 0 in place of a kind
//! says that the rest of the page is zeros. Only the last segment may end in the middle of a record.

use super::super::bytes::{checksum, verify};
use super::super::error::{Corruption, DiskError, Problem};
use super::super::file::OpenFile;
use super::super::scan::Scanner;
use super::compression::{Compression, decompress};

/// Bytes of a page.
pub(in crate::store::disk) const PAGE: u64 = 32 << 10;
/// Bytes of a fragment in front of its data.
pub(in crate::store::disk) const HEADER: u64 = 7;

/// A page in which nothing was written.
static ZEROS: [u8; PAGE as usize] = [0; PAGE as usize];

pub(super) const WHOLE: u8 = 1;
pub(super) const FIRST: u8 = 2;
pub(super) const MIDDLE: u8 = 3;
pub(super) const LAST: u8 = 4;
const KIND: u8 = 0b0000_0111;
pub(super) const SNAPPY: u8 = 0b0000_1000;
const ZSTD: u8 = 0b0001_0000;

/// The end of a segment that was being written when the writer stopped.
#[derive(Debug)]
pub(in crate::store::disk) struct TornEnd {
    /// Everything in front of this offset is whole.
    pub(in crate::store::disk) valid: u64,
    /// What was found there.
    pub(in crate::store::disk) error: DiskError,
}

/// Takes a record and the offset at which it begins.
pub(in crate::store::disk) type TakeRecord<'a> = dyn FnMut(&[u8], u64) -> Result<(), Corruption> + 'a;

/// Calls `record` with each record of a segment and its offset. `last` says that the segment is the last of its log,
/// which may be torn.
pub(in crate::store::disk) fn read_segment(
    file: &OpenFile,
    last: bool,
    record: &mut TakeRecord<'_>,
) -> Result<Option<TornEnd>, DiskError> {
    let mut reader = Reader {
        scanner: Scanner::new(file),
        file,
        position: 0,
        pending: None,
        raw: Vec::new(),
        decompressed: Vec::new(),
    };
    loop {
        match reader.step(record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Damage { corruption, start, end }) => {
                let error = file.corrupt(corruption);
                let valid = reader.pending.map_or(reader.position, |(start, _)| start);
                let torn = last && (end > file.len() || reader.scanner.is_torn(start, end)?);
                return if torn { Ok(Some(TornEnd { valid, error })) } else { Err(error) };
            }
        }
    }
}

/// Why reading does not go on.
enum Stop {
    /// It failed, or what was read makes no sense.
    Error(DiskError),
    /// What lies between two offsets is damaged, or was never finished.
    Damage { corruption: Corruption, start: u64, end: u64 },
}

impl From<DiskError> for Stop {
    fn from(error: DiskError) -> Self {
        Stop::Error(error)
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    file: &'a OpenFile,
    /// Where the next fragment begins.
    position: u64,
    /// Where the record begins whose first pieces were read, and how it is compressed.
    pending: Option<(u64, Compression)>,
    /// The pieces of a record.
    raw: Vec<u8>,
    decompressed: Vec<u8>,
}

impl Reader<'_> {
    fn invalid(&self, what: &'static str) -> Stop {
        Stop::Error(self.file.corrupt(Problem::Invalid(what).at(self.position)))
    }

    /// Reads a fragment, or the zeros at the end of a page. Tells whether there may be more.
    fn step(&mut self, record: &mut TakeRecord<'_>) -> Result<bool, Stop> {
        let position = self.position;
        let left_in_page = PAGE - position % PAGE;
        let header = self.scanner.get(position, HEADER.min(left_in_page))?;
        let Some(&kind) = header.first() else {
            // The end of the file; a record that is not finished was being written.
            return match self.pending {
                None => Ok(false),
                Some((start, _)) => {
                    let problem = Problem::Invalid("a record is not finished").at(start);
                    Err(Stop::Damage { corruption: problem, start, end: u64::MAX })
                }
            };
        };
        if kind == 0 {
            return self.end_of_page(left_in_page).map(|()| true);
        }
        let Some(&[_, a, b, c, d, e, f]) = header.first_chunk::<7>() else {
            let available = header.len() as u64;
            let corruption = Problem::Truncated { needed: HEADER, available }.at(position);
            return Err(Stop::Damage { corruption, start: position, end: position + HEADER });
        };
        let (len, stored) = (u64::from(u16::from_be_bytes([a, b])), u32::from_be_bytes([c, d, e, f]));
        let compression = self.compression(kind)?;
        if HEADER + len > left_in_page {
            return Err(self.invalid("a fragment goes over the end of its page"));
        }
        let end = position + HEADER + len;
        if len == 0 && matches!(kind & KIND, WHOLE | LAST) {
            // No record is empty, nor is its last piece. But zeros are the checksum of nothing.
            let corruption = Problem::Invalid("a fragment is empty").at(position);
            return Err(Stop::Damage { corruption, start: position, end });
        }
        let data = self.scanner.get(position + HEADER, len)?;
        if (data.len() as u64) < len {
            let available = data.len() as u64;
            let corruption = Problem::Truncated { needed: len, available }.at(position + HEADER);
            if is_checksum_of_prefix(data, stored) {
                // All of the data is here: it is the length that is wrong.
                return Err(Stop::Error(self.file.corrupt(corruption)));
            }
            return Err(Stop::Damage { corruption, start: position, end });
        }
        if let Err(corruption) = verify(data, stored, position + HEADER) {
            return Err(Stop::Damage { corruption, start: position, end });
        }
        self.raw.extend_from_slice(data);
        match (kind & KIND, self.pending) {
            (WHOLE, None) => self.finish(position, compression, record)?,
            (FIRST, None) => self.pending = Some((position, compression)),
            (MIDDLE, Some((_, first))) if first == compression => {}
            (LAST, Some((start, first))) if first == compression => {
                self.pending = None;
                self.finish(start, compression, record)?;
            }
            (WHOLE | FIRST, Some(_)) => {
                return Err(self.invalid("a record begins before the one before is finished"));
            }
            (MIDDLE | LAST, None) => return Err(self.invalid("a record goes on that did not begin")),
            _ => return Err(self.invalid("a fragment of this kind does not belong here")),
        }
        self.position = end;
        Ok(true)
    }

    fn compression(&self, kind: u8) -> Result<Compression, Stop> {
        match kind & !KIND {
            0 => Ok(Compression::None),
            SNAPPY => Ok(Compression::Snappy),
            ZSTD => Ok(Compression::Zstd),
            _ => {
                let problem = Problem::Unknown { what: "kind of fragment", number: u64::from(kind) };
                Err(Stop::Error(self.file.corrupt(problem.at(self.position))))
            }
        }
    }

    /// The rest of a page is zeros, or it is damaged.
    fn end_of_page(&mut self, left: u64) -> Result<(), Stop> {
        let position = self.position;
        let rest = self.scanner.get(position, left)?;
        if *rest != ZEROS[..rest.len()]
            && let Some(at) = rest.iter().position(|byte| *byte != 0)
        {
            let problem = Problem::Invalid("the rest of a page is not zero");
            return Err(Stop::Error(self.file.corrupt(problem.at(position + at as u64))));
        }
        let end = position + rest.len() as u64;
        if let Some((start, _)) = self.pending {
            let corruption = Problem::Invalid("a record is not finished").at(start);
            let torn = self.scanner.only_zeros(position)?;
            let end = if torn { u64::MAX } else { start };
            return Err(Stop::Damage { corruption, start, end });
        }
        self.position = end;
        Ok(())
    }

    fn finish(
        &mut self,
        start: u64,
        compression: Compression,
        record: &mut TakeRecord<'_>,
    ) -> Result<(), Stop> {
        let corrupt = |problem: Problem| Stop::Error(self.file.corrupt(problem.at(start)));
        let bytes = decompress(compression, &self.raw, &mut self.decompressed).map_err(corrupt)?;
        let result = record(bytes, start);
        self.raw.clear();
        result.map_err(|corruption| Stop::Error(self.file.corrupt(corruption)))
    }
}

/// Whether `stored` is the checksum of `data` or of its first bytes.
fn is_checksum_of_prefix(data: &[u8], stored: u32) -> bool {
    let mut running = checksum(&[]);
    running == stored
        || data.iter().any(|byte| {
            running = crc32c::crc32c_append(running, &[*byte]);
            running == stored
        })
}
