//! A day of one metric (see `workloads/day.rs`) in memory and from a closed block, beside Prometheus' figures.
//!
//! `cargo bench --bench workload [-- TEXT]`: the variants whose name has TEXT in it. Each figure is a CPU time on one
//! thread, parsing included, nothing rendered, that a tenth of several runs stayed below. Prometheus' figures are those
//! for the plain workload in memory, and stand beside its variants, too.
//!
//! | variant | |
//! | --- | --- |
//! | `W` | 1000 series, 24 h, 1440 steps |
//! | `W-reset` | six counter resets a day |
//! | `W-gap` | a tenth of the samples missing, behind stale markers |
//! | `W-float` | values with two decimals |
//! | `W-aligned` | all series scraped at one instant |
//! | `W-disk-warm` | from a closed block that was read before |
//! | `W-disk-cold` | from a closed block, opened anew, its files out of the page cache; CPU and wall time |
//! | `W-threads` | `W` on one thread and on two: wall times |
//! | `W-100k` | 100,000 series, 1 h, 60 steps; with `-- --full`, else 20,000 series |

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use cpu_time::ThreadTime;
use promqlite::store::SeriesStore;
use promqlite::{Engine, MemoryStore};
use workloads::blocks::{closed_block, forget_pages, open};
use workloads::day::{HOUR, QUERIES, STEP, Variant, series};
use workloads::measure::{cpu_ns, engine, engine_with, geometric_mean};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SERIES: u64 = 1000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let full = args.iter().any(|arg| arg == "--full");
    let filter = args.iter().find(|arg| !arg.starts_with("--")).map_or("", String::as_str);
    let wanted = |name: &str| name.contains(filter);
    let engine = engine();
    let memory = |variant, count, hours| {
        MemoryStore::from_series(series(variant, count, hours)).expect("the samples are in order")
    };
    let variants = [
        ("W", Variant::Plain),
        ("W-reset", Variant::Reset),
        ("W-gap", Variant::Gap),
        ("W-float", Variant::Float),
        ("W-aligned", Variant::Aligned),
    ];
    for (name, variant) in variants {
        if wanted(name) {
            run_queries(name, &engine, &memory(variant, SERIES, 24), 24, true);
        }
    }
    if wanted("W-disk-warm") || wanted("W-disk-cold") {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let block = closed_block(dir.path(), series(Variant::Plain, SERIES, 24));
        if wanted("W-disk-warm") {
            run_queries("W-disk-warm", &engine, &block, 24, true);
        }
        drop(block);
        if wanted("W-disk-cold") {
            run_cold(&engine, dir.path());
        }
    }
    if wanted("W-threads") {
        run_threads(&memory(Variant::Plain, SERIES, 24));
    }
    if wanted("W-100k") {
        let count = if full { 100_000 } else { 20_000 };
        run_queries(&format!("W-100k, {count} series"), &engine, &memory(Variant::Plain, count, 1), 1, false);
    }
}

/// Runs each query on one thread and on two, and prints the shortest wall times.
fn run_threads(store: &dyn SeriesStore) {
    let engines = [1, 2].map(engine_with);
    println!("\nW-threads\n{:>10} {:>11} {:>8}  query", "one, ms", "two, ms", "ratio");
    let mut ratios = Vec::new();
    for (text, _) in QUERIES {
        let [one, two] = engines.each_ref().map(|engine| {
            let query = engine.prepare(text).expect(text);
            let wall = || {
                let began = Instant::now();
                black_box(query.range(store, STEP, 24 * HOUR, STEP).expect(text));
                began.elapsed().as_secs_f64() * 1e3
            };
            (0..20).map(|_| wall()).fold(f64::INFINITY, f64::min)
        });
        ratios.push(one / two);
        println!("{one:>10.2} {two:>11.2} {:>8.2}  {text}", one / two);
    }
    if let Some(mean) = geometric_mean(ratios) {
        println!("geometric mean of {} ratios: {mean:.2}", QUERIES.len());
    }
}

/// Runs each query on a directory whose files are not in memory, several times, and prints the shortest times.
fn run_cold(engine: &Engine, dir: &Path) {
    let measure = |text: &str| {
        (0..5).try_fold([f64::INFINITY; 2], |[cpu, wall], _| {
            if !forget_pages(dir) {
                return None;
            }
            let (cpu_began, wall_began) = (ThreadTime::now(), Instant::now());
            let query = engine.prepare(text).expect(text);
            black_box(query.range(&open(dir), STEP, 24 * HOUR, STEP).expect(text));
            let took = [cpu_began.elapsed(), wall_began.elapsed()].map(|took| took.as_secs_f64() * 1e3);
            Some([cpu.min(took[0]), wall.min(took[1])])
        })
    };
    let measured: Vec<_> = QUERIES.iter().map(|(text, _)| measure(text)).collect();
    for (i, name) in ["W-disk-cold, CPU time", "W-disk-cold, wall time"].into_iter().enumerate() {
        let mut measured = measured.iter();
        print_table(name, true, |_| Some(measured.next().copied()??[i]));
    }
}

/// Runs each query and prints the CPU time.
fn run_queries(name: &str, engine: &Engine, store: &dyn SeriesStore, hours: i64, compare: bool) {
    print_table(name, compare, |text| {
        let ns = cpu_ns(|| {
            let query = engine.prepare(text).expect(text);
            black_box(query.range(store, STEP, hours * HOUR, STEP).expect(text));
        });
        Some(ns / 1e6)
    });
}

/// Prints a line for each query with how many ms it was measured to take, and the geometric mean of the ratios.
fn print_table(name: &str, compare: bool, mut measure: impl FnMut(&str) -> Option<f64>) {
    println!("\n{name}\n{:>10} {:>11} {:>8}  query", "ms", "Prometheus", "ratio");
    let mut ratios = Vec::new();
    for &(text, theirs) in QUERIES {
        let Some(ms) = measure(text) else {
            println!("not measured: files cannot be taken out of the page cache here");
            return;
        };
        if compare {
            ratios.push(theirs / ms);
            println!("{ms:>10.2} {theirs:>11.0} {:>8.1}  {text}", theirs / ms);
        } else {
            println!("{ms:>10.2} {:>11} {:>8}  {text}", "-", "-");
        }
    }
    if let Some(mean) = geometric_mean(ratios) {
        println!("geometric mean of {} ratios: {mean:.1}", QUERIES.len());
    }
}
