//! What has to be done now and then: blocks are cut from the head, the logs are cleared of what is in them, small
//! blocks are made into large ones, and old ones are removed.
//!
//! ```text
//!     blocks of samples in order         head
//! |----- 2 h -----|----- 2 h -----|------ 2 h ------|-- at least 1 h --|
//!                                 ^ min_valid_time  ^ becomes it
//! ```
//!
//! A block is cut when the head reaches half a block's range beyond it. What came late with a time before
//! `min_valid_time` becomes blocks of its own, which overlap others until they are compacted.
//!
//! Each step leaves a whole directory behind, whatever happens: a block is there or not; only when it is are the logs
//! cleared; and what was not cleared is passed over when they are read.

use std::sync::Arc;

use super::block::{Block, open_blocks};
use super::checkpoint::Checkpoint;
use super::compaction;
use super::error::DiskError;
use super::head::HeadView;
use super::head_chunks;
use super::meta::{BlockMeta, Compaction, OUT_OF_ORDER};
use super::new_file::remove_tree;
use super::rewrite::{NewBlock, known_names, remove_block, write_block};
use super::state::State;
use super::store::{DiskStore, Writer};
use super::ulid::Ulid;
use super::wal::CommitHead;
use super::write_error::WriteError;
use crate::model::{TimeRange, Timestamp};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Blocks that were cut from the head.
    pub cut: Vec<Ulid>,
    /// Blocks that others were made into.
    pub compacted: Vec<Ulid>,
    /// Blocks that were removed because they are too old, or because there is too much.
    pub removed: Vec<Ulid>,
}

impl DiskStore {
    /// Does what is due; when nothing is, that is quickly found. Queries go on meanwhile, commits wait.
    pub fn maintain(&self) -> Result<Maintained, WriteError> {
        self.write(|writer| {
            let mut done = Maintained::default();
            self.drop_what_is_in_blocks(writer);
            let mut until = self.due(writer);
            if writer.late_samples > self.options.late_samples
                && let Some(head) = writer.head.view().range()
            {
                // All but what the newest block will still grow by.
                until = until.max(start_of_block(head.end, self.options.block_range()));
            }
            self.cut(writer, until, &mut done)?;
            self.compact(&mut done)?;
            self.remove_old(&mut done)?;
            Ok(done)
        })
    }

    /// Makes blocks of everything in the head, whether they are due or not. What comes with an earlier time after this
    /// comes late.
    pub fn flush(&self) -> Result<Maintained, WriteError> {
        self.write(|writer| {
            let mut done = Maintained::default();
            self.drop_what_is_in_blocks(writer);
            if let Some(range) = writer.head.view().range() {
                let until = writer.head.view().min_valid_time().max(range.end + 1);
                self.cut(writer, until, &mut done)?;
            }
            Ok(done)
        })
    }

    /// Up to where blocks are due: up to the last block that the head reaches far enough beyond.
    fn due(&self, writer: &Writer) -> Timestamp {
        let view = writer.head.view();
        let Some(head) = view.range() else { return view.min_valid_time() };
        let range = self.options.block_range();
        let end = start_of_block(head.end.saturating_sub(range / 2), range);
        // Blocks without samples are none.
        if end > head.start { end.max(view.min_valid_time()) } else { view.min_valid_time() }
    }

    /// Makes blocks of all samples that are earlier than `until`.
    fn cut(&self, writer: &mut Writer, until: Timestamp, done: &mut Maintained) -> Result<(), WriteError> {
        let before = writer.head.view().min_valid_time();
        if until == before && writer.late_samples <= self.options.late_samples {
            return Ok(());
        }
        // What gets into a block lasts, so the rest of its commits has to, too.
        writer.logs.sync()?;
        let state = State::new(Vec::new(), writer.head.view().clone());
        let taken = known_names(&self.current().blocks);
        let mut metas = Vec::new();
        for stretch in self.stretches(writer, before, until) {
            let hints = if stretch.late { vec![OUT_OF_ORDER.to_owned()] } else { Vec::new() };
            let compaction = Compaction { level: 1, hints, ..Compaction::default() };
            let block = NewBlock { min_time: stretch.start, max_time: stretch.end, compaction };
            metas.extend(write_block(&*self.io, &self.dir, &state, block, &taken)?);
        }
        if metas.is_empty() && until == before {
            return Ok(());
        }
        done.cut.extend(metas.iter().map(|meta| meta.ulid));
        let commit = writer.logs.skip_commit();
        writer.head.set_min_valid_time(before.max(until));
        writer.head.publish(commit);
        writer.pending_drop = Some((commit, until));
        writer.late_samples = 0;
        self.add_blocks(metas, writer.head.view())?;
        self.drop_what_is_in_blocks(writer);
        self.clear_logs(writer, commit, until)?;
        Ok(())
    }

    /// The stretches of time before `until` that become blocks. What came late for blocks that are there, which reach up
    /// to `before`, is in blocks of its own. What goes on behind them becomes as large blocks as it would be compacted to:
    /// when much is appended at once, it is not written again and again.
    fn stretches(&self, writer: &Writer, before: Timestamp, until: Timestamp) -> Vec<Stretch> {
        let ranges: Vec<i64> = self.options.ranges().collect();
        let mut stretches: Vec<Stretch> = Vec::new();
        for time in writer.head.occupied(until) {
            let end = time.saturating_add(self.options.block_range());
            if time < before {
                stretches.push(Stretch { start: time, end: end.min(before), late: true });
            }
            if end <= before || stretches.last().is_some_and(|last| !last.late && end <= last.end) {
                continue;
            }
            let whole = ranges.iter().rev().find_map(|range| {
                let start = start_of_block(time, *range);
                let end = start.saturating_add(*range);
                (start >= before && end <= until).then_some((start, end))
            });
            let (start, end) = whole.unwrap_or((time.max(before), end.min(until)));
            stretches.push(Stretch { start, end, late: false });
        }
        stretches
    }

    fn add_blocks(&self, metas: Vec<BlockMeta>, head: &HeadView) -> Result<(), DiskError> {
        let mut blocks: Vec<Arc<Block>> = self.current().blocks.to_vec();
        blocks.extend(open_blocks(&*self.io, &self.dir, metas, &self.decoded)?);
        self.publish(State::new(blocks, head.clone()));
        Ok(())
    }

    /// Forgets what is in blocks, if nobody reads a state without them any more.
    pub(super) fn drop_what_is_in_blocks(&self, writer: &mut Writer) {
        let may_drop =
            |commit: &(u64, Timestamp)| self.views.earliest().is_none_or(|earliest| earliest >= commit.0);
        if let Some((commit, time)) = writer.pending_drop.take_if(|pending| may_drop(pending)) {
            writer.head.drop_before(time, commit);
            self.publish_head(&writer.head);
        }
    }

    /// Writes what the head still has into a checkpoint, and into the log of late samples, and removes what lies before
    /// them.
    fn clear_logs(&self, writer: &mut Writer, commit: u64, from: Timestamp) -> Result<(), DiskError> {
        let last = CommitHead { number: commit, last_series: writer.head.last_number(), late: false };
        let range = TimeRange::new(from, Timestamp::MAX);
        writer.late_samples = writer.logs.clear(last, Checkpoint::new(&writer.head, range))?;
        // What else a server has left of its head is in the checkpoint now.
        remove_tree(&*self.io, &self.dir.join(head_chunks::DIR_NAME))?;
        let entries = self.io.list(&self.dir).map_err(|error| DiskError::io(&self.dir, error))?;
        for entry in entries.iter().filter(|entry| entry.is_dir && entry.name.starts_with("chunk_snapshot."))
        {
            remove_tree(&*self.io, &self.dir.join(&entry.name))?;
        }
        self.io.sync_dir(&self.dir).map_err(|error| DiskError::io(&self.dir, error))
    }

    /// Makes large blocks of small ones, as long as some are due.
    fn compact(&self, done: &mut Maintained) -> Result<(), DiskError> {
        loop {
            let state = self.current();
            let metas: Vec<&BlockMeta> = state.blocks.iter().map(|block| &block.meta).collect();
            let Some(chosen) = compaction::plan(&metas, &self.options) else { return Ok(()) };
            let blocks: Vec<Arc<Block>> = chosen.iter().map(|i| state.blocks[*i].clone()).collect();
            let block = compaction::outcome(&blocks.iter().map(|block| &block.meta).collect::<Vec<_>>());
            let parts = State::new(blocks.clone(), HeadView::empty());
            let taken = known_names(&state.blocks);
            let meta = write_block(&*self.io, &self.dir, &parts, block, &taken)?;
            done.compacted.extend(meta.iter().map(|meta| meta.ulid));
            let parents: Vec<_> = blocks.iter().map(|block| block.meta.ulid).collect();
            self.replace(&parents, meta.into_iter().collect())?;
        }
    }

    /// Removes blocks that are older than what is to be kept, or that are too much.
    fn remove_old(&self, done: &mut Maintained) -> Result<(), DiskError> {
        let state = self.current();
        let newest = state.blocks.iter().map(|block| block.meta.max_time).max().unwrap_or(Timestamp::MIN);
        let mut by_age: Vec<&Arc<Block>> = state.blocks.iter().collect();
        by_age.sort_by_key(|block| std::cmp::Reverse(block.meta.max_time));
        let mut bytes = 0;
        let too_old = |block: &&&Arc<Block>| {
            bytes += block.size_bytes();
            let age = newest.saturating_sub(block.meta.max_time);
            self.options.retention_time.is_some_and(|most| age >= most)
                || self.options.retention_bytes.is_some_and(|most| bytes > most)
        };
        let old: Vec<_> = by_age.iter().filter(too_old).map(|block| block.meta.ulid).collect();
        if !old.is_empty() {
            self.replace(&old, Vec::new())?;
            done.removed.extend(old);
        }
        Ok(())
    }

    /// Lets queries see some blocks in place of others, and removes those.
    fn replace(&self, old: &[Ulid], new: Vec<BlockMeta>) -> Result<(), DiskError> {
        let state = self.current();
        let kept = state.blocks.iter().filter(|block| !old.contains(&block.meta.ulid)).cloned();
        let mut blocks: Vec<Arc<Block>> = kept.collect();
        blocks.extend(open_blocks(&*self.io, &self.dir, new, &self.decoded)?);
        self.publish(State::new(blocks, state.head));
        old.iter().try_for_each(|ulid| remove_block(&*self.io, &self.dir, *ulid))
    }
}

/// A stretch of time that becomes a block, from `start` to before `end`.
struct Stretch {
    start: Timestamp,
    end: Timestamp,
    /// Whether it is samples that came late.
    late: bool,
}

/// Where the block begins that `time` belongs to.
fn start_of_block(time: Timestamp, range: i64) -> Timestamp {
    time.div_euclid(range).saturating_mul(range)
}
