//! What is in the directories is seen, and they stay as they are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use promqlite::Labels;
use promqlite::model::{MatchOp, Matcher, TimeRange};
use promqlite::store::SeriesStore;
use promqlite::store::disk::{DataDirectory, DiskErrorKind, StdIo, check};

use crate::data;
use crate::files::Files;
use crate::samples::read;

const DIRECTORIES: [&str; 7] = [
    "tsdb-3.14/encodings",
    "tsdb-3.14/live-head",
    "tsdb-3.14/live-head-zstd",
    "tsdb-3.14/live-head-torn",
    "tsdb-3.14/snapshot",
    "tsdb-3.14/snapshot-crash",
    "tsdb-3.14/tombstones-overlap",
];

#[test]
fn every_sample_is_seen_once() {
    let samples = [
        (45542, 7646),
        (33996, 2824),
        (8440, 1432),
        (8610, 1449),
        (10047, 1682),
        (11177, 1880),
        (18288, 2734),
    ];
    for (name, (floats, histograms)) in DIRECTORIES.iter().zip(samples) {
        let Some(path) = data(name) else { return };
        for io in [StdIo::new(), StdIo::without_maps()] {
            let directory = DataDirectory::open_with(Arc::new(io), &path).unwrap();
            let all = read(&directory, &[], TimeRange::ALL).unwrap();
            let sum = |f: fn(&crate::samples::Summary) -> usize| all.iter().map(|(_, s)| f(s)).sum::<usize>();
            assert_eq!((sum(|s| s.floats), sum(|s| s.histograms)), (floats, histograms), "{name}");
        }
    }
}

#[test]
fn nothing_is_found_wrong() {
    for name in DIRECTORIES.iter().chain(&["prometheus-dir"]) {
        let Some(path) = data(name) else { return };
        let findings = check(&path).unwrap();
        if *name == "tsdb-3.14/live-head-torn" {
            let [torn] = &findings[..] else { panic!("{findings:?}") };
            assert!(torn.harmless && torn.path.ends_with("wal/00000008"), "{torn}");
            assert_eq!(torn.offset, Some(16957), "behind the head of the fragment at 16950");
        } else {
            assert_eq!(findings, [], "{name}");
        }
    }
}

#[test]
fn a_torn_log_is_told() {
    let Some(path) = data("tsdb-3.14/live-head-torn") else { return };
    let directory = DataDirectory::open(path).unwrap();
    let [torn] = directory.torn() else { panic!("{:?}", directory.torn()) };
    assert!(torn.path.ends_with("wal/00000008"), "{torn}");
}

/// Reading pieces of time gives what reading all of it gives.
#[test]
fn ranges_are_cut_out() {
    for name in DIRECTORIES {
        let Some(path) = data(name) else { return };
        let directory = DataDirectory::open(path).unwrap();
        let all = directory.time_range().unwrap();
        let count = |range| -> usize {
            read(&directory, &[], range).unwrap().iter().map(|(_, s)| s.floats + s.histograms).sum()
        };
        let step = (all.end - all.start) / 37 + 1;
        let starts = (0..37).map(|i| all.start + i * step);
        let pieces: usize = starts.map(|start| count(TimeRange::new(start, start + step - 1))).sum();
        assert_eq!(pieces, count(TimeRange::ALL), "{name}");
        assert_eq!(count(TimeRange::new(all.end + 1, i64::MAX)), 0);
        assert_eq!(count(TimeRange::new(i64::MIN, all.start - 1)), 0);
        assert!(count(TimeRange::new(all.start, all.start)) > 0, "{name}");
        assert!(count(TimeRange::new(all.end, all.end)) > 0, "{name}");
    }
}

/// Chunks that are read again are kept decoded: that changes no sample, whatever part of them is wanted.
#[test]
fn reading_again_gives_the_same() {
    for name in DIRECTORIES.iter().chain(&["prometheus-dir"]) {
        let Some(path) = data(name) else { return };
        let open = || DataDirectory::open(&path).unwrap();
        let again = open();
        let all = again.time_range().unwrap();
        let third = (all.end - all.start) / 3;
        for start in [all.start, all.start + third, all.start + 2 * third] {
            let range = TimeRange::new(start, start + third);
            let first = read(&open(), &[], range).unwrap();
            for _ in 0..3 {
                assert!(read(&again, &[], range).unwrap() == first, "{name} from {start}");
            }
        }
        let everything = read(&open(), &[], TimeRange::ALL).unwrap();
        assert!(read(&again, &[], TimeRange::ALL).unwrap() == everything, "{name}");
    }
}

/// What the index finds is what matching each series finds.
#[test]
fn matchers_select_what_they_match() {
    let Some(path) = data("prometheus-dir") else { return };
    let directory = DataDirectory::open(path).unwrap();
    let all = read(&directory, &[], TimeRange::ALL).unwrap();
    let range = directory.time_range().unwrap();
    let table = [
        (MatchOp::Equal, "__name__", "up"),
        (MatchOp::Equal, "job", ""),
        (MatchOp::NotEqual, "job", "prometheus"),
        (MatchOp::NotEqual, "handler", ""),
        (MatchOp::Regex, "__name__", "prometheus_.*"),
        (MatchOp::Regex, "__name__", "prometheus_tsdb_head_(max|min)_time"),
        (MatchOp::Regex, "handler", "/api/v1/.*|"),
        (MatchOp::Regex, "le", "[0-9]+"),
        (MatchOp::NotRegex, "handler", "/api.*"),
        (MatchOp::NotRegex, "handler", ".+"),
        (MatchOp::NotRegex, "code", "2..|"),
        (MatchOp::Regex, "nothing", ".*"),
    ];
    for first in table {
        for second in table {
            let matchers = [first, second].map(|(op, name, value)| Matcher::new(op, name, value).unwrap());
            let expected: Vec<Labels> = all
                .iter()
                .map(|(labels, _)| labels.clone())
                .filter(|labels| matchers.iter().all(|m| m.matches(labels.value(&m.name))))
                .collect();
            let found = read(&directory, &matchers, range).unwrap();
            let found: Vec<Labels> = found.into_iter().map(|(labels, _)| labels).collect();
            assert_eq!(found, expected, "{first:?} {second:?}");
            let names: std::collections::BTreeSet<&str> =
                expected.iter().flat_map(|labels| labels.iter().map(|(name, _)| name)).collect();
            assert!(directory.label_names(&matchers, range).unwrap().iter().eq(&names));
        }
    }
    let names = |matchers: &[Matcher]| directory.label_names(matchers, TimeRange::ALL).unwrap();
    let any = [Matcher::new(MatchOp::Regex, "__name__", ".+").unwrap()];
    assert_eq!(names(&[]), names(&any));
    for name in names(&[]) {
        let values = |matchers: &[Matcher]| directory.label_values(&name, matchers, TimeRange::ALL).unwrap();
        assert_eq!(values(&[]), values(&any), "{name}");
    }
}

#[test]
fn one_block_is_a_store_too() {
    let Some(path) = data("prometheus-dir/01FYRNS3T7P7V2WHRHN90K0RWS") else { return };
    let block = DataDirectory::open(&path).unwrap();
    let all = read(&block, &[], TimeRange::ALL).unwrap();
    let meta = block.blocks().next().unwrap();
    assert_eq!(all.len() as u64, meta.stats.series);
    assert_eq!(all.iter().map(|(_, s)| s.floats as u64).sum::<u64>(), meta.stats.samples);
    assert_eq!(block.series_count(), Some(all.len()));
    assert_eq!(block.time_range().unwrap().start, meta.min_time);
}

#[test]
fn other_directories_are_refused() {
    let Some(path) = data("tsdb-3.14") else { return };
    let error = DataDirectory::open(&path).unwrap_err();
    assert!(matches!(error.kind, DiskErrorKind::NotADataDirectory), "{error}");
    assert!(check(&path).is_err());
    let error = DataDirectory::open(path.join("missing")).unwrap_err();
    assert!(matches!(error.kind, DiskErrorKind::Io(_)), "{error}");
}

#[test]
fn metadata_comes_from_the_log() {
    let Some(path) = data("tsdb-3.14/live-head") else { return };
    let directory = DataDirectory::open(path).unwrap();
    let metadata = directory.metadata("http_requests_total").unwrap();
    assert_eq!(metadata.metric_type, "counter");
    assert!(!metadata.help.is_empty());
    assert_eq!(directory.metadata("no_such_metric"), None);
}

/// Answers to exemplar queries: `{"q","start","end","expect"}` in the shape of the HTTP API, of a store for 300.
#[test]
fn exemplars() {
    for name in ["live-head", "live-head-zstd", "live-head-torn", "snapshot", "snapshot-crash"] {
        let Some(path) = data(&format!("tsdb-3.14/{name}")) else { return };
        let answers = path.join(format!("../../../conformance/tsdb-3.14/{name}.exemplars.jsonl"));
        let directory = DataDirectory::open(&path).unwrap();
        let any = [Matcher::new(MatchOp::Regex, "__name__", ".+").unwrap()];
        for line in std::fs::read_to_string(answers).unwrap().lines() {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(json["q"], "{__name__=~\".+\"}");
            let ms = |value: &serde_json::Value| (value.as_f64().unwrap() * 1000.0).round() as i64;
            let range = TimeRange::new(ms(&json["start"]), ms(&json["end"]));
            let got: Vec<String> = directory
                .exemplars(&any, range, 300)
                .iter()
                .flat_map(|series| {
                    series
                        .exemplars
                        .iter()
                        .map(|e| format!("{} {} {} {}", series.labels, e.labels, e.value, e.timestamp))
                })
                .collect();
            let labels = |value: &serde_json::Value| {
                let pairs = value.as_object().unwrap().iter();
                Labels::from_pairs(pairs.map(|(name, value)| (name, value.as_str().unwrap())))
            };
            let mut expected: Vec<(Labels, Vec<String>)> = Vec::new();
            for series in json["expect"]["data"].as_array().unwrap() {
                let of = labels(&series["seriesLabels"]);
                let exemplars = series["exemplars"].as_array().unwrap().iter().map(|e| {
                    let value: f64 = e["value"].as_str().unwrap().parse().unwrap();
                    format!("{of} {} {value} {}", labels(&e["labels"]), ms(&e["timestamp"]))
                });
                expected.push((of.clone(), exemplars.collect()));
            }
            expected.sort();
            let expected: Vec<String> = expected.into_iter().flat_map(|(_, exemplars)| exemplars).collect();
            assert_eq!(got, expected, "{name}");
        }
    }
}

/// Every file's contents, and the names of everything.
fn fingerprint(dir: &Path) -> Vec<(PathBuf, u64)> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let files = Files::read(dir);
    let hash = |bytes: &Vec<u8>| {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        hasher.finish()
    };
    files.0.iter().map(|(path, bytes)| (path.clone(), hash(bytes))).collect()
}

#[test]
fn opening_changes_nothing() {
    for name in DIRECTORIES.iter().chain(&["prometheus-dir"]) {
        let Some(path) = data(name) else { return };
        let copy = tempfile::tempdir().unwrap();
        for (file, bytes) in Files::read(&path).0 {
            let to = copy.path().join(file.strip_prefix("/").unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(&to, &*bytes).unwrap();
        }
        let before = fingerprint(copy.path());
        set_writable(copy.path(), false);
        let directory = DataDirectory::open(copy.path()).unwrap();
        read(&directory, &[], TimeRange::ALL).unwrap();
        check(copy.path()).unwrap();
        set_writable(copy.path(), true);
        assert_eq!(fingerprint(copy.path()), before, "{name}");
    }
}

fn set_writable(path: &Path, writable: bool) {
    let permissions = |path: &Path| {
        let mut permissions = std::fs::metadata(path).unwrap().permissions();
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(
            &mut permissions,
            match (path.is_dir(), writable) {
                (true, true) => 0o755,
                (true, false) => 0o555,
                (false, true) => 0o644,
                (false, false) => 0o444,
            },
        );
        #[cfg(not(unix))]
        permissions.set_readonly(!writable);
        permissions
    };
    if path.is_dir() {
        if writable {
            std::fs::set_permissions(path, permissions(path)).unwrap();
        }
        for entry in std::fs::read_dir(path).unwrap() {
            set_writable(&entry.unwrap().path(), writable);
        }
    }
    std::fs::set_permissions(path, permissions(path)).unwrap();
}
