//! The XOR encoding of floats (`tsdb/chunkenc/xor.go`).
//!
//! ```text
//! samples      2 bytes, highest first
//! sample 0     time as varint, value as 64 bits
//! sample 1     distance to the time before as uvarint, value by its window
//! sample 2 …   change of the distance, value by its window
//! ```
//!
//! The change of the distance is `0`, which means none, or `10`, `110`, `1110` before a number of 14, 17 or 20 bits,
//! or `1111` before one of 64 bits. Values are told by the [window](super::value_window) in which they differ.

use super::super::error::Problem;
use super::bit_writer::BitWriter;
use super::bits::{BitReader, high_half_is_negative};
use super::columns::FloatColumns;
use super::decode::NOT_RISING;
use super::value_window::{Window, WrittenWindow};
use crate::model::Timestamp;

/// Bytes before the first sample.
const HEADER: usize = 2;

/// Appends the samples of a chunk; those behind `until` may be left out.
pub(super) fn decode(data: &[u8], until: Timestamp, columns: &mut FloatColumns) -> Result<(), Problem> {
    let available = data.len() as u64;
    let Some((&[high, low], stream)) = data.split_first_chunk::<HEADER>() else {
        return Err(Problem::Truncated { needed: HEADER as u64, available });
    };
    let samples = usize::from(u16::from_be_bytes([high, low]));
    let start = columns.len();
    columns.timestamps.resize(start + samples, 0);
    columns.values.resize(start + samples, 0.0);
    let decoded =
        decode_samples(stream, until, &mut columns.timestamps[start..], &mut columns.values[start..])
            .inspect_err(|_| columns.truncate(start))?;
    columns.truncate(start + decoded);
    columns.fill_start_timestamps();
    Ok(())
}

/// Decodes samples up to the first one behind `until`, and tells how many they are.
fn decode_samples(
    stream: &[u8],
    until: Timestamp,
    timestamps: &mut [i64],
    values: &mut [f64],
) -> Result<usize, Problem> {
    let samples = timestamps.len();
    let mut slots = timestamps.iter_mut().zip(values).enumerate();
    let mut header = BitReader::new(stream);
    let mut window = Window::default();

    let Some((_, (timestamp, value))) = slots.next() else { return Ok(0) };
    let mut time = header.varint()?;
    let mut current = header.read(64);
    (*timestamp, *value) = (time, f64::from_bits(current));

    let Some((_, (timestamp, value))) = slots.next() else { return header.finish().map(|()| 1) };
    let mut delta = header.uvarint()? as i64;
    let before = time;
    time = time.wrapping_add(delta);
    if time <= before {
        return Err(NOT_RISING);
    }
    current = window.read(&mut header, current)?;
    (*timestamp, *value) = (time, f64::from_bits(current));

    // A reader that nobody was shown stays in registers.
    let mut bits = header.clone();
    for (i, (timestamp, value)) in slots {
        let mut peeked = bits.peek();
        // Where the value begins in what was peeked at: enough of it is there unless the change takes all 64 bits.
        let mut used = 1;
        if peeked >> 63 != 0 {
            let change;
            (change, used) = if peeked >> 62 == 0b10 {
                (number::<2, 14>(peeked), 16)
            } else if peeked >> 61 == 0b110 {
                (number::<3, 17>(peeked), 20)
            } else if peeked >> 60 == 0b1110 {
                (number::<4, 20>(peeked), 24)
            } else {
                bits.skip(4);
                let change = bits.read(64) as i64;
                peeked = bits.peek();
                (change, 0)
            };
            delta = delta.wrapping_add(change);
        }
        let before = time;
        time = time.wrapping_add(delta);
        if time <= before {
            return Err(NOT_RISING);
        }
        if time > until {
            return bits.finish().map(|()| i);
        }
        current = window.read_peeked(&mut bits, peeked, used, current)?;
        (*timestamp, *value) = (time, f64::from_bits(current));
    }
    bits.finish().map(|()| samples)
}

/// The number of `WIDTH` bits that begins `START` bits into `peeked`.
#[inline(always)]
fn number<const START: u32, const WIDTH: u32>(peeked: u64) -> i64 {
    high_half_is_negative(peeked << START >> (64 - WIDTH), WIDTH)
}

/// The data of a chunk with these samples, of which there are less than 2^16.
pub(super) fn encode(timestamps: &[i64], values: &[f64]) -> Vec<u8> {
    let mut bits = BitWriter::new(&(timestamps.len() as u16).to_be_bytes());
    let mut window = WrittenWindow::default();
    let (mut time, mut delta, mut value) = (0i64, 0i64, 0);
    for (i, (&next_time, next_value)) in timestamps.iter().zip(values).enumerate() {
        let next_value = next_value.to_bits();
        let next_delta = next_time.wrapping_sub(time);
        match i {
            0 => {
                bits.varint(next_time);
                bits.write(next_value, 64);
            }
            1 => {
                bits.uvarint(next_delta as u64);
                window.write(&mut bits, value, next_value);
            }
            _ => {
                bits.change_of_distance(next_delta.wrapping_sub(delta));
                window.write(&mut bits, value, next_value);
            }
        }
        (time, delta, value) = (next_time, next_delta, next_value);
    }
    bits.finish()
}
