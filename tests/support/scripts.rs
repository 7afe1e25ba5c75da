//! Runs `.test` files on stores: one test for each file and store, `memory::selectors.test`.

use std::path::{Path, PathBuf};

use promqlite::testing::{CommandKind, Runner, Script, ScriptOptions, ScriptStore};

use super::panics;

/// The `.test` files below a directory, sorted, each with its path from there.
pub(crate) fn files(directory: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "test") {
                found.push(path);
            }
        }
    }
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(directory).unwrap().to_string_lossy().into_owned();
    found.into_iter().map(|path| (name(&path), path)).collect()
}

/// What came out of a file.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) passed: usize,
    pub(crate) total: usize,
    /// A text for each eval that did not pass, and for each other command that did not work.
    pub(crate) failures: Vec<String>,
}

impl Outcome {
    /// The failures as one text, not more than `PROMQLITE_SHOW` (10 by default) of them.
    pub(crate) fn failures(&self) -> String {
        let shown = std::env::var("PROMQLITE_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
        let mut text: String =
            self.failures.iter().take(shown).map(|failure| format!("{failure}\n")).collect();
        if self.failures.len() > shown {
            text.push_str(&format!(
                "… and {} more (PROMQLITE_SHOW=N shows N)\n",
                self.failures.len() - shown
            ));
        }
        text
    }
}

/// Runs a script. Unlike [`promqlite::testing::run_script_on`] this outlives panics, and goes on after loads that fail.
pub(crate) fn run(name: &str, path: &Path, store: &mut dyn ScriptStore, options: &ScriptOptions) -> Outcome {
    let text = std::fs::read_to_string(path).unwrap();
    let mut outcome = Outcome::default();
    let script = match Script::parse(name, &text) {
        Ok(script) => script,
        Err(error) => {
            outcome.total = text.lines().filter(|line| line.trim_start().starts_with("eval")).count();
            outcome.failures.push(error.to_string());
            return outcome;
        }
    };
    outcome.total = script.eval_count();
    let runner = Runner::new(options.clone());
    store.clear().unwrap();
    for command in script.commands() {
        let result = panics::caught(|| runner.run(&script, command, store));
        match result {
            Ok(Ok(())) => outcome.passed += usize::from(matches!(command.kind, CommandKind::Eval(_))),
            Ok(Err(failure)) => outcome.failures.push(failure.to_string()),
            Err(panic) => {
                let query = match &command.kind {
                    CommandKind::Eval(eval) => eval.query(),
                    _ => "",
                };
                outcome.failures.push(format!("{name}:{}: {panic}\n  query: {query}\n", command.line));
            }
        }
    }
    outcome
}
