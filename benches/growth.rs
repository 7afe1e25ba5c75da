//! How time grows with series, with steps and with the width of windows.
//!
//! A power of the size is fitted to the times by least squares of their logarithms; what it gives for the larger size is
//! held against the most that is meant to be. Figures are CPU times on one thread, in memory.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::hint::black_box;

use promqlite::{Engine, MemoryStore};
use workloads::day::{HOUR, STEP, Variant, series};
use workloads::measure::{cpu_ns, engine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUERIES: [&str; 6] = [
    "m",
    "sum by (g) (m)",
    "rate(m[5m])",
    "sum by (g) (rate(m[5m]))",
    "max_over_time(m[1h])",
    "m + on (instance) m",
];

/// Range functions whose work for each step need not grow with the window, over integers that only rise.
const FUNCTIONS: [&str; 15] = [
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "changes",
    "resets",
    "count_over_time",
    "present_over_time",
    "absent_over_time",
    "last_over_time",
    "first_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
];

fn main() {
    let engine = engine();
    // The smallest fits into the caches of many processors, the largest into none.
    let (sizes, hours) = ([1000, 3000, 10_000, 30_000, 100_000], 1);
    let stores: Vec<MemoryStore> = sizes.iter().map(|count| store(*count, hours)).collect();
    println!("100 times the series: {} to {} series, {hours} h, {} steps", sizes[0], sizes[4], hours * 60);
    print_growth(100.0, 105.0, &sizes, |query, i| time(&engine, query, &stores[i], STEP, hours * HOUR, STEP));
    drop(stores);

    let (count, sizes) = (200, [144, 288, 720, 1440]);
    let day = store(count, 24);
    println!("\n10 times the steps: {} to {} steps of a minute, {count} series", sizes[0], sizes[3]);
    print_growth(10.0, 10.5, &sizes, |query, i| {
        let end = 24 * HOUR;
        time(&engine, query, &day, end - (sizes[i] as i64 - 1) * STEP, end, STEP)
    });

    let (count, steps) = (50, 1440);
    let two_days = store(count, 48);
    println!("\nwindows of 5 minutes and of a day, {steps} steps, {count} series, the same samples read");
    println!("{:>10} {:>10} {:>7} {:>7}  function", "5m, us", "1d, us", "ratio", "most");
    for function in FUNCTIONS {
        let [narrow, wide] = [("5m", HOUR / 12), ("1d", 24 * HOUR)].map(|(window, width)| {
            let (start, end) = (width, 48 * HOUR - STEP);
            let query = format!("{function}(m[{window}])");
            time(&engine, &query, &two_days, start, end, (end - start) / (steps - 1)) / 1e3
        });
        println!("{narrow:>10.0} {wide:>10.0} {:>7.2} {:>7}  {function}", wide / narrow, 1.3);
    }
}

fn store(count: u64, hours: i64) -> MemoryStore {
    MemoryStore::from_series(series(Variant::Plain, count, hours)).expect("the samples are in order")
}

/// CPU time of a query in ns.
fn time(engine: &Engine, query: &str, store: &MemoryStore, start: i64, end: i64, step: i64) -> f64 {
    cpu_ns(|| {
        let prepared = engine.prepare(query).expect(query);
        black_box(prepared.range(store, start, end, step).expect(query));
    })
}

/// Prints for each query its times over sizes, the power fitted to them, and what that makes of a size `times` as large.
fn print_growth(times: f64, most: f64, sizes: &[u64], time: impl Fn(&str, usize) -> f64) {
    sizes.iter().for_each(|size| print!("{size:>10}"));
    println!(" {:>7} {:>8} {:>7}  query (us)", "power", "growth", "most");
    for query in QUERIES {
        let measured: Vec<f64> = (0..sizes.len()).map(|i| time(query, i)).collect();
        measured.iter().for_each(|ns| print!("{:>10.0}", ns / 1e3));
        let power = fitted_power(sizes, &measured);
        println!(" {power:>7.3} {:>8.1} {most:>7}  {query}", times.powf(power));
    }
}

fn fitted_power(sizes: &[u64], times: &[f64]) -> f64 {
    let points = || sizes.iter().zip(times).map(|(size, time)| ((*size as f64).ln(), time.ln()));
    let count = sizes.len() as f64;
    let (x, y) =
        points().fold((0.0, 0.0), |sums, point| (sums.0 + point.0 / count, sums.1 + point.1 / count));
    let (covariance, variance) = points().fold((0.0, 0.0), |sums, point| {
        (sums.0 + (point.0 - x) * (point.1 - y), sums.1 + (point.0 - x).powi(2))
    });
    covariance / variance
}
