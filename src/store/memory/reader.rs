//! Reads a series as it was at one commit.

use std::sync::{Arc, OnceLock};

use super::packed::Packed;
use super::pieces::{Lent, Piece, Pieces, Taken};
use super::series::{Commit, MemorySeries, Samples};
use super::snapshot::ReaderGuard;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, StoreError};

/// A series, and the state of the store in which it is read.
pub(super) struct SeriesReader {
    series: Arc<MemorySeries>,
    commit: Commit,
    /// Keeps the state readable, unless a view does.
    _guard: Option<Arc<ReaderGuard>>,
    /// What was asked for first, if it lies in one piece.
    whole: OnceLock<(TimeRange, Option<Piece<f64>>)>,
}

impl SeriesReader {
    /// A reader of a series.
    pub(super) fn new(series: Arc<MemorySeries>, commit: Commit, guard: Option<Arc<ReaderGuard>>) -> Self {
        SeriesReader { series, commit, _guard: guard, whole: OnceLock::new() }
    }

    /// The same, and what of the samples in `range` is sealed is looked up right now: of very many series, none is at
    /// hand any more when it is read.
    pub(super) fn looked_up(self, range: TimeRange) -> Self {
        let piece = {
            let samples = self.series.read();
            samples.floats.is_sealed().then(|| only_piece(&samples, self.commit, range)).flatten()
        };
        match piece {
            Some(piece) => SeriesReader { whole: OnceLock::from((range, Some(piece))), ..self },
            None => self,
        }
    }

    /// The floats in `range`, if they lie in one piece and there are no histograms among them.
    fn whole(&self, range: TimeRange) -> Option<&Piece<f64>> {
        let (known, piece) =
            self.whole.get_or_init(|| (range, only_piece(&self.series.read(), self.commit, range)));
        piece.as_ref().filter(|_| *known == range)
    }
}

fn only_piece(samples: &Samples, commit: Commit, range: TimeRange) -> Option<Piece<f64>> {
    let visible = samples.visible_at(commit);
    match visible.histograms {
        0 => samples.floats.pieces(visible.floats, range).only(),
        _ => None,
    }
}

impl Series for SeriesReader {
    fn labels(&self) -> &Labels {
        &self.series.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        if let Some(piece) = self.whole(range) {
            let _ = send(piece.left(), sink);
            return Ok(());
        }
        // The lock is held while pieces are picked, not while the sink works on them.
        let (mut floats, histograms) = {
            let samples = self.series.read();
            let visible = samples.visible_at(self.commit);
            let histograms =
                samples.histograms.as_ref().map(|column| column.pieces(visible.histograms, range));
            (samples.floats.pieces(visible.floats, range), histograms)
        };
        match histograms {
            Some(histograms) if !histograms.is_empty() => send_in_turn(floats, histograms, sink),
            _ => {
                for piece in floats.iter_mut() {
                    if send_floats(piece, None, sink) == Flow::Stop {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn fetch(&self, range: TimeRange) {
        if let Some(piece) = self.whole(range) {
            piece.fetch();
        }
    }

    fn lend(&self, range: TimeRange) -> Option<FloatBatch<'_>> {
        match self.whole(range)?.left() {
            Taken::Lent(lent) => Some(batch(lent)),
            Taken::Packed(..) => None,
        }
    }
}

/// Hands out floats and histograms in order of time across both.
fn send_in_turn(floats: Pieces<f64>, histograms: Pieces<Arc<Histogram>>, sink: &mut dyn SampleSink) {
    let mut floats = floats.into_iter();
    let mut histograms = histograms.into_iter();
    let (mut float, mut histogram) = (floats.next(), histograms.next());
    loop {
        let next_float = float.as_ref().and_then(Piece::first_time);
        let next_histogram = histogram.as_ref().and_then(Piece::first_time);
        let flow = match (&mut float, &mut histogram) {
            (Some(piece), _)
                if next_float.is_some() && next_histogram.is_none_or(|t| next_float < Some(t)) =>
            {
                send_floats(piece, next_histogram, sink)
            }
            (_, Some(piece)) if next_histogram.is_some() => send_histograms(piece, next_float, sink),
            _ => return,
        };
        if flow == Flow::Stop {
            return;
        }
        if float.as_ref().is_some_and(|piece| piece.first_time().is_none()) {
            float = floats.next();
        }
        if histogram.as_ref().is_some_and(|piece| piece.first_time().is_none()) {
            histogram = histograms.next();
        }
    }
}

fn send_floats(piece: &mut Piece<f64>, limit: Option<Timestamp>, sink: &mut dyn SampleSink) -> Flow {
    send(piece.take_before(limit), sink)
}

fn send(taken: Taken<'_, f64>, sink: &mut dyn SampleSink) -> Flow {
    match taken {
        Taken::Lent(lent) => sink.floats(batch(lent)),
        Taken::Packed(packed, part) => {
            sink.append_floats(&mut |times, values| packed.unpack(part.clone(), times, values))
        }
    }
}

fn batch(lent: Lent<'_, f64>) -> FloatBatch<'_> {
    FloatBatch {
        timestamps: lent.times,
        values: lent.values,
        start_timestamps: lent.starts,
        timestamps_id: lent.id,
    }
}

fn send_histograms(
    piece: &mut Piece<Arc<Histogram>>,
    limit: Option<Timestamp>,
    sink: &mut dyn SampleSink,
) -> Flow {
    match piece.take_before(limit) {
        Taken::Lent(lent) => sink.histograms(HistogramBatch {
            timestamps: lent.times,
            values: lent.values,
            start_timestamps: lent.starts,
        }),
        Taken::Packed(never, _) => match *never {},
    }
}
