//! Sums of histograms that keep what rounding loses.
//!
//! Every count, the sum and every bucket is a compensated sum of its own. Their lost bits are a histogram, too: the
//! *compensation*, which always has the layout of the sum.
//!
//! ```
//! use promqlite::model::histogram::kahan::KahanHistogram;
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let [a, b, c] = ["{{sum:1}}", "{{sum:1e100}}", "{{sum:-1e100}}"].map(|text| parse_histogram(text).unwrap().0);
//! let mut sum = KahanHistogram::new(a);
//! sum.add(&b).unwrap();
//! sum.add(&c).unwrap();
//! assert_eq!(sum.total().unwrap().sum, 1.0);
//! ```

use std::borrow::Cow;

use super::arithmetic::{Combined, within_zero};
use super::custom_bounds::bounds_match;
use super::error::IncompatibleSchemas;
use super::merge::Addend;
use super::structure::{Buckets, Histogram};
use crate::model::kahan::kahan_add;

/// A running compensated sum of histograms.
#[derive(Clone, Debug, PartialEq)]
pub struct KahanHistogram {
    /// The sum as far as `f64`s hold it.
    pub sum: Histogram,
    /// What rounding lost on the way; `None` until something was added.
    pub compensation: Option<Histogram>,
}

impl KahanHistogram {
    /// A sum that starts at `start`.
    pub fn new(start: Histogram) -> Self {
        KahanHistogram { sum: start, compensation: None }
    }

    /// Adds `other`.
    ///
    /// # Errors
    ///
    /// One has custom buckets, the other has not. Nothing has changed then.
    pub fn add(&mut self, other: &Histogram) -> Result<Combined, IncompatibleSchemas> {
        self.sum.kahan_add(other, &mut self.compensation)
    }

    /// Multiplies the sum, and what it has lost, by `factor`.
    pub fn mul(&mut self, factor: f64) {
        self.sum.mul(factor);
        if let Some(compensation) = &mut self.compensation {
            compensation.mul(factor);
        }
    }

    /// Divides the sum, and what it has lost, by `divisor`.
    pub fn div(&mut self, divisor: f64) {
        self.sum.div(divisor);
        if let Some(compensation) = &mut self.compensation {
            compensation.div(divisor);
        }
    }

    /// The sum with what was lost given back. It is not compacted.
    ///
    /// # Errors
    ///
    /// Only if the public fields were given histograms that do not belong together.
    pub fn total(mut self) -> Result<Histogram, IncompatibleSchemas> {
        if let Some(compensation) = &self.compensation {
            self.sum.add(compensation)?;
        }
        Ok(self.sum)
    }
}

impl Histogram {
    /// Adds `other`, compensated. `compensation` is what this sum has lost so far; `None` says "nothing yet", and is
    /// replaced.
    ///
    /// # Errors
    ///
    /// One has custom buckets, the other has not. Nothing has changed then.
    pub fn kahan_add(
        &mut self,
        other: &Histogram,
        compensation: &mut Option<Histogram>,
    ) -> Result<Combined, IncompatibleSchemas> {
        let mut combined = self.begin_combining(other)?;
        let lost = compensation.get_or_insert_with(|| self.empty_compensation());

        if !self.uses_custom_buckets() {
            let theirs = self.reconcile_zero_buckets(other, Some(lost));
            for value in [theirs.sum, theirs.compensation] {
                (self.zero_count, lost.zero_count) = kahan_add(value, self.zero_count, lost.zero_count);
            }
        }
        (self.count, lost.count) = kahan_add(other.count, self.count, lost.count);
        (self.sum, lost.sum) = kahan_add(other.sum, self.sum, lost.sum);

        if self.uses_custom_buckets() {
            if bounds_match(&self.custom_values, &other.custom_values) {
                let addend = Addend { buckets: &other.positive, skip: 0, negate: false, lost: None };
                self.positive.kahan_add(&mut lost.positive.counts, &addend);
                lost.positive.spans.clone_from(&self.positive.spans);
            } else {
                combined.bounds_reconciled = true;
                self.add_at_common_bounds(other, false, Some(lost));
            }
            return Ok(combined);
        }

        if other.schema < self.schema {
            let (from, to) = (self.schema, other.schema);
            (self.positive, lost.positive.counts) =
                self.positive.reduced_with(&lost.positive.counts, from, to);
            (self.negative, lost.negative.counts) =
                self.negative.reduced_with(&lost.negative.counts, from, to);
            self.schema = to;
        }
        let (schema, zero_threshold) = (self.schema, self.zero_threshold);
        for (ours, lost, theirs) in [
            (&mut self.positive, &mut lost.positive, &other.positive),
            (&mut self.negative, &mut lost.negative, &other.negative),
        ] {
            let (theirs, their_lost) = if other.schema > schema {
                let (reduced, lost) =
                    theirs.reduced_with(&vec![0.0; theirs.counts.len()], other.schema, schema);
                (Cow::Owned(reduced), Some(lost))
            } else {
                (Cow::Borrowed(theirs), None)
            };
            let skip = within_zero(&theirs, schema, zero_threshold);
            let addend = Addend { buckets: &theirs, skip, negate: false, lost: their_lost.as_deref() };
            ours.kahan_add(&mut lost.counts, &addend);
            lost.spans.clone_from(&ours.spans);
        }
        lost.schema = schema;
        lost.zero_threshold = zero_threshold;
        Ok(combined)
    }

    /// The compensation of a sum that has lost nothing.
    fn empty_compensation(&self) -> Histogram {
        let empty = |buckets: &Buckets| Buckets {
            spans: buckets.spans.clone(),
            counts: vec![0.0; buckets.counts.len()],
        };
        Histogram {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            positive: empty(&self.positive),
            negative: empty(&self.negative),
            custom_values: self.custom_values.clone(),
            ..Histogram::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{histogram, sparse};

    /// Adds all texts up, and checks on the way that the compensation has the layout of the sum.
    fn total(texts: &[&str]) -> Histogram {
        let mut sum = KahanHistogram::new(sparse(texts[0]));
        for text in &texts[1..] {
            sum.add(&sparse(text)).unwrap();
            let compensation = sum.compensation.as_ref().unwrap();
            for (ours, lost) in
                [(&sum.sum.positive, &compensation.positive), (&sum.sum.negative, &compensation.negative)]
            {
                assert_eq!(ours.spans, lost.spans);
                assert_eq!(ours.counts.len(), lost.counts.len());
            }
            assert_eq!(sum.sum.schema, compensation.schema);
            assert_eq!(sum.sum.zero_threshold, compensation.zero_threshold);
            assert_eq!(sum.sum.custom_values, compensation.custom_values);
        }
        let mut total = sum.total().unwrap();
        total.compact(0);
        total
    }

    #[test]
    fn nothing_is_lost() {
        for (texts, expected) in [
            (vec!["{{sum:3 buckets:[1]}}"], "{{sum:3 buckets:[1]}}"),
            (
                vec![
                    "{{count:1 sum:1 z_bucket:1 buckets:[1 0 5] n_buckets:[1]}}",
                    "{{count:1e100 sum:1e100 z_bucket:1e100 buckets:[1e100] n_buckets:[1e100]}}",
                    "{{count:-1e100 sum:-1e100 z_bucket:-1e100 buckets:[-1e100] n_buckets:[-1e100]}}",
                ],
                "{{count:1 sum:1 z_bucket:1 buckets:[1 0 5] n_buckets:[1]}}",
            ),
            // New buckets appear between the ones whose bits are kept.
            (
                vec![
                    "{{buckets:[1 0 0 2]}}",
                    "{{buckets:[1e100 0 7 1e100]}}",
                    "{{offset:-1 buckets:[3 -1e100 4 0 -1e100]}}",
                ],
                "{{offset:-1 buckets:[3 1 4 7 2]}}",
            ),
            // Buckets are joined while they hold lost bits.
            (
                vec![
                    "{{schema:1 offset:1 buckets:[1 1 1]}}",
                    "{{schema:1 offset:1 buckets:[1e100 1e100]}}",
                    "{{offset:1 buckets:[-2e100]}}",
                ],
                "{{offset:1 buckets:[2 1]}}",
            ),
            (
                vec![
                    "{{offset:1 buckets:[1]}}",
                    "{{schema:1 offset:1 buckets:[1e100 1]}}",
                    "{{offset:1 buckets:[-1e100]}}",
                ],
                "{{offset:1 buckets:[2]}}",
            ),
            // They go into the zero bucket.
            (
                vec![
                    "{{z_bucket:1 offset:-1 buckets:[1 1 1]}}",
                    "{{offset:-1 buckets:[1e100 1e100]}}",
                    "{{z_bucket:-2e100 z_bucket_w:1}}",
                ],
                "{{z_bucket:3 z_bucket_w:1 offset:1 buckets:[1]}}",
            ),
            // Custom bounds are reconciled.
            (
                vec![
                    "{{schema:-53 custom_values:[1 2] buckets:[1 1 1]}}",
                    "{{schema:-53 custom_values:[1 2] buckets:[1e100 1e100]}}",
                    "{{schema:-53 custom_values:[2] buckets:[-2e100]}}",
                ],
                "{{schema:-53 custom_values:[2] buckets:[2 1]}}",
            ),
        ] {
            assert_eq!(total(&texts), sparse(expected), "{texts:?}");
        }
    }

    #[test]
    fn lost_bits_are_scaled_along() {
        let mut sum = KahanHistogram::new(histogram("{{sum:1 buckets:[1]}}"));
        sum.add(&histogram("{{sum:1e100 buckets:[1e100]}}")).unwrap();
        sum.mul(4.0);
        sum.div(2.0);
        sum.add(&histogram("{{sum:-2e100 buckets:[-2e100]}}")).unwrap();
        assert_eq!(sum.total(), Ok(histogram("{{sum:2 buckets:[2]}}")));
    }

    #[test]
    fn what_happened_is_told() {
        let mut sum =
            KahanHistogram::new(histogram("{{schema:-53 counter_reset_hint:reset custom_values:[1]}}"));
        let other = histogram("{{schema:-53 counter_reset_hint:not_reset custom_values:[2]}}");
        let combined = Combined { counter_reset_collision: true, bounds_reconciled: true };
        assert_eq!(sum.add(&other), Ok(combined));
        assert_eq!(sum.add(&histogram("{{}}")), Err(IncompatibleSchemas));
    }
}
