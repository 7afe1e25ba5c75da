//! `promqlite test`: which scripts it runs, what it tells of them, and its exit status.

#[path = "support/run.rs"]
mod run;

use std::fs;
use std::path::Path;

use run::{Run, program};

const LOAD: &str = "load 1m\n  up{job=\"a\"} 1 0\n  up{job=\"b\"} 1 1\n\n";
const GOOD: &str =
    "eval instant at 1m sum(up)\n  {} 1\n\neval instant at 1m up{job=\"b\"}\n  up{job=\"b\"} 1\n\n";
const BAD: &str = "eval instant at 1m count(up)\n  {} 3\n\n";

fn test_with(directory: &Path, arguments: &[&str], stdin: &str) -> Run {
    Run::of(program().arg("test").args(arguments).current_dir(directory), stdin)
}

fn test(directory: &Path, arguments: &[&str]) -> Run {
    test_with(directory, arguments, "")
}

/// `good.test` with two queries that pass, `more/bad.test` with one of three that fails, `more/notes.txt`.
fn scripts() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(directory.path().join("more")).expect("a directory");
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).expect("it is written");
    write("good.test", &format!("{LOAD}{GOOD}"));
    write("more/bad.test", &format!("{LOAD}{GOOD}{BAD}"));
    write("more/notes.txt", "no script");
    directory
}

const BAD_FAILURE: &str = "more/bad.test:11: expected 3, and got 2 for {}\n  query: count(up)\n  run:   at 60s\n  \
                           expected:\n    {} 3\n  got:\n    {} 2\n\n";

#[test]
fn what_passes_and_what_fails() {
    let scripts = scripts();
    let ran = test(scripts.path(), &["good.test"]);
    assert_eq!(ran.out, "good.test: 2 passed\n\n1 file: 2 passed\n");
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));

    let ran = test(scripts.path(), &["good.test", "more/bad.test"]);
    assert_eq!(
        ran.out,
        format!(
            "good.test: 2 passed\n{BAD_FAILURE}more/bad.test: 2 passed, 1 failed\n\n2 files: 4 passed, 1 failed\n"
        )
    );
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(1)));
}

#[test]
fn directories_and_patterns_stand_for_files() {
    let scripts = scripts();
    for arguments in
        [&["."][..], &["**/*.test"], &["*"], &["good.test", "more"], &["good.test", "m?re/*.test"]]
    {
        let ran = test(scripts.path(), arguments);
        assert!(
            ran.out.ends_with("\n2 files: 4 passed, 1 failed\n"),
            "{arguments:?}: {}{}",
            ran.out,
            ran.err
        );
        assert_eq!(ran.status, Some(1));
    }
    fs::create_dir(scripts.path().join("empty")).expect("a directory");
    for (argument, message) in [
        ("none.test", "error: none.test: "),
        ("none*.test", "error: none*.test: there is no script\n"),
        ("empty", "error: empty: there is no script\n"),
        ("a**b", "error: a**b: "),
    ] {
        let ran = test(scripts.path(), &[argument, "good.test"]);
        assert!(ran.err.starts_with(message), "{}", ran.err);
        // The others are run all the same.
        assert!(ran.out.ends_with("1 file: 2 passed\n"), "{}", ran.out);
        assert_eq!(ran.status, Some(1));
    }
}

#[test]
fn only_some_queries() {
    let scripts = scripts();
    for (arguments, summary, status) in [
        (&["--run", "sum"][..], "2 files: 2 passed\n", 0),
        (&["--run", "bad.test:11"], "1 file: 1 failed\n", 1),
        (&["--run", "^good.*job=", "--run", "count"], "2 files: 1 passed, 1 failed\n", 1),
        (&["--run", "-up"], "0 files: nothing to run\n", 1),
    ] {
        let ran = test(scripts.path(), &[&["."], arguments].concat());
        assert!(ran.out.ends_with(summary), "{arguments:?}: {}", ran.out);
        assert_eq!(ran.status, Some(status), "{arguments:?}");
        assert_eq!(ran.err.is_empty(), !summary.starts_with('0'), "{}", ran.err);
    }
    let ran = test(scripts.path(), &[".", "--run", "("]);
    assert!(ran.err.contains("unclosed group"), "{}", ran.err);
    assert_eq!(ran.status, Some(2));
}

#[test]
fn what_is_broken_is_no_success() {
    let scripts = scripts();
    let write = |name: &str, text: &str| fs::write(scripts.path().join(name), text).expect("it is written");
    write("broken.test", "lod 1m\n  up 1\n");
    write("late.test", &format!("{LOAD}load 1m\n  up{{job=\"a\"}} 5\n\n{GOOD}"));
    write("nothing.test", LOAD);
    let ran = test(scripts.path(), &["broken.test", "late.test", "nothing.test"]);
    assert_eq!(
        ran.out,
        "broken.test:1: unknown command \"lod 1m\": expected load, clear or eval\nbroken.test: 1 failed\n\
         late.test:5: out of order sample\n\nlate.test: 1 failed, 2 not run\n\
         nothing.test: nothing to run\n\n3 files: 2 failed, 2 not run\n"
    );
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(1)));
    let ran = test(scripts.path(), &["nothing.test"]);
    assert_eq!((ran.err.as_str(), ran.status), ("error: there is no eval: nothing was tested\n", Some(1)));
}

#[test]
fn a_script_may_come_through_a_pipe() {
    let scripts = scripts();
    let ran = test_with(scripts.path(), &["-"], &format!("{LOAD}{GOOD}"));
    assert_eq!(ran.out, "standard input: 2 passed\n\n1 file: 2 passed\n");
    assert_eq!(ran.status, Some(0));
}

#[test]
fn junit_has_suites_and_cases() {
    let scripts = scripts();
    fs::write(scripts.path().join("late.test"), format!("{LOAD}load 1m\n  up{{job=\"a\"}} 5\n\n{GOOD}"))
        .expect("it is written");
    let ran = test(scripts.path(), &[".", "--junit", "report.xml"]);
    assert_eq!(ran.status, Some(1));
    let xml = fs::read_to_string(scripts.path().join("report.xml")).expect("the report");
    let report = quick_junit::Report::deserialize_from_str(&xml).expect("JUnit");
    assert_eq!((report.tests, report.failures, report.errors), (8, 1, 1), "{xml}");
    let suites: Vec<(&str, usize)> =
        report.test_suites.iter().map(|suite| (suite.name.as_str(), suite.test_cases.len())).collect();
    assert_eq!(suites, [("good.test", 2), ("late.test", 3), ("more/bad.test", 3)]);
    assert!(xml.contains(r#"<testcase name="line 11: count(up)" classname="more/bad.test""#), "{xml}");
    assert!(xml.contains(r#"<failure message="expected 3, and got 2 for {}""#), "{xml}");
    assert!(xml.contains("<skipped"), "{xml}");

    let ran = test(scripts.path(), &["good.test", "--junit", "no/such/directory.xml"]);
    assert!(ran.err.starts_with("error: no/such/directory.xml: "), "{}", ran.err);
    assert_eq!(ran.status, Some(1));
}
