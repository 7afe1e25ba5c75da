//! The cases and the data of Prometheus' `BenchmarkRangeQuery`: everyday range queries over series scraped every ten
//! seconds for a day and 10,000 steps more. All series of one scrape share its time.
//!
//! A case of N steps evaluates N + 1 points in time.

use promqlite::store::SeriesData;
use promqlite::{Labels, MemoryStore};

/// Distance of scrapes in ms.
pub const INTERVAL: i64 = 10_000;
/// How many scrapes there are.
pub const SCRAPES: i64 = 18_640;

/// Steps and expression of each case.
pub const CASES: &[(i64, &str)] = &[
    (1, "a_one"),
    (1000, "a_one"),
    (1, "a_hundred"),
    (1000, "a_hundred"),
    (1, "rate(a_one[1m])"),
    (1000, "rate(a_one[1m])"),
    (1, "rate(a_hundred[1m])"),
    (1000, "rate(a_hundred[1m])"),
    (10000, "rate(a_one[1m])"),
    (10000, "rate(a_hundred[1m])"),
    (10000, "rate(sparse[1m])"),
    (1, "rate(a_one[1m] smoothed)"),
    (1000, "rate(a_one[1m] smoothed)"),
    (1, "rate(a_hundred[1m] smoothed)"),
    (1000, "rate(a_hundred[1m] smoothed)"),
    (10000, "rate(a_one[1m] smoothed)"),
    (10000, "rate(a_hundred[1m] smoothed)"),
    (10000, "rate(sparse[1m] smoothed)"),
    (1, "double_exponential_smoothing(a_one[1d], 0.3, 0.3)"),
    (1000, "double_exponential_smoothing(a_one[1d], 0.3, 0.3)"),
    (1, "double_exponential_smoothing(a_hundred[1d], 0.3, 0.3)"),
    (1000, "double_exponential_smoothing(a_hundred[1d], 0.3, 0.3)"),
    (1, "changes(a_one[1d])"),
    (1000, "changes(a_one[1d])"),
    (1, "changes(a_hundred[1d])"),
    (1000, "changes(a_hundred[1d])"),
    (1, "rate(a_one[1d])"),
    (1000, "rate(a_one[1d])"),
    (1, "rate(a_hundred[1d])"),
    (1000, "rate(a_hundred[1d])"),
    (1, "absent_over_time(a_one[1d])"),
    (1000, "absent_over_time(a_one[1d])"),
    (1, "absent_over_time(a_hundred[1d])"),
    (1000, "absent_over_time(a_hundred[1d])"),
    (1, "-a_one"),
    (1000, "-a_one"),
    (1, "-a_hundred"),
    (1000, "-a_hundred"),
    (1, "a_one - b_one"),
    (1000, "a_one - b_one"),
    (1, "a_hundred - b_hundred"),
    (1000, "a_hundred - b_hundred"),
    (10000, "a_one - b_one"),
    (10000, "a_hundred - b_hundred"),
    (1, "a_one and b_one{l=~'.*[0-4]$'}"),
    (1000, "a_one and b_one{l=~'.*[0-4]$'}"),
    (1, "a_hundred and b_hundred{l=~'.*[0-4]$'}"),
    (1000, "a_hundred and b_hundred{l=~'.*[0-4]$'}"),
    (1, "a_one or b_one{l=~'.*[0-4]$'}"),
    (1000, "a_one or b_one{l=~'.*[0-4]$'}"),
    (1, "a_hundred or b_hundred{l=~'.*[0-4]$'}"),
    (1000, "a_hundred or b_hundred{l=~'.*[0-4]$'}"),
    (1, "a_one unless b_one{l=~'.*[0-4]$'}"),
    (1000, "a_one unless b_one{l=~'.*[0-4]$'}"),
    (1, "a_hundred unless b_hundred{l=~'.*[0-4]$'}"),
    (1000, "a_hundred unless b_hundred{l=~'.*[0-4]$'}"),
    (1, "a_one and b_one{l='notfound'}"),
    (1000, "a_one and b_one{l='notfound'}"),
    (1, "a_hundred and b_hundred{l='notfound'}"),
    (1000, "a_hundred and b_hundred{l='notfound'}"),
    (1, "abs(a_one)"),
    (1000, "abs(a_one)"),
    (1, "abs(a_hundred)"),
    (1000, "abs(a_hundred)"),
    (1, "label_replace(a_one, 'l2', '$1', 'l', '(.*)')"),
    (1000, "label_replace(a_one, 'l2', '$1', 'l', '(.*)')"),
    (1, "label_replace(a_hundred, 'l2', '$1', 'l', '(.*)')"),
    (1000, "label_replace(a_hundred, 'l2', '$1', 'l', '(.*)')"),
    (1, "label_join(a_one, 'l2', '-', 'l', 'l')"),
    (1000, "label_join(a_one, 'l2', '-', 'l', 'l')"),
    (1, "label_join(a_hundred, 'l2', '-', 'l', 'l')"),
    (1000, "label_join(a_hundred, 'l2', '-', 'l', 'l')"),
    (1, "sum(a_one)"),
    (1000, "sum(a_one)"),
    (1, "sum(a_hundred)"),
    (1000, "sum(a_hundred)"),
    (1, "avg(a_one)"),
    (1000, "avg(a_one)"),
    (1, "avg(a_hundred)"),
    (1000, "avg(a_hundred)"),
    (1, "sum without (l)(h_one)"),
    (1000, "sum without (l)(h_one)"),
    (1, "sum without (l)(h_hundred)"),
    (1000, "sum without (l)(h_hundred)"),
    (1, "sum without (le)(h_one)"),
    (1000, "sum without (le)(h_one)"),
    (1, "sum without (le)(h_hundred)"),
    (1000, "sum without (le)(h_hundred)"),
    (1, "sum by (l)(h_one)"),
    (1000, "sum by (l)(h_one)"),
    (1, "sum by (l)(h_hundred)"),
    (1000, "sum by (l)(h_hundred)"),
    (1, "sum by (le)(h_one)"),
    (1000, "sum by (le)(h_one)"),
    (1, "sum by (le)(h_hundred)"),
    (1000, "sum by (le)(h_hundred)"),
    (100, "count_values('value', h_one)"),
    (100, "count_values('value', h_hundred)"),
    (1, "topk(1, a_one)"),
    (1000, "topk(1, a_one)"),
    (1, "topk(1, a_hundred)"),
    (1000, "topk(1, a_hundred)"),
    (1, "topk(5, a_one)"),
    (1000, "topk(5, a_one)"),
    (1, "topk(5, a_hundred)"),
    (1000, "topk(5, a_hundred)"),
    (1, "limitk(1, a_one)"),
    (1000, "limitk(1, a_one)"),
    (1, "limitk(1, a_hundred)"),
    (1000, "limitk(1, a_hundred)"),
    (1, "limitk(5, a_one)"),
    (1000, "limitk(5, a_one)"),
    (1, "limitk(5, a_hundred)"),
    (1000, "limitk(5, a_hundred)"),
    (1, "limit_ratio(0.1, a_one)"),
    (1000, "limit_ratio(0.1, a_one)"),
    (1, "limit_ratio(0.1, a_hundred)"),
    (1000, "limit_ratio(0.1, a_hundred)"),
    (1, "limit_ratio(0.5, a_one)"),
    (1000, "limit_ratio(0.5, a_one)"),
    (1, "limit_ratio(0.5, a_hundred)"),
    (1000, "limit_ratio(0.5, a_hundred)"),
    (1, "limit_ratio(-0.5, a_one)"),
    (1000, "limit_ratio(-0.5, a_one)"),
    (1, "limit_ratio(-0.5, a_hundred)"),
    (1000, "limit_ratio(-0.5, a_hundred)"),
    (1, "rate(a_one[1m]) + rate(b_one[1m])"),
    (1000, "rate(a_one[1m]) + rate(b_one[1m])"),
    (1, "rate(a_hundred[1m]) + rate(b_hundred[1m])"),
    (1000, "rate(a_hundred[1m]) + rate(b_hundred[1m])"),
    (1, "sum without (l)(rate(a_one[1m]))"),
    (1000, "sum without (l)(rate(a_one[1m]))"),
    (1, "sum without (l)(rate(a_hundred[1m]))"),
    (1000, "sum without (l)(rate(a_hundred[1m]))"),
    (1, "sum without (l)(rate(a_one[1m])) / sum without (l)(rate(b_one[1m]))"),
    (1000, "sum without (l)(rate(a_one[1m])) / sum without (l)(rate(b_one[1m]))"),
    (1, "sum without (l)(rate(a_hundred[1m])) / sum without (l)(rate(b_hundred[1m]))"),
    (1000, "sum without (l)(rate(a_hundred[1m])) / sum without (l)(rate(b_hundred[1m]))"),
    (1, "histogram_quantile(0.9, rate(h_one[5m]))"),
    (1000, "histogram_quantile(0.9, rate(h_one[5m]))"),
    (1, "histogram_quantile(0.9, rate(h_hundred[5m]))"),
    (1000, "histogram_quantile(0.9, rate(h_hundred[5m]))"),
    (1, "a_one + on(l) group_right a_one"),
    (1000, "a_one + on(l) group_right a_one"),
    (1, "a_hundred + on(l) group_right a_one"),
    (1000, "a_hundred + on(l) group_right a_one"),
    (1, r#"count({__name__!=""})"#),
    (1, r#"count({__name__!="",l=""})"#),
    (1, "timestamp(a_one)"),
    (1000, "timestamp(a_one)"),
    (1, "timestamp(a_hundred)"),
    (1000, "timestamp(a_hundred)"),
];

/// First and last point in time of a case, in ms.
pub fn times(steps: i64) -> (i64, i64) {
    ((SCRAPES - steps) * INTERVAL, SCRAPES * INTERVAL)
}

/// All series, in a store.
pub fn memory_store() -> MemoryStore {
    MemoryStore::from_series(series()).expect("the samples are in order")
}

/// All series.
pub fn series() -> Vec<SeriesData> {
    let mut names = Vec::new();
    let bounds = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+Inf"];
    for metric in ["a_one", "b_one"] {
        names.push(vec![("__name__", metric.to_owned())]);
    }
    names.extend(bounds.map(|le| vec![("__name__", "h_one".to_owned()), ("le", le.to_owned())]));
    for (suffix, count) in [("ten", 10), ("hundred", 100)] {
        for l in 0..count {
            let named = |letter: &str| ("__name__", format!("{letter}_{suffix}"));
            let l = || ("l", l.to_string());
            names.push(vec![named("a"), l()]);
            names.push(vec![named("b"), l()]);
            names.extend(bounds.map(|le| vec![named("h"), l(), ("le", le.to_owned())]));
        }
    }
    let count = names.len() as f64;
    let mut all = Vec::with_capacity(names.len() + 51);
    for (i, labels) in names.into_iter().enumerate() {
        let mut series = SeriesData::new(Labels::from_pairs(labels));
        for scrape in 0..SCRAPES {
            series.push(scrape * INTERVAL, scrape as f64 + i as f64 / count);
        }
        all.push(series);
    }
    for l in 0..=(SCRAPES - 1) / (SCRAPES / 50) {
        let mut series =
            SeriesData::new(Labels::from_pairs([("__name__", "sparse".to_owned()), ("l", l.to_string())]));
        for scrape in (0..SCRAPES).filter(|scrape| scrape / (SCRAPES / 50) == l) {
            series.push(scrape * INTERVAL, scrape as f64 / count);
        }
        all.push(series);
    }
    all
}
