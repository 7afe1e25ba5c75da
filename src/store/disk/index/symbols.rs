//! All texts of all labels, sorted, each once; series refer to them by number.
//!
//! ```text
//! section of:   count   4 bytes
//!               texts   each behind its length, a uvarint
//! ```

use super::super::bytes::Decoder;
use super::super::error::{Corruption, Problem};
use super::contents::section;

/// Of every so many texts the place is remembered; the ones in between are found by skipping.
const EVERY: usize = 8;

/// Where the texts are.
#[derive(Debug)]
pub(super) struct Symbols {
    /// Offset of the first text in the file.
    start: u64,
    /// Bytes that the texts take.
    len: u64,
    /// How many there are.
    count: u32,
    /// Of every eighth text, its distance to the first in bytes.
    places: Vec<u32>,
}

impl Symbols {
    /// Finds the texts of the section at `offset`.
    pub(super) fn read(file: &[u8], offset: u64) -> Result<Self, Corruption> {
        let mut decoder = section(file, offset)?;
        let count = decoder.be32()?;
        let (start, len) = (decoder.offset(), decoder.rest().len() as u64);
        if u64::from(count) > len {
            return Err(Problem::Truncated { needed: u64::from(count), available: len }.at(start));
        }
        let mut places = Vec::with_capacity((count as usize).div_ceil(EVERY));
        for number in 0..count as usize {
            if number % EVERY == 0 {
                // A section has less than 2^32 bytes.
                places.push((decoder.offset() - start) as u32);
            }
            decoder.sized()?;
        }
        Ok(Symbols { start, len, count, places })
    }

    /// The text with this number. `reference` is where in the file the number is.
    pub(super) fn get<'a>(&self, file: &'a [u8], number: u64, reference: u64) -> Result<&'a str, Corruption> {
        let place = usize::try_from(number).ok().filter(|_| number < u64::from(self.count));
        let Some(place) = place.and_then(|number| self.places.get(number / EVERY)) else {
            return Err(Problem::Unknown { what: "symbol", number }.at(reference));
        };
        let mut decoder = self.decoder(file);
        decoder.take(u64::from(*place))?;
        for _ in 0..number % EVERY as u64 {
            decoder.sized()?;
        }
        decoder.text()
    }

    /// Calls `f` with each text in turn.
    pub(super) fn for_each<'a>(
        &self,
        file: &'a [u8],
        mut f: impl FnMut(u64, &'a str) -> Result<(), Corruption>,
    ) -> Result<(), Corruption> {
        let mut decoder = self.decoder(file);
        for _ in 0..self.count {
            let offset = decoder.offset();
            f(offset, decoder.text()?)?;
        }
        Ok(())
    }

    fn decoder<'a>(&self, file: &'a [u8]) -> Decoder<'a> {
        // The bounds were read from this file, so they lie inside of it.
        let texts = file.get(self.start as usize..(self.start + self.len) as usize).unwrap_or_default();
        Decoder::new(texts, self.start)
    }

    /// Bytes of memory that the places take.
    pub(super) fn size_bytes(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }
}
