//! Histograms as bars: one native histogram bucket by bucket, several in a line each, and the buckets of a classic one.

use std::collections::HashMap;

use super::{Align, Column, brief};
use crate::model::Histogram;
use crate::model::go_format::{json_number, parse_float};
use crate::model::labels::BUCKET_BOUND;
use crate::model::value::{InstantSample, SampleValue};
use crate::render::{bar, printable, sparkline};

/// Characters of the longest bar.
const BAR_WIDTH: usize = 32;

/// Characters of a histogram's shape in one line.
const SHAPE_WIDTH: usize = 24;

/// A histogram in one line: how many observations, their sum, and the shape of what lies between the lowest bound and
/// the highest.
pub(super) fn in_one_line(histogram: &Histogram) -> String {
    let buckets: Vec<_> = histogram.all_buckets().collect();
    let mut text = format!("count {}, sum {}", brief(histogram.count), brief(histogram.sum));
    if let (Some(first), Some(last)) = (buckets.first(), buckets.last()) {
        let counts: Vec<Option<f64>> = buckets.iter().map(|bucket| Some(bucket.count)).collect();
        let shape = sparkline(&counts, SHAPE_WIDTH);
        text += &format!(", {} {shape} {}", brief(first.lower), brief(last.upper));
    }
    text
}

/// The columns and rows that show one histogram bucket by bucket.
pub(super) fn by_bucket(histogram: &Histogram) -> (Vec<Column>, Vec<Vec<String>>) {
    let buckets: Vec<_> = histogram.all_buckets().collect();
    let counts: Vec<f64> = buckets.iter().map(|bucket| bucket.count).collect();
    let rows = buckets.iter().zip(bars(&counts)).map(|(bucket, bar)| {
        let (open, close) =
            (if bucket.lower_inclusive { '[' } else { '(' }, if bucket.upper_inclusive { ']' } else { ')' });
        let bounds = format!("{open}{}, {}{close}", brief(bucket.lower), brief(bucket.upper));
        vec![bounds, brief(bucket.count), bar]
    });
    let columns = vec![
        Column::new("bucket", Align::Fixed),
        Column::new("count", Align::Number),
        Column::new("share", Align::Fixed),
    ];
    (columns, rows.collect())
}

fn bars(counts: &[f64]) -> Vec<String> {
    let most = counts.iter().copied().fold(0.0, f64::max);
    counts.iter().map(|count| bar(count / most, BAR_WIDTH)).collect()
}

/// A bucket of a classic histogram: its bound, the label that says it, and what lies up to it.
struct Bucket<'a> {
    bound: f64,
    text: &'a str,
    value: f64,
}

/// The columns and rows of the buckets of classic histograms, one histogram after the other, by their bounds: what lies up
/// to each bound, and what in each bucket alone. `varying` are the labels that are not the same everywhere. `None` if the
/// samples are not such buckets.
pub(super) fn classic(vector: &[InstantSample], varying: &[&str]) -> Option<(Vec<Column>, Vec<Vec<String>>)> {
    if !varying.contains(&BUCKET_BOUND) {
        return None;
    }
    let others = || varying.iter().filter(|name| **name != BUCKET_BOUND);
    let mut places: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut histograms: Vec<(Vec<&str>, Vec<Bucket<'_>>)> = Vec::new();
    for sample in vector {
        let SampleValue::Float(value) = sample.value else { return None };
        let text = sample.labels.value(BUCKET_BOUND);
        let bound = parse_float(text).ok().filter(|bound| !bound.is_nan())?;
        let labels: Vec<&str> = others().map(|name| sample.labels.value(name)).collect();
        let place = *places.entry(labels.clone()).or_insert(histograms.len());
        if place == histograms.len() {
            histograms.push((labels, Vec::new()));
        }
        histograms[place].1.push(Bucket { bound, text, value });
    }
    let mut rows = Vec::with_capacity(vector.len());
    for (labels, mut buckets) in histograms {
        buckets.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        let counts: Vec<f64> = std::iter::once(0.0)
            .chain(buckets.iter().map(|bucket| bucket.value))
            .zip(&buckets)
            .map(|(below, bucket)| bucket.value - below)
            .collect();
        if buckets.len() < 2 || !counts.iter().all(|count| *count >= 0.0) {
            return None;
        }
        for ((bucket, count), bar) in buckets.iter().zip(&counts).zip(bars(&counts)) {
            let mut row: Vec<String> = labels.iter().map(|value| printable(value).into_owned()).collect();
            row.extend([bucket.text.to_owned(), json_number(bucket.value), brief(*count), bar]);
            rows.push(row);
        }
    }
    let mut columns: Vec<Column> = others().map(|name| Column::new(name, Align::Text)).collect();
    columns.extend([
        Column::new(BUCKET_BOUND, Align::Number),
        Column::new("value", Align::Number),
        Column::new("in bucket", Align::Number),
        Column::new("share", Align::Fixed),
    ]);
    Some((columns, rows))
}
