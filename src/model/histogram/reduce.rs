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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::CounterResetHint;
    use crate::model::histogram::fixtures::{buckets, sparse};

    #[test]
    fn buckets_are_joined() {
        let fine = buckets((&[(-2, 4), (0, 0), (3, 2)], &[1.0, 3.0, 1.0, 2.0, 1.0, 1.0]));
        let mut histogram = Histogram { positive: fine.clone(), negative: fine, ..Histogram::default() };
        histogram.counter_reset_hint = CounterResetHint::NotCounterReset;
        assert_eq!(histogram.reduce_resolution(-1), Ok(()));
        let coarse = buckets((&[(-1, 3), (1, 1)], &[1.0, 4.0, 2.0, 2.0]));
        assert_eq!((&histogram.positive, &histogram.negative), (&coarse, &coarse));
        assert_eq!(histogram.schema, -1);
        assert_eq!(histogram.counter_reset_hint, CounterResetHint::NotCounterReset);
    }

    #[test]
    fn targets_of_indices() {
        for (index, from, to, target) in [
            (1, 1, 0, 1),
            (2, 1, 0, 1),
            (3, 1, 0, 2),
            (0, 1, 0, 0),
            (-1, 1, 0, 0),
            (-2, 1, 0, -1),
            (9, 8, -4, 1),
        ] {
            assert_eq!(target_index(index, from, to), target, "{index} from {from} to {to}");
        }
        assert_eq!((target_index(5, 52, 8), target_index(-5, 52, 8)), (1, 0));
    }

    #[test]
    fn copies() {
        let fine = sparse(
            "{{schema:1 count:3 sum:2 z_bucket:1 z_bucket_w:0.1 counter_reset_hint:gauge offset:-4 \
                          buckets:[1 0 0 0 0 0 0 3 2] n_offset:6 n_buckets:[3 0.5 0.5]}}",
        );
        let coarse = fine.copy_to_schema(0);
        assert_eq!(
            coarse.test_expression(),
            "{{count:3 sum:2 z_bucket:1 z_bucket_w:0.1 offset:-2 buckets:[1 0 0 0 5] n_offset:3 n_buckets:[3 1]}}"
        );
        for target in [1, 2, -53] {
            assert_eq!(fine.copy_to_schema(target), fine);
        }
        let custom = sparse("{{schema:-53 custom_values:[1 2] buckets:[1 2 3]}}");
        assert_eq!(custom.copy_to_schema(-60), custom);
    }

    #[test]
    fn what_cannot_be_reduced() {
        let with = |spans, counts: &'static [f64]| Histogram {
            positive: buckets((spans, counts)),
            ..Histogram::default()
        };
        for (mut histogram, target, message) in [
            (
                with(&[(-2, 4), (0, 0), (3, 2)], &[1.0, 3.0, 1.0, 2.0, 1.0]),
                -1,
                "have 5 buckets but spans need more: \
                 histogram spans specify different number of buckets than provided",
            ),
            (
                with(&[(-2, 4), (3, 2)], &[1.0, 3.0, 1.0, 2.0, 1.0, 1.0, 5.0]),
                -1,
                "spans need 6 buckets, have 7 buckets: \
                 histogram spans specify different number of buckets than provided",
            ),
            (
                with(&[(-2, 4), (-1, 0), (3, 2)], &[1.0; 6]),
                -1,
                "span number 2 with offset -1: histogram has a span whose offset is negative",
            ),
            (with(&[], &[]), 0, "cannot reduce resolution from schema 0 to 0"),
            (with(&[], &[]), -53, "cannot reduce resolution to custom buckets schema"),
            (
                Histogram { schema: -53, ..Histogram::default() },
                -60,
                "cannot reduce resolution when there are custom buckets",
            ),
        ] {
            let before = histogram.clone();
            let error = histogram.reduce_resolution(target).map_err(|error| error.to_string());
            assert_eq!(error, Err(message.to_owned()));
            assert_eq!(histogram, before);
        }
    }
}
