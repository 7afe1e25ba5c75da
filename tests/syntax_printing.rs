//! How expressions are printed: on one line as Prometheus' `String()`, on several as its `Prettify`.
//!
//! The queries are those of upstream's own tests (`promql/parser/printer_test.go`, `prettier_test.go`).

use promqlite::syntax::{Expr, Features, parse};

fn parsed(query: &str) -> Expr {
    parse(query, &Features::ALL).unwrap_or_else(|error| panic!("{query}: {error}"))
}

#[test]
fn printed_as_written() {
    let queries = [
        r#"topk(5, task:errors:rate10s{job="s"})"#,
        r#"count_values("value", task:errors:rate10s{job="s"})"#,
        "up > bool 0",
        "a offset 1m",
        "a offset -7m",
        r#"a{c="d"}[5m] offset 1m"#,
        "a[5m] offset 1m",
        "a[12m] offset -3m",
        "a[1h:5m] offset 1m",
        "a anchored",
        "a[5m] anchored",
        r#"a{b="c"}[5m] anchored"#,
        r#"a{b="c"}[5m] anchored offset 1m"#,
        r#"a{b="c"}[5m] anchored @ start() offset 1m"#,
        "a smoothed",
        "a[5m] smoothed",
        r#"a{b="c"}[5m] smoothed"#,
        r#"a{b="c"}[5m] smoothed offset 1m"#,
        r#"a{b="c"}[5m] smoothed @ start() offset 1m"#,
        r#"{__name__="a"}"#,
        r#"a{b!="c"}[1m]"#,
        r#"a{b=~"c"}[1m]"#,
        r#"a{b!~"c"}[1m]"#,
        "a @ start()",
        "a @ end()",
        "a[1m] @ start()",
        "a[1m] @ end()",
        r#"{__name__="",a="x"}"#,
        r#"{"a.b"="c"}"#,
        r#"{"0"="1"}"#,
        r#"{""="0"}"#,
        "1048576",
        "foo[step()]",
        "foo[-step()]",
        "foo[(step())]",
        "foo[-(step())]",
        "foo offset step()",
        "foo offset -step()",
        "foo offset (step())",
        "foo offset -(step())",
        "foo offset -(5)",
        "foo offset (5)",
        "foo offset (5m)",
        "foo[(5s)]",
        "foo[(5m):(1m)]",
        "foo offset -min_of(10s, 20s)",
        "foo[200 - min_of(step() + 10s, -max_of(step() ^ 2, 3))]",
        "foo[range()]",
        "foo[-range()]",
        "foo offset range()",
        "foo offset -range()",
        "foo[max_of(range(), 5s)]",
        "predict_linear(foo[1h], 3000)",
    ];
    for query in queries {
        assert_eq!(parsed(query).to_string(), query);
    }
}

#[test]
fn printed_otherwise() {
    let table = [
        (r#"sum by() (task:errors:rate10s{job="s"})"#, r#"sum(task:errors:rate10s{job="s"})"#),
        (r#"sum by(code) (task:errors:rate10s{job="s"})"#, r#"sum by (code) (task:errors:rate10s{job="s"})"#),
        (
            r#"sum without() (task:errors:rate10s{job="s"})"#,
            r#"sum without () (task:errors:rate10s{job="s"})"#,
        ),
        (
            r#"sum without(instance) (task:errors:rate10s{job="s"})"#,
            r#"sum without (instance) (task:errors:rate10s{job="s"})"#,
        ),
        (
            r#"sum by("foo.bar") (task:errors:rate10s{job="s"})"#,
            r#"sum by ("foo.bar") (task:errors:rate10s{job="s"})"#,
        ),
        (
            r#"sum without("foo.bar") (task:errors:rate10s{job="s"})"#,
            r#"sum without ("foo.bar") (task:errors:rate10s{job="s"})"#,
        ),
        ("a - on() c", "a - on () c"),
        ("a - on(b) c", "a - on (b) c"),
        ("a - on(b) group_left(x) c", "a - on (b) group_left (x) c"),
        ("a - on(b) group_left(x, y) c", "a - on (b) group_left (x, y) c"),
        ("a - on(b) group_left c", "a - on (b) group_left () c"),
        ("a - on(b) group_left() (c)", "a - on (b) group_left () (c)"),
        ("a - ignoring(b) c", "a - ignoring (b) c"),
        ("a - ignoring() c", "a - c"),
        ("a - ignoring() group_left(__metric__) c", "a - ignoring () group_left (__metric__) c"),
        ("a - ignoring() group_left c", "a - ignoring () group_left () c"),
        ("a + fill(-23) b", "a + fill (-23) b"),
        ("a + fill_left(-23) b", "a + fill_left (-23) b"),
        ("a + fill_right(42) b", "a + fill_right (42) b"),
        ("a + fill_left(-23) fill_right(42) b", "a + fill_left (-23) fill_right (42) b"),
        ("a + fill_left(5) fill_right(5) b", "a + fill (5) b"),
        ("a + on(b) group_left fill(-23) c", "a + on (b) group_left () fill (-23) c"),
        ("a @ 10", "a @ 10.000"),
        ("a[1m] @ 10", "a[1m] @ 10.000"),
        (r#"{"_0"="1"}"#, r#"{_0="1"}"#),
        (r#"{``="0"}"#, r#"{""="0"}"#),
        ("foo offset +(5)", "foo offset (5)"),
        ("foo offset +min_of(10s, 20s)", "foo offset min_of(10s, 20s)"),
        ("foo offset -min_of(10s, +max_of(step() ^ 2, 2))", "foo offset -min_of(10s, max_of(step() ^ 2, 2))"),
        ("foo[200-min_of(-step()^+step(),1)]", "foo[200 - min_of(-step() ^ step(), 1)]"),
        (r#"sum by("üüü") (foo)"#, r#"sum by ("üüü") (foo)"#),
        (r#"sum without("äää") (foo)"#, r#"sum without ("äää") (foo)"#),
        (r#"count by("ööö", job) (foo)"#, r#"count by ("ööö", job) (foo)"#),
        ("foo[1001ms]", "foo[1s1ms]"),
        ("1001ms", "1s"),
        ("-5m * foo", "-5m * foo"),
        ("foo offset 0", "foo"),
        ("foo offset NaN", "foo offset -106751d23h47m16s854ms"),
        ("foo[((5m))]", "foo[(5m)]"),
        ("foo[+step()]", "foo[step()]"),
        ("0x1f + 0755 + 1_000 + 1e3 + .5", "31 + 493 + 1000 + 1000 + 0.5"),
        ("Inf + -inf + nan", "+Inf + -Inf + NaN"),
        (r#"'a"b' "#, r#""a\"b""#),
        (r"'\xff\377\u1234\U00010111\a\'☺'", r#""\xff\xffሴ𐄑\a'☺""#),
        ("`a\nb`", r#""a\nb""#),
    ];
    for (query, printed) in table {
        assert_eq!(parsed(query).to_string(), printed, "{query}");
    }
}

/// Lines of ten bytes show every place at which an expression is broken.
#[test]
fn pretty() {
    let table = [
        ("sum(foo)", "sum(foo)"),
        (
            r#"sum by(job,foo) (task:errors:rate10s{job="s"})"#,
            r#"sum by (job, foo) (
  task:errors:rate10s{job="s"}
)"#,
        ),
        (
            r#"topk(10, ask:errors:rate10s{job="s"})"#,
            r#"topk(
  10,
  ask:errors:rate10s{job="s"}
)"#,
        ),
        (
            r#"sum by(job,foo) (sum by(job,foo) (sum by(job,foo) (task:errors:rate10s{job="s"})))"#,
            r#"sum by (job, foo) (
  sum by (job, foo) (
    sum by (job, foo) (
      task:errors:rate10s{job="s"}
    )
  )
)"#,
        ),
        (
            "sum by(job,foo) # Comment 1.\n(sum by(job,foo) ( # Comment 2.\ntask:errors:rate10s{job=\"s\"}))",
            r#"sum by (job, foo) (
  sum by (job, foo) (
    task:errors:rate10s{job="s"}
  )
)"#,
        ),
        (
            "foo_1 + ignoring(foo) foo_2 + ignoring(job) group_left foo_3 + on(instance) group_right foo_4",
            "      foo_1
    + ignoring (foo)
      foo_2
  + ignoring (job) group_left ()
    foo_3
+ on (instance) group_right ()
  foo_4",
        ),
        (
            "max_over_time(rate(demo_api_request_duration_seconds_count[1m])[1m:] @ start() offset 1m)",
            "max_over_time(
  rate(
    demo_api_request_duration_seconds_count[1m]
  )[1m:] @ start() offset 1m
)",
        ),
        (
            r#"label_replace(label_replace(up{job="api-server",service="a:c"}, "foo", "$1", "service", "(.*):.*"), "foo", "$1", "service", "(.*):.*")"#,
            r#"label_replace(
  label_replace(
    up{job="api-server",service="a:c"},
    "foo",
    "$1",
    "service",
    "(.*):.*"
  ),
  "foo",
  "$1",
  "service",
  "(.*):.*"
)"#,
        ),
        (
            "((_foo_long_))",
            "(
  (
    _foo_long_
  )
)",
        ),
        (
            "((foo_long + bar_long) + bar_2_long)",
            "(
    (
        foo_long
      +
        bar_long
    )
  +
    bar_2_long
)",
        ),
        (
            r#"(node_filesystem_avail_bytes{job="node",fstype!=""} / node_filesystem_size_bytes{job="node",fstype!=""} * 100 < 40 and predict_linear(node_filesystem_avail_bytes{job="node",fstype!=""}[6h], 24*60*60) < 0 and node_filesystem_readonly{job="node",fstype!=""} == 0)"#,
            r#"(
            node_filesystem_avail_bytes{fstype!="",job="node"}
          /
            node_filesystem_size_bytes{fstype!="",job="node"}
        *
          100
      <
        40
    and
        predict_linear(
          node_filesystem_avail_bytes{fstype!="",job="node"}[6h],
            24 * 60
          *
            60
        )
      <
        0
  and
      node_filesystem_readonly{fstype!="",job="node"}
    ==
      0
)"#,
        ),
        (
            "(node_timex_offset_seconds > 0.05 and deriv(node_timex_offset_seconds[5m]) >= 0) or (node_timex_offset_seconds < -0.05 and deriv(node_timex_offset_seconds[5m]) <= 0)",
            "  (
        node_timex_offset_seconds
      >
        0.05
    and
        deriv(
          node_timex_offset_seconds[5m]
        )
      >=
        0
  )
or
  (
        node_timex_offset_seconds
      <
        -0.05
    and
        deriv(
          node_timex_offset_seconds[5m]
        )
      <=
        0
  )",
        ),
        (
            r#"(count by (job) (changes(process_start_time_seconds{job="alertmanager"}[10m]) > 4) / count by (job) (up{job="alertmanager"})) >= 0.5"#,
            r#"  (
      count by (job) (
          changes(
            process_start_time_seconds{job="alertmanager"}[10m]
          )
        >
          4
      )
    /
      count by (job) (
        up{job="alertmanager"}
      )
  )
>=
  0.5"#,
        ),
        (
            "-histogram_quantile(0.9, -rate(foo[1m] @ start()))",
            "-histogram_quantile(
  0.9,
  -rate(
    foo[1m] @ start()
  )
)",
        ),
    ];
    for (query, lines) in table {
        let expr = parsed(query);
        let pretty = expr.pretty_within(10);
        assert_eq!(pretty, lines, "{query}");
        assert!(parsed(&pretty).same_as(&expr), "{query}");
    }
}

/// As upstream: what fits is not broken, and a subquery that fits has no indent.
#[test]
fn pretty_within_a_hundred_bytes() {
    let line = "x".repeat(100);
    assert_eq!(parsed(&line).pretty(), line);
    assert_eq!(parsed(&format!("({line})")).pretty(), format!("(\n  {line}\n)"));
    let name = "x".repeat(80);
    let query = format!("max_over_time({name}[5m:]) + max_over_time({name}[1h:1m])");
    let lines = format!("  max_over_time(\n{name}[5m:]\n  )\n+\n  max_over_time(\n{name}[1h:1m]\n  )");
    assert_eq!(parsed(&query).pretty_within(90), lines);
}
