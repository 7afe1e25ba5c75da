//! Reads a series as it was at one commit.

use std::sync::{Arc, OnceLock};

use super::column::{Lent, Piece, Pieces};
use super::series::{Commit, MemorySeries};
use super::snapshot::ReaderGuard;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, StoreError};

/// A series, and the state of the store in which it is read.
pub(super) struct SeriesReader {
    pub(super) series: Arc<MemorySeries>,
    pub(super) commit: Commit,
    /// Keeps the state readable, unless a view does.
    pub(super) _guard: Option<Arc<ReaderGuard>>,
    /// What was asked for first to be lent, if it lies in one piece.
    pub(super) lent: OnceLock<(TimeRange, Option<Piece<f64>>)>,
}

impl SeriesReader {
    /// The floats in `range`, if they lie in one piece and there are no histograms among them.
    fn only_piece(&self, range: TimeRange) -> Option<Piece<f64>> {
        let samples = self.series.read();
        let visible = samples.visible_at(self.commit);
        match visible.histograms {
            0 => samples.floats.pieces(visible.floats, range).only(),
            _ => None,
        }
    }
}

impl Series for SeriesReader {
    fn labels(&self) -> &Labels {
        &self.series.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
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

    fn lend(&self, range: TimeRange) -> Option<FloatBatch<'_>> {
        let (lent, piece) = self.lent.get_or_init(|| (range, self.only_piece(range)));
        let piece = piece.as_ref().filter(|_| *lent == range)?;
        Some(batch(piece.left()))
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
    sink.floats(batch(piece.take_before(limit)))
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
    let lent = piece.take_before(limit);
    sink.histograms(HistogramBatch {
        timestamps: lent.times,
        values: lent.values,
        start_timestamps: lent.starts,
    })
}
