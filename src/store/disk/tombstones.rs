//! What is deleted: stretches of time of single series, until the next compaction drops the samples for good
//! (`tsdb/tombstones/tombstones.go`).
//!
//! ```text
//! magic        4 bytes, 0x0130BA30
//! version      1 byte, 1
//! stones       reference of the series: uvarint; first and last time in ms: varints
//! checksum     4 bytes, of the stones
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::bytes::{Decoder, Encoder, checksum, verify};
use super::error::{Corruption, DiskError, Problem};
use super::file::Contents;
use super::io::{Access, Io};
use crate::model::{TimeRange, Timestamp};

/// Name of the file in the directory of a block.
pub(super) const FILE_NAME: &str = "tombstones";
/// The first bytes of the file.
const MAGIC: u32 = 0x0130_ba30;
/// Bytes in front of the stones and behind them.
const HEADER: usize = 5;
const FOOTER: usize = 4;

/// Stretches of time that are deleted, sorted and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Intervals(Vec<TimeRange>);

impl Intervals {
    /// Adds a stretch; those that it meets or touches become one with it.
    pub(super) fn add(&mut self, mut range: TimeRange) {
        let touches = |other: &TimeRange| {
            other.start <= range.end.saturating_add(1) && range.start <= other.end.saturating_add(1)
        };
        let first = self.0.partition_point(|other| other.end.saturating_add(1) < range.start);
        let count = self.0[first..].iter().take_while(|other| touches(other)).count();
        for other in &self.0[first..first + count] {
            range = range.union(*other);
        }
        self.0.splice(first..first + count, [range]);
    }

    /// Whether nothing is deleted.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many stretches there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all of `range` is deleted.
    pub(super) fn cover(&self, range: TimeRange) -> bool {
        self.around(range.start).is_some_and(|interval| interval.contains(range.end))
    }

    /// Whether anything in `range` is deleted.
    pub(super) fn overlap(&self, range: TimeRange) -> bool {
        let place = self.0.partition_point(|interval| interval.end < range.start);
        self.0.get(place).is_some_and(|interval| interval.overlaps(range))
    }

    /// Whether the time `t` is deleted.
    pub(super) fn contain(&self, t: Timestamp) -> bool {
        self.around(t).is_some()
    }

    fn around(&self, t: Timestamp) -> Option<&TimeRange> {
        let place = self.0.partition_point(|interval| interval.end < t);
        self.0.get(place).filter(|interval| interval.contains(t))
    }
}

/// What is deleted in a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Tombstones {
    by_series: FxHashMap<u64, Intervals>,
}

impl Tombstones {
    /// Reads the tombstones of the block in `dir`; without the file nothing is deleted.
    pub(super) fn read(io: &dyn Io, dir: &Path) -> Result<Self, DiskError> {
        let file = match Contents::open(io, dir.join(FILE_NAME), Access::Changing) {
            Ok(file) => file,
            Err(error) if error.is_not_found() => return Ok(Tombstones::default()),
            Err(error) => return Err(error),
        };
        Self::parse(file.bytes()).map_err(|corruption| file.corrupt(corruption))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Corruption> {
        let mut header = Decoder::new(bytes, 0);
        let found = header.be32()?;
        if found != MAGIC {
            return Err(Problem::Magic { found, expected: MAGIC }.at(0));
        }
        let version = header.u8()?;
        if version != 1 {
            return Err(Problem::Unknown { what: "version of tombstones", number: u64::from(version) }.at(4));
        }
        let rest = header.rest();
        let Some((stones, footer)) = rest.split_last_chunk::<FOOTER>() else {
            let available = rest.len() as u64;
            return Err(header.error(Problem::Truncated { needed: FOOTER as u64, available }));
        };
        verify(stones, u32::from_be_bytes(*footer), HEADER as u64)?;
        let mut tombstones = Tombstones::default();
        let mut decoder = Decoder::new(stones, HEADER as u64);
        while !decoder.is_empty() {
            let offset = decoder.offset();
            let series = decoder.uvarint()?;
            let range = TimeRange::new(decoder.varint()?, decoder.varint()?);
            if range.is_empty() {
                return Err(Problem::Invalid("a deleted interval ends before it begins").at(offset));
            }
            tombstones.by_series.entry(series).or_default().add(range);
        }
        Ok(tombstones)
    }

    /// The contents of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut stones = Encoder::default();
        let series: BTreeMap<u64, &Intervals> =
            self.by_series.iter().map(|(series, i)| (*series, i)).collect();
        for (series, intervals) in series {
            for range in &intervals.0 {
                stones.uvarint(series);
                stones.varint(range.start);
                stones.varint(range.end);
            }
        }
        let mut file = Encoder::default();
        file.be32(MAGIC);
        file.u8(1);
        file.0.extend_from_slice(&stones.0);
        file.be32(checksum(&stones.0));
        file.0
    }

    /// Deletes a stretch of time of a series.
    pub(super) fn add(&mut self, series: u64, range: TimeRange) {
        self.by_series.entry(series).or_default().add(range);
    }

    /// What is deleted of a series.
    pub(super) fn of(&self, series: u64) -> Option<&Intervals> {
        self.by_series.get(&series)
    }

    /// Whether something else is deleted.
    pub(super) fn differs(&self, other: &Tombstones) -> bool {
        self.by_series != other.by_series
    }

    /// How many stretches are deleted in all series.
    pub(super) fn len(&self) -> usize {
        self.by_series.values().map(Intervals::len).sum()
    }

    /// The series of which something is deleted.
    pub(super) fn series(&self) -> impl Iterator<Item = u64> + '_ {
        self.by_series.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(ranges: &[(i64, i64)]) -> Intervals {
        let mut intervals = Intervals::default();
        for &(start, end) in ranges {
            intervals.add(TimeRange::new(start, end));
        }
        intervals
    }

    #[test]
    fn stretches_that_touch_become_one() {
        type Pairs = &'static [(i64, i64)];
        let table: &[(Pairs, Pairs)] = &[
            (&[(1, 2), (4, 5)], &[(1, 2), (4, 5)]),
            (&[(4, 5), (1, 3)], &[(1, 5)]),
            (&[(1, 2), (10, 20), (5, 7), (3, 9)], &[(1, 20)]),
            (&[(1, 2), (10, 20), (5, 6)], &[(1, 2), (5, 6), (10, 20)]),
            (&[(5, i64::MAX), (i64::MIN, 3)], &[(i64::MIN, 3), (5, i64::MAX)]),
            (&[(5, i64::MAX), (i64::MIN, 4)], &[(i64::MIN, i64::MAX)]),
            (&[(1, 9), (2, 3)], &[(1, 9)]),
        ];
        for (added, expected) in table {
            let expected: Vec<TimeRange> = expected.iter().map(|&(a, b)| TimeRange::new(a, b)).collect();
            assert_eq!(intervals(added).0, expected);
        }
    }

    #[test]
    fn what_is_deleted() {
        let intervals = intervals(&[(10, 20), (30, 30)]);
        let range = TimeRange::new;
        assert!(
            intervals.cover(range(10, 20))
                && intervals.cover(range(12, 13))
                && intervals.cover(range(30, 30))
        );
        assert!(
            !intervals.cover(range(9, 12))
                && !intervals.cover(range(15, 30))
                && !intervals.cover(range(1, 2))
        );
        assert!(intervals.overlap(range(0, 10)) && intervals.overlap(range(25, 99)));
        assert!(!intervals.overlap(range(21, 29)) && !intervals.overlap(range(31, 99)));
        assert!(intervals.contain(20) && !intervals.contain(21) && intervals.contain(30));
    }

    #[test]
    fn files() {
        let stones = [7, 2, 4, 7, 6, 8, 1, 0x9f, 1, 0xa0, 1];
        let mut file = vec![0x01, 0x30, 0xba, 0x30, 1];
        file.extend(stones);
        file.extend(checksum(&stones).to_be_bytes());
        let tombstones = Tombstones::parse(&file).unwrap();
        assert_eq!(tombstones.of(7), Some(&intervals(&[(1, 4)])));
        assert_eq!(tombstones.of(1), Some(&intervals(&[(-80, 80)])));
        assert_eq!((tombstones.of(2), tombstones.len()), (None, 2));
        assert_eq!(Tombstones::parse(&tombstones.to_bytes()).unwrap().by_series, tombstones.by_series);
        for i in 0..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[i / 8] ^= 1 << (i % 8);
            assert!(Tombstones::parse(&flipped).is_err(), "bit {i}");
        }
        for len in 0..file.len() {
            assert!(Tombstones::parse(&file[..len]).is_err(), "{len} bytes");
        }
    }
}
