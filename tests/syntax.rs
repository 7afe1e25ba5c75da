//! Every expression of upstream's own scripts parses, prints, and parses again to the same tree.

use std::fs;
use std::path::Path;

use promqlite::syntax::{Features, parse};

/// The expressions behind `eval instant at 5m` and its like; some are meant to fail.
fn expressions(script: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in script.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let skip = match words.as_slice() {
            [eval, "instant", "at", _, ..] if eval.starts_with("eval") => 4,
            [eval, "range", "from", _, "to", _, "step", _, ..] if eval.starts_with("eval") => 8,
            _ => continue,
        };
        let mut rest = line;
        for _ in 0..skip {
            rest = rest.trim_start();
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
        }
        found.push((number + 1, rest.trim().to_owned()));
    }
    found
}

#[test]
fn upstreams_scripts_round_trip() {
    let directory = Path::new("../shared/conformance/prometheus-3.14");
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut count = 0;
    let mut failures = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "test") {
            continue;
        }
        for (line, query) in expressions(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let place = format!("{}:{line}", path.display());
            let expr = match parse(&query, &Features::ALL) {
                Ok(expr) => expr,
                Err(error) => {
                    failures.push(format!("{place}: {query}: {error}"));
                    continue;
                }
            };
            let printed = expr.to_string();
            match parse(&printed, &Features::ALL) {
                Ok(again) if again.same_as(&expr) => assert_eq!(again.to_string(), printed, "{place}"),
                Ok(again) => failures.push(format!("{place}: {query}: {printed}: {again:?}")),
                Err(error) => failures.push(format!("{place}: {query}: {printed}: {error}")),
            }
        }
    }
    assert!(count > 2200, "only {count} expressions found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
