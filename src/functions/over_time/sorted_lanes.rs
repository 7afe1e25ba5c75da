//! Short windows, sorted side by side.
//!
//! A sorting network compares and exchanges the same pairs of places whatever lies in them, so it sorts several
//! windows at once, a lane for each, and no comparison is guessed wrong:
//!
//! ```text
//! windows   2 9 4      a row for    2 5      rows 0 and 2, 0 and 1,    2 1
//!           5 1 6      each place   9 1      1 and 2 exchange what     4 5
//!                                   4 6      is not in order           9 6
//! ```
//!
//! The pairs are those of Batcher's merge exchange sort (Knuth, The Art of Computer Programming, 5.2.2, algorithm M).
//! Windows are filled up to the length of the longest one with infinity, which goes to their ends. Only finite numbers
//! without -0 are sorted like this: two of them that are equal are the same.

use std::ops::Range;

use crate::functions::lanes::Lanes;

/// Longer windows are kept sorted in less time than it takes to sort them.
pub(super) const SHORT: usize = 32;

/// How many windows are sorted together.
pub(super) const LANES: usize = 8;

/// Whether `values` are all finite and none of them is -0.
pub(super) fn can_be_sorted(values: &[f64]) -> bool {
    let odd = |value: &f64| u64::from(!value.is_finite()) | u64::from(value.to_bits() == 1 << 63);
    values.iter().fold(0, |any, value| any | odd(value)) == 0
}

/// The samples of some windows in order of size.
#[derive(Debug)]
pub(super) struct SortedLanes {
    rows: [Lanes<LANES>; SHORT],
    longest: usize,
}

impl SortedLanes {
    /// Sorts `windows` of `values`, which [can be sorted](can_be_sorted); none is longer than [`SHORT`].
    #[inline(always)]
    pub(super) fn of(values: &[f64], windows: &[Range<usize>; LANES]) -> Self {
        let mut rows = [Lanes::all(f64::INFINITY); SHORT];
        let mut longest = 0;
        for lane in 0..LANES {
            let samples = &values[windows[lane].clone()];
            longest = longest.max(samples.len());
            for (row, sample) in rows.iter_mut().zip(samples) {
                row.0[lane] = *sample;
            }
        }
        let mut sorted = SortedLanes { rows, longest };
        sorted.sort();
        sorted
    }

    /// The sample of a window that `rank` others come before.
    #[inline(always)]
    pub(super) fn at(&self, lane: usize, rank: usize) -> f64 {
        self.rows[rank].0[lane]
    }

    /// Puts their distances from the center of the window in place of the samples.
    #[inline(always)]
    pub(super) fn turn_into_distances(&mut self, centers: Lanes<LANES>) {
        for row in &mut self.rows[..self.longest] {
            let difference = *row - centers;
            *row = Lanes::each(|lane| difference.0[lane].abs());
        }
        self.sort();
    }

    #[inline(always)]
    fn sort(&mut self) {
        let count = self.longest;
        let top = count.next_power_of_two() / 2;
        let mut p = top;
        while p > 0 {
            let (mut q, mut r, mut distance) = (top, 0, p);
            loop {
                for i in 0..count - distance {
                    if i & p == r {
                        self.exchange(i, i + distance);
                    }
                }
                if q == p {
                    break;
                }
                (distance, q, r) = (q - p, q / 2, p);
            }
            p /= 2;
        }
    }

    /// Puts the smaller one of two samples of each window first.
    #[inline(always)]
    fn exchange(&mut self, first: usize, second: usize) {
        let (a, b) = (self.rows[first], self.rows[second]);
        self.rows[first] = Lanes::each(|lane| if b.0[lane] < a.0[lane] { b.0[lane] } else { a.0[lane] });
        self.rows[second] = Lanes::each(|lane| if b.0[lane] < a.0[lane] { a.0[lane] } else { b.0[lane] });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_lanes_are_sorted(
            values in proptest::collection::vec(prop_oneof![-1e9..1e9, -3.0..3.0, Just(0.0), Just(1.0)], 60),
            windows in any::<[(u8, u8); LANES]>(),
        ) {
            let windows = windows.map(|(start, length)| {
                let start = usize::from(start % 28);
                start..start + usize::from(length) % (SHORT + 1)
            });
            prop_assert!(can_be_sorted(&values));
            let sorted = SortedLanes::of(&values, &windows);
            for (lane, window) in windows.into_iter().enumerate() {
                let mut want = values[window].to_vec();
                want.sort_by(f64::total_cmp);
                for (rank, want) in want.iter().enumerate() {
                    prop_assert_eq!(sorted.at(lane, rank).to_bits(), want.to_bits());
                }
            }
        }
    }

    #[test]
    fn what_is_no_plain_number_is_not_sorted() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0] {
            assert!(!can_be_sorted(&[1.0, odd, 2.0]));
        }
        assert!(can_be_sorted(&[0.0, f64::MAX, -5e-324]));
    }
}
