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
use super::value_window::{Window, WrittenWindow};

/// Bytes before the first sample.
const HEADER: usize = 2;

/// Appends the samples of a chunk.
pub(super) fn decode(data: &[u8], columns: &mut FloatColumns) -> Result<(), Problem> {
    let available = data.len() as u64;
    let Some((&[high, low], stream)) = data.split_first_chunk::<HEADER>() else {
        return Err(Problem::Truncated { needed: HEADER as u64, available });
    };
    let samples = usize::from(u16::from_be_bytes([high, low]));
    let start = columns.len();
    columns.timestamps.resize(start + samples, 0);
    columns.values.resize(start + samples, 0.0);
    decode_samples(stream, &mut columns.timestamps[start..], &mut columns.values[start..])
        .inspect_err(|_| columns.truncate(start))?;
    columns.fill_start_timestamps();
    Ok(())
}

fn decode_samples(stream: &[u8], timestamps: &mut [i64], values: &mut [f64]) -> Result<(), Problem> {
    let mut bits = BitReader::new(stream);
    let mut slots = timestamps.iter_mut().zip(values);
    let mut window = Window::default();

    let Some((timestamp, value)) = slots.next() else { return Ok(()) };
    let mut time = bits.varint()?;
    let mut current = bits.read(64);
    (*timestamp, *value) = (time, f64::from_bits(current));

    let Some((timestamp, value)) = slots.next() else { return bits.finish() };
    let mut delta = bits.uvarint()? as i64;
    time = time.wrapping_add(delta);
    current = window.read(&mut bits, current)?;
    (*timestamp, *value) = (time, f64::from_bits(current));

    for (timestamp, value) in slots {
        let peeked = bits.peek();
        // The two kinds of sample that are most frequent need one look.
        if peeked >> 62 == 0 {
            bits.skip(2);
        } else if peeked >> 63 == 0 {
            current = window.read_peeked(&mut bits, peeked, 1, current)?;
        } else {
            let change = match (!peeked).leading_zeros().min(4) {
                1 => change_of_distance::<2, 14>(&mut bits),
                2 => change_of_distance::<3, 17>(&mut bits),
                3 => change_of_distance::<4, 20>(&mut bits),
                _ => change_of_distance::<4, 64>(&mut bits),
            };
            delta = delta.wrapping_add(change);
            current = window.read(&mut bits, current)?;
        }
        time = time.wrapping_add(delta);
        (*timestamp, *value) = (time, f64::from_bits(current));
    }
    bits.finish()
}

#[inline(always)]
fn change_of_distance<const PREFIX: u32, const WIDTH: u32>(bits: &mut BitReader<'_>) -> i64 {
    bits.skip(PREFIX);
    high_half_is_negative(bits.read(WIDTH), WIDTH)
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
