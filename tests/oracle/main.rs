//! The engine against an oracle: random queries over random data, answered by the engine and by an evaluator that is
//! as slow and as plain as possible and shares no code with the engine's execution. Their answers are equal to the
//! last bit; only sums over series whose order is not told, such as those that `topk` and `limitk` gave, may differ a little.
//!
//! Every set of data has a seed, which a failure tells. `PROMQLITE_ORACLE_SEED=7 cargo test --test oracle` runs the
//! cases of that seed alone; `PROMQLITE_ORACLE_CASES=100000` runs more of them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod aggregate;
mod binary;
mod calls;
#[path = "../support/counting.rs"]
mod counting;
mod data;
mod elementary;
mod evaluate;
mod numbers;
#[path = "../support/panics.rs"]
mod panics;
mod queries;
mod random;
mod table;
mod windows;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use counting::Counting;
use data::Data;
use evaluate::Oracle;
use promqlite::model::value::SampleValue;
use promqlite::store::SeriesStore;
use promqlite::{Engine, EngineOptions, Features, Labels, MemoryStore};
use queries::Queries;
use random::Random;
use table::{Grid, Stop, Value};

const CASES: u64 = 400;

/// Queries that are asked of one set of data.
const QUERIES: u64 = 8;

/// An answer by series: labels to times and values.
type Answer = Result<BTreeMap<Labels, Vec<(i64, f64)>>, String>;

#[test]
fn the_engine_agrees_with_the_oracle() {
    panics::keep();
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("PROMQLITE_ORACLE_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let cases = number("PROMQLITE_ORACLE_CASES").unwrap_or(CASES);
            0..cases.div_ceil(QUERIES)
        }
    };
    let next = AtomicU64::new(seeds.start);
    let (asked, errors, open) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || failures.lock().unwrap().len() >= 20 {
                        return;
                    }
                    for verdict in run(seed) {
                        asked.fetch_add(1, Ordering::Relaxed);
                        match verdict {
                            Verdict::Same { error } => {
                                _ = errors.fetch_add(usize::from(error), Ordering::Relaxed)
                            }
                            Verdict::Open => _ = open.fetch_add(1, Ordering::Relaxed),
                            Verdict::Different(text) => failures.lock().unwrap().push(text),
                        }
                    }
                }
            });
        }
    });
    drop(std::panic::take_hook());
    let failures = failures.into_inner().unwrap();
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    eprintln!("{} queries, {} of them errors, {} left open", count(&asked), count(&errors), count(&open));
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
    // Were nearly all of them errors, little would have been compared.
    assert!(count(&errors) + count(&open) < count(&asked) / 2 + 8);
}

enum Verdict {
    Same { error: bool },
    Open,
    Different(String),
}

fn run(seed: u64) -> Vec<Verdict> {
    let mut random = Random::new(seed);
    let data = data::data(&mut random);
    let store = MemoryStore::from_series(data::series_data(&data)).unwrap();
    // What a store lends is read in another way than what it hands over.
    let unlent = Counting::new(&store);
    let store: &dyn SeriesStore = if seed.is_multiple_of(2) { &store } else { &unlent };
    let verdicts = (0..QUERIES).map(|_| {
        let query = Queries::new(&mut random).query();
        let delayed = random.chance(30);
        let instant = random.chance(35);
        let start = random.between(data::FIRST / 1000, data::LAST / 1000) * 1000;
        let step = random.of(&[15_000, 60_000, 7_000, 300_000, 1_000, 100]);
        let steps = random.between(0, 40);
        let grid = if instant {
            Grid { start, end: start, step: 1 }
        } else {
            Grid { start, end: start + steps * step + random.between(0, step - 1), step }
        };
        panics::caught(|| compare(seed, &data, store, &query, grid, instant, delayed))
            .unwrap_or_else(|panic| Verdict::Different(format!("seed {seed}: {query}\n  {panic}\n")))
    });
    verdicts.collect()
}

fn compare(
    seed: u64,
    data: &Data,
    store: &dyn SeriesStore,
    query: &str,
    grid: Grid,
    instant: bool,
    delayed: bool,
) -> Verdict {
    let expr = match promqlite::syntax::parse(query, &Features::ALL) {
        Ok(expr) => expr,
        Err(error) => return Verdict::Different(format!("seed {seed}: {query} does not parse: {error}")),
    };
    let oracle = Oracle::new(data, grid, instant, delayed);
    let expected: Answer = match oracle.answer(&expr) {
        Ok(value) => Ok(by_labels(value, grid)),
        Err(Stop::Open) => return Verdict::Open,
        Err(Stop::Error(text)) => Err(text),
    };
    let got = engine_answer(store, query, grid, instant, delayed);
    // Which of two zeros comes first in a sorted window is not told, nor which infinity is their inverse.
    let signed_zero = !query.contains("quantile") && !query.contains("mad_over_time");
    let exact = !oracle.merged.get() && !INEXACT.iter().any(|name| query.contains(name));
    if !exact && query.contains("count_values") {
        // The values become labels, with their last bits.
        return Verdict::Open;
    }
    // Nor is it told in which order the counts come.
    let exact = exact && !query.contains("count_values");
    let different = match (&expected, &got) {
        (Err(_), Err(_)) => return Verdict::Same { error: true },
        (Ok(_), Err(error)) => Some(format!("the engine fails: {error}")),
        (Err(error), Ok(_)) => Some(format!("the oracle fails: {error}")),
        (Ok(expected), Ok(got)) => difference(expected, got, &|a, b| same(a, b, exact, signed_zero)),
    };
    match different {
        None => Verdict::Same { error: false },
        // Another choice than the oracle's. Where it is all of the answer it can be looked at.
        Some(_) if oracle.chose.get() => {
            match got.as_ref().map_or(None, |got| aggregate::is_choice(&oracle, &expr, got)) {
                Some(true) => Verdict::Same { error: false },
                Some(false) => Verdict::Different(format!("seed {seed}: {query}\n  no choice of limitk\n")),
                None => Verdict::Open,
            }
        }
        Some(difference) => {
            let Grid { start, end, step } = grid;
            Verdict::Different(format!(
                "seed {seed}: {query}\n  from {start} to {end} step {step}, instant: {instant}, \
                 delayed: {delayed}\n  {difference}\n"
            ))
        }
    }
}

/// What leaves its series in an order that is not told, so that a sum of them may differ in its last bit.
const INEXACT: [&str; 3] = ["topk", "bottomk", "limit"];

fn by_labels(value: Value, grid: Grid) -> BTreeMap<Labels, Vec<(i64, f64)>> {
    let times = grid.times();
    match value {
        Value::Scalar(values) => BTreeMap::from([(Labels::empty(), times.into_iter().zip(values).collect())]),
        Value::Text(text) => unreachable!("a query gives the string {text}"),
        Value::Vector(series) => {
            let samples = |values: Vec<Option<f64>>| {
                times.iter().zip(values).filter_map(|(&time, value)| Some((time, value?))).collect()
            };
            series.into_iter().map(|series| (series.labels, samples(series.values))).collect()
        }
    }
}

fn engine_answer(store: &dyn SeriesStore, query: &str, grid: Grid, instant: bool, delayed: bool) -> Answer {
    let mut features = Features::ALL;
    features.delayed_name_removal = delayed;
    let prepared = Engine::new(EngineOptions::default().with_features(features))
        .prepare(query)
        .map_err(|error| error.to_string())?;
    let result = match instant {
        true => prepared.instant(store, grid.start),
        false => prepared.range(store, grid.start, grid.end, grid.step),
    };
    let float = |value: &SampleValue| match value {
        SampleValue::Float(value) => *value,
        other => unreachable!("{other:?} out of floats"),
    };
    let mut answer = BTreeMap::new();
    match result.map_err(|error| error.to_string())?.value {
        promqlite::Value::Scalar { timestamp, value } => {
            answer.insert(Labels::empty(), vec![(timestamp, value)]);
        }
        promqlite::Value::Vector(samples) => {
            let values: Vec<f64> = samples.iter().map(|sample| float(&sample.value)).collect();
            let ordered =
                |up: bool| values.is_sorted_by(|&a, &b| b.is_nan() || if up { a <= b } else { a >= b });
            assert!(!query.starts_with("sort(") || ordered(true), "{query}: {values:?}");
            assert!(!query.starts_with("sort_desc(") || ordered(false), "{query}: {values:?}");
            for sample in samples {
                let before =
                    answer.insert(sample.labels.clone(), vec![(sample.timestamp, float(&sample.value))]);
                assert!(before.is_none(), "{query}: {} is there twice", sample.labels);
            }
        }
        promqlite::Value::Matrix(series) => {
            assert!(series.is_sorted_by(|a, b| a.labels < b.labels), "{query}: not sorted");
            for series in series {
                answer.insert(series.labels.clone(), series.floats.iter().collect());
            }
        }
        other => unreachable!("{query} gives {other:?}"),
    }
    Ok(answer)
}

fn difference(
    expected: &BTreeMap<Labels, Vec<(i64, f64)>>,
    got: &BTreeMap<Labels, Vec<(i64, f64)>>,
    same: &dyn Fn(f64, f64) -> bool,
) -> Option<String> {
    for (labels, samples) in expected {
        let Some(got) = got.get(labels) else { return Some(format!("{labels} is missing")) };
        let times = |samples: &[(i64, f64)]| samples.iter().map(|(time, _)| *time).collect::<Vec<_>>();
        if times(samples) != times(got) {
            return Some(format!("{labels}: expected {samples:?}\n  got {got:?}"));
        }
        for ((time, a), (_, b)) in samples.iter().zip(got) {
            if !same(*a, *b) {
                return Some(format!("{labels} at {time}: expected {a:e}, got {b:e}"));
            }
        }
    }
    let unexpected = got.keys().find(|labels| !expected.contains_key(labels));
    unexpected.map(|labels| format!("{labels} is not expected"))
}

/// Equal to the last bit, or, where the order of a sum is open, to a billionth.
fn same(a: f64, b: f64, exact: bool, signed_zero: bool) -> bool {
    a.to_bits() == b.to_bits()
        || a.is_nan() && b.is_nan()
        || !signed_zero && (a == b || a.is_infinite() && b.is_infinite())
        || !exact && (a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()))
}
