//! The XOR2 encoding of floats, with or without start timestamps (`tsdb/chunkenc/xor2.go`).
//!
//! ```text
//! samples      2 bytes, highest first
//! starts       1 byte: what is known of start timestamps
//! sample 0     time as varint, value as 64 bits
//! sample 1     distance to the time before as uvarint, value
//! sample 2 …   0       same distance, value as before
//!              10      same distance, value: 0 window, or 1 leading(5) length(6) window
//!              110     change of the distance in 13 bits, value
//!              1110    change of the distance in 20 bits, value
//!              11110   change of the distance in 64 bits, value
//!              11111   same distance, stale marker
//! value        0 as before; 10 window; 110 leading(5) length(6) window; 111 stale marker
//! ```
//!
//! Each sample may be followed by its [start timestamp](super::start_times). Changes of the distance are in two's
//! complement. Values are told by the [window](super::value_window) in which they differ from the last one that was
//! no stale marker; only a marker in the first sample is written out.

use super::super::error::Problem;
use super::bit_writer::BitWriter;
use super::bits::{BitReader, twos_complement};
use super::columns::FloatColumns;
use super::start_times::{StartTimes, WrittenStartTimes};
use super::value_window::{Window, WrittenWindow};
use crate::model::sample::{STALE_NAN, STALE_NAN_BITS};

/// Bytes before the first sample.
const HEADER: usize = 3;

/// Appends the samples of a chunk.
pub(super) fn decode(data: &[u8], columns: &mut FloatColumns) -> Result<(), Problem> {
    let available = data.len() as u64;
    let Some((&[high, low, starts], stream)) = data.split_first_chunk::<HEADER>() else {
        return Err(Problem::Truncated { needed: HEADER as u64, available });
    };
    let samples = usize::from(u16::from_be_bytes([high, low]));
    let start = columns.len();
    let mut decoder = Decoder {
        bits: BitReader::new(stream),
        starts: StartTimes::new(starts),
        window: Window::default(),
        last: 0,
        time: 0,
        delta: 0,
    };
    columns.timestamps.resize(start + samples, 0);
    columns.values.resize(start + samples, 0.0);
    let (timestamps, values) = (&mut columns.timestamps[start..], &mut columns.values[start..]);
    let decoded = if decoder.starts.any() {
        columns.start_timestamps.resize(start + samples, 0);
        decoder.decode_with_starts(timestamps, values, &mut columns.start_timestamps[start..])
    } else {
        decoder.decode(timestamps, values)
    };
    decoded.inspect_err(|_| columns.truncate(start))?;
    columns.fill_start_timestamps();
    Ok(())
}

struct Decoder<'a> {
    bits: BitReader<'a>,
    starts: StartTimes,
    window: Window,
    /// Bits of the last value that was no stale marker.
    last: u64,
    time: i64,
    delta: i64,
}

impl Decoder<'_> {
    fn decode(&mut self, timestamps: &mut [i64], values: &mut [f64]) -> Result<(), Problem> {
        for (i, (timestamp, value)) in timestamps.iter_mut().zip(values).enumerate() {
            *value = self.sample(i)?;
            *timestamp = self.time;
        }
        self.bits.finish()
    }

    fn decode_with_starts(
        &mut self,
        timestamps: &mut [i64],
        values: &mut [f64],
        starts: &mut [i64],
    ) -> Result<(), Problem> {
        for (i, ((timestamp, value), start)) in timestamps.iter_mut().zip(values).zip(starts).enumerate() {
            let before = self.time;
            *value = self.sample(i)?;
            *timestamp = self.time;
            *start = self.starts.read(&mut self.bits, i, self.time, before)?;
        }
        self.bits.finish()
    }

    #[inline(always)]
    fn sample(&mut self, i: usize) -> Result<f64, Problem> {
        match i {
            0 => {
                self.time = self.bits.varint()?;
                let value = self.bits.read(64);
                if value != STALE_NAN_BITS {
                    self.last = value;
                }
                Ok(f64::from_bits(value))
            }
            1 => {
                self.delta = self.bits.uvarint()? as i64;
                self.time = self.time.wrapping_add(self.delta);
                self.value()
            }
            _ => self.later_sample(),
        }
    }

    #[inline(always)]
    fn later_sample(&mut self) -> Result<f64, Problem> {
        let peeked = self.bits.peek();
        if peeked >> 63 == 0 {
            self.bits.skip(1);
            self.time = self.time.wrapping_add(self.delta);
            return Ok(f64::from_bits(self.last));
        }
        if peeked >> 62 == 0b10 {
            self.time = self.time.wrapping_add(self.delta);
            self.bits.skip(3);
            self.last = if peeked >> 61 & 1 == 0 {
                self.window.reuse(&mut self.bits, self.last)
            } else {
                self.window.renew(&mut self.bits, peeked << 3, self.last)?
            };
            return Ok(f64::from_bits(self.last));
        }
        let (prefix, width) = match (!peeked).leading_zeros() {
            2 => (3, 13),
            3 => (4, 20),
            4 => (5, 64),
            _ => {
                self.bits.skip(5);
                self.time = self.time.wrapping_add(self.delta);
                return Ok(STALE_NAN);
            }
        };
        self.bits.skip(prefix);
        self.delta = self.delta.wrapping_add(twos_complement(self.bits.read(width), width));
        self.time = self.time.wrapping_add(self.delta);
        self.value()
    }

    /// A value that may be as before or the stale marker.
    #[inline(always)]
    fn value(&mut self) -> Result<f64, Problem> {
        let peeked = self.bits.peek();
        match (!peeked).leading_zeros() {
            0 => self.bits.skip(1),
            1 => {
                self.bits.skip(2);
                self.last = self.window.reuse(&mut self.bits, self.last);
            }
            2 => {
                self.bits.skip(3);
                self.last = self.window.renew(&mut self.bits, peeked << 3, self.last)?;
            }
            _ => {
                self.bits.skip(3);
                return Ok(STALE_NAN);
            }
        }
        Ok(f64::from_bits(self.last))
    }
}

/// The data of a chunk with these samples, of which there are less than 2^16.
pub(super) fn encode(timestamps: &[i64], values: &[f64], start_timestamps: &[i64]) -> Vec<u8> {
    let [high, low] = (timestamps.len() as u16).to_be_bytes();
    let mut encoder = Encoder {
        bits: BitWriter::new(&[high, low, 0]),
        window: WrittenWindow::default(),
        last: 0,
        time: 0,
        delta: 0,
    };
    let mut starts = WrittenStartTimes::default();
    for (i, (&time, value)) in timestamps.iter().zip(values).enumerate() {
        let before = encoder.time;
        encoder.sample(i, time, value.to_bits());
        let start = start_timestamps.get(i).copied().unwrap_or(0);
        starts.write(&mut encoder.bits, i, time, before, start);
    }
    let mut data = encoder.bits.finish();
    data[HEADER - 1] = starts.header();
    data
}

struct Encoder {
    bits: BitWriter,
    window: WrittenWindow,
    /// Bits of the last value that was no stale marker.
    last: u64,
    time: i64,
    delta: i64,
}

impl Encoder {
    fn sample(&mut self, i: usize, time: i64, value: u64) {
        let delta = time.wrapping_sub(self.time);
        match i {
            0 => {
                self.bits.varint(time);
                self.bits.write(value, 64);
            }
            1 => {
                self.bits.uvarint(delta as u64);
                self.value(value);
            }
            _ => self.later_sample(delta.wrapping_sub(self.delta), value),
        }
        (self.time, self.delta) = (time, delta);
        if value != STALE_NAN_BITS {
            self.last = value;
        }
    }

    fn later_sample(&mut self, change: i64, value: u64) {
        match change {
            0 if value == STALE_NAN_BITS => return self.bits.write(0b11111, 5),
            0 if value == self.last => return self.bits.write(0, 1),
            0 => {
                self.bits.write(0b10, 2);
                return self.window.write_difference(&mut self.bits, value ^ self.last);
            }
            -0x1000..0x1000 => self.bits.write(0b110 << 13 | change as u64 & 0x1fff, 16),
            -0x8_0000..0x8_0000 => self.bits.write(0b1110 << 20 | change as u64 & 0xf_ffff, 24),
            _ => {
                self.bits.write(0b11110, 5);
                self.bits.write(change as u64, 64);
            }
        }
        self.value(value);
    }

    fn value(&mut self, value: u64) {
        if value == STALE_NAN_BITS {
            self.bits.write(0b111, 3);
        } else if value == self.last {
            self.bits.write(0, 1);
        } else {
            self.bits.write(1, 1);
            self.window.write_behind(&mut self.bits, value ^ self.last, (0b10, 2));
        }
    }
}
