//! The face of the library: what its types promise to those who link it.

use std::time::{Duration, Instant, SystemTime};

use promqlite::store::{ClosureStore, SelectRequest, SeriesData, StoreError};
use promqlite::{
    CancelToken, Engine, EngineOptions, Error, ErrorKind, Labels, MemoryStore, Prepared, QueryLimits,
    QueryResult, Value, ValueType,
};

/// Fails to compile when a type loses what is promised of it.
const fn is_shared<T: Clone + Send + Sync + 'static>() {}
const _: () = is_shared::<Engine>();
const _: () = is_shared::<EngineOptions>();
const _: () = is_shared::<Prepared>();
const _: () = is_shared::<QueryLimits>();
const _: () = is_shared::<QueryResult>();
const _: () = is_shared::<CancelToken>();
const _: () = is_shared::<Value>();
const _: () = is_shared::<Labels>();
const fn is_sent<T: Send + Sync + 'static>() {}
const _: () = is_sent::<Error>();
const _: () = is_sent::<MemoryStore>();

/// `requests_total` of 1,000 instances, a sample each minute for an hour.
fn store() -> MemoryStore {
    MemoryStore::from_series((0..1_000).map(|instance| {
        let labels = Labels::metric("requests_total").with("instance", &format!("host-{instance:04}:9100"));
        let mut series = SeriesData::new(labels);
        for minute in 0..60 {
            series.push(minute * 60_000, (minute * instance) as f64);
        }
        series
    }))
    .expect("samples in order")
}

const QUERY: &str = "sum(rate(requests_total[5m]))";

#[test]
fn clones_of_an_engine_share_what_it_has() {
    let engine = Engine::new(EngineOptions::default().with_max_samples(7));
    let clone = engine.clone();
    assert!(std::ptr::eq(engine.options(), clone.options()));
}

#[test]
fn the_defaults_are_those_of_prometheus() {
    let EngineOptions {
        lookback_ms,
        max_samples,
        max_bytes,
        timeout,
        default_subquery_step_ms,
        type_and_unit_labels,
        features,
        ..
    } = EngineOptions::default();
    assert_eq!((lookback_ms, max_samples, default_subquery_step_ms), (300_000, 50_000_000, 60_000));
    assert_eq!((max_bytes, timeout, type_and_unit_labels), (None, None, false));
    assert_eq!(features, promqlite::Features::default());
}

#[test]
fn times_are_milliseconds_or_those_of_the_standard_library() -> Result<(), Error> {
    let (engine, store) = (Engine::default(), store());
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(3_000);
    let query = engine.prepare(QUERY)?;
    assert_eq!(query.instant(&store, time)?.value, query.instant(&store, 3_000_000)?.value);
    let minute = Duration::from_secs(60);
    let course = query.range(&store, time, time + 10 * minute, minute)?.value;
    assert_eq!(course, engine.range(&store, QUERY, 3_000_000, 3_600_000, 60_000)?.value);
    assert_eq!(course.into_matrix()?.only().map(|series| series.floats.len()), Some(11));
    Ok(())
}

#[test]
fn a_query_is_prepared_once_and_run_from_many_threads() -> Result<(), Error> {
    let store = store();
    let query = Engine::default().prepare(QUERY)?;
    let expected = query.instant(&store, 3_000_000)?.value;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    let answer = query.instant(&store, 3_000_000).expect("an answer");
                    assert_eq!(answer.value, expected);
                }
            });
        }
    });
    Ok(())
}

#[test]
fn stats_are_those_of_the_run() -> Result<(), Error> {
    let store = store();
    let stats = Engine::default().instant(&store, "requests_total", 3_000_000)?.stats;
    // The lookback of five minutes sees five samples of each series.
    assert_eq!(stats.samples_read, 5_000);
    assert!(stats.peak_samples >= 1_000 && stats.peak_samples < 2_000, "{stats:?}");
    let labels = Labels::metric("requests_total").with("instance", "host-0000:9100");
    let least = 1_000 * (16 + labels.size_bytes() as u64);
    assert!(stats.peak_bytes >= least && stats.peak_bytes < 10 * least, "{stats:?}, least {least}");
    Ok(())
}

#[test]
fn limits_of_samples_and_of_bytes() -> Result<(), Error> {
    let store = store();
    let query = Engine::default().prepare("requests_total")?;
    let stats = query.instant(&store, 3_000_000)?.stats;
    // What a run took is enough for another, and less is not.
    let enough = query.clone().with_max_samples(stats.peak_samples).with_max_bytes(stats.peak_bytes);
    assert_eq!(enough.instant(&store, 3_000_000)?.stats, stats);
    let error =
        query.clone().with_max_samples(stats.peak_samples - 1).instant(&store, 3_000_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Execution);
    assert_eq!(
        error.message(),
        "query processing would load too many samples into memory in query execution"
    );
    let limit = stats.peak_bytes - 1;
    let error = query.clone().with_max_bytes(limit).instant(&store, 3_000_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Execution);
    assert_eq!(
        error.message(),
        format!("query processing would take more than {limit} bytes of memory in query execution")
    );
    // Selecting alone can be too much, before any sample is read.
    let engine = Engine::new(EngineOptions::default().with_max_bytes(10_000));
    let error = engine.instant(&store, "count(requests_total)", 3_000_000).unwrap_err();
    assert!(error.message().contains("more than 10000 bytes"), "{error}");
    assert!(engine.instant(&store, "count(up)", 3_000_000).is_ok());
    Ok(())
}

/// A store that takes its time over each selection.
fn slow() -> impl promqlite::SeriesStore {
    ClosureStore::new(|_: &SelectRequest<'_>| {
        std::thread::sleep(Duration::from_millis(20));
        Ok::<_, StoreError>(Vec::new())
    })
}

#[test]
fn a_timeout_counts_from_the_start_of_each_run() -> Result<(), Error> {
    let engine = Engine::new(EngineOptions::default().with_timeout(Duration::from_secs(3_600)));
    let query = engine.prepare("a or b or c")?;
    assert_eq!(query.limits().timeout, Some(Duration::from_secs(3_600)));
    assert!(query.instant(&slow(), 0).is_ok());
    let hurried = query.clone().with_timeout(Duration::from_millis(5));
    for _ in 0..2 {
        let error = hurried.instant(&slow(), 0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.message(), "query timed out in expression evaluation");
    }
    let late = query.clone().with_deadline(Instant::now());
    assert_eq!(late.instant(&slow(), 0).unwrap_err().kind(), ErrorKind::Timeout);
    Ok(())
}

#[test]
fn a_token_cancels_what_is_running() -> Result<(), Error> {
    let token = CancelToken::new();
    let query = Engine::default().prepare("a or b or c or d or e or f or g or h")?.with_cancel(&token);
    let begin = Instant::now();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| query.instant(&slow(), 0).unwrap_err());
        std::thread::sleep(Duration::from_millis(30));
        token.cancel();
        running.join().expect("no panic")
    });
    assert_eq!(error.kind(), ErrorKind::Canceled);
    assert!(begin.elapsed() < Duration::from_millis(8 * 20), "{:?}", begin.elapsed());
    Ok(())
}

#[test]
fn errors_are_for_people() {
    let engine = Engine::default();
    let query = "sum(rat(requests_total[5m]))";
    let error = engine.prepare(query).unwrap_err();
    assert_eq!(error.to_string(), "1:5: parse error: unknown function with name \"rat\"");
    assert_eq!(error.query(), Some(query));
    assert_eq!(error.span().map(|span| &query[span.range()]), Some("rat"));
    assert_eq!(error.help(), Some("did you mean `rate`?"));
    let shown = "1:5: parse error: unknown function with name \"rat\"\n  sum(rat(requests_total[5m]))\n      ^^^\n\
                 help: did you mean `rate`?";
    assert_eq!(format!("{error:#}"), shown);
    assert_eq!(format!("{error:?}"), shown);

    // An error of a run points at the query, too.
    let query = "sum(label_replace(requests_total, \"instance\", \"\", \"\", \"\"))";
    let error = engine.instant(&store(), query, 3_000_000).unwrap_err();
    assert_eq!(error.to_string(), "vector cannot contain metrics with the same labelset");
    assert!(format!("{error:#}").contains("\n      ^^^^^^^^^^^^^"), "{error:#}");

    // What lies beneath is told.
    let store = ClosureStore::new(|_: &SelectRequest<'_>| {
        let source = std::io::Error::other("connection refused");
        Err(StoreError::new("shard 3").with_source(source))
    });
    let error = engine.instant(&store, "up", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(error.to_string(), "expanding series: shard 3");
    assert!(format!("{error:?}").ends_with("caused by: connection refused"), "{error:?}");

    // The types of answers.
    let error = Error::from(
        engine.instant(&MemoryStore::new(), "\"x\"", 0).unwrap().value.into_scalar().unwrap_err(),
    );
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadData, "the answer is a string, not a scalar"));
}

#[test]
fn values_are_taken_apart() -> Result<(), Error> {
    let (engine, store) = (Engine::default(), store());
    let query = "sum by (instance) (requests_total) + 1";
    let answer = engine.instant(&store, query, 3_000_000)?;
    assert_eq!(answer.query(), query);
    assert_eq!(answer.value.value_type(), ValueType::Vector);
    let vector = answer.value.into_vector()?;
    let host = Labels::from([("instance", "host-0007:9100")]);
    assert_eq!(vector.get(&host).map(|sample| &sample.value), Some(&(7.0 * 50.0 + 1.0).into()));
    assert!(vector.get(Labels::metric("other")).is_none());
    assert_eq!(vector.having([("instance", "host-0007:9100"), ("job", "")]).count(), 1);
    assert_eq!(vector.having::<&str, &str>([]).count(), 1_000);
    assert!(vector.only().is_none());
    let most = vector.into_iter().filter_map(|sample| sample.value.as_float()).fold(0.0, f64::max);
    assert_eq!(most, 999.0 * 50.0 + 1.0);

    let matrix = engine.instant(&store, "requests_total[2m]", 3_000_000)?.value.into_matrix()?;
    let series =
        matrix.get([("__name__", "requests_total"), ("instance", "host-0002:9100")]).expect("the series");
    assert_eq!(series.floats.timestamps().as_ref(), [2_940_000, 3_000_000]);
    assert_eq!(series.floats.values().as_ref(), [98.0, 100.0]);
    assert_eq!((series.floats.at(2_940_000), series.floats.at(2_940_001)), (Some(98.0), None));
    assert_eq!(engine.instant(&store, "\"a\"", 0)?.value.as_str(), Some("a"));
    assert_eq!(engine.instant(&store, "7", 0)?.value.into_scalar()?, 7.0);
    Ok(())
}
