//! How long one waits at a prompt with 100,000 series: for the program to start, for a completion, for a line to be coloured.
//!
//! `cargo bench -p promqlite-repl --bench prompt` prints the figures: of 50 times each, the one in the middle and the longest.

#![allow(clippy::print_stdout, reason = "the figures are the output")]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use promqlite::MemoryStore;
use promqlite::ingest;
use promqlite_repl::complete::complete;
use promqlite_repl::prompt::{active_signature, highlight};
use promqlite_repl::variables::Variables;

const TIMES: usize = 50;

fn main() {
    let text = page();
    let store = MemoryStore::new();
    let samples = ingest::parse(text.as_bytes(), None, 0).expect("a page");
    ingest::load_into(&store, samples).expect("samples");
    println!("{} series of {} bytes of text", store.stats().series, text.len());

    let variables = Variables::default();
    let lines = [
        "sum(rate(http_requests_7|",
        "http_requests_70_total{|",
        "http_requests_70_total{pod=\"|",
        "http_requests_70_total{zone=\"zone-1\", pod=\"|",
        "{pod=\"pod-7\", |",
        "sum by (|) (rate(http_requests_70_total[5m]))",
        "sum by (|) (rate({zone=\"zone-1\"}[5m]))",
        "{|",
        ".values |",
    ];
    for line in lines {
        let cursor = line.find('|').expect("a bar");
        let typed = line.replacen('|', "", 1);
        let candidates = complete(&typed, cursor, &store, &variables).candidates.len();
        measure(&format!("complete {line} ({candidates})"), || complete(&typed, cursor, &store, &variables));
    }

    let query =
        "sum by (zone, pod) (rate(http_requests_70_total{zone=~\"zone-[123]\", pod!=\"pod-7\"}[5m])) / "
            .repeat(8)
            + "100";
    measure(&format!("highlight {} bytes", query.len()), || highlight(&query, Some(query.len())));
    measure(&format!("signature for {} bytes", query.len()), || active_signature(&query));

    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("page.prom");
    fs::write(&file, text).expect("a file");
    let start = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_promqlite")).args(arguments).output().expect("the program runs");
        assert!(output.status.success());
    };
    measure("start without data", || start(&["--no-config", "-c", "1"]));
    measure("start with the demo data", || start(&["--no-config", "--demo", "-c", "1"]));
    let path = file.display().to_string();
    measure("start with 100,000 series of text", || start(&["--no-config", &path, "-c", "1"]));
}

/// 100 metrics of 1,000 series each.
fn page() -> String {
    let mut text = String::new();
    for metric in 0..100 {
        let _ = writeln!(
            text,
            "# HELP http_requests_{metric}_total Requests.\n# TYPE http_requests_{metric}_total counter"
        );
        for series in 0..1000 {
            let (pod, zone) = (series, series % 4);
            let _ = writeln!(
                text,
                "http_requests_{metric}_total{{instance=\"10.0.{zone}.{pod}:8080\",job=\"shop\",pod=\"pod-{pod}\",zone=\"zone-{zone}\"}} {series}"
            );
        }
    }
    text
}

fn measure<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begin = Instant::now();
            std::hint::black_box(work());
            begin.elapsed()
        })
        .collect();
    times.sort();
    println!("{:>10.1?} {:>10.1?}  {what}", times[TIMES / 2], times[TIMES - 1]);
}
