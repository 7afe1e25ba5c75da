//! `avg_over_time`: the compensated sum by the count, as long as the sum is finite.
//!
//! Sum and compensation are divided apart: of 1e100, 1 and -1e100 the sum is 0 and the compensation 1, and the
//! mean 0/3 + 1/3. A sum that would become infinite goes on as a mean that each sample moves a little, so that
//! the mean of two numbers of the largest size is one (`funcAvgOverTime` in `promql/functions.go`).
//!
//! Where a series has totals ([`exact`](crate::functions::exact)), they tell what the sum has lost, so that the
//! sum alone has to be found in order; and where no sum rounds, not even that.

use std::ops::Range;

use multiversion::multiversion;

use super::histograms;
use crate::functions::exact::ExactSums;
use crate::functions::lanes::{self, Lanes, SideBySide, Sums};
use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::kahan::kahan_add;
use crate::model::{ColumnMut, Notes};

#[multiversion(targets("x86_64+avx2"))]
pub(in crate::functions) fn avg(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let all = call.windows.all_floats();
    let values = &call.floats.values[all.clone()];
    let (in_windows, longest) = call.windows.float_counts();
    let within = |window: &Range<usize>| window.start - all.start..window.end - all.start;
    match ExactSums::new(values, in_windows, longest, &mut scratch.totals) {
        Some(totals) if totals.never_round(longest) => out.fill(|step| {
            let window = call.windows.floats(step);
            (!window.is_empty()).then(|| totals.sum(within(&window)) / window.len() as f64)
        }),
        Some(totals) => lanes::fold::<8>(
            &call.windows,
            1,
            out,
            |windows, _| {
                let Lanes(sums) = plain_sums(call.floats.values, windows);
                Lanes::each(|lane| {
                    let (count, lost) =
                        (windows[lane].len() as f64, totals.lost(within(&windows[lane]), sums[lane]));
                    sums[lane] / count + lost / count
                })
            },
            |window, _| alone(&call.floats.values[window]),
        ),
        None => lanes::fold::<8>(
            &call.windows,
            1,
            out,
            |windows, _| {
                let Sums { sum, lost } = Sums::of(call.floats.values, windows);
                let counts = Lanes::each(|lane| windows[lane].len() as f64);
                sum / counts + lost / counts
            },
            |window, _| alone(&call.floats.values[window]),
        ),
    }
    histograms::instead_of_floats(call, out, notes, true);
    Ok(())
}

/// The sums of windows, each addition rounded.
#[inline(always)]
fn plain_sums<const L: usize>(values: &[f64], windows: &[Range<usize>; L]) -> Lanes<L> {
    let samples = SideBySide::of(values, windows);
    let mut sums = Lanes::all(0.0);
    for i in 0..samples.common {
        sums = sums + Lanes(samples.row(i));
    }
    for lane in 0..L {
        for value in samples.tail(lane) {
            sums.0[lane] += value;
        }
    }
    sums
}

/// Step by step.
fn alone(values: &[f64]) -> f64 {
    let (mut sum, mut lost) = (values[0], 0.0);
    for (i, &value) in values.iter().enumerate().skip(1) {
        let (next, next_lost) = kahan_add(value, sum, lost);
        if next.is_infinite() {
            return moving(values, i, sum / i as f64, lost / i as f64);
        }
        (sum, lost) = (next, next_lost);
    }
    let count = values.len() as f64;
    sum / count + lost / count
}

/// Goes on from the `mean` of the first `known` values, which has lost `lost`.
fn moving(values: &[f64], known: usize, mut mean: f64, mut lost: f64) -> f64 {
    for (i, &value) in values.iter().enumerate().skip(known) {
        let count = (i + 1) as f64;
        let kept = (count - 1.0) / count;
        (mean, lost) = kahan_add(value / count, kept * mean, kept * lost);
    }
    mean + lost
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};

    fn naive(window: &OneWindow<'_>) -> Option<f64> {
        let (mut sum, mut lost) = (window.floats.first()?.1, 0.0);
        let (mut mean, mut incremental, mut count) = (0.0, false, 1.0);
        for &(_, value) in &window.floats[1..] {
            count += 1.0;
            if !incremental {
                let (next, next_lost) = kahan_add(value, sum, lost);
                if !next.is_infinite() {
                    (sum, lost) = (next, next_lost);
                    continue;
                }
                incremental = true;
                mean = sum / (count - 1.0);
                lost /= count - 1.0;
            }
            let kept = (count - 1.0) / count;
            (mean, lost) = kahan_add(value / count, kept * mean, kept * lost);
        }
        Some(if incremental { mean + lost } else { sum / count + lost / count })
    }

    proptest! {
        #[test]
        fn as_window_by_window(case in cases()) {
            check(&case, avg, |window| naive(&window))?;
        }
    }

    #[test]
    fn means() {
        let max = f64::MAX;
        let floats = [(1_000, 1e100), (2_000, 1.0), (3_000, -1e100), (5_000, max), (6_000, max)];
        let case = Case::of(&floats, 3_000, 3_000, 2, 3_000);
        assert_eq!(case.floats_of(avg), [1.0 / 3.0, max].map(Some));
        for unit in [1.0, 0.01] {
            let floats: Vec<_> = (0..500).map(|i| (i * 1000, (i * i % 1013) as f64 * unit)).collect();
            check(&Case::of(&floats, 0, 5_000, 100, 130_000), avg, |window| naive(&window)).expect("equal");
        }
    }
}
