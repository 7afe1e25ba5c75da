//! The series of several blocks and the head as one row: sorted by labels, each label set once.
//!
//! Each source has its series sorted already, so they are merged like a zip: the smallest label set of all is next,
//! and all sources that stand on it have a part in it.

use super::block::Block;
use super::error::{DiskError, Problem};
use super::first::FirstOf;
use super::head::Head;
use super::series::{DiskSeries, Part};
use crate::model::{Labels, Matcher, TimeRange};
use crate::store::{Series, StoreError};

/// The series of one source that meet the matchers, in order.
struct Cursor<'s> {
    source: Source<'s>,
    range: TimeRange,
    references: std::vec::IntoIter<u32>,
    last: Option<Labels>,
}

/// A head or a block.
enum Source<'s> {
    Head(&'s Head),
    Block(&'s Block),
}

impl<'s> Cursor<'s> {
    /// The next series with samples in the range.
    fn next(&mut self) -> Result<Option<(Labels, Part<'s>)>, DiskError> {
        for reference in self.references.by_ref() {
            match self.source {
                Source::Head(head) => {
                    let series = head.series(reference);
                    if series.overlaps(self.range) {
                        return Ok(Some((series.labels.clone(), Part::Head(head, reference))));
                    }
                }
                Source::Block(block) => {
                    let corrupt = |corruption| block.index.corrupt(corruption);
                    let entry = block.index.series(reference).map_err(corrupt)?;
                    if !entry.overlaps(self.range).map_err(corrupt)? {
                        continue;
                    }
                    let labels = entry.labels().map_err(corrupt)?;
                    if self.last.as_ref().is_some_and(|last| *last >= labels) {
                        let problem = Problem::Invalid("the series are not sorted by labels");
                        return Err(corrupt(problem.at(entry.offset())));
                    }
                    self.last = Some(labels.clone());
                    return Ok(Some((labels, Part::Block(block, reference))));
                }
            }
        }
        Ok(None)
    }
}

/// The series that were selected.
pub(super) struct Selected<'s> {
    cursors: Vec<Cursor<'s>>,
    /// Where each cursor stands.
    standing: FirstOf<Standing<'s>>,
    /// Which cursors have to go on.
    moved: Vec<usize>,
    failed: bool,
}

/// Where a cursor stands.
struct Standing<'s> {
    labels: Labels,
    cursor: usize,
    part: Part<'s>,
}

fn is_less(a: &Standing<'_>, b: &Standing<'_>) -> bool {
    a.labels < b.labels
}

impl<'s> Selected<'s> {
    /// Selects from the head and those blocks that may have samples in `range`.
    pub(super) fn new(
        head: &'s Head,
        blocks: &'s [Block],
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Self, DiskError> {
        let mut cursors = Vec::new();
        let mut add = |source, references: Vec<u32>| {
            cursors.push(Cursor { source, range, references: references.into_iter(), last: None });
        };
        if head.range().is_some_and(|head| head.overlaps(range)) {
            add(Source::Head(head), head.select(matchers));
        }
        for block in blocks.iter().filter(|block| block.meta.range().overlaps(range)) {
            let selected = super::postings::select(&block.index, matchers);
            add(Source::Block(block), selected.map_err(|corruption| block.index.corrupt(corruption))?);
        }
        let moved = (0..cursors.len()).collect();
        Ok(Selected { cursors, standing: FirstOf::default(), moved, failed: false })
    }

    fn advance(&mut self) -> Result<Option<DiskSeries<'s>>, DiskError> {
        for cursor in self.moved.drain(..) {
            if let Some((labels, part)) = self.cursors[cursor].next()? {
                self.standing.push(Standing { labels, cursor, part }, is_less);
            }
        }
        let Some(first) = self.standing.pop(is_less) else { return Ok(None) };
        let mut parts = vec![first.part];
        self.moved.push(first.cursor);
        while self.standing.first().is_some_and(|next| next.labels == first.labels)
            && let Some(next) = self.standing.pop(is_less)
        {
            parts.push(next.part);
            self.moved.push(next.cursor);
        }
        Ok(Some(DiskSeries::new(first.labels, parts)))
    }
}

impl<'s> Iterator for Selected<'s> {
    type Item = Result<Box<dyn Series + 's>, StoreError>;

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
