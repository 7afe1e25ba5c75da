//! `load_with_nhcb`: classic histograms a second time, as native histograms with custom buckets.
//!
//! The series `x_bucket{le="…"}`, `x_count` and `x_sum` with the labels `l` become the one series `x{l}`, with a
//! histogram wherever one of them has a float.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::{LoadError, LoadProblem};
use crate::model::go_format::parse_float;
use crate::model::histogram::nhcb::ClassicHistogram;
use crate::model::labels::{BUCKET_BOUND, METRIC_NAME};
use crate::model::{Labels, Timestamp};
use crate::store::SeriesData;

#[derive(Clone, Copy)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

/// The native histograms that the classic ones among `loaded` make; those are found in lines that end at `line`.
pub(super) fn convert(loaded: &[SeriesData], line: usize) -> Result<Vec<SeriesData>, LoadError> {
    let failed = |problem| LoadError { line, column: 1, problem };
    let mut families: BTreeMap<Labels, BTreeMap<Timestamp, ClassicHistogram>> = BTreeMap::new();
    for series in loaded {
        let Some((base, part)) = part_of(&series.labels).map_err(failed)? else { continue };
        let times = families.entry(base).or_default();
        for (&timestamp, &value) in series.floats.timestamps.iter().zip(&series.floats.values) {
            let classic = times.entry(timestamp).or_default();
            match part {
                Part::Bucket(bound) => classic.set_bucket(bound, value),
                Part::Count => classic.set_count(value),
                Part::Sum => classic.set_sum(value),
            }
        }
    }
    let mut converted = Vec::with_capacity(families.len());
    for (labels, times) in families {
        let refused =
            |reason: String| failed(LoadProblem::ClassicHistogram { series: labels.to_string(), reason });
        let mut native = SeriesData::new(labels.clone());
        for (timestamp, classic) in times {
            let histogram = classic.into_native().map_err(|error| refused(error.to_string()))?;
            histogram.validate().map_err(|error| refused(error.to_string()))?;
            native.push(timestamp, Arc::new(histogram));
        }
        converted.push(native);
    }
    Ok(converted)
}

/// Which native histogram the series is a part of, and which part.
fn part_of(labels: &Labels) -> Result<Option<(Labels, Part)>, LoadProblem> {
    let name = labels.metric_name();
    let (base, part) = if let Some(base) = name.strip_suffix("_bucket") {
        let bound =
            labels.get(BUCKET_BOUND).ok_or_else(|| LoadProblem::BucketWithoutBound(labels.to_string()))?;
        match parse_float(bound) {
            Ok(bound) if !bound.is_nan() => (base, Part::Bucket(bound)),
            _ => return Ok(None),
        }
    } else if let Some(base) = name.strip_suffix("_count") {
        (base, Part::Count)
    } else if let Some(base) = name.strip_suffix("_sum") {
        (base, Part::Sum)
    } else {
        return Ok(None);
    };
    let mut builder = labels.builder();
    builder.set(METRIC_NAME, base).remove(BUCKET_BOUND);
    Ok(Some((builder.build(), part)))
}

#[cfg(test)]
mod tests {
    use crate::ingest::load::read;

    fn converted(text: &str) -> Result<Vec<String>, String> {
        let loaded = read(&format!("load_with_nhcb 1s\n{text}"), 0).map_err(|error| error.to_string())?;
        let lines = loaded.iter().flat_map(|series| {
            let histograms = series.histograms.timestamps.iter().zip(&series.histograms.values);
            histograms
                .map(|(time, histogram)| format!("{}@{time} {}", series.labels, histogram.test_expression()))
        });
        Ok(lines.collect())
    }

    #[test]
    fn families_become_histograms() {
        let text = "
 x_bucket{a=\"1\",le=\"1\"} 1 2
 x_bucket{a=\"1\",le=\"+Inf\"} 3 4
 x_sum{a=\"1\"} _ 7
 x_bucket{a=\"2\",le=\"5\"} 2
 x_count{a=\"2\"} 3
 other 5"
            .trim_start();
        assert_eq!(
            converted(text).unwrap(),
            [
                "x{a=\"1\"}@0 {{schema:-53 count:3 custom_values:[1] buckets:[1 2]}}",
                "x{a=\"1\"}@1000 {{schema:-53 count:4 sum:7 custom_values:[1] buckets:[2 2]}}",
                "x{a=\"2\"}@0 {{schema:-53 count:3 custom_values:[5] buckets:[2 1]}}",
            ]
        );
    }

    #[test]
    fn refused() {
        for (text, expected) in [
            ("x_bucket 1", "2:1: the bucket x_bucket has no label le"),
            (
                "x_bucket{le=\"1\"} 2\nx_bucket{le=\"2\"} 1",
                "3:1: the classic histogram x cannot be converted: count is not cumulative: 1 < 2",
            ),
            (
                "x_count -1",
                "2:1: the classic histogram x cannot be converted: count must be non-negative: count=-1",
            ),
        ] {
            assert_eq!(converted(text).unwrap_err(), expected, "{text}");
        }
    }
}
