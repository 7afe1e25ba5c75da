//! Directories that promqlite wrote, in the hands of Prometheus: promtool lists and analyses their blocks, and a server
//! on a copy of each gives the same answers as promqlite does. What the server leaves when it stops is opened again.
//!
//! ```text
//! PROMQLITE_REFERENCE_TOOLS=DIR cargo test --test server      DIR/bin/prometheus, DIR/bin/promtool
//! ```
//!
//! Without the tools all of it is left out, and says so. Start timestamps are not written here: servers before 3.14 do
//! not know the encodings that have them. For the same reason nothing is asked that has another answer since: fractions of
//! classic histograms, rates over changing bounds of buckets. Warnings are not compared, as their texts differ.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod prometheus;
#[path = "../support/mod.rs"]
mod support;
mod written;

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use prometheus::{Server, TOOLS, promtool, tool};
use promqlite::store::disk::{DataDirectory, DiskStore, check};
use promqlite::syntax::Features;
use promqlite::{Engine, EngineOptions, SeriesStore};
use support::answer::{Answer, Data};
use support::cases::{self, Time};
use support::{panics, questions, reference};
use written::{BEGIN, KINDS, Kind, QUERIES, RANGES};

fn main() {
    panics::keep();
    let mut trials = Vec::new();
    if tool("prometheus").is_none() {
        let name = format!("left out, for {TOOLS} names no directory with Prometheus and promtool");
        trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    } else {
        for kind in &KINDS {
            trials.push(Trial::test(format!("promtool::{}", kind.name), || accepted(kind)));
            trials.push(Trial::test(format!("server::{}", kind.name), || same_answers(kind)));
        }
        let server = "prometheus-dir/answers.jsonl";
        trials.push(match reference::find(server) {
            None => reference::missing(server),
            Some(answers) => Trial::test("server::taken over", move || taken_over(&answers)),
        });
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Lists and analyses the blocks.
fn accepted(kind: &Kind) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    (kind.write)(dir.path());
    let store = DataDirectory::open(dir.path())?;
    let path = dir.path().to_str().unwrap();
    let listed = promtool(&["tsdb", "list", path])?;
    for block in store.blocks() {
        let ulid = block.ulid.to_string();
        let line =
            listed.lines().find(|line| line.starts_with(&ulid)).ok_or(format!("{ulid} in\n{listed}"))?;
        let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let stats = &block.stats;
        let counts = [stats.samples, stats.chunks, stats.series].map(|count| count as i64);
        for number in [block.min_time, block.max_time].into_iter().chain(counts) {
            assert!(numbers.contains(&number), "{number} in {line}");
        }
        let analysed = promtool(&["tsdb", "analyze", path, &ulid])?;
        assert!(analysed.contains(&format!("Total Series: {}", stats.series)), "{analysed}");
    }
    Ok(())
}

/// Asks a server and us, and us again when the server has stopped.
fn same_answers(kind: &Kind) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let (ours, copy) = (dir.path().join("ours"), dir.path().join("copy"));
    (kind.write)(&ours);
    copy_dir(&ours, &copy);
    let findings = check(&ours)?;
    assert!(findings.is_empty(), "{findings:?}");
    let engine = engine();
    let store = DataDirectory::open(&ours)?;
    let server = Server::start(&copy);
    let mut asked = Vec::new();
    let times: Vec<Time> =
        RANGES.iter().map(|&(start, end, step)| Time::Range { start, end, step }).collect();
    for query in QUERIES {
        for &time in &times {
            asked.push((query.to_owned(), time));
        }
    }
    // Every sample with its time.
    asked.push(("{__name__=~\".+\"}[8h]".to_owned(), Time::Instant(BEGIN + 8 * 3_600_000)));
    let expected: Vec<Answer> = asked.iter().map(|(query, time)| of_server(&server, query, *time)).collect();
    let mut samples = 0;
    for ((query, time), expected) in asked.iter().zip(&expected) {
        samples += compare(&engine, &store, query, *time, expected)?;
    }
    assert!(samples > 10_000, "{samples} samples are no test");
    check_log(&server);
    server.stop();
    let after = DiskStore::open(&copy)?;
    for ((query, time), expected) in asked.iter().zip(&expected) {
        compare(&engine, &after, query, *time, expected)?;
    }
    Ok(())
}

/// A directory that a server wrote, that we wrote to, and that a server reads again.
fn taken_over(answers: &Path) -> Result<(), Failed> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/prometheus-dir");
    let dir = tempfile::tempdir()?;
    let copy = dir.path().join("copy");
    copy_dir(&source, &copy);
    let store = DiskStore::open(&copy)?;
    let newest = store.time_range().unwrap().end;
    let mut appender = store.appender();
    let labels = promqlite::Labels::from_pairs([("__name__", "written_by_promqlite")]);
    for i in 1..=2000 {
        appender.append(&labels, newest + i * 15_000, i as f64);
    }
    appender.commit_synced()?;
    assert!(!store.maintain()?.cut.is_empty());
    drop(store);
    let engine = engine();
    let server = Server::start(&copy);
    let at = Time::Instant(newest + 2000 * 15_000);
    let written = of_server(&server, "count_over_time(written_by_promqlite[2h])", at);
    assert!(written.to_string().contains(" 480@"), "{written}");
    let mut failures = Vec::new();
    let sets = cases::read(answers);
    let cases = || sets.iter().flat_map(|set| &set.cases).filter(|case| !case.conflict);
    for case in cases().filter(|case| !case.query.starts_with("histogram_fraction")) {
        let got = of_server(&server, &case.query, case.time);
        if let (Answer::Success { .. }, Some(difference)) =
            (&case.expected, plain(&case.expected).difference(&plain(&got), false))
        {
            failures.push(format!("{} {:?}: {difference}", case.query, case.time));
        }
    }
    check_log(&server);
    server.stop();
    let after = DiskStore::open(&copy)?;
    for case in cases() {
        failures.extend(questions::ask(&engine, &after, case).failure);
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

/// The server has found nothing to complain about, let alone repaired something.
fn check_log(server: &Server) {
    let log = server.log();
    let complains = |line: &&str| {
        // The file of the lock stays when nobody holds the lock any more, which is worth a warning.
        let words = ["level=ERROR", "level=WARN", "orrupt", "Unknown series"];
        words.iter().any(|word| line.contains(word)) && !line.contains("lockfile")
    };
    let complaints: Vec<&str> = log.lines().filter(complains).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Compares our answer with the server's and tells how many samples they have.
fn compare(
    engine: &Engine,
    store: &dyn SeriesStore,
    query: &str,
    time: Time,
    expected: &Answer,
) -> Result<usize, Failed> {
    let got = plain(&questions::answer(engine, store, query, time));
    match expected.difference(&got, false) {
        Some(difference) => Err(format!("{query} {time:?}: {difference}").into()),
        None => Ok(match &got {
            Answer::Success { data: Data::Vector(series) | Data::Matrix(series), .. } => {
                series.iter().map(|series| series.samples.len()).sum()
            }
            _ => 0,
        }),
    }
}

/// What the server answers, without warnings.
fn of_server(server: &Server, query: &str, time: Time) -> Answer {
    let seconds = |ms: i64| format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000));
    let json = match time {
        Time::Instant(at) => server.ask("query", &[("query", query), ("time", &seconds(at))]),
        Time::Range { start, end, step } => {
            let (start, end, step) = (seconds(start), seconds(end), seconds(step));
            let arguments = [("query", query), ("start", &start), ("end", &end), ("step", &step)];
            server.ask("query_range", &arguments)
        }
    };
    plain(&Answer::from_json(&json))
}

/// An answer without warnings and infos.
fn plain(answer: &Answer) -> Answer {
    match answer {
        Answer::Success { data, .. } => {
            Answer::Success { data: data.clone(), warnings: Default::default(), infos: Default::default() }
        }
        error => error.clone(),
    }
}

fn engine() -> Engine {
    Engine::new(EngineOptions::default().with_features(Features::LANGUAGE))
}

/// Copies a directory; the copy can be written to.
fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}
