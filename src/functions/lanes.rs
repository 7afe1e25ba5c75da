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

use std::ops::Range;

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
    together: impl Fn([Range<usize>; L], [usize; L]) -> [f64; L],
    alone: impl Fn(Range<usize>, usize) -> f64,
) {
    let mut steps = [0; L];
    let mut waiting = 0;
    for step in 0..=out.steps() {
        if step < out.steps() {
            if windows.floats(step).len() < least {
                continue;
            }
            steps[waiting] = step;
            waiting += 1;
            if waiting < L {
                continue;
            }
        }
        if waiting == 1 {
            out.set(steps[0], alone(windows.floats(steps[0]), steps[0]));
        } else if waiting > 1 {
            let last = steps[waiting - 1];
            steps[waiting..].fill(last);
            let results = together(steps.map(|step| windows.floats(step)), steps);
            for (&step, result) in steps[..waiting].iter().zip(results) {
                let result = if result.is_finite() { result } else { alone(windows.floats(step), step) };
                out.set(step, result);
            }
        }
        waiting = 0;
    }
}

/// The samples of each window: as many of the first ones as every window has, side by side, and the rest of each.
#[inline(always)]
pub(super) fn split<'a, T: Copy, const L: usize>(
    samples: &'a [T],
    windows: &[Range<usize>; L],
) -> (SideBySide<'a, T, L>, [&'a [T]; L]) {
    let common = windows.iter().map(|window| window.len()).min().unwrap_or(0);
    // Each head is cut by one and the same length, so that a loop over all of them checks its index once.
    let heads = std::array::from_fn(|lane| &samples[windows[lane].start..][..common]);
    let tails = std::array::from_fn(|lane| &samples[windows[lane].start + common..windows[lane].end]);
    (SideBySide { heads, common }, tails)
}

/// What `value` is for each lane. Unlike that of `std::array::from_fn`, this loop is sure to be inlined and unrolled.
#[inline(always)]
pub(super) fn each<const L: usize>(mut value: impl FnMut(usize) -> f64) -> [f64; L] {
    let mut all = [0.0; L];
    for (lane, place) in all.iter_mut().enumerate() {
        *place = value(lane);
    }
    all
}

/// As many samples of each window.
#[derive(Clone, Copy, Debug)]
pub(super) struct SideBySide<'a, T, const L: usize> {
    heads: [&'a [T]; L],
    common: usize,
}

impl<'a, T: Copy, const L: usize> SideBySide<'a, T, L> {
    /// The first sample of each window, then the second of each, and so on.
    #[inline(always)]
    pub(super) fn rows(self) -> impl Iterator<Item = [T; L]> + 'a {
        (0..self.common).map(move |i| {
            let mut row = [self.heads[0][i]; L];
            for (lane, value) in row.iter_mut().enumerate() {
                *value = self.heads[lane][i];
            }
            row
        })
    }
}

/// Compensated sums, one for each window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums<const L: usize> {
    pub(super) sum: [f64; L],
    pub(super) lost: [f64; L],
}

impl<const L: usize> Sums<L> {
    pub(super) const ZERO: Self = Sums { sum: [0.0; L], lost: [0.0; L] };

    /// Adds a number to each.
    #[inline(always)]
    pub(super) fn add(&mut self, values: [f64; L]) {
        for ((sum, lost), value) in self.sum.iter_mut().zip(&mut self.lost).zip(values) {
            (*sum, *lost) = add(value, *sum, *lost);
        }
    }

    /// Adds a number to one.
    #[inline(always)]
    pub(super) fn add_to(&mut self, lane: usize, value: f64) {
        (self.sum[lane], self.lost[lane]) = add(value, self.sum[lane], self.lost[lane]);
    }

    /// The sum of all samples of each window.
    #[inline(always)]
    pub(super) fn of(values: &[f64], windows: &[Range<usize>; L]) -> Self {
        let (heads, tails) = split(values, windows);
        let mut sums = Sums::ZERO;
        heads.rows().for_each(|values| sums.add(values));
        for (lane, tail) in tails.iter().enumerate() {
            tail.iter().for_each(|&value| sums.add_to(lane, value));
        }
        sums
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
    }
}
