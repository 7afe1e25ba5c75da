//! A disk store keeps what every store promises, wherever its samples are: in the head, in a head made from the log, in
//! blocks, in blocks that overlap, and in some of each.

use std::path::Path;
use std::sync::Arc;

use promqlite::model::{Matcher, TimeRange};
use promqlite::store::disk::{DataDirectory, DiskOptions, DiskStore, StdIo};
use promqlite::store::{SelectRequest, SeriesData, SeriesIter, SeriesStore, StoreError};
use promqlite::testing::store_suite;
use tempfile::TempDir;

/// A store in a directory that goes with it.
struct Scratch<S> {
    store: S,
    #[allow(dead_code, reason = "it removes the directory when it goes")]
    dir: TempDir,
}

impl<S: SeriesStore> SeriesStore for Scratch<S> {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        self.store.select(request)
    }

    fn view(&self) -> Option<Box<dyn SeriesStore + '_>> {
        self.store.view()
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, StoreError> {
        self.store.label_names(matchers, range)
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<Vec<String>, StoreError> {
        self.store.label_values(name, matchers, range)
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.store.time_range()
    }

    fn series_count(&self) -> Option<usize> {
        self.store.series_count()
    }
}

/// Stretches of time of the blocks: the times of the suite are spread over hours and decades.
const RANGES: [i64; 2] = [10 * 60 * 1000, 365 * 24 * 3600 * 1000];

fn open(dir: &Path, range: i64) -> DiskStore {
    let mut options = DiskOptions::default();
    options.block_range = range;
    options.max_block_range = range.saturating_mul(9);
    DiskStore::open_with(Arc::new(StdIo::new()), dir, options).unwrap()
}

/// Appends the samples of each series whose numbers `pick` chooses.
fn append(store: &DiskStore, series: &[SeriesData], pick: impl Fn(usize) -> bool) {
    let mut appender = store.appender();
    for series in series {
        let mut part = SeriesData::new(series.labels.clone());
        let (floats, histograms) = (&series.floats, &series.histograms);
        let start = |starts: &[i64], i: usize| starts.get(i).copied().unwrap_or(0);
        for i in (0..floats.len()).filter(|i| pick(*i)) {
            let start = start(&floats.start_timestamps, i);
            part.floats.push(floats.timestamps[i], floats.values[i], start);
        }
        for i in (0..histograms.len()).filter(|i| pick(*i)) {
            let start = start(&histograms.start_timestamps, i);
            part.histograms.push(histograms.timestamps[i], histograms.values[i].clone(), start);
        }
        appender.append_series(&part);
    }
    appender.commit_buffered().unwrap();
}

/// Puts stores through the suite that `fill` has filled with series.
fn suite(range: i64, fill: impl Fn(&Path, &[SeriesData])) {
    store_suite(&|series| {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), series);
        Box::new(Scratch { store: open(dir.path(), range), dir })
    });
    // Who only reads sees the same.
    store_suite(&|series| {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path(), range));
        fill(dir.path(), series);
        Box::new(Scratch { store: DataDirectory::open(dir.path()).unwrap(), dir })
    });
}

#[test]
fn in_the_head() {
    store_suite(&|series| {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), RANGES[0]);
        append(&store, series, |_| true);
        Box::new(Scratch { store, dir })
    });
}

#[test]
fn in_the_log() {
    suite(RANGES[0], |dir, series| append(&open(dir, RANGES[0]), series, |_| true));
}

#[test]
fn in_blocks() {
    for range in RANGES {
        suite(range, |dir, series| {
            let store = open(dir, range);
            append(&store, series, |_| true);
            store.flush().unwrap();
            assert_eq!(store.head_series(), 0);
        });
    }
}

#[test]
fn in_blocks_and_head() {
    suite(RANGES[0], |dir, series| {
        let store = open(dir, RANGES[0]);
        append(&store, series, |_| true);
        store.maintain().unwrap();
    });
}

#[test]
fn in_blocks_that_overlap() {
    suite(RANGES[1], |dir, series| {
        let store = open(dir, RANGES[1]);
        append(&store, series, |i| i % 2 == 1);
        store.flush().unwrap();
        append(&store, series, |i| i % 4 == 0);
        store.flush().unwrap();
        append(&store, series, |i| i % 4 == 2);
    });
}

#[test]
fn in_blocks_that_were_compacted() {
    suite(RANGES[0], |dir, series| {
        let store = open(dir, RANGES[0]);
        for part in 0..3 {
            append(&store, series, |i| i % 3 == part);
            store.flush().unwrap();
        }
        store.maintain().unwrap();
        let blocks = store.blocks();
        assert!(blocks.windows(2).all(|pair| pair[0].max_time <= pair[1].min_time), "{blocks:?}");
    });
}
