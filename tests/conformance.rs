//! Prometheus' own scripts, on every store. How many evals of each have to pass is in `tests/conformance-floor.txt`.
//!
//! `cargo test --test conformance subquery` runs those with `subquery` in their names; `PROMQLITE_SHOW=100` shows
//! more of what fails.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod support;

use libtest_mimic::{Arguments, Trial};
use promqlite::testing::ScriptOptions;
use support::stores::BACKENDS;
use support::{floor, panics, reference, scripts};

const SCRIPTS: &str = "prometheus-3.14";

fn main() {
    panics::keep();
    let mut trials = Vec::new();
    match reference::find(SCRIPTS) {
        None => trials.push(reference::missing(SCRIPTS)),
        Some(directory) => {
            for backend in BACKENDS {
                for (file, path) in scripts::files(&directory) {
                    let name = format!("{}::{file}", backend.name);
                    let run = {
                        let name = name.clone();
                        move || {
                            let store = &mut *(backend.open)();
                            let outcome = scripts::run(&name, &path, store, &ScriptOptions::default());
                            let floor = format!("{SCRIPTS}/{file}");
                            floor::judge(&floor, outcome.passed, outcome.total, &outcome.failures())
                        }
                    };
                    trials.push(Trial::test(name, run));
                }
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
