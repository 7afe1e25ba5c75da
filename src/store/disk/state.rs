//! One consistent state of a data directory: its blocks, and its head up to a commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::block::Block;
use super::error::DiskError;
use super::head::HeadView;
use super::select::Selected;
use crate::model::{Matcher, TimeRange};
use crate::store::{SelectRequest, Series, StoreError};

/// Blocks and head.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Sorted by the time at which they begin.
    pub(super) blocks: Arc<Vec<Arc<Block>>>,
    pub(super) head: HeadView,
}

impl State {
    /// Blocks and head as one state.
    pub(super) fn new(mut blocks: Vec<Arc<Block>>, head: HeadView) -> Self {
        blocks.sort_by_key(|block| (block.meta.min_time, block.meta.ulid));
        State { blocks: Arc::new(blocks), head }
    }

    fn blocks_in(&self, range: TimeRange) -> impl Iterator<Item = &Arc<Block>> {
        self.blocks.iter().filter(move |block| block.meta.range().overlaps(range))
    }

    fn head_in(&self, range: TimeRange) -> Option<&HeadView> {
        self.head.range().is_some_and(|head| head.overlaps(range)).then_some(&self.head)
    }

    /// The series that match and may have samples in the range, sorted by labels.
    pub(super) fn select(
        &self,
        request: &SelectRequest<'_>,
    ) -> Result<impl Iterator<Item = Result<Box<dyn Series>, StoreError>> + use<>, DiskError> {
        self.selected(request)
    }

    /// The same, as series of this store.
    pub(super) fn selected(&self, request: &SelectRequest<'_>) -> Result<Selected, DiskError> {
        let mut selected = Selected::new(request.range);
        if let Some(head) = self.head_in(request.range) {
            selected.add_head(head, request.matchers);
        }
        for block in self.blocks_in(request.range) {
            selected.add_block(block, request.matchers)?;
        }
        Ok(selected)
    }

    /// The names of the labels of the series that match, sorted.
    pub(super) fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        let mut names = BTreeSet::new();
        if !matchers.is_empty() {
            for series in self.select(&SelectRequest::new(matchers, range))? {
                names.extend(series?.labels().iter().map(|(name, _)| name.to_owned()));
            }
            return Ok(names.into_iter().collect());
        }
        let head = self.head_in(range).into_iter().flat_map(HeadView::label_names);
        let blocks = self.blocks_in(range).flat_map(|block| block.index.label_names());
        names.extend(head.chain(blocks).map(str::to_owned));
        Ok(names.into_iter().collect())
    }

    /// The values of the label `name` of the series that match, sorted.
    pub(super) fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        let mut values = BTreeSet::new();
        if !matchers.is_empty() {
            for series in self.select(&SelectRequest::new(matchers, range))? {
                values.extend(series?.labels().get(name).map(str::to_owned));
            }
            return Ok(values.into_iter().collect());
        }
        let head = self.head_in(range).into_iter().flat_map(|head| head.label_values(name));
        values.extend(head.map(str::to_owned));
        for block in self.blocks_in(range) {
            let of_block = block.index.label_values(name);
            let of_block = of_block.map_err(|corruption| block.index.corrupt(corruption))?;
            values.extend(of_block.into_iter().map(str::to_owned));
        }
        Ok(values.into_iter().collect())
    }

    /// The times of the earliest and the latest sample.
    pub(super) fn time_range(&self) -> Option<TimeRange> {
        let mut range = self.head.range();
        for block in self.blocks.iter() {
            let of_meta = block.meta.range();
            let known =
                range.is_some_and(|range| range.contains(of_meta.start) && range.contains(of_meta.end));
            if !known && let Ok(Some(block)) = block.range() {
                range = Some(range.map_or(block, |range| range.union(block)));
            }
        }
        range
    }

    /// How many series there are, if that is known without counting.
    pub(super) fn series_count(&self) -> Option<usize> {
        match &self.blocks[..] {
            [] => Some(self.head.series_count()),
            [block] if self.head.series_count() == 0 => usize::try_from(block.meta.stats.series).ok(),
            _ => None,
        }
    }
}
