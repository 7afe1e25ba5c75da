//! `rate`, `increase` and `delta`: how much a series changed over a window, as if it had been seen at the
//! window's very ends.
//!
//! ```text
//! increase(m[60s]) at 60 s
//!
//! time    0    10   20   30   40   50   60      first to last: 8 - 4, plus 9 for the reset, is 13 in 40 s
//! value   |    4    7    9    1    8    |       the samples are 10 s apart, and so is either end: within 11 s, so
//!         '-- extrapolated to both ends --'     the 40 s are taken as 60 s: 13 * 60/40 = 19.5
//! ```
//!
//! A counter does not fall: what is below the value before it has begun anew at zero, so the value before is
//! added. The span is extrapolated to an end of the window that is less than 1.1 times the mean distance of
//! samples away, else by half that distance, since the series seems to begin or end there; a counter not beyond
//! where it would have been zero. A counter whose first sample tells that it began within the window was zero
//! then, and nothing is extrapolated to the left (`extrapolatedRate` in `promql/functions.go`).
//!
//! Resets are found once for the series. Then each window is three differences of times and one of values, which
//! are gathered for a block of steps and turned into results in loops without branches. Where a window has
//! resets, their values are added in order: floats do not allow for running totals, unless all of them are whole
//! numbers. And where the windows are alike, as those over evenly spaced samples are, nothing is gathered: their first
//! and last values are two stretches of the series' column. The loops wait for divisions, of which AVX-512 does twice as
//! many as AVX2.

use std::ops::Range;

use multiversion::multiversion;

use super::extended;
use super::rate_histogram;
use super::record::FunctionError;
use super::resets::{ResetTotals, find_resets, overlaps};
use super::window::{Alike, Edges, Scratch, WindowCall, seconds};
use crate::model::column::set_range;
use crate::model::labels::METRIC_TYPE;
use crate::model::{Annotation, ColumnMut, Notes, Place};

type Outcome = Result<(), FunctionError>;

/// What distinguishes the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a counter, per second.
    Rate,
    /// Of a counter.
    Increase,
    /// Of a gauge.
    Delta,
}

impl Kind {
    /// Whether a fall is a reset.
    pub(super) fn is_counter(self) -> bool {
        self != Kind::Delta
    }
}

pub(super) fn rate(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    change(Kind::Rate, call, scratch, out, notes)
}

pub(super) fn increase(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    change(Kind::Increase, call, scratch, out, notes)
}

pub(super) fn delta(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    change(Kind::Delta, call, scratch, out, notes)
}

fn change(
    kind: Kind,
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Outcome {
    match call.edges {
        Edges::Plain => extrapolated(kind, call, scratch, out, notes),
        Edges::Anchored | Edges::Smoothed => extended::fill(kind, call, scratch, out, notes),
    }
    if kind.is_counter() {
        note_name(call, out, notes);
    }
    Ok(())
}

fn extrapolated(
    kind: Kind,
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) {
    let starts = kind.is_counter() && call.use_start_timestamps && !call.floats.start_timestamps.is_empty();
    scratch.indices.clear();
    if kind.is_counter() {
        find_resets(&call.floats, call.windows.all_floats(), starts, &mut scratch.indices);
    }
    let mut resets = ResetTotals::new(&scratch.indices, call.floats.values, &mut scratch.floats);
    if starts || call.windows.steps_with_histograms() > 0 {
        one_by_one(kind, call, starts, &mut resets, out, notes);
        rate_histogram::fill(kind, call, &mut scratch.indices, out, notes);
    } else {
        match kind {
            Kind::Rate => floats_alone::<true, true>(call, &mut resets, &mut scratch.block, out),
            Kind::Increase => floats_alone::<true, false>(call, &mut resets, &mut scratch.block, out),
            Kind::Delta => floats_alone::<false, false>(call, &mut resets, &mut scratch.block, out),
        }
    }
}

/// The windows of a series that has nothing but floats, and no start timestamps.
fn floats_alone<const COUNTER: bool, const PER_SECOND: bool>(
    call: &WindowCall<'_>,
    resets: &mut ResetTotals<'_>,
    scratch: &mut Vec<f64>,
    out: &mut ColumnMut<'_>,
) {
    let mut block = Block::new(scratch, out.steps());
    let mut done = 0;
    if resets.none() {
        for alike in call.windows.alike() {
            in_blocks::<COUNTER, PER_SECOND>(call, done..alike.steps.start, resets, &mut block, out);
            done = alike.steps.end;
            all_alike::<COUNTER, PER_SECOND>(call, alike, out);
        }
    }
    in_blocks::<COUNTER, PER_SECOND>(call, done..out.steps(), resets, &mut block, out);
}

/// Windows that differ in nothing but their values, none of which falls.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2"))]
fn all_alike<const COUNTER: bool, const PER_SECOND: bool>(
    call: &WindowCall<'_>,
    alike: Alike,
    out: &mut ColumnMut<'_>,
) {
    let Range { start: lo, end: hi } = call.windows.floats(alike.steps.start);
    if hi - lo < 2 {
        return;
    }
    let span = Span::at(call, alike.steps.start, lo, hi);
    let range_seconds = seconds(call.windows.range);
    let value = |first: f64, last: f64| {
        let change = last - first;
        let factor = extrapolation(COUNTER, span, first, change);
        change * if PER_SECOND { factor / range_seconds } else { factor }
    };
    set_range(out.present, alike.steps.clone());
    let out = &mut out.values[alike.steps];
    let (firsts, lasts) = (&call.floats.values[lo..], &call.floats.values[hi - 1..]);
    if alike.advance == 1 {
        for ((out, first), last) in out.iter_mut().zip(firsts).zip(lasts) {
            *out = value(*first, *last);
        }
    } else {
        let (firsts, lasts) = (firsts.iter().step_by(alike.advance), lasts.iter().step_by(alike.advance));
        for ((out, first), last) in out.iter_mut().zip(firsts).zip(lasts) {
            *out = value(*first, *last);
        }
    }
}

/// Windows of whatever kind.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2"))]
fn in_blocks<const COUNTER: bool, const PER_SECOND: bool>(
    call: &WindowCall<'_>,
    steps: Range<usize>,
    resets: &mut ResetTotals<'_>,
    block: &mut Block<'_>,
    out: &mut ColumnMut<'_>,
) {
    let range_seconds = seconds(call.windows.range);
    let mut first = steps.start;
    while first < steps.end {
        let next = (first / BLOCK * BLOCK + BLOCK).min(steps.end);
        let values = &mut out.values[first..next];
        out.present[first / BLOCK] |= block.gather(call, first, values.len(), resets) << (first % BLOCK);
        let block = block.of(values.len());
        for (i, value) in values.iter_mut().enumerate() {
            let factor = extrapolation(COUNTER, block.span(i), block.first[i], block.change[i]);
            *value = block.change[i] * if PER_SECOND { factor / range_seconds } else { factor };
        }
        first = next;
    }
}

/// The windows of a series with histograms or start timestamps.
fn one_by_one(
    kind: Kind,
    call: &WindowCall<'_>,
    starts: bool,
    resets: &mut ResetTotals<'_>,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) {
    let range_seconds = seconds(call.windows.range);
    let mut mixed = false;
    let mut overlapping = 0;
    for step in 0..out.steps() {
        let (floats, histograms) = (call.windows.floats(step), call.windows.histograms(step));
        if !histograms.is_empty() {
            mixed |= !floats.is_empty();
            continue;
        }
        if floats.is_empty() {
            continue;
        }
        if starts && floats.clone().skip(1).any(|i| overlaps(&call.floats, i)) {
            overlapping += 1;
        }
        let (first, last) = (floats.start, floats.end - 1);
        let (start, times) = (call.windows.start(step), call.floats.timestamps);
        let change = resets.change(call.floats.values, first, floats.end);
        let value = call.floats.values[first];
        let span = Span::of(
            times[first] - start,
            call.windows.ends.at(step) - times[last],
            times[last] - times[first],
            last - first,
        );
        let began = if starts { call.floats.start_timestamp(first) } else { 0 };
        let (change, factor) = if began != 0 && began > start && began < times[first] {
            (change + value, span.since(times[last] - began))
        } else if first == last {
            continue;
        } else {
            (change, extrapolation(kind.is_counter(), span, value, change))
        };
        out.set(step, change * if kind == Kind::Rate { factor / range_seconds } else { factor });
    }
    if mixed {
        notes.add(
            Annotation::MixedFloatsHistograms { metric: call.labels.metric_name().to_owned() },
            Place::Arg(0),
        );
    }
    if overlapping > 0 {
        let metric = call.labels.metric_name().to_owned();
        notes.add(Annotation::StartTimeOverlap { metric, occurrences: overlapping }, Place::Arg(0));
    }
}

/// What a window comes down to in time, in ms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// From the start of the window to the first sample.
    to_start: f64,
    /// From the last sample to the end of the window.
    to_end: f64,
    /// From the first sample to the last.
    sampled: f64,
    /// Samples less one.
    gaps: f64,
}

impl Span {
    /// That of the window of `step`, whose floats are `lo..hi`.
    #[inline(always)]
    fn at(call: &WindowCall<'_>, step: usize, lo: usize, hi: usize) -> Span {
        let (first, last) = (call.floats.timestamps[lo], call.floats.timestamps[hi - 1]);
        let end = call.windows.ends.at(step);
        Span::of(first - (end - call.windows.range), end - last, last - first, hi - 1 - lo)
    }

    #[inline(always)]
    pub(super) fn of(to_start: i64, to_end: i64, sampled: i64, gaps: usize) -> Span {
        Span { to_start: to_start as f64, to_end: to_end as f64, sampled: sampled as f64, gaps: gaps as f64 }
    }

    /// By how much the change grows when the counter is known to have been zero `known` ms before the last
    /// sample.
    pub(super) fn since(self, known: i64) -> f64 {
        let mean = if self.gaps > 0.0 { self.sampled / 1000.0 / self.gaps } else { 0.0 };
        let known = known as f64 / 1000.0;
        let to_end = self.to_end / 1000.0;
        let to_end = if to_end >= mean * THRESHOLD { mean / 2.0 } else { to_end };
        (known + 0.0 + to_end) / known
    }
}

/// By how much the change from the first sample to the last grows when it is extrapolated to the ends of the
/// window.
///
/// `first` is the first sample's value: a counter is not extrapolated to before it was zero. For histograms
/// values are their counts.
#[inline(always)]
pub(super) fn extrapolation(counter: bool, span: Span, first: f64, change: f64) -> f64 {
    reach(counter, span, first, change).factor()
}

/// How far the change reaches when it is extrapolated, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// From the first sample to the last.
    pub(super) sampled: f64,
    /// Taken as seen before the first sample.
    pub(super) to_start: f64,
    /// Taken as seen behind the last sample.
    pub(super) to_end: f64,
    /// Mean distance of two samples.
    pub(super) mean: f64,
    /// How long before the first sample the counter was zero, at its pace in the window; a bound only for counters
    /// that rose.
    pub(super) to_zero: f64,
}

impl Reach {
    #[inline(always)]
    pub(super) fn factor(self) -> f64 {
        (self.sampled + self.to_start + self.to_end) / self.sampled
    }
}

#[inline(always)]
pub(super) fn reach(counter: bool, span: Span, first: f64, change: f64) -> Reach {
    let (to_start, to_end, sampled) = (span.to_start / 1000.0, span.to_end / 1000.0, span.sampled / 1000.0);
    let mean = sampled / span.gaps;
    let threshold = mean * THRESHOLD;
    let mut to_start = if to_start >= threshold { mean / 2.0 } else { to_start };
    let mut to_zero = to_start;
    if counter {
        to_zero = if change > 0.0 && first >= 0.0 { sampled * (first / change) } else { to_start };
        to_start = if to_zero < to_start { to_zero } else { to_start };
    }
    let to_end = if to_end >= threshold { mean / 2.0 } else { to_end };
    Reach { sampled, to_start, to_end, mean, to_zero }
}

/// An end of the window that is so many mean distances away, or more, is not reached.
pub(super) const THRESHOLD: f64 = 1.1;

/// Steps that are worked on together: those of one word of presence bits.
const BLOCK: usize = 64;

/// What the windows of a block of steps come down to, a column for each field of [`Span`], and their values.
#[derive(Debug)]
struct Block<'a> {
    to_start: &'a mut [f64],
    to_end: &'a mut [f64],
    sampled: &'a mut [f64],
    gaps: &'a mut [f64],
    /// Value of the first sample.
    first: &'a mut [f64],
    /// From the first value to the last, resets made up for.
    change: &'a mut [f64],
}

impl<'a> Block<'a> {
    /// For so many steps, or as many as are worked on together.
    fn new(scratch: &'a mut Vec<f64>, steps: usize) -> Self {
        let steps = steps.min(BLOCK);
        scratch.clear();
        scratch.resize(6 * steps, 0.0);
        let (to_start, rest) = scratch.split_at_mut(steps);
        let (to_end, rest) = rest.split_at_mut(steps);
        let (sampled, rest) = rest.split_at_mut(steps);
        let (gaps, rest) = rest.split_at_mut(steps);
        let (first, change) = rest.split_at_mut(steps);
        Block { to_start, to_end, sampled, gaps, first, change }
    }

    /// Takes in the `count` steps from `first_step` on; tells which of them have two samples at least.
    #[inline(always)]
    fn gather(
        &mut self,
        call: &WindowCall<'_>,
        first_step: usize,
        count: usize,
        resets: &mut ResetTotals<'_>,
    ) -> u64 {
        let mut present = 0;
        for i in 0..count {
            let step = first_step + i;
            let Range { start: lo, end: hi } = call.windows.floats(step);
            if hi - lo < 2 {
                continue;
            }
            present |= 1 << i;
            let span = Span::at(call, step, lo, hi);
            self.to_start[i] = span.to_start;
            self.to_end[i] = span.to_end;
            self.sampled[i] = span.sampled;
            self.gaps[i] = span.gaps;
            self.first[i] = call.floats.values[lo];
            self.change[i] = resets.change(call.floats.values, lo, hi);
        }
        present
    }

    /// The first so many steps. That all columns have this length is what makes a plain loop of the arithmetic.
    #[inline(always)]
    fn of(&mut self, steps: usize) -> Block<'_> {
        Block {
            to_start: &mut self.to_start[..steps],
            to_end: &mut self.to_end[..steps],
            sampled: &mut self.sampled[..steps],
            gaps: &mut self.gaps[..steps],
            first: &mut self.first[..steps],
            change: &mut self.change[..steps],
        }
    }

    #[inline(always)]
    fn span(&self, i: usize) -> Span {
        Span {
            to_start: self.to_start[i],
            to_end: self.to_end[i],
            sampled: self.sampled[i],
            gaps: self.gaps[i],
        }
    }
}

/// Says, where the series gave any float, that it is not named (or typed) like a counter.
fn note_name(call: &WindowCall<'_>, out: &ColumnMut<'_>, notes: &mut Notes<'_>) {
    let metric = call.labels.metric_name();
    if metric.is_empty() || out.present.iter().all(|word| *word == 0) {
        return;
    }
    if call.type_labels {
        let type_label = call.labels.value(METRIC_TYPE);
        if type_label != "counter" && type_label != "histogram" {
            let (metric, type_label) = (metric.to_owned(), type_label.to_owned());
            notes.add(Annotation::PossibleNonCounterType { metric, type_label }, Place::Arg(0));
        }
    } else if !["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| metric.ends_with(suffix)) {
        notes.add(Annotation::PossibleNonCounter { metric: metric.to_owned() }, Place::Arg(0));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::record::WindowBody;
    use crate::functions::resets::starts_anew;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};
    use crate::model::Labels;

    /// Upstream's way: one window, sample by sample.
    fn naive(kind: Kind, window: &OneWindow<'_>) -> Option<f64> {
        let samples = window.floats;
        let (first, last) = (*samples.first()?, *samples.last()?);
        let starts = window.float_starts;
        let mut change = last.1 - first.1;
        for i in 1..samples.len() {
            let (before, sample) = (samples[i - 1], samples[i]);
            let anew = !starts.is_empty() && starts_anew(starts[i - 1], before.0, starts[i], sample.0);
            if kind.is_counter() && (sample.1 < before.1 || anew) {
                change += before.1;
            }
        }
        let gaps = samples.len() - 1;
        let mut to_start = (first.0 - window.start) as f64 / 1000.0;
        let mut to_end = (window.end - last.0) as f64 / 1000.0;
        let mut sampled = (last.0 - first.0) as f64 / 1000.0;
        let mean = if gaps > 0 { sampled / gaps as f64 } else { 0.0 };
        let threshold = mean * 1.1;
        let start = starts.first().copied().unwrap_or(0);
        if kind.is_counter() && start != 0 && start > window.start && start < first.0 {
            to_start = 0.0;
            sampled = (last.0 - start) as f64 / 1000.0;
            change += first.1;
        } else if gaps == 0 {
            return None;
        } else {
            if to_start >= threshold {
                to_start = mean / 2.0;
            }
            if kind.is_counter() && change > 0.0 && first.1 >= 0.0 {
                let to_zero = sampled * (first.1 / change);
                if to_zero < to_start {
                    to_start = to_zero;
                }
            }
        }
        if to_end >= threshold {
            to_end = mean / 2.0;
        }
        let mut factor = (sampled + to_start + to_end) / sampled;
        if kind == Kind::Rate {
            factor /= seconds(window.end - window.start);
        }
        Some(change * factor)
    }

    const ALL: [(Kind, WindowBody); 3] =
        [(Kind::Rate, rate), (Kind::Increase, increase), (Kind::Delta, delta)];

    proptest! {
        #[test]
        fn as_window_by_window(case in cases()) {
            for (kind, body) in ALL {
                check(&case, body, |window| naive(kind, &window))?;
            }
        }

        #[test]
        fn as_window_by_window_with_starts(
            mut case in cases(),
            back in proptest::collection::vec(-2i64..60_000, 150),
        ) {
            // Small distances stand for the interesting cases: unknown, the sample itself, the sample before.
            case.use_start_timestamps = true;
            case.float_starts = (0..case.floats.len())
                .map(|i| match back[i] {
                    back if back < 0 => 0,
                    0..15_000 => case.floats[i].0,
                    15_000..30_000 if i > 0 => case.floats[i - 1].0,
                    back => case.floats[i].0 - back,
                })
                .collect();
            for (kind, body) in ALL {
                check(&case, body, |window| naive(kind, &window))?;
            }
        }
    }

    #[test]
    fn the_worked_example() {
        let floats = [(10_000, 4.0), (20_000, 7.0), (30_000, 9.0), (40_000, 1.0), (50_000, 8.0)];
        let mut case = Case::of(&floats, 60_000, 0, 1, 60_000);
        assert_eq!(case.floats_of(increase), [Some(19.5)]);
        assert_eq!(case.floats_of(rate), [Some(13.0 * (1.5 / 60.0))]);
        assert_eq!(case.floats_of(delta), [Some(6.0)]);
        // Far from the end: extrapolated by half a gap.
        case.first_end = 65_000;
        assert_eq!(case.floats_of(delta), [Some(4.0 * (40.0 + 5.0 + 5.0) / 40.0)]);
        // A counter was zero 1/10 of 10 s before the first sample at the earliest.
        let floats = [(10_000, 1.0), (20_000, 11.0)];
        assert_eq!(Case::of(&floats, 20_000, 0, 1, 20_000).floats_of(increase), [Some(11.0)]);
    }

    #[test]
    fn one_sample_is_too_few_unless_it_knows_its_start() {
        let mut case = Case::of(&[(10_000, 5.0)], 20_000, 0, 1, 20_000);
        case.use_start_timestamps = true;
        assert_eq!(case.floats_of(increase), [None]);
        case.float_starts = vec![5_000];
        assert_eq!(case.floats_of(increase), [Some(5.0)]);
        assert_eq!(case.floats_of(delta), [None]);
        case.float_starts = vec![0];
        assert_eq!(case.floats_of(increase), [None]);
        // The start of the window does not belong to it.
        case.float_starts = vec![1];
        assert_eq!(case.floats_of(increase), [Some(5.0)]);
        case.first_end = 20_001;
        assert_eq!(case.floats_of(increase), [None]);
    }

    #[test]
    fn what_is_not_named_like_a_counter_is_noted() {
        let floats = [(10_000, 2.0), (20_000, 5.0)];
        let mut case = Case::of(&floats, 20_000, 0, 1, 20_000);
        let noted = |case: &Case, body| case.run(body).expect("no error").notes;
        let info = "PromQL info: metric might not be a counter, \
                    name does not end in _total/_sum/_count/_bucket: \"m\"";
        assert_eq!(noted(&case, rate), [info]);
        assert_eq!(noted(&case, increase), [info]);
        assert!(noted(&case, delta).is_empty());
        case.labels = Labels::from_pairs([("__name__", "m_total")]);
        assert!(noted(&case, rate).is_empty());
        case.labels = Labels::from_pairs([("job", "m")]);
        assert!(noted(&case, rate).is_empty());
        // Nothing is said where nothing is produced.
        case.labels = Labels::from_pairs([("__name__", "m")]);
        case.floats.pop();
        assert!(noted(&case, rate).is_empty());
    }

    #[test]
    fn overlapping_starts_are_counted_by_window() {
        let floats = [(10_000, 2.0), (20_000, 5.0), (30_000, 7.0)];
        let mut case = Case::of(&floats, 20_000, 10_000, 3, 30_000);
        case.labels = Labels::from_pairs([("__name__", "m_total")]);
        case.use_start_timestamps = true;
        case.float_starts = vec![1_000, 1_000, 15_000];
        let outcome = case.run(rate).expect("no error");
        let text = "PromQL warning: sample has start time that overlaps with previous sample timestamp \
                    for metric \"m_total\" (2 occurrences)";
        assert_eq!(outcome.notes, [text]);
    }

    #[test]
    fn many_resets_add_up_in_order() {
        // Whole numbers, and then numbers whose sums round.
        for unit in [1.0, 0.1, 1e15] {
            let floats: Vec<_> = (0..400).map(|i| (i * 1000, (i % 7) as f64 * unit + 1.0)).collect();
            let case = Case::of(&floats, 0, 7_000, 80, 150_000);
            check(&case, rate, |window| naive(Kind::Rate, &window)).expect("equal");
        }
    }
}
