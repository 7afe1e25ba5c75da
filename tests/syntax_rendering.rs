//! What somebody at a prompt sees of an error: message, place, and help. The snapshots are the expectation.

use insta::{Settings, assert_snapshot};
use promqlite::plan::parse_and_check;
use promqlite::syntax::Features;

/// Compares with the snapshot of this name.
fn check(name: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!(name, text));
}

/// The errors of queries, each under its query.
fn rendered(queries: &[&str]) -> String {
    let render = |query: &&str| {
        let error = parse_and_check(query, &Features::default()).expect_err(query);
        error.diagnostic().render(query)
    };
    queries.iter().map(render).collect::<Vec<_>>().join("\n")
}

#[test]
fn calls() {
    check(
        "calls",
        &rendered(&[
            "rat(http_requests_total[5m])",
            "sum by (job) (Rate(http_requests_total[5m]))",
            "mean(cpu_seconds)",
            "rate(http_requests_total)",
            "rate(http_requests_total{code=~'5..'} offset 1h)",
            "increase(sum by (job) (requests))",
            "increase(a + b)",
            "abs(requests[5m])",
            "sum(requests[5m])",
            "requests[5m] > 3",
            "round(requests, 1, 2)",
            "topk(requests)",
            "sum(a, b)",
            "count_values(version, build_info)",
            "topk(limit, requests)",
            "abs(1)",
            "avg(up,)",
            "sort_by_label(up, \"job\")",
            "limitk(3, up)",
        ]),
    );
}

#[test]
fn matchers_and_labels() {
    check(
        "matchers_and_labels",
        &rendered(&[
            "up{job=api}",
            "up{code!~500}",
            "up{job==\"api\"}",
            "up{job:\"api\"}",
            "up{job=\"api\" code=\"500\"}",
            "up{job}",
            "up{http.code=\"500\"}",
            "up{job=\"api\" || job=\"web\"}",
            "up{job=“api”}",
            "up{job=~\"\\d+\"}",
            "up{job=~\"a(?!b)\"}",
            "up{job=~\"a(\"}",
            "up{a=\"1\"}{b=\"2\"}",
            "up{job=\"api\"",
            "http.requests",
            "{job=~\".*\"}",
            "up{__name__=\"down\"}",
            "sum by job (up)",
            "sum(up) by (job",
        ]),
    );
}

#[test]
fn operators() {
    check(
        "operators",
        &rendered(&[
            "up = 1",
            "up => 1",
            "up <> 1",
            "2 ** 3",
            "a && b",
            "a || b",
            "!up",
            "up =~ \"a\"",
            "1 < 2",
            "up and 1",
            "a bool b",
            "rate(up[5m]) by (job)",
            "up on (job) down",
            "up down",
            "up where job = 1",
            "up +",
            "up;",
            "a – b",
            "a\u{a0}+ b",
            "a + fill(0) b",
        ]),
    );
}

#[test]
fn ranges_and_literals() {
    check(
        "ranges_and_literals",
        &rendered(&[
            "sum(requests)[5m]",
            "requests[5m][1h]",
            "requests offset 1h [5m]",
            "requests @ 60 [5m]",
            "requests 5m",
            "rate(requests[5min])",
            "rate(requests[1.5h])",
            "rate(requests[30m1h])",
            "rate(requests[5y1hs])",
            "rate(requests[0])",
            "rate(requests[$__interval])",
            "rate(requests[step])",
            "rate(requests[])",
            "rate(requests[5m)",
            "rate(requests[5m]",
            "rate(requests[5m])) + 1",
            "rate(requests[5m]) offset 1h",
            "rate(requests[5m]) @ end()",
            "requests @ now",
            "requests offset now",
            "rate(requests{job=\"api\")",
            "requests[5m] smoothed",
            "10k",
            "\"text",
            "'two\nlines'",
            "sum(\n  rate(requests[5m])\n",
        ]),
    );
}

#[test]
fn limits() {
    let deep = "(".repeat(500) + "up" + &")".repeat(500);
    let long = "up + ".repeat(500) + "up";
    let error = |query: &str| {
        let error = parse_and_check(query, &Features::default()).expect_err(query);
        let (line, column) = error.span().position_in(query);
        format!("{line}:{column}: {}\n{}\n", error.message(), error.diagnostic().help.unwrap_or_default())
    };
    check(
        "limits",
        &[error(&deep), error(&long), error(&("f(".to_owned() + &"up,".repeat(60_000)))].concat(),
    );
}
