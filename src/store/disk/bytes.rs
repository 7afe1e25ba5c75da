//! Reading numbers and texts out of bytes that nobody vouches for, and writing them.
//!
//! A [`Decoder`] walks over a piece of a file and knows where in the file it stands, so that whatever is wrong is
//! told with its offset. Every length is held against what is left before it is used.
//!
//! ```text
//! be32, be64      4 and 8 bytes, highest first
//! uvarint         7 bits a byte, lowest first; the high bit says that more follow; at most 10 bytes
//! varint          the same of (n << 1) ^ (n >> 63): 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
//! text            uvarint length, then so many bytes of UTF-8
//! ```

use super::error::{Corruption, Problem};

/// The CRC-32C (Castagnoli) of `bytes`, which is behind nearly everything that Prometheus writes.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

/// Holds `bytes`, which begin at `offset`, against the checksum stored with them.
pub(super) fn verify(bytes: &[u8], stored: u32, offset: u64) -> Result<(), Corruption> {
    let computed = checksum(bytes);
    if computed == stored { Ok(()) } else { Err(Problem::Checksum { stored, computed }.at(offset)) }
}

/// Walks over bytes from front to back.
#[derive(Clone, Debug)]
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    /// Where in the file the bytes end.
    end: u64,
}

impl<'a> Decoder<'a> {
    /// Walks over `bytes`, the first of which is at `offset` in its file.
    pub(super) fn new(bytes: &'a [u8], offset: u64) -> Self {
        Decoder { rest: bytes, end: offset.saturating_add(bytes.len() as u64) }
    }

    /// Where in the file the next byte is.
    pub(super) fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// The bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Something is wrong with what comes next.
    pub(super) fn error(&self, problem: Problem) -> Corruption {
        problem.at(self.offset())
    }

    /// Something is wrong with what comes next, told in words.
    pub(super) fn invalid(&self, what: &'static str) -> Corruption {
        self.error(Problem::Invalid(what))
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: u64) -> Result<&'a [u8], Corruption> {
        let available = self.rest.len() as u64;
        if len > available {
            return Err(self.error(Problem::Truncated { needed: len, available }));
        }
        let (taken, rest) = self.rest.split_at(len as usize);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Corruption> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    /// One byte.
    pub(super) fn u8(&mut self) -> Result<u8, Corruption> {
        Ok(self.array::<1>()?[0])
    }

    /// Four bytes, highest first.
    pub(super) fn be32(&mut self) -> Result<u32, Corruption> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes, highest first.
    pub(super) fn be64(&mut self) -> Result<u64, Corruption> {
        self.array().map(u64::from_be_bytes)
    }

    /// A float as eight bytes, highest first.
    pub(super) fn f64(&mut self) -> Result<f64, Corruption> {
        self.be64().map(f64::from_bits)
    }

    /// An unsigned number of variable length.
    #[inline]
    pub(super) fn uvarint(&mut self) -> Result<u64, Corruption> {
        if let [byte @ 0..=0x7f, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        // All bytes at once: the first whose high bit is not set is the last.
        if let Some((bytes, _)) = self.rest.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*bytes);
            let ends = !word & 0x8080_8080_8080_8080;
            if ends != 0 {
                self.rest = &self.rest[ends.trailing_zeros() as usize / 8 + 1..];
                // All bits up to the first end.
                return Ok(join_sevens(word & (ends ^ (ends - 1))));
            }
        }
        self.long_uvarint()
    }

    fn long_uvarint(&mut self) -> Result<u64, Corruption> {
        let mut value = 0u64;
        for (i, &byte) in self.rest.iter().enumerate().take(10) {
            if i == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.rest = &self.rest[i + 1..];
                return Ok(value);
            }
        }
        let available = self.rest.len() as u64;
        Err(if available < 10 {
            self.error(Problem::Truncated { needed: available + 1, available })
        } else {
            self.invalid("a number of variable length has more than 64 bits")
        })
    }

    /// A signed number of variable length.
    pub(super) fn varint(&mut self) -> Result<i64, Corruption> {
        self.uvarint().map(unfold)
    }

    /// As many bytes as the number in front of them says.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], Corruption> {
        let len = self.uvarint()?;
        self.take(len)
    }

    /// A text behind its length.
    pub(super) fn text(&mut self) -> Result<&'a str, Corruption> {
        let offset = self.offset();
        let bytes = self.sized()?;
        std::str::from_utf8(bytes).map_err(|_| Problem::Invalid("a text is not UTF-8").at(offset))
    }

    /// A count of things that take at least `least` bytes each: more than fit into what is left cannot be.
    pub(super) fn count(&mut self, least: u64) -> Result<usize, Corruption> {
        let here = self.clone();
        let count = self.uvarint()?;
        let needed = count.saturating_mul(least);
        let available = self.rest.len() as u64;
        if needed > available {
            return Err(here.error(Problem::Truncated { needed, available }));
        }
        Ok(count as usize)
    }
}

/// The lower seven bits of each byte of `word`, side by side.
fn join_sevens(word: u64) -> u64 {
    let word = word & 0x7f7f_7f7f_7f7f_7f7f;
    let word = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = word & 0x0000_3fff_0000_3fff | (word & 0x3fff_0000_3fff_0000) >> 2;
    word & 0x0fff_ffff | (word & 0x0fff_ffff_0000_0000) >> 4
}

/// The signed number that `(n << 1) ^ (n >> 63)` was made of.
pub(super) fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes that are being put together.
#[derive(Debug, Default)]
pub(super) struct Encoder(pub(super) Vec<u8>);

impl Encoder {
    /// One byte.
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Four bytes, highest first.
    pub(super) fn be32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    /// Eight bytes, highest first.
    pub(super) fn be64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    /// A float as eight bytes, highest first.
    pub(super) fn f64(&mut self, value: f64) {
        self.be64(value.to_bits());
    }

    /// An unsigned number of variable length.
    pub(super) fn uvarint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A signed number of variable length.
    pub(super) fn varint(&mut self, value: i64) {
        self.uvarint(((value << 1) ^ (value >> 63)) as u64);
    }

    /// A text behind its length.
    pub(super) fn text(&mut self, text: &str) {
        self.uvarint(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length() {
        let table: &[(&[u8], u64)] = &[
            (&[0], 0),
            (&[0x7f], 127),
            (&[0x80, 1], 128),
            (&[0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 8], 0x0010_1c30_5080_c101),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], u64::MAX),
        ];
        for (bytes, value) in table {
            let mut decoder = Decoder::new(bytes, 0);
            assert_eq!(decoder.uvarint(), Ok(*value));
            assert!(decoder.is_empty());
        }
        assert_eq!(Decoder::new(&[3], 0).varint(), Ok(-2));
        assert_eq!(unfold(u64::MAX), i64::MIN);
        assert_eq!(unfold(u64::MAX - 1), i64::MAX);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut encoder = Encoder::default();
        let numbers = (0..64).flat_map(|shift| [1u64 << shift, (1 << shift) - 1, !(1 << shift)]);
        for number in numbers.clone() {
            encoder.uvarint(number);
            encoder.varint(number as i64);
            encoder.be64(number);
            encoder.be32(number as u32);
            encoder.f64(number as f64);
        }
        encoder.text("né");
        let mut decoder = Decoder::new(&encoder.0, 0);
        for number in numbers {
            assert_eq!(decoder.uvarint(), Ok(number));
            assert_eq!(decoder.varint(), Ok(number as i64));
            assert_eq!(decoder.be64(), Ok(number));
            assert_eq!(decoder.be32(), Ok(number as u32));
            assert_eq!(decoder.f64(), Ok(number as f64));
        }
        assert_eq!(decoder.text(), Ok("né"));
        assert!(decoder.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_offset() {
        let truncated = |needed, available| Problem::Truncated { needed, available };
        assert_eq!(Decoder::new(&[0x80, 0x80], 7).uvarint(), Err(truncated(3, 2).at(7)));
        let eleven = [0x80; 11];
        assert_eq!(Decoder::new(&eleven, 0).uvarint().map_err(|e| e.offset), Err(0));
        let mut decoder = Decoder::new(&[2, b'a', b'b', 9, b'c'], 100);
        assert_eq!(decoder.text(), Ok("ab"));
        assert_eq!(decoder.text(), Err(truncated(9, 1).at(104)));
        assert_eq!(Decoder::new(&[1, 0xff], 5).text().map_err(|e| e.offset), Err(5));
        assert_eq!(Decoder::new(&[0xff, 0xff, 3, 0], 0).count(1), Err(truncated(65535, 1).at(0)));
        assert_eq!(verify(b"123456789", 0xe3069283, 0), Ok(()));
        assert!(verify(b"123456788", 0xe3069283, 3).is_err());
    }
}
