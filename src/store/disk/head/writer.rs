//! The head as its one writer has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::chunk::SampleValue;
use super::series::{HeadSeries, Refusal};
use super::table::SeriesTable;
use super::view::HeadView;
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
    /// A head without anything, that goes on at `min_valid_time`.
    pub(in crate::store::disk) fn new(min_valid_time: Timestamp) -> Self {
        Head {
            view: HeadView { min_valid_time, ..HeadView::empty() },
            by_labels: FxHashMap::default(),
            by_number: FxHashMap::default(),
            last_number: 0,
        }
    }

    /// What a reader sees from now on.
    pub(in crate::store::disk) fn view(&self) -> &HeadView {
        &self.view
    }

    /// The last commit.
    pub(in crate::store::disk) fn commit(&self) -> u64 {
        self.view.commit
    }

    /// Says that everything up to `commit` is seen.
    pub(in crate::store::disk) fn publish(&mut self, commit: u64) {
        self.view.commit = commit;
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
    pub(in crate::store::disk) fn all_series(&self) -> &[Arc<HeadSeries>] {
        self.view.table.all()
    }

    /// Adds a series with a number of its own.
    pub(in crate::store::disk) fn create(&mut self, labels: Labels, number: u64) -> u32 {
        let series = Arc::new(HeadSeries::new(labels.clone(), number));
        let reference = Arc::make_mut(&mut self.view.table).push(series);
        Arc::make_mut(&mut self.view.postings).add(reference, &labels);
        self.by_labels.insert(labels, reference);
        self.by_number.insert(number, reference);
        self.last_number = self.last_number.max(number);
        reference
    }

    /// A number that no series has had.
    pub(in crate::store::disk) fn next_number(&self) -> u64 {
        self.last_number + 1
    }

    /// How a sample at `time` comes to a series.
    pub(in crate::store::disk) fn arrival(&self, series: &HeadSeries, time: Timestamp) -> Arrival {
        let in_order = time >= self.view.min_valid_time && series.last_time().is_none_or(|last| time > last);
        if in_order { Arrival::InOrder } else { Arrival::Late }
    }

    /// Whether a late sample can be added to a series.
    pub(in crate::store::disk) fn check_late(
        &self,
        series: &HeadSeries,
        time: Timestamp,
        value: &SampleValue,
    ) -> Result<(), Refusal> {
        series.check_late(time, value)
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
            Arrival::InOrder => series.append(time, start, value, commit, seen),
            Arrival::Late => series.insert(time, start, value, commit),
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

    /// Forgets what is earlier than `time`, which is in a block, and series without anything else. Nobody reads what is
    /// dropped any more.
    pub(in crate::store::disk) fn drop_before(&mut self, time: Timestamp) {
        for series in self.view.table.all() {
            series.drop_before(time);
        }
        self.drop_empty();
    }

    /// Forgets series without samples.
    pub(in crate::store::disk) fn drop_empty(&mut self) {
        if self.view.table.all().iter().any(|series| series.is_empty()) {
            let all = self.view.table.all().iter();
            let series: Vec<_> = all.filter(|series| !series.is_empty()).cloned().collect();
            self.by_labels.clear();
            self.by_number.clear();
            let mut postings = super::postings::MemPostings::default();
            for (reference, series) in (0..).zip(&series) {
                postings.add(reference, &series.labels);
                self.by_labels.insert(series.labels.clone(), reference);
                self.by_number.insert(series.number, reference);
            }
            self.view.postings = Arc::new(postings);
            self.view.table = Arc::new(SeriesTable::new(series));
        }
        self.find_range();
    }

    /// Finds the times of the earliest and the latest sample.
    pub(super) fn find_range(&mut self) {
        let ranges = self.view.table.all().iter().filter_map(|series| series.range(u64::MAX));
        self.view.range = ranges.reduce(TimeRange::union);
    }
}
