//! `sum_over_time`: compensated, in order.
//!
//! Windows of 1e100, 1 and -1e100 sum up to 1. A sum that became infinite is told as it is. Most series have
//! totals from which any window's sum can be read ([`exact`](crate::functions::exact)), and windows that overlap
//! little or hold numbers of very different sizes are folded four at a time.

use std::ops::Range;

use multiversion::multiversion;

use super::histograms;
use crate::functions::exact::ExactSums;
use crate::functions::lanes::{self, Sums};
use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::kahan::kahan_add;
use crate::model::{ColumnMut, Notes};

#[multiversion(targets("x86_64+avx2"))]
pub(in crate::functions) fn sum(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let all = call.windows.all_floats();
    let values = &call.floats.values[all.clone()];
    let (in_windows, longest) = call.windows.float_counts();
    match ExactSums::new(values, in_windows, longest, &mut scratch.totals) {
        Some(totals) => out.fill(|step| {
            let Range { start, end } = call.windows.floats(step);
            (start < end).then(|| totals.sum(start - all.start..end - all.start))
        }),
        None => lanes::fold::<8>(
            &call.windows,
            1,
            out,
            |windows, _| Sums::of(call.floats.values, windows).totals(),
            |window, _| alone(&call.floats.values[window]),
        ),
    }
    histograms::instead_of_floats(call, out, notes, false);
    Ok(())
}

/// Step by step.
fn alone(values: &[f64]) -> f64 {
    let (sum, lost) = values.iter().fold((0.0, 0.0), |(sum, lost), &value| kahan_add(value, sum, lost));
    if sum.is_infinite() { sum } else { sum + lost }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::functions::window_cases::{Case, OneWindow, cases, check};

    fn naive(window: &OneWindow<'_>) -> Option<f64> {
        if window.floats.is_empty() {
            return None;
        }
        let (mut sum, mut lost) = (0.0f64, 0.0f64);
        for &(_, value) in window.floats {
            let total = sum + value;
            if total.is_infinite() {
                lost = 0.0;
            } else if sum.abs() >= value.abs() {
                lost += (sum - total) + value;
            } else {
                lost += (value - total) + sum;
            }
            sum = total;
        }
        Some(if sum.is_infinite() { sum } else { sum + lost })
    }

    proptest! {
        #[test]
        fn as_window_by_window(case in cases()) {
            check(&case, super::sum, |window| naive(&window))?;
        }
    }

    #[test]
    fn what_was_lost_comes_back() {
        let floats = [(1_000, 1e100), (2_000, 1.0), (3_000, -1e100), (4_000, f64::INFINITY), (5_000, 1.0)];
        let case = Case::of(&floats, 3_000, 1_000, 5, 3_000);
        assert_eq!(
            case.floats_of(super::sum),
            [1.0, f64::INFINITY, f64::INFINITY, f64::INFINITY, 1.0].map(Some)
        );
    }

    #[test]
    fn long_windows_of_decimals() {
        let floats: Vec<_> = (0..2000).map(|i| (i * 1000, ((i * 7919) % 100_003) as f64 / 100.0)).collect();
        for range in [2_000, 77_000, 1_900_000] {
            check(&Case::of(&floats, 0, 5_000, 400, range), super::sum, |window| naive(&window))
                .expect("equal");
        }
    }
}
