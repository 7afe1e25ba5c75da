//! Text to checked tree: a selector, an everyday query, and what programs write.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use promqlite::{Engine, EngineOptions, Features};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn queries() -> [(&'static str, String); 4] {
    let everyday = "histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket\
                    {status=~\"2..\", service!=\"\"}[5m]))) > 1";
    let alternatives: Vec<String> =
        (0..250).map(|i| format!("up{{instance=\"host-{i}:9100\"}} == 0")).collect();
    let matchers: Vec<String> = (0..1000).map(|i| format!("l{i}=\"value\"")).collect();
    [
        ("selector", "up{job=\"node\"}".to_owned()),
        ("everyday", everyday.to_owned()),
        ("a chain of 250 unions", alternatives.join(" or ")),
        ("1000 matchers", format!("up{{{}}}", matchers.join(","))),
    ]
}

fn parse(criterion: &mut Criterion) {
    let mut options = EngineOptions::default();
    options.features = Features::ALL;
    let engine = Engine::new(options);
    let mut group = criterion.benchmark_group("parse");
    for (name, query) in queries() {
        group.throughput(Throughput::Bytes(query.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| engine.prepare(&query).expect(name)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = parse
}
criterion_main!(benches);
