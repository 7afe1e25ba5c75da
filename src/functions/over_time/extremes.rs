//! `min_over_time`, `max_over_time`, and when it was: `ts_of_min_over_time`, `ts_of_max_over_time`.
//!
//! The smallest of any window is the smaller one of two overlapping runs whose length is a power of two. The
//! minima of all runs of 2 come from the samples, those of runs of 4 from the runs of 2, and so on, each in one
//! pass over a column without a branch; with windows of 20 samples it takes four passes, and then two looks for
//! each step:
//!
//! ```text
//! window 3..9 of   7 4 9 [5 8 2 6 3 9] 1     runs of 4 from 3 on: 2, and up to 9: 2
//! ```
//!
//! Runs of more than 16 are looked for among whole blocks of 16 only, so a long window takes hardly more passes than
//! one of 16 samples. What it has in front of its first block and behind its last one lies in two runs of 16.
//!
//! NaN is passed over, unless there is nothing else. Of 0 and -0, which are equal, the value is the first in the
//! window; the time of an extreme is that of the last one.

use std::ops::Range;

use multiversion::multiversion;

use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::{ColumnMut, Notes, Timestamp};

/// Samples in a block.
const BLOCK: usize = 16;
/// Windows with so many samples have at least one whole block.
const SHORT: usize = 2 * BLOCK;

type Outcome = Result<(), FunctionError>;

pub(in crate::functions) fn min(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    value::<false>(call, scratch, out, notes)
}

pub(in crate::functions) fn max(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    value::<true>(call, scratch, out, notes)
}

pub(in crate::functions) fn ts_of_min(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    time::<false>(call, scratch, out, notes)
}

pub(in crate::functions) fn ts_of_max(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    time::<true>(call, scratch, out, notes)
}

/// Whether `a` is more extreme than `b`; a NaN is not, and nothing is more extreme than a NaN.
#[inline(always)]
fn beats<const MAX: bool>(a: f64, b: f64) -> bool {
    if MAX { a > b } else { a < b }
}

/// What every number beats or equals.
#[inline(always)]
const fn worst<const MAX: bool>() -> f64 {
    if MAX { f64::NEG_INFINITY } else { f64::INFINITY }
}

#[multiversion(targets("x86_64+avx2"))]
fn value<const MAX: bool>(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    let values = call.floats.values;
    let all = call.windows.all_floats();
    let (mut short, mut long) = (Levels::new(), Levels::new());
    let mut in_windows = 0;
    for step in 0..out.steps() {
        let window = call.windows.floats(step);
        in_windows += window.len();
        if window.len() < SHORT {
            short.note(window.len(), step);
        } else {
            short.note(BLOCK, step);
            long.note(blocks_in(&window, all.start).len(), step);
        }
    }
    if in_windows <= all.len() * short.highest() {
        out.fill(|step| first_extreme::<MAX>(&values[call.windows.floats(step)]));
    } else {
        let runs = &mut scratch.floats;
        runs.clear();
        runs.extend_from_slice(&values[all.clone()]);
        let (nan, negative_zero) = replace_nan::<MAX>(runs);
        let mut set = |step: usize, window: Range<usize>, extreme: f64| {
            let unsure = nan && extreme == worst::<MAX>() || negative_zero && extreme == 0.0;
            out.values[step] = match unsure {
                true => first_extreme::<MAX>(&values[window]).unwrap_or(extreme),
                false => extreme,
            };
        };
        for level in 0..=short.highest() {
            if level > 0 {
                double::<MAX>(runs, 1 << (level - 1));
            }
            for step in short.steps(level) {
                let window = call.windows.floats(step);
                if window.is_empty() || window.len() >= SHORT || window.len().ilog2() as usize != level {
                    continue;
                }
                let (left, right) =
                    (runs[window.start - all.start], runs[window.end - all.start - (1 << level)]);
                set(step, window, more_extreme::<MAX>(left, right));
            }
        }
        // Runs are as long as a block from here on, if there is any long window.
        let blocks = &mut scratch.block;
        blocks.clear();
        blocks.extend(runs.iter().step_by(BLOCK));
        for level in 0..=long.highest() {
            if level > 0 {
                double::<MAX>(blocks, 1 << (level - 1));
            }
            for step in long.steps(level) {
                let window = call.windows.floats(step);
                let inside = blocks_in(&window, all.start);
                if window.len() < SHORT || inside.len().ilog2() as usize != level {
                    continue;
                }
                let ends =
                    more_extreme::<MAX>(runs[window.start - all.start], runs[window.end - all.start - BLOCK]);
                let (left, right) = (blocks[inside.start], blocks[inside.end - (1 << level)]);
                set(step, window, more_extreme::<MAX>(ends, more_extreme::<MAX>(left, right)));
            }
        }
        call.windows.mark_floats(out);
    }
    call.note_ignored_histograms(notes);
    Ok(())
}

/// Puts what every number beats in the place of each NaN. Tells whether there was one, and whether there is a -0.
#[inline(always)]
fn replace_nan<const MAX: bool>(values: &mut [f64]) -> (bool, bool) {
    // Whole words instead of truth values: the compiler makes wide comparisons of this.
    let (mut nans, mut negative_zeros) = (0, 0);
    for value in values {
        nans |= u64::from(value.is_nan());
        negative_zeros |= u64::from(value.to_bits() == (-0.0f64).to_bits());
        *value = if value.is_nan() { worst::<MAX>() } else { *value };
    }
    (nans != 0, negative_zeros != 0)
}

/// The blocks that lie in a window as a whole, counted from the sample `start` on.
fn blocks_in(window: &Range<usize>, start: usize) -> Range<usize> {
    (window.start - start).div_ceil(BLOCK)..(window.end - start) / BLOCK
}

#[inline(always)]
fn more_extreme<const MAX: bool>(a: f64, b: f64) -> f64 {
    if beats::<MAX>(b, a) { b } else { a }
}

/// Turns the extremes of runs of `length` into those of runs of twice that length.
#[inline(always)]
fn double<const MAX: bool>(runs: &mut [f64], length: usize) {
    // The values ahead are copied out first, so that the loop over them knows that it does not change them.
    const CHUNK: usize = 64;
    let count = runs.len().saturating_sub(length);
    let mut ahead = [0.0; CHUNK];
    for start in (0..count).step_by(CHUNK) {
        let end = (start + CHUNK).min(count);
        let ahead = &mut ahead[..end - start];
        ahead.copy_from_slice(&runs[start + length..end + length]);
        for (run, ahead) in runs[start..end].iter_mut().zip(ahead) {
            *run = if beats::<MAX>(*ahead, *run) { *ahead } else { *run };
        }
    }
}

/// Upstream's way: the first value, replaced by each that beats it, and by any while it is NaN.
fn first_extreme<const MAX: bool>(window: &[f64]) -> Option<f64> {
    let (&first, rest) = window.split_first()?;
    let replace =
        |best: f64, &value: &f64| if beats::<MAX>(value, best) || best.is_nan() { value } else { best };
    Some(rest.iter().fold(first, replace))
}

/// For each power of two, the steps whose windows are that long but not twice as long: which they lie between.
#[derive(Debug)]
struct Levels {
    steps: [Range<usize>; 33],
}

impl Levels {
    fn new() -> Self {
        Levels { steps: std::array::from_fn(|_| 0..0) }
    }

    fn note(&mut self, length: usize, step: usize) {
        if length > 0 {
            let steps = &mut self.steps[length.ilog2() as usize];
            if steps.end == 0 {
                steps.start = step;
            }
            steps.end = step + 1;
        }
    }

    fn highest(&self) -> usize {
        self.steps.iter().rposition(|steps| steps.start < steps.end).unwrap_or(0)
    }

    fn steps(&self, level: usize) -> Range<usize> {
        self.steps[level].clone()
    }
}

fn time<const MAX: bool>(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    let values = call.floats.values;
    // Indices of samples of which each beats all behind it: the first in the window is the last of its extremes.
    let candidates = &mut scratch.indices;
    candidates.clear();
    let (mut head, mut taken) = (0, call.windows.all_floats().start);
    out.fill(|step| {
        let window = call.windows.floats(step);
        if window.is_empty() {
            return None;
        }
        if window.start > taken {
            (head, taken) = (candidates.len(), window.start);
        }
        for (i, value) in values[..window.end].iter().enumerate().skip(taken) {
            if !value.is_nan() {
                while candidates.len() > head
                    && candidates.last().is_some_and(|&last| !beats::<MAX>(values[last as usize], *value))
                {
                    candidates.pop();
                }
                candidates.push(i as u32);
            }
        }
        taken = taken.max(window.end);
        while candidates.get(head).is_some_and(|&first| (first as usize) < window.start) {
            head += 1;
        }
        // Nothing but NaN: each replaced the one before.
        let at = candidates.get(head).map_or(window.end - 1, |&first| first as usize);
        Some(seconds(call.floats.timestamps[at]))
    });
    call.note_ignored_histograms(notes);
    Ok(())
}

fn seconds(timestamp: Timestamp) -> f64 {
    timestamp as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};

    /// Value and time of the extreme, looked for from first to last.
    fn naive(window: &OneWindow<'_>, replaces: impl Fn(f64, f64) -> bool) -> Option<(i64, f64)> {
        let mut best = *window.floats.first()?;
        for &(time, value) in window.floats {
            if replaces(value, best.1) || best.1.is_nan() {
                best = (time, value);
            }
        }
        Some(best)
    }

    proptest! {
        #[test]
        fn as_window_by_window(case in cases()) {
            check(&case, min, |window| naive(&window, |a, b| a < b).map(|best| best.1))?;
            check(&case, max, |window| naive(&window, |a, b| a > b).map(|best| best.1))?;
            check(&case, ts_of_min, |window| naive(&window, |a, b| a <= b).map(|best| best.0 as f64 / 1000.0))?;
            check(&case, ts_of_max, |window| naive(&window, |a, b| a >= b).map(|best| best.0 as f64 / 1000.0))?;
        }
    }

    #[test]
    fn nan_counts_only_alone() {
        let nan = f64::NAN;
        let floats = [(1_000, nan), (2_000, 3.0), (3_000, -0.0), (4_000, 0.0), (5_000, nan), (6_000, nan)];
        let case = Case::of(&floats, 1_000, 1_000, 6, 2_000);
        let bits =
            |values: Vec<Option<f64>>| values.into_iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
        let minima = bits(case.floats_of(min));
        assert_eq!(minima[1..5], bits(vec![Some(3.0), Some(-0.0), Some(-0.0), Some(0.0)]));
        assert!(case.floats_of(max)[0].is_some_and(f64::is_nan));
        assert!(case.floats_of(max)[5].is_some_and(f64::is_nan));
        assert_eq!(case.floats_of(ts_of_min), [1.0, 2.0, 3.0, 4.0, 4.0, 6.0].map(Some));
        assert_eq!(case.floats_of(ts_of_max), [1.0, 2.0, 2.0, 4.0, 4.0, 6.0].map(Some));
    }

    #[test]
    fn long_windows() {
        let floats: Vec<_> = (0..3000).map(|i| (i * 10, ((i * 7919) % 1009) as f64)).collect();
        for (step, range) in
            [(10, 10_240), (130, 12_345), (70, 330), (30, 500), (170, 315), (1, 200), (5_000, 4_000)]
        {
            let case = Case::of(&floats, 2_000, step, 200, range);
            check(&case, min, |window| naive(&window, |a, b| a < b).map(|best| best.1)).expect("equal");
            check(&case, max, |window| naive(&window, |a, b| a > b).map(|best| best.1)).expect("equal");
        }
    }
}
