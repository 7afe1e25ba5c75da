//! What a query may use, and when it has to stop.
//!
//! The budget is charged before memory is taken, and the stop conditions are looked at for each series and each
//! batch, so that a cancel is felt at once and a query that is too large fails before it hurts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::error::ExecError;
use super::meter::Meter;
use crate::model::{TimeRange, Timestamp};

/// Cancels running queries from another thread. Clones cancel the same queries.
///
/// ```
/// use promqlite::{CancelToken, Engine, ErrorKind, MemoryStore};
///
/// let token = CancelToken::new();
/// let query = Engine::default().prepare("1 + 1")?.with_cancel(&token);
/// assert!(query.instant(&MemoryStore::new(), 0).is_ok());
/// token.cancel();
/// let error = query.instant(&MemoryStore::new(), 0).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Canceled);
/// # Ok::<(), promqlite::Error>(())
/// ```
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
///
/// ```
/// use std::time::Duration;
/// use promqlite::{Engine, QueryLimits};
///
/// let query = Engine::default().prepare("1 + 1")?;
/// let mut limits: QueryLimits = query.limits().clone();
/// limits.max_bytes = Some(1 << 30);
/// limits.timeout = Some(Duration::from_secs(10));
/// let query = query.with_limits(limits);
/// assert_eq!(query.limits().max_samples, 50_000_000);
/// # Ok::<(), promqlite::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryLimits {
    /// Samples held in memory at one time, as Prometheus counts them (`--query.max-samples`): 50 million.
    pub max_samples: u64,
    /// Bytes held in memory at one time, estimated: no limit. 16 bytes are counted for each held sample, and for each
    /// series that a part of the query has, its labels and the fixed cost of a series. What the store itself takes is not
    /// counted.
    pub max_bytes: Option<u64>,
    /// How long a run may take, from its start: for ever.
    pub timeout: Option<Duration>,
    /// When a run has to be done, for those who share out their time themselves: never.
    pub deadline: Option<Instant>,
    /// Ends the query early: nothing does.
    pub cancel: Option<CancelToken>,
}

impl Default for QueryLimits {
    fn default() -> Self {
        QueryLimits { max_samples: 50_000_000, max_bytes: None, timeout: None, deadline: None, cancel: None }
    }
}

impl QueryLimits {
    /// The deadline of a run that begins right away. Without a timeout the clock is not looked at.
    fn deadline_from_now(&self) -> Option<Instant> {
        match self.timeout.and_then(|timeout| Instant::now().checked_add(timeout)) {
            Some(end) => Some(self.deadline.map_or(end, |deadline| deadline.min(end))),
            None => self.deadline,
        }
    }
}

/// Bytes of memory that a sample is counted as: its time and its value.
const SAMPLE_BYTES: u64 = 16;

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
    deadline: Option<Instant>,
    meter: Option<Meter>,
    held: AtomicU64,
    peak: AtomicU64,
    held_bytes: AtomicU64,
    peak_bytes: AtomicU64,
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
            deadline: limits.deadline_from_now(),
            limits,
            meter: None,
            held: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            held_bytes: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            read: AtomicU64::new(0),
            keys: AtomicUsize::new(0),
        }
    }

    /// Measures each operator from now on.
    pub(crate) fn set_meter(&mut self, meter: Meter) {
        self.meter = Some(meter);
    }

    /// What measures the operators, if they are measured.
    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    /// Fails when the query was cancelled or is late. Cheap enough for every series.
    pub fn check(&self) -> Result<(), ExecError> {
        if self.limits.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Err(ExecError::Cancelled);
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(ExecError::TimedOut);
        }
        Ok(())
    }

    /// Takes room for `samples` out of the budget, before the memory is taken.
    pub fn charge(&self, samples: usize) -> Result<(), ExecError> {
        self.note_held(self.add(&self.held, samples as u64))
    }

    /// As [`charge`](QueryContext::charge), for samples that are given back as soon as they have been looked at.
    pub fn charge_briefly(&self, samples: usize) -> Result<(), ExecError> {
        self.note_held(self.held.load(Ordering::Relaxed) + samples as u64)
    }

    fn note_held(&self, held: u64) -> Result<(), ExecError> {
        self.raise(&self.peak, held);
        if held > self.limits.max_samples {
            return Err(ExecError::TooManySamples);
        }
        self.note_bytes(self.held_bytes.load(Ordering::Relaxed) + held * SAMPLE_BYTES)
    }

    fn note_bytes(&self, bytes: u64) -> Result<(), ExecError> {
        self.raise(&self.peak_bytes, bytes);
        match self.limits.max_bytes {
            Some(limit) if bytes > limit => Err(ExecError::TooManyBytes { limit }),
            _ => Ok(()),
        }
    }

    /// Takes room for what is not samples out of the budget: series and their labels, which stay until the query ends.
    pub fn charge_bytes(&self, bytes: usize) -> Result<(), ExecError> {
        let held = self.add(&self.held_bytes, bytes as u64);
        self.note_bytes(held + self.held.load(Ordering::Relaxed) * SAMPLE_BYTES)
    }

    /// Gives room for `samples` back.
    pub fn release(&self, samples: usize) {
        self.held.fetch_sub(samples as u64, Ordering::Relaxed);
    }

    /// Counts samples read from the store.
    pub fn count_read(&self, samples: usize) {
        self.add(&self.read, samples as u64);
    }

    /// Adds to a counter, and tells what it has come to. A query on one thread has nobody to keep out meanwhile, which
    /// would cost more than all the rest.
    fn add(&self, counter: &AtomicU64, amount: u64) -> u64 {
        if self.threads > 1 {
            return counter.fetch_add(amount, Ordering::Relaxed) + amount;
        }
        let sum = counter.load(Ordering::Relaxed) + amount;
        counter.store(sum, Ordering::Relaxed);
        sum
    }

    /// Raises a counter to `value`, if it is below.
    fn raise(&self, counter: &AtomicU64, value: u64) {
        if value <= counter.load(Ordering::Relaxed) {
            return;
        }
        match self.threads {
            0 | 1 => counter.store(value, Ordering::Relaxed),
            _ => _ = counter.fetch_max(value, Ordering::Relaxed),
        }
    }

    /// Samples read from the store so far.
    pub fn samples_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The most samples that were held at one time.
    pub fn peak_samples(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// The most bytes that were held at one time, as [`QueryLimits::max_bytes`] counts them.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes.load(Ordering::Relaxed)
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
