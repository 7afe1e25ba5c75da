//! What each operator of a query takes, measured while it runs.
//!
//! ```
//! use std::sync::LazyLock;
//! use std::time::Instant;
//! use promqlite::{Engine, Labels, MemoryStore};
//! use promqlite::inspect::{Times, analyze};
//!
//! let store = MemoryStore::new();
//! for job in ["a", "b"] {
//!     store.append(&Labels::from_pairs([("__name__", "up"), ("job", job)]), 0, 1.0)?;
//! }
//! static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
//! let analysis = analyze(&Engine::default(), "sum(up)", &store, Times::instant(0), || BEGIN.elapsed())?;
//! let sum = analysis.root.cost.unwrap();
//! let select = analysis.root.inputs[0].cost.unwrap();
//! assert_eq!((sum.series, sum.samples), (1, 1));
//! assert_eq!((select.series, select.samples, select.read), (2, 2, 2));
//! assert!(sum.own <= sum.time && select.time <= sum.time && sum.time <= analysis.time);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::Duration;

use super::parts::Times;
use crate::engine::{Engine, QueryResult};
use crate::error::Error;
use crate::exec::meter::{Measured, Meter};
use crate::model::TimeRange;
use crate::plan::explain::{Explanation, explain};
use crate::store::SeriesStore;

/// A query that was run and measured.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The answer.
    pub result: QueryResult,
    /// How long all of it took, from the text to the answer.
    pub time: Duration,
    /// The outermost operator.
    pub root: Operator,
}

/// One operator of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// What it does, in a line, as [`explain`] puts it.
    pub text: String,
    /// What it took; `None` for numbers and texts.
    pub cost: Option<Cost>,
    /// What it is made from.
    pub inputs: Vec<Operator>,
}

/// What one operator took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time in the operator and in its inputs.
    pub time: Duration,
    /// Time in the operator without its inputs.
    pub own: Duration,
    /// How many series it has, those without a sample included.
    pub series: u64,
    /// Samples that the operator itself read from the store.
    pub read: u64,
    /// Samples that it handed on; those that were asked for twice count twice.
    pub samples: u64,
    /// Bytes of what it handed on: its columns, or the samples of a range vector.
    pub bytes: u64,
}

/// Runs `query` on one thread, so that the times of its operators add up, and measures each. `clock` tells the time since
/// any moment that stays the same.
///
/// # Errors
///
/// Those of the query.
pub fn analyze(
    engine: &Engine,
    query: &str,
    store: &dyn SeriesStore,
    times: Times,
    clock: fn() -> Duration,
) -> Result<Analysis, Error> {
    let begin = clock();
    let prepared = engine.prepare(query)?;
    let range = TimeRange::new(times.start, times.end);
    let (result, plan, context) = prepared.measure(store, range, times.step, Meter::new(clock))?;
    let time = clock().saturating_sub(begin);
    let root = measured(explain(&plan), context.meter()).0;
    Ok(Analysis { result, time, root })
}

/// The operator, and what was measured of it, or of its inputs if it is not measured itself.
fn measured(explanation: Explanation, meter: Option<&Meter>) -> (Operator, Measured) {
    let mut below = Measured::default();
    let inputs = explanation.inputs.into_iter().map(|input| {
        let (input, total) = measured(input, meter);
        below.time += total.time;
        below.read += total.read;
        input
    });
    let inputs = inputs.collect();
    let Some(total) = explanation.node.zip(meter).and_then(|(node, meter)| meter.measured(node)) else {
        return (Operator { text: explanation.text, cost: None, inputs }, below);
    };
    let cost = Cost {
        time: total.time,
        own: total.time.saturating_sub(below.time),
        series: total.series,
        read: total.read.saturating_sub(below.read),
        samples: total.samples,
        bytes: total.bytes,
    };
    (Operator { text: explanation.text, cost: Some(cost), inputs }, total)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::{Labels, MemoryStore};

    /// Each look takes a millisecond.
    fn clock() -> Duration {
        static LOOKS: AtomicU64 = AtomicU64::new(0);
        Duration::from_millis(LOOKS.fetch_add(1, Ordering::Relaxed))
    }

    fn store() -> MemoryStore {
        let store = MemoryStore::new();
        for i in 0..10 {
            let instance = i.to_string();
            let labels = Labels::from_pairs([("__name__", "m_total"), ("instance", instance.as_str())]);
            for t in 0..20 {
                store.append(&labels, t * 15_000, t as f64).expect("a sample");
            }
        }
        store
    }

    fn check(operator: &Operator) -> (Duration, u64) {
        let below =
            operator.inputs.iter().map(check).fold((Duration::ZERO, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        match operator.cost {
            Some(cost) => {
                assert_eq!(cost.own + below.0, cost.time, "{}", operator.text);
                (cost.time, cost.read + below.1)
            }
            None => below,
        }
    }

    #[test]
    fn times_and_samples_add_up() {
        let queries = [
            "sum(rate(m_total[1m]))",
            "m_total / on (instance) (m_total offset 1m) > 0.5 or vector(scalar(sum(m_total)))",
            "max_over_time(sum by (instance) (m_total)[2m:30s])",
            "absent(m_total{instance=\"x\"}) + time()",
            "topk(2, m_total) and sort(m_total @ 100)",
            "m_total[1m]",
        ];
        let (store, engine) = (store(), Engine::default());
        for query in queries {
            let step = if query.ends_with(']') { 0 } else { 15_000 };
            let times = Times { start: 270_000, end: if step == 0 { 270_000 } else { 300_000 }, step };
            let analysis = analyze(&engine, query, &store, times, clock).expect("an answer");
            let (time, read) = check(&analysis.root);
            assert!(time < analysis.time && analysis.time > Duration::ZERO, "{query}");
            assert_eq!(read, analysis.result.stats.samples_read, "{query}");
            let prepared = engine.prepare(query).expect("a query");
            let plain = match step {
                0 => prepared.instant(&store, times.start),
                _ => prepared.range(&store, times.start, times.end, step),
            };
            assert_eq!(plain.expect("an answer").value, analysis.result.value, "{query}");
        }
    }

    #[test]
    fn what_each_hands_on() {
        let (store, engine) = (store(), Engine::default());
        let times = Times { start: 60_000, end: 120_000, step: 60_000 };
        let analysis = analyze(&engine, "sum(rate(m_total[1m]))", &store, times, clock).expect("an answer");
        let figures = |operator: &Operator| {
            let cost = operator.cost.expect("measured");
            (cost.series, cost.read, cost.samples, cost.bytes)
        };
        let sum = &analysis.root;
        let rate = &sum.inputs[0];
        let select = &rate.inputs[0];
        // Two steps: a column is two values and a word of presence bits.
        assert_eq!(figures(sum), (1, 0, 2, 24));
        assert_eq!(figures(rate), (10, 0, 20, 240));
        // From 0 s, which is left out, to 120 s.
        assert_eq!(figures(select), (10, 80, 80, 1280));
    }
}
