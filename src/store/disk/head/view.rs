//! The head as a reader sees it: up to one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::exemplars::Exemplar;
use super::super::head_chunks::HeadChunkFiles;
use super::postings::Postings;
use super::series::{HeadSeries, SeriesSamples};
use super::table::SeriesTable;
use super::views::{Reading, Views};
use crate::model::{Labels, Matcher, TimeRange, Timestamp};
use crate::store::Metadata;

/// The head up to a commit.
#[derive(Clone, Debug)]
pub(in crate::store::disk) struct HeadView {
    pub(super) table: Arc<SeriesTable>,
    pub(super) postings: Postings,
    pub(super) files: Arc<HeadChunkFiles>,
    pub(super) exemplars: Arc<Vec<(Labels, Exemplar)>>,
    pub(super) metadata: Arc<BTreeMap<String, Metadata>>,
    /// Samples of chunks in order that are earlier than this are in a block, and do not count here.
    pub(super) min_valid_time: Timestamp,
    /// The last commit that is seen.
    pub(super) commit: u64,
    /// The times of the earliest and the latest sample.
    pub(super) range: Option<TimeRange>,
    /// Keeps what is seen from being dropped.
    pub(super) _reading: Option<Arc<Reading>>,
}

impl HeadView {
    /// A head without anything.
    pub(in crate::store::disk) fn empty() -> Self {
        HeadView {
            table: Arc::default(),
            postings: Postings::default(),
            files: Arc::default(),
            exemplars: Arc::default(),
            metadata: Arc::default(),
            min_valid_time: Timestamp::MIN,
            commit: 0,
            range: None,
            _reading: None,
        }
    }

    /// The same, kept from changing as long as it lives.
    pub(in crate::store::disk) fn held(&self, views: &Arc<Views>) -> Self {
        HeadView { _reading: Some(Arc::new(Views::enter(views, self.commit))), ..self.clone() }
    }

    /// Series that meet all matchers, sorted by labels.
    pub(in crate::store::disk) fn select(&self, matchers: &[Matcher]) -> Vec<u32> {
        let mut selected = self.postings.select(matchers);
        self.table.sort(&mut selected);
        selected
    }

    /// The series with this reference.
    pub(in crate::store::disk) fn series(&self, reference: u32) -> &HeadSeries {
        self.table.get(reference)
    }

    /// Whether a series may have samples in `range`.
    pub(in crate::store::disk) fn overlaps(&self, reference: u32, range: TimeRange) -> bool {
        self.series(reference).overlaps(range, self.commit)
    }

    /// What there is of a series in `range`.
    pub(in crate::store::disk) fn samples(&self, reference: u32, range: TimeRange) -> SeriesSamples {
        self.series(reference).samples(range, self.commit)
    }

    /// How many series there are.
    pub(in crate::store::disk) fn series_count(&self) -> usize {
        self.table.len()
    }

    /// Where the head chunks are.
    pub(in crate::store::disk) fn files(&self) -> &HeadChunkFiles {
        &self.files
    }

    /// Samples of chunks in order that are earlier than this are in a block, and do not count here.
    pub(in crate::store::disk) fn min_valid_time(&self) -> Timestamp {
        self.min_valid_time
    }

    /// The last commit that is seen.
    pub(in crate::store::disk) fn commit(&self) -> u64 {
        self.commit
    }

    /// The times of the earliest and the latest sample.
    pub(in crate::store::disk) fn range(&self) -> Option<TimeRange> {
        self.range
    }

    /// The label names, sorted.
    pub(in crate::store::disk) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.postings.names().into_iter()
    }

    /// The values of the label `name`, sorted.
    pub(in crate::store::disk) fn label_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.postings.values(name).into_iter()
    }

    /// What is known of the metric `name`.
    pub(in crate::store::disk) fn metadata(&self, name: &str) -> Option<&Metadata> {
        self.metadata.get(name)
    }

    /// Exemplars with the labels of their series, in the order in which they came.
    pub(in crate::store::disk) fn exemplars(&self) -> &[(Labels, Exemplar)] {
        &self.exemplars
    }
}
