//! `stdvar_over_time` and `stddev_over_time`: the population's variance and its square root.
//!
//! Welford's method: each sample moves the mean by its share of the distance to it, and adds the product of its
//! distances from the old and the new mean. Of 2, 4 and 6 the means are 2, 3 and 4, the products 0, 2*1 and 3*2,
//! the variance 8/3. Mean and sum of products are compensated (`varianceOverTime` in `promql/functions.go`).

use std::ops::Range;

use multiversion::multiversion;

use crate::functions::lanes::{self, Lanes, SideBySide, Sums};
use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::kahan::KahanSum;
use crate::model::{ColumnMut, Notes};

#[multiversion(targets("x86_64+avx2"))]
pub(in crate::functions) fn stdvar(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let values = call.floats.values;
    lanes::fold(
        &call.windows,
        1,
        out,
        |windows, _| together(values, windows),
        |window, _| alone(&values[window]),
    );
    call.note_ignored_histograms(notes);
    Ok(())
}

pub(in crate::functions) fn stddev(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    stdvar(call, scratch, out, notes)?;
    out.values.iter_mut().for_each(|value| *value = value.sqrt());
    Ok(())
}

/// How many windows are folded together. A step takes long from end to end: a division, and some ten additions.
const LANES: usize = 16;

#[inline(always)]
fn together(values: &[f64], windows: &[Range<usize>; LANES]) -> Lanes<LANES> {
    let samples = SideBySide::of(values, windows);
    let (mut mean, mut products) = (Sums::ZERO, Sums::ZERO);
    let mut count = 0.0;
    for i in 0..samples.common {
        count += 1.0;
        let sample = Lanes(samples.row(i));
        let before = sample - mean.totals();
        mean.add(before / Lanes::all(count));
        products.add(before * (sample - mean.totals()));
    }
    let mut variances = [0.0; LANES];
    for (lane, variance) in variances.iter_mut().enumerate() {
        let mut count = count;
        for &sample in samples.tail(lane) {
            count += 1.0;
            let before = sample - mean.total(lane);
            mean.add_to(lane, before / count);
            products.add_to(lane, before * (sample - mean.total(lane)));
        }
        *variance = products.total(lane) / count;
    }
    Lanes(variances)
}

/// Step by step.
fn alone(values: &[f64]) -> f64 {
    let (mut mean, mut products) = (KahanSum::default(), KahanSum::default());
    let mut count = 0.0;
    for &value in values {
        count += 1.0;
        let before = value - mean.total();
        mean.add(before / count);
        products.add(before * (value - mean.total()));
    }
    products.total() / count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};
    use crate::model::kahan::kahan_add;

    fn naive(window: &OneWindow<'_>) -> Option<f64> {
        let (mut mean, mut mean_lost, mut aux, mut aux_lost) = (0.0, 0.0, 0.0, 0.0);
        let mut count = 0.0;
        for &(_, value) in window.floats {
            count += 1.0;
            let delta = value - (mean + mean_lost);
            (mean, mean_lost) = kahan_add(delta / count, mean, mean_lost);
            (aux, aux_lost) = kahan_add(delta * (value - (mean + mean_lost)), aux, aux_lost);
        }
        (count > 0.0).then(|| (aux + aux_lost) / count)
    }

    proptest! {
        #[test]
        fn as_window_by_window(case in cases()) {
            check(&case, stdvar, |window| naive(&window))?;
            check(&case, stddev, |window| naive(&window).map(f64::sqrt))?;
        }
    }

    #[test]
    fn the_worked_example() {
        let floats = [(1_000, 2.0), (2_000, 4.0), (3_000, 6.0), (4_000, f64::INFINITY)];
        let case = Case::of(&floats, 1_000, 1_000, 4, 3_000);
        let variances = case.floats_of(stdvar);
        assert_eq!(variances[..3], [0.0, 1.0, 8.0 / 3.0].map(Some));
        assert!(variances[3].is_some_and(f64::is_nan));
        assert_eq!(case.floats_of(stddev)[1..3], [1.0, (8.0f64 / 3.0).sqrt()].map(Some));
    }
}
