//! Data directories that Prometheus wrote, opened as they are, and asked what Prometheus was asked.
//!
//! `cargo test --test directories live-head` asks only about those directories; `PROMQLITE_SHOW=100` shows more of
//! what fails.
//!
//! Left out are answers that Prometheus gives only when it opens a directory for the first time (it skips a log then
//! that it would read the second time), and what it answers to questions of which its own rules decide nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod support;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use promqlite::store::disk::{DataDirectory, StdIo};
use promqlite::syntax::Features;
use promqlite::{Engine, EngineOptions};
use support::{cases, panics, questions, reference};

const ANSWERS: &str = "tsdb-3.14";

fn main() {
    panics::keep();
    let mut trials = Vec::new();
    match reference::find(ANSWERS) {
        None => trials.push(reference::missing(ANSWERS)),
        Some(directory) => {
            for file in answer_files(&directory) {
                let data = format!("tsdb-3.14/{}", file.split('.').next().unwrap());
                let answers = directory.join(&file);
                trials.push(trial(format!("{ANSWERS}/{file}"), answers, data));
            }
        }
    }
    let server = "prometheus-dir/answers.jsonl";
    match reference::find(server) {
        None => trials.push(reference::missing(server)),
        Some(answers) => trials.push(trial(server.to_owned(), answers, "prometheus-dir".to_owned())),
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn answer_files(directory: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names
        .filter(|name| name.ends_with(".jsonl"))
        .filter(|name| !name.contains(".first-open.") && !name.contains(".exemplars."))
        .collect();
    files.sort();
    files
}

fn trial(name: String, answers: PathBuf, data: String) -> Trial {
    Trial::test(format!("disk::{name}"), move || run(&name, &answers, &data))
}

/// A server with the experimental parts of the language switched on, and the others as they are by default.
fn engine(use_start_timestamps: bool) -> Engine {
    let mut features = Features::LANGUAGE;
    features.use_start_timestamps = use_start_timestamps;
    Engine::new(EngineOptions::default().with_features(features))
}

fn run(name: &str, answers: &Path, data: &str) -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(data);
    let engine = engine(name.contains(".start-times."));
    let mapped = DataDirectory::open(&path)?;
    let read = DataDirectory::open_with(std::sync::Arc::new(StdIo::without_maps()), &path)?;
    let shown = std::env::var("PROMQLITE_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let (mut total, mut failures) = (0, Vec::new());
    for (i, case) in cases::read(answers).iter().flat_map(|set| &set.cases).enumerate() {
        if case.conflict {
            continue;
        }
        total += 1;
        // Both ways to read files, in turn.
        let store = if i % 2 == 0 { &mapped } else { &read };
        failures.extend(questions::ask(&engine, store, case).failure);
    }
    let text: String = failures.iter().take(shown).map(|failure| format!("{failure}\n")).collect();
    if failures.is_empty() { Ok(()) } else { Err(format!("{text}{} of {total} fail", failures.len()).into()) }
}
