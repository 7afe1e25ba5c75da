//! What a range function sees: all samples of one series that any step needs, and for each step which of them.
//!
//! `rate(m[5m])` over a day at steps of a minute gets the day's samples once and 1,440 windows. A window is a
//! range of indices, found by two pointers that only move forward, so consecutive windows mostly overlap; a body
//! that uses this (differences of indices, resets found once, a monotonic queue) does O(samples + steps) work.

use std::ops::Range;
use std::sync::Arc;

use super::exact::TotalsScratch;
pub use super::record::StepTimes;
use crate::model::{Annotation, ColumnMut, Histogram, Labels, Notes, Place, Timestamp};

/// The call of a range function for one series.
#[derive(Debug)]
pub struct WindowCall<'a> {
    /// The labels of the series, its name included.
    pub labels: &'a Labels,
    /// All float samples that any window needs, without stale markers.
    pub floats: Samples<'a, f64>,
    /// All histogram samples that any window needs, without stale markers.
    pub histograms: Samples<'a, Arc<Histogram>>,
    /// Which samples belong to which step.
    pub windows: Windows<'a>,
    /// The scalar arguments in order, the range vector left out: `args[k][step]`.
    pub args: &'a [&'a [f64]],
    /// How the edges of windows are treated.
    pub edges: Edges,
    /// Whether start timestamps are to be used (`use-start-timestamps`).
    pub use_start_timestamps: bool,
    /// Whether the series carries type and unit labels that decide what is a counter (`type-and-unit-labels`).
    pub type_labels: bool,
}

impl WindowCall<'_> {
    /// Whether some window has floats and histograms.
    pub(super) fn mixes(&self) -> bool {
        (0..self.windows.steps_with_histograms())
            .any(|step| !self.windows.floats(step).is_empty() && !self.windows.histograms(step).is_empty())
    }

    /// Says, if some window has floats and histograms, that the histograms were ignored.
    pub(super) fn note_ignored_histograms(&self, notes: &mut Notes<'_>) {
        if self.mixes() {
            let metric = self.labels.metric_name().to_owned();
            notes.add(Annotation::HistogramIgnoredInMixedRange { metric }, Place::Arg(0));
        }
    }
}

/// Samples of one kind in order of time.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a, V> {
    /// Times in ms, strictly rising.
    pub timestamps: &'a [Timestamp],
    /// A value for each time.
    pub values: &'a [V],
    /// When the counter behind each sample began, in ms, 0 where unknown; empty when unknown for all.
    pub start_timestamps: &'a [Timestamp],
}

impl<V> Samples<'_, V> {
    /// The start timestamp of sample `i`, 0 when unknown.
    #[inline]
    pub fn start_timestamp(&self, i: usize) -> Timestamp {
        self.start_timestamps.get(i).copied().unwrap_or(0)
    }
}

/// For each step, the samples of its window as index ranges `lo[i]..hi[i]`. Both ends never move back.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    /// First float of each window.
    pub float_lo: &'a [u32],
    /// One past the last float of each window.
    pub float_hi: &'a [u32],
    /// First histogram of each window; empty when the series has no histograms.
    pub histogram_lo: &'a [u32],
    /// One past the last histogram of each window; empty when the series has no histograms.
    pub histogram_hi: &'a [u32],
    /// Where each window ends, `offset` and `@` applied. The window reaches from `end - range`, not included, to
    /// `end`, included. (With [`Edges::Anchored`] and [`Edges::Smoothed`] the indices reach further out.)
    pub ends: StepTimes,
    /// Width of the windows in ms.
    pub range: i64,
    /// The time each step is evaluated at.
    pub evaluation: StepTimes,
    /// Steps whose float windows are known to be alike, in order.
    pub(crate) stretches: &'a [Alike],
    /// What the first step is called in `stretches`.
    pub(crate) first_step: usize,
}

/// Steps whose windows are alike: each has its samples `advance` places further on than the step before, and they lie in
/// the window at the same distances from its ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// Which steps.
    pub steps: Range<usize>,
    /// Above 0.
    pub advance: usize,
}

impl Windows<'_> {
    /// The stretches of steps whose windows of floats are known to be alike, in order.
    pub fn alike(&self) -> impl Iterator<Item = Alike> {
        let here = self.first_step..self.first_step + self.steps();
        self.stretches.iter().filter_map(move |Alike { steps, advance }| {
            let (start, end) = (steps.start.max(here.start), steps.end.min(here.end));
            (start < end).then(|| Alike { steps: start - here.start..end - here.start, advance: *advance })
        })
    }

    /// Some of the steps. With histograms, it has to be all of them.
    pub fn between(self, steps: Range<usize>) -> Self {
        let shifted = |times: StepTimes| StepTimes { first: times.at(steps.start), ..times };
        Windows {
            float_lo: &self.float_lo[steps.clone()],
            float_hi: &self.float_hi[steps.clone()],
            ends: shifted(self.ends),
            evaluation: shifted(self.evaluation),
            first_step: self.first_step + steps.start,
            ..self
        }
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.float_lo.len()
    }

    /// Indices of the floats in the window of step `i`.
    #[inline]
    pub fn floats(&self, i: usize) -> Range<usize> {
        self.float_lo[i] as usize..self.float_hi[i] as usize
    }

    /// Indices of all floats from the first window to the last.
    pub fn all_floats(&self) -> Range<usize> {
        match (self.float_lo.first(), self.float_hi.last()) {
            (Some(&lo), Some(&hi)) => lo as usize..hi.max(lo) as usize,
            _ => 0..0,
        }
    }

    /// Indices of all histograms from the first window to the last.
    pub fn all_histograms(&self) -> Range<usize> {
        match (self.histogram_lo.first(), self.histogram_hi.last()) {
            (Some(&lo), Some(&hi)) => lo as usize..hi.max(lo) as usize,
            _ => 0..0,
        }
    }

    /// How many floats all windows together have, those in several counted for each, and how many the longest
    /// has.
    pub(super) fn float_counts(&self) -> (usize, usize) {
        let lengths = self.float_lo.iter().zip(self.float_hi).map(|(lo, hi)| (hi - lo) as usize);
        lengths.fold((0, 0), |(all, longest), length| (all + length, longest.max(length)))
    }

    /// Where the window of step `i` starts; the start does not belong to it.
    #[inline]
    pub fn start(&self, i: usize) -> Timestamp {
        self.ends.at(i).wrapping_sub(self.range)
    }

    /// Says in `out` that each step whose window has a float has one.
    pub(super) fn mark_floats(&self, out: &mut ColumnMut<'_>) {
        let windows = self.float_lo.chunks(64).zip(self.float_hi.chunks(64));
        for (present, (lo, hi)) in out.present.iter_mut().zip(windows) {
            *present = lo.iter().zip(hi).rev().fold(0, |bits, (lo, hi)| bits << 1 | u64::from(lo < hi));
        }
    }

    /// How many steps have to look at histograms: all or, where the series has none, not one.
    pub fn steps_with_histograms(&self) -> usize {
        self.histogram_lo.len()
    }

    /// Indices of the histograms in the window of step `i`.
    #[inline]
    pub fn histograms(&self, i: usize) -> Range<usize> {
        match self.histogram_lo.get(i) {
            Some(&lo) => lo as usize..self.histogram_hi[i] as usize,
            None => 0..0,
        }
    }
}

/// A duration in ms as seconds, rounded as Go's `Duration.Seconds`.
pub fn seconds(duration: i64) -> f64 {
    (duration / 1000) as f64 + (duration % 1000 * 1_000_000) as f64 / 1e9
}

/// How the edges of windows are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edges {
    /// Only samples inside the window, and extrapolation.
    #[default]
    Plain,
    /// `anchored`: indices reach one lookback further left; the last sample at or before the window's start
    /// counts as a sample at its start.
    Anchored,
    /// `smoothed`: indices reach one lookback further on both sides; values at the edges are interpolated.
    Smoothed,
}

/// Memory that bodies use over and over, so that a series costs no allocation. One for each thread; what it holds
/// between two calls means nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    /// For values of samples or steps.
    pub(super) floats: Vec<f64>,
    /// For indices of samples and for counts.
    pub(super) indices: Vec<u32>,
    /// For values that are sorted.
    pub(super) sorted: Vec<f64>,
    /// For totals of sums.
    pub(super) totals: TotalsScratch,
    /// For `rate` and its like.
    pub(super) block: Vec<f64>,
}
