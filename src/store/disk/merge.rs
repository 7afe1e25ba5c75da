//! Pieces that overlap, merged into one row of samples.
//!
//! Of samples with the same time the one from the piece that comes first in preference is taken: what the head has
//! before what blocks have, an earlier block before a later one. (Prometheus takes the one from the iterator that it
//! happens to stand on; `storage/merge.go`.)
//!
//! ```text
//! first piece     1   3   5   7           1 3 5 7
//! second piece      2 3 4                  2   4
//! merged                                  1 2 3 4 5 7
//! ```
//!
//! What a histogram tells of a counter reset is about the sample before it in its own piece, so it does not count where
//! another piece came in between.

use std::sync::Arc;

use super::chunk::{Columns, ValueColumns};
use super::error::DiskError;
use super::output::{Output, Scratch};
use super::pieces::Piece;
use crate::model::histogram::CounterResetHint;
use crate::model::{Histogram, Timestamp};
use crate::store::Flow;

/// Hands the samples of `pieces`, in order of preference, to `output`. The buffers are empty before and after.
pub(super) fn merge(
    pieces: &[Piece<'_>],
    scratch: &mut Scratch,
    output: &mut Output<'_>,
) -> Result<Flow, DiskError> {
    let mut sources = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let mut columns = Columns::default();
        piece.decode(&mut scratch.bytes, &mut columns)?;
        sources.push(Source { columns, next: 0 });
    }
    // The piece that the sample before came from, and its place there.
    let mut before = None;
    loop {
        let next = sources.iter().enumerate().filter_map(|(i, source)| Some((source.time()?, i))).min();
        let Some((time, i)) = next else { break };
        let place = sources[i].next;
        if !sources[i].columns.floats.is_empty() {
            if !scratch.columns.histograms.is_empty() && output.flush(&mut scratch.columns) == Flow::Stop {
                return Ok(Flow::Stop);
            }
            let floats = &sources[i].columns.floats;
            scratch.columns.floats.push(time, floats.values[place], floats.start_timestamp(place));
        } else {
            if !scratch.columns.floats.is_empty() && output.flush(&mut scratch.columns) == Flow::Stop {
                return Ok(Flow::Stop);
            }
            let follows = before == Some((i, place.wrapping_sub(1)));
            let histograms = &sources[i].columns.histograms;
            let value =
                if follows { histograms.values[place].clone() } else { unknown(&histograms.values[place]) };
            scratch.columns.histograms.push(time, value, histograms.start_timestamp(place));
        }
        before = Some((i, place));
        for source in &mut sources {
            source.next += usize::from(source.time() == Some(time));
        }
        if output.flush_if_full(&mut scratch.columns) == Flow::Stop {
            return Ok(Flow::Stop);
        }
    }
    Ok(output.flush(&mut scratch.columns))
}

/// A piece's samples, of one kind.
struct Source {
    columns: Columns,
    next: usize,
}

impl Source {
    /// Time of the next sample.
    fn time(&self) -> Option<Timestamp> {
        time(&self.columns.floats, self.next).or_else(|| time(&self.columns.histograms, self.next))
    }
}

fn time<V>(columns: &ValueColumns<V>, i: usize) -> Option<Timestamp> {
    columns.timestamps.get(i).copied()
}

/// The histogram without knowledge of counter resets.
fn unknown(histogram: &Arc<Histogram>) -> Arc<Histogram> {
    match histogram.counter_reset_hint {
        CounterResetHint::Gauge | CounterResetHint::Unknown => histogram.clone(),
        CounterResetHint::CounterReset | CounterResetHint::NotCounterReset => {
            let mut histogram = Histogram::clone(histogram);
            histogram.counter_reset_hint = CounterResetHint::Unknown;
            Arc::new(histogram)
        }
    }
}
