//! All cases of `BenchmarkRangeQuery` in one table, beside Prometheus' figures where they lie next to the project.
//!
//! `cargo bench --bench ratios [-- TEXT]`: the cases whose expression has TEXT in it. Each figure is a CPU time on one
//! thread, parsing included, that a tenth of several runs stayed below; the ratio is Prometheus' time by ours. Memory
//! that a query gives back stays with the process, as it does in Prometheus: that is what the allocator is for.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod workloads;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use promqlite::{Engine, EngineOptions, Features, Prepared};
use workloads::range_query::{CASES, INTERVAL, memory_store, times};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured takes at least about so long.
const MIN_MEASURED: Duration = Duration::from_micros(50);

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

fn main() {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
    let store = memory_store();
    let mut options = EngineOptions::default();
    options.features = Features::ALL;
    options.threads = 1;
    options.features.delayed_name_removal = false;
    options.features.use_start_timestamps = false;
    let engine = Engine::new(options);
    let theirs = theirs();
    let mut ratios = Vec::new();
    println!("{:>6} {:>12} {:>12} {:>8}  expression", "steps", "ns", "theirs", "ratio");
    for &(steps, expr) in CASES.iter().filter(|(_, expr)| expr.contains(&filter)) {
        let (start, end) = times(steps);
        let run = || {
            let query: Prepared = engine.prepare(expr).expect(expr);
            black_box(query.range(&store, start, end, INTERVAL).expect(expr));
        };
        run();
        let run_began = Instant::now();
        run();
        // Looking at the clock takes as long as a small query, so those are run several times between two looks.
        let runs = (MIN_MEASURED.as_nanos() / run_began.elapsed().as_nanos().max(1)).max(1);
        let mut measured = Vec::new();
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(150) {
            let runs_began = ThreadTime::now();
            (0..runs).for_each(|_| run());
            measured.push(runs_began.elapsed());
        }
        // Not the least: the clock of a thread may stand still for a while.
        measured.sort_unstable();
        let ns = measured[measured.len() / 10].as_nanos() as f64 / runs as f64;
        let other = theirs.get(&(steps, expr.to_owned())).copied();
        let ratio = other.map(|other| other / ns);
        ratios.extend(ratio);
        let shown =
            |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |v| format!("{v:.digits$}"));
        println!("{steps:>6} {ns:>12.0} {:>12} {:>8}  {expr}", shown(other, 0), shown(ratio, 1));
    }
    if !ratios.is_empty() {
        let mean = (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
        println!("geometric mean of {} ratios: {mean:.1}", ratios.len());
    }
}
