//! More threads give the same answer, to the last bit, and the same warnings.

use promqlite::store::SeriesData;
use promqlite::{Engine, EngineOptions, Features, Labels, MemoryStore, Value};

fn store() -> MemoryStore {
    let mut state = 7u64;
    let series = (0..500).map(|i| {
        let labels = [("__name__", "m".to_owned()), ("i", i.to_string()), ("g", (i % 7).to_string())];
        let mut series = SeriesData::new(Labels::from_pairs(labels));
        for t in 0..400 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = (state >> 11) as f64 * 1e-9 * if state & 1 == 0 { 1.0 } else { 1e12 };
            series.push(t * 15_000, value);
        }
        series
    });
    MemoryStore::from_series(series).expect("samples in order")
}

fn bits(value: &Value) -> Vec<(String, i64, u64)> {
    let Value::Matrix(all) = value else { panic!("{value:?}") };
    let points = |s: &promqlite::model::value::MatrixSeries| {
        let labels = s.labels.to_string();
        s.floats.iter().map(move |(t, v)| (labels.clone(), t, v.to_bits())).collect::<Vec<_>>()
    };
    all.iter().flat_map(points).collect()
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let store = store();
    let with = |threads: usize| {
        let mut options = EngineOptions::default();
        options.features = Features::ALL;
        options.threads = threads;
        Engine::new(options)
    };
    let queries = [
        "sum by (g) (rate(m[5m]))",
        "avg(m)",
        "stddev by (g) (m)",
        "m - m offset 1m",
        "quantile(0.9, rate(m[2m]))",
        "topk(3, m)",
        "sum(m and m > 1e3)",
    ];
    for query in queries {
        let run =
            |threads| with(threads).prepare(query).unwrap().range(&store, 0, 6_000_000, 15_000).unwrap();
        let alone = run(1);
        for threads in [2, 3, 8] {
            let together = run(threads);
            assert_eq!(bits(&together.value), bits(&alone.value), "{query} on {threads} threads");
            assert_eq!(together.annotations.texts(query), alone.annotations.texts(query), "{query}");
        }
    }
}

#[test]
fn an_error_on_a_thread_ends_the_query() {
    let mut options = EngineOptions::default();
    options.threads = 4;
    options.max_samples = 100_000;
    let query = Engine::new(options).prepare("m").unwrap();
    let error = query.range(&store(), 0, 6_000_000, 15_000).unwrap_err();
    assert!(error.message().contains("too many samples"), "{error}");
}
