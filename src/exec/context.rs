//! What a query may use, and when it has to stop.
//!
//! The budget is charged before memory is taken, and the stop conditions are looked at for each series and each
//! batch, so that a cancel is felt at once and a query that is too large fails before it hurts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::error::ExecError;
use crate::model::{TimeRange, Timestamp};

/// Cancels a running query from another thread. Clones cancel the same query.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has pulled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every query that runs with this token end with an error within some 50 ms.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](CancelToken::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one query may use.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryLimits {
    /// Samples held in memory at one time, as Prometheus counts them (`--query.max-samples`).
    pub max_samples: u64,
    /// When the query has to be done.
    pub deadline: Option<Instant>,
    /// Ends the query early.
    pub cancel: Option<CancelToken>,
}

impl Default for QueryLimits {
    fn default() -> Self {
        QueryLimits { max_samples: 50_000_000, deadline: None, cancel: None }
    }
}

/// One running query.
#[derive(Debug)]
pub struct QueryContext {
    /// First step in ms.
    pub start: Timestamp,
    /// No step is later, in ms.
    pub end: Timestamp,
    /// Distance of the steps in ms; 0 for an instant query.
    pub step: i64,
    /// How far back an instant selector looks for a sample, in ms.
    pub lookback: i64,
    /// Whether names are dropped at the end rather than at each operation.
    pub delayed_name_removal: bool,
    /// Whether `rate` and its like use start timestamps.
    pub use_start_timestamps: bool,
    /// Whether `__type__` and `__unit__` labels decide what is a counter.
    pub type_labels: bool,
    /// How many threads may produce columns.
    pub threads: usize,
    limits: QueryLimits,
    held: AtomicU64,
    peak: AtomicU64,
    read: AtomicU64,
    keys: AtomicUsize,
}

impl QueryContext {
    /// A context for the steps of `range`.
    pub fn new(range: TimeRange, step: i64, lookback: i64, limits: QueryLimits) -> Self {
        QueryContext {
            start: range.start,
            end: range.end,
            step,
            lookback,
            delayed_name_removal: false,
            use_start_timestamps: false,
            type_labels: false,
            threads: 1,
            limits,
            held: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            read: AtomicU64::new(0),
            keys: AtomicUsize::new(0),
        }
    }

    /// Fails when the query was cancelled or is late. Cheap enough for every series.
    pub fn check(&self) -> Result<(), ExecError> {
        if self.limits.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Err(ExecError::Cancelled);
        }
        if self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(ExecError::TimedOut);
        }
        Ok(())
    }

    /// Takes room for `samples` out of the budget, before the memory is taken.
    pub fn charge(&self, samples: usize) -> Result<(), ExecError> {
        self.note_held(self.held.fetch_add(samples as u64, Ordering::Relaxed) + samples as u64)
    }

    /// As [`charge`](QueryContext::charge), for samples that are given back as soon as they have been looked at.
    pub fn charge_briefly(&self, samples: usize) -> Result<(), ExecError> {
        self.note_held(self.held.load(Ordering::Relaxed) + samples as u64)
    }

    fn note_held(&self, held: u64) -> Result<(), ExecError> {
        if held > self.peak.load(Ordering::Relaxed) {
            self.peak.fetch_max(held, Ordering::Relaxed);
        }
        if held > self.limits.max_samples { Err(ExecError::TooManySamples) } else { Ok(()) }
    }

    /// Gives room for `samples` back.
    pub fn release(&self, samples: usize) {
        self.held.fetch_sub(samples as u64, Ordering::Relaxed);
    }

    /// Counts samples read from the store.
    pub fn count_read(&self, samples: usize) {
        self.read.fetch_add(samples as u64, Ordering::Relaxed);
    }

    /// Samples read from the store so far.
    pub fn samples_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The most samples that were held at one time.
    pub fn peak_samples(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// A number that no other operator of the query has.
    pub(crate) fn next_key(&self) -> usize {
        self.keys.fetch_add(1, Ordering::Relaxed)
    }

    /// How many columns of `steps` steps make a batch: some 4,000 values, and at least one column.
    pub fn columns_in_batch(steps: usize) -> usize {
        (4096 / steps.max(1)).max(1)
    }
}
