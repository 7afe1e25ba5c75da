//! `anchored` and `smoothed`: `rate`, `increase` and `delta` from one end of a window to the other, with nothing
//! extrapolated.
//!
//! ```text
//! increase over (10 s, 30 s]       time      5    15   25   35
//!                                  value     1    2    5    9
//!
//! anchored: the last value at or before either end        5 - 1 = 4
//! smoothed: the values in between, on straight lines      at 10 s 1.5, at 30 s 7:  7 - 1.5 = 5.5
//! ```
//!
//! Samples are looked for one lookback further out, to the left and, if smoothed, to the right; where there are
//! none, the nearest one inside stands in. A counter falls nowhere: each value before a fall is added, and a line
//! across a reset starts from zero. A window with nothing after its start has no answer (`extendedRate` in
//! `promql/functions.go`).

use std::ops::Range;

use super::extended_histogram;
use super::rate::Kind;
use super::resets::{ResetCursor, find_resets};
use super::window::{Edges, Scratch, WindowCall, seconds};
use crate::model::{Annotation, ColumnMut, Notes, Place, Timestamp};

/// Fills the column of one series from its `anchored` or `smoothed` windows.
pub(super) fn fill(
    kind: Kind,
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) {
    let (times, values) = (call.floats.timestamps, call.floats.values);
    let all = call.windows.all_floats();
    scratch.indices.clear();
    if kind.is_counter() {
        find_resets(&call.floats, all.clone(), false, &mut scratch.indices);
    }
    let mut resets = ResetCursor::new(&scratch.indices);
    let mut cursor = Cursor::new(all.start);
    let range_seconds = seconds(call.windows.range);
    let smoothed = call.edges == Edges::Smoothed;
    out.fill(|step| {
        let window = call.windows.floats(step);
        if window.is_empty() || !call.windows.histograms(step).is_empty() {
            return None;
        }
        let ends = Ends { start: call.windows.start(step), end: call.windows.ends.at(step), smoothed };
        let (first, last) = cursor.advance(times, &window, ends)?;
        let left = ends.left(times, values, first, kind.is_counter());
        let right = ends.right(times, values, first, last, kind.is_counter());
        let mut change = right - left;
        if kind.is_counter() {
            let inside = ends.inside(times, first, last);
            let resets = resets.window(inside.start, inside.end);
            change += lost_to_resets(left, right, values, inside, resets);
        }
        Some(if kind == Kind::Rate { change / range_seconds } else { change })
    });
    if call.windows.steps_with_histograms() > 0 {
        if call.mixes() {
            let metric = call.labels.metric_name().to_owned();
            notes.add(Annotation::MixedFloatsHistograms { metric }, Place::Arg(0));
        }
        extended_histogram::fill(kind, call, out, notes);
    }
}

/// What the counter had reached before each of its resets, from `left` over the samples `inside` to `right`.
fn lost_to_resets(left: f64, right: f64, values: &[f64], inside: Range<usize>, resets: &[u32]) -> f64 {
    let mut lost = 0.0;
    let mut before = left;
    if !inside.is_empty() {
        if values[inside.start] < left {
            lost += left;
        }
        for &reset in resets {
            lost += values[reset as usize - 1];
        }
        before = values[inside.end - 1];
    }
    if right < before { lost + before } else { lost }
}

/// The two ends of a window, and what is to be known at them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) smoothed: bool,
}

impl Ends {
    /// The samples that determine the values at the two ends, given the first of the samples of `window` after
    /// the start and the first at the end or after it, one past the last if there is none. `None` if there is no
    /// answer.
    #[inline(always)]
    pub(super) fn samples(
        self,
        times: &[Timestamp],
        window: &Range<usize>,
        after_start: usize,
        at_end: usize,
    ) -> Option<(usize, usize)> {
        let newest = window.end - 1;
        let first = after_start.min(newest).max(window.start + 1) - 1;
        let last = if self.smoothed { at_end.min(newest) } else { newest };
        let outside = times[last] <= self.start || self.smoothed && times[first] > self.end;
        (!outside).then_some((first, last))
    }

    /// The samples strictly between the two ends.
    #[inline(always)]
    pub(super) fn inside(self, times: &[Timestamp], first: usize, last: usize) -> Range<usize> {
        let start = if times[first] <= self.start { first + 1 } else { first };
        let end = if times[last] >= self.end { last } else { last + 1 };
        start..end.max(start)
    }

    /// The value at the start of the window.
    #[inline(always)]
    fn left(self, times: &[Timestamp], values: &[f64], first: usize, counter: bool) -> f64 {
        if self.smoothed && times[first] < self.start {
            return interpolate(times, values, first, self.start, counter);
        }
        values[first]
    }

    /// The value at the end of a window whose first sample is `first` or one before it.
    #[inline(always)]
    fn right(self, times: &[Timestamp], values: &[f64], first: usize, last: usize, counter: bool) -> f64 {
        if self.smoothed && last > first && times[last] > self.end {
            return interpolate(times, values, last - 1, self.end, counter);
        }
        values[last]
    }
}

/// Finds the samples at the ends of one window after the other.
#[derive(Debug)]
struct Cursor {
    after_start: usize,
    at_end: usize,
}

impl Cursor {
    fn new(first: usize) -> Self {
        Cursor { after_start: first, at_end: first }
    }

    /// Those of a window with samples that is not before the one asked for last.
    #[inline(always)]
    fn advance(&mut self, times: &[Timestamp], window: &Range<usize>, ends: Ends) -> Option<(usize, usize)> {
        let skip = |from: usize, before: &dyn Fn(Timestamp) -> bool| {
            let mut at = from.max(window.start);
            while at < window.end && before(times[at]) {
                at += 1;
            }
            at
        };
        self.after_start = skip(self.after_start, &|time| time <= ends.start);
        if ends.smoothed {
            self.at_end = skip(self.at_end, &|time| time < ends.end);
        }
        ends.samples(times, window, self.after_start, self.at_end)
    }
}

/// The value at `time` on the straight line from sample `i` to the next.
#[inline(always)]
fn interpolate(times: &[Timestamp], values: &[f64], i: usize, time: Timestamp, counter: bool) -> f64 {
    let (before, after) = (values[i], values[i + 1]);
    let before = if counter && after < before { 0.0 } else { before };
    before + (after - before) * (time - times[i]) as f64 / (times[i + 1] - times[i]) as f64
}

/// The samples of a raw `m[5m] anchored` or `m[5m] smoothed`: one at each end of the window and those in between.
///
/// `timestamps` and `values` are the samples in reach, `end` is where the window of `range` ms ends. What is
/// interpolated is taken for a gauge (`extendFloats` in `promql/engine.go`).
pub(crate) fn extended_samples(
    timestamps: &[Timestamp],
    values: &[f64],
    end: Timestamp,
    range: i64,
    edges: Edges,
) -> (Vec<Timestamp>, Vec<f64>) {
    let ends = Ends { start: end.wrapping_sub(range), end, smoothed: edges == Edges::Smoothed };
    let after_start = timestamps.partition_point(|time| *time <= ends.start);
    let at_end = timestamps.partition_point(|time| *time < end);
    let newest = match timestamps.len() {
        0 => return (Vec::new(), Vec::new()),
        count => count - 1,
    };
    // Unlike a function, this takes a sample after the end of the window for its values.
    let first = after_start.min(newest).max(1) - 1;
    let last = if ends.smoothed { at_end.min(newest) } else { newest };
    if timestamps[last] <= ends.start {
        return (Vec::new(), Vec::new());
    }
    let left = ends.left(timestamps, values, first, false);
    let right = ends.right(timestamps, values, first, last, false);
    let inside = ends.inside(timestamps, first, last);
    let times = [&[ends.start], &timestamps[inside.clone()], &[end]].concat();
    (times, [&[left], &values[inside], &[right]].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::rate::{delta, increase, rate};
    use crate::functions::record::WindowBody;
    use crate::functions::window_cases::{Case, OneWindow, cases, check, histogram};

    /// Upstream's way: one window, looked through from its ends.
    fn naive(kind: Kind, smoothed: bool, window: &OneWindow<'_>) -> Option<f64> {
        let samples = window.floats;
        let between = |a: (i64, f64), b: (i64, f64), time: i64| {
            let from = if kind.is_counter() && b.1 < a.1 { 0.0 } else { a.1 };
            from + (b.1 - from) * (time - a.0) as f64 / (b.0 - a.0) as f64
        };
        let mut last = samples.len().checked_sub(1)?;
        let mut first = samples[..last]
            .iter()
            .position(|sample| sample.0 > window.start)
            .unwrap_or(last)
            .saturating_sub(1);
        if smoothed {
            last = samples[..last].iter().position(|sample| sample.0 >= window.end).unwrap_or(last);
        }
        if samples[last].0 <= window.start || smoothed && samples[first].0 > window.end {
            return None;
        }
        let left = if smoothed && samples[first].0 < window.start {
            between(samples[first], samples[first + 1], window.start)
        } else {
            samples[first].1
        };
        let right = if smoothed && last > 0 && samples[last].0 > window.end {
            between(samples[last - 1], samples[last], window.end)
        } else {
            samples[last].1
        };
        let mut change = right - left;
        if kind.is_counter() {
            first += usize::from(samples[first].0 <= window.start);
            let end = if samples[last].0 >= window.end { last } else { last + 1 };
            let (mut lost, mut before) = (0.0, left);
            for &(_, value) in &samples[first..end] {
                if value < before {
                    lost += before;
                }
                before = value;
            }
            if right < before {
                lost += before;
            }
            change += lost;
        }
        Some(if kind == Kind::Rate { change / seconds(window.end - window.start) } else { change })
    }

    const ALL: [(Kind, WindowBody); 3] =
        [(Kind::Rate, rate), (Kind::Increase, increase), (Kind::Delta, delta)];

    proptest! {
        #[test]
        fn as_window_by_window(mut case in cases(), smoothed in any::<bool>(), lookback in 1i64..200_000) {
            case.lookback = lookback;
            case.edges = if smoothed { Edges::Smoothed } else { Edges::Anchored };
            for (kind, body) in ALL {
                check(&case, body, |window| naive(kind, smoothed, &window))?;
            }
        }
    }

    fn example(edges: Edges) -> Case {
        let floats = [(5_000, 1.0), (15_000, 2.0), (25_000, 5.0), (35_000, 9.0)];
        let mut case = Case::of(&floats, 30_000, 0, 1, 20_000);
        (case.edges, case.lookback) = (edges, 60_000);
        case
    }

    #[test]
    fn the_worked_example() {
        assert_eq!(example(Edges::Anchored).floats_of(increase), [Some(4.0)]);
        assert_eq!(example(Edges::Smoothed).floats_of(increase), [Some(5.5)]);
        assert_eq!(example(Edges::Smoothed).floats_of(rate), [Some(5.5 / 20.0)]);
    }

    #[test]
    fn a_line_across_a_reset_starts_from_zero() {
        let mut case = example(Edges::Smoothed);
        case.floats = vec![(5_000, 8.0), (15_000, 2.0), (25_000, 5.0), (35_000, 1.0)];
        // 1 at 10 s, up to 5, and half of 1 at 30 s.
        assert_eq!(case.floats_of(increase), [Some(4.0 + 0.5)]);
        assert_eq!(case.floats_of(delta), [Some(3.0 - 5.0)]);
    }

    #[test]
    fn samples_at_the_ends() {
        let case = example(Edges::Plain);
        let (times, values): (Vec<_>, Vec<_>) = case.floats.iter().copied().unzip();
        let extended =
            |count: usize, edges| extended_samples(&times[..count], &values[..count], 30_000, 20_000, edges);
        let inner = [10_000, 15_000, 25_000, 30_000];
        assert_eq!(extended(3, Edges::Anchored), (inner.to_vec(), vec![1.0, 2.0, 5.0, 5.0]));
        assert_eq!(extended(4, Edges::Smoothed), (inner.to_vec(), vec![1.5, 2.0, 5.0, 7.0]));
        assert_eq!(extended(1, Edges::Anchored), (vec![], vec![]));
        assert_eq!(extended(0, Edges::Smoothed), (vec![], vec![]));
        assert_eq!(
            extended_samples(&[30_000], &[7.0], 30_000, 20_000, Edges::Smoothed),
            (vec![10_000, 30_000], vec![7.0; 2])
        );
    }

    #[test]
    fn histograms_mirror_floats() {
        let mut case = example(Edges::Smoothed);
        case.floats = Vec::new();
        let texts = [
            "{{count:10 buckets:[10]}}",
            "{{count:20 buckets:[20]}}",
            "{{count:4 buckets:[4]}}",
            "{{count:8 buckets:[8]}}",
        ];
        case.histograms = (0..).map(|i| 5_000 + i * 10_000).zip(texts.map(histogram)).collect();
        let mut both = Vec::new();
        for (edges, counts) in [(Edges::Anchored, [14.0, -6.0]), (Edges::Smoothed, [11.0, -9.0])] {
            case.edges = edges;
            for (body, count) in [increase as WindowBody, delta].into_iter().zip(counts) {
                let outcome = case.run(body).expect("no error");
                let found = outcome.histograms[0].clone().expect("an answer");
                assert_eq!(
                    (found.count, found.positive.counts.as_slice()),
                    (count, &[count][..]),
                    "{edges:?}"
                );
                both.extend(outcome.notes);
            }
        }
        assert_eq!(both, vec!["PromQL warning: this native histogram metric is not a gauge: \"m\""; 2]);
    }
}
