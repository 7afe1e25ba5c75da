//! The one place where scripts meet the engine.

use super::eval::EvalTime;
use crate::engine::{Engine, EngineOptions};
use crate::error::Error;
use crate::model::Value;
use crate::store::SeriesStore;
use crate::syntax::Features;

/// The answer to a query, as a script compares it.
pub(super) struct Answer {
    pub(super) value: Value,
    /// With the place in the query, as the HTTP API gives them.
    pub(super) warnings: Vec<String>,
    pub(super) infos: Vec<String>,
}

/// Runs a query.
pub(super) fn ask(
    engine: &Engine,
    store: &dyn SeriesStore,
    query: &str,
    time: EvalTime,
) -> Result<Answer, Error> {
    let prepared = engine.prepare(query)?;
    let result = match time {
        EvalTime::Instant(time) => prepared.instant(store, time)?,
        EvalTime::Range { start, end, step } => prepared.range(store, start, end, step)?,
    };
    let (warnings, infos) = result.annotations.texts(query);
    Ok(Answer { value: result.value, warnings, infos })
}

/// The engine that Prometheus runs its scripts on: every experimental feature on, the metric name removed at the end
/// of a query, start times in use, and a small budget of samples.
pub(super) fn script_engine_options() -> EngineOptions {
    EngineOptions {
        features: Features::ALL,
        lookback_ms: 300_000,
        max_samples: 10_000,
        default_subquery_step_ms: 60_000,
        ..EngineOptions::default()
    }
}
