//! How samples travel from a store to an operator: in batches of columns, lent, never one by one.

use std::num::NonZeroU64;
use std::sync::Arc;

use crate::model::{Histogram, Timestamp};

/// Takes the samples of one series.
pub trait SampleSink {
    /// Takes float samples. All slices have one length.
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow;

    /// Takes histogram samples. All slices have one length.
    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow;

    /// Takes float samples from a store that has to make them, and can do so where they are wanted: `append` is called
    /// once, and appends the next samples, times to the one column and as many values to the other. What is in the
    /// columns before means nothing to it. Start timestamps are unknown.
    fn append_floats(&mut self, append: &mut dyn FnMut(&mut Vec<Timestamp>, &mut Vec<f64>)) -> Flow {
        let (mut timestamps, mut values) = (Vec::new(), Vec::new());
        append(&mut timestamps, &mut values);
        self.floats(FloatBatch {
            timestamps: &timestamps,
            values: &values,
            start_timestamps: &[],
            timestamps_id: None,
        })
    }
}

/// Whether the sink wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// Go on with the next batch.
    Continue,
    /// Nothing more is wanted: the query ended early.
    Stop,
}

/// Float samples of one series in order of time.
#[derive(Clone, Copy, Debug)]
pub struct FloatBatch<'a> {
    /// Times in ms, strictly rising.
    pub timestamps: &'a [Timestamp],
    /// A value for each time. Stale markers are among them.
    pub values: &'a [f64],
    /// When the counter behind each sample began, in ms, 0 where unknown; empty when unknown for all.
    pub start_timestamps: &'a [Timestamp],
    /// Names the contents of `timestamps`, for series that are scraped together.
    pub timestamps_id: Option<TimestampsId>,
}

/// Histogram samples of one series in order of time.
#[derive(Clone, Copy, Debug)]
pub struct HistogramBatch<'a> {
    /// Times in ms, strictly rising.
    pub timestamps: &'a [Timestamp],
    /// A histogram for each time. One whose sum is the stale marker is a stale marker.
    pub values: &'a [Arc<Histogram>],
    /// When the counter behind each sample began, in ms, 0 where unknown; empty when unknown for all.
    pub start_timestamps: &'a [Timestamp],
}

/// A name for the contents of a column of timestamps: within one view of a store, two batches with the same id
/// have the same timestamps. Work that depends on nothing else is then done once for all such series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimestampsId(pub NonZeroU64);
