//! Both text formats: what is read, and what is refused where.

use super::{Format, IngestedSamples, detect, load_into, parse};
use proptest::prelude::*;

use crate::MemoryStore;
use crate::model::sample::NORMAL_NAN_BITS;
use crate::model::{TimeRange, Timestamp};
use crate::store::SeriesStore;

/// Each series with its samples, as text.
fn shown(samples: &IngestedSamples) -> Vec<String> {
    let line = |series: &crate::store::SeriesData| {
        let samples = series.floats.timestamps.iter().zip(&series.floats.values);
        let samples: Vec<String> = samples.map(|(time, value)| format!("{value}@{time}")).collect();
        format!("{} {}", series.labels, samples.join(" "))
    };
    samples.series.iter().map(line).collect()
}

fn read(text: &str, format: Format) -> Vec<String> {
    match parse(text.as_bytes(), Some(format), 7) {
        Ok(samples) => shown(&samples),
        Err(error) => panic!("{error} in {text}"),
    }
}

fn refused(text: &[u8], format: Format) -> String {
    match parse(text, Some(format), 7) {
        Ok(samples) => format!("read: {:?}", shown(&samples)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn exposition_lines() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("\n\n", &[]),
        ("up 1", &["up 1@7"]),
        ("up 1\n", &["up 1@7"]),
        ("  up\t 1 \t1395066363000 \n", &["up 1@1395066363000"]),
        ("a:b_1{} -2.5e3\n", &["a:b_1 -2500@7"]),
        ("m{a=\"1\",b=\"2\"} 3", &[r#"m{a="1", b="2"} 3@7"#]),
        ("m {a = \"1\" , b=\"2\" , } 3", &[r#"m{a="1", b="2"} 3@7"#]),
        ("m{a=\"1\" b=\"2\"}3", &[r#"m{a="1", b="2"} 3@7"#]),
        ("m{empty=\"\"} 1", &["m 1@7"]),
        (r#"m{a="q\"b\\n\nx\y é"} 1"#, &[r#"m{a="q\"b\\n\nx\\y é"} 1@7"#]),
        ("m{a=\"two\nlines\"} 1", &[r#"m{a="two\nlines"} 1@7"#]),
        (r#"{"my.metric"} 1"#, &[r#"{"my.metric"} 1@7"#]),
        (r#"{"my.metric", "label.name"="x", b="y"} 1 5"#, &[r#"{"my.metric", b="y", "label.name"="x"} 1@5"#]),
        (r#"{a="1", "m"} 1"#, &[r#"m{a="1"} 1@7"#]),
        ("m +Inf\nn -Inf\no 1E3\n", &["m inf@7", "n -inf@7", "o 1000@7"]),
        ("# remark\n#remark\n# HELPLESS\n#\n# \nup 1", &["up 1@7"]),
        ("m 1 10\nm 3 30\nm 2 20\n", &["m 1@10 2@20 3@30"]),
        ("m 1 10\nm 1 10\n", &["m 1@10"]),
        ("m{a=\"1\"} 1\nn 1\nm{a=\"1\"} 1 8\n", &[r#"m{a="1"} 1@7 1@8"#, "n 1@7"]),
    ];
    for (text, expected) in table {
        assert_eq!(read(text, Format::Prometheus), *expected, "{text}");
    }
}

#[test]
fn any_nan_is_the_ordinary_one() {
    for text in ["m NaN", "m nan\n"] {
        let samples = parse(text.as_bytes(), Some(Format::Prometheus), 0).unwrap();
        assert_eq!(samples.series[0].floats.values[0].to_bits(), NORMAL_NAN_BITS);
    }
}

#[test]
fn bounds_are_written_in_one_way() {
    let text = r#"
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="1.0e1"} 2
h_bucket{le="+Inf"} 2
h_bucket{le="odd",quantile="1"} 2
# TYPE s summary
s{quantile="0.50"} 1
s{quantile="1",le="1"} 1
# TYPE g gauge
g{le="1",quantile="1"} 1
"#;
    let expected = [
        r#"h_bucket{le="1.0"} 1@7"#,
        r#"h_bucket{le="10.0"} 2@7"#,
        r#"h_bucket{le="+Inf"} 2@7"#,
        r#"h_bucket{le="odd", quantile="1"} 2@7"#,
        r#"s{quantile="0.5"} 1@7"#,
        r#"s{le="1", quantile="1.0"} 1@7"#,
        r#"g{le="1", quantile="1"} 1@7"#,
    ];
    assert_eq!(read(text, Format::Prometheus), expected);
    assert_eq!(read(&format!("{}# EOF\n", &text[1..]), Format::OpenMetrics), expected);
}

#[test]
fn metadata_is_told_by_metric() {
    let text = "# HELP a Line\\none \\\\ \\\"two\\\".\n# TYPE a untyped\n# TYPE \"b.c\" counter\n# HELP \"b.c\" \na 1\n";
    let told = |samples: IngestedSamples| -> Vec<(String, String, String, String)> {
        let all = samples.metadata.into_iter();
        all.map(|(name, told)| (name, told.metric_type, told.help, told.unit)).collect()
    };
    let of = |name: &str, kind: &str, help: &str, unit: &str| {
        (name.to_owned(), kind.to_owned(), help.to_owned(), unit.to_owned())
    };
    let exposition = parse(text.as_bytes(), None, 0).unwrap();
    let expected = [of("a", "unknown", "Line\none \\ \\\"two\\\".", ""), of("b.c", "counter", "", "")];
    assert_eq!(told(exposition), expected);

    let text = "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds \\\"Q\\\"\na_seconds 1\n# UNIT b \n# EOF";
    let open_metrics = parse(text.as_bytes(), None, 0).unwrap();
    assert_eq!(told(open_metrics), [of("a_seconds", "gauge", "\"Q\"", "seconds"), of("b", "", "", "")]);
}

#[test]
fn open_metrics_lines() {
    let table: &[(&str, &[&str])] = &[
        ("# EOF", &[]),
        ("# EOF\n", &[]),
        ("up 1\n# EOF\n", &["up 1@7"]),
        ("m{a=\"1\",b=\"2\",} 3 1.5\n# EOF\n", &[r#"m{a="1", b="2"} 3@1500"#]),
        ("m 3 -0.0015\n# EOF\n", &["m 3@-1"]),
        ("m 3 1.7e9 # {trace=\"x # y\"} 0.5\n# EOF\n", &["m 3@1700000000000"]),
        ("m 3 # {} 0.5 17.25\n# EOF\n", &["m 3@7"]),
        ("{\"a.b\",\"c.d\"=\"e\"} 1\n# EOF", &[r#"{"a.b", "c.d"="e"} 1@7"#]),
        ("# TYPE c counter\nc_total 5\nc_created 100\n# EOF\n", &["c_total 5@7", "c_created 100@7"]),
        ("m NaN 1\nm NaN 2\n# EOF\n", &["m NaN@1000 NaN@2000"]),
    ];
    for (text, expected) in table {
        assert_eq!(detect(text.as_bytes()), Format::OpenMetrics, "{text}");
        assert_eq!(read(text, Format::OpenMetrics), *expected, "{text}");
    }
}

#[test]
fn exposition_that_is_refused() {
    let table: &[(&[u8], &str)] = &[
        (b"up 1\n-down 1\n", "2:1: expected a metric name, `{` or a comment"),
        (b"up", "1:3: expected a value after the series"),
        (b"up\n", "1:3: expected a value after the series"),
        (b"up one\n", "1:4: value \"one\" is not a number"),
        (b"up 1_000\n", "1:4: value \"1_000\" is not a number"),
        (b"m +Inf\nn -Inf\no 0x10\n", "3:3: value \"0x10\" is not a number"),
        (b"up 0x1p3\n", "1:4: value \"0x1p3\" is not a number"),
        (b"up 1e999\n", "1:4: value \"1e999\" is not a number"),
        (b"up 1\r\n", "1:4: value \"1\\r\" is not a number"),
        (b"up 1 now\n", "1:6: expected a timestamp or the end of the line"),
        (b"up 1 -5\n", "1:6: expected a timestamp or the end of the line"),
        (b"up 1 12.5\n", "1:8: expected the end of the line"),
        (b"up 1 12 3\n", "1:9: expected the end of the line"),
        (b"up 1 99999999999999999999\n", "1:6: timestamp \"99999999999999999999\" is not a number in range"),
        (b"m{a=\"1\"\n", "1:8: expected a label name"),
        (b"m{a=\"1} 1\n", "1:5: the quoted string does not end"),
        (b"m{a=\"1\\", "1:5: the quoted string does not end"),
        (b"m{a=1} 1\n", "1:5: expected a label value in double quotes"),
        (b"m{a=} 1\n", "1:5: expected a label value in double quotes"),
        (b"m{a} 1\n", "1:4: expected `=` after the label name"),
        (b"m{1=\"a\"} 1\n", "1:3: expected a label name"),
        (b"m{,} 1\n", "1:3: expected a label name"),
        (b"x 1\nm{a=\"1\",a=\"2\"} 1\n", "2:9: label name \"a\" is not unique"),
        (b"m{__name__=\"n\"} 1\n", "1:1: label name \"__name__\" is not unique"),
        (b"{__name__=\"n\"} 1\n", "1:1: no metric name among the labels"),
        (b"{a=\"n\"} 1\n", "1:1: no metric name among the labels"),
        (b"m{\"n\"} 1\n", "1:3: a second metric name"),
        (b"m{a=\"\xff\"} 1\n", "1:6: not valid UTF-8"),
        (b"# HELP m \xc3(\n", "1:10: not valid UTF-8"),
        (b"# TYPE m counters\n", "1:9: invalid metric type \"counters\""),
        (b"# TYPE m\n", "1:9: invalid metric type \"\""),
        (b"# TYPE  \n", "1:9: expected a metric name"),
        (b"# HELP 1 x\n", "1:8: expected a metric name"),
        (b"m 1 5\nn 1\nm 2 5\n", "3:1: m has another value at 5 ms already"),
        (b"m 1\nm 2\n", "2:1: m has another value at 7 ms already"),
        (b"a 1\n\n# HELP\na{b=\"\n\n\",c} 1\n", "6:4: expected `=` after the label name"),
    ];
    for (text, message) in table {
        assert_eq!(refused(text, Format::Prometheus), *message, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn open_metrics_that_is_refused() {
    let table: &[(&[u8], &str)] = &[
        (b"", "1:1: data does not end with # EOF"),
        (b"up 1\n", "2:1: data does not end with # EOF"),
        (b"up 1", "1:5: data does not end with # EOF"),
        (b"# EOF\nup 1\n", "2:1: unexpected data after # EOF"),
        (b"# EOF x\n", "1:6: unexpected data after # EOF"),
        (b"\nup 1\n# EOF\n", "1:1: expected a metric name, `{` or a comment"),
        (b"# remark\n# EOF\n", "1:1: expected a metric name, `{` or a comment"),
        (b"up  1\n# EOF\n", "1:4: expected a value after the series"),
        (b"up 1 \n# EOF\n", "1:6: timestamp \"\" is not a number in range"),
        (b"up 1 NaN\n# EOF\n", "1:6: timestamp \"NaN\" is not a number in range"),
        (b"up 1 2 3\n# EOF\n", "1:7: expected the end of the line"),
        (b"m{a=\"1\" b=\"2\"} 1\n# EOF\n", "1:8: expected `,` or `}` after the label"),
        (b"m{ a=\"1\"} 1\n# EOF\n", "1:3: expected a label name"),
        (b"m {a=\"1\"} 1\n# EOF\n", "1:3: value \"{a=\\\"1\\\"}\" is not a number"),
        (b"m{a=\"1\n\"} 1\n# EOF\n", "1:5: the quoted string does not end"),
        (b"# TYPE m untyped\n# EOF\n", "1:10: invalid metric type \"untyped\""),
        (b"# TYPE m\n# EOF\n", "1:9: expected a space and a text after the metric name"),
        (b"# UNIT m seconds\n# EOF\n", "1:10: unit \"seconds\" not a suffix of metric \"m\""),
        (b"m 1 # {a=\"1\"}\n# EOF\n", "1:14: expected a value after the series"),
        (b"m 1 # {\"a\"} 1\n# EOF\n", "1:8: expected a label name"),
        (b"m 1 # {} 1 Inf\n# EOF\n", "1:12: timestamp \"Inf\" is not a number in range"),
        (b"m 1 # x\n# EOF\n", "1:7: expected a label name"),
    ];
    for (text, message) in table {
        assert_eq!(refused(text, Format::OpenMetrics), *message, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn formats_are_told_apart() {
    let table = [
        ("up 1\n", Format::Prometheus),
        ("", Format::Prometheus),
        ("# EOF of the story\nup 1\n", Format::Prometheus),
        ("load 1\n", Format::Load),
        ("load{a=\"b\"} 1\n", Format::Prometheus),
        ("\n# a story\n  load 5m\n    up 1 1 1\n", Format::Load),
        ("load_with_nhcb 5m\n    up 1 1 1\n", Format::Load),
        ("up 1\n# EOF\n\n", Format::OpenMetrics),
    ];
    for (text, format) in table {
        assert_eq!(detect(text.as_bytes()), format, "{text:?}");
    }
    for format in [Format::Prometheus, Format::OpenMetrics, Format::Load] {
        assert_eq!(Format::named(format.record().name), Some(format));
    }
    assert_eq!(Format::named("protobuf"), None);
}

#[test]
fn the_load_notation_is_a_format_too() {
    let samples = parse(b"load 1m\n  up{job=\"a\"} 1 _ 3\n  down 0\n", None, 1000).unwrap();
    assert_eq!(shown(&samples), [r#"up{job="a"} 1@1000 3@121000"#, "down 0@1000"]);
    assert_eq!(
        refused(b"load 1m\n  up 1 x\n", Format::Load).split_once(' ').map(|(place, _)| place.to_owned()),
        Some("2:8:".to_owned())
    );
    assert_eq!(refused(b"load 1m\n  up \xff\n", Format::Load), "2:6: not valid UTF-8");
}

#[test]
fn a_text_comes_into_a_store_as_a_whole() {
    let store = MemoryStore::new();
    let text = b"# TYPE up gauge\nup{job=\"a\"} 1\nup{job=\"b\"} 0 5000\n";
    load_into(&store, parse(text, None, 9000).unwrap()).unwrap();
    assert_eq!((store.stats().series, store.stats().samples), (2, 2));
    assert_eq!(store.time_range(), Some(TimeRange::new(5000, 9000)));
    assert_eq!(store.metadata("up").map(|told| told.metric_type.clone()), Some("gauge".to_owned()));
    let older = parse(b"new 1\nup{job=\"a\"} 1 100\n", None, 10_000).unwrap();
    assert!(load_into(&store, older).is_err());
    assert_eq!(store.stats().series, 2);
}

/// How many series, samples and metrics with metadata a file has.
fn counts(path: &str, time: Timestamp) -> Option<(usize, usize, usize)> {
    let text = std::fs::read(format!("{}/../shared/{path}", env!("CARGO_MANIFEST_DIR"))).ok()?;
    let samples = parse(&text, None, time).unwrap_or_else(|error| panic!("{path}:{error}"));
    let count = samples.series.iter().map(|series| series.floats.len()).sum();
    let store = MemoryStore::new();
    let counts = (samples.series.len(), count, samples.metadata.len());
    load_into(&store, samples).unwrap();
    assert_eq!(store.stats().series, counts.0);
    Some(counts)
}

#[test]
fn real_scrapes_are_read() {
    let lines = |path: &str, metadata: bool| {
        let text = std::fs::read_to_string(format!("{}/../shared/{path}", env!("CARGO_MANIFEST_DIR")));
        let text = text.unwrap_or_default();
        let is_counted = |line: &&str| match metadata {
            true => line.starts_with("# TYPE"),
            false => !line.is_empty() && !line.starts_with('#'),
        };
        text.lines().filter(is_counted).count()
    };
    let files = [
        "data/exposition/node_exporter.prom",
        "seeds/metrics/document-api.prom",
        "seeds/metrics/summary-and-types.prom",
        "seeds/metrics/task-api.prom",
    ];
    for path in files {
        // A checkout by itself does not have these files.
        if let Some(counts) = counts(path, 1_000) {
            let (samples, metrics) = (lines(path, false), lines(path, true));
            assert_eq!(counts, (samples, samples, metrics), "{path}");
        }
    }
}

proptest! {
    /// Whatever comes: it is read, or refused at a place that there is.
    #[test]
    fn nothing_is_too_odd(
        pieces in prop::collection::vec("(# HELP |# TYPE |# EOF|# UNIT |m|\\{|\\}|a=|\"|\\\\|,| |\n|1|1.5e3|NaN|é| # |counter|load 1m\n)", 0..40),
        broken in any::<bool>(),
    ) {
        let mut text = pieces.concat().into_bytes();
        if broken {
            text.push(0xff);
        }
        for format in [Format::Prometheus, Format::OpenMetrics, Format::Load] {
            if let Err(error) = parse(&text, Some(format), 0) {
                let line = text.split(|byte| *byte == b'\n').nth(error.line - 1);
                prop_assert!(line.is_some_and(|line| error.column <= line.len() + 1), "{:?}: {}", format, error);
            }
        }
    }
}
