//! Float samples as bytes: a header, and blocks of 256 samples that are read without each other.
//!
//! | at | bytes | what |
//! | ---: | ---: | --- |
//! | 0 | 8 | last value |
//! | 8 | 4 a block | where the block begins |
//!
//! and in each block:
//!
//! | at | bytes | what |
//! | ---: | ---: | --- |
//! | 0 | 16 | times: base and slope of their [line](super::line) |
//! | 16 | 16 | values: base and slope, of the whole numbers that [stand for them](super::decimal) |
//! | 32 | 1 | bytes a time |
//! | 33 | 1 | bytes a value; 8 are those of a float as it is |
//! | 34 | 1 | decimal places of the values |
//! | 35 | 1 | 1 if the largest distance of a value means a stale marker |
//! | 36 | 4 | nothing |
//! | 40 | | distances of the times, then those of the values, or the values |
//!
//! Numbers are little-endian. All bytes lie in one piece of memory, as reaching for another one takes longer than to
//! unpack a hundred samples.

use std::ops::Range;
use std::sync::Arc;

use multiversion::multiversion;

use super::Packed;
use super::decimal::{Decimals, divisor};
use super::line::{Line, Width};
use crate::model::nearby::fetch;
use crate::model::{STALE_NAN_BITS, TimeRange, Timestamp};

/// Samples of one block.
const BLOCK: usize = 256;
/// For fewer samples the headers are not worth their bytes.
const MIN_SAMPLES: usize = 32;

const DIRECTORY: usize = 8;
const BLOCK_HEADER: usize = 40;
/// Bytes of a value that is kept as it is.
const PLAIN: u8 = 8;

/// Packed float samples, and what is asked for before any of them.
#[derive(Clone, Debug)]
pub(in crate::store::memory) struct PackedFloats {
    bytes: Arc<[u8]>,
    len: u32,
    first_time: Timestamp,
    last_time: Timestamp,
}

/// One block.
#[derive(Clone, Copy, Debug)]
struct Block<'a> {
    times: Line,
    values: Values,
    time_bytes: &'a [u8],
    value_bytes: &'a [u8],
}

/// How the values of a block are written.
#[derive(Clone, Copy, Debug)]
enum Values {
    Plain,
    Decimals { line: Line, places: u8, has_stale: bool },
}

impl PackedFloats {
    fn word<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
        bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or([0; N])
    }

    fn block(&self, number: usize) -> Block<'_> {
        let begin = u32::from_le_bytes(Self::word(&self.bytes, DIRECTORY + 4 * number)) as usize;
        let bytes = &self.bytes[begin..];
        let samples = (self.len() - number * BLOCK).min(BLOCK);
        let line = |at, width| Line {
            base: i64::from_le_bytes(Self::word(bytes, at)),
            slope: i64::from_le_bytes(Self::word(bytes, at + 8)),
            width,
        };
        let times = line(0, Width::of_bytes(bytes[32]).unwrap_or(Width::None));
        let values = match Width::of_bytes(bytes[33]) {
            Some(width) => {
                Values::Decimals { line: line(16, width), places: bytes[34], has_stale: bytes[35] == 1 }
            }
            None => Values::Plain,
        };
        let (time_bytes, rest) = bytes[BLOCK_HEADER..].split_at(times.width.bytes() * samples);
        Block { times, values, time_bytes, value_bytes: &rest[..usize::from(bytes[33]) * samples] }
    }
}

impl Packed<f64> for PackedFloats {
    fn pack(times: &[Timestamp], values: &[f64]) -> Option<Self> {
        if times.len() < MIN_SAMPLES {
            return None;
        }
        let blocks = times.len().div_ceil(BLOCK);
        let mut bytes = Vec::with_capacity(DIRECTORY + blocks * (4 + BLOCK_HEADER) + 4 * times.len());
        bytes.extend_from_slice(&values.last()?.to_le_bytes());
        bytes.resize(DIRECTORY + 4 * blocks, 0);
        for (number, (times, values)) in times.chunks(BLOCK).zip(values.chunks(BLOCK)).enumerate() {
            let begin = u32::try_from(bytes.len()).ok()?;
            bytes[DIRECTORY + 4 * number..][..4].copy_from_slice(&begin.to_le_bytes());
            write_block(times, values, &mut bytes)?;
        }
        let as_they_are = size_of_val(times) + size_of_val(values);
        let (len, first_time, last_time) =
            (u32::try_from(times.len()).ok()?, *times.first()?, *times.last()?);
        (bytes.len() <= as_they_are * 3 / 4).then(|| PackedFloats {
            bytes: bytes.into(),
            len,
            first_time,
            last_time,
        })
    }

    fn len(&self) -> usize {
        self.len as usize
    }

    fn range(&self) -> TimeRange {
        TimeRange::new(self.first_time, self.last_time)
    }

    fn time(&self, i: usize) -> Timestamp {
        let block = self.block(i / BLOCK);
        block.times.number(block.time_bytes, i % BLOCK)
    }

    fn last_value(&self) -> f64 {
        f64::from_le_bytes(Self::word(&self.bytes, 0))
    }

    fn fetch(&self, part: Range<usize>) {
        // Where the blocks begin is not known yet; all of them are about as long.
        let samples = self.len as usize;
        let place = |sample: usize| sample / BLOCK * BLOCK * self.bytes.len() / samples;
        fetch(&self.bytes[place(part.start)..]);
    }

    fn unpack(&self, part: Range<usize>, times: &mut Vec<Timestamp>, values: &mut Vec<f64>) {
        let count = part.len();
        unpack(self, part, grown(times, count), grown(values, count));
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn unpack(packed: &PackedFloats, part: Range<usize>, times: &mut [Timestamp], values: &mut [f64]) {
    let (mut times, mut values) = (times, values);
    let mut next = part.start;
    while next < part.end {
        let begin = next / BLOCK * BLOCK;
        let part = next - begin..part.end.min(begin + BLOCK) - begin;
        let block = packed.block(next / BLOCK);
        next += part.len();
        block.times.read(block.time_bytes, part.clone(), take(&mut times, part.len()));
        block.read_values(part.clone(), take(&mut values, part.len()));
    }
}

/// Makes a column longer, and gives what was added.
fn grown<T: Default + Clone>(column: &mut Vec<T>, by: usize) -> &mut [T] {
    let before = column.len();
    column.resize(before + by, T::default());
    &mut column[before..]
}

/// Takes the first of what is left.
fn take<'a, T>(left: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    left.split_off_mut(..count).unwrap_or_default()
}

impl Block<'_> {
    #[inline(always)]
    fn read_values(&self, part: Range<usize>, values: &mut [f64]) {
        let bytes = self.value_bytes;
        match self.values {
            Values::Plain => {
                let (plain, _) = bytes.as_chunks();
                for (value, bytes) in values.iter_mut().zip(&plain[part]) {
                    *value = f64::from_le_bytes(*bytes);
                }
            }
            Values::Decimals { line, places: 0, has_stale: false } => {
                line.read_floats(bytes, part, values, |number, _| number);
            }
            Values::Decimals { line, places, has_stale } => {
                let divisor = divisor(places);
                match has_stale {
                    false => line.read_floats(bytes, part, values, |number, _| number / divisor),
                    true => line.read_floats(bytes, part, values, |number, stale| match stale {
                        true => f64::from_bits(STALE_NAN_BITS),
                        false => number / divisor,
                    }),
                }
            }
        }
    }
}

fn write_block(times: &[Timestamp], values: &[f64], bytes: &mut Vec<u8>) -> Option<()> {
    let line_of_times = Line::fit(times, false)?;
    let decimals = Decimals::of(values);
    let decimals = decimals.and_then(|found| Some((Line::fit(&found.numbers, found.has_stale)?, found)));
    let (line_of_values, kind) = match &decimals {
        Some((line, found)) => (*line, [line.width.bytes() as u8, found.places, found.has_stale.into()]),
        None => (Line { base: 0, slope: 0, width: Width::None }, [PLAIN, 0, 0]),
    };
    for line in [line_of_times, line_of_values] {
        bytes.extend_from_slice(&line.base.to_le_bytes());
        bytes.extend_from_slice(&line.slope.to_le_bytes());
    }
    bytes.push(line_of_times.width.bytes() as u8);
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(&[0; 4]);
    line_of_times.write(times, bytes);
    match &decimals {
        None => values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes())),
        Some((line, decimals)) => {
            let begin = bytes.len();
            line.write(&decimals.numbers, bytes);
            if decimals.has_stale {
                let written = bytes[begin..].chunks_exact_mut(line.width.bytes());
                let stale = written.zip(values).filter(|(_, value)| value.to_bits() == STALE_NAN_BITS);
                stale.for_each(|(distance, _)| distance.fill(u8::MAX));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values as counters, gauges and clocks have them, with odd ones among them.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        let odd = prop::sample::select(vec![
            f64::from_bits(STALE_NAN_BITS),
            f64::from_bits(STALE_NAN_BITS),
            f64::NAN,
            f64::INFINITY,
            -0.0,
            0.0,
            1e300,
            4_503_599_627_370_497.0,
            -9_007_199_254_740_993.0,
            0.1 + 0.2,
        ]);
        let odd = prop::collection::vec((0usize..600, odd), 0..3);
        let shape = (-1_000_000_000i64..1_000_000_000, -3000i64..3000, 0u32..34, 0u8..5);
        (shape, prop::collection::vec(any::<u32>(), 32..600), odd).prop_map(|(shape, random, odd)| {
            let (base, slope, bits, places) = shape;
            let number = |(i, r): (usize, &u32)| base + slope * i as i64 + i64::from(r.unbounded_shr(bits));
            let divisor = 10f64.powi(places.into());
            let mut values: Vec<f64> =
                random.iter().enumerate().map(|sample| number(sample) as f64 / divisor).collect();
            for (at, value) in odd {
                if let Some(there) = values.get_mut(at) {
                    *there = value;
                }
            }
            values
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            values in values(),
            first in -(1i64 << 54)..(1i64 << 54),
            near in any::<bool>(),
            gap in 1i64..100_000,
            late in prop::collection::vec((0usize..600, 0i64..5_000_000), 0..4),
            part in (0usize..600, 0usize..600),
        ) {
            let first = if near { first >> 14 } else { first };
            let mut times: Vec<Timestamp> = (0..values.len() as i64).map(|i| first + i * gap).collect();
            for (at, late) in late {
                times.iter_mut().skip(at).for_each(|t| *t += late);
            }
            let Some(packed) = PackedFloats::pack(&times, &values) else { return Ok(()) };
            prop_assert!(packed.bytes.len() < 16 * values.len());
            prop_assert_eq!(packed.len(), values.len());
            prop_assert_eq!(packed.last_value().to_bits(), values[values.len() - 1].to_bits());
            let part = part.0.min(values.len())..part.1.min(values.len());
            let part = part.start..part.end.max(part.start);
            let (mut read_times, mut read_values) = (vec![7], vec![7.0]);
            packed.unpack(part.clone(), &mut read_times, &mut read_values);
            prop_assert_eq!(&read_times[1..], &times[part.clone()]);
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&read_values[1..]), bits(&values[part]));
            for i in [0, values.len() / 2, values.len() - 1] {
                prop_assert_eq!(packed.time(i), times[i]);
            }
        }
    }

    /// Samples every 15 s with some jitter.
    fn times(count: i64) -> Vec<Timestamp> {
        (0..count).map(|i| 1_700_000_000_000 + i * 15_000 + i * i * 37 % 100).collect()
    }

    #[test]
    fn usual_samples_take_two_or_three_bytes() {
        let bytes = |values: &dyn Fn(i64) -> f64| {
            let values: Vec<f64> = (0..1024).map(values).collect();
            let packed = PackedFloats::pack(&times(1024), &values).unwrap();
            (packed.bytes.len() - DIRECTORY) / 1024
        };
        assert_eq!(bytes(&|i| (i * 50 + i * i * 31 % 97) as f64), 2);
        assert_eq!(bytes(&|i| (i * i % 20_011) as f64 / 100.0), 3);
        assert_eq!(bytes(&|i| (i as f64).sqrt()), 9);
    }

    #[test]
    fn a_stale_marker_costs_nothing() {
        let values: Vec<f64> = (0..256)
            .map(|i| if i % 50 == 9 { f64::from_bits(STALE_NAN_BITS) } else { f64::from(i % 200) })
            .collect();
        let packed = PackedFloats::pack(&times(256), &values).unwrap();
        assert_eq!(packed.bytes.len(), DIRECTORY + 4 + BLOCK_HEADER + 2 * 256);
    }

    #[test]
    fn what_is_not_worth_it_is_left() {
        assert!(PackedFloats::pack(&times(MIN_SAMPLES as i64 - 1), &[1.0; MIN_SAMPLES - 1]).is_none());
        let wild: Vec<Timestamp> = (0..100).map(|i| i << 50).collect();
        assert!(PackedFloats::pack(&wild, &[1.0; 100]).is_none());
    }
}
