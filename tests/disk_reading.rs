//! Data directories that Prometheus wrote, read as they are.
//!
//! The directories and Prometheus' answers lie in `../shared`, each beside a description of what is in it.

use std::path::{Path, PathBuf};

use promqlite::model::{Matcher, TimeRange};
use promqlite::store::disk::{DataDirectory, check};
use promqlite::store::{FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, SeriesStore};

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")
}

/// Counts samples, and checks that times rise.
#[derive(Default)]
struct Count {
    floats: usize,
    histograms: usize,
    last: Option<i64>,
}

impl Count {
    fn times(&mut self, times: &[i64]) {
        for &t in times {
            assert!(self.last.is_none_or(|last| last < t), "{t} comes after {:?}", self.last);
            self.last = Some(t);
        }
    }
}

impl SampleSink for Count {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        assert_eq!(batch.timestamps.len(), batch.values.len());
        assert!(batch.start_timestamps.is_empty() || batch.start_timestamps.len() == batch.values.len());
        self.times(batch.timestamps);
        self.floats += batch.values.len();
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        assert_eq!(batch.timestamps.len(), batch.values.len());
        assert!(batch.start_timestamps.is_empty() || batch.start_timestamps.len() == batch.values.len());
        self.times(batch.timestamps);
        self.histograms += batch.values.len();
        Flow::Continue
    }
}

fn count(store: &dyn SeriesStore, matchers: &[Matcher], range: TimeRange) -> (usize, usize, usize) {
    let mut total = (0, 0, 0);
    let mut before = None;
    for series in store.select(&SelectRequest::new(matchers, range)).unwrap() {
        let series = series.unwrap();
        let labels = series.labels().clone();
        assert!(before.is_none_or(|before| before < labels), "{labels} is not sorted");
        let mut count = Count::default();
        series.read(range, &mut count).unwrap();
        total.0 += 1;
        total.1 += count.floats;
        total.2 += count.histograms;
        before = Some(labels);
    }
    total
}

#[test]
fn every_sample_is_seen_once() {
    let table = [
        ("encodings", 45542, 7646),
        ("live-head", 33996, 2824),
        ("live-head-zstd", 8440, 1432),
        ("live-head-torn", 8610, 1449),
        ("snapshot", 10047, 1682),
        ("snapshot-crash", 11177, 1880),
        ("tombstones-overlap", 18288, 2734),
    ];
    for (name, floats, histograms) in table {
        let directory = DataDirectory::open(shared().join("data/tsdb-3.14").join(name)).unwrap();
        let counted = count(&directory, &[], TimeRange::ALL);
        assert_eq!((counted.1, counted.2), (floats, histograms), "{name}");
    }
}

#[test]
fn nothing_is_found_wrong() {
    let tsdb = shared().join("data/tsdb-3.14");
    let names =
        ["encodings", "live-head", "live-head-zstd", "snapshot", "snapshot-crash", "tombstones-overlap"];
    for path in names.map(|name| tsdb.join(name)).into_iter().chain([shared().join("data/prometheus-dir")]) {
        assert_eq!(check(&path).unwrap(), [], "{}", path.display());
    }
    let findings = check(&tsdb.join("live-head-torn")).unwrap();
    let [torn] = &findings[..] else { panic!("{findings:?}") };
    assert!(torn.harmless && torn.path.ends_with("wal/00000008"), "{torn}");
}
