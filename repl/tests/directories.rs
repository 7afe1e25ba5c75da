//! Data directories from the command line: `import`, `export` and `check`, and queries in between.

#[path = "support/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use run::{Run, program};
use tempfile::TempDir;

/// Floats, stale markers and native histograms of both kinds.
const SCRIPT: &str = r#"
load 1m
  requests_total{path="/a"} 0+10x20 stale 5 _ 7
  requests_total{path="/b \"quoted\" \\"} 5 5.5 -0 NaN Inf -Inf 1e300
  latency {{schema:1 count:5 sum:9.5 buckets:[1 3 1]}}+{{schema:1 count:2 sum:1 buckets:[1 1]}}x10
  custom {{schema:-53 sum:5 count:4 custom_values:[1 2 5] buckets:[1 2 1]}}x3
  changeling 1 2 {{schema:0 sum:1 count:1 buckets:[1]}} 4
"#;

/// Queries that between them read all samples of `SCRIPT`.
const QUERIES: [&str; 4] = [
    r#"{__name__=~".+"}[1h]"#,
    "rate(latency[10m])",
    "histogram_quantile(0.9, latency)",
    "sum by (path) (increase(requests_total[20m]))",
];

fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    Run::of(program().args(arguments), "")
}

/// Runs, and nothing may fail or be said of errors.
fn succeed(arguments: &[&str]) -> String {
    let ran = run(arguments);
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)), "{arguments:?}");
    ran.out
}

/// A folder for a test, and the paths in it as text.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(TempDir::new().expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("it is written");
        self.path(name)
    }
}

/// All files below a directory with their contents.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

fn answers(source: &str) -> String {
    let mut arguments = vec![source, "--time", "3000"];
    QUERIES.iter().for_each(|query| arguments.extend(["-c", query]));
    succeed(&arguments)
}

#[test]
fn what_is_imported_is_what_was_in_the_file() {
    let folder = Folder::new();
    let (script, dir) = (folder.write("a.test", SCRIPT), folder.path("data"));
    let said = succeed(&["import", "--into", &dir, &script]);
    assert_eq!(said, format!("{script}: 50 samples of 5 series\n"));
    let expected = answers(&script);
    assert!(expected.contains("changeling") && expected.contains("{count:4, sum:5"), "{expected}");
    assert_eq!(answers(&dir), expected);
    // What is there already is passed over.
    succeed(&["import", "--into", &dir, &script]);
    assert_eq!(answers(&dir), expected);
    assert_eq!(succeed(&["check", &dir]), format!("{dir}: nothing is wrong\n"));
}

#[test]
fn what_is_exported_can_be_imported() {
    let folder = Folder::new();
    let (script, first, second) = (folder.write("a.test", SCRIPT), folder.path("1"), folder.path("2"));
    succeed(&["import", "--into", &first, &script]);
    let exported = run(&["export", &first]);
    assert_eq!(exported.status, Some(0));
    assert_eq!(
        exported.err,
        "warning: OpenMetrics cannot say these, so they are left out: 16 native histograms, 1 stale marker\n"
    );
    assert_eq!(exported.out.lines().count(), 50 - 17 + 1, "{}", exported.out);
    let text = folder.write("a.om", &exported.out);
    succeed(&["import", "--into", &second, &text]);
    assert_eq!(succeed(&["export", &second]), exported.out);
    let query = ["--time", "3000", "-c", r#"{__name__=~"requests_total|changeling"}[1h]"#];
    let of = |source: &str| succeed(&[&[source][..], &query].concat());
    assert_eq!(of(&second), of(&text));
}

#[test]
fn an_export_may_be_a_part() {
    let folder = Folder::new();
    let script = folder.write("a.test", "load 1m\n  a{x=\"1\"} 1 2 3\n  a{x=\"2\"} 4 5 6\n  b 7 8 9\n");
    let dir = folder.path("data");
    succeed(&["import", "--into", &dir, &script]);
    let export = |flags: &[&str]| succeed(&[&["export", &dir][..], flags].concat());
    assert_eq!(
        export(&["--match", "a{x=\"2\"}", "--start", "60", "--end", "60"]),
        "a{x=\"2\"} 5 60.000\n# EOF\n"
    );
    let several = export(&["--match", "b", "--match", "{x=\"1\"}", "--start", "end-1m"]);
    assert_eq!(several, "a{x=\"1\"} 2 60.000\na{x=\"1\"} 3 120.000\nb 8 60.000\nb 9 120.000\n# EOF\n");
    let none = run(&["export", &dir, "--match", "c"]);
    assert_eq!((none.out.as_str(), none.status), ("# EOF\n", Some(0)));
    assert_eq!(none.err, "warning: there are no such samples\n");
    let wrong = run(&["export", &dir, "--match", "rate(a[5m])"]);
    assert_eq!((wrong.out.as_str(), wrong.status), ("", Some(2)));
    assert!(wrong.err.contains("not a selector"), "{}", wrong.err);
}

#[test]
fn nothing_of_a_file_with_an_error_is_imported() {
    let folder = Folder::new();
    let dir = folder.path("data");
    let good = folder.write("good.prom", "a 1 60000\n");
    let bad = [
        folder.write("syntax.prom", "b 1 60000\nb{ 2 120000\n"),
        folder.write("timeless.prom", "c 1 60000\nc 2\n"),
        folder.write("cut.om", "d 1 60.000\nd 2  120.000\n# EOF\n"),
        folder.write("a.test", "load 1m\n  e 1 2 3\neval instant at 0 e\n  nonsense here\n"),
        // What is there already has another value.
        folder.write("conflict.prom", "f 1 60000\na 2 60000\n"),
    ];
    let arguments: Vec<&str> =
        ["import", "--into", &dir, &good].into_iter().chain(bad.iter().map(String::as_str)).collect();
    let ran = run(&arguments);
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.out, format!("{good}: 1 sample of 1 series\n"));
    let places = [":2:", ":2:4: expected a timestamp", ":2:", ":3:", ": "];
    for ((file, place), line) in bad.iter().zip(places).zip(ran.err.lines()) {
        assert!(line.starts_with("error: ") && line.contains(&format!("{file}{place}")), "{line}");
    }
    assert_eq!(ran.err.lines().count(), bad.len(), "{}", ran.err);
    assert_eq!(succeed(&["export", &dir]), "a 1 60.000\n# EOF\n");
}

#[test]
fn a_file_that_cannot_be_read_makes_no_directory() {
    let folder = Folder::new();
    let dir = folder.path("data");
    let ran = run(&["import", "--into", &dir, &folder.path("nothing.prom")]);
    assert_eq!((ran.out.as_str(), ran.status), ("", Some(1)));
    assert!(ran.err.contains("nothing.prom: No such file"), "{}", ran.err);
    assert!(!Path::new(&dir).exists());
}

#[test]
fn samples_without_a_time_are_given_one() {
    let folder = Folder::new();
    let (file, dir) =
        (folder.write("a.prom", "# TYPE a gauge\n# HELP a What a is.\na 1\n"), folder.path("d"));
    succeed(&["import", "--into", &dir, "--time", "2024-05-01T12:00:00Z", &file]);
    assert_eq!(succeed(&["export", &dir]), "a 1 1714564800.000\n# EOF\n");
    assert_eq!(succeed(&[&dir, "-c", ".meta a"]), "a\n  type  gauge\n  help  What a is.\n");
}

/// Everything that reads leaves the directory as it was, and works where nothing can be written.
#[test]
fn reading_changes_nothing() {
    let folder = Folder::new();
    let (script, dir) = (folder.write("a.test", SCRIPT), folder.path("data"));
    succeed(&["import", "--into", &dir, &script]);
    let before = files(Path::new(&dir));
    succeed(&["check", &dir]);
    run(&["export", &dir]);
    answers(&dir);
    succeed(&[&dir, "-c", ".stats", "-c", ".cardinality", "-c", ".show"]);
    assert!(files(Path::new(&dir)) == before);
}

#[test]
fn damage_is_found_and_named() {
    let folder = Folder::new();
    let (script, dir) = (folder.write("a.test", SCRIPT), folder.path("data"));
    succeed(&["import", "--into", &dir, &script]);
    let wal = format!("{dir}/wal/00000000");
    let mut bytes = fs::read(&wal).expect("the log");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&wal, bytes).expect("it is written");
    let ran = run(&["check", &dir]);
    assert_eq!(ran.status, Some(1));
    let lines: Vec<&str> = ran.out.lines().collect();
    let [finding, summary] = lines[..] else { panic!("{}", ran.out) };
    assert!(finding.starts_with(&format!("{wal}: at byte ")) && finding.contains("checksum"), "{finding}");
    assert_eq!(summary, format!("{dir}: 1 problem"));
    // Nor is it read through.
    for arguments in
        [vec![dir.as_str(), "-c", "latency"], vec!["export", &dir], vec!["import", "--into", &dir, &script]]
    {
        let ran = run(&arguments);
        assert_eq!((ran.out.as_str(), ran.status), ("", Some(1)), "{arguments:?}");
        assert!(ran.err.contains(&format!("{wal}: at byte ")), "{}", ran.err);
    }
}
