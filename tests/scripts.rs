//! The scripts of this repository, each on every store. All of them have to pass.
//!
//! `cargo test --test scripts rate` runs those with `rate` in their names.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

mod support;

use std::path::Path;

use libtest_mimic::{Arguments, Trial};
use promqlite::testing::ScriptOptions;
use support::stores::BACKENDS;
use support::{panics, scripts};

fn main() {
    panics::keep();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut trials = Vec::new();
    for backend in BACKENDS {
        for (name, path) in scripts::files(&directory) {
            let name = format!("{}::{name}", backend.name);
            let run = {
                let name = name.clone();
                move || {
                    let outcome =
                        scripts::run(&name, &path, &mut *(backend.open)(), &ScriptOptions::default());
                    if outcome.failures.is_empty() && outcome.total > 0 {
                        Ok(())
                    } else {
                        let text = outcome.failures();
                        Err(format!("{text}{} of {} evals passed", outcome.passed, outcome.total).into())
                    }
                }
            };
            trials.push(Trial::test(name, run));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
