//! Histograms for tests, written shortly.

use super::notation::parse_histogram;
use super::spans::BucketSpan;
use super::structure::{Buckets, Histogram};

/// The histogram that a text in the notation of test scripts describes.
pub(crate) fn histogram(text: &str) -> Histogram {
    parse_histogram(text).unwrap_or_else(|error| panic!("{text}: {error}")).0
}

/// As [`histogram`], with gaps in place of empty buckets.
pub(crate) fn sparse(text: &str) -> Histogram {
    let mut histogram = histogram(text);
    histogram.compact(0);
    histogram
}

/// Spans as pairs of offset and length, and the counts of their buckets.
pub(crate) type Layout = (&'static [(i32, u32)], &'static [f64]);

/// The buckets of a layout.
pub(crate) fn buckets((spans, counts): Layout) -> Buckets {
    let spans = spans.iter().map(|&(offset, length)| BucketSpan { offset, length }).collect();
    Buckets { spans, counts: counts.to_vec() }
}
