//! What `serde` makes of answers is what `render::json` prints: the envelope of the HTTP API, the same for every kind of
//! value, number and time.

use promqlite::render::json;
use promqlite::testing::{CommandKind, Script};
use promqlite::{Engine, EngineOptions, Error, Features, Labels, MemoryStore, QueryResult, Value};
use serde_json::Value as Json;

/// Counters and gauges, odd numbers and names, exponential and custom histograms.
const LOAD: &str = r#"
load 15s
  requests_total{code="200", path="/a\"b<&>"} 0+7x20
  requests_total{code="500", path="\u2028 line"} 0+0.1x20
  odd{value="nan"} NaN NaN NaN
  odd{value="inf"} Inf -Inf 1e21 1e-7 -0 123456789.125
  {"a.b", "c d"="é"} 1 _ _ 2 _ 3
  latency{path="/"} {{schema:1 count:16 sum:24.5 z_bucket:2 z_bucket_w:0.001 buckets:[3 4 0 5] n_buckets:[2]}}+{{schema:1 count:8 sum:1e21 buckets:[1 1 1]}}x20
  custom {{schema:-53 count:7 sum:18.25 custom_values:[1 5 10] buckets:[1 2 3 1]}}x20
  empty_histogram {{}}x20
  mixed 1 2 {{schema:0 count:1 sum:1 buckets:[1]}} 3
"#;

const QUERIES: [&str; 24] = [
    "1e21",
    "-0.000001",
    "NaN",
    "time()",
    r#""a<b> & \"c\"\n""#,
    "requests_total",
    "odd",
    "odd[2m]",
    "-odd",
    r#"{"a.b"}"#,
    "latency",
    "custom",
    "empty_histogram",
    "mixed",
    "mixed[5m]",
    "latency[1m]",
    "rate(latency[1m])",
    "rate(requests_total[1m])",
    "sum by (code) (rate(requests_total[1m]))",
    "topk(11, requests_total) or latency",
    "quantile(7, requests_total)",
    "rate(odd[1m])",
    "histogram_quantile(0.9, latency)",
    "absent(nothing)",
];

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    let script = Script::parse("data", LOAD).expect("a script");
    for command in script.commands() {
        let CommandKind::Load(series) = &command.kind else { panic!("{command:?}") };
        store.extend(series.clone()).expect("samples in order");
    }
    store
}

fn engine() -> Engine {
    Engine::new(EngineOptions::default().with_features(Features::ALL))
}

/// Every query, at times with and without milliseconds, and over ranges.
fn answers() -> Vec<QueryResult> {
    let (engine, store) = (engine(), store());
    let mut answers = Vec::new();
    for query in QUERIES {
        let prepared = engine.prepare(query).expect(query);
        for time in [0, 45_000, 60_050, -1, 300_007] {
            answers.push(prepared.instant(&store, time).expect(query));
        }
        if let Ok(answer) = prepared.range(&store, 0, 300_000, 1_500) {
            answers.push(answer);
        }
    }
    answers
}

fn printed(result: &QueryResult) -> Json {
    serde_json::from_str(&json::FORMAT.result(result)).expect("JSON")
}

#[test]
fn answers_are_serialised_as_they_are_printed() {
    let mut kinds = std::collections::BTreeMap::new();
    for answer in answers() {
        let serialised = serde_json::to_value(&answer).expect("no error");
        assert_eq!(serialised, printed(&answer), "{}", answer.query());
        assert_eq!(serde_json::to_value(&answer.value).expect("no error"), serialised["data"]);
        *kinds.entry(answer.value.value_type().as_str()).or_insert(0) += 1;
        for key in ["warnings", "infos"] {
            *kinds.entry(key).or_insert(0) += usize::from(serialised.get(key).is_some());
        }
        *kinds.entry("histograms").or_insert(0) +=
            usize::from(serialised.to_string().contains("\"buckets\""));
    }
    // All that there is has been seen.
    assert!(kinds.len() == 7 && kinds.values().all(|count| *count > 0), "{kinds:?}");
}

#[test]
fn values_without_histograms_are_read_back() {
    let (mut read, mut refused) = (0, 0);
    for answer in answers() {
        let text = serde_json::to_string(&answer.value).expect("no error");
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => {
                // Steps and samples at times of their own are told alike, and NaN is not equal to itself.
                assert_eq!(serde_json::to_string(&value).expect("no error"), text, "{}", answer.query());
                assert_eq!(value.value_type(), answer.value.value_type());
                read += 1;
            }
            Err(error) => {
                assert!(text.contains("\"histogram"), "{}: {error}", answer.query());
                assert!(error.to_string().contains("schema is not told"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(read > 60 && refused > 20, "{read} {refused}");
}

#[test]
fn what_is_no_value_is_refused() {
    for text in [
        r#"{"resultType":"vector","result":[{"metric":{},"value":[0,"one"]}]}"#,
        r#"{"resultType":"vector","result":[{"metric":{}}]}"#,
        r#"{"resultType":"matrix","result":{}}"#,
        r#"{"resultType":"tensor","result":[]}"#,
        r#"[]"#,
    ] {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
}

#[test]
fn errors_are_serialised_as_they_are_printed() {
    for query in ["rat(x[5m])", "1 + \"<\"", "sum("] {
        let error: Error = engine().prepare(query).unwrap_err();
        let mut text = String::new();
        json::FORMAT.error.expect("a way of writing errors")(
            error.kind().as_str(),
            error.message(),
            &mut text,
        );
        let printed: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(serde_json::to_value(&error).expect("no error"), printed, "{query}");
    }
}

#[test]
fn labels_are_a_map() {
    let labels = Labels::metric("up").with("job", "a\"b");
    let text = serde_json::to_string(&labels).expect("no error");
    assert_eq!(text, r#"{"__name__":"up","job":"a\"b"}"#);
    assert_eq!(serde_json::from_str::<Labels>(&text).expect("labels"), labels);
}
