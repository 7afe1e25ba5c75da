//! Runs: samples of one kind that follow each other. A series whose kind changes has several.

use std::ops::Range;
use std::sync::Arc;

use super::columns::{Columns, FloatColumns, HistogramColumns};
use crate::model::histogram::CounterResetHint;
use crate::model::value::SampleValue;
use crate::model::{Histogram, TimeRange, Timestamp};

/// Samples of one kind that follow each other.
#[derive(Clone, Debug)]
pub(in crate::store::disk) enum Run {
    /// Floats.
    Floats(FloatColumns),
    /// Histograms.
    Histograms(HistogramColumns),
}

/// Whether two values are the same, bit by bit.
pub(in crate::store::disk) fn is_same(a: &SampleValue, b: &SampleValue) -> bool {
    match (a, b) {
        (SampleValue::Float(a), SampleValue::Float(b)) => a.to_bits() == b.to_bits(),
        (SampleValue::Histogram(a), SampleValue::Histogram(b)) => a.is_stale() && b.is_stale() || a.equals(b),
        _ => false,
    }
}

impl Run {
    /// The columns, which have samples of one kind.
    pub(in crate::store::disk) fn from_columns(columns: Columns) -> Self {
        if columns.histograms.is_empty() {
            Run::Floats(columns.floats)
        } else {
            Run::Histograms(columns.histograms)
        }
    }

    /// Times of the samples in ms.
    pub(in crate::store::disk) fn timestamps(&self) -> &[Timestamp] {
        match self {
            Run::Floats(columns) => &columns.timestamps,
            Run::Histograms(columns) => &columns.timestamps,
        }
    }

    /// The times of the first and the last sample; `None` if there is no sample.
    pub(in crate::store::disk) fn range(&self) -> Option<TimeRange> {
        let times = self.timestamps();
        Some(TimeRange::new(*times.first()?, *times.last()?))
    }

    /// Copies of some of the samples.
    pub(in crate::store::disk) fn slice(&self, range: Range<usize>) -> Run {
        match self {
            Run::Floats(columns) => Run::Floats(columns.slice(range)),
            Run::Histograms(columns) => Run::Histograms(columns.slice(range)),
        }
    }

    /// The value at a time.
    pub(in crate::store::disk) fn at(&self, time: Timestamp) -> Option<SampleValue> {
        let i = self.timestamps().binary_search(&time).ok()?;
        Some(self.sample(i, true).1)
    }

    /// Lets each histogram say whether it follows the one before without a counter reset.
    pub(in crate::store::disk) fn follow(&mut self) {
        let Run::Histograms(columns) = self else { return };
        for i in 0..columns.values.len() {
            let (before, rest) = columns.values.split_at_mut(i);
            Arc::make_mut(&mut rest[0]).follow(before.last().map(|before| &**before));
        }
    }

    /// Start timestamp and value of sample `i`. Unless it `follows` the sample that it is handed on after, what a
    /// histogram tells of a counter reset does not count.
    pub(in crate::store::disk) fn sample(&self, i: usize, follows: bool) -> (Timestamp, SampleValue) {
        match self {
            Run::Floats(columns) => (columns.start_timestamp(i), SampleValue::Float(columns.values[i])),
            Run::Histograms(columns) => {
                let histogram = &columns.values[i];
                let histogram = if follows { histogram.clone() } else { without_hint(histogram) };
                (columns.start_timestamp(i), SampleValue::Histogram(histogram))
            }
        }
    }
}

/// Appends a sample to the last of the runs, or begins a new one where the kind changes.
pub(in crate::store::disk) fn push_sample(
    runs: &mut Vec<Run>,
    time: Timestamp,
    start: Timestamp,
    value: SampleValue,
) {
    match (runs.last_mut(), value) {
        (Some(Run::Floats(columns)), SampleValue::Float(value)) => columns.push(time, value, start),
        (Some(Run::Histograms(columns)), SampleValue::Histogram(value)) => columns.push(time, value, start),
        (_, SampleValue::Float(value)) => {
            let mut columns = FloatColumns::default();
            columns.push(time, value, start);
            runs.push(Run::Floats(columns));
        }
        (_, SampleValue::Histogram(value)) => {
            let mut columns = HistogramColumns::default();
            columns.push(time, value, start);
            runs.push(Run::Histograms(columns));
        }
    }
}

/// The histogram without knowledge of counter resets, unless it is a gauge.
fn without_hint(histogram: &Arc<Histogram>) -> Arc<Histogram> {
    match histogram.counter_reset_hint {
        CounterResetHint::Gauge | CounterResetHint::Unknown => histogram.clone(),
        CounterResetHint::CounterReset | CounterResetHint::NotCounterReset => {
            let mut histogram = Histogram::clone(histogram);
            histogram.counter_reset_hint = CounterResetHint::Unknown;
            Arc::new(histogram)
        }
    }
}
