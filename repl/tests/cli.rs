//! What scripts rely on: the real program's standard output, standard error and exit status.

#[path = "support/run.rs"]
mod run;

use std::io::Write;

use run::{Run, program};

/// Two series, two samples each, the newest at 120 s.
const SCRIPT: &str = "\
load 1m
  requests_total{path=\"/a\"} _ 10 16
  requests_total{path=\"/b\"} _ 5 5
";

/// The same as exposition text.
const EXPOSITION: &str = "\
# TYPE requests_total counter
requests_total{path=\"/a\"} 10 60000
requests_total{path=\"/a\"} 16 120000
requests_total{path=\"/b\"} 5 60000
requests_total{path=\"/b\"} 5 120000
";

fn run_with(arguments: &[&str], stdin: &str) -> Run {
    Run::of(program().args(arguments), stdin)
}

fn run(arguments: &[&str]) -> Run {
    run_with(arguments, "")
}

/// Runs with `SCRIPT` in a file as the first argument.
fn run_on_data(arguments: &[&str], stdin: &str) -> Run {
    let mut file = tempfile::Builder::new().suffix(".test").tempfile().expect("a temporary file");
    file.write_all(SCRIPT.as_bytes()).expect("it is written");
    let path = file.path().to_str().expect("a path in UTF-8").to_owned();
    run_with(&[&[path.as_str()], arguments].concat(), stdin)
}

#[test]
fn commands_and_files_run_in_the_order_given() {
    let mut script = tempfile::NamedTempFile::new().expect("a temporary file");
    script.write_all(b"# a comment\n\n2 + \\\n 2\n.at 7\n2 + 3\n").expect("it is written");
    let path = script.path().to_str().expect("a path in UTF-8");
    let ran = run(&["--time", "5", "-c", "1", "-f", path, "-c", "9"]);
    assert_eq!(ran.out, "scalar: 1 @[5]\nscalar: 4 @[5]\nscalar: 5 @[7]\nscalar: 9 @[7]\n");
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
}

#[test]
fn a_script_may_come_through_a_pipe() {
    for arguments in [&["--time", "0"][..], &["--time", "0", "-f", "-"]] {
        let ran = run_with(arguments, "1\n.quit\n2\n");
        assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.status), ("scalar: 1 @[0]\n", "", Some(0)));
    }
}

#[test]
fn now_is_the_newest_sample() {
    let ran = run_on_data(&["-c", "requests_total", "-c", "time()"], "");
    assert_eq!(
        ran.out,
        "requests_total{path=\"/a\"} => 16 @[120]\nrequests_total{path=\"/b\"} => 5 @[120]\nscalar: 120 @[120]\n"
    );
    let ran = run_on_data(&["--time", "now", "-c", "requests_total", "-c", "time() > bool 1700000000"], "");
    assert!(ran.out.starts_with("scalar: 1 @["), "{}", ran.out);
}

#[test]
fn times_in_every_notation() {
    let value = |time: &str| run_on_data(&["--time", time, "-c", "time()"], "").out;
    assert_eq!(value("90.5"), "scalar: 90.5 @[90.5]\n");
    assert_eq!(value("1970-01-01T00:01:00Z"), "scalar: 60 @[60]\n");
    assert_eq!(value("-1m"), "scalar: 60 @[60]\n");
    assert_eq!(value("-1"), "scalar: -1 @[-1]\n");
}

#[test]
fn range_queries() {
    let range = ["--start", "60", "--end", "120", "--step", "30s"];
    let ran = run_on_data(&[&range[..], &["-c", "sum(requests_total)"]].concat(), "");
    assert_eq!(ran.out, "{} => 15 @[60]\n{} => 15 @[90]\n{} => 21 @[120]\n");
    let ran = run_on_data(&[&range[..], &["-o", "json", "-c", "sum(requests_total)"]].concat(), "");
    let result = r#"[{"metric":{},"values":[[60,"15"],[90,"15"],[120,"21"]]}]"#;
    let expected =
        format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":{result}}}}}\n");
    assert_eq!((ran.out, ran.status), (expected, Some(0)));
}

#[test]
fn other_formats() {
    let ran = run_on_data(&["-o", "csv", "-c", "requests_total"], "");
    assert_eq!(ran.out, "__name__,path,timestamp,value\nrequests_total,/a,120,16\nrequests_total,/b,120,5\n");
    let ran = run_on_data(&["-o", "table", "-c", "requests_total"], "");
    assert_eq!(
        ran.out,
        "requests_total\n path │ value\n──────┼───────\n /a   │    16\n /b   │     5\n2 series at 1970-01-01T00:02:00Z\n"
    );
}

#[test]
fn an_error_goes_on_with_the_next_line() {
    let ran = run_with(&["--time", "0"], "sum(\n.nonsense\n1\n");
    assert_eq!((ran.out.as_str(), ran.status), ("scalar: 1 @[0]\n", Some(1)));
    assert!(ran.err.contains("parse error") && ran.err.contains("^\n"), "{}", ran.err);
    assert!(ran.err.contains("unknown command .nonsense"), "{}", ran.err);

    let ran = run_with(&["--time", "0", "--bail"], "1\nsum(\n2\n");
    assert_eq!((ran.out.as_str(), ran.status), ("scalar: 1 @[0]\n", Some(1)));
    let ran = run(&["--time", "0", "--bail", "-c", "sum(", "-c", "2"]);
    assert_eq!((ran.out.as_str(), ran.status), ("", Some(1)));
}

#[test]
fn json_has_one_line_for_each_query_whatever_becomes_of_it() {
    let ran = run_on_data(
        &["-o", "json"],
        "requests_total{path=\"/a\"}\n# nothing\nsum(\nrate(requests_total[2m])\n",
    );
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    assert_eq!(
        lines[0],
        concat!(
            r#"{"status":"success","data":{"resultType":"vector","result":"#,
            r#"[{"metric":{"__name__":"requests_total","path":"/a"},"value":[120,"16"]}]}}"#
        )
    );
    assert!(
        lines[1].starts_with(r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error: "#),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with(r#"{"status":"success","data":{"resultType":"vector""#), "{}", lines[2]);
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(1)));
}

#[test]
fn warnings_go_beside_the_answer_or_into_the_envelope() {
    let query = "quantile(2, requests_total)";
    let ran = run_on_data(&["-c", query], "");
    assert_eq!((ran.out.as_str(), ran.status), ("{} => +Inf @[120]\n", Some(0)));
    assert!(ran.err.starts_with("warning: quantile value should be between 0 and 1, got 2\n"), "{}", ran.err);
    let ran = run_on_data(&["-o", "json", "-c", query], "");
    let warning = r#""warnings":["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"]}"#;
    assert!(ran.out.trim_end().ends_with(warning), "{}", ran.out);
    assert_eq!(ran.err, "");
}

#[test]
fn a_source_that_fails_ends_it() {
    let ran = run(&["no/such/file.prom", "-c", "1"]);
    assert!(ran.err.contains("no/such/file.prom"), "{}", ran.err);
    assert_eq!((ran.out.as_str(), ran.status), ("", Some(1)));
    let ran = run(&["no/such/file.prom", "-o", "json", "-c", "1"]);
    assert!(
        ran.out.starts_with(r#"{"status":"error","errorType":"bad_data","error":"no/such/file.prom: "#),
        "{}",
        ran.out
    );
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(1)));
    let ran = run(&["-f", "no/such/script", "-c", "1", "--time", "0"]);
    assert_eq!((ran.out.as_str(), ran.status), ("scalar: 1 @[0]\n", Some(1)));
}

#[test]
fn data_on_standard_input() {
    let ran = run_with(&["-", "-c", "sum(requests_total)"], EXPOSITION);
    assert_eq!((ran.out.as_str(), ran.status), ("{} => 21 @[120]\n", Some(0)));
    let ran = run_with(&["-", "-c", "1"], "up 1\nup{ 2\n");
    assert!(ran.err.contains("standard input") && ran.err.contains('2'), "{}", ran.err);
    assert_eq!((ran.out.as_str(), ran.status), ("", Some(1)));
}

#[test]
fn samples_without_a_time_are_found_at_the_time_asked_for() {
    let ran = run_with(&["-", "--time", "1000", "-c", "up"], "up 1\n");
    assert_eq!(ran.out, "up => 1 @[1000]\n");
    let ran = run_with(&["-", "-c", "up and on() (timestamp(up) == time())"], "up 1\n");
    assert!(ran.out.starts_with("up => 1 @["), "{}", ran.out);
}

#[test]
fn loading_from_a_script() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"up 1\n").expect("it is written");
    let path = file.path().to_str().expect("a path in UTF-8");
    let ran = run_with(&[], &format!(".load {path} 100\nup\n.clear\n.at 100\nup\n"));
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.status), ("up => 1 @[100]\n", "", Some(0)));
}

#[test]
fn misuse_is_status_2() {
    let misuses: &[&[&str]] = &[
        &["--no-such-option"],
        &["-o", "xml", "-c", "1"],
        &["--time", "yesterday", "-c", "1"],
        &["--time", "0", "--start", "0", "--end", "1", "--step", "1", "-c", "1"],
        &["--start", "0", "--end", "1", "-c", "1"],
        &["--step", "1", "-c", "1"],
        &["--start", "0", "--end", "1", "--step", "0", "-c", "1"],
        &["--start", "2", "--end", "1", "--step", "1", "-c", "1"],
        &["--enable-feature", "no-such-feature", "-c", "1"],
        &["-"],
        &["-", "-", "-c", "1"],
        &["-", "-f", "-"],
    ];
    for arguments in misuses {
        let ran = run(arguments);
        assert_eq!((ran.out.as_str(), ran.status), ("", Some(2)), "{arguments:?}: {}", ran.err);
        assert!(ran.err.starts_with("error: "), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn features_by_their_names() {
    let value = |arguments: &[&str]| {
        run_on_data(&[arguments, &["-c", "last_over_time(requests_total{path=\"/a\"}[1m]) + 0"]].concat(), "")
    };
    assert_eq!(value(&[]).out, "{path=\"/a\"} => 16 @[120]\n");
    let ran = value(&["--enable-feature", "promql-delayed-name-removal,use-start-timestamps"]);
    assert_eq!((ran.out.as_str(), ran.status), ("{path=\"/a\"} => 16 @[120]\n", Some(0)));
    let ran = run(&["--time", "0", "-c", "sort_by_label(vector(1), \"a\")"]);
    assert_eq!((ran.out.as_str(), ran.status), ("{} => 1 @[0]\n", Some(0)));
}

#[test]
fn help_and_version() {
    let ran = run(&["--help"]);
    assert!(ran.out.contains("--enable-feature") && ran.out.contains("Exit status"), "{}", ran.out);
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
    assert!(run(&["--version"]).out.starts_with("promqlite "));
}

#[test]
fn the_last_answer_in_files_of_every_format() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let names = ["a.csv", "a.json", "a.md", "a.txt", "a.promql"];
    let saves: String = names.iter().map(|name| format!(".save {}\n", path(name))).collect();
    let ran = run_on_data(&["-o", "promql"], &format!("sum(requests_total)\n{saves}"));
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.status), ("{} => 21 @[120]\n", "", Some(0)));
    let begins =
        ["timestamp,value\n120,21\n", "{\"status\":\"success\"", "| value |", " value\n", "{} => 21 @["];
    for (name, begin) in names.iter().zip(begins) {
        let text = std::fs::read_to_string(path(name)).expect("a file");
        assert!(text.starts_with(begin), "{name}: {text}");
    }
    let ran = run_on_data(&[], &format!(".save {0}\n.clear\n.load {0}\nrequests_total\n", path("a.om")));
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("requests_total{path=\"/a\"} => 16 @[120]\nrequests_total{path=\"/b\"} => 5 @[120]\n", "")
    );
    let ran = run_on_data(&[], &format!(".save {}\n", path("b.csv")));
    assert!(ran.err.contains("there was no answer yet") && ran.status == Some(1), "{}", ran.err);
}

#[test]
fn a_configuration_file_in_scripts() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"# ours\n.set output csv\n.set at 60\n.let w = 1m\n").expect("it is written");
    let path = file.path().to_str().expect("a path in UTF-8");
    let query = &["-c", "sum(last_over_time(requests_total[$w]))"];
    let ran = run_on_data(&[&["--config", path], &query[..]].concat(), "");
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.status), ("timestamp,value\n60,15\n", "", Some(0)));
    // What the command line says counts more.
    let ran = run_on_data(&[&["--config", path, "--time", "120", "-o", "promql"], &query[..]].concat(), "");
    assert_eq!(ran.out, "{} => 21 @[120]\n");
    let ran = run_on_data(&[&["--no-config"], &query[..]].concat(), "");
    assert!(ran.err.contains("$w stands for nothing"), "{}", ran.err);
    let ran = run(&["--config", "no/such/file", "-c", "1"]);
    assert!(ran.err.contains("no/such/file") && ran.out.is_empty() && ran.status == Some(1), "{}", ran.err);
    assert_eq!(run(&["--config", path, "--no-config", "-c", "1"]).status, Some(2));
}

#[test]
fn a_configuration_file_to_begin_with() {
    let home = tempfile::tempdir().expect("a directory");
    let config = |arguments: &[&str]| {
        let ran = Run::of(program().arg("config").args(arguments).env("XDG_CONFIG_HOME", home.path()), "");
        (ran.out, ran.status)
    };
    let path = home.path().join("promqlite/config");
    let place = format!("{}\n", path.display());
    let (text, status) = config(&[]);
    assert!(text.contains("\n#.set pager auto\n") && status == Some(0), "{text}");
    assert_eq!(config(&["--path"]), (place.clone(), Some(0)));
    assert!(!path.exists());
    assert_eq!(config(&["--init"]), (place, Some(0)));
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
    assert_eq!(config(&["--init"]), (String::new(), Some(1)));
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert!(
            ran.out.contains("enable-feature") && ran.out.contains("completions"),
            "{shell}: {}",
            ran.out
        );
        assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
    }
    assert_eq!(run(&["completions", "tcsh"]).status, Some(2));
    let page = run(&["man"]).out;
    assert!(
        page.contains(".TH promqlite 1") && page.contains("\\-\\-demo") && page.contains("promqlite\\-check"),
        "{page}"
    );
    let page = run(&["man", "test"]).out;
    assert!(page.contains(".TH promqlite-test 1") || page.contains(".TH promqlite\\-test 1"), "{page}");
}
