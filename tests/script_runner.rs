//! The runner of scripts finds what a script gets wrong, and says where.

use promqlite::MemoryStore;
use promqlite::ingest::load;
use promqlite::testing::{Problem, Script, ScriptOptions, ScriptReport, run_script_on};
use proptest::prelude::*;

const DATA: &str = "load 5m
  requests{job=\"a\", instance=\"0\"} 0+10x10
  requests{job=\"a\", instance=\"1\"} 0+20x10
  requests{job=\"b\", instance=\"0\"} 0+30x10
  gauge 4 2 8
  histogram {{schema:1 count:4 sum:6 buckets:[1 2 1]}}x3
  two{name=\"x\"} 1
  three{name=\"x\"} 1

";

fn run(script: &str) -> ScriptReport {
    run_script_on("s", &format!("{DATA}{script}"), &mut MemoryStore::new(), &ScriptOptions::default())
}

/// What is wrong with the only eval of the script.
fn problem(script: &str) -> String {
    let report = run(script);
    assert_eq!((report.passed, report.failed.len()), (0, 1), "{script}\n{report}");
    assert_eq!(report.failed[0].line, DATA.lines().count() + 1, "{script}");
    report.failed[0].problem.to_string()
}

#[test]
fn right_expectations_pass() {
    for script in [
        "eval instant at 5m sum by (job) (requests)\n  {job=\"a\"} 30\n  {job=\"b\"} 30",
        "eval instant at 5m sum by (job) (requests)\n  expect ordered\n  {job=\"a\"} 30\n  {job=\"b\"} 30",
        "eval_ordered instant at 5m sort(requests)\n  requests{job=\"a\", instance=\"0\"} 10\n  \
         requests{job=\"a\", instance=\"1\"} 20\n  requests{job=\"b\", instance=\"0\"} 30",
        "eval instant at 5m nothing",
        "eval instant at 5m 1 + 1\n  2",
        "eval instant at 5m (\"text\")\n  expect string \"text\"",
        "eval instant at 5m (`te\"xt`)\n  expect string `te\"xt`",
        "eval instant at 5m histogram\n  histogram {{schema:1 count:4 sum:6 buckets:[1 2 1]}}",
        "eval instant at 5m histogram\n  histogram {{schema:1 count:4.000001 sum:6 offset:-1 buckets:[0 1 2 1]}}",
        "eval instant at 10m gauge[10m]\n  expect range vector from 5m to 10m step 5m\n  gauge 2 8",
        "eval range from 0 to 10m step 5m gauge\n  gauge 4 2 8",
        "eval range from 0 to 10m step 5m gauge > 3\n  gauge 4 _ 8",
        "eval instant at 0 ceil({__name__=~\"two|three\"})\n  expect fail",
        "eval_fail instant at 0 ceil({__name__=~\"two|three\"})",
        "eval instant at 0 ceil({__name__=~\"two|three\"})\n  \
         expect fail msg: vector cannot contain metrics with the same labelset",
        "eval instant at 0 ceil({__name__=~\"two|three\"})\n  expect fail regex: vector .* same labelset",
        "eval_fail instant at 0 ceil({__name__=~\"two|three\"})\n  \
         expected_fail_message vector cannot contain metrics with the same labelset",
        "eval_fail instant at 0 ceil({__name__=~\"two|three\"})\n  expected_fail_regexp same label",
        "eval instant at 0 quantile(2, gauge)\n  expect warn\n  expect no_info\n  {} Inf",
        "eval instant at 0 quantile(2, gauge)\n  expect warn regex: should be between 0 and 1, got 2 \n  {} Inf",
        "eval_warn instant at 0 quantile(2, gauge)\n  {} Inf",
        "eval_info instant at 10m rate(gauge[10m])\n  {} 0.013333333333333334",
        "EVAL instant at 0 1\n",
    ] {
        let report = run(script);
        let refused = script.starts_with("EVAL");
        assert_eq!(report.failed.is_empty(), !refused, "{script}\n{report}");
        assert_eq!(report.passed, usize::from(!refused));
    }
}

#[test]
fn wrong_expectations_fail() {
    let ceil = "eval instant at 0 ceil({__name__=~\"two|three\"})";
    for (script, expected) in [
        ("eval instant at 5m sum(requests)\n  {} 61", "expected 61, and got 60 for {}"),
        ("eval instant at 5m sum(requests)", "{} is not expected"),
        ("eval instant at 5m gauge\n  gauge 2\n  gauge{a=\"b\"} 2", "gauge{a=\"b\"} is missing"),
        ("eval instant at 5m gauge\n  {} 2", "gauge is not expected"),
        ("eval instant at 5m gauge\n  gauge {{}}", "expected {{}}, and got 2 for gauge"),
        (
            "eval instant at 0 histogram\n  histogram 2",
            "expected 2, and got {{schema:1 count:4 sum:6 buckets:[1 2 1]}} for histogram",
        ),
        (
            "eval instant at 5m -histogram\n  {} {{schema:1 count:-4 sum:-6 buckets:[-1 -2 -1] counter_reset_hint:reset}}",
            "expected {{schema:1 count:-4 sum:-6 counter_reset_hint:reset buckets:[-1 -2 -1]}}, and got \
             {{schema:1 count:-4 sum:-6 counter_reset_hint:gauge buckets:[-1 -2 -1]}} for {}",
        ),
        (
            "eval instant at 5m sort_desc(requests{job=\"a\"})\n  expect ordered\n  \
             requests{job=\"a\", instance=\"0\"} 10\n  requests{job=\"a\", instance=\"1\"} 20",
            "requests{instance=\"1\", job=\"a\"} should be number 2, and is number 1",
        ),
        ("eval instant at 5m 1 + 1\n  3", "expected 3, and got 2"),
        ("eval instant at 5m 1 + 1", "expected instant vector, and got scalar"),
        ("eval instant at 5m gauge\n  2", "expected scalar, and got instant vector"),
        ("eval instant at 5m (\"a\")\n  expect string \"b\"", "expected the string \"b\", and got \"a\""),
        ("eval instant at 5m gauge\n  expect string \"b\"", "expected string, and got instant vector"),
        (
            "eval instant at 10m gauge[10m]\n  expect range vector from 0 to 10m step 5m\n  gauge _ 2 7",
            "expected 7, and got 8 for gauge at 600s",
        ),
        ("eval range from 0 to 10m step 5m gauge\n  gauge 4 2", "expected _, and got 8 for gauge at 600s"),
        ("eval range from 0 to 10m step 5m gauge\n  gauge 4 _ 8", "expected _, and got 2 for gauge at 300s"),
        (
            "eval range from 0 to 10m step 5m gauge > 3\n  gauge 4 5 8",
            "expected 5, and got _ for gauge at 300s",
        ),
        ("eval range from 0 to 10m step 5m gauge", "gauge is not expected"),
        ("eval instant at 5m gauge\n  expect fail\n  gauge 2", "the query should have failed, and did not"),
        (ceil, "the query failed: vector cannot contain metrics with the same labelset"),
        (
            &format!("{ceil}\n  expect fail msg: something else"),
            "the query should have failed with \"something else\", and failed with \"vector cannot contain metrics \
             with the same labelset\"",
        ),
        (
            "eval instant at 5m gauge\n  expect warn\n  gauge 2",
            "expected an annotation of kind warn, and there is none",
        ),
        (
            "eval_info instant at 5m gauge\n  gauge 2",
            "expected an annotation of kind info, and there is none",
        ),
        (
            "eval instant at 0 quantile(2, gauge)\n  expect no_warn\n  {} Inf",
            "unexpected annotations of kind warn: [\"PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)\"]",
        ),
        (
            "eval instant at 0 quantile(2, gauge)\n  expect warn msg: other\n  {} Inf",
            "expected the annotation \"other\" of kind warn and got [\"PromQL warning: quantile value should be \
             between 0 and 1, got 2 (1:10)\"]",
        ),
        (
            "eval instant at 0 quantile(2, gauge) + quantile(3, gauge)\n  expect warn regex: got 2\n  {} Inf",
            "unexpected annotations of kind warn: [\"PromQL warning: quantile value should be between 0 and 1, got 3 (1:31)\"]",
        ),
    ] {
        assert_eq!(problem(script), expected, "{script}");
    }
}

#[test]
fn scripts_that_are_none() {
    for (script, line, expected) in [
        ("lod 1m", 1, "unknown command \"lod 1m\": expected load, clear or eval"),
        ("load 1z\n  a 1", 1, "column 6: unknown unit \"z\" in duration \"1z\""),
        ("clear\n\nload 1m\n  a 1x", 4, "column 7: \"\" is not a number of repetitions"),
        (
            "eval",
            1,
            "expected eval instant at <time> <query> or eval range from <time> to <time> step <duration> <query>",
        ),
        (
            "eval_what instant at 0 up",
            1,
            "expected eval instant at <time> <query> or eval range from <time> to <time> step <duration> <query>",
        ),
        (
            "eval_ordered range from 0 to 1m step 1m up",
            1,
            "expected eval instant at <time> <query> or eval range from <time> to <time> step <duration> <query>",
        ),
        ("eval instant at 1z up", 1, "unknown unit \"z\" in duration \"1z\""),
        ("eval range from 2m to 1m step 1m up", 1, "the range ends before it starts"),
        ("eval range from 1m to 2m step 0 up", 1, "the step has to be greater than 0"),
        (
            "eval instant at 0 up\n  up 1 2",
            2,
            "expected one value; for a query that gives a range vector add expect range vector from .. to .. step ..",
        ),
        (
            "eval instant at 0 up\n  up",
            2,
            "expected one value; for a query that gives a range vector add expect range vector from .. to .. step ..",
        ),
        (
            "eval range from 0 to 1m step 1m up\n  up 1 2 3",
            2,
            "more values than the 2 that the query can give",
        ),
        ("eval instant at 0 up\n  up 1\n  up 1", 3, "the series up is expected twice"),
        (
            "eval instant at 0 up\n  expect\n",
            2,
            "cannot read \"expect\": expected expect fail, warn, info (each with msg: or regex: or neither), no_warn, no_info, ordered, string or range vector",
        ),
        (
            "eval instant at 0 up\n  expect no_warn\n  expect warn",
            3,
            "expect warn and expect no_warn contradict each other",
        ),
        (
            "eval instant at 0 up\n  expect info msg: a\n  expect no_info",
            3,
            "expect info and expect no_info contradict each other",
        ),
        ("eval instant at 0 up\n  expect fail\n  expect fail", 3, "there can be only one expect fail"),
        ("eval instant at 0 up\n  expect string up", 2, "expected a string in double quotes or backquotes"),
        (
            "eval instant at 0 up\n  expect string \"up\" 1",
            2,
            "expected a string in double quotes or backquotes",
        ),
        ("eval range from 0 to 1m step 1m up\n  expect ordered", 2, "expect ordered is for instant queries"),
        (
            "eval range from 0 to 1m step 1m up\n  expect string \"\"",
            2,
            "expect string is for instant queries",
        ),
        (
            "load 1m\n  up 1\neval instant at 0 up\n  up 1",
            3,
            "column 6: expected a number, stale, _ or {{…}}, found \"instant\" \
             (a blank line ends a load, and there is none before this command)",
        ),
    ] {
        let error = Script::parse("s", script).unwrap_err();
        assert_eq!((error.line, error.problem.to_string().as_str()), (line, expected), "{script}");
        let report = run_script_on("s", script, &mut MemoryStore::new(), &ScriptOptions::default());
        assert_eq!((report.passed, report.failed.len()), (0, 1));
    }
}

/// At the time of the question there is one series without a name; a minute before there would be two.
#[test]
fn instant_queries_are_asked_as_range_queries_too() {
    let script = "load 1m\n  a 1 1 1\n  b 1 stale\n\neval instant at 1m ceil({__name__=~\"a|b\"})\n  {} 1";
    let run = |reevaluate| {
        let options = ScriptOptions { reevaluate, ..ScriptOptions::default() };
        run_script_on("s", script, &mut MemoryStore::new(), &options)
    };
    assert_eq!((run(false).passed, run(false).failed.len()), (1, 0));
    let report = run(true);
    assert_eq!((report.passed, report.failed.len()), (0, 1));
    assert_eq!(report.failed[0].run, "from 0s to 120s step 60s");
    assert_eq!(
        report.failed[0].problem.to_string(),
        "the query failed: vector cannot contain metrics with the same labelset"
    );
}

#[test]
fn a_load_that_fails_ends_the_script() {
    let script =
        "load 1m\n  a 1 2\n\neval instant at 0 a\n  a 1\n\nload 1m\n  a 5\n\neval instant at 0 a\n  a 5\n";
    let report = run_script_on("s", script, &mut MemoryStore::new(), &ScriptOptions::default());
    assert_eq!((report.passed, report.failed.len(), report.not_run), (1, 1, 1), "{report}");
    assert_eq!(report.failed[0].line, 7);
    assert!(matches!(report.failed[0].problem, Problem::Store(_)));
}

#[test]
fn an_eval_that_fails_does_not_end_the_script() {
    let script = "load 1m\n  a 1\n\neval instant at 0 a\n  a 2\n\n\
                  clear\n\nload 1m\n  b 1\n\neval instant at 0 b\n  b 1\n";
    let report = run_script_on("s", script, &mut MemoryStore::new(), &ScriptOptions::default());
    assert_eq!((report.passed, report.failed.len(), report.not_run), (1, 1, 0), "{report}");
}

#[test]
fn a_failure_is_told_in_full() {
    let report = run("eval range from 0 to 10m step 5m gauge\n  gauge 4 2 9\n");
    let line = DATA.lines().count() + 1;
    assert_eq!(
        report.to_string(),
        format!(
            "s:{line}: expected 9, and got 8 for gauge at 600s\n  query: gauge\n  run:   from 0s to 600s step 300s\n  \
             expected:\n    gauge 4 2 9\n  got:\n    gauge 4 2 8\n\ns: 0 passed, 1 failed"
        )
    );
}

#[test]
fn a_failure_points_at_the_mistake_and_says_why_there_is_nothing() {
    let long = format!("eval instant at 0 {}rat(gauge[5m])\n  {{}} 1", "1 + ".repeat(100));
    for (script, expected) in [
        (
            "eval instant at 0 sum(rat(gauge[5m]))\n  {} 1",
            "the query failed: 1:5: parse error: unknown function with name \"rat\"\n  query: sum(rat(gauge[5m]))\n             \
             ^^^\n  run:   at 0s\n  help: did you mean `rate`?\n",
        ),
        (
            "eval instant at 0 1 +\n  expect fail msg: other",
            "the query should have failed with \"other\", and failed with \"1:4: parse error: unexpected end of \
             input\"\n  query: 1 +\n            ^\n  run:   at 0s\n  help: an operand has to follow\n",
        ),
        (
            "eval instant at 0 gaug\n  gauge 1",
            "gauge is missing\n  query: gaug\n         ^^^^\n  run:   at 0s\n  why it is empty: no metric is called \
             gaug\n  help: did you mean gauge?\n  expected:\n    gauge 1\n  got: nothing\n",
        ),
        // Of a long query the part that matters.
        (
            &long,
            &format!(
                "the query failed: 1:401: parse error: unknown function with name \"rat\"\n  query: {ones}rat(gauge[5m])\n  \
                 run:   at 0s\n    …{part}rat(gauge[5m])\n     {pad}^^^\n  help: did you mean `rate`?\n",
                ones = "1 + ".repeat(100),
                part = "1 + ".repeat(75),
                pad = " ".repeat(300),
            ),
        ),
    ] {
        let failure = run(script).failed.remove(0);
        assert_eq!(failure.to_string().split_once(": ").unwrap().1, expected, "{failure}");
    }
}

const WORDS: &str = "load|load_with_nhcb|eval|eval_fail|instant|range|at|from|to|step|expect|string|fail|msg:|warn|\
                     regex:|ordered|vector|clear|1m|0|5|up|[{]|[}]|\"|#|x3|\n|\n\n";

proptest! {
    /// Whatever the text is, reading it gives a result.
    #[test]
    fn no_text_is_too_odd(
        line in "[a-z]?[{]?[-+_xe.0-9 {}\\[\\]:,\"'`\\\\é]{0,40}",
        words in prop::collection::vec(WORDS, 0..20),
    ) {
        let _ = load::parse_line(&line, 1);
        let _ = load::parse_line(&format!("m {line}"), 1);
        let _ = load::parse_line(&format!("m {{{{{line}"), 1);
        let _ = load::read(&format!("load 1m\n m@st {line}\n m 1"), 0);
        let _ = Script::parse("s", &words.join(" "));
    }
}
