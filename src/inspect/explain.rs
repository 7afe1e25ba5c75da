//! What the engine is going to do with a query.

use super::parts::Times;
use crate::engine::Engine;
use crate::error::Error;
use crate::plan::explain::{Explanation, explain as explain_plan};
use crate::plan::node::QueryTimes;

/// The plan of a query at these times, as a tree in words: what is read, when, and what is done with it. Nothing is read.
///
/// ```
/// use promqlite::Engine;
/// use promqlite::inspect::{Times, explain};
///
/// let plan = explain(&Engine::default(), "sum by (job) (rate(m[5m]))", Times::instant(600_000))?;
/// assert_eq!(
///     plan.to_string(),
///     "sum: fold into one series for each by (job)\n\
///      └─ rate: for each series over windows of 5m\n\
///      \u{20}  └─ select {__name__=\"m\"}: samples from 300.001 to 600, window ends at each step\n"
/// );
/// # Ok::<(), promqlite::Error>(())
/// ```
///
/// # Errors
///
/// The query makes no sense, or has no plan for these times.
pub fn explain(engine: &Engine, query: &str, times: Times) -> Result<Explanation, Error> {
    let options = engine.options();
    let Times { start, end, step } = times;
    let times = QueryTimes {
        start,
        end,
        step,
        lookback: options.lookback_ms,
        default_subquery_step: options.default_subquery_step_ms,
    };
    Ok(explain_plan(&crate::plan::build(engine.prepare(query)?.expr(), times)?))
}
