//! What equal selectors read one after the other: each series is decoded for the first of them only.
//!
//! In `a / (a + b)` the columns of a few series of `a` are wanted, and right after that, for the other operand, those of
//! the same series again. So the samples of the series read last are kept for as long, unless the store lends samples
//! anyway. They are in two halves, each as large as what is asked for at once, and when one is full, what is in the
//! other is forgotten:
//!
//! ```text
//! read         a0 a1 | a0 a1     a2 a3 | a2 a3     a4 a5 | a4 a5
//! decoded      a0 a1             a2 a3             a4 a5
//! kept         a0 a1             a0 a1 a2 a3       a2 a3 a4 a5
//! ```
//!
//! Only floats are kept, and no more than a fixed number of them.

use std::num::NonZeroU64;
use std::ops::Range;

use super::context::QueryContext;
use super::error::ExecError;
use super::reader::{Reader, Reading};
use crate::model::{TimeRange, Timestamp};
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, Series, TimestampsId};

/// Samples in one half at most, but for the series read last: a batch of series with five minutes of samples each.
const MOST_SAMPLES: usize = 128 << 10;

/// No sample.
const NOTHING: FloatBatch<'static> =
    FloatBatch { timestamps: &[], values: &[], start_timestamps: &[], timestamps_id: None };

/// Reads the series of a selector.
#[derive(Debug, Default)]
pub(crate) struct SeriesReader {
    /// Reads one series after the other.
    pub(crate) reader: Reader,
    recent: Recent,
}

impl SeriesReader {
    /// Reads the samples of `series` in `range`, which other selectors read, too: it is their series `number`, and up
    /// to `at_once` series are read by one before the other reads them.
    pub(crate) fn read_shared<'r>(
        &'r mut self,
        number: usize,
        series: &'r dyn Series,
        range: TimeRange,
        at_once: usize,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        let SeriesReader { reader, recent } = self;
        if !recent.is_useful {
            return reader.read(series, range, context);
        }
        let found = recent.find(number);
        let place = match found {
            None => recent.read(number, series, range, at_once)?,
            found => found,
        };
        let Some(place) = place else {
            // What it was lent so far must not be taken for what the store lends.
            reader.borrow(NOTHING);
            return reader.read(series, range, context);
        };
        let samples = place.kept.len;
        if found.is_none() {
            context.count_read(samples);
        }
        context.charge_briefly(samples)?;
        Ok(reader.borrow(recent.batch(place)))
    }
}

/// The samples of the series read last.
#[derive(Debug)]
struct Recent {
    /// Whether there is any sense in keeping samples of this selector: not if the store lends them, or has histograms.
    is_useful: bool,
    young: Half,
    old: Half,
    /// What the timestamps of the next series are called, unless they are those of the one before.
    next_id: NonZeroU64,
}

impl Default for Recent {
    fn default() -> Self {
        Recent { is_useful: true, young: Half::default(), old: Half::default(), next_id: NonZeroU64::MIN }
    }
}

/// Some series, their numbers rising.
#[derive(Debug, Default)]
struct Half {
    series: Vec<Kept>,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    /// Where the series found last is.
    found: usize,
    /// Whether the series at hand has samples that are not kept.
    refused: bool,
}

/// Where the samples of a series are.
#[derive(Clone, Copy, Debug)]
struct Kept {
    number: usize,
    first_timestamp: usize,
    first_value: usize,
    len: usize,
    id: TimestampsId,
}

/// A series, and the half that it is in.
#[derive(Clone, Copy, Debug)]
struct Place {
    is_young: bool,
    kept: Kept,
}

impl Recent {
    fn find(&mut self, number: usize) -> Option<Place> {
        let in_young = self.young.find(number).map(|kept| Place { is_young: true, kept });
        in_young.or_else(|| self.old.find(number).map(|kept| Place { is_young: false, kept }))
    }

    fn batch(&self, Place { is_young, kept }: Place) -> FloatBatch<'_> {
        let Half { timestamps, values, .. } = if is_young { &self.young } else { &self.old };
        FloatBatch {
            timestamps: &timestamps[kept.timestamps()],
            values: &values[kept.first_value..kept.first_value + kept.len],
            start_timestamps: &[],
            timestamps_id: Some(kept.id),
        }
    }

    /// Reads a series and keeps its samples, unless the store lends them or they are of a kind that is not kept.
    fn read(
        &mut self,
        number: usize,
        series: &dyn Series,
        range: TimeRange,
        at_once: usize,
    ) -> Result<Option<Place>, ExecError> {
        if series.lend(range).is_some() {
            self.is_useful = false;
            return Ok(None);
        }
        let Half { series: kept, values, .. } = &self.young;
        let rises = kept.last().is_none_or(|last| last.number < number);
        if kept.len() >= at_once || values.len() >= MOST_SAMPLES || !rises {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        let first_value = self.young.values.len();
        let first_timestamp = self.young.timestamps.len();
        series.read(range, &mut self.young)?;
        if self.young.refused {
            self.is_useful = false;
            return Ok(None);
        }
        let id = TimestampsId(self.next_id);
        let len = self.young.values.len() - first_value;
        let kept = self.young.add(Kept { number, first_timestamp, first_value, len, id });
        if kept.id == id {
            self.next_id = self.next_id.saturating_add(1);
        }
        Ok(Some(Place { is_young: true, kept }))
    }
}

impl Half {
    fn clear(&mut self) {
        self.series.clear();
        self.timestamps.clear();
        self.values.clear();
        self.found = 0;
    }

    fn find(&mut self, number: usize) -> Option<Kept> {
        let follows = self.found + 1;
        self.found = match self.series.get(follows) {
            Some(next) if next.number == number => follows,
            _ => self.series.binary_search_by_key(&number, |kept| kept.number).ok()?,
        };
        self.series.get(self.found).copied()
    }

    /// Adds a series whose samples were just read. It shares the timestamps of the one before if they are the same.
    fn add(&mut self, kept: Kept) -> Kept {
        let mut kept = kept;
        if let Some(before) = self.series.last()
            && before.len == kept.len
            && self.timestamps[before.timestamps()] == self.timestamps[kept.timestamps()]
        {
            self.timestamps.truncate(kept.first_timestamp);
            (kept.first_timestamp, kept.id) = (before.first_timestamp, before.id);
        }
        self.series.push(kept);
        kept
    }
}

impl Kept {
    fn timestamps(&self) -> Range<usize> {
        self.first_timestamp..self.first_timestamp + self.len
    }
}

impl SampleSink for Half {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        if !batch.start_timestamps.is_empty() {
            self.refused = true;
            return Flow::Stop;
        }
        self.timestamps.extend_from_slice(batch.timestamps);
        self.values.extend_from_slice(batch.values);
        Flow::Continue
    }

    fn histograms(&mut self, _: HistogramBatch<'_>) -> Flow {
        self.refused = true;
        Flow::Stop
    }

    fn append_floats(&mut self, append: &mut dyn FnMut(&mut Vec<Timestamp>, &mut Vec<f64>)) -> Flow {
        append(&mut self.timestamps, &mut self.values);
        Flow::Continue
    }
}
