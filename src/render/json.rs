//! The HTTP API's envelope, one line for each answer, as Prometheus sends it (`web/api/v1/json_codec.go`):
//!
//! ```text
//! {"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[1.5,"1"]}]}}
//! {"status":"error","errorType":"bad_data","error":"1:4: parse error: unexpected end of input"}
//! ```
//!
//! `warnings` and `infos` follow `data` where there are any, ten of each at most and then how many more there were.
//! Values are strings, since JSON has no NaN; times are seconds with three decimals, or none.

use std::borrow::Cow;

use super::format::{Answer, Format};
use crate::model::go_format::{format_f, write_f, write_json_number, write_json_timestamp};
use crate::model::value::{InstantSample, MatrixSeries, SampleValue, Value};
use crate::model::{Histogram, Labels, Timestamp};

/// The HTTP API's envelope.
pub const FORMAT: Format = Format {
    name: "json",
    summary: "One line for each query, in the envelope of Prometheus' HTTP API.",
    for_people: false,
    answer,
    error: Some(error),
};

/// How many warnings and how many infos are told in full.
const ANNOTATIONS_SHOWN: usize = 10;

fn answer(answer: &Answer<'_>, out: &mut String) {
    out.push_str("{\"status\":\"success\",\"data\":{\"resultType\":\"");
    out.push_str(answer.value.value_type().as_str());
    out.push_str("\",\"result\":");
    match answer.value {
        Value::Scalar { timestamp, value } => {
            push_pair_start(out, *timestamp);
            out.push('"');
            write_f(out, *value);
            out.push_str("\"]");
        }
        Value::String { timestamp, value } => {
            push_pair_start(out, *timestamp);
            push_string(out, value, Escape::Html);
            out.push(']');
        }
        Value::Vector(vector) => push_list(out, vector, push_sample),
        Value::Matrix(matrix) => push_list(out, matrix, push_series),
    }
    out.push('}');
    push_annotations(out, "warnings", "warning", answer.warnings);
    push_annotations(out, "infos", "info", answer.infos);
    out.push_str("}\n");
}

fn error(kind: &str, message: &str, out: &mut String) {
    out.push_str("{\"status\":\"error\",\"errorType\":");
    push_string(out, kind, Escape::Html);
    out.push_str(",\"error\":");
    push_string(out, message, Escape::Html);
    out.push_str("}\n");
}

/// The time of a scalar or a string is a float that lost its trailing zeros; those of samples are fixed-point.
fn push_pair_start(out: &mut String, time: Timestamp) {
    out.push('[');
    out.push_str(&format_f(time as f64 / 1000.0));
    out.push(',');
}

fn push_sample(out: &mut String, sample: &InstantSample) {
    out.push_str("{\"metric\":");
    push_labels(out, &sample.labels);
    match &sample.value {
        SampleValue::Float(value) => {
            out.push_str(",\"value\":");
            push_float_point(out, (sample.timestamp, *value));
        }
        SampleValue::Histogram(histogram) => {
            out.push_str(",\"histogram\":");
            push_histogram_point(out, sample.timestamp, histogram);
        }
    }
    out.push('}');
}

fn push_series(out: &mut String, series: &MatrixSeries) {
    out.push_str("{\"metric\":");
    push_labels(out, &series.labels);
    if !series.floats.is_empty() {
        out.push_str(",\"values\":");
        push_list(out, series.floats.iter(), push_float_point);
    }
    if !series.histograms.is_empty() {
        out.push_str(",\"histograms\":");
        push_list(out, &series.histograms, |out, (time, histogram)| {
            push_histogram_point(out, *time, histogram)
        });
    }
    out.push('}');
}

fn push_float_point(out: &mut String, (time, value): (Timestamp, f64)) {
    out.push('[');
    write_json_timestamp(out, time);
    out.push(',');
    push_number(out, value);
    out.push(']');
}

fn push_histogram_point(out: &mut String, time: Timestamp, histogram: &Histogram) {
    out.push('[');
    write_json_timestamp(out, time);
    out.push(',');
    push_histogram(out, histogram);
    out.push(']');
}

fn push_number(out: &mut String, value: f64) {
    out.push('"');
    write_json_number(out, value);
    out.push('"');
}

fn push_labels(out: &mut String, labels: &Labels) {
    out.push('{');
    for (i, (name, value)) in labels.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_string(out, name, Escape::Plain);
        out.push(':');
        push_string(out, value, Escape::Plain);
    }
    out.push('}');
}

fn push_annotations(out: &mut String, key: &str, word: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
    push_list(out, shown_annotations(texts, word), |out, text| push_string(out, &text, Escape::Html));
}

/// The first warnings or infos, and how many more there are.
pub(super) fn shown_annotations<'a>(texts: &'a [String], word: &str) -> Vec<Cow<'a, str>> {
    let omitted = texts.len().saturating_sub(ANNOTATIONS_SHOWN);
    let note = (omitted > 0).then(|| format!("{omitted} more {word} annotations omitted").into());
    texts.iter().take(ANNOTATIONS_SHOWN).map(|text| text.into()).chain(note).collect()
}

fn push_list<T>(out: &mut String, items: impl IntoIterator<Item = T>, push: impl Fn(&mut String, T)) {
    out.push('[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

/// Which characters a string escapes beyond quotes, backslashes and controls. Prometheus writes label sets with the
/// plain rule and all else with the one that is safe inside HTML.
#[derive(Clone, Copy, PartialEq)]
enum Escape {
    Plain,
    Html,
}

fn push_string(out: &mut String, text: &str, escape: Escape) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' => push_code(out, c),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if escape == Escape::Html => push_code(out, c),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn push_code(out: &mut String, c: char) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}

fn push_histogram(out: &mut String, histogram: &Histogram) {
    out.push_str("{\"count\":");
    push_number(out, histogram.count);
    out.push_str(",\"sum\":");
    push_number(out, histogram.sum);
    let mut buckets = histogram.populated_buckets().peekable();
    if buckets.peek().is_some() {
        out.push_str(",\"buckets\":");
        push_list(out, buckets, |out, (boundaries, bucket)| {
            out.push('[');
            out.push_str(&boundaries.to_string());
            for number in [bucket.lower, bucket.upper, bucket.count] {
                out.push(',');
                push_number(out, number);
            }
            out.push(']');
        });
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::FloatPoints;

    fn render(value: &Value, warnings: &[String]) -> String {
        let out = FORMAT.text(&Answer { value, warnings, infos: &[] });
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&out);
        assert!(parsed.is_ok(), "{out}");
        assert_eq!(out.matches('\n').count(), 1, "{out}");
        out
    }

    #[test]
    fn a_vector_as_the_api_sends_it() {
        let sample = |pairs: &[(&str, &str)], timestamp, value| InstantSample {
            labels: Labels::from_pairs(pairs.iter().copied()),
            timestamp,
            value: SampleValue::Float(value),
        };
        let samples = [
            sample(&[("__name__", "up"), ("path", "<a\t\"b\u{1}&\u{2028}")], 1_435_781_451_050, 1e21),
            sample(&[], -5, f64::NAN),
        ];
        let vector = Value::Vector(samples.into());
        assert_eq!(
            render(&vector, &[]),
            concat!(
                r#"{"status":"success","data":{"resultType":"vector","result":["#,
                r#"{"metric":{"__name__":"up","path":"<a\t\"b\u0001&"#,
                "\u{2028}",
                r#""},"value":[1435781451.050,"1e+21"]},"#,
                r#"{"metric":{},"value":[-0.005,"NaN"]}]}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_matrix_leaves_out_absent_steps() {
        let floats = FloatPoints::of_steps(0, 500, [Some(0.1), None, Some(1e-7)]);
        let matrix = Value::Matrix([MatrixSeries::new(Labels::empty(), floats)].into());
        assert_eq!(
            render(&matrix, &[]),
            concat!(
                r#"{"status":"success","data":{"resultType":"matrix","result":["#,
                r#"{"metric":{},"values":[[0,"0.1"],[1,"1e-07"]]}]}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_histogram_tells_its_populated_buckets() {
        let text = "{{count:9 sum:3.5 z_bucket:2 z_bucket_w:0.001 buckets:[3 0 4]}}";
        let histogram =
            crate::model::histogram::notation::parse_histogram(text).map(|(histogram, _)| histogram);
        let Ok(histogram) = histogram else { panic!("{text}") };
        let sample = InstantSample {
            labels: Labels::empty(),
            timestamp: 0,
            value: SampleValue::Histogram(std::sync::Arc::new(histogram)),
        };
        assert_eq!(
            render(&Value::Vector([sample].into()), &[]),
            concat!(
                r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[0,"#,
                r#"{"count":"9","sum":"3.5","buckets":"#,
                r#"[[3,"-0.001","0.001","2"],[0,"0.5","1","3"],[0,"2","4","4"]]}]}]}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn scalars_strings_and_errors() {
        let scalar = Value::Scalar { timestamp: 1_050, value: 1e21 };
        let expected =
            r#"{"status":"success","data":{"resultType":"scalar","result":[1.05,"1000000000000000000000"]}}"#;
        assert_eq!(render(&scalar, &[]).trim_end(), expected);
        let string = Value::String { timestamp: 0, value: "a<b\n".to_owned() };
        let expected = r#"{"status":"success","data":{"resultType":"string","result":[0,"a\u003cb\n"]}}"#;
        assert_eq!(render(&string, &[]).trim_end(), expected);
        let mut out = String::new();
        error("bad_data", "1:1: parse error: unexpected \"<\"", &mut out);
        let expected =
            r#"{"status":"error","errorType":"bad_data","error":"1:1: parse error: unexpected \"\u003c\""}"#;
        assert_eq!(out.trim_end(), expected);
    }

    #[test]
    fn annotations_past_the_tenth_are_counted() {
        let warnings: Vec<String> = (0..13).map(|i| format!("w{i:02}")).collect();
        let out = render(&Value::Vector([].into()), &warnings);
        assert!(
            out.ends_with("\"result\":[]},\"warnings\":[\"w00\",\"w01\",\"w02\",\"w03\",\"w04\",\"w05\",\"w06\",\"w07\",\"w08\",\"w09\",\"3 more warning annotations omitted\"]}\n"),
            "{out}"
        );
    }
}
