//! Queries over a store of one's own: prepared, over a range, limited, cancelled.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use promqlite::testing::float_store_suite;
use promqlite::{CancelToken, Engine, ErrorKind, Labels, assert_promql};
use thermostat::Ring;

const MINUTE: i64 = 60_000;

fn room(name: &str) -> Labels {
    Labels::metric("temperature_celsius").with("room", name)
}

/// Two hours of two rooms, of which the last is remembered.
fn house() -> Ring {
    let ring = Ring::new(60);
    for minute in 0..120 {
        ring.push(room("attic"), minute * MINUTE, 15.0 + minute as f64 / 10.0);
        ring.push(room("cellar"), minute * MINUTE, 12.0);
    }
    ring
}

#[test]
fn the_ring_is_a_store() {
    float_store_suite(&|series| {
        let ring = Ring::new(usize::MAX);
        for series in series {
            let floats = &series.floats;
            for (&time, &value) in floats.timestamps.iter().zip(&floats.values) {
                ring.push(series.labels.clone(), time, value);
            }
        }
        Box::new(ring)
    });
}

#[test]
fn what_is_forgotten_is_gone() {
    let house = house();
    assert_promql!(house, "count_over_time(temperature_celsius[3h])", {
        r#"{room="attic"}"# => 60,
        r#"{room="cellar"}"# => 60,
    });
    assert_promql!(house, "temperature_celsius", at "59m", empty);
    assert_promql!(house, "max(temperature_celsius)", approx 26.9);
}

#[test]
fn a_query_is_prepared_once() -> Result<(), Box<dyn std::error::Error>> {
    let house = house();
    let warmest = Engine::default().prepare("topk(1, temperature_celsius)")?;
    for minute in [60, 90, 119] {
        let answer = warmest.instant(&house, minute * MINUTE)?.value.into_vector()?;
        let sample = answer.only().ok_or("one series")?;
        assert_eq!(sample.labels.get("room"), Some("attic"));
    }
    let answer = warmest.range(&house, 100 * MINUTE, 110 * MINUTE, Duration::from_secs(300))?;
    let matrix = answer.value.into_matrix()?;
    assert_eq!(matrix.only().ok_or("one series")?.floats.len(), 3);
    Ok(())
}

#[test]
fn a_mistake_has_a_place_and_help() {
    let error = Engine::default().prepare("avg_over_tme(temperature_celsius[5m])").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadData);
    assert_eq!(error.help(), Some("did you mean `avg_over_time`?"));
    assert!(error.span().is_some());
}

#[test]
fn a_query_can_be_cancelled() {
    let token = CancelToken::new();
    let house = Arc::new(house());
    let forever = "max_over_time(sum(rate(temperature_celsius[1h]))[100d:1s])";
    let query = Engine::default().prepare(forever).unwrap().with_max_samples(u64::MAX).with_cancel(&token);
    let worker = {
        let house = house.clone();
        thread::spawn(move || query.instant(&*house, 120 * MINUTE))
    };
    thread::sleep(Duration::from_millis(20));
    let cancelled = Instant::now();
    token.cancel();
    let error = worker.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Canceled);
    assert!(cancelled.elapsed() < Duration::from_secs(5), "{:?}", cancelled.elapsed());
}

#[test]
fn a_query_can_be_limited() {
    let query = Engine::default().prepare("temperature_celsius[1h]").unwrap().with_max_samples(10);
    let error = query.instant(&house(), 119 * MINUTE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Execution);
    assert!(error.to_string().contains("too many samples"), "{error}");
}
