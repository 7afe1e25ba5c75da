//! One series of a data directory, with all the places where it has samples.

use super::block::Block;
use super::error::DiskError;
use super::head::Head;
use super::index::SeriesRef;
use super::merge::merge;
use super::output::{Output, Scratch, with_scratch};
use super::pieces::{Piece, Place};
use crate::model::{Labels, TimeRange, Timestamp};
use crate::store::{Flow, SampleSink, Series, StoreError};

/// A series that was selected.
#[derive(Debug)]
pub(super) struct DiskSeries<'s> {
    labels: Labels,
    /// In order of preference.
    parts: Vec<Part<'s>>,
}

/// Where a series has samples.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'s> {
    /// In the head.
    Head(&'s Head, u32),
    /// In a block.
    Block(&'s Block, SeriesRef),
}

impl<'s> DiskSeries<'s> {
    /// A series with samples in `parts`, in order of preference.
    pub(super) fn new(labels: Labels, parts: Vec<Part<'s>>) -> Self {
        DiskSeries { labels, parts }
    }

    /// Where the samples in `range` are, in order of preference.
    fn pieces(&self, range: TimeRange) -> Result<Vec<Piece<'s>>, DiskError> {
        let mut pieces = Vec::new();
        for part in &self.parts {
            match *part {
                Part::Head(head, reference) => head_pieces(head, reference, &mut pieces),
                Part::Block(block, reference) => block_pieces(block, reference, &mut pieces)?,
            }
        }
        pieces.retain(|piece| piece.range.overlaps(range) && !piece.is_gone());
        Ok(pieces)
    }

    fn read_pieces(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), DiskError> {
        let pieces = self.pieces(range)?;
        let mut output = Output::new(sink, range);
        with_scratch(|scratch| {
            for group in groups(pieces) {
                let flow = match &group[..] {
                    [piece] => read_one(piece, scratch, &mut output)?,
                    pieces => match output.flush(&mut scratch.columns) {
                        Flow::Continue => merge(pieces, scratch, &mut output)?,
                        Flow::Stop => Flow::Stop,
                    },
                };
                if flow == Flow::Stop {
                    return Ok(());
                }
            }
            let _ = output.flush(&mut scratch.columns);
            Ok(())
        })
    }
}

impl Series for DiskSeries<'_> {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        Ok(self.read_pieces(range, sink)?)
    }
}

/// Puts the samples of a piece behind those that wait to be lent, or lends them.
fn read_one(piece: &Piece<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Result<Flow, DiskError> {
    let Scratch { columns, bytes } = scratch;
    if let Some(run) = piece.run()
        && !piece.has_gaps()
    {
        return Ok(match output.flush(columns) {
            Flow::Continue => output.lend(run),
            Flow::Stop => Flow::Stop,
        });
    }
    let (floats, histograms) = (columns.floats.len(), columns.histograms.len());
    piece.decode(bytes, columns)?;
    let changed = floats > 0 && columns.histograms.len() > histograms
        || histograms > 0 && columns.floats.len() > floats;
    if !changed {
        return Ok(output.flush_if_full(columns));
    }
    // The kind of sample changes here: those before go first.
    let mut new = super::chunk::Columns::default();
    if floats > 0 {
        std::mem::swap(&mut new.histograms, &mut columns.histograms);
    } else {
        std::mem::swap(&mut new.floats, &mut columns.floats);
    }
    let flow = output.flush(columns);
    *columns = new;
    Ok(flow)
}

/// Groups of pieces that overlap, in order of time; within a group the order of preference stays.
fn groups(pieces: Vec<Piece<'_>>) -> impl Iterator<Item = Vec<Piece<'_>>> {
    let mut pieces: Vec<(usize, Piece<'_>)> = pieces.into_iter().enumerate().collect();
    pieces.sort_by_key(|(_, piece)| piece.range.start);
    let mut rest = pieces.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        let mut end = first.1.range.end;
        let mut group = vec![first];
        while let Some(next) = rest.next_if(|(_, piece)| piece.range.start <= end) {
            end = end.max(next.1.range.end);
            group.push(next);
        }
        group.sort_by_key(|(preference, _)| *preference);
        Some(group.into_iter().map(|(_, piece)| piece).collect())
    })
}

fn head_pieces<'s>(head: &'s Head, reference: u32, pieces: &mut Vec<Piece<'s>>) {
    let series = head.series(reference);
    let deleted = Some(&series.deleted).filter(|deleted| !deleted.is_empty());
    for chunk in &series.chunks {
        let place = Place::HeadChunk(head, chunk);
        pieces.push(Piece { range: chunk.range(), place, deleted, from: head.min_valid_time() });
    }
    let runs = series.runs.iter().filter_map(|run| Some((run.range()?, Place::Run(run))));
    let late_chunks = series.late_chunks.iter().map(|chunk| (chunk.range(), Place::HeadChunk(head, chunk)));
    let late_runs = series.late_runs.iter().filter_map(|run| Some((run.range()?, Place::Run(run))));
    for (range, place) in runs.chain(late_chunks).chain(late_runs) {
        pieces.push(Piece { range, place, deleted, from: Timestamp::MIN });
    }
}

fn block_pieces<'s>(
    block: &'s Block,
    reference: SeriesRef,
    pieces: &mut Vec<Piece<'s>>,
) -> Result<(), DiskError> {
    let corrupt = |corruption| block.index.corrupt(corruption);
    let entry = block.index.series(reference).map_err(corrupt)?;
    let deleted = block.tombstones.of(u64::from(reference));
    for meta in entry.chunks() {
        let meta = meta.map_err(corrupt)?;
        block.check_range(meta.range())?;
        let place = Place::Block(block, meta, entry.offset());
        pieces.push(Piece { range: meta.range(), place, deleted, from: Timestamp::MIN });
    }
    Ok(())
}
