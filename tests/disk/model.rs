//! What a store should have: the simplest store that there could be, and random things to do to both.

use std::collections::BTreeMap;
use std::sync::Arc;

use promqlite::Labels;
use promqlite::model::histogram::{BucketSpan, Buckets, CounterResetHint, Histogram};
use promqlite::model::value::SampleValue;
use promqlite::model::{Matcher, STALE_NAN, TimeRange};
use promqlite::store::{FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, SeriesStore};

/// A value as text, so that NaN equals NaN, and how a histogram is cut into spans does not count.
pub(crate) fn text(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => format!("{:x}", value.to_bits()),
        SampleValue::Histogram(histogram) if histogram.is_stale() => format!("{:x}", STALE_NAN.to_bits()),
        SampleValue::Histogram(histogram) => {
            let gauge = histogram.counter_reset_hint == CounterResetHint::Gauge;
            let buckets: Vec<_> = histogram.populated_buckets().collect();
            let (count, sum, zero) = (histogram.count, histogram.sum, histogram.zero_threshold);
            format!("{} {count} {sum} {zero} {gauge} {buckets:?}", histogram.schema)
        }
        _ => panic!("a value of a new kind"),
    }
}

/// All samples: of each series, by time, start timestamp and value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model(pub(crate) BTreeMap<Labels, BTreeMap<i64, (i64, String)>>);

impl Model {
    pub(crate) fn add(&mut self, labels: &Labels, time: i64, start: i64, value: &SampleValue) {
        self.0.entry(labels.clone()).or_default().insert(time, (start, text(value)));
    }

    pub(crate) fn delete(&mut self, matchers: &[Matcher], range: TimeRange) {
        for (labels, samples) in &mut self.0 {
            if matchers.iter().all(|matcher| matcher.matches(labels.value(&matcher.name))) {
                samples.retain(|time, _| !range.contains(*time));
            }
        }
        self.0.retain(|_, samples| !samples.is_empty());
    }

    /// What a store has.
    pub(crate) fn of(store: &dyn SeriesStore, range: TimeRange) -> Self {
        let mut model = Model::default();
        for series in store.select(&SelectRequest::new(&[], range)).unwrap() {
            let series = series.unwrap();
            let mut sink = Sink(BTreeMap::new());
            series.read(range, &mut sink).unwrap();
            if !sink.0.is_empty() {
                assert!(model.0.insert(series.labels().clone(), sink.0).is_none());
            }
        }
        model
    }

    pub(crate) fn in_range(&self, range: TimeRange) -> Self {
        let mut model = self.clone();
        for samples in model.0.values_mut() {
            samples.retain(|time, _| range.contains(*time));
        }
        model.0.retain(|_, samples| !samples.is_empty());
        model
    }

    /// What there is that `other` does not have, in a few words.
    pub(crate) fn beyond(&self, other: &Model) -> Option<String> {
        for (labels, samples) in &self.0 {
            let known = other.0.get(labels);
            let new = samples.iter().find(|(time, sample)| known.and_then(|k| k.get(time)) != Some(*sample));
            if let Some((time, sample)) = new {
                return Some(format!("{labels} at {time}: {sample:?} is too much"));
            }
        }
        None
    }

    /// What differs, in a few words.
    pub(crate) fn difference(&self, other: &Model) -> Option<String> {
        for labels in self.0.keys().chain(other.0.keys()) {
            let (Some(a), Some(b)) = (self.0.get(labels), other.0.get(labels)) else {
                let there = if self.0.contains_key(labels) { "missing" } else { "too much" };
                return Some(format!("{labels} is {there}"));
            };
            for time in a.keys().chain(b.keys()) {
                if a.get(time) != b.get(time) {
                    return Some(format!("{labels} at {time}: {:?} became {:?}", a.get(time), b.get(time)));
                }
            }
        }
        None
    }
}

struct Sink(BTreeMap<i64, (i64, String)>);

impl Sink {
    fn push(&mut self, time: i64, start: i64, value: SampleValue) {
        assert!(self.0.last_key_value().is_none_or(|(last, _)| *last < time), "{time} is not in order");
        self.0.insert(time, (start, text(&value)));
    }
}

impl SampleSink for Sink {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        for (i, (&time, &value)) in batch.timestamps.iter().zip(batch.values).enumerate() {
            self.push(time, batch.start_timestamps.get(i).copied().unwrap_or(0), SampleValue::Float(value));
        }
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        for (i, (&time, value)) in batch.timestamps.iter().zip(batch.values).enumerate() {
            let start = batch.start_timestamps.get(i).copied().unwrap_or(0);
            self.push(time, start, SampleValue::Histogram(value.clone()));
        }
        Flow::Continue
    }
}

/// A sequence of numbers that looks like chance, the same each time.
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn series(&mut self) -> Labels {
        let pick = self.below(12);
        let name = ["http_requests_total", "temperature", "latency"][pick % 3];
        Labels::from_pairs([("__name__", name), ("host", ["a", "b", "c", "d"][pick / 3]), ("job", "node")])
    }

    pub(crate) fn value(&mut self, labels: &Labels) -> SampleValue {
        if labels.metric_name() != "latency" || self.below(12) == 0 {
            return SampleValue::Float(match self.below(8) {
                0 => STALE_NAN,
                1 => f64::from_bits(self.next()),
                _ => self.below(1000) as f64 / 4.0,
            });
        }
        let counts: Vec<f64> = (0..1 + self.below(4)).map(|_| self.below(50) as f64).collect();
        let zero_count = self.below(5) as f64 + if self.below(4) == 0 { 0.5 } else { 0.0 };
        SampleValue::Histogram(Arc::new(Histogram {
            schema: self.below(3) as i32,
            count: zero_count + counts.iter().sum::<f64>(),
            sum: self.below(100) as f64,
            zero_count,
            zero_threshold: 0.001,
            counter_reset_hint: if self.below(5) == 0 {
                CounterResetHint::Gauge
            } else {
                CounterResetHint::Unknown
            },
            positive: Buckets {
                spans: vec![BucketSpan { offset: self.below(9) as i32 - 4, length: counts.len() as u32 }],
                counts,
            },
            ..Histogram::default()
        }))
    }
}
