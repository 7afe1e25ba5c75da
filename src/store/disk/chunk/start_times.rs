//! Start timestamps within a chunk (`tsdb/chunkenc/st.go`).
//!
//! A byte in the chunk's header tells what there is: its highest bit whether sample 0 has a start timestamp, the
//! other seven the index of the first sample whose start timestamp differs from the one before (0: none does). From
//! that sample on each sample has an entry behind its value; up to there all have the one of sample 0. As seven bits
//! count to 127, sample 127 and all later ones have an entry in any case.
//!
//! ```text
//! sample 0             its time - start, as varint
//! first that differs   time of the sample before - start, in nine widths
//! those behind it      change of that distance, in nine widths
//! ```

use super::super::error::Problem;
use super::bit_writer::BitWriter;
use super::bits::BitReader;

/// The first sample that has an entry in any case.
const ALWAYS_FROM: usize = 0x7f;

/// The start timestamp of the sample read last.
#[derive(Clone, Debug)]
pub(super) struct StartTimes {
    first_known: bool,
    /// Index of the first sample with an entry of its own, or 0.
    changed_on: usize,
    distance: i64,
    start: i64,
}

impl StartTimes {
    /// Start timestamps as a chunk's header announces them.
    pub(super) fn new(header: u8) -> Self {
        let changed_on = usize::from(header & 0x7f);
        StartTimes { first_known: header & 0x80 != 0, changed_on, distance: 0, start: 0 }
    }

    /// Start timestamps of an encoding that has none.
    pub(super) fn none() -> Self {
        StartTimes::new(0)
    }

    /// Whether the chunk has any.
    pub(super) fn any(&self) -> bool {
        self.first_known || self.changed_on > 0
    }

    /// The start timestamp of sample `i` at `time`, right after that sample was read; `before` is the time of the
    /// sample before. 0 if unknown.
    #[inline]
    pub(super) fn read(
        &mut self,
        bits: &mut BitReader<'_>,
        i: usize,
        time: i64,
        before: i64,
    ) -> Result<i64, Problem> {
        if i == 0 {
            if self.first_known {
                self.start = time.wrapping_sub(bits.varint()?);
            }
        } else if self.changed_on > 0 && i >= self.changed_on {
            let entry = bits.varbit_signed();
            self.distance = if i == self.changed_on { entry } else { self.distance.wrapping_add(entry) };
            self.start = before.wrapping_sub(self.distance);
        }
        Ok(self.start)
    }
}

/// The start timestamp of the sample written last.
#[derive(Debug, Default)]
pub(super) struct WrittenStartTimes {
    first_known: bool,
    changed_on: usize,
    distance: i64,
    start: i64,
}

impl WrittenStartTimes {
    /// Writes the start timestamp of sample `i` at `time`, right behind that sample; `before` is the time of the
    /// sample before. 0 if unknown.
    pub(super) fn write(&mut self, bits: &mut BitWriter, i: usize, time: i64, before: i64, start: i64) {
        if i == 0 {
            if start != 0 {
                self.first_known = true;
                bits.varint(time.wrapping_sub(start));
            }
        } else if self.changed_on > 0 {
            let distance = before.wrapping_sub(start);
            bits.varbit_signed(distance.wrapping_sub(self.distance));
            self.distance = distance;
        } else if start != self.start || i == ALWAYS_FROM {
            self.changed_on = i;
            self.distance = before.wrapping_sub(start);
            bits.varbit_signed(self.distance);
        }
        self.start = start;
    }

    /// The byte that announces what was written.
    pub(super) fn header(&self) -> u8 {
        u8::from(self.first_known) << 7 | self.changed_on as u8
    }
}
