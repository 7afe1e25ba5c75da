//! Measuring of operators: what each node of a plan takes while the query runs.
//!
//! Nothing is measured unless a query is run with a meter. Then each operator is wrapped when it is opened, and so is
//! each source of windows; a query without a meter opens what it always opens.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::model::Batch;
use crate::plan::node::NodeId;

/// Takes the time and keeps what was measured.
#[derive(Debug)]
pub(crate) struct Meter {
    clock: fn() -> Duration,
    nodes: Mutex<Vec<(NodeId, Arc<Counters>)>>,
}

/// What one node took, its inputs included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Time in it and in what it is made from.
    pub(crate) time: Duration,
    /// Series that it has.
    pub(crate) series: u64,
    /// Samples read from the store, by it or by what it is made from.
    pub(crate) read: u64,
    /// Samples that it handed on.
    pub(crate) samples: u64,
    /// Bytes of the columns, or of the samples, that it handed on.
    pub(crate) bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    nanoseconds: AtomicU64,
    series: AtomicU64,
    read: AtomicU64,
    samples: AtomicU64,
    bytes: AtomicU64,
}

impl Meter {
    /// A meter with this clock, which tells the time since any moment that stays the same.
    pub(crate) fn new(clock: fn() -> Duration) -> Self {
        Meter { clock, nodes: Mutex::default() }
    }

    /// Measures `work` for the node `id`, and hands over the counters of the node.
    pub(crate) fn measure<T>(
        &self,
        id: NodeId,
        context: &QueryContext,
        work: impl FnOnce() -> Result<T, ExecError>,
    ) -> Result<(T, Arc<Counters>), ExecError> {
        let counters = Arc::new(Counters::default());
        let result = self.add(&counters, context, work)?;
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner).push((id, counters.clone()));
        Ok((result, counters))
    }

    /// Adds the time and the reading of `work` to `counters`.
    pub(crate) fn add<T>(&self, counters: &Counters, context: &QueryContext, work: impl FnOnce() -> T) -> T {
        let (begin, read) = ((self.clock)(), context.samples_read());
        let result = work();
        let time = (self.clock)().saturating_sub(begin);
        counters.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        counters.read.fetch_add(context.samples_read() - read, Ordering::Relaxed);
        result
    }

    /// What the node took; `None` if it was not opened.
    pub(crate) fn measured(&self, id: NodeId) -> Option<Measured> {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let of_node = nodes.iter().filter(|(node, _)| *node == id).map(|(_, counters)| counters.get());
        // A node that was opened more than once did all of it.
        of_node.reduce(|a, b| Measured {
            time: a.time + b.time,
            series: a.series.max(b.series),
            read: a.read + b.read,
            samples: a.samples + b.samples,
            bytes: a.bytes + b.bytes,
        })
    }
}

impl Counters {
    fn get(&self) -> Measured {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Measured {
            time: Duration::from_nanos(get(&self.nanoseconds)),
            series: get(&self.series),
            read: get(&self.read),
            samples: get(&self.samples),
            bytes: get(&self.bytes),
        }
    }

    pub(crate) fn set_series(&self, series: usize) {
        self.series.store(series as u64, Ordering::Relaxed);
    }

    /// Counts what was handed on.
    pub(crate) fn count(&self, samples: u64, bytes: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// An operator that counts what it hands on.
struct Metered<'s> {
    inner: BoxedOperator<'s>,
    counters: Arc<Counters>,
}

/// `inner`, which counts from now on.
pub(crate) fn metered<'s>(inner: BoxedOperator<'s>, counters: Arc<Counters>) -> BoxedOperator<'s> {
    counters.set_series(inner.series().len());
    Box::new(Metered { inner, counters })
}

impl Operator for Metered<'_> {
    fn series(&self) -> &[OutputSeries] {
        self.inner.series()
    }

    fn can_object(&self) -> bool {
        self.inner.can_object()
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        let Some(meter) = context.meter() else {
            return self.inner.columns(range, out, worker, context);
        };
        meter.add(&self.counters, context, || self.inner.columns(range, out, worker, context))?;
        let (mut samples, mut bytes) = (0, 0);
        for i in 0..out.columns() {
            let column = out.column(i);
            samples += column.present.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
            bytes += 8 * (column.values.len() + column.present.len()) as u64;
            for histogram in column.histograms.unwrap_or_default().iter().flatten() {
                samples += 1;
                bytes += histogram.size() as u64;
            }
        }
        self.counters.count(samples, bytes);
        Ok(())
    }
}
