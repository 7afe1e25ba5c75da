//! Several windows at once.
//!
//! A compensated sum is one long chain: each addition waits for the one before. The chains of different windows
//! have nothing to do with each other, so some windows, four for example, are folded side by side, each in its
//! own order, and the processor works on all of them at the same time:
//!
//! ```text
//! windows 0..5, 2..7, 4..8, 6..11     the first four samples of each together, and then
//!                                     4 of the first, 6 of the second, 10 of the last
//! ```
//!
//! The lost bits of an addition are found without asking which operand is larger ([`add`]). That gives the same
//! bits as [`kahan_add`](crate::model::kahan::kahan_add) as long as everything stays finite; a window whose
//! result is not finite is folded once more, alone and step by step.

use std::ops::{Add, Div, Mul, Range, Sub};

use super::window::Windows;
use crate::model::ColumnMut;

/// Gives each step of `out` whose window has at least `least` floats what the fold of that window is.
///
/// `together` folds the windows of `L` steps (the last of them may be there more than once); where that gives
/// something infinite or NaN, `alone` has the last word.
#[inline(always)]
pub(super) fn fold<const L: usize>(
    windows: &Windows<'_>,
    least: usize,
    out: &mut ColumnMut<'_>,
    together: impl Fn(&[Range<usize>; L], &[usize; L]) -> Lanes<L>,
    alone: impl Fn(Range<usize>, usize) -> f64,
) {
    let mut steps = [0; L];
    let mut ranges = [const { 0..0 }; L];
    let mut waiting = 0;
    for step in 0..=out.steps() {
        if step < out.steps() {
            let window = windows.floats(step);
            if window.len() < least {
                continue;
            }
            (steps[waiting], ranges[waiting]) = (step, window);
            waiting += 1;
            if waiting < L {
                continue;
            }
        }
        if waiting == 1 {
            out.set(steps[0], alone(ranges[0].clone(), steps[0]));
        } else if waiting > 1 {
            for lane in waiting..L {
                (steps[lane], ranges[lane]) = (steps[waiting - 1], ranges[waiting - 1].clone());
            }
            let Lanes(results) = together(&ranges, &steps);
            for lane in 0..waiting {
                let (step, result) = (steps[lane], results[lane]);
                let result = if result.is_finite() { result } else { alone(ranges[lane].clone(), step) };
                out.set(step, result);
            }
        }
        waiting = 0;
    }
}

/// A number for each window. Arithmetic does the same to all of them.
///
/// All loops over lanes are as plain as they can be: the adapters of arrays and iterators are not inlined in every
/// build, and then nothing is side by side any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes<const L: usize>(pub(super) [f64; L]);

impl<const L: usize> Lanes<L> {
    /// The same number for all.
    #[inline(always)]
    pub(super) fn all(value: f64) -> Self {
        Lanes([value; L])
    }

    /// What `value` is for each lane.
    #[inline(always)]
    pub(super) fn each(value: impl Fn(usize) -> f64) -> Self {
        let mut all = [0.0; L];
        for (lane, place) in all.iter_mut().enumerate() {
            *place = value(lane);
        }
        Lanes(all)
    }
}

macro_rules! lane_by_lane {
    ($($operation:ident $function:ident $operator:tt)*) => {$(
        impl<const L: usize> $operation for Lanes<L> {
            type Output = Self;

            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                Lanes::each(|lane| self.0[lane] $operator other.0[lane])
            }
        }
    )*};
}

lane_by_lane!(Add add + Sub sub - Mul mul * Div div /);

/// The samples of each window: as many of the first ones as every window has, side by side, and the rest of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct SideBySide<'a, T, const L: usize> {
    heads: [&'a [T]; L],
    tails: [&'a [T]; L],
    /// How many samples every window has.
    pub(super) common: usize,
}

impl<'a, T: Copy, const L: usize> SideBySide<'a, T, L> {
    #[inline(always)]
    pub(super) fn of(samples: &'a [T], windows: &[Range<usize>; L]) -> Self {
        let mut common = usize::MAX;
        for window in windows {
            common = common.min(window.len());
        }
        // Each head is cut by one and the same length, so that a loop over all of them checks its index once.
        let (mut heads, mut tails): ([&[T]; L], [&[T]; L]) = ([&[]; L], [&[]; L]);
        for lane in 0..L {
            let Range { start, end } = windows[lane];
            (heads[lane], tails[lane]) = (&samples[start..][..common], &samples[start + common..end]);
        }
        SideBySide { heads, tails, common }
    }

    /// Sample `i` of each window, which is one that all of them have.
    #[inline(always)]
    pub(super) fn row(&self, i: usize) -> [T; L] {
        let mut row = [self.heads[0][i]; L];
        for (lane, value) in row.iter_mut().enumerate() {
            *value = self.heads[lane][i];
        }
        row
    }

    /// The samples of one window that not all of them have.
    #[inline(always)]
    pub(super) fn tail(&self, lane: usize) -> &'a [T] {
        self.tails[lane]
    }
}

/// Compensated sums, one for each window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums<const L: usize> {
    pub(super) sum: Lanes<L>,
    pub(super) lost: Lanes<L>,
}

impl<const L: usize> Sums<L> {
    pub(super) const ZERO: Self = Sums { sum: Lanes([0.0; L]), lost: Lanes([0.0; L]) };

    /// Adds a number to each, as [`add`] does.
    #[inline(always)]
    pub(super) fn add(&mut self, values: Lanes<L>) {
        let total = self.sum + values;
        let of_values = total - self.sum;
        let of_sums = total - of_values;
        self.lost = self.lost + ((self.sum - of_sums) + (values - of_values));
        self.sum = total;
    }

    /// Adds a number to one.
    #[inline(always)]
    pub(super) fn add_to(&mut self, lane: usize, value: f64) {
        (self.sum.0[lane], self.lost.0[lane]) = add(value, self.sum.0[lane], self.lost.0[lane]);
    }

    /// The sums with what was lost given back.
    #[inline(always)]
    pub(super) fn totals(&self) -> Lanes<L> {
        self.sum + self.lost
    }

    /// One of them.
    #[inline(always)]
    pub(super) fn total(&self, lane: usize) -> f64 {
        self.sum.0[lane] + self.lost.0[lane]
    }

    /// The sum of all samples of each window.
    #[inline(always)]
    pub(super) fn of(values: &[f64], windows: &[Range<usize>; L]) -> Self {
        let samples = SideBySide::of(values, windows);
        let mut sums = Sums::ZERO;
        for i in 0..samples.common {
            sums.add(Lanes(samples.row(i)));
        }
        let mut all = sums;
        all.add_tails(&samples);
        all
    }

    /// Adds the samples that not all windows have.
    // A call of its own, which takes the sums from memory: only because they have to be put there, next to each other, does
    // the compiler keep them next to each other in the loop before.
    #[inline(never)]
    fn add_tails(&mut self, samples: &SideBySide<'_, f64, L>) {
        for lane in 0..L {
            for &value in samples.tail(lane) {
                self.add_to(lane, value);
            }
        }
    }
}

/// Adds `value` to `sum` and the exact error of that to `lost`, without a branch: whatever `sum + value` has too
/// much or too little of either operand. Meaningless once something is infinite.
#[inline(always)]
pub(super) fn add(value: f64, sum: f64, lost: f64) -> (f64, f64) {
    let total = sum + value;
    let of_value = total - sum;
    let of_sum = total - of_value;
    (total, lost + ((sum - of_sum) + (value - of_value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::same;
    use crate::model::kahan::kahan_add;

    fn any_size() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            -1.0..1.0,
            (-60i32..60).prop_map(|exponent| 1.5f64.powi(exponent)),
            Just(0.0),
            Just(-0.0),
            Just(5e-324),
        ]
    }

    proptest! {
        #[test]
        fn as_kahan_while_finite(values in proptest::collection::vec(any_size(), 0..40)) {
            let (mut plain, mut branchless) = ((0.0, 0.0), (0.0, 0.0));
            for value in values {
                plain = kahan_add(value, plain.0, plain.1);
                branchless = add(value, branchless.0, branchless.1);
                if branchless.0.is_finite() && branchless.1.is_finite() {
                    prop_assert_eq!(plain.0.to_bits(), branchless.0.to_bits());
                    prop_assert_eq!(plain.1.to_bits(), branchless.1.to_bits());
                } else {
                    break;
                }
            }
        }

        #[test]
        fn lanes_as_one_by_one(values in proptest::collection::vec(any_size(), 0..40), cuts in any::<[u8; 8]>()) {
            let windows = cuts.map(|cut| usize::from(cut >> 4).min(values.len()));
            let windows = windows.map(|start| start..values.len() - (values.len() - start) / 3);
            let sums = Sums::of(&values, &windows);
            for (lane, window) in windows.into_iter().enumerate() {
                let (sum, lost) =
                    values[window].iter().fold((0.0, 0.0), |(sum, lost), &value| add(value, sum, lost));
                prop_assert!(same(sum, sums.sum.0[lane]));
                prop_assert!(same(lost, sums.lost.0[lane]));
            }
        }
    }
}
