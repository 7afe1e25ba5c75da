//! Random series of the kinds that queries meet: gauges, counters with resets, buckets, and numbers that are trouble.

use promqlite::Labels;
use promqlite::model::STALE_NAN;
use promqlite::store::SeriesData;

use crate::random::Random;

/// Series with floats, sorted by labels; samples in order of time.
pub(crate) type Data = Vec<(Labels, Vec<(i64, f64)>)>;

/// Times of samples lie between these, in ms.
pub(crate) const FIRST: i64 = -300_000;
pub(crate) const LAST: i64 = 1_200_000;

/// A gauge of whole numbers, one of fractions, two counters, buckets, and one of odd values.
pub(crate) const METRICS: [&str; 6] = ["g", "f", "c_total", "d_total", "h_bucket", "odd"];

pub(crate) fn data(random: &mut Random) -> Data {
    let mut data = Data::new();
    for metric in METRICS {
        for _ in 0..random.below(4) + 1 {
            let mut pairs = vec![("__name__", metric)];
            for (name, values) in
                [("job", &["a", "b"][..]), ("i", &["1", "2", "10"]), ("code", &["200", "500"])]
            {
                if random.chance(70) {
                    pairs.push((name, random.of(values)));
                }
            }
            if metric == "h_bucket" {
                for (n, le) in ["0.5", "1", "2.5", "+Inf"].into_iter().enumerate() {
                    if random.chance(95) {
                        let labels = Labels::from_pairs(pairs.iter().copied().chain([("le", le)]));
                        data.push((labels, bucket(random, n as f64 + 1.0)));
                    }
                }
            } else {
                data.push((Labels::from_pairs(pairs), series(random, metric)));
            }
        }
    }
    data.sort_by(|a, b| a.0.cmp(&b.0));
    data.dedup_by(|a, b| a.0 == b.0);
    data
}

/// Times of scrapes: regular, jittered, or rare, with gaps.
fn times(random: &mut Random) -> Vec<i64> {
    let interval = random.of(&[15_000, 15_000, 30_000, 60_000, 7_000]);
    let jitter = random.of(&[0, 0, 400, 5_000]);
    let mut times = Vec::new();
    let mut time = random.between(FIRST, FIRST + 400_000);
    while time <= LAST {
        let late = if jitter == 0 { 0 } else { random.between(0, jitter) };
        times.push(time + late);
        time += interval;
        if random.chance(3) {
            time += interval * random.between(1, 40);
        }
    }
    times.dedup();
    times
}

fn series(random: &mut Random, metric: &str) -> Vec<(i64, f64)> {
    let mut counter = if random.chance(50) { 0.0 } else { random.between(0, 1_000_000) as f64 };
    let mut samples = Vec::new();
    for time in times(random) {
        if random.chance(2) {
            samples.push((time, STALE_NAN));
            continue;
        }
        let value = match metric {
            "g" => random.between(-20, 20) as f64,
            "f" => random.between(-1_000_000, 1_000_000) as f64 / 1000.0 + 0.1,
            "odd" => random.of(&[
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                0.0,
                1e100,
                -1e100,
                1.0,
                0.1,
                1.7e308,
                -1.7e308,
                5e-324,
            ]),
            _ => {
                counter += match random.below(10) {
                    0..=2 => 0.0,
                    3..=6 => random.between(0, 100) as f64,
                    _ => random.between(0, 100_000) as f64 / 1000.0,
                };
                if random.chance(3) {
                    counter = random.between(0, 10) as f64;
                }
                counter
            }
        };
        samples.push((time, value));
    }
    samples
}

fn bucket(random: &mut Random, share: f64) -> Vec<(i64, f64)> {
    let mut count = 0.0;
    let times = times(random).into_iter();
    times
        .map(|time| {
            count += (share * random.between(0, 3) as f64).round();
            (time, count)
        })
        .collect()
}

/// The same series as a store takes them.
pub(crate) fn series_data(data: &Data) -> Vec<SeriesData> {
    let series = data.iter().map(|(labels, samples)| {
        let mut series = SeriesData::new(labels.clone());
        samples.iter().for_each(|&(time, value)| _ = series.push(time, value));
        series
    });
    series.collect()
}
