//! Reads the samples of one series after another into the same buffers, and keeps what does not change.
//!
//! Series that are scraped together have the same timestamps. The store names such columns, or they are compared;
//! either way, what depends on timestamps alone (which sample is the newest at each step, where each window begins
//! and ends) is then worked out once and used for all of them.

use std::ops::Range;
use std::sync::Arc;

use multiversion::multiversion;

use super::context::QueryContext;
use super::error::ExecError;
use super::histogram_stats::keep_stats;
use super::places::{Bounds, Newest};
use crate::functions::window::{Samples, StepTimes, Windows};
use crate::model::{Histogram, TimeRange, Timestamp, is_stale};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, TimestampsId};

/// The samples of one series, and the places in them that each step looks at.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    timestamps: Vec<Timestamp>,
    /// Timestamps that the store has just made.
    made: Vec<Timestamp>,
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
    /// The timestamps of the series before, if they were lent: then `timestamps` and `pieces` are empty.
    lent: Option<Piece>,
    /// Whether `newest` and `bounds` belong to the timestamps of the series before.
    newest_valid: bool,
    bounds_valid: bool,
    newest: Newest,
    histogram_newest: Newest,
    bounds: Bounds,
    histogram_bounds: Bounds,
    clean: Clean,
}

/// A batch of timestamps that was taken over, or lent.
#[derive(Clone, Copy, Debug, PartialEq)]
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

impl Clean {
    /// Takes over the samples that are no stale markers.
    fn fill(&mut self, floats: &Samples<'_, f64>) {
        self.timestamps.clear();
        self.values.clear();
        self.start_timestamps.clear();
        for (i, (&t, &v)) in floats.timestamps.iter().zip(floats.values).enumerate() {
            if !is_stale(v) {
                self.timestamps.push(t);
                self.values.push(v);
                self.start_timestamps.extend(floats.start_timestamps.get(i));
            }
        }
    }
}

impl Piece {
    /// That of some timestamps.
    fn of(timestamps: &[Timestamp], id: Option<TimestampsId>) -> Piece {
        Piece { id, len: timestamps.len(), first: timestamps[0] }
    }
}

impl SampleSink for Reader {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        let len = batch.timestamps.len();
        if len == 0 {
            return Flow::Continue;
        }
        if !self.confirm(batch.timestamps, batch.timestamps_id) {
            self.timestamps.extend_from_slice(batch.timestamps);
            self.pieces.push(Piece::of(batch.timestamps, batch.timestamps_id));
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

    fn append_floats(&mut self, append: &mut dyn FnMut(&mut Vec<Timestamp>, &mut Vec<f64>)) -> Flow {
        let mut made = std::mem::take(&mut self.made);
        made.clear();
        append(&mut made, &mut self.values);
        if !made.is_empty() && !self.confirm(&made, None) {
            self.pieces.push(Piece::of(&made, None));
            match self.timestamps.is_empty() {
                true => std::mem::swap(&mut self.timestamps, &mut made),
                false => self.timestamps.extend_from_slice(&made),
            }
        }
        self.made = made;
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
    pub(crate) fn read<'r>(
        &'r mut self,
        series: &'r dyn Series,
        range: TimeRange,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        let lent = series.lend(range).filter(|floats| !floats.timestamps.is_empty());
        let reading = self.replace(lent);
        if lent.is_none() {
            series.read(range, reading.reader)?;
            reading.reader.finish();
        }
        let samples = reading.floats().values.len() + reading.histogram_samples().values.len();
        context.count_read(samples);
        context.charge_briefly(samples)?;
        Ok(reading)
    }

    /// Takes floats that are lent in place of the samples of the series before. There may be none.
    pub(crate) fn borrow<'r>(&'r mut self, floats: FloatBatch<'r>) -> Reading<'r> {
        let reading = self.replace(Some(floats).filter(|floats| !floats.timestamps.is_empty()));
        if reading.lent.is_none() {
            reading.reader.finish();
        }
        reading
    }

    /// Starts a series whose floats are lent, if they are.
    fn replace<'r>(&'r mut self, lent: Option<FloatBatch<'r>>) -> Reading<'r> {
        self.begin();
        let piece = lent.as_ref().map(|floats| Piece::of(floats.timestamps, floats.timestamps_id));
        if std::mem::replace(&mut self.lent, piece) != piece || piece.is_some_and(|piece| piece.id.is_none())
        {
            self.forget_unconfirmed();
        }
        Reading::new(self, lent)
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

    /// Whether the series before has had these timestamps in the same place, and all those before them.
    fn confirm(&mut self, timestamps: &[Timestamp], id: Option<TimestampsId>) -> bool {
        if !self.same {
            return false;
        }
        let piece = Piece::of(timestamps, id);
        let (known, len) = (self.pieces.get(self.confirmed), timestamps.len());
        let known = known.is_some_and(|known| {
            known.len == len
                && known.first == piece.first
                && match (known.id, id) {
                    (Some(a), Some(b)) => a == b,
                    _ => self.timestamps[self.confirmed_len..self.confirmed_len + len] == *timestamps,
                }
        });
        match known {
            true => {
                self.confirmed += 1;
                self.confirmed_len += len;
            }
            false => self.forget_unconfirmed(),
        }
        known
    }

    fn forget_unconfirmed(&mut self) {
        self.same = false;
        self.timestamps.truncate(self.confirmed_len);
        self.pieces.truncate(self.confirmed);
        self.newest_valid = false;
        self.bounds_valid = false;
    }

    fn own_floats(&self) -> Samples<'_, f64> {
        Samples {
            timestamps: &self.timestamps,
            values: &self.values,
            start_timestamps: &self.start_timestamps,
        }
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
}

/// The samples of a series that was read: floats that the store has lent, or else what is in the reader's buffers.
#[derive(Debug)]
pub(crate) struct Reading<'r> {
    reader: &'r mut Reader,
    lent: Option<Samples<'r, f64>>,
}

impl<'r> Reading<'r> {
    fn new(reader: &'r mut Reader, lent: Option<FloatBatch<'r>>) -> Self {
        let lent = lent.map(|FloatBatch { timestamps, values, start_timestamps, .. }| Samples {
            timestamps,
            values,
            start_timestamps,
        });
        Reading { reader, lent }
    }

    /// What was handed to `reader` through [`SampleSink`].
    pub(crate) fn of(reader: &'r mut Reader) -> Self {
        Reading { reader, lent: None }
    }

    /// Leaves of each histogram its count, sum and hint.
    pub(crate) fn keep_histogram_stats(&mut self) {
        keep_stats(&mut self.reader.histograms);
    }

    /// Whether the series has no sample in the range.
    pub(crate) fn is_empty(&self) -> bool {
        self.floats().values.is_empty() && self.reader.histograms.is_empty()
    }

    /// The float samples as they were read, stale markers included.
    pub(crate) fn floats(&self) -> Samples<'_, f64> {
        self.lent.unwrap_or_else(|| self.reader.own_floats())
    }

    /// The histogram samples as they were read, stale markers included.
    pub(crate) fn histogram_samples(&self) -> Samples<'_, Arc<Histogram>> {
        Samples {
            timestamps: &self.reader.histogram_timestamps,
            values: &self.reader.histograms,
            start_timestamps: &self.reader.histogram_start_timestamps,
        }
    }

    /// The newest float at each step.
    pub(crate) fn newest(&mut self, ends: StepTimes, steps: usize, lookback: i64) {
        let Reader { timestamps, newest, newest_valid, .. } = &mut *self.reader;
        if !*newest_valid {
            let timestamps = self.lent.map_or(&**timestamps, |floats| floats.timestamps);
            newest.find(timestamps, ends, steps, lookback);
            *newest_valid = true;
        }
    }

    /// The newest histogram at each step.
    pub(crate) fn newest_histogram(&mut self, ends: StepTimes, steps: usize, lookback: i64) {
        let Reader { histogram_timestamps, histogram_newest, .. } = &mut *self.reader;
        histogram_newest.find(histogram_timestamps, ends, steps, lookback);
    }

    /// What [`newest`](Reading::newest) and [`newest_histogram`](Reading::newest_histogram) found last.
    pub(crate) fn found(&self) -> (&Newest, &Newest) {
        (&self.reader.newest, &self.reader.histogram_newest)
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
        let reader = &mut *self.reader;
        let floats = match self.lent {
            Some(floats) => floats,
            None => Samples {
                timestamps: &reader.timestamps,
                values: &reader.values,
                start_timestamps: &reader.start_timestamps,
            },
        };
        let cleaned = has_stale(floats.values);
        if cleaned {
            reader.clean.fill(&floats);
            reader.clean.bounds.find(&reader.clean.timestamps, ends, steps, before, after);
        } else if !reader.bounds_valid {
            reader.bounds.find(floats.timestamps, ends, steps, before, after);
            reader.bounds_valid = true;
        }
        let has_histograms = !reader.histograms.is_empty();
        if has_histograms {
            reader.remove_stale_histograms();
            reader.histogram_bounds.find(&reader.histogram_timestamps, ends, steps, before, after);
        }
        WindowsFound { cleaned, has_histograms }
    }

    /// The steps that have something in their windows, if that can be told: outside of them all windows are empty.
    pub(crate) fn reached(&self, found: WindowsFound, steps: usize) -> Range<usize> {
        match found {
            WindowsFound { has_histograms: true, .. } => 0..steps,
            WindowsFound { cleaned: true, .. } => self.reader.clean.bounds.reached.clone(),
            WindowsFound { .. } => self.reader.bounds.reached.clone(),
        }
    }

    /// The samples and windows that [`find_windows`](Reading::find_windows) found.
    pub(crate) fn windows(
        &self,
        found: WindowsFound,
        ends: StepTimes,
        range: i64,
        evaluation: StepTimes,
    ) -> (Samples<'_, f64>, Samples<'_, Arc<Histogram>>, Windows<'_>) {
        let (floats, bounds) = if found.cleaned {
            let clean = &self.reader.clean;
            let floats = Samples {
                timestamps: &clean.timestamps,
                values: &clean.values,
                start_timestamps: &clean.start_timestamps,
            };
            (floats, &clean.bounds)
        } else {
            (self.floats(), &self.reader.bounds)
        };
        let (histogram_lo, histogram_hi): (&[u32], &[u32]) = if found.has_histograms {
            (&self.reader.histogram_bounds.lo, &self.reader.histogram_bounds.hi)
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
#[inline]
pub(crate) fn has_stale(values: &[f64]) -> bool {
    /// So few are looked at before a better way to do it is chosen.
    const FEW: usize = 16;
    match values.len() <= FEW {
        true => values.iter().any(|v| is_stale(*v)),
        false => has_stale_among_many(values),
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn has_stale_among_many(values: &[f64]) -> bool {
    /// So many are looked at without an early end, of which the compiler makes wide comparisons of two values each.
    const STRIDE: usize = 256;
    for chunk in values.chunks(STRIDE) {
        let (left, right) = chunk.split_at(chunk.len() / 2);
        let mut nans = u64::from(right.last().is_some_and(|v| v.is_nan()));
        for (a, b) in left.iter().zip(right) {
            nans |= u64::from(a.is_nan() | b.is_nan());
        }
        if nans != 0 && chunk.iter().any(|v| is_stale(*v)) {
            return true;
        }
    }
    false
}

/// Which of the reader's buffers hold the windows found last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowsFound {
    cleaned: bool,
    has_histograms: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::STALE_NAN_BITS;

    #[test]
    fn stale_markers_are_found_wherever_they_are() {
        for len in [1, 2, 16, 17, 255, 256, 257, 600] {
            let mut values = vec![f64::NAN; len];
            assert!(!has_stale(&values));
            for at in 0..len {
                values[at] = f64::from_bits(STALE_NAN_BITS);
                assert!(has_stale(&values), "{at} of {len}");
                values[at] = 1.0;
            }
            assert!(!has_stale(&values));
        }
    }
}
