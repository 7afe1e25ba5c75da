//! The one place that asks the engine.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use promqlite::inspect::Times;
use promqlite::model::Annotations;
use promqlite::syntax::Features;
use promqlite::{CancelToken, Engine, EngineOptions, QueryStats, SeriesStore, Value};

/// An engine with the settings of the session.
#[derive(Debug)]
pub struct Evaluator {
    engine: Engine,
    interrupt: Interrupt,
}

/// When a query is evaluated, in ms since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At one time.
    Instant(i64),
    /// At every step from start to end.
    Range {
        /// The first step.
        start: i64,
        /// No step is later.
        end: i64,
        /// Distance of the steps in ms, above 0.
        step: i64,
    },
}

/// What the engine answered.
#[derive(Debug)]
pub struct Answered {
    /// The value.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// What was read.
    pub stats: QueryStats,
    /// How long it took.
    pub elapsed: Duration,
}

impl Evaluator {
    /// An engine with these features and otherwise Prometheus' own settings.
    pub fn new(features: Features) -> Self {
        let mut options = EngineOptions::default();
        options.features = features;
        Evaluator { engine: Engine::new(options), interrupt: Interrupt::default() }
    }

    /// Lets instant selectors look so far back, in ms.
    pub fn set_lookback(&mut self, lookback_ms: i64) {
        let mut options = self.engine.options().clone();
        options.lookback_ms = lookback_ms;
        self.engine = Engine::new(options);
    }

    /// What ends the query that is running.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Evaluates a query over what the store holds; the stopwatch tells the time since any moment that stays the same.
    pub fn evaluate(
        &self,
        store: &dyn SeriesStore,
        query: &str,
        when: When,
        stopwatch: fn() -> Duration,
    ) -> Result<Answered, promqlite::Error> {
        let token = self.interrupt.arm();
        let begin = stopwatch();
        let prepared = self.engine.prepare(query)?;
        let prepared = prepared.with_cancel(&token);
        let result = match when {
            When::Instant(time) => prepared.instant(store, time),
            When::Range { start, end, step } => prepared.range(store, start, end, step),
        }?;
        let elapsed = stopwatch().saturating_sub(begin);
        Ok(Answered { value: result.value, annotations: result.annotations, stats: result.stats, elapsed })
    }

    /// What evaluates, until the next interrupt: all of its queries end with it.
    pub fn interruptible(&self) -> (Engine, CancelToken) {
        let token = self.interrupt.arm();
        (self.engine.clone().with_cancel(&token), token)
    }

    /// What evaluates.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl From<When> for Times {
    fn from(when: When) -> Times {
        match when {
            When::Instant(time) => Times::instant(time),
            When::Range { start, end, step } => Times { start, end, step },
        }
    }
}

/// Ends the running query from another thread, such as the one that hears of Ctrl-C.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Heard>);

#[derive(Debug, Default)]
struct Heard {
    token: Mutex<CancelToken>,
    count: AtomicU64,
    waited_for: AtomicBool,
}

impl Interrupt {
    /// Ends the query that is running; does nothing to those that come later.
    pub fn cancel(&self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        self.0.token.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    /// Says whether somebody waits for an interrupt, to go on when it comes.
    pub fn set_waited_for(&self, waited_for: bool) {
        self.0.waited_for.store(waited_for, Ordering::SeqCst);
    }

    /// Whether somebody waits for an interrupt, to go on when it comes.
    pub fn is_waited_for(&self) -> bool {
        self.0.waited_for.load(Ordering::SeqCst)
    }

    /// How often it was called: what goes on for several queries ends when this changes.
    pub fn heard(&self) -> u64 {
        self.0.count.load(Ordering::SeqCst)
    }

    /// A fresh token for the query that is about to run.
    fn arm(&self) -> CancelToken {
        let token = CancelToken::new();
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        token
    }
}
