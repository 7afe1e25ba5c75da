//! `changes` and `resets`: how often a series changed its value, or began anew, within a window.
//!
//! Whether a sample differs from the one before is asked once, and counted up over the series. A window's answer
//! is then the difference of two counts, however wide it is:
//!
//! ```text
//! value     5  5  8  8  2          changes of the window 1..5: 2 - 0
//! changes   0  0  1  1  2
//! ```
//!
//! NaN after NaN is no change. Floats and histograms of a series are taken together in order of time, and from
//! the one to the other is a change and a reset. With `anchored` the last sample at or before the window's start
//! is what the first one in it is compared with; without any in it there is no answer.

use std::ops::Range;

use multiversion::multiversion;

use super::record::FunctionError;
use super::resets::{is_reset, is_start_reset};
use super::window::{Edges, Scratch, WindowCall};
use crate::model::{ColumnMut, Notes};

pub(super) fn changes(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let (values, histograms) = (call.floats.values, call.histograms.values);
    let float = |i: usize| {
        let (before, value) = (values[i - 1], values[i]);
        value != before && !(value.is_nan() && before.is_nan())
    };
    let all = |range: Range<usize>| count_changes(&values[range.start - 1..range.end]);
    count(call, &mut scratch.indices, out, float, all, |i| !histograms[i].equals(&histograms[i - 1]));
    Ok(())
}

/// How many of `values` differ from the one before.
#[multiversion(targets("x86_64+avx2"))]
fn count_changes(values: &[f64]) -> u64 {
    // NaN differs from NaN and must not: where there is one, which is rare, the samples are looked at once more.
    const STRIDE: usize = 256;
    let mut changes = 0;
    for (before, values) in values.chunks(STRIDE).zip(values[1..].chunks(STRIDE)) {
        let (mut differ, mut nan) = (0, 0);
        for (before, value) in before.iter().zip(values) {
            differ += u64::from(value != before);
            nan |= u64::from(value.is_nan());
        }
        if nan != 0 {
            let both = before.iter().zip(values).filter(|(before, value)| before.is_nan() && value.is_nan());
            differ -= both.count() as u64;
        }
        changes += differ;
    }
    changes
}

pub(super) fn resets(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let (values, histograms) = (call.floats.values, call.histograms.values);
    let counts = &mut scratch.indices;
    let histogram = |i: usize| {
        call.use_start_timestamps && is_start_reset(&call.histograms, i)
            || histograms[i].detect_reset(&histograms[i - 1])
    };
    if call.use_start_timestamps && !call.floats.start_timestamps.is_empty() {
        let all = |range: Range<usize>| range.map(|i| u64::from(is_reset(&call.floats, i))).sum();
        count(call, counts, out, |i| is_reset(&call.floats, i), all, histogram);
    } else {
        let all = |range: Range<usize>| count_falls(&values[range.start - 1..range.end]);
        count(call, counts, out, |i| values[i] < values[i - 1], all, histogram);
    }
    Ok(())
}

/// How many of `values` are below the one before.
#[multiversion(targets("x86_64+avx2"))]
fn count_falls(values: &[f64]) -> u64 {
    let mut falls = 0;
    for (before, value) in values.iter().zip(&values[1..]) {
        falls += u64::from(value < before);
    }
    falls
}

/// Up to so many windows are each gone through in a plain loop, which counts in numbers as wide as the values.
const FEW_WINDOWS: usize = 2;

/// Counts in each window the samples that `float` or `histogram` says yes to. They are asked about the index of a
/// sample whose predecessor is of the same kind. `all_floats` counts those of a whole range.
#[inline(always)]
fn count(
    call: &WindowCall<'_>,
    counts: &mut Vec<u32>,
    out: &mut ColumnMut<'_>,
    float: impl Fn(usize) -> bool,
    all_floats: impl Fn(Range<usize>) -> u64,
    histogram: impl Fn(usize) -> bool,
) {
    let (floats, histograms) = (call.windows.all_floats(), call.windows.all_histograms());
    if out.steps() <= FEW_WINDOWS && histograms.is_empty() && call.edges == Edges::Plain {
        return out.fill(|step| {
            let Range { start, end } = call.windows.floats(step);
            (start < end).then(|| all_floats(start + 1..end) as f64)
        });
    }
    counts.clear();
    let mut total = 0;
    if histograms.is_empty() {
        counts.extend(floats.clone().map(|i| {
            total += u32::from(i > floats.start && float(i));
            total
        }));
    } else {
        let mut before = None;
        counts.extend(Interleaved::new(call).map(|sample| {
            total += u32::from(match (before, sample) {
                (None, _) => false,
                (Some(Kind::Float(_)), Kind::Float(i)) => float(i),
                (Some(Kind::Histogram(_)), Kind::Histogram(i)) => histogram(i),
                _ => true,
            });
            before = Some(sample);
            total
        }));
    }
    let mut anchor = Anchor { float: floats.start, histogram: histograms.start };
    out.fill(|step| {
        let (in_floats, in_histograms) = (call.windows.floats(step), call.windows.histograms(step));
        // As many samples of either kind are before a time as the series has before it, taken together.
        let position = |float: usize, histogram: usize| float - floats.start + histogram - histograms.start;
        let mut first = position(in_floats.start, in_histograms.start);
        let end = position(in_floats.end, in_histograms.end);
        if call.edges == Edges::Anchored {
            let inside = anchor.advance(call, step);
            if inside.0 >= in_floats.end && inside.1 >= in_histograms.end {
                return None;
            }
            first = first.max(position(inside.0, inside.1).saturating_sub(1));
        }
        (first < end).then(|| f64::from(counts[end - 1] - counts[first]))
    });
}

/// A sample of either kind, by its index.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Float(usize),
    Histogram(usize),
}

/// The samples of both kinds in order of time.
#[derive(Debug)]
struct Interleaved<'a> {
    call: &'a WindowCall<'a>,
    floats: Range<usize>,
    histograms: Range<usize>,
}

impl<'a> Interleaved<'a> {
    fn new(call: &'a WindowCall<'a>) -> Self {
        Interleaved { call, floats: call.windows.all_floats(), histograms: call.windows.all_histograms() }
    }
}

impl Iterator for Interleaved<'_> {
    type Item = Kind;

    fn next(&mut self) -> Option<Kind> {
        let float_first = match (self.floats.is_empty(), self.histograms.is_empty()) {
            (true, true) => return None,
            (false, false) => {
                self.call.floats.timestamps[self.floats.start]
                    < self.call.histograms.timestamps[self.histograms.start]
            }
            (no_floats, _) => !no_floats,
        };
        if float_first {
            self.floats.next().map(Kind::Float)
        } else {
            self.histograms.next().map(Kind::Histogram)
        }
    }
}

/// Finds the first samples inside of `anchored` windows, whose indices reach further left.
#[derive(Debug)]
struct Anchor {
    float: usize,
    histogram: usize,
}

impl Anchor {
    /// The first float and the first histogram after the start of the window of `step`, which is not before the
    /// step asked for last. One past the window's last where there is none.
    fn advance(&mut self, call: &WindowCall<'_>, step: usize) -> (usize, usize) {
        let start = call.windows.start(step);
        let skip = |from: usize, window: Range<usize>, times: &[i64]| {
            let mut at = from.max(window.start);
            while at < window.end && times[at] <= start {
                at += 1;
            }
            at
        };
        self.float = skip(self.float, call.windows.floats(step), call.floats.timestamps);
        self.histogram = skip(self.histogram, call.windows.histograms(step), call.histograms.timestamps);
        (self.float, self.histogram)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::functions::resets::starts_anew;
    use crate::functions::window_cases::{Case, OneWindow, cases, check, with_histograms};
    use crate::model::Histogram;

    #[derive(Clone)]
    enum Value {
        Float(f64),
        Histogram(Arc<Histogram>),
    }

    /// The samples of a window in order of time, from the anchor on: time, start, value.
    fn merged(case: &Case, window: &OneWindow<'_>) -> Option<Vec<(i64, i64, Value)>> {
        let floats = window.floats.iter().enumerate().map(|(i, &(time, value))| {
            (time, window.float_starts.get(i).copied().unwrap_or(0), Value::Float(value))
        });
        let histograms =
            window.histograms.iter().map(|(time, value)| (*time, 0, Value::Histogram(value.clone())));
        let mut all: Vec<_> = floats.chain(histograms).collect();
        all.sort_by_key(|sample| sample.0);
        if case.edges == Edges::Anchored {
            if all.last()?.0 <= window.start {
                return None;
            }
            let anchor = all.iter().rposition(|sample| sample.0 <= window.start).unwrap_or(0);
            all.drain(..anchor);
        }
        Some(all)
    }

    fn naive(
        case: &Case,
        window: &OneWindow<'_>,
        differs: impl Fn(&(i64, i64, Value), &(i64, i64, Value)) -> bool,
    ) -> Option<f64> {
        let samples = merged(case, window)?;
        Some(samples.windows(2).filter(|pair| differs(&pair[0], &pair[1])).count() as f64)
    }

    fn changed(before: &(i64, i64, Value), sample: &(i64, i64, Value)) -> bool {
        match (&before.2, &sample.2) {
            (Value::Float(a), Value::Float(b)) => a != b && !(a.is_nan() && b.is_nan()),
            (Value::Histogram(a), Value::Histogram(b)) => !b.equals(a),
            _ => true,
        }
    }

    fn began_anew(before: &(i64, i64, Value), sample: &(i64, i64, Value)) -> bool {
        match (&before.2, &sample.2) {
            (Value::Float(a), Value::Float(b)) => {
                b < a || starts_anew(before.1, before.0, sample.1, sample.0)
            }
            (Value::Histogram(a), Value::Histogram(b)) => b.detect_reset(a),
            _ => true,
        }
    }

    proptest! {
        #[test]
        fn as_window_by_window(
            mut case in with_histograms(cases()),
            anchored in any::<bool>(),
            lookback in 1i64..100_000,
            starts in any::<bool>(),
        ) {
            if anchored {
                (case.edges, case.lookback) = (Edges::Anchored, lookback);
            }
            if starts {
                case.use_start_timestamps = true;
                case.float_starts = case.floats.iter().map(|sample| sample.0 - sample.0 % 40_000).collect();
            }
            check(&case, changes, |window| naive(&case, &window, changed))?;
            check(&case, resets, |window| naive(&case, &window, began_anew))?;
        }
    }

    #[test]
    fn nan_after_nan_is_no_change() {
        let nan = f64::NAN;
        let floats = [(1_000, 5.0), (2_000, nan), (3_000, -nan), (4_000, 2.0), (5_000, 1.0), (6_000, 1.0)];
        let case = Case::of(&floats, 6_000, 1_000, 3, 6_000);
        assert_eq!(case.floats_of(changes), [3.0, 2.0, 2.0].map(Some));
        assert_eq!(case.floats_of(resets), [1.0, 1.0, 1.0].map(Some));
    }

    #[test]
    fn an_anchor_counts_only_for_what_is_inside() {
        let floats = [(1_000, 5.0), (2_000, 4.0), (12_000, 3.0)];
        let mut case = Case::of(&floats, 12_000, 10_000, 2, 10_000);
        (case.edges, case.lookback) = (Edges::Anchored, 30_000);
        assert_eq!(case.floats_of(changes), [Some(1.0), None]);
        case.lookback = 0;
        assert_eq!(case.floats_of(changes), [Some(0.0), None]);
    }
}
