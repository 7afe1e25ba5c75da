//! The table at the end of an index that tells where its parts begin, and how a section is read.
//!
//! ```text
//! symbols, series, label indexes, label offsets, postings, postings table
//!                  8 bytes each: offset in the file, 0 for a part that is not there
//! checksum         4 bytes, of those 48
//! ```

use super::super::bytes::{Decoder, verify};
use super::super::error::{Corruption, Problem};

/// Bytes of the table with its checksum.
const LENGTH: usize = 6 * 8 + 4;
/// The first bytes of an index.
pub(super) const MAGIC: u32 = 0xbaaa_d700;
/// Bytes of magic number and version.
pub(super) const HEADER: u64 = 5;

/// Where the parts of an index begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents {
    pub(super) symbols: u64,
    pub(super) series: u64,
    pub(super) postings_table: u64,
    /// Where the series end: at the part that follows them.
    pub(super) series_end: u64,
}

/// Why an index is not read.
#[derive(Debug)]
pub(super) enum HeaderError {
    Corrupt(Corruption),
    /// The first version of the format, which is no longer written.
    Version1,
}

impl From<Corruption> for HeaderError {
    fn from(corruption: Corruption) -> Self {
        HeaderError::Corrupt(corruption)
    }
}

impl Contents {
    /// Reads magic number, version and table of contents of an index file.
    pub(super) fn read(file: &[u8]) -> Result<Self, HeaderError> {
        let mut header = Decoder::new(file, 0);
        let found = header.be32()?;
        if found != MAGIC {
            return Err(Problem::Magic { found, expected: MAGIC }.at(0).into());
        }
        match header.u8()? {
            1 => return Err(HeaderError::Version1),
            2 => {}
            version => {
                return Err(Problem::Unknown { what: "index version", number: u64::from(version) }
                    .at(4)
                    .into());
            }
        }
        let Some((rest, table)) = file.split_last_chunk::<LENGTH>() else {
            let available = file.len() as u64;
            return Err(Problem::Truncated { needed: HEADER + LENGTH as u64, available }.at(0).into());
        };
        let offset = rest.len() as u64;
        let mut decoder = Decoder::new(table, offset);
        let mut parts = [0; 6];
        for part in &mut parts {
            let here = decoder.offset();
            *part = decoder.be64()?;
            if *part != 0 && !(HEADER..=offset).contains(part) {
                return Err(Problem::Invalid("a part of the index begins outside of it").at(here).into());
            }
        }
        verify(&table[..LENGTH - 4], decoder.be32()?, offset)?;
        let [symbols, series, label_indexes, label_offsets, postings, postings_table] = parts;
        if symbols == 0 || postings_table == 0 {
            return Err(Problem::Invalid("the index has no symbols or no postings").at(offset).into());
        }
        let behind = [label_indexes, label_offsets, postings, postings_table];
        let series_end =
            behind.into_iter().filter(|part| *part >= series && *part != 0).min().unwrap_or(offset);
        Ok(Contents { symbols, series, postings_table, series_end })
    }
}

/// What is in the section at `offset`, its checksum verified.
pub(super) fn section(file: &[u8], offset: u64) -> Result<Decoder<'_>, Corruption> {
    let mut decoder = decoder_at(file, offset)?;
    let len = decoder.be32()?;
    let start = decoder.offset();
    let contents = decoder.take(u64::from(len))?;
    verify(contents, decoder.be32()?, start)?;
    Ok(Decoder::new(contents, start))
}

/// Reads on from `offset`.
pub(super) fn decoder_at(file: &[u8], offset: u64) -> Result<Decoder<'_>, Corruption> {
    let rest = usize::try_from(offset).ok().and_then(|offset| file.get(offset..));
    match rest {
        Some(rest) => Ok(Decoder::new(rest, offset)),
        None => Err(Problem::Truncated { needed: offset, available: file.len() as u64 }.at(offset)),
    }
}
