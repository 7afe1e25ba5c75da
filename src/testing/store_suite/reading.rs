//! Reads a series through the trait, and looks at how it comes: batch by batch.

use std::collections::HashMap;

use super::expected::{Case, shown};
use crate::model::value::SampleValue;
use crate::model::{Labels, TimeRange, Timestamp};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, TimestampsId};

/// What came out of a series, and how.
pub(super) struct ReadSeries {
    pub(super) labels: Labels,
    pub(super) range: TimeRange,
    pub(super) samples: Vec<ReadSample>,
    pub(super) problems: Vec<String>,
    named_times: Vec<(TimestampsId, Vec<Timestamp>)>,
}

/// One sample, as it was read.
pub(super) struct ReadSample {
    pub(super) time: Timestamp,
    pub(super) value: SampleValue,
    /// `None` if the store does not tell start timestamps.
    pub(super) start: Option<Timestamp>,
}

impl ReadSeries {
    pub(super) fn of(series: &dyn Series, range: TimeRange) -> ReadSeries {
        let mut read = ReadSeries {
            labels: series.labels().clone(),
            range,
            samples: Vec::new(),
            problems: Vec::new(),
            named_times: Vec::new(),
        };
        if let Err(error) = series.read(range, &mut read) {
            read.problems.push(format!("reading failed: {error}"));
        }
        read
    }

    fn take(
        &mut self,
        times: &[Timestamp],
        values: impl ExactSizeIterator<Item = SampleValue>,
        starts: &[Timestamp],
    ) {
        if times.len() != values.len() {
            self.problems.push(format!("a batch of {} times and {} values", times.len(), values.len()));
        }
        if !starts.is_empty() && starts.len() != times.len() {
            self.problems.push(format!(
                "a batch of {} times and {} start timestamps",
                times.len(),
                starts.len()
            ));
        }
        for (at, (time, value)) in times.iter().zip(values).enumerate() {
            if self.samples.last().is_some_and(|last| last.time >= *time) {
                self.problems.push(format!("the sample at {time} comes after a later one"));
            }
            self.samples.push(ReadSample { time: *time, value, start: starts.get(at).copied() });
        }
    }
}

impl SampleSink for ReadSeries {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        let values = batch.values.iter().map(|value| SampleValue::Float(*value));
        self.take(batch.timestamps, values, batch.start_timestamps);
        self.named_times.extend(batch.timestamps_id.map(|id| (id, batch.timestamps.to_vec())));
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        let values = batch.values.iter().map(|value| SampleValue::Histogram(value.clone()));
        self.take(batch.timestamps, values, batch.start_timestamps);
        Flow::Continue
    }
}

/// The names of columns of timestamps that were seen so far.
#[derive(Default)]
pub(super) struct TimestampsIds(HashMap<TimestampsId, Vec<Timestamp>>);

impl TimestampsIds {
    /// Checks that equal names stand for equal times.
    pub(super) fn check(&mut self, read: &ReadSeries, case: &Case<'_>) {
        for (id, times) in &read.named_times {
            let known = self.0.entry(*id).or_insert_with(|| times.clone());
            if known != times {
                let got = format!("{id:?} names two columns of timestamps, one in {}", shown(&read.labels));
                case.fail("one name for one column of timestamps", got);
            }
        }
    }
}

/// Checks that what is lent is what is read.
pub(super) fn check_lent(series: &dyn Series, range: TimeRange, case: &Case<'_>) {
    let Some(floats) = series.lend(range) else { return };
    let mut lent = ReadSeries {
        labels: series.labels().clone(),
        range,
        samples: Vec::new(),
        problems: Vec::new(),
        named_times: Vec::new(),
    };
    let _ = lent.floats(floats);
    case.check_samples(&lent);
}

/// Wants one batch and no more.
#[derive(Default)]
struct StopAtOnce {
    batches: usize,
}

impl SampleSink for StopAtOnce {
    fn floats(&mut self, _: FloatBatch<'_>) -> Flow {
        self.batches += 1;
        Flow::Stop
    }

    fn histograms(&mut self, _: HistogramBatch<'_>) -> Flow {
        self.batches += 1;
        Flow::Stop
    }
}

/// Checks that a series stops when it is told to.
pub(super) fn check_stop(series: &dyn Series, case: &Case<'_>) {
    let mut sink = StopAtOnce::default();
    let result = series.read(TimeRange::ALL, &mut sink);
    let labels = shown(series.labels());
    if let Err(error) = result {
        case.fail(format!("{labels} ends well when it is stopped"), error);
    }
    if sink.batches > 1 {
        case.fail(format!("no batch of {labels} after Flow::Stop"), "it goes on after it was stopped");
    }
}
