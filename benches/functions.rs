//! What each function, aggregation and operator costs over W (`workloads/day.rs`): ns for each point of the result, or of the input
//! of an aggregation.
//!
//! `cargo bench --bench functions [-- TEXT]`: the queries that have TEXT in them. Each is run over whole numbers and over
//! numbers with two decimals, which range functions may add up in different ways. Nothing is held against Prometheus
//! here; it is for finding the one that is out of line.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::hint::black_box;

use promqlite::MemoryStore;
use workloads::day::{HOUR, STEP, Variant, series};
use workloads::measure::{cpu_ns, engine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SERIES: u64 = 200;
const HOURS: i64 = 24;

/// Range functions, with `WINDOW` for the window.
const WINDOWED: [&str; 28] = [
    "rate(WINDOW)",
    "increase(WINDOW)",
    "delta(WINDOW)",
    "irate(WINDOW)",
    "idelta(WINDOW)",
    "changes(WINDOW)",
    "resets(WINDOW)",
    "rate(WINDOW anchored)",
    "changes(WINDOW anchored)",
    "rate(WINDOW smoothed)",
    "count_over_time(WINDOW)",
    "present_over_time(WINDOW)",
    "absent_over_time(WINDOW)",
    "last_over_time(WINDOW)",
    "first_over_time(WINDOW)",
    "min_over_time(WINDOW)",
    "max_over_time(WINDOW)",
    "ts_of_min_over_time(WINDOW)",
    "sum_over_time(WINDOW)",
    "avg_over_time(WINDOW)",
    "stddev_over_time(WINDOW)",
    "stdvar_over_time(WINDOW)",
    "deriv(WINDOW)",
    "predict_linear(WINDOW, 600)",
    "double_exponential_smoothing(WINDOW, 0.3, 0.3)",
    "quantile_over_time(0.9, WINDOW)",
    "mad_over_time(WINDOW)",
    "ts_of_last_over_time(WINDOW)",
];

/// Everything else.
const PLAIN: [&str; 36] = [
    "m",
    "m * 2",
    "m / 3",
    "m > 100000",
    "m >= bool 100000",
    "m % 7",
    "m ^ 2",
    "m + m",
    "m / m",
    "m > m",
    "m and m",
    "m or m",
    "m unless m",
    "-m",
    "abs(m)",
    "ceil(m)",
    "round(m)",
    "round(m, 10)",
    "clamp(m, 10, 100000)",
    "sqrt(m)",
    "ln(m)",
    "exp(m)",
    "sin(m)",
    "hour(m)",
    "timestamp(m)",
    "sum by (g) (m)",
    "avg by (g) (m)",
    "min by (g) (m)",
    "max by (g) (m)",
    "count by (g) (m)",
    "stddev by (g) (m)",
    "quantile by (g) (0.9, m)",
    "topk(5, m)",
    "limitk(5, m)",
    "count_values by (g) ('v', m)",
    "sort(m)",
];

fn main() {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
    let engine = engine();
    let stores = [Variant::Plain, Variant::Float].map(|variant| {
        MemoryStore::from_series(series(variant, SERIES, HOURS)).expect("the samples are in order")
    });
    let points = (SERIES as i64 * HOURS * HOUR / STEP) as f64;
    let print = |text: &str| {
        if !text.contains(&filter) {
            return;
        }
        for store in &stores {
            let ns = cpu_ns(|| {
                let query = engine.prepare(text).expect(text);
                black_box(query.range(store, STEP, HOURS * HOUR, STEP).expect(text));
            });
            print!("{:>10.2}", ns / points);
        }
        println!("  {text}");
    };
    println!("{:>10}{:>10}", "whole", "decimals");
    for window in ["m[5m]", "m[1h]"] {
        WINDOWED.iter().for_each(|text| print(&text.replace("WINDOW", window)));
    }
    PLAIN.iter().for_each(|text| print(text));
}
