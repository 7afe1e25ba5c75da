//! Writing a chunk's bits, highest bit of each byte first: the counterpart of [`BitReader`](super::bits::BitReader).

/// The widths in bits that numbers come in, but for those of 64; their prefixes are 1, 2, ... ones and a zero.
const WIDTHS: [u32; 7] = [3, 6, 9, 12, 18, 25, 56];

/// A growing row of bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that do not fill eight bytes yet, highest first.
    word: u64,
    /// How many they are, less than 64.
    used: u32,
}

/// The numbers of `width` bits of which the upper half, without the first of it, stands for negative ones.
fn fits(value: i64, width: u32) -> bool {
    let half = 1i64 << (width - 1);
    -half < value && value <= half
}

impl BitWriter {
    /// Writes behind `header`, which is whole bytes.
    pub(super) fn new(header: &[u8]) -> Self {
        let mut writer = BitWriter { bytes: Vec::with_capacity(256), word: 0, used: 0 };
        writer.bytes.extend_from_slice(header);
        writer
    }

    /// Writes the lowest `count` bits of `bits`, 1 to 64 of them.
    #[inline]
    pub(super) fn write(&mut self, bits: u64, count: u32) {
        let bits = bits << (64 - count);
        self.word |= bits >> self.used;
        let used = self.used + count;
        if used < 64 {
            self.used = used;
            return;
        }
        self.bytes.extend_from_slice(&self.word.to_be_bytes());
        let left = used - 64;
        self.word = if left == 0 { 0 } else { bits << (count - left) };
        self.used = left;
    }

    /// Writes a float as 64 bits.
    pub(super) fn f64(&mut self, value: f64) {
        self.write(value.to_bits(), 64);
    }

    /// Writes an unsigned number, 7 bits to each 8.
    pub(super) fn uvarint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.write(value & 0x7f | 0x80, 8);
            value >>= 7;
        }
        self.write(value, 8);
    }

    /// Writes a signed number, 7 bits to each 8.
    pub(super) fn varint(&mut self, value: i64) {
        self.uvarint(((value << 1) ^ (value >> 63)) as u64);
    }

    /// Writes a number with a prefix of so many ones and a zero, and its width in bits.
    fn with_prefix(&mut self, ones: u32, value: u64, width: u32) {
        // `ones` ones and a zero, but for eight ones, behind which no zero is needed.
        let (prefix, len) = if ones == 8 { (0xff, 8) } else { ((1 << (ones + 1)) - 2, ones + 1) };
        self.write(prefix, len);
        self.write(value, width);
    }

    /// Writes an unsigned number in one of nine widths.
    pub(super) fn varbit_unsigned(&mut self, value: u64) {
        if value == 0 {
            return self.write(0, 1);
        }
        let width = 64 - value.leading_zeros();
        match WIDTHS.iter().zip(1..).find(|(most, _)| width <= **most) {
            Some((most, ones)) => self.with_prefix(ones, value, *most),
            None => self.with_prefix(8, value, 64),
        }
    }

    /// Writes a signed number in one of nine widths.
    pub(super) fn varbit_signed(&mut self, value: i64) {
        if value == 0 {
            return self.write(0, 1);
        }
        match WIDTHS.iter().zip(1..).find(|(width, _)| fits(value, **width)) {
            Some((width, ones)) => self.with_prefix(ones, value as u64, *width),
            None => self.with_prefix(8, value as u64, 64),
        }
    }

    /// Writes the change of the distance of two times as the XOR encoding has it.
    pub(super) fn change_of_distance(&mut self, change: i64) {
        match change {
            0 => self.write(0, 1),
            _ if fits(change, 14) => self.with_prefix(1, change as u64, 14),
            _ if fits(change, 17) => self.with_prefix(2, change as u64, 17),
            _ if fits(change, 20) => self.with_prefix(3, change as u64, 20),
            _ => {
                self.write(0b1111, 4);
                self.write(change as u64, 64);
            }
        }
    }

    /// The bytes; the last one is filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let rest = self.used.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.word.to_be_bytes()[..rest]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::BitReader;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut numbers = vec![0i64];
        for shift in 0..64 {
            for near in -2..=2 {
                let number = (1i64 << shift).wrapping_add(near);
                numbers.extend([number, number.wrapping_neg()]);
            }
        }
        let mut writer = BitWriter::new(&[]);
        for (i, &number) in numbers.iter().enumerate() {
            writer.write(1, 1 + i as u32 % 64);
            writer.varbit_signed(number);
            writer.varbit_unsigned(number as u64);
            writer.varint(number);
            writer.uvarint(number as u64);
            writer.write(number as u64, 64);
        }
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        for (i, &number) in numbers.iter().enumerate() {
            assert_eq!(reader.read(1 + i as u32 % 64), 1);
            assert_eq!(reader.varbit_signed(), number);
            assert_eq!(reader.varbit_unsigned(), number as u64);
            assert_eq!(reader.varint(), Ok(number));
            assert_eq!(reader.uvarint(), Ok(number as u64));
            assert_eq!(reader.read(64), number as u64);
        }
        assert_eq!(reader.finish(), Ok(()));
        assert!(reader.left() < 8);
    }
}
