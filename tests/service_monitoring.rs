//! The demo data in `fixtures/` is what its program makes, and tells the story that its README tells.

#[path = "service_monitoring/generator.rs"]
mod generator;
#[path = "service_monitoring/notation.rs"]
mod notation;
#[path = "service_monitoring/story.rs"]
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use promqlite::model::TimeRange;
use promqlite::model::value::SampleValue;
use promqlite::{Engine, MemoryStore, SeriesStore, Value, ingest};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn the_file_is_what_the_program_makes() {
    let path = fixture("service_monitoring.test");
    let made = generator::generate();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, &made).expect("the fixture can be written");
    }
    let file = fs::read_to_string(&path).expect("the fixture");
    let differs = file.lines().zip(made.lines()).position(|(there, made)| there != made);
    assert_eq!(
        differs, None,
        "the fixture is behind: UPDATE_FIXTURES=1 cargo test --test service_monitoring"
    );
    assert_eq!(file.len(), made.len());
}

const START: i64 = 1_772_528_400_000;

/// 09:00 and so many minutes, in ms.
fn at(minutes: i64) -> i64 {
    START + minutes * 60_000
}

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    for name in ["service_monitoring.test", "service_monitoring.metadata.prom"] {
        let text = fs::read(fixture(name)).expect("the fixture");
        let samples = ingest::parse(&text, None, START).unwrap_or_else(|error| panic!("{name}:{error}"));
        ingest::load_into(&store, samples).expect("samples that fit");
    }
    store
}

/// The value of a query that gives one series at most.
fn value(store: &MemoryStore, query: &str, minutes: i64) -> Option<f64> {
    let prepared = Engine::default().prepare(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let answer = prepared.instant(store, at(minutes)).unwrap_or_else(|error| panic!("{query}: {error}"));
    match answer.value {
        Value::Vector(samples) => {
            assert!(samples.len() <= 1, "{query} gives {} series", samples.len());
            match samples.first()?.value {
                SampleValue::Float(value) => Some(value),
                ref other => panic!("{query} gives {other:?}"),
            }
        }
        other => panic!("{query} gives {other:?}"),
    }
}

#[test]
fn the_data_tells_the_story() {
    let store = store();
    let within = |query: &str, minutes: i64, low: f64, high: f64| {
        let value =
            value(&store, query, minutes).unwrap_or_else(|| panic!("{query} gives nothing at {minutes}"));
        assert!((low..=high).contains(&value), "{query} is {value} at {minutes} min");
    };
    let nothing =
        |query: &str, minutes: i64| assert_eq!(value(&store, query, minutes), None, "{query} at {minutes}");

    // 09:40, 09:42: a deploy, after which the users service is faster.
    for instance in ["users-1:8080", "users-2:8080"] {
        within(&format!("max(resets(http_requests_total{{instance='{instance}'}}[3h]))"), 180, 1.0, 1.0);
        within(&format!("min_over_time(up{{instance='{instance}'}}[10m])"), 45, 0.0, 0.0);
    }
    let users =
        "histogram_quantile(0.95, sum by (le) (rate(user_service_process_duration_seconds_bucket[5m])))";
    within(users, 30, 0.05, 0.08);
    within(users, 60, 0.025, 0.045);

    // 10:10 to 10:35: the database is slow.
    let p95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service='orders'}[5m])))";
    let failing = "sum(rate(http_requests_total{service='orders',status_code='500'}[5m])) / sum(rate(http_requests_total{service='orders'}[5m]))";
    let native = "histogram_quantile(0.5, rate(checkout_duration_seconds[5m]))";
    for quiet in [50, 120, 170] {
        within(p95, quiet, 0.1, 0.6);
        within(failing, quiet, 0.0, 0.01);
        within(native, quiet, 0.1, 0.3);
    }
    within(p95, 90, 2.0, 5.0);
    within(failing, 90, 0.08, 0.13);
    within(native, 94, 1.2, 2.5);
    let pool = "db_connections_active{pool_name='primary'} / db_connection_pool_size";
    within(pool, 60, 0.2, 0.4);
    within(pool, 90, 0.95, 1.0);
    let queue = "document_queue_depth{queue_name='document_processing'}";
    within(queue, 60, 0.0, 20.0);
    within(queue, 95, 380.0, 420.0);
    within(queue, 150, 0.0, 20.0);
    let hits = "sum(rate(cache_operations_total{cache_name='documents',result='hit'}[5m])) / sum(rate(cache_operations_total{cache_name='documents',result=~'hit|miss'}[5m]))";
    within(hits, 50, 0.8, 0.9);
    within(hits, 90, 0.45, 0.55);

    // 10:50: the batch job's pod goes, and its series with it.
    let batch = "rate(container_cpu_usage_seconds_total{pod=~'report-batch-.+'}[5m])";
    within(batch, 60, 0.5, 2.0);
    nothing("container_cpu_usage_seconds_total{pod=~'report-batch-.+'}", 111);

    // 11:00: a backup.
    within("time() - last_backup_timestamp_seconds", 119, 28_740.0, 28_740.0);
    within("time() - last_backup_timestamp_seconds", 120, 0.0, 0.0);

    // 11:10 to 11:14: one instance of the document API is gone, and begins anew.
    let memory = "process_resident_memory_bytes{instance='doc-2:8000'} / 2^20";
    within(memory, 129, 700.0, 800.0);
    within("up{instance='doc-2:8000'}", 131, 0.0, 0.0);
    nothing(memory, 131);
    within(memory, 135, 150.0, 200.0);
    within(memory, 180, 500.0, 560.0);
    within("max(resets(http_requests_total{instance='doc-2:8000'}[1h]))", 180, 1.0, 1.0);

    // 11:52: search is gone for good.
    within("count(up == 0)", 180, 1.0, 1.0);
    within("up{job='search'}", 180, 0.0, 0.0);
    nothing("process_cpu_seconds_total{job='search'}", 175);
}

#[test]
fn every_metric_is_described() {
    let store = store();
    let names = store.label_values("__name__", &[], TimeRange::ALL).expect("names");
    for name in names {
        let family = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix));
        let metadata = family.and_then(|family| store.metadata(family)).or_else(|| store.metadata(&name));
        let metadata = metadata.unwrap_or_else(|| panic!("{name} is not described"));
        assert!(!metadata.metric_type.is_empty() && !metadata.help.is_empty(), "{name}");
    }
}

/// Expressions that people start from have an answer at some time of that morning.
#[test]
fn common_expressions_have_answers() {
    let Ok(queries) = fs::read_to_string(fixture("../../shared/seeds/queries.promql")) else { return };
    let store = store();
    let engine = Engine::default();
    let is_answered = |query: &str| {
        let prepared = engine.prepare(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        (20..=180).step_by(4).any(|minutes| {
            match prepared.instant(&store, at(minutes)).map(|answer| answer.value) {
                Ok(Value::Vector(samples)) => !samples.is_empty(),
                other => panic!("{query}: {other:?}"),
            }
        })
    };
    let queries = queries.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let unanswered: Vec<&str> = queries.filter(|query| !is_answered(query)).collect();
    assert_eq!(unanswered, ["up{job=\"prometheus\"} == 0"]);
}
