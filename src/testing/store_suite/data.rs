//! The series, matchers and ranges that stores are tried on.

use std::sync::Arc;

use crate::model::histogram::{BucketSpan, Buckets, CounterResetHint};
use crate::model::sample::{NORMAL_NAN_BITS, STALE_NAN};
use crate::model::{Histogram, Labels, MatchOp, Matcher, TimeRange, Timestamp};
use crate::store::SeriesData;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

/// A histogram that differs from others with another count.
fn histogram(count: u32) -> Arc<Histogram> {
    let count = f64::from(count);
    Arc::new(Histogram {
        counter_reset_hint: CounterResetHint::Unknown,
        schema: 1,
        zero_threshold: 0.001,
        zero_count: 1.0,
        count: 3.0 * count + 1.0,
        sum: count / 3.0,
        positive: Buckets {
            spans: vec![BucketSpan { offset: -2, length: 1 }, BucketSpan { offset: 3, length: 1 }],
            counts: vec![count, count],
        },
        negative: Buckets { spans: vec![BucketSpan { offset: 0, length: 1 }], counts: vec![count] },
        ..Histogram::default()
    })
}

/// Few series, each with something that is easy to get wrong.
pub(super) fn unusual() -> Vec<SeriesData> {
    let mut all = Vec::new();
    let mut add = |pairs: &[(&str, &str)], fill: &dyn Fn(&mut SeriesData)| {
        let mut series = SeriesData::new(labels(pairs));
        fill(&mut series);
        all.push(series);
    };
    add(&[("__name__", "up"), ("job", "node"), ("instance", "b:9100")], &|series| {
        series.push(0, 1.0).push(15_000, 0.0).push(30_000, STALE_NAN).push(60_000, 1.0);
    });
    add(&[("__name__", "up"), ("job", "node"), ("instance", "a:9100")], &|series| {
        series.push(0, 1.0).push(15_000, 1.0).push(30_000, 1.0).push(60_000, 1.0);
    });
    add(&[("__name__", "up"), ("job", "db")], &|series| {
        series.push(15_000, 1.0);
    });
    // Values whose bits matter.
    add(&[("__name__", "bits")], &|series| {
        let values = [
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::from_bits(NORMAL_NAN_BITS),
            f64::from_bits(0xfff8_dead_beef_0001),
            f64::MIN_POSITIVE / 8.0,
            f64::MAX,
            0.1 + 0.2,
        ];
        for (at, value) in values.into_iter().enumerate() {
            series.push(at as i64 * 7 + 1, value);
        }
    });
    // Times: before 1970, a millisecond apart, far apart.
    add(&[("__name__", "times"), ("job", "db")], &|series| {
        for time in [-86_400_001, -1, 0, 1, 2, 100_000_000, 100_000_001, 1_700_000_000_123] {
            series.push(time, time as f64);
        }
    });
    add(&[("__name__", "long"), ("job", "node")], &|series| {
        for i in 0..3_000 {
            series.push(i * 15_000 + (i % 7), (i * i) as f64);
        }
    });
    add(&[("__name__", "long"), ("job", "other")], &|series| {
        for i in 0..3_000 {
            series.push(i * 15_000 + (i % 7), i as f64);
        }
    });
    add(&[("__name__", "counter_with_starts")], &|series| {
        for i in 0..400 {
            let start = if i % 100 < 30 { 0 } else { i / 100 * 1_000_000 };
            series.push_with_start(i * 10_000 + 5, i as f64, start);
        }
    });
    add(&[("__name__", "native"), ("job", "db")], &|series| {
        for i in 0..300 {
            series.push(i * 15_000, histogram(i as u32 + 1));
        }
        let stale = Histogram { sum: STALE_NAN, ..Histogram::default() };
        series.push(4_500_000, stale);
    });
    // Floats and histograms by turns: one by one, then in longer runs.
    add(&[("__name__", "mixed"), ("job", "node")], &|series| {
        for i in 0..300i64 {
            let float = if i < 20 { i % 2 == 0 } else { i / 35 % 2 == 0 };
            match float {
                true => series.push(i * 15_000, i as f64),
                false => series.push(i * 15_000, histogram(i as u32)),
            };
        }
    });
    // Labels: no metric name, other alphabets, characters that look like syntax, a very long value.
    let long = "x".repeat(5_000);
    for pairs in [
        &[("job", "nameless")][..],
        &[("__name__", "wörter.mit punkt"), ("日本", "東京"), ("job", "{a=\"b\"}")],
        &[("__name__", "escapes"), ("job", "line\nbreak \\ \" \0")],
        &[("__name__", "long_value"), ("job", long.as_str())],
        &[("__name__", "a"), ("a", "a"), ("aa", "a")],
        &[("__name__", "a"), ("aa", "a")],
        &[("__name__", "aa")],
    ] {
        add(pairs, &|series| {
            series.push(1_000, 1.0);
        });
    }
    all
}

/// The series that have floats, with nothing else.
pub(super) fn floats_only(series: Vec<SeriesData>) -> Vec<SeriesData> {
    let floats = series.into_iter().filter(|series| !series.floats.is_empty());
    floats
        .map(|series| SeriesData { labels: series.labels, floats: series.floats, ..SeriesData::default() })
        .collect()
}

/// Random series in no particular order, the same for each seed.
pub(super) fn random(seed: u64) -> Vec<SeriesData> {
    let mut random = Random(seed);
    let mut all = Vec::new();
    for name in ["up", "long", "requests_total"] {
        for job in ["node", "db", "other", ""] {
            for instance in 0..random.below(6) {
                let pairs = [("__name__", name), ("job", job), ("instance", &format!("i{instance}"))];
                let mut series = SeriesData::new(labels(&pairs));
                let (mut time, mut left) = (random.below(1_000_000) as Timestamp, random.below(700));
                while left > 0 {
                    // Runs of samples of one kind at one interval.
                    let run = (1 + random.below(150)).min(left);
                    let interval = 1 + random.below(30_000) as Timestamp;
                    let float = random.below(5) > 0;
                    for _ in 0..run {
                        time += interval;
                        let start =
                            if seed.is_multiple_of(2) && random.below(3) > 0 { time - 500 } else { 0 };
                        match float {
                            true => series.push_with_start(time, random.below(1000) as f64 / 8.0, start),
                            false => series.push_with_start(time, histogram(random.below(50) as u32), start),
                        };
                    }
                    left -= run;
                }
                all.push(series);
            }
        }
    }
    for i in (1..all.len()).rev() {
        all.swap(i, random.below(i as u64 + 1) as usize);
    }
    all
}

/// Single matchers of all kinds, and combinations.
pub(super) fn matchers() -> Vec<Vec<Matcher>> {
    let of = |op: MatchOp, name: &str, value: &str| match Matcher::new(op, name, value) {
        Ok(matcher) => matcher,
        Err(error) => panic!("{error}"),
    };
    let mut all = vec![Vec::new()];
    for name in ["__name__", "job", "instance", "missing"] {
        for value in ["", "up", "node", "東京", "nothing has this"] {
            all.push(vec![of(MatchOp::Equal, name, value)]);
            all.push(vec![of(MatchOp::NotEqual, name, value)]);
        }
        for pattern in
            [".*", ".+", "", "up|node|i1", "|db", "n.*", "[a-l]+", ".*e.*", "(?i)UP|long", "[^n].*|"]
        {
            all.push(vec![of(MatchOp::Regex, name, pattern)]);
            all.push(vec![of(MatchOp::NotRegex, name, pattern)]);
        }
    }
    all.push(vec![of(MatchOp::Equal, "__name__", "up"), of(MatchOp::NotEqual, "job", "db")]);
    all.push(vec![of(MatchOp::Regex, "__name__", "up|long"), of(MatchOp::Equal, "instance", "")]);
    all.push(vec![of(MatchOp::NotEqual, "job", ""), of(MatchOp::NotRegex, "job", "n.+")]);
    all.push(vec![of(MatchOp::Equal, "job", "node"), of(MatchOp::Equal, "job", "db")]);
    all.push(vec![
        of(MatchOp::Regex, "instance", "i[0-3]|"),
        of(MatchOp::NotRegex, "__name__", "lon."),
        of(MatchOp::NotEqual, "missing", "x"),
    ]);
    all
}

/// Ranges in and around some series; single instants and an empty range among them.
pub(super) fn ranges(series: &[SeriesData]) -> Vec<TimeRange> {
    let mut ranges = vec![
        TimeRange::ALL,
        TimeRange::new(0, 0),
        TimeRange::new(1, 30_000),
        TimeRange::new(10, 9),
        TimeRange::new(450_000, 4_500_000),
        TimeRange::new(i64::MIN, 200_000),
        TimeRange::new(3_000_000, i64::MAX),
    ];
    let last = series.iter().filter_map(SeriesData::time_range).map(|range| range.end).max();
    ranges.extend(last.map(|end| TimeRange::new(end, end)));
    ranges
}

/// A small generator of numbers (SplitMix64) whose sequence is decided by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
