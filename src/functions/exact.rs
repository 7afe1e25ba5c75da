//! Sums of windows that cost the same however wide a window is.
//!
//! Running totals that add what enters a window and take away what leaves it go wrong in floats, since each step
//! rounds. Integers do not round. Every finite float is a whole multiple of some power of two; with the smallest
//! one that occurs in a series as the unit, its samples are integers, their running totals are exact, and the sum
//! of a window is the difference of two of them:
//!
//! ```text
//! samples    2.5   0.25  4     1.75        in quarters: 10 1 16 7
//! totals   0    10    11    27    34       samples 1..4: 34 - 10 = 24 quarters = 6
//! ```
//!
//! Is that, rounded to a float, what the compensated sum in order gives? It is, if the compensation never rounds
//! itself: then sum and compensation together are the exact sum all the time, and the last addition rounds it
//! once. The compensation is a multiple of the unit, so it does not round while it is below 2^53 units; and each
//! of n additions adds half a bit in the last place of the sum to it at most. A series whose numbers are so far
//! apart in size that this is not certain has no such totals.

use std::ops::Range;

use multiversion::multiversion;

/// Running totals of a series.
#[derive(Debug)]
pub(super) struct ExactSums<'a> {
    totals: Totals<'a>,
    /// The power of two that is the unit.
    exponent: i32,
    unit: f64,
    /// How many bits a sample has at most, in units.
    bits: i32,
}

#[derive(Debug)]
enum Totals<'a> {
    Narrow(&'a [i64]),
    Wide(&'a [i128]),
}

/// Memory for totals.
#[derive(Debug, Default)]
pub(super) struct TotalsScratch {
    narrow: Vec<i64>,
    wide: Vec<i128>,
}

impl<'a> ExactSums<'a> {
    /// The totals of `values` for windows that have `in_windows` of them together, those in several windows
    /// counted for each, and `longest` at most. `None` where the compensated sum may give other bits, or where
    /// folding each window is as fast.
    pub(super) fn new(
        values: &[f64],
        in_windows: usize,
        longest: usize,
        scratch: &'a mut TotalsScratch,
    ) -> Option<Self> {
        let extent = Extent::worth_it(values, in_windows)?;
        // Of a sum of so many samples the highest bit is `top` at most (one to spare, since the sum on the way is
        // rounded), its last place `top - 52`, half of that `top - 53`; so many of those stay below 2^53 units.
        let window = ceil_log2(longest);
        let top = extent.highest + window + 1;
        if top >= 1023 || top - 53 + window > extent.lowest + 53 {
            return None;
        }
        ExactSums::add_up(values, extent, scratch)
    }

    /// Whether no sum of `longest` samples rounds, on the way or at its end.
    pub(super) fn never_round(&self, longest: usize) -> bool {
        self.bits + ceil_log2(longest) <= 53
    }

    fn add_up(values: &[f64], extent: Extent, scratch: &'a mut TotalsScratch) -> Option<Self> {
        let (exponent, unit) = (extent.lowest, power_of_two(extent.lowest));
        let bits = extent.bits();
        let total_bits = bits + ceil_log2(values.len());
        if total_bits <= 62 && extent.lowest > -1023 {
            let scale = power_of_two(-extent.lowest);
            let narrow = &mut scratch.narrow;
            narrow.clear();
            narrow.push(0);
            let mut total = 0;
            narrow.extend(values.iter().map(|value| {
                total += (value * scale) as i64;
                total
            }));
            return Some(ExactSums { totals: Totals::Narrow(narrow), exponent, unit, bits });
        }
        if total_bits > 126 {
            return None;
        }
        let wide = &mut scratch.wide;
        wide.clear();
        wide.push(0);
        let mut total = 0;
        wide.extend(values.iter().map(|&value| {
            total += in_units(value, extent.lowest);
            total
        }));
        Some(ExactSums { totals: Totals::Wide(wide), exponent, unit, bits })
    }

    /// The sum of the values in `window`.
    #[inline]
    pub(super) fn sum(&self, window: Range<usize>) -> f64 {
        let units = match self.totals {
            Totals::Narrow(totals) => (totals[window.end] - totals[window.start]) as f64,
            Totals::Wide(totals) => to_float(totals[window.end] - totals[window.start]),
        };
        units * self.unit
    }

    /// By how much `sum` is below the sum of the values in `window`, which it is but for the rounding of each
    /// addition.
    pub(super) fn lost(&self, window: Range<usize>, sum: f64) -> f64 {
        let units = match self.totals {
            Totals::Narrow(totals) => {
                (totals[window.end] - totals[window.start] - in_units(sum, self.exponent) as i64) as f64
            }
            Totals::Wide(totals) => {
                to_float(totals[window.end] - totals[window.start] - in_units(sum, self.exponent))
            }
        };
        units * self.unit
    }
}

/// How often 2 to the power of `unit` is in `value`, a multiple of it.
#[inline]
fn in_units(value: f64, unit: i32) -> i128 {
    let parts = Parts::of(value);
    let shift = if value == 0.0 { 0 } else { parts.exponent - unit };
    let magnitude = i128::from(parts.odd) << shift;
    if value < 0.0 { -magnitude } else { magnitude }
}

/// Rounded to the nearest, as any conversion; that of a small number is one instruction.
#[inline]
fn to_float(units: i128) -> f64 {
    i64::try_from(units).map_or(units as f64, |units| units as f64)
}

/// Between which powers of two all bits of some numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    /// Of the lowest bit.
    lowest: i32,
    /// Of the highest bit.
    highest: i32,
}

impl Extent {
    /// How many bits there are at most.
    fn bits(self) -> i32 {
        self.highest + 1 - self.lowest
    }

    /// Of all `values`, if totals of them take less time than adding `in_windows` of them; `None` as well if one
    /// of them is not finite.
    fn worth_it(values: &[f64], in_windows: usize) -> Option<Extent> {
        // A total of whole numbers takes as long as two additions with compensation, any other one as eight.
        let reuse = in_windows / values.len().max(1);
        match reuse {
            0..2 => None,
            2..8 => Extent::of_whole(values),
            _ => Extent::of(values),
        }
    }

    /// Of all `values`; `None` if one of them is not finite.
    fn of(values: &[f64]) -> Option<Extent> {
        if let Some(extent) = Extent::of_whole(values) {
            return Some(extent);
        }
        let mut extent = Extent { lowest: i32::MAX, highest: i32::MIN };
        for &value in values {
            if !value.is_finite() {
                return None;
            }
            if value != 0.0 {
                let parts = Parts::of(value);
                extent.lowest = extent.lowest.min(parts.exponent);
                extent.highest = extent.highest.max(parts.exponent + parts.odd.ilog2() as i32);
            }
        }
        Some(if extent.lowest > extent.highest { Extent { lowest: 0, highest: 0 } } else { extent })
    }

    /// Of whole numbers below 2^52, seen at a glance.
    #[multiversion(targets("x86_64+avx2"))]
    fn of_whole(values: &[f64]) -> Option<Extent> {
        const LIMIT: f64 = (1u64 << 52) as f64;
        let (mut whole, mut largest) = (true, 0.0);
        for chunk in values.chunks(8) {
            for value in chunk {
                let magnitude = value.abs();
                whole &= (magnitude + LIMIT) - LIMIT == magnitude;
                largest = if magnitude > largest { magnitude } else { largest };
            }
            if !whole {
                return None;
            }
        }
        (largest < LIMIT).then(|| Extent { lowest: 0, highest: (largest as u64).max(1).ilog2() as i32 })
    }
}

/// A finite float: an odd integer times a power of two.
#[derive(Clone, Copy, Debug)]
struct Parts {
    odd: u64,
    exponent: i32,
}

impl Parts {
    #[inline]
    fn of(value: f64) -> Parts {
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        // The numbers next to zero have the exponent of those above them, and no leading bit.
        let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
        let exponent = exponent.max(1) - 1075;
        if mantissa == 0 {
            return Parts { odd: 0, exponent: 0 };
        }
        let zeros = mantissa.trailing_zeros();
        Parts { odd: mantissa >> zeros, exponent: exponent + zeros as i32 }
    }
}

fn ceil_log2(count: usize) -> i32 {
    count.max(1).next_power_of_two().ilog2() as i32
}

/// 2 to the power of `exponent`, which is between -1074 and 1023.
fn power_of_two(exponent: i32) -> f64 {
    match exponent {
        ..-1022 => f64::from_bits(1 << (exponent + 1074)),
        _ => f64::from_bits(((exponent + 1023) as u64) << 52),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::kahan::KahanSum;

    /// So much in windows that totals are worth it.
    const MANY: usize = 1_000_000;

    fn kahan(values: &[f64]) -> f64 {
        let mut sum = KahanSum::default();
        values.iter().for_each(|&value| sum.add(value));
        sum.total()
    }

    /// Numbers between two powers of two, with any bits.
    fn numbers(low: i32, high: i32) -> impl Strategy<Value = Vec<f64>> {
        let number = (any::<u64>(), low..high, any::<bool>()).prop_map(|(bits, exponent, negative)| {
            let magnitude = f64::from_bits(1023 << 52 | bits >> 12) * power_of_two(exponent);
            if negative { -magnitude } else { magnitude }
        });
        proptest::collection::vec(prop_oneof![10 => number, 1 => Just(0.0), 1 => Just(-0.0)], 1..200)
    }

    proptest! {
        #[test]
        fn as_the_compensated_sum(
            values in prop_oneof![
                numbers(-1, 1),
                numbers(-20, 3),
                numbers(40, 60),
                numbers(-1040, -1000),
                numbers(-9, 60),
            ],
            lo in 0usize..200,
            hi in 0usize..200,
        ) {
            let mut scratch = TotalsScratch::default();
            let window = lo.min(hi).min(values.len())..hi.max(lo).min(values.len());
            if let Some(sums) = ExactSums::new(&values, MANY, window.len(), &mut scratch) {
                let mut want = KahanSum::default();
                values[window.clone()].iter().for_each(|&value| want.add(value));
                prop_assert_eq!(sums.sum(window.clone()).to_bits(), want.total().to_bits());
                prop_assert_eq!(sums.lost(window, want.sum), want.compensation);
            }
        }
    }

    #[test]
    fn the_worked_example() {
        let mut scratch = TotalsScratch::default();
        let sums = ExactSums::new(&[2.5, 0.25, 4.0, 1.75], MANY, 4, &mut scratch).expect("near in size");
        assert_eq!((sums.unit, sums.sum(1..4), sums.sum(0..4), sums.sum(2..2)), (0.25, 6.0, 8.5, 0.0));
    }

    #[test]
    fn wide_totals() {
        let values: Vec<f64> = (0..5000).map(|i| f64::from(i * 7919 % 100_000) / 100.0).collect();
        let mut scratch = TotalsScratch::default();
        let sums = ExactSums::new(&values, MANY, 4000, &mut scratch).expect("near in size");
        assert!(matches!(sums.totals, Totals::Wide(_)));
        for (lo, hi) in [(0, 4000), (17, 18), (999, 4999), (3000, 3100)] {
            assert_eq!(sums.sum(lo..hi).to_bits(), kahan(&values[lo..hi]).to_bits());
        }
    }

    #[test]
    fn not_for_numbers_far_apart() {
        let mut scratch = TotalsScratch::default();
        for values in
            [&[1e100, 1.0][..], &[1.0, f64::NAN], &[f64::INFINITY], &[f64::MAX, f64::MAX], &[1e300, 5e-324]]
        {
            assert!(ExactSums::new(values, MANY, values.len(), &mut scratch).is_none(), "{values:?}");
        }
    }

    #[test]
    fn extents() {
        assert_eq!(Extent::of(&[3.0, -8.0, 0.0]), Some(Extent { lowest: 0, highest: 3 }));
        assert_eq!(Extent::of(&[0.75, 5.0]), Some(Extent { lowest: -2, highest: 2 }));
        assert_eq!(Extent::of(&[0.0, -0.0]), Some(Extent { lowest: 0, highest: 0 }));
        assert_eq!(Extent::of(&[5e-324]), Some(Extent { lowest: -1074, highest: -1074 }));
        assert_eq!(Extent::of(&[f64::MAX]), Some(Extent { lowest: 971, highest: 1023 }));
        assert_eq!(
            (power_of_two(-1074), power_of_two(-1022), power_of_two(0)),
            (5e-324, f64::MIN_POSITIVE, 1.0)
        );
    }
}
