//! Comma-separated values: one line for each sample, one column for each label.
//!
//! ```text
//! __name__,instance,job,timestamp,value
//! up,a:9090,node,1700000000,1
//! up,b:9090,node,1700000000,0
//! ```
//!
//! The first line names the columns: all labels that occur in the answer, sorted, then the time in Unix seconds and the
//! value. A series without one of the labels leaves the field empty. Fields are quoted as RFC 4180 says, where they need
//! it; lines end in a plain newline. A scalar and a string have the last two columns only.

use super::format::{Answer, Format};
use super::sample::{Sample, label_names, samples};
use crate::model::go_format::write_f;
use crate::model::value::Value;
use crate::model::{Labels, Timestamp};

/// Comma-separated values.
pub const FORMAT: Format = Format {
    name: "csv",
    summary: "One line for each sample, one column for each label, for spreadsheets and data frames.",
    for_people: false,
    answer,
    error: None,
};

fn answer(answer: &Answer<'_>, out: &mut String) {
    let names = label_names(answer.value);
    for name in &names {
        push_field(out, name);
        out.push(',');
    }
    out.push_str("timestamp,value\n");
    let mut value = String::new();
    let mut push_line = |fields: &str, time: Timestamp, sample: Sample<'_>| {
        out.push_str(fields);
        write_f(out, time as f64 / 1000.0);
        out.push(',');
        value.clear();
        sample.push(&mut value);
        push_field(out, &value);
        out.push('\n');
    };
    match answer.value {
        Value::Scalar { timestamp, value } => push_line("", *timestamp, Sample::Float(*value)),
        Value::String { timestamp, value } => {
            write_f(out, *timestamp as f64 / 1000.0);
            out.push(',');
            push_field(out, value);
            out.push('\n');
        }
        Value::Vector(vector) => {
            for sample in vector {
                push_line(&fields(&sample.labels, &names), sample.timestamp, (&sample.value).into());
            }
        }
        Value::Matrix(matrix) => {
            for series in matrix {
                let fields = fields(&series.labels, &names);
                samples(series).for_each(|(time, sample)| push_line(&fields, time, sample));
            }
        }
    }
}

/// The fields of the label columns, each with the comma behind it.
fn fields(labels: &Labels, names: &[&str]) -> String {
    let mut out = String::new();
    for name in names {
        push_field(&mut out, labels.value(name));
        out.push(',');
    }
    out
}

fn push_field(out: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::{InstantSample, MatrixSeries, SampleValue};

    fn render(value: &Value) -> String {
        FORMAT.text(&Answer::of(value))
    }

    #[test]
    fn a_column_for_each_label_of_any_series() {
        let sample = |pairs: &[(&str, &str)], value| InstantSample {
            labels: Labels::from_pairs(pairs.iter().copied()),
            timestamp: 1_500,
            value: SampleValue::Float(value),
        };
        let vector = Value::from(vec![
            sample(&[("__name__", "up"), ("job", "a,b")], 1.0),
            sample(&[("__name__", "up"), ("path", "say \"x\"\n")], f64::INFINITY),
        ]);
        assert_eq!(
            render(&vector),
            "__name__,job,path,timestamp,value\nup,\"a,b\",,1.5,1\nup,,\"say \"\"x\"\"\n\",1.5,+Inf\n"
        );
    }

    #[test]
    fn a_line_for_each_sample_of_a_matrix() {
        let floats = [(0, 1.0), (15_000, 2.5)].into_iter().collect();
        let labels = Labels::from_pairs([("job", "node")]);
        let matrix = Value::from(vec![MatrixSeries { labels, floats, histograms: vec![] }]);
        assert_eq!(render(&matrix), "job,timestamp,value\nnode,0,1\nnode,15,2.5\n");
    }

    #[test]
    fn values_without_labels() {
        assert_eq!(render(&Value::Scalar { timestamp: 0, value: 2.0 }), "timestamp,value\n0,2\n");
        let text = Value::String { timestamp: 0, value: "a,b".to_owned() };
        assert_eq!(render(&text), "timestamp,value\n0,\"a,b\"\n");
        assert_eq!(render(&Value::Vector([].into())), "timestamp,value\n");
    }
}
