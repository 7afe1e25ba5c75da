//! The expressions, scrapes and rules that people of this project start from, where they lie beside the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of the seeds; `None` where there is none and none is demanded.
fn seeds() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let demanded = std::env::var_os("PROMQLITE_REQUIRE_CONFORMANCE").is_some();
    assert!(folder.is_dir() || !demanded, "{} is missing", folder.display());
    folder.is_dir().then_some(folder)
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_promqlite")).args(arguments).output().expect("the program runs")
}

#[test]
fn every_expression_has_an_answer_on_the_demo_data() {
    let Some(folder) = seeds() else { return };
    let text = fs::read_to_string(folder.join("seeds/queries.promql")).expect("the expressions");
    let queries: Vec<&str> =
        text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
    assert!(queries.len() > 50);
    let output = run(&["--demo", "-o", "json", "-f", &folder.join("seeds/queries.promql").to_string_lossy()]);
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(answers.lines().count(), queries.len());
    for (query, answer) in queries.iter().zip(answers.lines()) {
        assert!(answer.starts_with("{\"status\":\"success\""), "{query}: {answer}");
        // An alert that does not fire has no answer; all else has one.
        let is_alert = [" > ", " < ", " == "].iter().any(|operator| query.contains(operator));
        assert!(is_alert || !answer.contains("\"result\":[]"), "{query} has no answer");
    }
}

#[test]
fn every_scrape_can_be_queried() {
    let Some(folder) = seeds() else { return };
    let scrape = folder.join("data/exposition/node_exporter.prom");
    let query = "count by (__name__) ({__name__=~\"node_cpu.*\"})";
    let output = run(&[&scrape.to_string_lossy(), "--time", "0", "-c", query]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("node_cpu_seconds_total => 64 @[0]\n"), "{text}");
    for entry in fs::read_dir(folder.join("seeds/metrics")).expect("the scrapes") {
        let path = entry.expect("a scrape").path();
        let output = run(&[&path.to_string_lossy(), "-c", "count({__name__=~\".+\"}) > 3"]);
        assert!(output.status.success() && !output.stdout.is_empty(), "{}", path.display());
    }
}
