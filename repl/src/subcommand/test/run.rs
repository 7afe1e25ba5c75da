//! Running a script: an outcome for each of its queries.

use std::fs;
use std::io;
use std::iter::Sum;
use std::path::Path;
use std::time::{Duration, Instant};

use promqlite::MemoryStore;
use promqlite::testing::{CommandKind, Failure, Runner, Script, ScriptOptions, ScriptStore};

/// What came of a file.
#[derive(Debug)]
pub(super) struct FileRun {
    /// The file as it was found.
    pub(super) name: String,
    /// The queries that were wanted, in order.
    pub(super) cases: Vec<Case>,
    /// What kept the script, or the rest of it, from being run.
    pub(super) broken: Option<Broken>,
}

/// What keeps a script from being run.
#[derive(Debug)]
pub(super) enum Broken {
    /// It cannot be read, or is no script.
    Script(String),
    /// Something that is no query failed: a `load`.
    Command(Box<Failure>),
}

/// A query of a script.
#[derive(Debug)]
pub(super) struct Case {
    /// The line of its `eval`.
    pub(super) line: usize,
    pub(super) query: String,
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
}

/// What came of a query.
#[derive(Debug)]
pub(super) enum Outcome {
    Passed,
    Failed(Box<Failure>),
    /// Something before it is broken.
    NotRun,
}

/// How many queries passed, and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) not_run: usize,
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(totals: I) -> Totals {
        totals.fold(Totals::default(), |sum, one| Totals {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            not_run: sum.not_run + one.not_run,
        })
    }
}

impl FileRun {
    /// Something that is broken counts as one failure.
    pub(super) fn totals(&self) -> Totals {
        let of_case = |case: &Case| match case.outcome {
            Outcome::Passed => Totals { passed: 1, ..Totals::default() },
            Outcome::Failed(_) => Totals { failed: 1, ..Totals::default() },
            Outcome::NotRun => Totals { not_run: 1, ..Totals::default() },
        };
        let cases: Totals = self.cases.iter().map(of_case).sum();
        Totals { failed: cases.failed + usize::from(self.broken.is_some()), ..cases }
    }

    /// Whether any of its queries was wanted, or it cannot be known.
    pub(super) fn was_wanted(&self) -> bool {
        !self.cases.is_empty() || self.broken.is_some()
    }
}

/// Runs the queries of a script for whose names, `FILE:LINE QUERY`, `is_wanted` holds.
pub(super) fn file(path: &Path, is_wanted: impl Fn(&str) -> bool) -> FileRun {
    // What is found below `.` is called as if it had been named.
    let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let (name, text) = match path.as_os_str() == crate::args::STDIN {
        true => ("standard input".to_owned(), io::read_to_string(io::stdin())),
        false => (name, fs::read_to_string(path)),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => return unusable(&name, format!("{name}: {error}")),
    };
    match Script::parse(&name, &text) {
        Ok(script) => run(&script, is_wanted),
        Err(error) => unusable(&name, error.to_string()),
    }
}

fn unusable(name: &str, reason: String) -> FileRun {
    FileRun { name: name.to_owned(), cases: Vec::new(), broken: Some(Broken::Script(reason)) }
}

fn run(script: &Script, is_wanted: impl Fn(&str) -> bool) -> FileRun {
    let runner = Runner::new(ScriptOptions::default());
    let mut store = MemoryStore::new();
    let store: &mut dyn ScriptStore = &mut store;
    let mut run = FileRun { name: script.name().to_owned(), cases: Vec::new(), broken: None };
    for command in script.commands() {
        let CommandKind::Eval(eval) = &command.kind else {
            if run.broken.is_none() {
                run.broken = runner.run(script, command, store).err().map(Broken::Command);
            }
            continue;
        };
        if !is_wanted(&format!("{}:{} {}", run.name, command.line, eval.query())) {
            continue;
        }
        let begin = Instant::now();
        let outcome = match &run.broken {
            Some(_) => Outcome::NotRun,
            None => match runner.run(script, command, store) {
                Ok(()) => Outcome::Passed,
                Err(failure) => Outcome::Failed(failure),
            },
        };
        let took = begin.elapsed();
        run.cases.push(Case { line: command.line, query: eval.query().to_owned(), outcome, took });
    }
    // Data for nobody does not matter.
    if run.cases.is_empty() && script.eval_count() > 0 {
        run.broken = None;
    }
    run
}
