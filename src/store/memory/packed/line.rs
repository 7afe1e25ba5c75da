//! Numbers near a straight line: where the line begins, how it rises, and how far each number lies above it.
//!
//! ```text
//! 1003 1051 1149      begins at 1001, rises by 49, above it 2 1 50: one byte each
//! ```
//!
//! Distances take 0, 1, 2 or 4 bytes each, the same for all numbers of a block. The bytes are little-endian.

use std::ops::Range;

/// A straight line, and how many bytes each distance from it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What the line gives for number 0.
    pub(super) base: i64,
    /// By how much it rises from number to number.
    pub(super) slope: i64,
    pub(super) width: Width,
}

/// How many bytes a distance takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// All numbers lie on the line.
    None,
    One,
    Two,
    Four,
}

/// Numbers up to this size are fitted. A line that stays within it is, with all that it rises by, exact in an `f64`.
const MAX_NUMBER: u64 = 1 << 52;

impl Width {
    pub(super) fn bytes(self) -> usize {
        match self {
            Width::None => 0,
            Width::One => 1,
            Width::Two => 2,
            Width::Four => 4,
        }
    }

    pub(super) fn of_bytes(bytes: u8) -> Option<Width> {
        [Width::None, Width::One, Width::Two, Width::Four]
            .into_iter()
            .find(|w| w.bytes() == usize::from(bytes))
    }

    /// The largest distance that can be written.
    pub(super) fn max(self) -> u32 {
        match self {
            Width::None => 0,
            Width::One => u8::MAX.into(),
            Width::Two => u16::MAX.into(),
            Width::Four => u32::MAX,
        }
    }

    /// The narrowest in which `distance` can be written.
    fn of(distance: u64) -> Option<Width> {
        [Width::None, Width::One, Width::Two, Width::Four].into_iter().find(|w| distance <= w.max().into())
    }
}

impl Line {
    /// A line for these numbers, if they lie near one. With `reserve`, no distance is the largest of its width.
    pub(super) fn fit(numbers: &[i64], reserve: bool) -> Option<Line> {
        let (&[first, ..], &[.., last]) = (numbers, numbers) else { return None };
        if numbers.iter().any(|number| number.unsigned_abs() > MAX_NUMBER) {
            return None;
        }
        let spaces = numbers.len().max(2) as i64 - 1;
        // The mean rise fits what drifts; the first one fits what mostly keeps a beat, and now and then misses it.
        let mean = (last - first + spaces / 2).div_euclid(spaces);
        let beat = numbers.get(1).map_or(0, |second| second - first);
        let lines = [mean, beat, 0].map(|slope| Line::rising_by(slope, numbers, reserve));
        lines.into_iter().flatten().min_by_key(|line| line.width.bytes())
    }

    fn rising_by(slope: i64, numbers: &[i64], reserve: bool) -> Option<Line> {
        let above = numbers.iter().zip(0..).map(|(number, i)| number - slope * i);
        let (lowest, highest) = above.fold((i64::MAX, i64::MIN), |(lowest, highest), distance| {
            (lowest.min(distance), highest.max(distance))
        });
        let end = lowest + slope * numbers.len() as i64;
        if lowest.max(end).unsigned_abs().max(lowest.min(end).unsigned_abs()) > MAX_NUMBER {
            return None;
        }
        let width = Width::of(highest.abs_diff(lowest) + u64::from(reserve))?;
        Some(Line { base: lowest, slope, width })
    }

    /// Appends how far the numbers lie above the line.
    pub(super) fn write(self, numbers: &[i64], bytes: &mut Vec<u8>) {
        for (number, i) in numbers.iter().zip(0..) {
            let above = number - self.base - self.slope * i;
            bytes.extend_from_slice(&above.to_le_bytes()[..self.width.bytes()]);
        }
    }

    /// Number `i` of those whose distances are `bytes`.
    pub(super) fn number(self, bytes: &[u8], i: usize) -> i64 {
        fn at<const N: usize>(bytes: &[u8], i: usize) -> [u8; N] {
            bytes.as_chunks().0[i]
        }
        let above = match self.width {
            Width::None => 0,
            Width::One => u8::from_le_bytes(at(bytes, i)).into(),
            Width::Two => u16::from_le_bytes(at(bytes, i)).into(),
            Width::Four => u32::from_le_bytes(at(bytes, i)).into(),
        };
        self.base + self.slope * i as i64 + above
    }

    /// Sets `numbers` to those in `part`.
    #[inline(always)]
    pub(super) fn read(self, bytes: &[u8], part: Range<usize>, numbers: &mut [i64]) {
        let Line { base, slope, width } = self;
        let first = base + slope * part.start as i64;
        let on_line = |i: usize| first + slope * i as i64;
        match width {
            Width::None => numbers.iter_mut().enumerate().for_each(|(i, number)| *number = on_line(i)),
            Width::One => each(bytes, part, numbers, |i, b| on_line(i) + i64::from(u8::from_le_bytes(b))),
            Width::Two => each(bytes, part, numbers, |i, b| on_line(i) + i64::from(u16::from_le_bytes(b))),
            Width::Four => each(bytes, part, numbers, |i, b| on_line(i) + i64::from(u32::from_le_bytes(b))),
        }
    }

    /// Sets `out` to what `make` makes of the numbers in `part` and of whether their distance is the largest of its
    /// width. All numbers, and all on the way to them, are floats without rounding.
    #[inline(always)]
    pub(super) fn read_floats(
        self,
        bytes: &[u8],
        part: Range<usize>,
        out: &mut [f64],
        make: impl Fn(f64, bool) -> f64,
    ) {
        let (base, slope) = ((self.base + self.slope * part.start as i64) as f64, self.slope as f64);
        // A place fits into 32 bits, which processors turn into floats several at once.
        let on_line = |i: usize| base + slope * f64::from(i as i32);
        match self.width {
            Width::None => out.iter_mut().enumerate().for_each(|(i, out)| *out = make(on_line(i), false)),
            Width::One => each(bytes, part, out, |i, b| {
                let distance = u8::from_le_bytes(b);
                make(on_line(i) + f64::from(distance), distance == u8::MAX)
            }),
            Width::Two => each(bytes, part, out, |i, b| {
                let distance = u16::from_le_bytes(b);
                make(on_line(i) + f64::from(distance), distance == u16::MAX)
            }),
            Width::Four => each(bytes, part, out, |i, b| {
                let distance = u32::from_le_bytes(b);
                make(on_line(i) + f64::from(distance), distance == u32::MAX)
            }),
        }
    }
}

/// Sets `numbers` to what `number` makes of each place in `part`, counted from its start, and of its N bytes.
#[inline(always)]
fn each<const N: usize, T>(
    bytes: &[u8],
    part: Range<usize>,
    numbers: &mut [T],
    number: impl Fn(usize, [u8; N]) -> T,
) {
    let (distances, _) = bytes.as_chunks::<N>();
    for (i, (out, distance)) in numbers.iter_mut().zip(&distances[part]).enumerate() {
        *out = number(i, *distance);
    }
}
