//! Which rows and columns a value makes.

use std::collections::BTreeSet;

use super::{Align, Column, Table, brief, histogram};
use crate::model::labels::METRIC_NAME;
use crate::model::value::{InstantSample, MatrixSeries, SampleValue, Value};
use crate::model::{Labels, Timestamp};
use crate::render::sample::{Sample, label_names, samples};
use crate::render::{printable, rfc3339, sparkline};
use crate::syntax::format_duration;

/// A range query of no more steps than this has a column for each.
pub(super) const MOST_STEP_COLUMNS: usize = 6;

/// Characters that a course takes.
const COURSE_WIDTH: usize = 24;

pub(super) fn arrange(value: &Value) -> Table {
    match value {
        Value::Scalar { timestamp, value } => Table {
            columns: vec![Column::new("value", Align::Number)],
            rows: vec![vec![number(*value)]],
            footer: format!("scalar at {}", rfc3339(*timestamp)),
            ..Table::default()
        },
        Value::String { timestamp, value } => Table {
            columns: vec![Column::new("value", Align::Text)],
            rows: vec![vec![printable(value).into_owned()]],
            footer: format!("string at {}", rfc3339(*timestamp)),
            ..Table::default()
        },
        Value::Vector(vector) => vector_table(value, vector),
        Value::Matrix(matrix) => matrix_table(value, matrix),
    }
}

impl Column {
    pub(super) fn new(title: &str, align: Align) -> Self {
        Column { title: printable(title).into_owned(), align }
    }
}

/// The labels of all series of a value, told apart: those that are the same everywhere, and the columns.
struct LabelColumns<'a> {
    shared: String,
    varying: Vec<&'a str>,
}

impl<'a> LabelColumns<'a> {
    fn of<'l>(value: &'a Value, all: impl Iterator<Item = &'l Labels> + Clone) -> Self {
        let Some(first) = all.clone().next() else {
            return LabelColumns { shared: String::new(), varying: Vec::new() };
        };
        let names = label_names(value);
        let (shared, mut varying): (Vec<&str>, Vec<&str>) =
            names.into_iter().partition(|name| all.clone().all(|labels| labels.get(name) == first.get(name)));
        varying.sort_by_key(|name| (*name != METRIC_NAME, *name));
        let shared = first.filter(|name| shared.contains(&name));
        let shared = if shared.is_empty() { String::new() } else { shared.to_string() };
        LabelColumns { shared, varying }
    }

    fn columns(&self) -> Vec<Column> {
        self.varying.iter().map(|name| Column::new(name, Align::Text)).collect()
    }

    fn cells(&self, labels: &Labels) -> Vec<String> {
        self.varying.iter().map(|name| printable(labels.value(name)).into_owned()).collect()
    }
}

fn vector_table(value: &Value, vector: &[InstantSample]) -> Table {
    let Some(first) = vector.first() else {
        return Table { footer: "no series".to_owned(), ..Table::default() };
    };
    let labels = LabelColumns::of(value, vector.iter().map(|sample| &sample.labels));
    if let ([_], SampleValue::Histogram(histogram)) = (vector, &first.value) {
        let (columns, rows) = histogram::by_bucket(histogram);
        let (count, sum) = (brief(histogram.count), brief(histogram.sum));
        let footer = format!("histogram of {count} observations, sum {sum}, at {}", rfc3339(first.timestamp));
        return Table { shared: labels.shared, columns, rows, footer };
    }
    let footer = format!("{} series at {}", vector.len(), rfc3339(first.timestamp));
    if let Some((columns, rows)) = histogram::classic(vector, &labels.varying) {
        return Table { shared: labels.shared, columns, rows, footer };
    }
    let only_floats = vector.iter().all(|sample| matches!(sample.value, SampleValue::Float(_)));
    let mut columns = labels.columns();
    columns.push(Column::new("value", if only_floats { Align::Number } else { Align::Fixed }));
    let rows = vector
        .iter()
        .map(|sample| {
            let mut row = labels.cells(&sample.labels);
            row.push(cell((&sample.value).into()));
            row
        })
        .collect();
    Table { shared: labels.shared, columns, rows, footer }
}

fn matrix_table(value: &Value, matrix: &[MatrixSeries]) -> Table {
    let labels = LabelColumns::of(value, matrix.iter().map(|series| &series.labels));
    let times: BTreeSet<Timestamp> =
        matrix.iter().flat_map(|series| samples(series).map(|(time, _)| time)).collect();
    let (Some(start), Some(end)) = (times.first(), times.last()) else {
        return Table { footer: "no series".to_owned(), ..Table::default() };
    };
    let mut footer = format!("{} series, {} to {}", matrix.len(), rfc3339(*start), rfc3339(*end));
    let as_read = |series: &MatrixSeries| series.floats.is_as_read() && !series.floats.is_empty();
    let mut columns = labels.columns();
    let rows = if matrix.iter().any(as_read) || matrix.iter().any(|series| !series.histograms.is_empty()) {
        let only_floats = matrix.iter().all(|series| series.histograms.is_empty());
        let align = if only_floats { Align::Number } else { Align::Fixed };
        columns.extend([Column::new("time", Align::Fixed), Column::new("value", align)]);
        rows_by_sample(matrix, &labels)
    } else if times.len() <= MOST_STEP_COLUMNS {
        columns.extend(times.iter().map(|time| Column::new(&step_title(*time, *start, *end), Align::Number)));
        rows_by_step(matrix, &labels, &times)
    } else {
        let numbers = ["samples", "first", "last", "min", "max"];
        columns.extend(numbers.map(|title| Column::new(title, Align::Number)));
        columns.push(Column::new("course", Align::Fixed));
        rows_by_series(matrix, &labels, &times)
    };
    if let Some(step) = step_of(matrix) {
        footer += &format!(", step {}", format_duration(step));
    }
    Table { shared: labels.shared, columns, rows, footer }
}

fn rows_by_sample(matrix: &[MatrixSeries], labels: &LabelColumns<'_>) -> Vec<Vec<String>> {
    let row = |series, time, sample| {
        let mut row = labels.cells(series);
        row.extend([rfc3339(time), cell(sample)]);
        row
    };
    matrix
        .iter()
        .flat_map(|series| samples(series).map(move |(time, sample)| row(&series.labels, time, sample)))
        .collect()
}

fn rows_by_step(
    matrix: &[MatrixSeries],
    labels: &LabelColumns<'_>,
    times: &BTreeSet<Timestamp>,
) -> Vec<Vec<String>> {
    matrix
        .iter()
        .map(|series| {
            let mut row = labels.cells(&series.labels);
            let mut values = series.floats.iter().peekable();
            row.extend(times.iter().map(|time| {
                values.next_if(|(t, _)| t == time).map(|(_, value)| brief(value)).unwrap_or_default()
            }));
            row
        })
        .collect()
}

fn rows_by_series(
    matrix: &[MatrixSeries],
    labels: &LabelColumns<'_>,
    times: &BTreeSet<Timestamp>,
) -> Vec<Vec<String>> {
    matrix
        .iter()
        .map(|series| {
            let values: Vec<f64> = series.floats.iter().map(|(_, value)| value).collect();
            let shown = |value: Option<f64>| value.map(brief).unwrap_or_default();
            let mut row = labels.cells(&series.labels);
            row.extend([
                values.len().to_string(),
                shown(values.first().copied()),
                shown(values.last().copied()),
                shown(values.iter().copied().reduce(f64::min)),
                shown(values.iter().copied().reduce(f64::max)),
            ]);
            let mut points = series.floats.iter().peekable();
            let steps: Vec<Option<f64>> =
                times.iter().map(|time| points.next_if(|(t, _)| t == time).map(|(_, value)| value)).collect();
            row.push(sparkline(&steps, COURSE_WIDTH));
            row
        })
        .collect()
}

fn step_of(matrix: &[MatrixSeries]) -> Option<i64> {
    matrix.iter().find_map(|series| series.floats.step())
}

/// Only the time of day where all steps lie on one day.
fn step_title(time: Timestamp, start: Timestamp, end: Timestamp) -> String {
    let text = rfc3339(time);
    match (text.split_once('T'), rfc3339(start).split_once('T'), rfc3339(end).split_once('T')) {
        (Some((_, clock)), Some((first, _)), Some((last, _))) if first == last => {
            clock.trim_end_matches('Z').to_owned()
        }
        _ => text,
    }
}

fn number(value: f64) -> String {
    crate::model::go_format::json_number(value)
}

fn cell(sample: Sample<'_>) -> String {
    match sample {
        Sample::Float(value) => number(value),
        Sample::Histogram(histogram) => histogram::in_one_line(histogram),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FloatPoints;
    use crate::render::table::Style;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::from_pairs(pairs.iter().copied())
    }

    fn paint(value: &Value) -> String {
        arrange(value).paint(&Style::default())
    }

    fn vector(series: &[(&[(&str, &str)], f64)]) -> Value {
        let sample = |(pairs, value): &(&[(&str, &str)], f64)| InstantSample {
            labels: labels(pairs),
            timestamp: 1_700_000_000_000,
            value: SampleValue::Float(*value),
        };
        Value::Vector(series.iter().map(sample).collect())
    }

    fn steps(pairs: &[(&str, &str)], step: i64, values: &[Option<f64>]) -> MatrixSeries {
        let floats = FloatPoints::of_steps(1_700_000_000_000, step, values.iter().copied());
        MatrixSeries::new(labels(pairs), floats)
    }

    #[test]
    fn shared_labels_are_told_once() {
        let value = vector(&[
            (&[("__name__", "up"), ("job", "node"), ("instance", "a"), ("Z", "1")], 1.0),
            (&[("__name__", "up"), ("job", "node"), ("instance", "b")], 0.5),
        ]);
        let expected = "\
up{job=\"node\"}
 Z │ instance │ value
───┼──────────┼───────
 1 │ a        │   1
   │ b        │   0.5
2 series at 2023-11-14T22:13:20Z
";
        assert_eq!(paint(&value), expected);
    }

    #[test]
    fn the_name_comes_first_and_controls_are_shown() {
        let value = vector(&[
            (&[("__name__", "b"), ("A", "\x1b[31m")], 1e21),
            (&[("__name__", "a"), ("A", "x\ny")], f64::NAN),
        ]);
        let painted = paint(&value);
        assert_eq!(painted.lines().next(), Some(" __name__ │ A        │   value"));
        assert!(painted.contains("\\x1b[31m") && painted.contains("x\\ny"), "{painted}");
        assert!(!painted.contains('\x1b'));
    }

    #[test]
    fn one_series_and_none() {
        let one = vector(&[(&[("__name__", "up"), ("job", "node")], 1.0)]);
        assert_eq!(
            paint(&one),
            "up{job=\"node\"}\n value\n───────\n     1\n1 series at 2023-11-14T22:13:20Z\n"
        );
        assert_eq!(paint(&vector(&[(&[], 2.0)])).lines().next(), Some(" value"));
        assert_eq!(paint(&vector(&[])), "no series\n");
        assert_eq!(paint(&Value::Matrix([].into())), "no series\n");
    }

    #[test]
    fn a_few_steps_are_columns() {
        let value = Value::from(vec![
            steps(&[("job", "a")], 60_000, &[Some(1.0), None, Some(1.0 / 3.0)]),
            steps(&[("job", "b")], 60_000, &[Some(10.0), Some(20.0), None]),
        ]);
        let expected = " job │ 22:13:20 │ 22:14:20 │ 22:15:20
─────┼──────────┼──────────┼──────────
 a   │        1 │          │ 0.333333
 b   │       10 │       20 │
2 series, 2023-11-14T22:13:20Z to 2023-11-14T22:15:20Z, step 1m
";
        assert_eq!(paint(&value), expected);
    }

    #[test]
    fn many_steps_are_a_course() {
        let rising: Vec<Option<f64>> = (0..8).map(|i| Some(f64::from(i))).collect();
        let value = Value::from(vec![steps(&[("job", "a")], 5_400_000, &rising)]);
        let expected = "\
{job=\"a\"}
 samples │ first │ last │ min │ max │ course
─────────┼───────┼──────┼─────┼─────┼──────────
       8 │     0 │    7 │   0 │   7 │ ▁▂▃▄▅▆▇█
1 series, 2023-11-14T22:13:20Z to 2023-11-15T08:43:20Z, step 1h30m
";
        assert_eq!(paint(&value), expected);
    }

    #[test]
    fn samples_as_read_are_rows() {
        let floats = [(0, 1.0), (15_500, 2.0)].into_iter().collect();
        let value = Value::from(vec![MatrixSeries {
            labels: labels(&[("__name__", "up")]),
            floats,
            histograms: vec![],
        }]);
        let expected = "\
up
 time                     │ value
──────────────────────────┼───────
 1970-01-01T00:00:00Z     │     1
 1970-01-01T00:00:15.500Z │     2
1 series, 1970-01-01T00:00:00Z to 1970-01-01T00:00:15.500Z
";
        assert_eq!(paint(&value), expected);
    }
}
