//! Assertions on queries: what passes, what a failure looks like, and that its script fails alike.

use promqlite::store::ClosureStore;
use promqlite::testing::{
    Comparison, Expected, Problem, PromqlFailure, PromqlProblem, ScriptOptions, Timeline, When, check_promql,
    run_script_on,
};
use promqlite::{Engine, EngineOptions, Labels, MemoryStore, assert_promql};
use proptest::prelude::*;

/// Five scrapes, 15 s apart, the last at 1m.
fn timeline() -> Timeline {
    let mut timeline = Timeline::every("15s");
    for n in 0..5 {
        timeline.scrape(format!(
            "# TYPE requests_total counter\n\
             requests_total{{code=\"200\"}} {}\n\
             requests_total{{code=\"404\"}} {n}\n\
             requests_total{{code=\"500\"}} {}\n\
             temperature_celsius 21.3\n",
            30 * n,
            0.1 * f64::from(n),
        ));
    }
    timeline
}

#[track_caller]
fn fails(query: &str, when: When, expected: Expected) -> PromqlFailure {
    let failure = check_promql(&timeline(), query, when, expected).expect_err("it has to fail");
    if let Some(script) = failure.script() {
        fails_alike(&failure, script);
    }
    failure
}

/// The script of a failure runs, and what it asks does not come out.
#[track_caller]
fn fails_alike(failure: &PromqlFailure, script: &str) {
    let report = run_script_on("s", script, &mut MemoryStore::new(), &ScriptOptions::default());
    assert_eq!(report.not_run, 0, "{report}\n{script}");
    let problem = match &report.failed[..] {
        [first, ..] => &first.problem,
        [] => panic!("the script passes:\n{script}"),
    };
    let alike = match failure.problem() {
        PromqlProblem::Differences(_) => matches!(
            problem,
            Problem::Sample { .. }
                | Problem::MissingSeries(_)
                | Problem::UnexpectedSeries(_)
                | Problem::Order { .. }
        ),
        PromqlProblem::NotOneValue { .. } | PromqlProblem::NothingToCompare => {
            matches!(problem, Problem::MissingSeries(_) | Problem::UnexpectedSeries(_))
        }
        PromqlProblem::Query(error) => *problem == Problem::Error(error.message().to_owned()),
        PromqlProblem::Type { .. } => matches!(problem, Problem::Type { .. }),
        PromqlProblem::OtherString { .. } => matches!(problem, Problem::Text { .. }),
        PromqlProblem::OtherError { got: Some(_), .. } => matches!(problem, Problem::OtherError { .. }),
        PromqlProblem::OtherError { got: None, .. } => *problem == Problem::NoError,
        other => panic!("no script is to be had of {other:?}"),
    };
    assert!(alike, "{failure}\nbut the script:\n{report}");
}

fn series() -> Expected {
    Expected::series()
}

#[test]
fn series_that_differ() {
    let expected = series()
        .with(r#"{code="200"}"#, 1.5)
        .with(r#"{code="404"}"#, 0.06666666666666667)
        .with(r#"{code="503"}"#, 1);
    insta::assert_snapshot!(fails("rate(requests_total[1m])", When::NEWEST, expected));
}

#[test]
fn values_that_differ_in_the_last_digit() {
    let expected = series().with("{code=\"500\"}", 0.4).with("{code=\"404\"}", 4);
    let query = "requests_total{code!=\"200\"} * 1.0000000001";
    insta::assert_snapshot!(fails(query, When::NEWEST, expected));
    let expected = series().with("requests_total{code=\"500\"}", 0.3);
    insta::assert_snapshot!(
        "one_value_that_differs_in_the_last_digit",
        fails("requests_total{code=\"500\"}", When::at("45s"), expected)
    );
    let expected = Expected::value(0.3);
    let failure = fails("scalar(requests_total{code=\"500\"})", When::at("45s"), expected);
    assert!(failure.script().unwrap().contains("== bool 0.3\n  1\n"), "{failure}");
}

#[test]
fn values_outside_a_tolerance() {
    let expected = series().with("temperature_celsius", 22).within(0.001);
    insta::assert_snapshot!(fails("temperature_celsius", When::NEWEST, expected));
    let expected = series().with("temperature_celsius", 22.0..).approximately();
    insta::assert_snapshot!("values_outside_bounds", fails("temperature_celsius", When::NEWEST, expected));
}

#[test]
fn series_that_are_not_contained() {
    let expected = series()
        .with("requests_total{code=\"200\"}", 120)
        .with("requests_total{code=\"404\"}", 5)
        .with("requests_total{code=\"418\"}", 1)
        .contains();
    insta::assert_snapshot!(fails("requests_total", When::NEWEST, expected));
}

#[test]
fn series_where_there_should_be_none() {
    insta::assert_snapshot!(fails("requests_total > 1", When::NEWEST, series()));
}

#[test]
fn series_in_another_order() {
    let expected = series()
        .with("requests_total{code=\"500\"}", 0.4)
        .with("requests_total{code=\"200\"}", 120)
        .with("requests_total{code=\"404\"}", 4)
        .ordered();
    insta::assert_snapshot!(fails("sort_desc(requests_total)", When::NEWEST, expected));
}

#[test]
fn thresholds_that_are_not_kept() {
    let all = Expected::all(Comparison::Above, 3);
    insta::assert_snapshot!("all_above", fails("requests_total", When::NEWEST, all));
    let any = Expected::any(Comparison::AtLeast, 1000.0);
    insta::assert_snapshot!("any_at_least", fails("requests_total", When::NEWEST, any));
    let nan = fails("requests_total * NaN", When::NEWEST, Expected::all(Comparison::Below, 3));
    assert!(
        nan.script().unwrap().contains("(requests_total * NaN) unless (requests_total * NaN) < 3\n"),
        "{nan}"
    );
    let nothing = Expected::all(Comparison::Above, 0.0);
    insta::assert_snapshot!("all_of_nothing", fails("requests_total{code=\"300\"}", When::NEWEST, nothing));
    let of = |all, comparison, bound: f64| match all {
        true => Expected::all(comparison, bound),
        false => Expected::any(comparison, bound),
    };
    for all in [true, false] {
        let range = || When::range("0", "1m", "30s");
        fails("scalar(temperature_celsius)", When::NEWEST, of(all, Comparison::Equal, 20.0));
        fails("scalar(temperature_celsius)", range(), of(all, Comparison::Equal, 20.0));
        fails("requests_total", range(), of(all, Comparison::Above, 1000.0));
    }
}

#[test]
fn one_value_that_is_another() {
    insta::assert_snapshot!(
        "a_scalar",
        fails("scalar(temperature_celsius)", When::NEWEST, Expected::value(20))
    );
    insta::assert_snapshot!(
        "an_only_series",
        fails("sum(requests_total)", When::NEWEST, Expected::value(20))
    );
    insta::assert_snapshot!("not_one_series", fails("requests_total", When::NEWEST, Expected::value(20)));
    insta::assert_snapshot!("no_series", fails("requests_totl", When::NEWEST, Expected::value(20)));
}

#[test]
fn steps_that_differ() {
    let expected = series()
        .with("requests_total{code=\"200\"}", [0.0, 60.0, 121.0])
        .with("requests_total{code=\"404\"}", "0 _ 4")
        .with("requests_total{code=\"418\"}", 1);
    insta::assert_snapshot!(fails("requests_total", When::range("0s", "1m", "30s"), expected));
    // Many rows are not all told, but all are in the script.
    let expected = series().with("requests_total{code=\"200\"}", 1);
    let query = "requests_total{code=\"200\"}";
    let failure = fails(query, When::range("0s", "1m", "1s"), expected);
    assert!(failure.to_string().contains("\n  … and 31 more\n"), "{failure}");
}

#[test]
fn a_name_too_much_or_too_little() {
    let expected = series().with("{code=\"200\"}", 120).contains();
    let failure = fails("requests_total", When::NEWEST, expected);
    // Others are allowed, so that no unexpected one points at the name.
    assert!(!failure.to_string().contains("help:"), "{failure}");
    let expected = series().with("{code=\"200\"}", 120);
    insta::assert_snapshot!(fails("requests_total{code=\"200\"}", When::NEWEST, expected));
    let expected = series().with("requests_total{code=\"200\"}", 2);
    let failure = fails("rate(requests_total{code=\"200\"}[1m])", When::NEWEST, expected);
    assert!(
        failure.to_string().contains("help: the answer has no metric name: expect {code=\"200\"}"),
        "{failure}"
    );
}

#[test]
fn queries_that_fail() {
    let expected = || series().with("{}", 1);
    insta::assert_snapshot!(
        "a_query_that_is_wrong",
        fails("sum(rat(requests_total[1m]))", When::NEWEST, expected())
    );
    let query = "sum by (code) (\n  label_replace(requests_total, \"a b\", \"$1\", \"code\", \"(\")\n)";
    insta::assert_snapshot!("a_query_that_fails", fails(query, When::NEWEST, expected()));
    insta::assert_snapshot!("a_query_of_another_type", fails("requests_total[1m]", When::NEWEST, expected()));
    fails("\"text\"", When::NEWEST, Expected::value(1));
    fails("requests_total[1m]", When::NEWEST, Expected::all(Comparison::Above, 0));
    fails("1", When::NEWEST, expected());
}

#[test]
fn strings() {
    let text = "two\nlines, é and \"quotes\"";
    let query = r#""two\nlines, é and \"quotes\"""#;
    assert_promql!(timeline(), query, string text);
    assert_promql!(timeline(), "('')", at "15s", string "");
    let expected = || Expected::string("two\tlines");
    insta::assert_snapshot!("another_string", fails(query, When::NEWEST, expected()));
    for (query, when) in [
        ("temperature_celsius", When::NEWEST),
        ("1", When::NEWEST),
        ("\"two", When::NEWEST),
        (query, When::range("0s", "1m", "15s")),
    ] {
        fails(query, when, expected());
    }
    fails("1", When::range("0s", "1m", "15s"), expected());
}

#[test]
fn errors_that_do_not_come() {
    let expected = || Expected::error("many-to-many (matching)");
    insta::assert_snapshot!("no_error", fails("temperature_celsius", When::NEWEST, expected()));
    insta::assert_snapshot!("another_error", fails("temperature_celsius[", When::NEWEST, expected()));
}

#[test]
fn expectations_that_make_no_sense() {
    for (name, failure) in [
        ("labels", fails("up", When::NEWEST, series().with("{code=200}", 1))),
        (
            "twice",
            fails("up", When::NEWEST, series().with("{a=\"1\", b=\"2\"}", 1).with("{b=\"2\",a=\"1\"}", 1)),
        ),
        ("notation", fails("up", When::NEWEST, series().with("up", "1 2x"))),
        ("two_values", fails("up", When::NEWEST, series().with("up", [1, 2]))),
        ("too_many_values", fails("up", When::range("0", "1m", "1m"), Expected::value([1, 2, 3]))),
        ("time", fails("up", When::at("soon"), series())),
    ] {
        assert_eq!(failure.script(), None);
        insta::assert_snapshot!(name, failure);
    }
    let endless = || When::range(i64::MIN, i64::MAX, 1);
    for expected in [series().with("up", 1), Expected::value(1), Expected::all(Comparison::Above, 1)] {
        let refused = fails("1", endless(), expected);
        assert!(matches!(refused.problem(), PromqlProblem::Query(_)), "{refused}");
    }
    let bare = fails("up", When::NEWEST, series().with("job=\"a\"", 1));
    assert!(bare.to_string().contains("help: labels stand in braces: {job=\"a\"}"), "{bare}");
    let refused = fails("up", When::range("1m", "0", "1m"), series().with("up", 1));
    assert!(matches!(refused.problem(), PromqlProblem::Query(_)), "{refused}");
}

#[test]
fn annotations_are_told() {
    let failure = fails("quantile(2, requests_total)", When::NEWEST, series().with("{}", 1));
    let note = "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)";
    assert!(failure.to_string().contains(note), "{failure}");
}

#[test]
fn forms_that_pass() {
    let timeline = &mut timeline();
    assert_promql!(timeline, "temperature_celsius", { "temperature_celsius" => 21.3 });
    assert_promql!(timeline, String::from("temperature_celsius"), approx { "temperature_celsius" => 21.30000001 },);
    assert_promql!(timeline, "temperature_celsius", approx(0.1) { "temperature_celsius" => 22 });
    assert_promql!(timeline, "requests_total", contains approx { "requests_total{code=\"500\"}" => 0.4 });
    assert_promql!(timeline, "topk(2, requests_total)", ordered {
        r#"requests_total{code="200"}"# => 120,
        r#"requests_total{code="404"}"# => 4,
    });
    assert_promql!(timeline, "sort(requests_total)", contains ordered {
        r#"requests_total{code="500"}"# => 0.0..1.0,
        r#"requests_total{code="200"}"# => 120,
    });
    assert_promql!(timeline, "up", empty);
    assert_promql!(timeline, "up", {});
    assert_promql!(timeline, "requests_total", all < 121);
    assert_promql!(timeline, "requests_total", any <= 0.5,);
    assert_promql!(timeline, "requests_total", all != f64::NAN);
    assert_promql!(timeline, "1 + 1", 2.0);
    assert_promql!(timeline, "-1 * requests_total{code=\"200\"}", -120.0);
    assert_promql!(timeline, "1 / 3", approx 0.33333333);
    assert_promql!(timeline, "0 / 0", f64::NAN);
    assert_promql!(timeline, "1 +", error "unexpected end of input");
    let (start, step) = (0, std::time::Duration::from_secs(30));
    assert_promql!(timeline, "requests_total{code=\"404\"}", range start..="1m" step step, {
        r#"requests_total{code="404"}"# => vec![Some(0.0), Some(2.0), Some(4.0)],
    });
    assert_promql!(timeline, "requests_total{code=\"404\"} != 2", range (start)..60_000 step "30s", "0 _ 4");
    assert_promql!(timeline, "time()", range "0".."1m" step "30s", [0, 30, 60]);
    assert_promql!(timeline, "time()", at 1_000, 1);
    assert_promql!(&*timeline, "requests_total{code=\"200\"}", at "31s", 60);
}

#[test]
fn native_histograms_are_written_as_scripts_write_them() {
    let store = MemoryStore::new();
    let load = |text: &str| promqlite::ingest::load::read(text, 0).unwrap();
    store.extend(load("load 1m\n  latency {{schema:0 sum:4 count:3 buckets:[1 2]}}x2")).unwrap();
    assert_promql!(store, "latency", { "latency" => "{{schema:0 sum:4 count:3 buckets:[1 2]}}" });
    assert_promql!(store, "latency", approx { "latency" => "{{schema:0 sum:4.0000001 count:3 buckets:[1 2]}}" });
    let expected = series().with("latency", "{{schema:0 sum:4 count:4 buckets:[1 3]}}");
    let failure = check_promql(&store, "latency", When::NEWEST, expected).unwrap_err();
    fails_alike(&failure, failure.script().unwrap());
    insta::assert_snapshot!(failure);
}

#[test]
fn any_store_can_be_asked() {
    let labels = || Labels::from_pairs([("__name__", "up")]);
    let store = MemoryStore::new();
    assert_promql!(store, "up", empty);
    store.append(&labels(), 60_000, 1.0).unwrap();
    assert_promql!(store, "up", { "up" => 1 });
    assert_promql!(&store as &dyn promqlite::SeriesStore, "up", { "up" => 1 });
    assert_promql!((Engine::default(), &store), "up", { "up" => 1 });

    let mut options = EngineOptions::default();
    options.lookback_ms = 10_000;
    let engine = Engine::new(options);
    let failure = check_promql(&(&engine, &store), "up", When::at("2m"), series().with("up", 1)).unwrap_err();
    assert!(
        failure
            .script()
            .unwrap()
            .starts_with("# The engine of the test looks back 10s; scripts look back 5m.\n")
    );
    assert!(
        failure.to_string().contains("why it is empty: the newest sample is from 1970-01-01T00:01:00Z"),
        "{failure}"
    );

    // It does not know its newest sample.
    let closure = ClosureStore::new(|_: &promqlite::store::SelectRequest<'_>| Ok(Vec::new()));
    let failure = check_promql(&closure, "up", When::NEWEST, series()).unwrap_err();
    assert!(matches!(failure.problem(), PromqlProblem::NoTime), "{failure}");
    assert_promql!(closure, "up", at 0, empty);
}

#[test]
fn a_panic_points_at_the_assertion() {
    let timeline = timeline();
    let place = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = place.clone();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|place| (place.file().to_owned(), place.line()));
        *seen.lock().unwrap() = place;
    }));
    let line = line!() + 2;
    let panic = std::panic::catch_unwind(|| {
        assert_promql!(timeline, "temperature_celsius", at "1m", contains approx {
            "temperature_celsius" => 20,
        });
    });
    std::panic::set_hook(before);
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("the answer is not the expected one\n"), "{message}");
    assert_eq!(*place.lock().unwrap(), Some((file!().to_owned(), line)));
}

#[test]
fn data_far_from_the_epoch_makes_a_script_too() {
    let mut timeline = Timeline::every("1m").starting_at("2026-03-03T12:00:00Z");
    timeline.scrape("up 1\n");
    timeline.scrape("up 0\n");
    let failure = check_promql(&timeline, "up", When::at("30s"), series().with("up", 0)).unwrap_err();
    fails_alike(&failure, failure.script().unwrap());
    insta::assert_snapshot!(failure);
}

#[test]
fn data_that_no_script_can_have() {
    let mut timeline = Timeline::every("1m").starting_at(-60_000);
    timeline.scrape("up 1\n");
    let failure = check_promql(&timeline, "up", When::NEWEST, series().with("up", 0)).unwrap_err();
    assert_eq!(failure.script(), None);
    let reason = "\nthere is no script that fails alike: scripts know no time before 1970\n";
    assert!(failure.to_string().ends_with(reason), "{failure}");
}

fn value() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![
        0.0,
        1.0,
        1.0 + f64::EPSILON,
        2.0,
        0.1,
        0.30000000000000004,
        f64::NAN,
        f64::INFINITY,
    ])
}

fn expected() -> impl Strategy<Value = Expected> {
    let labels = prop::sample::select(vec!["m{a=\"1\"}", "m{a=\"2\"}", "m{a=\"3\"}"]);
    let of_series = (prop::collection::btree_map(labels, value(), 0..3), any::<(bool, bool, bool)>())
        .prop_map(|(written, (approx, contains, ordered))| {
            let expected = written.into_iter().fold(series(), |all, (labels, value)| all.with(labels, value));
            let expected = if approx { expected.approximately() } else { expected };
            let expected = if contains { expected.contains() } else { expected };
            if ordered { expected.ordered() } else { expected }
        });
    let comparisons = [
        Comparison::Above,
        Comparison::AtLeast,
        Comparison::Below,
        Comparison::AtMost,
        Comparison::Equal,
        Comparison::NotEqual,
    ];
    let threshold = (any::<bool>(), prop::sample::select(comparisons.to_vec()), -1i32..3);
    prop_oneof![
        3 => of_series,
        1 => value().prop_map(Expected::value),
        1 => threshold.prop_map(|(all, comparison, bound)| match all {
            true => Expected::all(comparison, bound),
            false => Expected::any(comparison, bound),
        }),
    ]
}

proptest! {
    /// Whatever is expected of whatever there is: if it fails, its script fails.
    #[test]
    fn scripts_fail_alike(
        samples in prop::collection::btree_map(0..3usize, value(), 0..3),
        query in prop::sample::select(vec!["m", "sort_desc(m)", "scalar(m)", "m > 0.5", "m{a=\"1\"}"]),
        expected in expected(),
    ) {
        let mut timeline = Timeline::every("1m");
        let lines = samples.iter().map(|(label, value)| format!("m{{a=\"{}\"}} {value}\n", label + 1));
        timeline.scrape(lines.collect::<String>().replace("inf", "+Inf"));
        if let Err(failure) = check_promql(&timeline, query, When::NEWEST, expected) {
            let script = failure.script().expect("a script");
            fails_alike(&failure, script);
        }
    }
}

/// The page for those who test shows a failure; it is this one.
#[test]
fn the_failure_in_the_documentation_is_a_real_one() {
    let mut timeline = Timeline::every("15s");
    for n in 0..=20 {
        timeline
            .scrape(format!("jobs_total{{result=\"ok\"}} {}\njobs_total{{result=\"error\"}} {n}\n", 9 * n));
    }
    let query = "sum by (result) (rate(jobs_total[1m]))";
    let expected = series().with("{result=\"ok\"}", 0.9).with("{result=\"err\"}", 0.1).approximately();
    let failure = check_promql(&timeline, query, When::NEWEST, expected).unwrap_err().to_string();
    let page = include_str!("../docs/testing.md");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(shown, Some(failure.as_str()));
}

fn steps() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(prop::option::weighted(0.8, value()), 3)
}

proptest! {
    /// The same over a range, in which series come and go.
    #[test]
    fn scripts_fail_alike_over_ranges(
        shown in prop::collection::btree_map(1..4usize, steps(), 0..3),
        wanted in prop::collection::btree_map(1..4usize, steps(), 0..3),
        query in prop::sample::select(vec!["m", "m > 0.5", "m{a=\"1\"}", "m * 1"]),
        (approx, contains) in any::<(bool, bool)>(),
    ) {
        let mut timeline = Timeline::every("1m");
        for step in 0..3 {
            let line = |(label, values): (&usize, &Vec<Option<f64>>)| {
                values[step].map(|value| format!("m{{a=\"{label}\"}} {value}\n").replace("inf", "+Inf"))
            };
            timeline.scrape(shown.iter().filter_map(line).collect::<String>());
        }
        let name = if query.contains('*') { "" } else { "m" };
        let expected = wanted.into_iter().fold(series(), |all, (label, values)| {
            all.with(format!("{name}{{a=\"{label}\"}}"), values)
        });
        let expected = if approx { expected.approximately() } else { expected };
        let expected = if contains { expected.contains() } else { expected };
        if let Err(failure) = check_promql(&timeline, query, When::range("0s", "2m", "1m"), expected) {
            fails_alike(&failure, failure.script().expect("a script"));
        }
    }

    /// Whatever is written, there is an answer or a failure that can be told.
    #[test]
    fn nothing_that_is_written_is_too_odd(
        query in "(sum\\(|rate\\()?[a-c{}=\"0-9é\\[\\]()m:+ \\n]{0,12}",
        labels in "[a-c]?[{]?[a-c=\",0-9é ]{0,8}[}]?",
        value in "[-+_x0-9. {}é]{0,8}",
        time in "-?[0-9smhé:TZ-]{0,6}",
    ) {
        for when in [When::NEWEST, When::at(time.as_str()), When::range("0s", time.as_str(), "1s")] {
            for expected in [series().with(&labels, value.as_str()), Expected::value(value.as_str()), Expected::string(value.clone()), Expected::error(value.clone())] {
                if let Err(failure) = check_promql(&timeline(), &query, when.clone(), expected) {
                    prop_assert!(!failure.to_string().is_empty());
                }
            }
        }
    }
}
