//! The columns that chunks are decoded into.
//!
//! One set of columns takes the samples of several chunks in turn, so that a series is handed over in few batches
//! and nothing is allocated once the columns have grown.

use std::ops::Range;
use std::sync::Arc;

use crate::model::{Histogram, Timestamp};

/// Columns for samples of either kind.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct Columns {
    /// Float samples.
    pub(in crate::store::disk) floats: FloatColumns,
    /// Histogram samples.
    pub(in crate::store::disk) histograms: HistogramColumns,
}

/// Columns of float samples.
pub(in crate::store::disk) type FloatColumns = ValueColumns<f64>;

/// Columns of histogram samples.
pub(in crate::store::disk) type HistogramColumns = ValueColumns<Arc<Histogram>>;

/// Samples as columns of one length.
#[derive(Clone, Debug)]
pub(in crate::store::disk) struct ValueColumns<V> {
    /// Times in ms.
    pub(in crate::store::disk) timestamps: Vec<Timestamp>,
    /// A value for each time.
    pub(in crate::store::disk) values: Vec<V>,
    /// A start timestamp for each time, 0 where unknown; empty while none is known.
    pub(in crate::store::disk) start_timestamps: Vec<Timestamp>,
}

impl<V> Default for ValueColumns<V> {
    fn default() -> Self {
        ValueColumns { timestamps: Vec::new(), values: Vec::new(), start_timestamps: Vec::new() }
    }
}

impl<V: Clone> ValueColumns<V> {
    /// Copies of some of the samples.
    pub(in crate::store::disk) fn slice(&self, range: Range<usize>) -> Self {
        ValueColumns {
            timestamps: self.timestamps[range.clone()].to_vec(),
            values: self.values[range.clone()].to_vec(),
            start_timestamps: self.start_timestamps.get(range).unwrap_or_default().to_vec(),
        }
    }

    /// Appends copies of all samples of `other`.
    pub(in crate::store::disk) fn extend_from(&mut self, other: &Self) {
        self.fill_start_timestamps();
        if !other.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.len(), 0);
            self.start_timestamps.extend_from_slice(&other.start_timestamps);
        }
        self.timestamps.extend_from_slice(&other.timestamps);
        self.values.extend_from_slice(&other.values);
        self.fill_start_timestamps();
    }
}

impl Columns {
    /// Forgets all samples.
    pub(in crate::store::disk) fn clear(&mut self) {
        self.floats.clear();
        self.histograms.clear();
    }
}

impl<V> ValueColumns<V> {
    /// How many samples there are.
    pub(in crate::store::disk) fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether there is no sample.
    pub(in crate::store::disk) fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// Forgets all samples.
    pub(in crate::store::disk) fn clear(&mut self) {
        self.truncate(0);
    }

    /// Forgets the samples from `len` on.
    pub(in crate::store::disk) fn truncate(&mut self, len: usize) {
        self.timestamps.truncate(len);
        self.values.truncate(len);
        self.start_timestamps.truncate(len);
    }

    /// Appends a sample.
    pub(in crate::store::disk) fn push(&mut self, timestamp: Timestamp, value: V, start: Timestamp) {
        if start != 0 || !self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.len(), 0);
            self.start_timestamps.push(start);
        }
        self.timestamps.push(timestamp);
        self.values.push(value);
    }

    /// The start timestamp of sample `i`, 0 if unknown.
    pub(in crate::store::disk) fn start_timestamp(&self, i: usize) -> Timestamp {
        self.start_timestamps.get(i).copied().unwrap_or(0)
    }

    /// Makes as many start timestamps as there are samples if there are any: those that are missing are unknown.
    pub(in crate::store::disk) fn fill_start_timestamps(&mut self) {
        if !self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.timestamps.len(), 0);
        }
    }

    /// Keeps the samples from `from` on for whose time `keep` holds, and all before.
    pub(in crate::store::disk) fn retain_from(
        &mut self,
        from: usize,
        mut keep: impl FnMut(Timestamp) -> bool,
    ) {
        self.fill_start_timestamps();
        let mut to = from;
        for i in from..self.len() {
            if keep(self.timestamps[i]) {
                self.timestamps.swap(to, i);
                self.values.swap(to, i);
                if !self.start_timestamps.is_empty() {
                    self.start_timestamps.swap(to, i);
                }
                to += 1;
            }
        }
        self.truncate(to);
    }
}
