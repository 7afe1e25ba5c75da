//! Reading a chunk's bits, highest bit of each byte first.
//!
//! Nothing is checked bit by bit: behind the end lie zeros, and whoever decodes a chunk asks once, at its end,
//! whether it went [past the end](BitReader::finish). The number of samples that a chunk declares has 16 bits, so
//! reading zeros ends soon.

use super::super::bytes::unfold;
use super::super::error::Problem;

/// A position in a row of bits.
#[derive(Clone, Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

/// Bits that [`peek`](BitReader::peek) gives at least.
pub(super) const PEEKED: u32 = 57;

impl<'a> BitReader<'a> {
    /// Reads `bytes` from the first bit on.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, position: 0 }
    }

    /// The next 57 bits, or a few more, as the highest of the result.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        let byte = self.position >> 3;
        let word = match self.bytes.get(byte..byte + 8) {
            Some(&[a, b, c, d, e, f, g, h]) => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            // Not a method: the reader can stay in registers.
            _ => last_word(self.bytes, byte),
        };
        word << (self.position & 7)
    }

    /// Goes on by `count` bits.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.position += count as usize;
    }

    /// The next `count` bits, 1 to 64, as a number.
    #[inline(always)]
    pub(super) fn read(&mut self, count: u32) -> u64 {
        if count <= PEEKED {
            let bits = self.peek() >> (64 - count);
            self.skip(count);
            bits
        } else {
            let low = count - 32;
            let high = self.peek() >> 32;
            self.skip(32);
            let bits = high << low | self.peek() >> (64 - low);
            self.skip(low);
            bits
        }
    }

    /// A float as 64 bits.
    pub(super) fn f64(&mut self) -> f64 {
        f64::from_bits(self.read(64))
    }

    /// An unsigned number of 7 bits to each 8.
    pub(super) fn uvarint(&mut self) -> Result<u64, Problem> {
        let mut value = 0;
        for i in 0..10 {
            let byte = self.read(8);
            value |= (byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Problem::Invalid("a number of variable length has more than 64 bits"))
    }

    /// A signed number of 7 bits to each 8.
    pub(super) fn varint(&mut self) -> Result<i64, Problem> {
        self.uvarint().map(unfold)
    }

    /// An unsigned number in one of nine widths: so many ones (at most eight), a zero, then the bits.
    ///
    /// ```text
    /// 0            the number 0       11110       12 bits
    /// 10           3 bits             111110      18 bits
    /// 110          6 bits             1111110     25 bits
    /// 1110         9 bits             11111110    56 bits       11111111    64 bits
    /// ```
    #[inline]
    pub(super) fn varbit_unsigned(&mut self) -> u64 {
        match self.varbit_width() {
            0 => 0,
            width => self.read(width),
        }
    }

    /// A signed number in one of nine widths: `w` bits hold `-(2^(w-1) - 1)` to `2^(w-1)`.
    #[inline]
    pub(super) fn varbit_signed(&mut self) -> i64 {
        match self.varbit_width() {
            0 => 0,
            width => high_half_is_negative(self.read(width), width),
        }
    }

    #[inline(always)]
    fn varbit_width(&mut self) -> u32 {
        const WIDTHS: [u8; 9] = [0, 3, 6, 9, 12, 18, 25, 56, 64];
        let ones = (!self.peek()).leading_zeros().min(8);
        self.skip((ones + 1).min(8));
        u32::from(WIDTHS[ones as usize])
    }

    /// How many bits are left.
    pub(super) fn left(&self) -> u64 {
        (self.bytes.len() as u64 * 8).saturating_sub(self.position as u64)
    }

    /// Whether everything that was read was there.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        let needed = self.position.div_ceil(8) as u64;
        let available = self.bytes.len() as u64;
        if needed > available { Err(Problem::Truncated { needed, available }) } else { Ok(()) }
    }
}

/// The bytes from `byte` on, of which there are less than eight, with zeros behind.
#[inline(never)]
fn last_word(bytes: &[u8], byte: usize) -> u64 {
    match bytes.last_chunk::<8>() {
        Some(last) => {
            let bits = (byte + 8 - bytes.len()) as u32 * 8;
            u64::from_be_bytes(*last).checked_shl(bits).unwrap_or(0)
        }
        None => bytes
            .iter()
            .skip(byte)
            .zip(1..)
            .fold(0, |word, (byte, i)| word | u64::from(*byte) << (64 - 8 * i)),
    }
}

/// Of the numbers with `width` bits the upper half, without the first of it, stands for negative ones: 3 bits hold
/// -3 to 4.
#[inline(always)]
pub(super) fn high_half_is_negative(bits: u64, width: u32) -> i64 {
    if width < 64 && bits > 1 << (width - 1) { bits.wrapping_sub(1 << width) as i64 } else { bits as i64 }
}

/// The two's complement of `width` bits: 3 bits hold -4 to 3.
#[inline(always)]
pub(super) fn twos_complement(bits: u64, width: u32) -> i64 {
    ((bits << (64 - width)) as i64) >> (64 - width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_across_bytes() {
        let bytes: Vec<u8> = (0..20).map(|i| (i * 37) as u8).collect();
        let bit = |i: usize| u64::from(bytes[i / 8] >> (7 - i % 8) & 1);
        for start in 0..40 {
            for count in 1..=64 {
                let mut reader = BitReader::new(&bytes);
                reader.skip(start);
                let expected = (0..count).fold(0, |n, i| n << 1 | bit((start + i) as usize));
                assert_eq!(reader.read(count), expected, "{count} bits from {start}");
            }
        }
    }

    #[test]
    fn behind_the_end_lie_zeros() {
        let mut reader = BitReader::new(&[0xff]);
        assert_eq!(reader.read(12), 0xff0);
        assert_eq!(reader.finish(), Err(Problem::Truncated { needed: 2, available: 1 }));
        let mut reader = BitReader::new(&[0xff]);
        assert_eq!(reader.read(8), 0xff);
        assert_eq!(reader.finish(), Ok(()));
        assert_eq!(reader.left(), 0);
    }

    #[test]
    fn numbers_in_nine_widths() {
        // (prefix, bits of prefix, number, bits of number, signed, unsigned)
        let table: &[(u64, u32, u64, u32, i64, u64)] = &[
            (0b0, 1, 0, 0, 0, 0),
            (0b10, 2, 0b100, 3, 4, 4),
            (0b10, 2, 0b101, 3, -3, 5),
            (0b110, 3, 63, 6, -1, 63),
            (0b1110, 4, 256, 9, 256, 256),
            (0b11110, 5, 2049, 12, -2047, 2049),
            (0b111110, 6, 131073, 18, -131071, 131073),
            (0b1111110, 7, 1, 25, 1, 1),
            (0b11111110, 8, 1 << 55, 56, 1 << 55, 1 << 55),
            (0b11111111, 8, u64::MAX, 64, -1, u64::MAX),
        ];
        for &(prefix, prefix_len, number, len, signed, unsigned) in table {
            let all = u128::from(prefix) << (128 - prefix_len)
                | if len == 0 { 0 } else { u128::from(number) << (128 - prefix_len - len) };
            let bytes = all.to_be_bytes();
            let mut reader = BitReader::new(&bytes);
            assert_eq!(reader.varbit_signed(), signed);
            assert_eq!(reader.position as u32, prefix_len + len);
            assert_eq!(BitReader::new(&bytes).varbit_unsigned(), unsigned);
        }
    }
}
