//! The series of several blocks and the head as one row: sorted by labels, each label set once.
//!
//! Each source has its series sorted already, so they are merged like a zip: the smallest label set of all is next,
//! and all sources that stand on it have a part in it.

use std::sync::Arc;

use super::block::Block;
use super::error::DiskError;
use super::first::FirstOf;
use super::head::HeadView;
use super::index::{KnownSeries, SeriesRef};
use super::postings;
use super::series::{DiskSeries, Part};
use crate::model::{Labels, Matcher, TimeRange};
use crate::store::{Series, StoreError};

/// The series of one source that meet the matchers, in order.
struct Cursor {
    source: Source,
    references: std::vec::IntoIter<u32>,
    /// Of a block, the next series, which were looked up together.
    known: std::vec::IntoIter<Arc<KnownSeries>>,
    last: Option<SeriesRef>,
}

/// So many series are looked up together.
const TOGETHER: usize = 64;

/// A head or a block.
enum Source {
    Head(Arc<HeadView>),
    Block(Arc<Block>),
}

impl Cursor {
    /// The next series with samples in the range.
    fn next(&mut self, range: TimeRange) -> Result<Option<(Labels, Part)>, DiskError> {
        match &self.source {
            Source::Head(head) => {
                let reference = self.references.find(|reference| head.overlaps(*reference, range));
                Ok(reference.map(|reference| {
                    (head.series(reference).labels.clone(), Part::Head(head.clone(), reference))
                }))
            }
            Source::Block(block) => {
                let corrupt = |corruption| block.index.corrupt(corruption);
                loop {
                    let Some(series) = self.known.next() else {
                        let next = self.references.as_slice();
                        if next.is_empty() {
                            return Ok(None);
                        }
                        let known = block.index.all_known_series(&next[..next.len().min(TOGETHER)]);
                        self.known = known.map_err(corrupt)?.into_iter();
                        self.references.by_ref().take(self.known.len()).for_each(drop);
                        continue;
                    };
                    if !block.index.overlaps(&series, range).map_err(corrupt)? {
                        continue;
                    }
                    if let Some(before) = self.last.replace(series.reference) {
                        block.index.check_order(before, &series).map_err(corrupt)?;
                    }
                    return Ok(Some((series.labels.clone(), Part::Block(block.clone(), series))));
                }
            }
        }
    }
}

/// The series that were selected.
pub(super) struct Selected {
    range: TimeRange,
    cursors: Vec<Cursor>,
    /// Where each cursor stands.
    standing: FirstOf<Standing>,
    /// Which cursors have to go on.
    moved: Vec<usize>,
    failed: bool,
}

/// Where a cursor stands.
struct Standing {
    labels: Labels,
    cursor: usize,
    part: Part,
}

fn is_less(a: &Standing, b: &Standing) -> bool {
    a.labels < b.labels
}

impl Selected {
    /// A selection of series with samples in `range`, from nothing yet.
    pub(super) fn new(range: TimeRange) -> Self {
        Selected {
            range,
            cursors: Vec::new(),
            standing: FirstOf::default(),
            moved: Vec::new(),
            failed: false,
        }
    }

    /// Selects from the head, too.
    pub(super) fn add_head(&mut self, head: &HeadView, matchers: &[Matcher]) {
        self.add(Source::Head(Arc::new(head.clone())), head.select(matchers));
    }

    /// Selects from a block, too.
    pub(super) fn add_block(&mut self, block: &Arc<Block>, matchers: &[Matcher]) -> Result<(), DiskError> {
        let selected = postings::select(&block.index, matchers);
        let selected = selected.map_err(|corruption| block.index.corrupt(corruption))?;
        self.add(Source::Block(block.clone()), selected);
        Ok(())
    }

    fn add(&mut self, source: Source, references: Vec<u32>) {
        self.moved.push(self.cursors.len());
        let (references, known) = (references.into_iter(), Vec::new().into_iter());
        self.cursors.push(Cursor { source, references, known, last: None });
    }

    /// The next series.
    pub(super) fn advance(&mut self) -> Result<Option<DiskSeries>, DiskError> {
        // One source needs no merging.
        if let [cursor] = &mut self.cursors[..] {
            let next = cursor.next(self.range)?;
            return Ok(next.map(|(labels, part)| DiskSeries::new(labels, part, Vec::new())));
        }
        for cursor in self.moved.drain(..) {
            if let Some((labels, part)) = self.cursors[cursor].next(self.range)? {
                self.standing.push(Standing { labels, cursor, part }, is_less);
            }
        }
        let Some(first) = self.standing.pop(is_less) else { return Ok(None) };
        let mut others = Vec::new();
        self.moved.push(first.cursor);
        while self.standing.first().is_some_and(|next| next.labels == first.labels)
            && let Some(next) = self.standing.pop(is_less)
        {
            others.push(next.part);
            self.moved.push(next.cursor);
        }
        Ok(Some(DiskSeries::new(first.labels, first.part, others)))
    }
}

impl Iterator for Selected {
    type Item = Result<Box<dyn Series>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.advance() {
            Ok(series) => Some(Ok(Box::new(series?))),
            Err(error) => {
                self.failed = true;
                Some(Err(error.into()))
            }
        }
    }
}
