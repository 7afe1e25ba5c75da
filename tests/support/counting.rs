//! A store that lends nothing, and counts.
#![allow(dead_code, reason = "not every harness asks for the counts")]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use promqlite::model::TimeRange;
use promqlite::store::{
    FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, Series, SeriesIter, SeriesStore, StoreError,
};
use promqlite::{Labels, MemoryStore};

/// A store that lends nothing, as one that has to decode, and counts what it is asked for.
pub(crate) struct Counting<'a> {
    inner: &'a MemoryStore,
    selects: AtomicU64,
    samples: AtomicU64,
}

impl<'a> Counting<'a> {
    /// Counts what `inner` is asked for.
    pub(crate) fn new(inner: &'a MemoryStore) -> Self {
        Counting { inner, selects: AtomicU64::new(0), samples: AtomicU64::new(0) }
    }

    /// How often it was asked for series.
    pub(crate) fn selects(&self) -> u64 {
        self.selects.load(Relaxed)
    }

    /// How many samples it was asked for.
    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Relaxed)
    }
}

impl SeriesStore for Counting<'_> {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        self.selects.fetch_add(1, Relaxed);
        let counted = |inner| Box::new(Counted { inner, samples: &self.samples }) as Box<dyn Series>;
        Ok(Box::new(self.inner.select(request)?.map(move |series| series.map(counted))))
    }
}

struct Counted<'s> {
    inner: Box<dyn Series + 's>,
    samples: &'s AtomicU64,
}

impl Series for Counted<'_> {
    fn labels(&self) -> &Labels {
        self.inner.labels()
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        self.inner.read(range, &mut CountingSink { sink, samples: self.samples })
    }
}

pub(crate) struct CountingSink<'a> {
    sink: &'a mut dyn SampleSink,
    samples: &'a AtomicU64,
}

impl SampleSink for CountingSink<'_> {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.samples.fetch_add(batch.values.len() as u64, Relaxed);
        self.sink.floats(FloatBatch { timestamps_id: None, ..batch })
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.samples.fetch_add(batch.values.len() as u64, Relaxed);
        self.sink.histograms(batch)
    }
}
