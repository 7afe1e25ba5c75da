//! Plain text for pipes: one line for each sample, in the notation that `promtool query` prints.
//!
//! ```text
//! up{instance="a:9090", job="node"} => 1 @[1700000000]      a sample of an instant vector or a matrix
//! {} => 0.5 @[1700000000.25]                                a sample of a series without labels
//! latency => {count:2, sum:3, (1,2]:2} @[1700000000]        a native histogram
//! scalar: 3.14 @[1700000000]                                a scalar
//! string: "text" @[1700000000]                              a string
//! ```
//!
//! Times are Unix seconds. The samples of a matrix come series by series, each in order of time, and every line names
//! its series, so that `grep`, `sort` and `awk '{print $(NF-1)}'` do what one hopes. Names, label values and strings
//! are quoted as PromQL reads them, so a line never holds a control character. An empty answer is no line at all.

use super::format::{Answer, Format};
use super::sample::{Sample, samples};
use crate::model::go_format::{quote, write_f};
use crate::model::value::Value;
use crate::model::{Labels, Timestamp};

/// Plain text for pipes.
pub const FORMAT: Format = Format {
    name: "promql",
    summary: "One line for each sample, `series => value @[time]`, for grep and awk.",
    for_people: false,
    answer,
    error: None,
};

fn answer(answer: &Answer<'_>, out: &mut String) {
    match answer.value {
        Value::Scalar { timestamp, value } => {
            out.push_str("scalar: ");
            write_f(out, *value);
            push_time(out, *timestamp);
        }
        Value::String { timestamp, value } => {
            out.push_str("string: ");
            out.push_str(&quote(value));
            push_time(out, *timestamp);
        }
        Value::Vector(vector) => {
            for sample in vector {
                out.push_str(&series_start(&sample.labels));
                Sample::from(&sample.value).push(out);
                push_time(out, sample.timestamp);
            }
        }
        Value::Matrix(matrix) => {
            for series in matrix {
                let start = series_start(&series.labels);
                for (time, sample) in samples(series) {
                    out.push_str(&start);
                    sample.push(out);
                    push_time(out, time);
                }
            }
        }
    }
}

fn series_start(labels: &Labels) -> String {
    format!("{labels} => ")
}

fn push_time(out: &mut String, time: Timestamp) {
    out.push_str(" @[");
    write_f(out, time as f64 / 1000.0);
    out.push_str("]\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::{InstantSample, MatrixSeries, SampleValue};

    fn render(value: &Value) -> String {
        FORMAT.text(&Answer::of(value))
    }

    #[test]
    fn scalars_and_strings() {
        let scalar = |value| render(&Value::Scalar { timestamp: 1_700_000_000_000, value });
        assert_eq!(scalar(2.5), "scalar: 2.5 @[1700000000]\n");
        assert_eq!(scalar(1e21), "scalar: 1000000000000000000000 @[1700000000]\n");
        assert_eq!(scalar(f64::NEG_INFINITY), "scalar: -Inf @[1700000000]\n");
        let text = Value::String { timestamp: -50, value: "two\nlines".to_owned() };
        assert_eq!(render(&text), "string: \"two\\nlines\" @[-0.05]\n");
    }

    #[test]
    fn a_line_for_each_sample() {
        let labels = Labels::from_pairs([("__name__", "up"), ("job", "a\nb")]);
        let vector = Value::from(vec![
            InstantSample { labels: labels.clone(), timestamp: 0, value: SampleValue::Float(0.0) },
            InstantSample { labels: Labels::empty(), timestamp: 0, value: SampleValue::Float(f64::NAN) },
        ]);
        assert_eq!(render(&vector), "up{job=\"a\\nb\"} => 0 @[0]\n{} => NaN @[0]\n");
        let floats = [(1, 1.5), (60_000, 2.0)].into_iter().collect();
        let matrix = Value::from(vec![MatrixSeries { labels, floats, histograms: vec![] }]);
        assert_eq!(render(&matrix), "up{job=\"a\\nb\"} => 1.5 @[0.001]\nup{job=\"a\\nb\"} => 2 @[60]\n");
    }

    #[test]
    fn nothing_is_no_line() {
        assert_eq!(render(&Value::Vector([].into())), "");
        assert_eq!(render(&Value::Matrix([].into())), "");
    }
}
