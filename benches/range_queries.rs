//! Prometheus' `BenchmarkRangeQuery` over series in memory and over a closed block: one thread, parsing included,
//! nothing rendered.
//!
//! `cargo bench --bench range_queries -- 'blocks/expr=rate\(a_hundred'` runs some of the cases.

mod workloads;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use promqlite::store::SeriesStore;
use workloads::blocks::closed_block;
use workloads::measure::engine;
use workloads::range_query::{CASES, INTERVAL, memory_store, series, times};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn range_queries(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (memory, blocks) = (memory_store(), closed_block(dir.path(), series()));
    let engine = engine();
    let stores: [(&str, &dyn SeriesStore); 2] = [("memory", &memory), ("blocks", &blocks)];
    for (name, store) in stores {
        for &(steps, expr) in CASES {
            let (start, end) = times(steps);
            criterion.bench_function(&format!("{name}/expr={expr},steps={steps}"), |bencher| {
                bencher.iter(|| {
                    let query = engine.prepare(expr).expect(expr);
                    query.range(store, start, end, INTERVAL).expect(expr)
                });
            });
        }
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
