//! A store that is written to has what was written, whatever is done to it in between.

use std::sync::Arc;

use promqlite::Labels;
use promqlite::model::value::SampleValue;
use promqlite::model::{Matcher, TimeRange};
use promqlite::store::SeriesStore;
use promqlite::store::disk::{
    DataDirectory, DiskErrorKind, DiskOptions, DiskStore, StdIo, WriteError, check,
};

use crate::model::{Chance, Model};

fn options(block_range: i64) -> DiskOptions {
    let mut options = DiskOptions::default();
    options.block_range = block_range;
    options.max_block_range = block_range * 9;
    options
}

fn open(dir: &std::path::Path, options: &DiskOptions) -> DiskStore {
    DiskStore::open_with(Arc::new(StdIo::new()), dir, options.clone()).unwrap()
}

fn assert_same(store: &dyn SeriesStore, model: &Model, context: &str) {
    if let Some(difference) = model.difference(&Model::of(store, TimeRange::ALL)) {
        panic!("{context}: {difference}");
    }
}

/// Appends random samples: most in order, some late, some that are there already.
fn append(store: &DiskStore, model: &mut Model, now: &mut i64, chance: &mut Chance, synced: bool) {
    let mut appender = store.appender();
    let mut next = model.clone();
    for _ in 0..1 + chance.below(30) {
        let labels = chance.series();
        *now += chance.below(40) as i64;
        let time = if chance.below(6) == 0 { *now - chance.below(4000) as i64 } else { *now };
        if next.0.get(&labels).is_some_and(|samples| samples.contains_key(&time)) {
            continue;
        }
        let value = chance.value(&labels);
        let start = if labels.value("host") == "d" { time - chance.below(500) as i64 } else { 0 };
        appender.append_with_start(&labels, time, value.clone(), start);
        next.add(&labels, time, start, &value);
    }
    if synced {
        appender.commit_synced().unwrap()
    } else {
        appender.commit_buffered().unwrap()
    }
    *model = next;
}

#[test]
fn everything_in_turn() {
    for seed in 1..=6u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let dir = tempfile::tempdir().unwrap();
        let options = options(1000);
        let mut store = open(dir.path(), &options);
        let (mut model, mut now) = (Model::default(), 10_000);
        for step in 0..120 {
            let context = format!("seed {seed}, step {step}");
            match chance.below(20) {
                0 | 1 => {
                    store.maintain().unwrap();
                }
                2 => {
                    store.flush().unwrap();
                }
                3 => {
                    let host = ["a", "b", "c", "d"][chance.below(4)];
                    let start = now - chance.below(3000) as i64;
                    let range = TimeRange::new(start, start + chance.below(500) as i64);
                    let matchers = [Matcher::equal("host", host)];
                    store.delete(&matchers, range).unwrap();
                    model.delete(&matchers, range);
                }
                4 | 5 => {
                    drop(store);
                    let read_only = DataDirectory::open(dir.path()).unwrap();
                    assert_same(&read_only, &model, &format!("{context}, read only"));
                    let findings = check(dir.path()).unwrap();
                    assert!(findings.is_empty(), "{context}: {findings:?}");
                    store = open(dir.path(), &options);
                }
                _ => append(&store, &mut model, &mut now, &mut chance, step % 2 == 0),
            }
            assert_same(&store, &model, &context);
            let range = TimeRange::new(now - 2000, now - 500);
            let found = Model::of(&store, range);
            assert_eq!(model.in_range(range).difference(&found), None, "{context}, a part");
        }
        assert!(
            store.blocks().iter().any(|block| block.compaction.level > 1),
            "seed {seed}: nothing was compacted"
        );
    }
}

#[test]
fn a_view_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(1000);
    let store = open(dir.path(), &options);
    let mut chance = Chance(77);
    let (mut model, mut now) = (Model::default(), 10_000);
    let mut views = Vec::new();
    for step in 0..60 {
        append(&store, &mut model, &mut now, &mut chance, false);
        if step % 7 == 3 {
            store.maintain().unwrap();
        }
        if step % 5 == 0 {
            views.push((store.view().unwrap(), model.clone()));
        }
        for (i, (view, model)) in views.iter().enumerate() {
            assert_same(&**view, model, &format!("view {i} at step {step}"));
        }
        if step % 11 == 10 {
            views.clear();
        }
    }
}

#[test]
fn queries_go_on_while_samples_come() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(1000);
    let store = open(dir.path(), &options);
    let labels = |i: i64| Labels::from_pairs([("__name__", "m"), ("i", &i.to_string())]);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for t in 0..300 {
                let mut appender = store.appender();
                (0..5).for_each(|i| {
                    appender.append(&labels(i), t * 20, t as f64);
                });
                appender.append(&labels(100 + t), t * 20, 1.0);
                appender.commit_buffered().unwrap();
                if t % 60 == 59 {
                    store.maintain().unwrap();
                }
            }
        });
        let mut seen = 0;
        while seen < 300 && (!writer.is_finished() || seen == 0) {
            // Each commit is there whole or not at all.
            let model = Model::of(&*store.view().unwrap(), TimeRange::ALL);
            let counts: Vec<usize> =
                (0..5).map(|i| model.0.get(&labels(i)).map_or(0, |samples| samples.len())).collect();
            assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
            assert_eq!(model.0.len(), if counts[0] == 0 { 0 } else { 5 + counts[0] });
            assert!(counts[0] >= seen, "{counts:?} after {seen}");
            seen = counts[0];
        }
    });
}

#[test]
fn one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path()).unwrap();
    let error = DiskStore::open(dir.path()).unwrap_err();
    assert!(matches!(error.kind, DiskErrorKind::Locked), "{error}");
    DataDirectory::open(dir.path()).unwrap();
    drop(store);
    DiskStore::open(dir.path()).unwrap();
}

#[test]
fn a_sample_that_does_not_fit_keeps_all_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = DiskStore::open(dir.path()).unwrap();
    let [a, b] = ["a", "b"].map(|name| Labels::from_pairs([("__name__", name)]));
    let commit = |samples: &[(&Labels, i64, f64)]| {
        let mut appender = store.appender();
        for (labels, time, value) in samples {
            appender.append(labels, *time, *value);
        }
        appender.commit_buffered()
    };
    commit(&[(&a, 1000, 1.0), (&a, 2000, 2.0)]).unwrap();
    let refused = commit(&[(&b, 1000, 1.0), (&a, 1000, 7.0)]).unwrap_err();
    let WriteError::Append(error) = &refused else { panic!("{refused}") };
    assert_eq!((&error.labels, error.timestamp), (&a, 1000));
    assert!(refused.to_string().starts_with("duplicate sample for timestamp"), "{refused}");
    assert!(matches!(commit(&[(&Labels::empty(), 1, 1.0)]), Err(WriteError::Append(_))));
    let mut model = Model::default();
    model.add(&a, 1000, 0, &SampleValue::Float(1.0));
    model.add(&a, 2000, 0, &SampleValue::Float(2.0));
    assert_same(&store, &model, "after refusals");
    // The same sample again is nothing new, and a refused commit does no harm.
    commit(&[(&a, 1000, 1.0), (&a, 1500, 3.0)]).unwrap();
    model.add(&a, 1500, 0, &SampleValue::Float(3.0));
    assert_same(&store, &model, "afterwards");
    drop(store);
    assert_same(&DiskStore::open(dir.path()).unwrap(), &model, "opened anew");
}

#[test]
fn late_samples_can_be_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(1000);
    options.refuse_late = true;
    let store = open(dir.path(), &options);
    let a = Labels::from_pairs([("__name__", "a")]);
    let mut appender = store.appender();
    appender.append(&a, 2000, 2.0);
    appender.commit_synced().unwrap();
    let mut appender = store.appender();
    appender.append(&a, 1000, 1.0);
    assert_eq!(appender.commit_synced().unwrap_err().to_string(), "out of order sample");
    // Once there is a block, for other series, too.
    store.flush().unwrap();
    let mut appender = store.appender();
    appender.append(&Labels::from_pairs([("__name__", "b")]), 1000, 1.0);
    assert_eq!(appender.commit_synced().unwrap_err().to_string(), "out of bounds");
    for farthest in [i64::MIN, i64::MAX] {
        let mut appender = store.appender();
        appender.append(&a, farthest, 1.0);
        assert_eq!(appender.commit_synced().unwrap_err().to_string(), "out of bounds");
    }
}

#[test]
fn old_blocks_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(1000);
    options.max_block_range = 1000;
    options.retention_time = Some(5000);
    let store = open(dir.path(), &options);
    let a = Labels::from_pairs([("__name__", "a")]);
    for t in 0..200 {
        let mut appender = store.appender();
        appender.append(&a, t * 100, t as f64);
        appender.commit_buffered().unwrap();
        store.maintain().unwrap();
    }
    let blocks = store.blocks();
    let newest = blocks.iter().map(|block| block.max_time).max().unwrap();
    assert!(blocks.iter().all(|block| newest - block.max_time < 5000), "{blocks:?}");
    assert_eq!(blocks.len(), 5);
    let mut options = options.clone();
    options.retention_bytes = Some(1);
    drop(store);
    let store = open(dir.path(), &options);
    assert_eq!(store.maintain().unwrap().removed.len(), 5);
    assert!(store.blocks().is_empty());
}
