//! One series of a data directory, with all the places where it has samples.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::block::Block;
use super::chunk::{Columns, Run};
use super::error::DiskError;
use super::head::{HeadView, Sealed, SeriesSamples};
use super::index::KnownSeries;
use super::merge::{merge_pieces, merge_places};
use super::output::{Output, Scratch, with_scratch};
use super::pieces::{Piece, Place, groups};
use crate::model::value::SampleValue;
use crate::model::{Labels, TimeRange, Timestamp};
use crate::store::{Flow, SampleSink, Series, StoreError};

/// Who reads more chunks of one series than so many would soon fill the room for those that are kept decoded.
const BRIEF: usize = 16;

/// A series that was selected.
#[derive(Debug)]
pub(super) struct DiskSeries {
    labels: Labels,
    /// Where it has samples, in order of preference. Most series have one part, and no list of them.
    first: Part,
    others: Vec<Part>,
}

/// Where a series has samples.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// In the head.
    Head(Arc<HeadView>, u32),
    /// In a block.
    Block(Arc<Block>, Arc<KnownSeries>),
}

impl DiskSeries {
    /// A series with samples in `first` and `others`, in order of preference.
    pub(super) fn new(labels: Labels, first: Part, others: Vec<Part>) -> Self {
        DiskSeries { labels, first, others }
    }

    /// Which series it is.
    pub(super) fn labels_ref(&self) -> &Labels {
        &self.labels
    }

    /// How many parts the series has.
    pub(super) fn part_count(&self) -> usize {
        1 + self.others.len()
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// What the head has of the series in `range`, if it has a part in it.
    pub(super) fn head_samples(&self, range: TimeRange) -> SeriesSamples {
        let mut samples = SeriesSamples::default();
        for part in self.parts() {
            if let Part::Head(head, reference) = part {
                samples = head.samples(*reference, range);
            }
        }
        samples
    }

    /// Where the samples in `range` are, sorted by where they begin; those of the head are `head_samples`.
    pub(super) fn pieces<'a>(
        &'a self,
        head_samples: &'a SeriesSamples,
        range: TimeRange,
    ) -> Result<Vec<Piece<'a>>, DiskError> {
        let mut pieces = Vec::new();
        for (source, part) in self.parts().enumerate() {
            match part {
                Part::Head(head, _) => head_pieces(head, head_samples, source, &mut pieces),
                Part::Block(block, series) => for_each_piece(block, series, source, range, |piece| {
                    pieces.push(piece);
                    ControlFlow::Continue(())
                })?,
            }
        }
        pieces.retain(|piece| piece.range.overlaps(range) && !piece.is_gone());
        pieces.sort_by_key(|piece| piece.range.start);
        Ok(pieces)
    }

    fn read_pieces(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), DiskError> {
        if let (Part::Block(block, series), []) = (&self.first, &*self.others)
            && series.is_apart()
        {
            return read_block(block, series, range, sink);
        }
        let head_samples = self.head_samples(range);
        let pieces = self.pieces(&head_samples, range)?;
        let mut output = Output::new(sink, range);
        with_scratch(|scratch| {
            let one_source = |group: &[Piece<'_>]| group.iter().all(|piece| piece.source == group[0].source);
            if !self.others.is_empty() && !groups(&pieces).all(one_source) {
                return read_overlapping(pieces, self.part_count(), range, scratch, &mut output);
            }
            for group in groups(&pieces) {
                let flow = match group {
                    [piece] => read_one(piece, pieces.len() <= BRIEF, range, scratch, &mut output)?,
                    _ => read_several(group, range, scratch, &mut output)?,
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

impl Series for DiskSeries {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        Ok(self.read_pieces(range, sink)?)
    }
}

/// Lends the samples that a block has of a series whose chunks do not overlap: they are read as they are listed.
fn read_block(
    block: &Block,
    series: &KnownSeries,
    range: TimeRange,
    sink: &mut dyn SampleSink,
) -> Result<(), DiskError> {
    let mut output = Output::new(sink, range);
    let brief = series.chunks_about(range) <= BRIEF;
    with_scratch(|scratch| {
        let mut flow = Ok(Flow::Continue);
        for_each_piece(block, series, 0, range, |piece| {
            if !piece.is_gone() {
                flow = read_one(&piece, brief, range, scratch, &mut output);
            }
            match flow {
                Ok(Flow::Continue) => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        })?;
        if flow? == Flow::Continue {
            let _ = output.flush(&mut scratch.columns);
        }
        Ok(())
    })
}

/// Puts the samples of a piece behind those that wait to be lent, or lends them. Where little is read, chunks that were
/// decoded before are looked for.
fn read_one(
    piece: &Piece<'_>,
    brief: bool,
    range: TimeRange,
    scratch: &mut Scratch,
    output: &mut Output<'_>,
) -> Result<Flow, DiskError> {
    let Scratch { columns, bytes } = scratch;
    if let Some(run) = piece.run()
        && !piece.has_gaps()
    {
        return Ok(match output.flush(columns) {
            Flow::Continue => output.lend(run),
            Flow::Stop => Flow::Stop,
        });
    }
    if brief
        && !piece.has_gaps()
        && let Some(kept) = piece.kept(bytes, columns)?
    {
        return Ok(match output.flush(columns) {
            Flow::Continue => output.lend_floats(&kept),
            Flow::Stop => Flow::Stop,
        });
    }
    let (floats, histograms) = (columns.floats.len(), columns.histograms.len());
    piece.decode(range.end, bytes, columns)?;
    let changed = floats > 0 && columns.histograms.len() > histograms
        || histograms > 0 && columns.floats.len() > floats;
    if !changed {
        return Ok(output.flush_if_full(columns));
    }
    // The kind of sample changes here: those before go first.
    let mut new = Columns::default();
    if floats > 0 {
        std::mem::swap(&mut new.histograms, &mut columns.histograms);
    } else {
        std::mem::swap(&mut new.floats, &mut columns.floats);
    }
    let flow = output.flush(columns);
    *columns = new;
    Ok(flow)
}

/// Lends the samples of pieces of one source that overlap.
fn read_several(
    group: &[Piece<'_>],
    range: TimeRange,
    scratch: &mut Scratch,
    output: &mut Output<'_>,
) -> Result<Flow, DiskError> {
    let mut flow = output.flush(&mut scratch.columns);
    for run in merge_pieces(group, range, &mut scratch.bytes)? {
        if flow == Flow::Continue {
            flow = output.lend(&run);
        }
    }
    Ok(flow)
}

/// Lends the samples of several sources that overlap somewhere.
fn read_overlapping(
    pieces: Vec<Piece<'_>>,
    sources: usize,
    range: TimeRange,
    scratch: &mut Scratch,
    output: &mut Output<'_>,
) -> Result<(), DiskError> {
    let mut places = vec![Vec::new(); sources];
    for piece in pieces {
        places[piece.source].push(piece);
    }
    let Scratch { columns, bytes } = scratch;
    let mut flow = Flow::Continue;
    merge_places(places, range, bytes, &mut |time, start, value| {
        let changes = match &value {
            SampleValue::Float(_) => !columns.histograms.is_empty(),
            SampleValue::Histogram(_) => !columns.floats.is_empty(),
        };
        flow = if changes { output.flush(columns) } else { output.flush_if_full(columns) };
        match value {
            SampleValue::Float(value) => columns.floats.push(time, value, start),
            SampleValue::Histogram(value) => columns.histograms.push(time, value, start),
        }
        flow == Flow::Continue
    })?;
    if flow == Flow::Continue {
        let _ = output.flush(columns);
    }
    Ok(())
}

fn head_pieces<'a>(
    head: &'a HeadView,
    samples: &'a SeriesSamples,
    source: usize,
    pieces: &mut Vec<Piece<'a>>,
) {
    let deleted = Some(&samples.deleted).filter(|deleted| !deleted.is_empty());
    let chunks = |chunks: &'a [Sealed]| {
        chunks.iter().map(move |chunk| match chunk {
            Sealed::File(chunk) => (chunk.range(), Place::HeadChunk(head.files(), chunk)),
            Sealed::Memory(chunk) => (chunk.range, Place::Memory(chunk)),
        })
    };
    let runs = |runs: &'a [Run]| runs.iter().filter_map(|run| Some((run.range()?, Place::Run(run))));
    let from = head.min_valid_time();
    for (range, place) in chunks(&samples.chunks).chain(runs(&samples.runs)) {
        pieces.push(Piece { range, source, place, deleted, from });
    }
    for (range, place) in chunks(&samples.late_chunks) {
        pieces.push(Piece { range, source, place, deleted, from: Timestamp::MIN });
    }
    for (range, place) in runs(&samples.late_runs) {
        pieces.push(Piece { range, source, place, deleted: None, from: Timestamp::MIN });
    }
}

/// Calls `f` with the pieces that a block has of a series and that may have samples in `range`, as long as it says so.
fn for_each_piece<'s>(
    block: &'s Block,
    series: &KnownSeries,
    source: usize,
    range: TimeRange,
    mut f: impl FnMut(Piece<'s>) -> ControlFlow<()>,
) -> Result<(), DiskError> {
    let deleted = block.tombstones.of(u64::from(series.reference));
    series.range.map_or(Ok(()), |range| block.check_range(range))?;
    let found = block.index.chunks_in(series, range, |meta| {
        let place = Place::Block(block, meta, series.offset);
        f(Piece { range: meta.range(), source, place, deleted, from: Timestamp::MIN })
    });
    found.map_err(|corruption| block.index.corrupt(corruption))
}
