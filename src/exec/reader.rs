//! Reads the samples of one series after another into the same buffers, and keeps what does not change.
//!
//! Series that are scraped together have the same timestamps. The store names such columns, or they are compared;
//! either way, what depends on timestamps alone (which sample is the newest at each step, where each window begins
//! and ends) is then worked out once and used for all of them.

use std::ops::Range;
use std::sync::Arc;

use super::context::QueryContext;
use super::error::ExecError;
use super::histogram_stats::keep_stats;
use super::places::{Bounds, Newest};
use crate::functions::window::{Samples, StepTimes, Windows};
use crate::model::{Histogram, STALE_NAN_BITS, TimeRange, Timestamp, is_stale};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, TimestampsId};

/// The samples of one series, and the places in them that each step looks at.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    timestamps: Vec<Timestamp>,
    pieces: Vec<Piece>,
    /// How many of `pieces` the series at hand has confirmed so far.
    confirmed: usize,
    /// Samples in the confirmed pieces.
    confirmed_len: usize,
    /// Whether the timestamps are those of the series before.
    same: bool,
    values: Vec<f64>,
    start_timestamps: Vec<Timestamp>,
    histogram_timestamps: Vec<Timestamp>,
    histograms: Vec<Arc<Histogram>>,
    histogram_start_timestamps: Vec<Timestamp>,
    /// Whether `newest` and `bounds` belong to `timestamps`.
    newest_valid: bool,
    bounds_valid: bool,
    newest: Newest,
    histogram_newest: Newest,
    bounds: Bounds,
    histogram_bounds: Bounds,
    clean: Clean,
}

/// A batch of timestamps that was taken over.
#[derive(Clone, Copy, Debug)]
struct Piece {
    id: Option<TimestampsId>,
    len: usize,
    first: Timestamp,
}

/// A copy without stale markers, made only where there are any.
#[derive(Debug, Default)]
struct Clean {
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    start_timestamps: Vec<Timestamp>,
    bounds: Bounds,
}

impl SampleSink for Reader {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        let len = batch.timestamps.len();
        if len == 0 {
            return Flow::Continue;
        }
        if self.same {
            let known = self.pieces.get(self.confirmed).is_some_and(|piece| {
                piece.len == len
                    && piece.first == batch.timestamps[0]
                    && match (piece.id, batch.timestamps_id) {
                        (Some(a), Some(b)) => a == b,
                        _ => {
                            self.timestamps[self.confirmed_len..self.confirmed_len + len] == *batch.timestamps
                        }
                    }
            });
            if known {
                self.confirmed += 1;
                self.confirmed_len += len;
            } else {
                self.forget_unconfirmed();
            }
        }
        if !self.same {
            self.timestamps.extend_from_slice(batch.timestamps);
            self.pieces.push(Piece { id: batch.timestamps_id, len, first: batch.timestamps[0] });
        }
        push_start_timestamps(&mut self.start_timestamps, self.values.len(), batch.start_timestamps);
        self.values.extend_from_slice(batch.values);
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        push_start_timestamps(
            &mut self.histogram_start_timestamps,
            self.histograms.len(),
            batch.start_timestamps,
        );
        self.histogram_timestamps.extend_from_slice(batch.timestamps);
        self.histograms.extend_from_slice(batch.values);
        Flow::Continue
    }
}

/// Start timestamps are kept only from the first batch on that has any; what came before gets zeros.
fn push_start_timestamps(kept: &mut Vec<Timestamp>, samples: usize, new: &[Timestamp]) {
    if !new.is_empty() {
        kept.resize(samples, 0);
        kept.extend_from_slice(new);
    }
}

impl Reader {
    /// Reads the samples of `series` in `range`, in place of those of the series before.
    pub(crate) fn read(
        &mut self,
        series: &dyn Series,
        range: TimeRange,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        self.begin();
        series.read(range, self)?;
        self.finish();
        let samples = self.values.len() + self.histograms.len();
        context.count_read(samples);
        context.charge_briefly(samples)
    }

    /// Starts a series whose samples are handed over through [`SampleSink`].
    pub(crate) fn begin(&mut self) {
        self.confirmed = 0;
        self.confirmed_len = 0;
        self.same = true;
        self.values.clear();
        self.start_timestamps.clear();
        self.histogram_timestamps.clear();
        self.histograms.clear();
        self.histogram_start_timestamps.clear();
    }

    /// Ends a series.
    pub(crate) fn finish(&mut self) {
        if self.same && self.confirmed < self.pieces.len() {
            self.forget_unconfirmed();
        }
        if !self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.values.len(), 0);
        }
        if !self.histogram_start_timestamps.is_empty() {
            self.histogram_start_timestamps.resize(self.histograms.len(), 0);
        }
    }

    fn forget_unconfirmed(&mut self) {
        self.same = false;
        self.timestamps.truncate(self.confirmed_len);
        self.pieces.truncate(self.confirmed);
        self.newest_valid = false;
        self.bounds_valid = false;
    }

    /// Leaves of each histogram its count, sum and hint.
    pub(crate) fn keep_histogram_stats(&mut self) {
        keep_stats(&mut self.histograms);
    }

    /// Whether the series has no sample in the range.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.histograms.is_empty()
    }

    /// The float samples as they were read, stale markers included.
    pub(crate) fn floats(&self) -> Samples<'_, f64> {
        Samples {
            timestamps: &self.timestamps,
            values: &self.values,
            start_timestamps: &self.start_timestamps,
        }
    }

    /// The histogram samples as they were read, stale markers included.
    pub(crate) fn histogram_samples(&self) -> Samples<'_, Arc<Histogram>> {
        Samples {
            timestamps: &self.histogram_timestamps,
            values: &self.histograms,
            start_timestamps: &self.histogram_start_timestamps,
        }
    }

    /// Whether any float is a stale marker.
    fn has_stale_floats(&self) -> bool {
        has_stale(&self.values)
    }

    /// The newest float at each step.
    pub(crate) fn newest(&mut self, ends: StepTimes, steps: usize, lookback: i64) -> &Newest {
        if !self.newest_valid {
            self.newest.find(&self.timestamps, ends, steps, lookback);
            self.newest_valid = true;
        }
        &self.newest
    }

    /// The newest histogram at each step.
    pub(crate) fn newest_histogram(&mut self, ends: StepTimes, steps: usize, lookback: i64) -> &Newest {
        self.histogram_newest.find(&self.histogram_timestamps, ends, steps, lookback);
        &self.histogram_newest
    }

    /// What [`newest`](Reader::newest) and [`newest_histogram`](Reader::newest_histogram) found last.
    pub(crate) fn found(&self) -> (&Newest, &Newest) {
        (&self.newest, &self.histogram_newest)
    }

    /// Takes stale markers out and finds the samples of each window: those later than `end - before` and not later
    /// than `end + after`.
    pub(crate) fn find_windows(
        &mut self,
        ends: StepTimes,
        steps: usize,
        before: i64,
        after: i64,
    ) -> WindowsFound {
        let cleaned = self.has_stale_floats();
        if cleaned {
            let clean = &mut self.clean;
            clean.timestamps.clear();
            clean.values.clear();
            clean.start_timestamps.clear();
            for (i, (&t, &v)) in self.timestamps.iter().zip(&self.values).enumerate() {
                if !is_stale(v) {
                    clean.timestamps.push(t);
                    clean.values.push(v);
                    clean.start_timestamps.extend(self.start_timestamps.get(i));
                }
            }
            clean.bounds.find(&clean.timestamps, ends, steps, before, after);
        } else if !self.bounds_valid {
            self.bounds.find(&self.timestamps, ends, steps, before, after);
            self.bounds_valid = true;
        }
        let has_histograms = !self.histograms.is_empty();
        if has_histograms {
            self.remove_stale_histograms();
            self.histogram_bounds.find(&self.histogram_timestamps, ends, steps, before, after);
        }
        WindowsFound { cleaned, has_histograms }
    }

    fn remove_stale_histograms(&mut self) {
        if !self.histograms.iter().any(|h| is_stale(h.sum)) {
            return;
        }
        let keep: Vec<bool> = self.histograms.iter().map(|h| !is_stale(h.sum)).collect();
        let retain = |times: &mut Vec<Timestamp>| {
            let mut kept = keep.iter();
            times.retain(|_| kept.next().copied().unwrap_or(true));
        };
        retain(&mut self.histogram_timestamps);
        retain(&mut self.histogram_start_timestamps);
        self.histograms.retain(|h| !is_stale(h.sum));
    }

    /// The steps that have something in their windows, if that can be told: outside of them all windows are empty.
    pub(crate) fn reached(&self, found: WindowsFound, steps: usize) -> Range<usize> {
        match found {
            WindowsFound { has_histograms: true, .. } => 0..steps,
            WindowsFound { cleaned: true, .. } => self.clean.bounds.reached.clone(),
            WindowsFound { .. } => self.bounds.reached.clone(),
        }
    }

    /// The samples and windows that [`find_windows`](Reader::find_windows) found.
    pub(crate) fn windows(
        &self,
        found: WindowsFound,
        ends: StepTimes,
        range: i64,
        evaluation: StepTimes,
    ) -> (Samples<'_, f64>, Samples<'_, Arc<Histogram>>, Windows<'_>) {
        let (floats, bounds) = if found.cleaned {
            let clean = &self.clean;
            let floats = Samples {
                timestamps: &clean.timestamps,
                values: &clean.values,
                start_timestamps: &clean.start_timestamps,
            };
            (floats, &clean.bounds)
        } else {
            (self.floats(), &self.bounds)
        };
        let (histogram_lo, histogram_hi): (&[u32], &[u32]) = if found.has_histograms {
            (&self.histogram_bounds.lo, &self.histogram_bounds.hi)
        } else {
            (&[], &[])
        };
        let windows = Windows {
            float_lo: &bounds.lo,
            float_hi: &bounds.hi,
            histogram_lo,
            histogram_hi,
            ends,
            range,
            evaluation,
            stretches: &bounds.alike,
            first_step: 0,
        };
        (floats, self.histogram_samples(), windows)
    }
}

/// Whether any of `values` is a stale marker.
pub(crate) fn has_stale(values: &[f64]) -> bool {
    // No early end: the compiler makes wide comparisons of this.
    values.iter().fold(false, |any, v| any | (v.to_bits() == STALE_NAN_BITS))
}

/// Which of the reader's buffers hold the windows found last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowsFound {
    cleaned: bool,
    has_histograms: bool,
}
