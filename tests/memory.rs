//! How much memory queries take, counted allocation by allocation.

#![allow(clippy::print_stdout, reason = "figures are told, too")]

use allocation_counter::measure;
use promqlite::store::SeriesData;
use promqlite::{Engine, EngineOptions, Labels, MemoryStore, QueryResult};

const INTERVAL: i64 = 15_000;
const STEP: i64 = 60_000;

fn series(count: usize, samples: i64) -> impl Iterator<Item = SeriesData> {
    (0..count).map(move |i| {
        let labels = [("__name__", "m".to_owned()), ("i", i.to_string()), ("g", (i % 10).to_string())];
        let mut series = SeriesData::new(Labels::from_pairs(labels));
        for scrape in 0..samples {
            series.push(scrape * INTERVAL + i as i64 % 100, (scrape * (1 + i as i64 % 7)) as f64);
        }
        series
    })
}

fn query(store: &MemoryStore, text: &str, steps: i64) -> QueryResult {
    let mut options = EngineOptions::default();
    options.threads = 1;
    let prepared = Engine::new(options).prepare(text).expect(text);
    prepared.range(store, STEP, steps * STEP, STEP).expect(text)
}

/// An aggregation holds its groups, and of its series no more than who they are: no column of theirs, which would take
/// eight bytes for each of the steps.
#[test]
fn aggregations_hold_no_columns_of_their_series() {
    const STEPS: i64 = 180;
    for text in ["sum by (g) (rate(m[5m]))", "avg by (g) (m)", "max(m * 2)", "count(m > 1)"] {
        let peak = |count: usize| {
            let store = MemoryStore::from_series(series(count, 8)).unwrap();
            let result = measure(|| drop(query(&store, text, STEPS)));
            result.bytes_max as f64
        };
        let peaks = [1000, 10_000, 100_000].map(peak);
        let of_a_series = (peaks[2] - peaks[0]) / 99_000.0;
        let column = (8 * STEPS) as f64;
        assert!(of_a_series < column / 4.0, "{text}: {of_a_series} bytes for each series; {peaks:?}");
        // The groups: values, compensations, counts, and a batch of columns on the way to them.
        let rest = peaks[0] - 1000.0 * of_a_series;
        let columns = rest / column;
        assert!(columns < 150.0, "{text}: {columns} columns; {peaks:?}");
        println!("{text}: {of_a_series:.0} bytes for each series and {columns:.0} columns");
    }
}

/// What a query gives back is little more than its values.
#[test]
fn results_are_dense() {
    let (count, steps) = (1000, 1440);
    let store = MemoryStore::from_series(series(count, 5760)).unwrap();
    for text in ["m", "m * 2", "rate(m[5m])"] {
        let mut result = None;
        let held = measure(|| result = Some(query(&store, text, steps))).bytes_current;
        let of_a_point = held as f64 / (count as i64 * steps) as f64;
        assert!(of_a_point < 8.2, "{text}: {of_a_point} bytes for each point");
        println!("{text}: {of_a_point:.3} bytes for each point");
    }
}

/// Prometheus allocates 1560 MB for a query like this one.
#[test]
fn quantiles_of_windows_take_no_memory_of_their_own() {
    let store = MemoryStore::from_series(series(1000, 5760)).unwrap();
    let allocated = measure(|| drop(query(&store, "quantile_over_time(0.9, m[5m])", 1440))).bytes_total;
    println!("{allocated} bytes");
    assert!(allocated < 1_560_000_000 / 50, "{allocated} bytes");
}

/// Samples of series that are scraped at times of their own are packed as they are loaded.
#[test]
fn samples_are_packed() {
    let (count, samples) = (200, 2000);
    let jittered = |decimals: f64| {
        (0..count).map(move |i| {
            let mut series = SeriesData::new(Labels::metric("m").with("i", &i.to_string()));
            for scrape in 0..samples {
                let jitter = scrape * (i + 7) * 31 % 97;
                let value = scrape * 50 + scrape * scrape * (i + 3) % 89;
                series.push(scrape * INTERVAL + i * 70 + jitter, value as f64 / decimals);
            }
            series
        })
    };
    for (decimals, most) in [(1.0, 2.5), (100.0, 2.5), (7.0, 9.5)] {
        let mut store = None;
        let held =
            measure(|| store = Some(MemoryStore::from_series(jittered(decimals)).unwrap())).bytes_current;
        let of_a_sample = held as f64 / (count * samples) as f64;
        assert!(of_a_sample < most, "{of_a_sample} bytes a sample");
        println!("values with a divisor of {decimals}: {of_a_sample:.2} bytes a sample");
    }
}
