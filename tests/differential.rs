//! Random queries over random data, with the answers of Prometheus 3.14. How many have to be the same is in
//! `tests/conformance-floor.txt`.
//!
//! What fails is summed up by the parts of the language that the failing queries share. To look closer:
//! `PROMQLITE_QUERY='rate(' cargo test --test differential` asks only the queries that contain a text, and shows the
//! data of those that fail; `PROMQLITE_SHOW=100` shows more of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use promqlite::ingest::load;
use promqlite::syntax::Features;
use promqlite::{Engine, EngineOptions, MemoryStore};
use support::cases::{self, DataSet};
use support::questions::{self, Asked};
use support::{blame, floor, panics, reference};

const CORPUS: &str = "differential/corpus.jsonl";

fn main() {
    panics::keep();
    let trial = match reference::find(CORPUS) {
        None => reference::missing(CORPUS),
        Some(path) => Trial::test(format!("memory::{CORPUS}"), move || run(&cases::read(&path))),
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

/// A server with the experimental parts of the language switched on, and the others as they are by default.
fn engine() -> Engine {
    Engine::new(EngineOptions::default().with_features(Features::LANGUAGE))
}

fn run(sets: &[DataSet]) -> Result<(), Failed> {
    let wanted = std::env::var("PROMQLITE_QUERY").ok();
    let engine = engine();
    let next = AtomicUsize::new(0);
    let asked = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(set) = sets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_set = run_set(&engine, set, wanted.as_deref());
                    asked.lock().unwrap().extend(of_set);
                }
            });
        }
    });
    let mut asked = asked.into_inner().unwrap();
    asked.sort_by_key(|(line, _)| *line);
    let asked: Vec<Asked> = asked.into_iter().map(|(_, asked)| asked).collect();
    verdict(asked, wanted.is_some())
}

fn run_set(engine: &Engine, set: &DataSet, wanted: Option<&str>) -> Vec<(usize, Asked)> {
    let store = MemoryStore::from_series(load::read(&set.load, 0).unwrap()).unwrap();
    let mut asked = Vec::new();
    for case in set.cases.iter().filter(|case| wanted.is_none_or(|wanted| case.query.contains(wanted))) {
        let mut one = questions::ask(engine, &store, case);
        if let (Some(failure), Some(_)) = (&mut one.failure, wanted) {
            failure.push_str(&format!("  data:\n{}\n", set.load));
        }
        asked.push((case.line, one));
    }
    asked
}

fn verdict(asked: Vec<Asked>, only_some: bool) -> Result<(), Failed> {
    let shown = std::env::var("PROMQLITE_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let failures: Vec<&String> = asked.iter().filter_map(|asked| asked.failure.as_ref()).collect();
    let (total, passed) = (asked.len(), asked.len() - failures.len());
    let mut text: String = failures.iter().take(shown).map(|failure| format!("{failure}\n")).collect();
    let queries: Vec<_> = asked.iter().map(|a| (a.features.clone(), a.failure.is_none())).collect();
    for line in blame::explain(&queries) {
        text.push_str(&format!("{line}\n"));
    }
    if only_some {
        eprintln!("{text}{passed} of {total} passed");
        return if passed == total {
            Ok(())
        } else {
            Err(format!("{} of {total} fail", failures.len()).into())
        };
    }
    floor::judge(CORPUS, passed, total, &text)
}
