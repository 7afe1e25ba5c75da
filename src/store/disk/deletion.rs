//! Deleting samples: they are gone for queries at once, and for good when their block is made anew.

use std::sync::Arc;

use super::block::{Block, open_blocks};
use super::meta;
use super::new_file::replace_file;
use super::postings;
use super::state::State;
use super::store::{DiskStore, Writer};
use super::tombstones;
use super::wal::Records;
use super::write_error::WriteError;
use crate::model::{Matcher, TimeRange};

impl DiskStore {
    /// Deletes the samples in `range` of all series that meet all matchers. When it returns it lasts; if it fails in the
    /// middle some of the samples may be deleted and others not. Other samples may be appended in their place.
    pub fn delete(&self, matchers: &[Matcher], range: TimeRange) -> Result<(), WriteError> {
        self.write(|writer| {
            let state = self.current();
            let mut blocks: Vec<Arc<Block>> = Vec::new();
            for block in state.blocks.iter() {
                blocks.push(self.delete_from_block(block, matchers, range)?);
            }
            self.publish(State::new(blocks, state.head));
            self.delete_from_head(writer, matchers, range)
        })
    }

    fn delete_from_block(
        &self,
        block: &Arc<Block>,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Arc<Block>, WriteError> {
        if !block.meta.range().overlaps(range) {
            return Ok(block.clone());
        }
        let corrupt = |corruption| block.index.corrupt(corruption);
        let mut deleted = block.tombstones.clone();
        for reference in postings::select(&block.index, matchers).map_err(corrupt)? {
            for chunk in block.index.series(reference).map_err(corrupt)?.chunks() {
                let chunk = chunk.map_err(corrupt)?.range();
                let part = TimeRange::new(range.start.max(chunk.start), range.end.min(chunk.end));
                if !part.is_empty() {
                    deleted.add(u64::from(reference), part);
                }
            }
        }
        if !deleted.differs(&block.tombstones) {
            return Ok(block.clone());
        }
        let mut meta = block.meta.clone();
        meta.stats.tombstones = deleted.len() as u64;
        replace_file(&*self.io, &block.dir().join(tombstones::FILE_NAME), &deleted.to_bytes())?;
        replace_file(&*self.io, &block.dir().join(meta::FILE_NAME), meta.to_json().as_bytes())?;
        let opened = open_blocks(&*self.io, &self.dir, vec![meta], &self.decoded)?;
        Ok(opened.into_iter().next().unwrap_or_else(|| block.clone()))
    }

    fn delete_from_head(
        &self,
        writer: &mut Writer,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<(), WriteError> {
        let mut stones = Vec::new();
        let mut series = Vec::new();
        for reference in writer.head.view().select(matchers) {
            let of_series = writer.head.series(reference);
            // A range without bounds would stand for a series that was dropped from memory.
            let Some(times) = of_series.range(u64::MAX) else { continue };
            let part = TimeRange::new(range.start.max(times.start), range.end.min(times.end));
            if !part.is_empty() {
                stones.push((of_series.number, part));
                series.push((of_series.clone(), part));
            }
        }
        if stones.is_empty() {
            return Ok(());
        }
        let mut records = Records::default();
        records.tombstones(&stones);
        let commit = writer.logs.commit(writer.head.last_number(), &records, &Records::default())?;
        writer.logs.sync()?;
        for (series, range) in series {
            series.delete(range, commit);
        }
        writer.head.publish(commit);
        self.publish_head(&writer.head);
        Ok(())
    }
}
