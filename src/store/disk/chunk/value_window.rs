//! How floats that follow each other are told apart: by the bits in which they differ.
//!
//! The bits of a float and of the one before are combined by exclusive or. Floats that are alike differ in a few
//! bits in the middle, the *window*: what lies before and behind it is zero. A window that fits is used again:
//!
//! ```text
//! 0                                        the value before
//! 10  window                               differs within the window used last
//! 11  leading(5) length(6)  window         differs within a new window; a length of 64 is written as 0
//! ```

use super::super::error::Problem;
use super::bit_writer::BitWriter;
use super::bits::{BitReader, PEEKED};

/// The window used last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Bits of the window, 1 to 64.
    length: u32,
    /// Zeros behind it.
    trailing: u32,
}

impl Default for Window {
    fn default() -> Self {
        Window { length: 64, trailing: 0 }
    }
}

impl Window {
    /// The bits of the value that follows `previous`.
    #[inline(always)]
    pub(super) fn read(&mut self, bits: &mut BitReader<'_>, previous: u64) -> Result<u64, Problem> {
        self.read_peeked(bits, bits.peek(), 0, previous)
    }

    /// The same, where the value begins `used` bits into what was `peeked`, which is not skipped yet. At least 13
    /// bits of it are the value's.
    #[inline(always)]
    pub(super) fn read_peeked(
        &mut self,
        bits: &mut BitReader<'_>,
        peeked: u64,
        used: u32,
        previous: u64,
    ) -> Result<u64, Problem> {
        let control = peeked << used;
        if control >> 63 == 0 {
            bits.skip(used + 1);
            return Ok(previous);
        }
        let mut behind = used + 2;
        if control >> 62 == 0b11 {
            self.set(control << 2)?;
            behind += 11;
        }
        // Mostly all of the value was peeked at.
        let difference = if behind + self.length <= PEEKED {
            bits.skip(behind + self.length);
            peeked << behind >> (64 - self.length)
        } else {
            bits.skip(behind);
            bits.read(self.length)
        };
        Ok(previous ^ difference << self.trailing)
    }

    /// The bits of a value that differs from `previous` within this window.
    #[inline(always)]
    pub(super) fn reuse(&self, bits: &mut BitReader<'_>, previous: u64) -> u64 {
        previous ^ bits.read(self.length) << self.trailing
    }

    /// Reads a new window, of which at least the highest 11 bits are `peeked`, and the value that differs in it.
    #[inline(always)]
    pub(super) fn renew(
        &mut self,
        bits: &mut BitReader<'_>,
        peeked: u64,
        previous: u64,
    ) -> Result<u64, Problem> {
        self.set(peeked)?;
        bits.skip(11);
        Ok(self.reuse(bits, previous))
    }

    /// Becomes the window that the highest 11 bits of `bits` describe.
    #[inline(always)]
    fn set(&mut self, bits: u64) -> Result<(), Problem> {
        let leading = (bits >> 59) as u32;
        // 0 stands for 64, which has no room in six bits.
        let length = (((bits >> 53) as u32 & 63).wrapping_sub(1) & 63) + 1;
        if leading + length > 64 {
            return Err(Problem::Invalid("a float differs in more than 64 bits"));
        }
        *self = Window { length, trailing: 64 - leading - length };
        Ok(())
    }
}

/// The window used last by whoever writes; before the first value that differs there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WrittenWindow(Option<Window>);

impl WrittenWindow {
    /// Writes the float with the bits `value`, which follows `previous`.
    pub(super) fn write(&mut self, bits: &mut BitWriter, previous: u64, value: u64) {
        match value ^ previous {
            0 => bits.write(0, 1),
            difference => {
                bits.write(1, 1);
                self.write_difference(bits, difference);
            }
        }
    }

    /// Writes a difference that is not 0: 0 and a window that is used again, or 1 and a new one.
    pub(super) fn write_difference(&mut self, bits: &mut BitWriter, difference: u64) {
        self.write_behind(bits, difference, (1, 1));
    }

    /// The same, where a new window is told by the bits in `new`, so many of them.
    pub(super) fn write_behind(&mut self, bits: &mut BitWriter, difference: u64, new: (u64, u32)) {
        // Five bits have no room for more.
        let leading = difference.leading_zeros().min(31);
        let trailing = difference.trailing_zeros();
        if let Some(window) = self.0
            && leading >= 64 - window.length - window.trailing
            && trailing >= window.trailing
        {
            bits.write(0, 1);
            bits.write(difference >> window.trailing, window.length);
            return;
        }
        let length = 64 - leading - trailing;
        self.0 = Some(Window { length, trailing });
        bits.write(new.0, new.1);
        bits.write(u64::from(leading), 5);
        bits.write(u64::from(length & 63), 6);
        bits.write(difference >> trailing, length);
    }
}
