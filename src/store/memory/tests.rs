//! What is special about the store in memory; what holds for every store is in `testing::store_suite`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{AppendErrorKind, MemoryStats, MemoryStore};
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, MatchOp, Matcher, TimeRange, Timestamp};
use crate::store::{
    FloatBatch, Flow, HistogramBatch, Metadata, SampleSink, SelectRequest, SeriesData, SeriesStore,
    TimestampsId,
};
use crate::testing::store_suite;

fn labels(name: &str, instance: usize) -> Labels {
    Labels::from_pairs([("__name__", name), ("instance", &instance.to_string())])
}

/// Everything that comes out of one series.
#[derive(Default)]
struct Collected {
    samples: Vec<(Timestamp, SampleValue)>,
    starts: Vec<Timestamp>,
    ids: Vec<Option<TimestampsId>>,
}

impl SampleSink for Collected {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        let values = batch.values.iter().map(|value| SampleValue::Float(*value));
        self.samples.extend(batch.timestamps.iter().copied().zip(values));
        self.starts.extend(batch.start_timestamps);
        self.ids.push(batch.timestamps_id);
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        let values = batch.values.iter().map(|value| SampleValue::Histogram(value.clone()));
        self.samples.extend(batch.timestamps.iter().copied().zip(values));
        self.starts.extend(batch.start_timestamps);
        self.ids.push(None);
        Flow::Continue
    }
}

fn read(store: &dyn SeriesStore, matchers: &[Matcher], range: TimeRange) -> Vec<(Labels, Collected)> {
    let selected = store.select(&SelectRequest::new(matchers, range)).unwrap();
    let read = |series: Box<dyn crate::store::Series + '_>| {
        let mut collected = Collected::default();
        series.read(range, &mut collected).unwrap();
        (series.labels().clone(), collected)
    };
    selected.map(|series| read(series.unwrap())).collect()
}

fn count(store: &dyn SeriesStore) -> (usize, usize) {
    let all = read(store, &[], TimeRange::ALL);
    (all.len(), all.iter().map(|(_, collected)| collected.samples.len()).sum())
}

#[test]
fn is_a_store() {
    store_suite(&|series| Box::new(MemoryStore::from_series(series.to_vec()).unwrap()));
}

/// The same by way of appenders: one commit for each time, as if the series were scraped.
#[test]
fn is_a_store_when_appended_to() {
    store_suite(&|series| {
        let store = MemoryStore::new();
        let mut by_time: BTreeMap<Timestamp, Vec<(&Labels, SampleValue, Timestamp)>> = BTreeMap::new();
        let start = |starts: &[Timestamp], at: usize| starts.get(at).copied().unwrap_or(0);
        for data in series {
            for (at, (time, value)) in data.floats.timestamps.iter().zip(&data.floats.values).enumerate() {
                let start = start(&data.floats.start_timestamps, at);
                by_time.entry(*time).or_default().push((&data.labels, (*value).into(), start));
            }
            for (at, (time, value)) in
                data.histograms.timestamps.iter().zip(&data.histograms.values).enumerate()
            {
                let start = start(&data.histograms.start_timestamps, at);
                by_time.entry(*time).or_default().push((&data.labels, value.clone().into(), start));
            }
        }
        for (time, samples) in by_time {
            let mut appender = store.appender();
            for (labels, value, start) in samples {
                let series = appender.series(labels);
                appender.append_with_start(&series, time, value, start).unwrap();
            }
            appender.commit().unwrap();
        }
        Box::new(store)
    });
}

#[test]
fn samples_come_in_order_of_time() {
    let store = MemoryStore::new();
    let up = labels("up", 1);
    store.append(&up, 1000, 1.0).unwrap();
    store.append(&up, 1000, 1.0).unwrap();
    store.append(&up, 2000, f64::NAN).unwrap();
    store.append(&up, 2000, f64::NAN).unwrap();

    let error = store.append(&up, 1000, 1.0).unwrap_err();
    assert_eq!(error.kind, AppendErrorKind::OutOfOrder { latest: 2000 });
    assert_eq!(error.to_string(), "out of order sample");
    let error = store.append(&up, 2000, 0.5).unwrap_err();
    let text = "duplicate sample for timestamp 2000; overrides not allowed: existing NaN, new value 0.5";
    assert_eq!(error.to_string(), text);
    let error = store.append(&up, 2000, Histogram::default()).unwrap_err();
    assert!(matches!(error.kind, AppendErrorKind::DuplicateTimestamp { .. }));
    let error = store.append(&Labels::empty(), 0, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "empty labelset: invalid sample");
    let broken = Histogram { count: -1.0, ..Histogram::default() };
    let error = store.append(&up, 3000, broken).unwrap_err();
    assert!(matches!(error.kind, AppendErrorKind::InvalidHistogram(_)), "{error}");

    assert_eq!(store.stats(), MemoryStats { series: 1, samples: 2 });
    assert_eq!(count(&store), (1, 2));
}

#[test]
fn an_appender_checks_what_it_has_collected_itself() {
    let store = MemoryStore::new();
    let mut appender = store.appender();
    let series = appender.append(&labels("m", 1), 10, 1.0).unwrap();
    appender.append_to(&series, 20, 2.0).unwrap();
    appender.append_to(&series, 20, 2.0).unwrap();
    assert!(appender.append_to(&series, 20, 3.0).is_err());
    assert!(appender.append_to(&series, 10, 1.0).is_err());
    appender.append_with_start(&series, 30, 3.0, 25).unwrap();
    assert_eq!(count(&store), (0, 0));
    appender.commit().unwrap();
    let all = read(&store, &[], TimeRange::ALL);
    assert_eq!(all[0].1.samples.len(), 3);
    assert_eq!(all[0].1.starts, [0, 0, 25]);
}

#[test]
fn what_is_not_committed_leaves_no_trace() {
    let store = MemoryStore::new();
    let mut appender = store.appender();
    appender.append(&labels("m", 1), 10, 1.0).unwrap();
    appender.rollback();
    let mut dropped = store.appender();
    dropped.append(&labels("m", 2), 10, 1.0).unwrap();
    drop(dropped);
    assert_eq!(count(&store), (0, 0));
    assert_eq!(store.label_names(&[], TimeRange::ALL).unwrap(), Vec::<String>::new());
    assert_eq!(store.stats(), MemoryStats::default());
    store.append(&labels("m", 1), 5, 1.0).unwrap();
    assert_eq!(count(&store), (1, 1));
}

#[test]
fn of_two_appenders_the_first_to_commit_wins() {
    let store = MemoryStore::new();
    let (mut first, mut second) = (store.appender(), store.appender());
    for (appender, instance) in [(&mut first, 1), (&mut second, 2)] {
        appender.append(&labels("other", instance), 10, 1.0).unwrap();
        appender.append(&labels("m", 1), 10, instance as f64).unwrap();
    }
    first.commit().unwrap();
    let error = second.commit().unwrap_err();
    assert_eq!((error.labels, error.timestamp), (labels("m", 1), 10));
    assert_eq!(count(&store), (2, 2), "nothing of the second appender");

    // The same sample from both is no conflict.
    let (mut third, mut fourth) = (store.appender(), store.appender());
    for appender in [&mut third, &mut fourth] {
        appender.append(&labels("m", 1), 20, 7.0).unwrap();
        appender.append(&labels("m", 2), 20, 7.0).unwrap();
    }
    third.commit().unwrap();
    fourth.commit().unwrap();
    assert_eq!(count(&store), (3, 4));
}

#[test]
fn a_view_does_not_change() {
    let store = MemoryStore::new();
    let series = |instance: usize| labels("m", instance);
    let mut views = Vec::new();
    for step in 0..400i64 {
        let mut appender = store.appender();
        for instance in 0..=(step as usize / 100) {
            appender.append(&series(instance), step * 10, step as f64).unwrap();
        }
        appender.commit().unwrap();
        if step % 57 == 0 {
            views.push((step, store.view().unwrap(), count(&store)));
        }
        if step % 129 == 0 {
            store.seal();
        }
    }
    let values = |store: &dyn SeriesStore| store.label_values("instance", &[], TimeRange::ALL).unwrap();
    for (step, view, at_the_time) in &views {
        assert_eq!(count(view.as_ref()), *at_the_time);
        assert_eq!(view.time_range(), Some(TimeRange::new(0, step * 10)));
        assert_eq!(view.series_count(), Some(at_the_time.0));
        assert_eq!(values(view.as_ref()).len(), at_the_time.0);
    }
    store.clear();
    assert_eq!(count(&store), (0, 0));
    assert_eq!(store.time_range(), None);
    let (_, last, at_the_time) = views.last().unwrap();
    assert_eq!(count(last.as_ref()), *at_the_time);
}

#[test]
fn a_column_that_was_loaded_whole_is_read_whole() {
    let times: Vec<Timestamp> = (0..5000).map(|i| i * 15_000).collect();
    let data = (0..10).rev().map(|instance| {
        let mut series = SeriesData::new(labels("m", instance));
        for time in &times {
            series.push(*time, instance as f64);
        }
        series
    });
    let store = MemoryStore::from_series(data).unwrap();
    let all = read(&store, &[], TimeRange::new(15_000, 1_000_000));
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(all.len(), 10);
    for (_, collected) in &all {
        assert_eq!(collected.ids.len(), 1);
        assert!(collected.ids[0].is_some());
        assert_eq!(collected.ids, all[0].1.ids);
        assert_eq!(collected.samples.len(), 66);
    }
}

#[test]
fn series_that_are_scraped_together_share_their_times() {
    let store = MemoryStore::new();
    for step in 0..300i64 {
        let mut scrape = store.appender();
        for instance in 0..20 {
            scrape.append(&labels("m", instance), step * 15_000 + 7, 1.0).unwrap();
        }
        scrape.commit().unwrap();
    }
    for range in [TimeRange::ALL, TimeRange::new(4_400_000, 4_480_000), TimeRange::new(1_000, 3_000_000)] {
        let all = read(&store, &[], range);
        assert!(all.iter().all(|(_, collected)| !collected.ids.is_empty() && collected.ids == all[0].1.ids));
        assert!(all[0].1.ids.iter().all(Option::is_some));
    }
    store.seal();
    let all = read(&store, &[], TimeRange::ALL);
    assert!(all.iter().all(|(_, collected)| collected.ids.len() == 1 && collected.ids == all[0].1.ids));
}

#[test]
fn columns_that_do_not_fit_change_nothing() {
    let store = MemoryStore::new();
    store.append(&labels("m", 1), 100, 1.0).unwrap();
    let of = |instance: usize, times: &[Timestamp]| {
        let mut series = SeriesData::new(labels("m", instance));
        for time in times {
            series.push(*time, 0.0);
        }
        series
    };
    let good = || of(2, &[1, 2, 3]);
    let mut uneven = of(3, &[1, 2]);
    uneven.floats.values.pop();
    let mut twice = of(3, &[5]);
    twice.push(5, Histogram::default());
    let bad =
        [of(1, &[100, 200]), of(3, &[1, 1]), of(2, &[3, 4]), uneven, twice, SeriesData::new(Labels::empty())];
    for (at, bad) in bad.into_iter().enumerate() {
        let empty = bad.time_range().is_none();
        let result = store.extend([good(), bad]);
        if empty {
            // A series without samples is nothing to object to.
            assert_eq!(result, Ok(()));
            assert_eq!(count(&store), (2, 4));
        } else {
            assert!(result.is_err(), "case {at}");
            assert_eq!(count(&store), (1, 1), "case {at}");
        }
    }
    store.extend([of(2, &[4, 5]), of(2, &[6])]).unwrap();
    assert_eq!(count(&store), (2, 7));
}

#[test]
fn metadata_is_told() {
    let store = MemoryStore::new();
    assert_eq!(store.metadata("up"), None);
    let metadata =
        Metadata { metric_type: "gauge".into(), help: "Whether it is up.".into(), unit: String::new() };
    store.set_metadata("up", metadata.clone());
    assert_eq!(store.metadata("up").as_deref(), Some(&metadata));
    assert_eq!(store.view().unwrap().metadata("up").as_deref(), Some(&metadata));
}

/// Each commit writes its number to every series; whatever a view shows, it has to be whole commits.
#[test]
fn queries_see_whole_commits_while_appends_go_on() {
    const SERIES: usize = 40;
    let store = Arc::new(MemoryStore::new());
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (store, done) = (store.clone(), done.clone());
        std::thread::spawn(move || {
            let mut seen = 0;
            while !done.load(Ordering::Relaxed) {
                let view = store.view().unwrap();
                let all = read(view.as_ref(), &[Matcher::equal("__name__", "m")], TimeRange::ALL);
                assert!(all.is_empty() || all.len() == SERIES);
                let last = all.first().map_or(0, |(_, collected)| collected.samples.len());
                assert!(all.iter().all(|(_, collected)| collected.samples.len() == last));
                assert!(last >= seen);
                seen = last;
            }
            seen
        })
    };
    for step in 1..=600i64 {
        let mut appender = store.appender();
        for instance in 0..SERIES {
            appender.append(&labels("m", instance), step, step as f64).unwrap();
        }
        appender.append(&labels("churn", step as usize), step, 0.0).unwrap();
        appender.commit().unwrap();
    }
    done.store(true, Ordering::Relaxed);
    assert!(reader.join().unwrap() <= 600);
    assert_eq!(store.stats(), MemoryStats { series: SERIES + 600, samples: 600 * (SERIES as u64 + 1) });
}

#[test]
fn series_out_of_range_are_left_out() {
    let store = MemoryStore::new();
    for instance in 0..10 {
        store.append(&labels("m", instance), instance as i64 * 1000, 1.0).unwrap();
    }
    let range = TimeRange::new(2_500, 5_000);
    let found = |name: &str| store.label_values(name, &[], range).unwrap();
    assert_eq!(found("instance"), ["3", "4", "5"]);
    let matchers = [Matcher::new(MatchOp::Regex, "instance", "[4-9]").unwrap()];
    assert_eq!(read(&store, &matchers, range).len(), 2);
    assert_eq!(store.label_values("instance", &matchers, range).unwrap(), ["4", "5"]);
    assert_eq!(store.label_names(&matchers, TimeRange::new(20_000, 30_000)).unwrap(), Vec::<String>::new());
}
