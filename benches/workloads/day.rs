//! W: a day of one metric. A thousand counters are scraped every 15 s for 24 hours, each at its own phase and some
//! milliseconds late, and are queried over all of the day with a step of a minute.
//!
//! `m{instance="i0042", g="2", dc="0", job="w"}` has 5760 samples.

use promqlite::Labels;
use promqlite::store::SeriesData;

use super::measure::scramble;

/// Distance of scrapes in ms.
pub const INTERVAL: i64 = 15_000;
/// Distance of steps in ms.
pub const STEP: i64 = 60_000;
/// An hour in ms.
pub const HOUR: i64 = 3_600_000;

/// The queries, and for how many ms Prometheus 3.5 computed on one processor for each of them.
pub const QUERIES: &[(&str, f64)] = &[
    ("m", 235.0),
    ("m * 2", 429.0),
    ("sum by (g) (m)", 262.0),
    ("rate(m[5m])", 485.0),
    ("sum by (g) (rate(m[5m]))", 533.0),
    ("rate(m[1h])", 747.0),
    ("sum_over_time(m[5m])", 571.0),
    ("max_over_time(m[1h])", 2085.0),
    ("quantile_over_time(0.9, m[5m])", 1468.0),
    ("topk(5, m)", 262.0),
    ("m + m", 911.0),
    ("m + on(instance) group_left m", 1173.0),
];

/// How the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Integers that only rise.
    Plain,
    /// Each counter begins again from 0 six times a day.
    Reset,
    /// A tenth of the samples is missing, ten in a row, and a stale marker says so.
    Gap,
    /// Values have two decimals.
    Float,
    /// All series are scraped at one instant.
    Aligned,
}

/// `count` series over the first `hours` of the day.
pub fn series(variant: Variant, count: u64, hours: i64) -> impl Iterator<Item = SeriesData> {
    (0..count).map(move |i| one_series(variant, i, hours))
}

fn one_series(variant: Variant, i: u64, hours: i64) -> SeriesData {
    let labels = [
        ("__name__", "m".to_owned()),
        ("instance", format!("i{i:04}")),
        ("g", (i % 10).to_string()),
        ("dc", (i % 3).to_string()),
        ("job", "w".to_owned()),
    ];
    let mut series = SeriesData::new(Labels::from_pairs(labels));
    let aligned = variant == Variant::Aligned;
    let phase = if aligned { 0 } else { (scramble(i) % INTERVAL as u64) as i64 };
    let scrapes = hours * HOUR / INTERVAL;
    let mut total = 0;
    for scrape in 0..scrapes {
        let random = scramble(i << 32 | scrape as u64);
        let jitter = if aligned { 0 } else { (random % 100) as i64 };
        total += (random >> 8) % 100;
        let run = (scrape as u64 + i * 7) / 10;
        let missing = variant == Variant::Gap && scramble(i << 32 | run).is_multiple_of(10);
        let begins = missing && (scrape as u64 + i * 7).is_multiple_of(10);
        if variant == Variant::Reset && (scrape + i as i64).rem_euclid(scrapes / 6) == 0 {
            total = 0;
        }
        let value = match variant {
            _ if begins => f64::from_bits(promqlite::model::STALE_NAN_BITS),
            _ if missing => continue,
            Variant::Float => total as f64 / 100.0,
            _ => total as f64,
        };
        series.push(scrape * INTERVAL + phase + jitter, value);
    }
    series
}
