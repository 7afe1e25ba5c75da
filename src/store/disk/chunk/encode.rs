//! From columns to chunks: which samples go together, and in which encoding.
//!
//! Floats are cut into chunks of [`MOST_SAMPLES`]. Histograms are cut, too, wherever one does not continue the one
//! before, because all that a chunk says of counter resets is that there is none inside (`HistogramAppender.appendable`
//! in `tsdb/chunkenc/histogram.go`):
//!
//! ```text
//! counter, then gauge        ^ a chunk begins here
//! 5, 7, 9, then 4 (a reset)            ^
//! other schema, zero threshold or custom bounds
//! stale marker, then anything else
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::decode::Encoding;
use super::histogram::Samples;
use super::run::Run;
use super::{float_histogram, histogram, xor, xor2};
use crate::model::histogram::{CounterResetHint, Histogram};
use crate::model::{TimeRange, Timestamp};

/// Most samples that a chunk is given.
pub(in crate::store::disk) const MOST_SAMPLES: usize = 120;

/// A chunk that was made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::disk) struct EncodedChunk {
    /// The times of the first and the last sample.
    pub(in crate::store::disk) range: TimeRange,
    /// How many samples there are.
    pub(in crate::store::disk) samples: u32,
    /// How they are encoded.
    pub(in crate::store::disk) encoding: Encoding,
    /// The encoded samples.
    pub(in crate::store::disk) data: Box<[u8]>,
}

/// Appends chunks with all samples of `run`, whose histograms tell whether they [follow](Run::follow) one another.
pub(in crate::store::disk) fn encode(run: &Run, chunks: &mut Vec<EncodedChunk>) {
    let times = run.timestamps();
    let mut add = |range: Range<usize>, (encoding, data): (Encoding, Vec<u8>)| {
        let (Some(start), Some(end)) = (times.get(range.start), times.get(range.end - 1)) else { return };
        let range_of_time = TimeRange::new(*start, *end);
        let samples = range.len() as u32;
        chunks.push(EncodedChunk { range: range_of_time, samples, encoding, data: data.into() });
    };
    match run {
        Run::Floats(columns) => {
            for start in (0..times.len()).step_by(MOST_SAMPLES) {
                let range = start..(start + MOST_SAMPLES).min(times.len());
                let values = &columns.values[range.clone()];
                let starts = known(&columns.start_timestamps, range.clone());
                let encoded = if starts.is_empty() {
                    (Encoding::Xor, xor::encode(&times[range.clone()], values))
                } else {
                    (Encoding::Xor2, xor2::encode(&times[range.clone()], values, starts))
                };
                add(range, encoded);
            }
        }
        Run::Histograms(columns) => {
            for group in groups(&columns.values) {
                let samples = Samples {
                    timestamps: &times[group.range.clone()],
                    values: &columns.values[group.range.clone()],
                    start_timestamps: known(&columns.start_timestamps, group.range.clone()),
                };
                let with_starts = !samples.start_timestamps.is_empty();
                let encoded = match (group.whole, with_starts) {
                    (true, false) => (Encoding::Histogram, histogram::encode(samples, group.gauges)),
                    (true, true) => (Encoding::HistogramSt, histogram::encode(samples, group.gauges)),
                    (false, false) => {
                        (Encoding::FloatHistogram, float_histogram::encode(samples, group.gauges))
                    }
                    (false, true) => {
                        (Encoding::FloatHistogramSt, float_histogram::encode(samples, group.gauges))
                    }
                };
                add(group.range, encoded);
            }
        }
    }
}

/// The start timestamps in `range`; none if none of them is known.
fn known(starts: &[Timestamp], range: Range<usize>) -> &[Timestamp] {
    let starts = starts.get(range).unwrap_or_default();
    if starts.iter().all(|start| *start == 0) { &[] } else { starts }
}

/// Histograms that go into one chunk.
struct Group {
    range: Range<usize>,
    /// Whether all counts are whole.
    whole: bool,
    gauges: bool,
}

fn groups(histograms: &[Arc<Histogram>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (i, histogram) in histograms.iter().enumerate() {
        let gauge = histogram.counter_reset_hint == CounterResetHint::Gauge;
        let whole = is_whole(histogram);
        match groups.last_mut() {
            Some(group)
                if group.range.len() < MOST_SAMPLES
                    && continues(&histograms[i - 1], histogram, group.gauges)
                    && (group.whole == whole || histogram.is_stale()) =>
            {
                group.range.end = i + 1;
            }
            _ => groups.push(Group { range: i..i + 1, whole, gauges: gauge }),
        }
    }
    groups
}

/// Whether `next` may follow `before` in a chunk of gauges or of counters.
fn continues(before: &Histogram, next: &Histogram, gauges: bool) -> bool {
    if next.is_stale() {
        return true;
    }
    let bits = |histogram: &Histogram| -> Vec<u64> {
        histogram.custom_values.iter().map(|value| value.to_bits()).collect()
    };
    let same_layout = before.schema == next.schema
        && before.zero_threshold == next.zero_threshold
        && bits(before) == bits(next);
    let same_kind = match next.counter_reset_hint {
        CounterResetHint::Gauge => gauges,
        CounterResetHint::NotCounterReset => !gauges,
        CounterResetHint::CounterReset | CounterResetHint::Unknown => false,
    };
    !before.is_stale() && same_kind && same_layout
}

/// Whether the histogram can be told in whole numbers.
pub(in crate::store::disk) fn is_whole(histogram: &Histogram) -> bool {
    const MOST: f64 = (1u64 << 53) as f64;
    let is_whole =
        |count: f64| (0.0..MOST).contains(&count) && count.fract() == 0.0 && !count.is_sign_negative();
    let buckets = histogram.positive.counts.iter().chain(&histogram.negative.counts);
    if ![histogram.count, histogram.zero_count].iter().chain(buckets.clone()).all(|count| is_whole(*count)) {
        return false;
    }
    // Prometheus takes whole counts only where they add up; observations of NaN are in no bucket.
    let in_buckets = buckets.sum::<f64>() + histogram.zero_count;
    in_buckets == histogram.count || histogram.sum.is_nan() && in_buckets <= histogram.count
}

#[cfg(test)]
mod tests {
    use super::super::columns::{Columns, FloatColumns, HistogramColumns};
    use super::super::decode::decode;
    use super::*;
    use crate::model::STALE_NAN;
    use crate::model::histogram::{BucketSpan, Buckets};

    fn chunks_of(run: &Run) -> Vec<EncodedChunk> {
        let mut chunks = Vec::new();
        encode(run, &mut chunks);
        chunks
    }

    fn decoded(chunks: &[EncodedChunk]) -> Columns {
        let mut columns = Columns::default();
        for chunk in chunks {
            let ends = decode(chunk.encoding, &chunk.data, &mut columns).unwrap();
            assert_eq!(ends, Some((chunk.range.start, chunk.range.end)));
        }
        columns
    }

    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, n: u64) -> u64 {
            self.next() % n
        }
    }

    fn some_float(chance: &mut Chance, before: f64) -> f64 {
        match chance.below(8) {
            0 | 1 => before,
            2 => before + 1.0,
            3 => chance.below(1000) as f64 / 8.0,
            4 => f64::from_bits(chance.next()),
            5 => STALE_NAN,
            6 => -0.0,
            _ => before * 1.5,
        }
    }

    fn some_time(chance: &mut Chance, before: i64) -> i64 {
        let shift = chance.below(40);
        before + 1 + if chance.below(2) == 0 { 15_000 } else { chance.below(1 << shift) as i64 }
    }

    fn some_start(chance: &mut Chance, kind: u64, time: i64, before: i64) -> i64 {
        match (kind, chance.below(100)) {
            (0, _) => 0,
            (1, _) => 77,
            (2, 0) => time - 5,
            (2, _) => before,
            (3, 0) => 0,
            _ => time - chance.below(1 << 20) as i64,
        }
    }

    #[test]
    fn floats_come_back() {
        let seed = 0x5eed_0001;
        let mut chance = Chance(seed);
        for round in 0..400 {
            let mut columns = FloatColumns::default();
            let (mut time, mut value, mut start) = (chance.next() as i64 >> 20, 1.5, 0);
            for _ in 0..chance.below(300) {
                time = some_time(&mut chance, time);
                value = some_float(&mut chance, value);
                start = some_start(&mut chance, round % 5, time, start);
                columns.push(time, value, start);
            }
            columns.fill_start_timestamps();
            let chunks = chunks_of(&Run::Floats(columns.clone()));
            let back = decoded(&chunks).floats;
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(back.timestamps, columns.timestamps, "seed {seed:#x}, round {round}");
            assert_eq!(bits(&back.values), bits(&columns.values), "seed {seed:#x}, round {round}");
            let starts = |c: &FloatColumns| (0..c.len()).map(|i| c.start_timestamp(i)).collect::<Vec<_>>();
            assert_eq!(starts(&back), starts(&columns), "seed {seed:#x}, round {round}");
        }
    }

    #[test]
    fn chunks_of_more_than_127_samples_keep_their_starts() {
        for changes_at in [1, 2, 126, 127, 128, 200, 999] {
            let times: Vec<i64> = (0..300).map(|i| 1000 + i * 10).collect();
            let starts: Vec<i64> = (0..300).map(|i| if i < changes_at { 5 } else { 7 + i / 9 }).collect();
            let data = xor2::encode(&times, &[1.0; 300], &starts);
            let mut columns = Columns::default();
            decode(Encoding::Xor2, &data, &mut columns).unwrap();
            assert_eq!(columns.floats.start_timestamps, starts);
        }
    }

    fn some_histogram(chance: &mut Chance, before: &Histogram) -> Histogram {
        let mut histogram = before.clone();
        match chance.below(20) {
            0 => return Histogram::stale(),
            1 => histogram.schema = chance.below(13) as i32 - 4,
            2 => histogram.zero_threshold = [0.0, 0.001, 2f64.powi(-128), 1.0][chance.below(4) as usize],
            3 => histogram = Histogram::default(),
            4 => histogram.counter_reset_hint = CounterResetHint::Gauge,
            5 => histogram.counter_reset_hint = CounterResetHint::Unknown,
            6 => histogram.positive.counts.iter_mut().for_each(|count| *count += 0.5),
            _ => {}
        }
        for side in [&mut histogram.positive, &mut histogram.negative] {
            if chance.below(5) == 0 {
                let spans = (0..chance.below(3)).map(|i| BucketSpan {
                    offset: chance.below(5) as i32 - if i == 0 { 2 } else { 0 },
                    length: 1 + chance.below(3) as u32,
                });
                side.spans = spans.collect();
                let count = side.spans.iter().map(|span| span.length as usize).sum();
                side.counts = (0..count).map(|_| chance.below(50) as f64).collect();
            }
            side.counts.iter_mut().for_each(|count| *count += chance.below(9) as f64);
        }
        histogram.zero_count += chance.below(3) as f64;
        histogram.sum += 1.25;
        let buckets = histogram.positive.counts.iter().chain(&histogram.negative.counts);
        histogram.count = histogram.zero_count + buckets.sum::<f64>();
        histogram
    }

    /// Reading gives the same buckets; those that are empty may be there or not.
    fn assert_same(a: &Histogram, b: &Histogram, context: &str) {
        let mut pair = [a.clone(), b.clone()];
        pair.iter_mut().for_each(|histogram| {
            histogram.compact(0);
        });
        assert!(
            pair[0].is_stale() && pair[1].is_stale() || pair[0].equals(&pair[1]),
            "{context}: {a:?} {b:?}"
        );
        let gauge = |h: &Histogram| h.counter_reset_hint == CounterResetHint::Gauge;
        assert_eq!(gauge(a) && !a.is_stale(), gauge(b), "{context}");
    }

    #[test]
    fn histograms_come_back() {
        let seed = 0x5eed_0002;
        let mut chance = Chance(seed);
        let mut encodings = std::collections::BTreeSet::new();
        for round in 0..400 {
            let mut columns = HistogramColumns::default();
            let (mut time, mut start, mut histogram) = (chance.next() as i64 >> 20, 0, Histogram::default());
            for _ in 0..chance.below(200) {
                time = some_time(&mut chance, time);
                start = some_start(&mut chance, round % 5, time, start);
                histogram = some_histogram(&mut chance, &histogram);
                columns.push(time, Arc::new(histogram.clone()), start);
                if histogram.is_stale() {
                    histogram = Histogram::default();
                }
            }
            columns.fill_start_timestamps();
            let mut run = Run::Histograms(columns.clone());
            run.follow();
            let chunks = chunks_of(&run);
            encodings.extend(chunks.iter().map(|chunk| chunk.encoding.number()));
            let back = decoded(&chunks).histograms;
            let context = format!("seed {seed:#x}, round {round}");
            assert_eq!(back.timestamps, columns.timestamps, "{context}");
            for (i, (a, b)) in columns.values.iter().zip(&back.values).enumerate() {
                assert_same(a, b, &context);
                assert_eq!(columns.start_timestamp(i), back.start_timestamp(i), "{context}");
                let Run::Histograms(followed) = &run else { panic!("a run of histograms") };
                let (told, found) = (followed.values[i].counter_reset_hint, b.counter_reset_hint);
                // The first of a chunk does not tell.
                let begins = chunks.iter().any(|chunk| chunk.range.start == columns.timestamps[i]);
                let same = told == found || found == CounterResetHint::Unknown && begins;
                assert!(same || a.is_stale(), "{context}: {told:?} became {found:?}");
            }
        }
        assert_eq!(encodings.into_iter().collect::<Vec<_>>(), [2, 3, 5, 6]);
    }

    #[test]
    fn custom_bounds_come_back() {
        let bounds = [-1.0, 0.0, 0.005, 0.1, 1.0 / 3.0, 33_554.43, 33_554.431, 1e9];
        let spans = vec![BucketSpan { offset: 0, length: 9 }];
        let buckets = Buckets { spans, counts: (0..9).map(f64::from).collect() };
        let histogram = Histogram {
            schema: -53,
            count: 36.0,
            sum: 7.0,
            positive: buckets,
            custom_values: bounds.into(),
            ..Histogram::default()
        };
        let mut columns = HistogramColumns::default();
        columns.push(1, Arc::new(histogram.clone()), 0);
        let chunks = chunks_of(&Run::Histograms(columns));
        assert_eq!(*decoded(&chunks).histograms.values[0], histogram);
    }
}
