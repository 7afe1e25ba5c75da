//! The way of samples from pieces to a sink: collected in columns, cut to the range that was asked for, and lent.

use std::cell::Cell;
use std::sync::Arc;

use super::chunk::{Columns, Run, ValueColumns};
use crate::model::{Histogram, TimeRange, Timestamp};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink};

/// So many samples are lent at once, at least.
const BATCH: usize = 4096;

/// Buffers that a thread uses for one series after the other.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Samples that were not lent yet; floats or histograms, never both.
    pub(super) columns: Columns,
    /// Bytes of files that are not mapped.
    pub(super) bytes: Vec<u8>,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Runs `f` with this thread's buffers.
pub(super) fn with_scratch<T>(f: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut scratch = SCRATCH.take().unwrap_or_default();
    scratch.columns.clear();
    let result = f(&mut scratch);
    SCRATCH.set(Some(scratch));
    result
}

/// Lends samples to a sink.
pub(super) struct Output<'a> {
    sink: &'a mut dyn SampleSink,
    range: TimeRange,
}

impl<'a> Output<'a> {
    /// Lends those samples to `sink` whose time is in `range`.
    pub(super) fn new(sink: &'a mut dyn SampleSink, range: TimeRange) -> Self {
        Output { sink, range }
    }

    /// Lends all samples in `columns` and empties them.
    pub(super) fn flush(&mut self, columns: &mut Columns) -> Flow {
        if columns.floats.is_empty() && columns.histograms.is_empty() {
            return Flow::Continue;
        }
        let mut flow = self.lend_floats(&columns.floats);
        if flow == Flow::Continue {
            flow = self.lend_histograms(&columns.histograms);
        }
        columns.clear();
        flow
    }

    /// Lends the samples in `columns` if they are many.
    pub(super) fn flush_if_full(&mut self, columns: &mut Columns) -> Flow {
        if columns.floats.len() + columns.histograms.len() >= BATCH {
            self.flush(columns)
        } else {
            Flow::Continue
        }
    }

    /// Lends the samples of a run.
    pub(super) fn lend(&mut self, run: &Run) -> Flow {
        match run {
            Run::Floats(columns) => self.lend_floats(columns),
            Run::Histograms(columns) => self.lend_histograms(columns),
        }
    }

    /// Lends floats.
    pub(super) fn lend_floats(&mut self, columns: &ValueColumns<f64>) -> Flow {
        let (timestamps, values, start_timestamps) = cut(columns, self.range);
        if timestamps.is_empty() {
            return Flow::Continue;
        }
        self.sink.floats(FloatBatch { timestamps, values, start_timestamps, timestamps_id: None })
    }

    fn lend_histograms(&mut self, columns: &ValueColumns<Arc<Histogram>>) -> Flow {
        let (timestamps, values, start_timestamps) = cut(columns, self.range);
        if timestamps.is_empty() {
            return Flow::Continue;
        }
        self.sink.histograms(HistogramBatch { timestamps, values, start_timestamps })
    }
}

/// The samples in `range`: times, values and start timestamps.
fn cut<V>(columns: &ValueColumns<V>, range: TimeRange) -> (&[Timestamp], &[V], &[Timestamp]) {
    let times = &columns.timestamps;
    // Mostly all of them are wanted, or what begins somewhere, or what ends somewhere.
    let from = match times.first() {
        Some(first) if *first < range.start => times.partition_point(|t| *t < range.start),
        _ => 0,
    };
    let to = match times.last() {
        Some(last) if *last > range.end => times.partition_point(|t| *t <= range.end).max(from),
        _ => times.len(),
    };
    let starts = columns.start_timestamps.get(from..to).unwrap_or_default();
    (&times[from..to], &columns.values[from..to], starts)
}
