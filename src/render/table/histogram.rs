//! Histograms as bars: one native histogram bucket by bucket, several in a line each, and the buckets of a classic one.

use super::{Align, Column, brief};
use crate::model::Histogram;
use crate::model::go_format::parse_float;
use crate::model::labels::BUCKET_BOUND;
use crate::model::value::{InstantSample, SampleValue};
use crate::render::{bar, sparkline};

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

/// The columns and rows of the buckets of one classic histogram, by their bounds: what lies up to each bound, and what
/// in each bucket alone. `None` if the samples are not such buckets.
pub(super) fn classic(vector: &[InstantSample], varying: &[&str]) -> Option<(Vec<Column>, Vec<Vec<String>>)> {
    if varying != [BUCKET_BOUND] || vector.len() < 2 {
        return None;
    }
    let mut buckets = Vec::with_capacity(vector.len());
    for sample in vector {
        let SampleValue::Float(value) = sample.value else { return None };
        let text = sample.labels.value(BUCKET_BOUND);
        buckets.push((parse_float(text).ok().filter(|bound| !bound.is_nan())?, text, value));
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    let mut counts = Vec::with_capacity(buckets.len());
    for (_, _, value) in &buckets {
        counts.push(value - below);
        below = *value;
    }
    if !counts.iter().all(|count| *count >= 0.0) {
        return None;
    }
    let rows = buckets.iter().zip(&counts).zip(bars(&counts)).map(|(((_, text, value), count), bar)| {
        vec![text.to_string(), crate::model::go_format::json_number(*value), brief(*count), bar]
    });
    let columns = vec![
        Column::new(BUCKET_BOUND, Align::Number),
        Column::new("value", Align::Number),
        Column::new("in bucket", Align::Number),
        Column::new("share", Align::Fixed),
    ];
    Some((columns, rows.collect()))
}
