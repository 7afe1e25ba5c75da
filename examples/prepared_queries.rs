//! A query is parsed and checked once and run many times, here as a set of alerts that is evaluated each minute, each run
//! with limits of its own.

use std::time::Duration;

use promqlite::{CancelToken, Engine, EngineOptions, ErrorKind, Labels, MemoryStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Limits for all queries of this engine ...
    let options = EngineOptions::default().with_max_samples(1_000_000).with_timeout(Duration::from_secs(30));
    let engine = Engine::new(options);

    // A mistake is found before anything is run, and told with its place.
    let error = engine.prepare("rate(errors_total)").expect_err("rate wants a range");
    assert_eq!(error.kind(), ErrorKind::BadData);
    assert_eq!(
        format!("{error:#}"),
        "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector\n\
         \x20 rate(errors_total)\n\
         \x20      ^^^^^^^^^^^^\n\
         help: add a range: `errors_total[5m]`"
    );

    // ... and for one of them.
    let alerts = [
        ("Down", engine.prepare("up == 0")?),
        ("Errors", engine.prepare("rate(errors_total[5m]) > 0.5")?.with_max_bytes(1_000_000)),
    ];

    let store = MemoryStore::new();
    let (up, errors) = (Labels::metric("up").with("job", "api"), Labels::metric("errors_total"));
    let mut fired = Vec::new();
    for minute in 0..10_i64 {
        store.append(&up, minute * 60_000, f64::from(u8::from(minute != 7)))?;
        store.append(&errors, minute * 60_000, (minute * minute) as f64 * 4.0)?;
        for (name, query) in &alerts {
            for sample in &query.instant(&store, minute * 60_000)?.value.into_vector()? {
                fired.push((minute, *name, sample.labels.value("job").to_owned()));
            }
        }
    }
    let of = |name: &str| {
        fired.iter().filter(|(_, n, _)| *n == name).map(|(minute, ..)| *minute).collect::<Vec<_>>()
    };
    assert_eq!(of("Down"), [7]);
    assert_eq!(of("Errors"), [7, 8, 9]);

    // What a run took, and what happens when it may not take as much.
    let query = engine.prepare("errors_total[10m]")?;
    let stats = query.instant(&store, 540_000)?.stats;
    assert_eq!((stats.samples_read, stats.peak_samples), (10, 10));
    let error = query.with_max_samples(5).instant(&store, 540_000).expect_err("ten are more than five");
    assert_eq!(error.kind(), ErrorKind::Execution);

    // One token ends all that run with it, from any thread.
    let token = CancelToken::new();
    let query = engine.prepare("sum(up)")?.with_cancel(&token);
    assert!(query.instant(&store, 540_000).is_ok());
    token.cancel();
    assert_eq!(query.instant(&store, 540_000).expect_err("cancelled").kind(), ErrorKind::Canceled);
    Ok(())
}
