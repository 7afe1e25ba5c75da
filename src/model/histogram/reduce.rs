//! Lower resolution: joining buckets.
//!
//! The bounds of a schema are bounds of every finer one, too, so a histogram can be brought to a coarser schema
//! exactly: two buckets become one for each step.
//!
//! ```text
//! schema 1   bucket   -1   0   1   2   3   4
//! schema 0   bucket    0   0   1   1   2   2
//! ```

use super::error::ReduceError;
use super::schema;
use super::spans::SpanBuilder;
use super::structure::{Buckets, Histogram};
use crate::model::kahan::KahanSum;

impl Histogram {
    /// Brings this histogram to the coarser schema `target`. The hint stays.
    ///
    /// # Errors
    ///
    /// Custom buckets have no resolution, `target` has to be exponential and below the present schema, and the spans
    /// have to fit the counts. Nothing has changed then.
    pub fn reduce_resolution(&mut self, target: i32) -> Result<(), ReduceError> {
        if self.uses_custom_buckets() {
            return Err(ReduceError::CustomBuckets);
        }
        if schema::is_custom(target) {
            return Err(ReduceError::ToCustomBuckets);
        }
        if target >= self.schema {
            return Err(ReduceError::NotCoarser { from: self.schema, to: target });
        }
        self.positive.check_spans()?;
        self.negative.check_spans()?;
        self.positive = self.positive.reduced(self.schema, target);
        self.negative = self.negative.reduced(self.schema, target);
        self.schema = target;
        Ok(())
    }

    /// A copy at the resolution of `target`, or at the present one if that is not finer (or not exponential).
    ///
    /// A copy whose resolution was reduced knows nothing of counter resets.
    pub fn copy_to_schema(&self, target: i32) -> Histogram {
        if self.uses_custom_buckets() || schema::is_custom(target) || target >= self.schema {
            return self.clone();
        }
        Histogram {
            schema: target,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive: self.positive.reduced(self.schema, target),
            negative: self.negative.reduced(self.schema, target),
            ..Histogram::default()
        }
    }
}

impl Buckets {
    /// These buckets joined to those of the schema `to`, which is coarser than `from`.
    pub(super) fn reduced(&self, from: i32, to: i32) -> Buckets {
        let mut spans = SpanBuilder::default();
        let mut counts: Vec<f64> = Vec::with_capacity(self.counts.len());
        for (index, count) in self.iter() {
            let target = target_index(index, from, to);
            match counts.last_mut() {
                Some(last) if target < spans.end() => *last += count,
                _ => {
                    spans.push(target);
                    counts.push(count);
                }
            }
        }
        Buckets { spans: spans.finish(), counts }
    }

    /// As [`reduced`](Buckets::reduced), with compensated sums: `lost` are the lost bits of each of these buckets.
    pub(super) fn reduced_with(&self, lost: &[f64], from: i32, to: i32) -> (Buckets, Vec<f64>) {
        let mut spans = SpanBuilder::default();
        let mut sums: Vec<KahanSum> = Vec::with_capacity(self.counts.len());
        for ((index, count), &lost) in self.iter().zip(lost) {
            let target = target_index(index, from, to);
            match sums.last_mut() {
                Some(last) if target < spans.end() => {
                    last.add(count);
                    last.add(lost);
                }
                _ => {
                    spans.push(target);
                    sums.push(KahanSum { sum: count, compensation: lost });
                }
            }
        }
        let (counts, lost) = sums.into_iter().map(|sum| (sum.sum, sum.compensation)).unzip();
        (Buckets { spans: spans.finish(), counts }, lost)
    }
}

/// The bucket at the schema `to` that holds the bucket `index` of the finer schema `from`.
pub(super) fn target_index(index: i32, from: i32, to: i32) -> i32 {
    let steps = from.wrapping_sub(to).clamp(0, 31);
    (index.wrapping_sub(1) >> steps).wrapping_add(1)
}
