//! How `rate`, `increase` and `delta` come by their value: which samples they see, which resets they make up for, and how
//! far they extrapolate.
//!
//! ```
//! use promqlite::{Engine, Labels, MemoryStore};
//! use promqlite::inspect::{EdgeRule, Times, extrapolations};
//!
//! let store = MemoryStore::new();
//! for (seconds, value) in [(10, 4.0), (20, 7.0), (30, 9.0), (40, 1.0), (50, 8.0)] {
//!     store.append(&Labels::from_pairs([("__name__", "m_total")]), seconds * 1000, value)?;
//! }
//! let engine = Engine::default();
//! let all = extrapolations(&engine, "increase(m_total[1m])", &store, Times::instant(60_000))?.unwrap();
//! assert_eq!((all[0].samples, all[0].first, all[0].last), (5, (10_000, 4.0), (50_000, 8.0)));
//! assert_eq!((all[0].resets[0].before, all[0].resets[0].after), (9.0, 1.0));
//! let worked = all[0].extrapolated.as_ref().unwrap();
//! assert_eq!((worked.change, worked.sampled, worked.factor), (13.0, 40.0, 1.5));
//! assert_eq!((worked.to_start.distance, worked.to_start.rule), (10.0, EdgeRule::Whole));
//! assert_eq!(worked.value, 19.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::parts::Times;
use crate::engine::{Engine, EngineOptions, Prepared};
use crate::error::{Error, ErrorKind};
use crate::exec::{self, Worker};
pub use crate::functions::extrapolated::{Edge, EdgeRule, Extrapolated, Reset};
use crate::functions::extrapolated::{extrapolating, resets, work_out};
use crate::functions::window::{Edges, Samples, StepTimes};
use crate::model::value::MatrixSeries;
use crate::model::{Labels, TimeRange, Timestamp, Value};
use crate::plan::{
    self,
    node::{QueryTimes, Range, Root},
};
use crate::stack;
use crate::store::SeriesStore;
use crate::syntax::Expr;
use crate::syntax::ast::Call;

/// One window of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolation {
    /// `rate`, `increase` or `delta`.
    pub function: String,
    /// The series, with its name.
    pub labels: Labels,
    /// Where the window starts, in ms; what is at this very time does not belong to it.
    pub start: Timestamp,
    /// Where the window ends, in ms.
    pub end: Timestamp,
    /// How many samples it has.
    pub samples: usize,
    /// Time in ms and value of the first.
    pub first: (Timestamp, f64),
    /// Time in ms and value of the last.
    pub last: (Timestamp, f64),
    /// The resets of a counter.
    pub resets: Vec<Reset>,
    /// What comes of it; `None` if there is only one sample.
    pub extrapolated: Option<Extrapolated>,
}

/// How the outermost `rate`, `increase` or `delta` in `query` comes by its values at the last of these times, for each
/// series of floats that has samples in the window. `None` if there is no such call, or none that extrapolates: with
/// `anchored` and `smoothed` nothing is, and with the feature `use-start-timestamps` other rules hold.
///
/// # Errors
///
/// The query, or what is in the window, cannot be evaluated.
pub fn extrapolations(
    engine: &Engine,
    query: &str,
    store: &dyn SeriesStore,
    times: Times,
) -> Result<Option<Vec<Extrapolation>>, Error> {
    let prepared = engine.prepare(query)?;
    let options = engine.options();
    let Some(call) = outermost(prepared.expr()).filter(|_| !options.features.use_start_timestamps) else {
        return Ok(None);
    };
    let (Some(kind), Some(argument)) = (extrapolating(&call.name), call.args.first()) else {
        return Ok(None);
    };
    let read = || last_window(&prepared, argument, store, times, options);
    let window = stack::with_room(stack::height(argument), read).unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, format!("no thread for a deep query: {error}"), None))
    })?;
    let Some(window) = window else { return Ok(None) };
    let (end, width) = (window.end, window.width);
    let mut all = Vec::new();
    for series in window.series {
        let inside = series.floats.iter().filter(|(time, _)| *time > end - width && *time <= end);
        let (timestamps, values): (Vec<Timestamp>, Vec<f64>) = inside.unzip();
        let ([first_time, ..], [.., last_time]) = (&*timestamps, &*timestamps) else { continue };
        let ([first, ..], [.., last], []) = (&*values, &*values, &*series.histograms) else { continue };
        let (first, last) = ((*first_time, *first), (*last_time, *last));
        let samples = Samples { timestamps: &timestamps, values: &values, start_timestamps: &[] };
        all.push(Extrapolation {
            function: call.name.clone(),
            labels: series.labels,
            start: end - width,
            end,
            samples: values.len(),
            first,
            last,
            resets: resets(kind, &samples),
            extrapolated: work_out(kind, &samples, end, width),
        });
    }
    Ok(Some(all))
}

/// The window of a range vector at the last step, and all samples that were read for it.
struct LastWindow {
    end: Timestamp,
    width: i64,
    series: Vec<MatrixSeries>,
}

/// Reads the window of `argument`, which is an argument in `query`: `start()`, `step()` and their like mean in it what they
/// mean in the query. `None` if its edges are not plain.
fn last_window(
    query: &Prepared,
    argument: &Expr,
    store: &dyn SeriesStore,
    times: Times,
    options: &EngineOptions,
) -> Result<Option<LastWindow>, Error> {
    let query_times = QueryTimes {
        start: times.start,
        end: times.end,
        step: times.step,
        lookback: options.lookback_ms,
        default_subquery_step: options.default_subquery_step_ms,
    };
    let mut plan = plan::build(argument, query_times)?;
    let last_step = plan.grid.steps.saturating_sub(1);
    let Root::Range(range) = &mut plan.root else { return Ok(None) };
    let (end, width) = (range.ends().at(last_step), range.width());
    match range {
        Range::Select(selector) if selector.edges != Edges::Plain => return Ok(None),
        Range::Select(selector) => selector.ends = StepTimes { first: end, step: 0 },
        Range::Subquery(_) => {}
    }
    let context = query.context(TimeRange::new(times.start, times.end), times.step);
    let view = store.view();
    let store = view.as_deref().unwrap_or(store);
    Ok(match exec::run::run(&plan, true, store, &mut Worker::default(), &context)? {
        Value::Matrix(series) => Some(LastWindow { end, width, series: series.into_iter().collect() }),
        _ => None,
    })
}

/// The first call of a function that extrapolates, from the outside.
fn outermost(expr: &Expr) -> Option<&Call> {
    match expr {
        Expr::Call(call) if extrapolating(&call.name).is_some() => Some(call),
        Expr::Call(call) => call.args.iter().find_map(outermost),
        Expr::Paren(paren) => outermost(&paren.inner),
        Expr::Unary(unary) => outermost(&unary.operand),
        Expr::Binary(binary) => outermost(&binary.lhs).or_else(|| outermost(&binary.rhs)),
        Expr::Aggregate(aggregate) => aggregate.args.iter().find_map(outermost),
        Expr::Subquery(subquery) => outermost(&subquery.inner),
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MemoryStore;
    use crate::model::value::SampleValue;

    fn store(samples: &[(Timestamp, f64)]) -> MemoryStore {
        let store = MemoryStore::new();
        for (time, value) in samples {
            store.append(&Labels::from_pairs([("__name__", "m_total")]), *time, *value).expect("a sample");
        }
        store
    }

    proptest! {
        /// What is explained is what the engine answers, to the last bit.
        #[test]
        fn values_are_those_of_the_engine(
            gaps in prop::collection::vec((1i64..40_000, prop_oneof![(0u32..50).prop_map(f64::from), -10.0..1e6f64]), 0..30),
            at in 1i64..600_000,
            range in 1i64..300_000,
            offset in 0i64..60_000,
            function in prop_oneof![Just("rate"), Just("increase"), Just("delta")],
        ) {
            let mut time = 0;
            let samples: Vec<(Timestamp, f64)> = gaps.iter().map(|(gap, value)| { time += gap; (time, *value) }).collect();
            let store = store(&samples);
            let engine = Engine::default();
            let query = format!("{function}(m_total[{range}ms] offset {offset}ms)");
            let told = extrapolations(&engine, &query, &store, Times::instant(at)).unwrap().unwrap();
            let told = told.first().and_then(|one| one.extrapolated.as_ref()).map(|worked| worked.value.to_bits());
            let Value::Vector(vector) = engine.prepare(&query).unwrap().instant(&store, at).unwrap().value else { panic!() };
            let answer = vector.first().map(|sample| match sample.value {
                SampleValue::Float(value) => value.to_bits(),
                SampleValue::Histogram(_) => panic!(),
            });
            prop_assert_eq!(told, answer);
        }
    }

    #[test]
    fn rules_at_the_edges() {
        let rules = |query: &str, samples: &[(Timestamp, f64)]| {
            let all = extrapolations(&Engine::default(), query, &store(samples), Times::instant(60_000));
            let worked = all.expect("a query").expect("a call").remove(0).extrapolated.expect("two samples");
            (worked.to_start.rule, worked.to_end.rule, worked.to_zero)
        };
        let late = [(30_000, 100.0), (40_000, 101.0), (50_000, 102.0)];
        assert_eq!(rules("rate(m_total[1m])", &late), (EdgeRule::Half, EdgeRule::Whole, Some(1000.0)));
        let early = [(5_000, 1.0), (10_000, 2.0), (20_000, 9.0)];
        assert_eq!(rules("rate(m_total[1m])", &early), (EdgeRule::Zero, EdgeRule::Half, Some(1.875)));
        assert_eq!(rules("delta(m_total[1m])", &early), (EdgeRule::Whole, EdgeRule::Half, None));
    }

    #[test]
    fn which_call_and_when() {
        let samples: Vec<(Timestamp, f64)> = (0..20).map(|i| (i * 15_000, i as f64)).collect();
        let store = store(&samples);
        let told = |query: &str, times: Times| {
            let all = extrapolations(&Engine::default(), query, &store, times).expect("a query");
            all.map(|all| all.iter().map(|one| (one.start, one.end, one.samples)).collect::<Vec<_>>())
        };
        let range = Times { start: 60_000, end: 200_000, step: 60_000 };
        assert_eq!(told("sum(1 + rate(m_total[1m]))", range), Some(vec![(120_000, 180_000, 4)]));
        assert_eq!(told("rate(m_total[1m] @ start())", range), Some(vec![(0, 60_000, 4)]));
        assert_eq!(
            told("increase(m_total[1m:30s])", Times::instant(120_000)),
            Some(vec![(60_000, 120_000, 2)])
        );
        assert_eq!(told("rate(nothing[1m])", range), Some(vec![]));
        assert_eq!(told("irate(m_total[1m])", range), None);
    }
}
