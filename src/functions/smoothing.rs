//! `double_exponential_smoothing`: the newest value of a series whose past counts less the longer ago it is.
//!
//! A smoothed value follows the samples, a trend follows the smoothed values:
//!
//! ```text
//! smoothed = sf * sample + (1 - sf) * (smoothed before + trend)
//! trend    = tf * (smoothed - smoothed before) + (1 - tf) * trend before
//! ```
//!
//! It begins with the first sample and with the difference of the first two as the trend. Each step waits for the
//! one before, so some windows are worked on side by side.

use std::ops::Range;

use multiversion::multiversion;

use super::lanes::{self, Lanes, SideBySide};
use super::record::FunctionError;
use super::window::{Scratch, WindowCall};
use crate::model::{ColumnMut, Notes};

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn double_exponential_smoothing(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let (smoothing, trend) = (call.args[0], call.args[1]);
    check_factors(call, smoothing, trend, out.steps())?;
    let values = call.floats.values;
    lanes::fold(
        &call.windows,
        2,
        out,
        |windows, steps| {
            let factor = |of: &[f64]| Lanes::each(|lane| of[steps[lane]]);
            together(values, windows, factor(smoothing), factor(trend))
        },
        |window, step| {
            let mut state = Smoothed::begin(&values[window.clone()]);
            values[window].iter().skip(1).for_each(|&value| state.add(value, smoothing[step], trend[step]));
            state.value
        },
    );
    call.note_ignored_histograms(notes);
    Ok(())
}

/// Both factors have to be between 0 and 1 wherever there is a sample.
fn check_factors(
    call: &WindowCall<'_>,
    smoothing: &[f64],
    trend: &[f64],
    steps: usize,
) -> Result<(), FunctionError> {
    for step in 0..steps {
        if call.windows.floats(step).is_empty() && call.windows.histograms(step).is_empty() {
            continue;
        }
        // NaN passes, as it does upstream.
        if smoothing[step] <= 0.0 || smoothing[step] >= 1.0 {
            return Err(FunctionError::InvalidSmoothingFactor(smoothing[step]));
        }
        if trend[step] <= 0.0 || trend[step] >= 1.0 {
            return Err(FunctionError::InvalidTrendFactor(trend[step]));
        }
    }
    Ok(())
}

/// How many windows are worked on together.
const LANES: usize = 8;

/// How far the smoothing of one window has come.
#[derive(Clone, Copy, Debug)]
struct Smoothed {
    value: f64,
    before: f64,
    trend: f64,
    started: bool,
}

impl Smoothed {
    fn begin(values: &[f64]) -> Self {
        Smoothed { value: values[0], before: 0.0, trend: values[1] - values[0], started: false }
    }

    #[inline(always)]
    fn add(&mut self, sample: f64, smoothing: f64, trend: f64) {
        if self.started {
            self.trend = trend * (self.value - self.before) + (1.0 - trend) * self.trend;
        }
        self.started = true;
        let next = smoothing * sample + (1.0 - smoothing) * (self.value + self.trend);
        (self.before, self.value) = (self.value, next);
    }
}

#[inline(always)]
fn together(
    values: &[f64],
    windows: &[Range<usize>; LANES],
    sf: Lanes<LANES>,
    tf: Lanes<LANES>,
) -> Lanes<LANES> {
    let samples = SideBySide::of(values, windows);
    let rest = |factors: Lanes<LANES>| Lanes::all(1.0) - factors;
    let (rest_of_sf, rest_of_tf) = (rest(sf), rest(tf));
    // Every window has two samples.
    let (first, second) = (Lanes(samples.row(0)), Lanes(samples.row(1)));
    let mut before = first;
    let mut trend = second - first;
    let mut value = sf * second + rest_of_sf * (first + trend);
    for i in 2..samples.common {
        trend = tf * (value - before) + rest_of_tf * trend;
        before = value;
        value = sf * Lanes(samples.row(i)) + rest_of_sf * (value + trend);
    }
    for lane in 0..LANES {
        let mut state =
            Smoothed { value: value.0[lane], before: before.0[lane], trend: trend.0[lane], started: true };
        for &sample in samples.tail(lane) {
            state.add(sample, sf.0[lane], tf.0[lane]);
        }
        value.0[lane] = state.value;
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};

    fn naive(window: &OneWindow<'_>) -> Option<f64> {
        if window.floats.len() < 2 {
            return None;
        }
        let (sf, tf) = (window.args[0], window.args[1]);
        let mut s = vec![0.0, window.floats[0].1];
        let mut b = window.floats[1].1 - window.floats[0].1;
        for (i, &(_, value)) in window.floats.iter().enumerate().skip(1) {
            if i > 1 {
                b = tf * (s[i] - s[i - 1]) + (1.0 - tf) * b;
            }
            s.push(sf * value + (1.0 - sf) * (s[i] + b));
        }
        s.last().copied()
    }

    proptest! {
        #[test]
        fn as_window_by_window(
            mut case in cases(),
            sf in proptest::collection::vec(0.001..0.999, 140),
            tf in proptest::collection::vec(0.001..0.999, 140),
        ) {
            case.args = vec![sf, tf];
            check(&case, double_exponential_smoothing, |window| naive(&window))?;
        }
    }

    #[test]
    fn a_straight_line_stays_one() {
        let floats: Vec<_> = (0..10).map(|i| (i * 1000, (i * 10) as f64)).collect();
        let mut case = Case::of(&floats, 0, 3_000, 4, 5_000);
        case.args = vec![vec![0.5; 4], vec![0.25; 4]];
        assert_eq!(case.floats_of(double_exponential_smoothing), [None, Some(30.0), Some(60.0), Some(90.0)]);
    }

    #[test]
    fn factors_are_between_zero_and_one() {
        let mut case = Case::of(&[(1_000, 1.0)], 0, 1_000, 3, 1_000);
        let run = |case: &Case| case.run(double_exponential_smoothing).map(|outcome| outcome.floats);
        // There is no sample at the first step and at the last.
        case.args = vec![vec![7.0, 0.5, 7.0], vec![7.0, 0.5, 7.0]];
        assert_eq!(run(&case), Ok(vec![None; 3]));
        case.args = vec![vec![1.0; 3], vec![0.5; 3]];
        let error = run(&case).expect_err("refused");
        assert_eq!(error.to_string(), "invalid smoothing factor. Expected: 0 < sf < 1, got: 1.000000");
        case.args = vec![vec![0.5; 3], vec![-0.25; 3]];
        let error = run(&case).expect_err("refused");
        assert_eq!(error.to_string(), "invalid trend factor. Expected: 0 < tf < 1, got: -0.250000");
    }
}
