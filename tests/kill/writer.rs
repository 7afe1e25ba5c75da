//! The process that is killed.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use promqlite::Labels;
use promqlite::model::histogram::{BucketSpan, Buckets, Histogram};
use promqlite::model::value::SampleValue;
use promqlite::model::{STALE_NAN, TimeRange};
use promqlite::store::disk::{DiskOptions, DiskStore, StdIo};

use crate::model::Model;

/// Names the directory that the process writes to, and tells that this is it.
pub(crate) const DIRECTORY: &str = "PROMQLITE_KILLED_WRITER";

/// Ms between two commits.
const INTERVAL: i64 = 50;

/// The series that has one sample of each commit.
pub(crate) fn counter() -> Labels {
    Labels::from_pairs([("__name__", "commits_total")])
}

/// What commit `number` has: floats, histograms, stale markers, series that come and go, samples that come late.
pub(crate) fn samples(number: u64) -> Vec<(Labels, i64, SampleValue)> {
    let time = number as i64 * INTERVAL;
    let labels = |name: &str, instance: u64| {
        Labels::from_pairs([("__name__", name), ("instance", instance.to_string().as_str())])
    };
    let mut samples = vec![(counter(), time, SampleValue::Float(number as f64))];
    for instance in 0..6 {
        let value =
            if (number + instance).is_multiple_of(29) { STALE_NAN } else { (number * instance) as f64 / 8.0 };
        samples.push((labels("gauge", instance), time + instance as i64, SampleValue::Float(value)));
    }
    for instance in 0..2 {
        let counts: Vec<f64> = (0..4).map(|i| (number % 97 * (i + 1 + instance)) as f64).collect();
        let histogram = Histogram {
            schema: 1,
            count: counts.iter().sum(),
            sum: number as f64 / 4.0,
            zero_threshold: 0.001,
            positive: Buckets { spans: vec![BucketSpan { offset: -1, length: 4 }], counts },
            ..Histogram::default()
        };
        samples.push((labels("latency", instance), time, SampleValue::Histogram(Arc::new(histogram))));
    }
    samples.push((labels("comes_and_goes", number / 16), time, SampleValue::Float(1.0)));
    // No two of these have the same time.
    let late = time - INTERVAL / 2 - (number % 3) as i64 * 20 * INTERVAL;
    samples.push((labels("late", number % 2), late, SampleValue::Float(number as f64)));
    samples
}

/// Commits until it is killed.
pub(crate) fn run(dir: &Path) {
    let mut options = DiskOptions::default();
    options.block_range = 20 * INTERVAL;
    options.max_block_range = 27 * options.block_range;
    options.late_samples = 60;
    let store = DiskStore::open_with(Arc::new(StdIo::new()), dir, options).unwrap();
    let mut output = std::io::stdout().lock();
    for number in committed(&store).. {
        let mut appender = store.appender();
        for (labels, time, value) in samples(number) {
            appender.append(&labels, time, value);
        }
        match number % 4 {
            0 => appender.commit_synced().unwrap(),
            _ => appender.commit_buffered().unwrap(),
        }
        writeln!(output, "{number}").unwrap();
        output.flush().unwrap();
        match number % 11 {
            10 => drop(store.maintain().unwrap()),
            7 if number % 5 == 0 => drop(store.flush().unwrap()),
            _ => {}
        }
    }
}

/// How many commits there are.
fn committed(store: &DiskStore) -> u64 {
    Model::of(store, TimeRange::ALL).0.get(&counter()).map_or(0, |samples| samples.len() as u64)
}
