//! Data directories of every kind that a store leaves behind, and the questions to ask about them.

use std::path::Path;
use std::sync::Arc;

use promqlite::ingest::load;
use promqlite::model::{Matcher, TimeRange};
use promqlite::store::SeriesData;
use promqlite::store::disk::{DiskOptions, DiskStore, StdIo};

/// When the data begins: in the past, on the border of a block.
pub(crate) const BEGIN: i64 = 1_700_006_400_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Seven hours of samples, every 15 seconds.
const DATA: &str = r#"load 15s
  requests_total{job="api",instance="a"}  0+7x700 3+2x600 100+1x380
  requests_total{job="api",instance="b"}  5+1.25x1680
  requests_total{job="db",instance="a"}   _x400 0+3x500 stale _x20 0+11x700
  temperature{room="kitchen"}  20+0.1x500 70-0.07x600 Inf -Inf NaN 1e300 1e-300 -0 12345678.9 stale _x9 19x500
  temperature{room="日本"}  -5x1680
  latency_seconds{job="api"}  {{schema:2 count:6 sum:3.5 z_bucket:1 z_bucket_w:0.001 buckets:[2 1 0 2] offset:-2}}+{{schema:2 count:9 sum:5.5 z_bucket:1 z_bucket_w:0.001 buckets:[2 1 3 2] offset:-2}}x600 {{schema:2 count:1 sum:0.5 buckets:[1] offset:3}}+{{schema:2 count:3 sum:1.5 buckets:[1 2] offset:3}}x500 stale _x3 {{schema:0 count:12 sum:3 n_buckets:[1 2 3] buckets:[1 2 3] n_offset:1}}+{{schema:0 count:2 sum:0.25 n_buckets:[1] buckets:[1] n_offset:1}}x500
  size_bytes{job="api"}  {{schema:1 count:2.5 sum:3.25 buckets:[0.5 2]}}+{{schema:1 count:1.25 sum:0.75 buckets:[0.75 0.5]}}x1200
  queue{job="db"}  {{schema:3 count:8 sum:40 buckets:[1 2 5] counter_reset_hint:gauge}}x300 {{schema:3 count:3 sum:10 buckets:[1 2] counter_reset_hint:gauge}}x300 {{schema:3 count:13 sum:70 buckets:[8 0 5] counter_reset_hint:gauge}}x600
  bounds{job="api"}  {{schema:-53 count:10 sum:9.5 custom_values:[0.1 0.5 1 5] buckets:[1 2 3 3 1]}}+{{schema:-53 count:5 sum:2.5 custom_values:[0.1 0.5 1 5] buckets:[1 1 1 1 1]}}x800 {{schema:-53 count:5 sum:2.5 custom_values:[0.2 0.5 1] buckets:[1 1 2 1]}}+{{schema:-53 count:5 sum:2.5 custom_values:[0.2 0.5 1] buckets:[1 1 2 1]}}x400
  mixed{job="api"}  1+1x200 {{schema:1 count:2 sum:3 buckets:[1 1]}}+{{schema:1 count:2 sum:3 buckets:[1 1]}}x300 7+1x400 {{schema:1 count:2 sum:3 buckets:[1 1]}}x300
"#;

/// A kind of directory.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Writes one into an empty directory.
    pub(crate) write: fn(&Path),
}

/// All kinds.
pub(crate) const KINDS: [Kind; 6] = [
    Kind { name: "log", write: |dir| drop(filled(dir, BEGIN, BEGIN + 7 * HOUR)) },
    Kind {
        name: "blocks",
        write: |dir| {
            filled(dir, BEGIN, BEGIN + 7 * HOUR).flush().unwrap();
        },
    },
    Kind {
        name: "blocks-and-log",
        write: |dir| {
            for hour in 0..7 {
                let begin = BEGIN + hour * HOUR;
                let store = filled(dir, begin, begin + HOUR);
                store.maintain().unwrap();
            }
        },
    },
    Kind {
        name: "compacted",
        write: |dir| {
            let store = open(dir, HOUR);
            let mut compacted = 0;
            for hour in 0..7 {
                append(&store, BEGIN + hour * HOUR, BEGIN + (hour + 1) * HOUR, |_| true);
                compacted += store.maintain().unwrap().compacted.len();
            }
            assert_eq!(compacted, 1);
        },
    },
    Kind {
        name: "deleted",
        write: |dir| {
            let store = filled(dir, BEGIN, BEGIN + 5 * HOUR);
            store.maintain().unwrap();
            append(&store, BEGIN + 5 * HOUR, BEGIN + 7 * HOUR, |_| true);
            for (job, from, to) in [("api", 70, 100), ("db", 200, 330), ("api", 380, 400)] {
                let range = TimeRange::new(BEGIN + from * MINUTE, BEGIN + to * MINUTE);
                store.delete(&[Matcher::equal("job", job)], range).unwrap();
            }
        },
    },
    Kind {
        name: "late",
        write: |dir| {
            let store = open(dir, 2 * HOUR);
            append(&store, BEGIN, BEGIN + 7 * HOUR, |i| i % 3 == 0);
            store.maintain().unwrap();
            append(&store, BEGIN, BEGIN + 7 * HOUR, |i| i % 3 == 1);
            drop(store);
            append(&open(dir, 2 * HOUR), BEGIN, BEGIN + 7 * HOUR, |i| i % 3 == 2);
        },
    },
];

fn open(dir: &Path, block_range: i64) -> DiskStore {
    let mut options = DiskOptions::default();
    options.block_range = block_range;
    options.max_block_range = 3 * options.block_range;
    DiskStore::open_with(Arc::new(StdIo::new()), dir, options).unwrap()
}

fn filled(dir: &Path, from: i64, to: i64) -> DiskStore {
    let store = open(dir, 2 * HOUR);
    append(&store, from, to, |_| true);
    store
}

/// Appends those samples between two times whose numbers `pick` chooses, in commits of ten minutes.
fn append(store: &DiskStore, from: i64, to: i64, pick: fn(i64) -> bool) {
    let all = load::read(DATA, BEGIN).unwrap();
    for start in (from..to).step_by(10 * MINUTE as usize) {
        let mut appender = store.appender();
        for series in &all {
            let wanted = |time: i64| {
                (start..to.min(start + 10 * MINUTE)).contains(&time) && pick((time - BEGIN) / 15_000)
            };
            let mut part = SeriesData::new(series.labels.clone());
            for (&time, &value) in series.floats.timestamps.iter().zip(&series.floats.values) {
                if wanted(time) {
                    part.push(time, value);
                }
            }
            for (&time, value) in series.histograms.timestamps.iter().zip(&series.histograms.values) {
                if wanted(time) {
                    part.push(time, value.clone());
                }
            }
            appender.append_series(&part);
        }
        appender.commit_buffered().unwrap();
    }
}

/// What is asked about each directory.
pub(crate) const QUERIES: [&str; 22] = [
    "{__name__=~\".+\"}",
    "requests_total",
    "temperature",
    "latency_seconds",
    "size_bytes",
    "queue",
    "bounds",
    "mixed",
    "rate(requests_total[5m])",
    "sum by (job) (increase(requests_total[17m]))",
    "resets(requests_total[1h])",
    "count_over_time({__name__=~\".+\"}[30m])",
    "max_over_time(temperature[20m]) - min_over_time(temperature[20m])",
    "rate(latency_seconds[5m])",
    "histogram_quantile(0.9, rate(latency_seconds[10m]))",
    "histogram_count(increase(size_bytes[7m]))",
    "histogram_sum(sum(latency_seconds))",
    "histogram_avg(queue)",
    "histogram_fraction(0, 2, bounds)",
    "histogram_sum(bounds)",
    "increase(mixed[6m])",
    "last_over_time(mixed[1h])",
];

/// When it is asked: the start, the end and the step of ranges.
pub(crate) const RANGES: [(i64, i64, i64); 2] = [
    (BEGIN - 10 * MINUTE, BEGIN + 8 * HOUR, 4 * MINUTE),
    (BEGIN + 87 * MINUTE, BEGIN + 124 * MINUTE, 15_000),
];
