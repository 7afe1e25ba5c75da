//! Every expression of upstream's own scripts parses, prints, and parses again to the same tree; and those that are
//! not meant to fail pass all checks.

use std::fs;
use std::path::{Path, PathBuf};

use promqlite::plan::parse_and_check;
use promqlite::syntax::{Features, parse};

/// An expression of a script.
struct Eval {
    place: String,
    query: String,
    /// The script says that it fails, here or when it is run.
    fails: bool,
}

/// The expressions behind `eval instant at 5m` and its like.
fn evals(path: &Path) -> Vec<Eval> {
    let script = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut found: Vec<Eval> = Vec::new();
    for (number, line) in script.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let head = match words.as_slice() {
            [eval, "instant", "at", _, ..] if eval.starts_with("eval") => 4,
            [eval, "range", "from", _, "to", _, "step", _, ..] if eval.starts_with("eval") => 8,
            ["expect", "fail", ..] => {
                found.iter_mut().last().into_iter().for_each(|eval| eval.fails = true);
                continue;
            }
            _ => continue,
        };
        let mut query = line.trim_start();
        for _ in 0..head {
            query = query.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
        }
        let place = format!("{}:{}", path.display(), number + 1);
        found.push(Eval { place, query: query.trim().to_owned(), fails: words[0] == "eval_fail" });
    }
    found
}

/// Upstream's scripts, if they are there.
fn upstream() -> Vec<Eval> {
    let directory = Path::new("../shared/conformance/prometheus-3.14");
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let scripts =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "test"));
    let evals: Vec<Eval> = scripts.collect::<Vec<PathBuf>>().iter().flat_map(|path| evals(path)).collect();
    assert!(evals.is_empty() || evals.len() > 2200, "only {} expressions", evals.len());
    evals
}

#[test]
fn upstreams_scripts_round_trip() {
    for Eval { place, query, .. } in upstream() {
        let expr = parse(&query, &Features::ALL).unwrap_or_else(|error| panic!("{place}: {query}: {error}"));
        for printed in [expr.to_string(), expr.pretty()] {
            let again = parse(&printed, &Features::ALL)
                .unwrap_or_else(|error| panic!("{place}: {query}: {printed}: {error}"));
            assert!(again.same_as(&expr), "{place}: {query}: {printed}");
            assert_eq!(again.to_string(), expr.to_string(), "{place}");
        }
    }
}

#[test]
fn upstreams_scripts_pass_the_checks() {
    let mut refused = 0;
    for Eval { place, query, fails } in upstream() {
        match parse_and_check(&query, &Features::ALL) {
            Err(_) if fails => refused += 1,
            Err(error) => panic!("{place}: {query}: {error}"),
            Ok(_) => {}
        }
    }
    // Most of what fails there fails only when it is run.
    assert!(refused < 10, "{refused} refused");
}
