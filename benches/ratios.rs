//! All cases of `BenchmarkRangeQuery` in one table, beside Prometheus' figures where they lie next to the project.
//!
//! `cargo bench --bench ratios [-- TEXT] [--store memory|blocks]`: the cases whose expression has TEXT in it, in memory
//! and from a closed block. Each figure is a CPU time on one thread, parsing included, that a tenth of several runs
//! stayed below; a ratio is Prometheus' time by ours. Memory that a query gives back stays with the process, as it does
//! in Prometheus: that is what the allocator is for.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::collections::HashMap;
use std::hint::black_box;

use promqlite::store::SeriesStore;
use workloads::blocks::closed_block;
use workloads::measure::{cpu_ns, engine, geometric_mean};
use workloads::range_query::{CASES, INTERVAL, memory_store, series, times};
use workloads::shapes::SHAPES;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many of the lowest ratios are told again at the end.
const LOWEST: usize = 8;

/// Prometheus' times in ns by steps and expression.
fn theirs() -> HashMap<(i64, String), f64> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/bench/prometheus-3.14-range-queries.tsv");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut fields = line.split('\t');
        let (steps, ns) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(((steps, fields.nth(4)?.to_owned()), ns))
    });
    rows.collect()
}

/// What was measured of one case.
struct Row {
    steps: i64,
    expr: &'static str,
    /// Prometheus' time in ns by that of each store, if Prometheus' is known.
    ratios: Vec<f64>,
}

fn main() {
    let mut filter = String::new();
    let mut stores = vec!["memory", "blocks"];
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--store" => {
                let wanted = args.next().unwrap_or_default();
                stores.retain(|name| *name == wanted);
                assert!(!stores.is_empty(), "--store takes memory or blocks");
            }
            option if option.starts_with("--") => {}
            _ => filter = arg,
        }
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let opened: Vec<Box<dyn SeriesStore>> = stores
        .iter()
        .map(|name| match *name {
            "memory" => Box::new(memory_store()) as Box<dyn SeriesStore>,
            _ => Box::new(closed_block(dir.path(), series())),
        })
        .collect();
    let engine = engine();
    let theirs = theirs();
    print!("{:>6} {:>12}", "steps", "Prometheus");
    stores.iter().for_each(|name| print!(" {:>12} {:>7}", format!("{name}, ns"), "ratio"));
    println!("  expression");
    let mut rows = Vec::new();
    for &(steps, expr) in CASES.iter().filter(|(_, expr)| expr.contains(&filter)) {
        let other = theirs.get(&(steps, expr.to_owned())).copied();
        let shown =
            |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |v| format!("{v:.digits$}"));
        print!("{steps:>6} {:>12}", shown(other, 0));
        let (start, end) = times(steps);
        let mut ratios = Vec::new();
        for store in &opened {
            let ns = cpu_ns(|| {
                let query = engine.prepare(expr).expect(expr);
                black_box(query.range(&**store, start, end, INTERVAL).expect(expr));
            });
            let ratio = other.map(|other| other / ns);
            ratios.extend(ratio);
            print!(" {ns:>12.0} {:>7}", shown(ratio, 1));
        }
        println!("  {expr}");
        if ratios.len() == stores.len() {
            rows.push(Row { steps, expr, ratios });
        }
    }
    for (i, name) in stores.iter().enumerate() {
        summarise(name, i, &mut rows);
    }
}

/// Prints the means of one store, and its lowest ratios.
fn summarise(name: &str, store: usize, rows: &mut [Row]) {
    let Some(mean) = geometric_mean(rows.iter().map(|row| row.ratios[store])) else { return };
    println!("\n{name}: geometric mean of {} ratios: {mean:.1}", rows.len());
    println!("{:>8} {:>8} {:>6}  shape", "mean", "target", "cases");
    for shape in SHAPES {
        let cases: Vec<f64> =
            rows.iter().filter(|row| shape.has(row.steps, row.expr)).map(|row| row.ratios[store]).collect();
        let count = cases.len();
        if let Some(mean) = geometric_mean(cases) {
            println!("{mean:>8.1} {:>8} {count:>6}  {}", shape.target, shape.name);
        }
    }
    println!("the lowest ratios:");
    rows.sort_by(|a, b| a.ratios[store].total_cmp(&b.ratios[store]));
    for row in rows.iter().take(LOWEST) {
        println!("{:>8.1}  {} steps of {}", row.ratios[store], row.steps, row.expr);
    }
}
