//! Equal selectors of a query ask the store once, and read each series once where nothing has to be held for it.

#[path = "support/counting.rs"]
mod counting;

use counting::Counting;
use promqlite::inspect::{Times, explain};
use promqlite::store::{SeriesData, SeriesStore};
use promqlite::{Engine, EngineOptions, Labels, MemoryStore};

const INTERVAL: i64 = 15_000;
const SCRAPES: i64 = 240;
const SERIES: i64 = 300;

/// `a` and `b` with 300 series each, some of them without a partner, scraped together or each at its own time, and `one`.
fn store() -> MemoryStore {
    let mut all = Vec::new();
    for (metric, factor) in [("a", 3), ("b", 7)] {
        for i in 0..SERIES {
            if (i + factor) % 50 == 0 {
                continue;
            }
            let instance = format!("i{i:03}");
            let group = (i % 4).to_string();
            let labels = [("__name__", metric), ("instance", instance.as_str()), ("g", group.as_str())];
            let mut series = SeriesData::new(Labels::from_pairs(labels));
            let phase = if i % 3 == 0 { i * 7 % 400 } else { 0 };
            for scrape in 0..SCRAPES {
                series.push(scrape * INTERVAL + phase, (scrape * factor + i) as f64 / 8.0);
            }
            all.push(series);
        }
    }
    let mut one = SeriesData::new(Labels::metric("one"));
    for scrape in 0..SCRAPES {
        one.push(scrape * INTERVAL, scrape as f64);
    }
    all.push(one);
    MemoryStore::from_series(all).expect("the samples are in order")
}

fn engine(threads: usize) -> Engine {
    Engine::new(EngineOptions::default().with_threads(threads))
}

/// What running `query` asked of the store: how often for series, and for how many samples. The answer is that of the
/// store in memory.
#[track_caller]
fn asked(store: &MemoryStore, query: &str, threads: usize, step: i64) -> (u64, u64) {
    let end = (SCRAPES - 1) * INTERVAL;
    let start = if step == 0 { end } else { 600_000 };
    let prepared = engine(threads).prepare(query).expect(query);
    let run = |store: &dyn SeriesStore| {
        match step {
            0 => prepared.instant(store, end),
            _ => prepared.range(store, start, end, step),
        }
        .expect(query)
    };
    let counting = Counting::new(store);
    let answer = run(&counting);
    let expected = run(store);
    assert_eq!(answer.value, expected.value, "{query}");
    assert_eq!(answer.stats.samples_read, counting.samples(), "{query}");
    (counting.selects(), counting.samples())
}

#[test]
fn each_series_is_read_once() {
    let store = store();
    for (step, threads) in [(0, 1), (INTERVAL, 1), (2 * INTERVAL, 3), (60_000, 2)] {
        let alone = |query: &str| asked(&store, query, threads, step);
        let (a, b, rate) = (alone("a").1, alone("b").1, alone("rate(a[5m])").1);
        assert!(a > 0 && b > 0 && rate > 0);
        for (query, selects, samples) in [
            ("a + a", 1, a),
            ("a + on(instance) group_left a", 1, a),
            ("a + on(instance) group_right a", 1, a),
            ("-a + a * 2", 1, a),
            ("a - a + a", 1, a),
            ("rate(a[5m]) / rate(a[5m])", 1, rate),
            ("max_over_time(a[5m]) - min_over_time(a[5m])", 1, rate),
            ("max(a) - min(a)", 1, a),
            ("max by (g) (a) - min by (g) (a)", 1, a),
            ("sum(a) / (sum(a) + sum(b))", 2, a + b),
            ("sum(rate(a[5m])) / on() group_right count by (g) (rate(a[5m]))", 1, rate),
            ("(max(a) - min(a)) / scalar(stddev(a))", 1, a),
            ("a - ignoring(instance, g) group_left one", 2, a + alone("one").1),
        ] {
            assert_eq!(asked(&store, query, threads, step), (selects, samples), "{query} {step} {threads}");
        }
    }
}

#[test]
fn partners_that_are_missing_hinder_nobody() {
    let store = store();
    for step in [0, INTERVAL] {
        let alone = |query: &str| asked(&store, query, 1, step).1;
        // Series of `a` without a partner in `b` lie in between.
        let both = asked(&store, "a / b", 1, step).1;
        assert!(both < alone("a") + alone("b"));
        assert_eq!(asked(&store, "a / (a + b)", 1, step), (2, both));
        assert_eq!(asked(&store, "b / (a + b) - b", 1, step), (2, both));
    }
}

#[test]
fn what_is_not_the_same_is_asked_for_by_itself() {
    let store = store();
    for (query, selects) in [
        ("a + a offset 1m", 2),
        ("a + a @ 1200", 2),
        ("rate(a[5m]) / rate(a[10m])", 2),
        ("a + rate(a[5m])", 2),
        ("a + on(instance, g) a{instance!=\"i001\"}", 2),
        ("a @ 1200 + a @ 1200", 1),
        ("timestamp(a @ 1200 offset 1m) + a @ 1200 offset 1m", 2),
        ("sum_over_time(a[5m:1m]) + a", 2),
        ("sum_over_time((a + a)[5m:1m])", 1),
    ] {
        assert_eq!(asked(&store, query, 1, INTERVAL).0, selects, "{query}");
    }
}

#[test]
fn the_plan_tells_what_is_shared() {
    let plan = explain(&Engine::default(), "max(a) - min(a)", Times::instant(600_000)).expect("a plan");
    assert_eq!(
        plan.to_string(),
        "-: series meet on all labels\n\
         ├─ max: fold into one series\n\
         │  └─ select {__name__=\"a\"}: samples from 300.001 to 600, shared by 2 equal selectors, newest sample of \
         each step\n\
         └─ min: fold into one series\n\
         \u{20}  └─ select {__name__=\"a\"}: samples from 300.001 to 600, shared by 2 equal selectors, newest sample \
         of each step\n"
    );
}
