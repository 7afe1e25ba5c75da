//! Prometheus' `BenchmarkRangeQuery` over series in memory: one thread, parsing included, nothing rendered.
//!
//! `cargo bench --bench range_queries -- 'expr=rate\(a_hundred'` runs some of the cases.

mod workloads;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use promqlite::{Engine, EngineOptions, Features};
use workloads::range_query::{CASES, INTERVAL, memory_store, times};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn range_queries(criterion: &mut Criterion) {
    let store = memory_store();
    let mut options = EngineOptions::default();
    options.features = Features::ALL;
    options.features.delayed_name_removal = false;
    options.features.use_start_timestamps = false;
    options.threads = 1;
    let engine = Engine::new(options);
    for &(steps, expr) in CASES {
        let (start, end) = times(steps);
        criterion.bench_function(&format!("memory/expr={expr},steps={steps}"), |bencher| {
            bencher.iter(|| {
                let query = engine.prepare(expr).expect(expr);
                query.range(&store, start, end, INTERVAL).expect(expr)
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = range_queries
}
criterion_main!(benches);
