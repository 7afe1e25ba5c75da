//! `deriv` and `predict_linear`: a straight line through the samples of a window.
//!
//! ```text
//! time    0    10    20 s          least squares: slope 0.2 per second, 1 at time 0
//! value   1     3     5            predict_linear(m[20s], 30) at 20 s: 5 + 0.2 * 30 = 11
//! ```
//!
//! The line is that of the least squares over time in seconds, counted from the first sample for `deriv` and from
//! the time of evaluation for `predict_linear`, so that numbers stay small; its four sums are compensated.
//! Samples that are all equal make a level line, without arithmetic (`linearRegression` in
//! `promql/functions.go`). Some windows are worked on side by side, each with its four sums.

use std::ops::Range;

use multiversion::multiversion;

use super::lanes::{self, Lanes, SideBySide, Sums};
use super::record::FunctionError;
use super::window::{Scratch, WindowCall};
use crate::model::kahan::KahanSum;
use crate::model::{ColumnMut, Notes, Timestamp};

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn deriv(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let times = call.floats.timestamps;
    lanes::fold(
        &call.windows,
        2,
        out,
        |windows, _| {
            let lines = together(call, windows, |lane| times[windows[lane].start]);
            Lanes::each(|lane| lines[lane].slope)
        },
        |window, _| alone(call, window.clone(), times[window.start]).slope,
    );
    call.note_ignored_histograms(notes);
    Ok(())
}

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn predict_linear(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let seconds_ahead = call.args[0];
    let evaluation = call.windows.evaluation;
    lanes::fold(
        &call.windows,
        2,
        out,
        |windows, steps| {
            let lines = together(call, windows, |lane| evaluation.at(steps[lane]));
            Lanes::each(|lane| lines[lane].at(seconds_ahead[steps[lane]]))
        },
        |window, step| alone(call, window, evaluation.at(step)).at(seconds_ahead[step]),
    );
    call.note_ignored_histograms(notes);
    Ok(())
}

/// A straight line, in seconds from its origin.
#[derive(Clone, Copy, Debug)]
struct Line {
    slope: f64,
    intercept: f64,
}

impl Line {
    /// The line of `count` samples with these sums.
    #[inline(always)]
    fn through(count: f64, x: f64, y: f64, xy: f64, xx: f64) -> Line {
        let covariance = xy - x * y / count;
        let variance = xx - x * x / count;
        let slope = covariance / variance;
        Line { slope, intercept: y / count - slope * x / count }
    }

    /// The line of samples that are all `value`.
    fn level(value: f64) -> Line {
        if value.is_infinite() {
            Line { slope: f64::NAN, intercept: f64::NAN }
        } else {
            Line { slope: 0.0, intercept: value }
        }
    }

    #[inline(always)]
    fn at(self, seconds: f64) -> f64 {
        self.slope * seconds + self.intercept
    }
}

#[inline(always)]
fn seconds_from(origin: Timestamp, time: Timestamp) -> f64 {
    time.wrapping_sub(origin) as f64 / 1e3
}

/// Step by step.
fn alone(call: &WindowCall<'_>, window: Range<usize>, origin: Timestamp) -> Line {
    let (times, values) = (&call.floats.timestamps[window.clone()], &call.floats.values[window]);
    let [mut x, mut y, mut xy, mut xx] = [KahanSum::default(); 4];
    let mut count = 0.0;
    let mut level = true;
    for (&time, &value) in times.iter().zip(values) {
        // The first sample is equal to itself even if it is NaN.
        level &= count == 0.0 || value == values[0];
        count += 1.0;
        let seconds = seconds_from(origin, time);
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
    }
    if level {
        return Line::level(values[0]);
    }
    Line::through(count, x.total(), y.total(), xy.total(), xx.total())
}

/// How many windows are worked on together.
const LANES: usize = 8;

/// The lines of some windows, each counting its time from its own origin.
#[inline(always)]
fn together(
    call: &WindowCall<'_>,
    windows: &[Range<usize>; LANES],
    origin: impl Fn(usize) -> Timestamp,
) -> [Line; LANES] {
    let times = SideBySide::of(call.floats.timestamps, windows);
    let values = SideBySide::of(call.floats.values, windows);
    let [mut x, mut y, mut xy, mut xx] = [Sums::ZERO; 4];
    let (mut origins, mut first, mut differs) = ([0; LANES], [0.0; LANES], [0u64; LANES]);
    for lane in 0..LANES {
        (origins[lane], first[lane]) = (origin(lane), call.floats.values[windows[lane].start]);
    }
    for i in 0..values.common {
        let (time, value) = (times.row(i), values.row(i));
        for lane in 0..LANES {
            differs[lane] |= u64::from(value[lane] != first[lane]);
        }
        let (seconds, value) = (Lanes::each(|lane| seconds_from(origins[lane], time[lane])), Lanes(value));
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
    }
    let mut lines = [Line::level(0.0); LANES];
    for lane in 0..LANES {
        for (&time, &value) in times.tail(lane).iter().zip(values.tail(lane)) {
            let seconds = seconds_from(origins[lane], time);
            differs[lane] |= u64::from(value != first[lane]);
            x.add_to(lane, seconds);
            y.add_to(lane, value);
            xy.add_to(lane, seconds * value);
            xx.add_to(lane, seconds * seconds);
        }
        let count = windows[lane].len() as f64;
        lines[lane] = match differs[lane] {
            0 => Line::level(first[lane]),
            _ => Line::through(count, x.total(lane), y.total(lane), xy.total(lane), xx.total(lane)),
        };
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};
    use crate::model::kahan::kahan_add;

    /// Slope and intercept.
    fn naive(window: &OneWindow<'_>, origin: i64) -> Option<(f64, f64)> {
        let samples = window.floats;
        if samples.len() < 2 {
            return None;
        }
        if samples[1..].iter().all(|sample| sample.1 == samples[0].1) {
            let value = samples[0].1;
            return Some(if value.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, value) });
        }
        let sum = |term: &dyn Fn(f64, f64) -> f64| {
            let (sum, lost) = samples.iter().fold((0.0, 0.0), |(sum, lost), &(time, value)| {
                kahan_add(term((time - origin) as f64 / 1e3, value), sum, lost)
            });
            sum + lost
        };
        let n = samples.len() as f64;
        let (x, y) = (sum(&|x, _| x), sum(&|_, y| y));
        let (xy, xx) = (sum(&|x, y| x * y), sum(&|x, _| x * x));
        let slope = (xy - x * y / n) / (xx - x * x / n);
        Some((slope, y / n - slope * x / n))
    }

    proptest! {
        #[test]
        fn as_window_by_window(mut case in cases(), ahead in proptest::collection::vec(-1e4..1e4, 140)) {
            check(&case, deriv, |window| naive(&window, window.floats.first()?.0).map(|line| line.0))?;
            case.args = vec![ahead];
            check(&case, predict_linear, |window| {
                naive(&window, window.end).map(|(slope, intercept)| slope * window.args[0] + intercept)
            })?;
        }
    }

    #[test]
    fn the_worked_example() {
        let floats = [(0, 1.0), (10_000, 3.0), (20_000, 5.0)];
        let mut case = Case::of(&floats, 20_000, 0, 1, 20_001);
        case.args = vec![vec![30.0]];
        assert_eq!(case.floats_of(deriv), [Some(0.2)]);
        assert_eq!(case.floats_of(predict_linear), [Some(11.0)]);
    }

    #[test]
    fn level_lines() {
        let line = |value: f64| Case::of(&[(0, value), (10_000, value)], 10_000, 0, 1, 20_000);
        let slope = |value| line(value).floats_of(deriv)[0];
        assert_eq!(slope(0.1), Some(0.0));
        assert!(slope(f64::INFINITY).is_some_and(f64::is_nan));
        assert!(slope(f64::NAN).is_some_and(f64::is_nan));
        assert_eq!(Case::of(&[(0, 1.0)], 0, 0, 1, 20_000).floats_of(deriv), [None]);
    }
}
