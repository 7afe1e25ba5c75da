//! The head as its one writer has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::postings::Postings;
use super::series::HeadSeries;
use super::table::SeriesTable;
use super::view::HeadView;
use crate::model::value::SampleValue;
use crate::model::{Labels, TimeRange, Timestamp};
use crate::store::Metadata;

/// The head, to write.
#[derive(Debug)]
pub(in crate::store::disk) struct Head {
    pub(super) view: HeadView,
    pub(super) by_labels: FxHashMap<Labels, u32>,
    /// A series that was dropped from memory and came back has several numbers.
    pub(super) by_number: FxHashMap<u64, u32>,
    /// The largest number that the log has given to a series.
    pub(super) last_number: u64,
    /// Series that are not among the postings yet, from this reference on.
    unlisted: u32,
    /// Stretch of time in ms that a block has.
    block_range: i64,
}

/// Whether a sample comes in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) enum Arrival {
    /// It is the latest of its series, and later than all blocks of samples in order.
    InOrder,
    /// It is not.
    Late,
}

impl Head {
    /// A head without anything, that goes on at `min_valid_time` and becomes blocks as long as `block_range`.
    pub(in crate::store::disk) fn new(min_valid_time: Timestamp, block_range: i64) -> Self {
        Head {
            view: HeadView { min_valid_time, ..HeadView::empty() },
            by_labels: FxHashMap::default(),
            by_number: FxHashMap::default(),
            last_number: 0,
            unlisted: 0,
            block_range,
        }
    }

    /// What a reader sees from now on.
    pub(in crate::store::disk) fn view(&self) -> &HeadView {
        &self.view
    }

    /// Says that everything up to `commit` is to be seen.
    pub(in crate::store::disk) fn publish(&mut self, commit: u64) {
        let new = (self.unlisted..self.view.table.len() as u32).map(|i| (i, &self.view.table.get(i).labels));
        self.view.postings.add(new);
        self.unlisted = self.view.table.len() as u32;
        self.view.commit = commit;
    }

    /// Says that samples in order begin at `time`.
    pub(in crate::store::disk) fn set_min_valid_time(&mut self, time: Timestamp) {
        self.view.min_valid_time = time;
    }

    /// The series with these labels.
    pub(in crate::store::disk) fn find(&self, labels: &Labels) -> Option<u32> {
        self.by_labels.get(labels).copied()
    }

    /// The series with this reference.
    pub(in crate::store::disk) fn series(&self, reference: u32) -> &Arc<HeadSeries> {
        self.view.table.get(reference)
    }

    /// All series, in the order in which they came.
    pub(in crate::store::disk) fn all_series(&self) -> impl Iterator<Item = &Arc<HeadSeries>> {
        self.view.table.iter()
    }

    /// Adds a series with a number of its own.
    pub(in crate::store::disk) fn create(&mut self, labels: Labels, number: u64) -> u32 {
        let series = Arc::new(HeadSeries::new(labels.clone(), number));
        let reference = Arc::make_mut(&mut self.view.table).push(series);
        self.by_labels.insert(labels, reference);
        self.by_number.insert(number, reference);
        self.last_number = self.last_number.max(number);
        reference
    }

    /// The largest number that a series has had.
    pub(in crate::store::disk) fn last_number(&self) -> u64 {
        self.last_number
    }

    /// Adds a sample to a series; everyone sees the commits up to `seen`.
    pub(in crate::store::disk) fn add(
        &mut self,
        reference: u32,
        arrival: Arrival,
        (time, start, value): (Timestamp, Timestamp, SampleValue),
        commit: u64,
        seen: u64,
    ) {
        let series = self.view.table.get(reference);
        match arrival {
            Arrival::InOrder => series.append((time, start, value), commit, seen, self.block_range),
            Arrival::Late => series.insert((time, start, value), commit),
        }
        let at = TimeRange::new(time, time);
        self.view.range = Some(self.view.range.map_or(at, |range| range.union(at)));
    }

    /// Says what is known of a metric.
    pub(in crate::store::disk) fn set_metadata(&mut self, metric: &str, metadata: Metadata) {
        if self.view.metadata.get(metric) != Some(&metadata) {
            Arc::make_mut(&mut self.view.metadata).insert(metric.to_owned(), metadata);
        }
    }

    /// What is known of all metrics.
    pub(in crate::store::disk) fn all_metadata(&self) -> &BTreeMap<String, Metadata> {
        &self.view.metadata
    }

    /// Where the blocks begin that have samples earlier than `until`.
    pub(in crate::store::disk) fn occupied(&self, until: Timestamp) -> BTreeSet<Timestamp> {
        let range = self.block_range;
        let mut starts = BTreeSet::new();
        for series in self.view.table.iter() {
            series.for_each_stretch(|times| {
                let mut start = times.start.div_euclid(range).saturating_mul(range);
                while start <= times.end && start < until {
                    starts.insert(start);
                    start = start.saturating_add(range);
                }
            });
        }
        starts
    }

    /// Forgets what up to `commit` came with an earlier time than `time`, all of which is in a block, and series without
    /// anything else. Nobody reads it any more.
    pub(in crate::store::disk) fn drop_before(&mut self, time: Timestamp, commit: u64) {
        for series in self.view.table.iter() {
            series.drop_before(time, commit);
        }
        self.drop_empty();
    }

    /// Forgets series without samples.
    pub(in crate::store::disk) fn drop_empty(&mut self) {
        let kept: Vec<_> = self.view.table.iter().filter(|series| !series.is_empty()).cloned().collect();
        if kept.len() < self.view.table.len() {
            self.by_labels = (0..).zip(&kept).map(|(i, series)| (series.labels.clone(), i)).collect();
            self.by_number = (0..).zip(&kept).map(|(i, series)| (series.number, i)).collect();
            self.view.table = Arc::new(SeriesTable::new(&kept));
            self.view.postings = Postings::default();
            self.unlisted = 0;
        }
        self.publish(self.view.commit);
        let ranges = self.view.table.iter().filter_map(|series| series.range(u64::MAX));
        self.view.range = ranges.reduce(TimeRange::union);
    }
}
