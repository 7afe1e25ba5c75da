//! Adding, subtracting and scaling histograms.
//!
//! ```
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let mut sum = parse_histogram("{{schema:1 count:3 sum:2 buckets:[1 2]}}").unwrap().0;
//! let other = parse_histogram("{{schema:0 count:1 sum:8 offset:3 buckets:[1]}}").unwrap().0;
//! let notes = sum.add(&other).unwrap();
//! assert!(!notes.counter_reset_collision && !notes.bounds_reconciled);
//! assert_eq!(sum.to_string(), "{count:4, sum:10, (0.5,1]:1, (1,2]:2, (4,8]:1}");
//! ```
//!
//! Two histograms need not have the same layout: the finer schema gives way to the coarser one, the narrower zero
//! bucket to the wider one, and custom bounds to those that both have. Only exponential and custom buckets do not
//! combine. Buckets that have become empty stay; [`compact`](Histogram::compact) removes them
//! (`model/histogram/float_histogram.go`).

use std::borrow::Cow;

use super::bounds::{bound, exponential_bound};
use super::custom_bounds::bounds_match;
use super::error::IncompatibleSchemas;
use super::merge::Addend;
use super::schema;
use super::structure::{Buckets, CounterResetHint, Histogram};

/// What happened when two histograms were combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combined {
    /// One of them says that the counter was reset, the other that it was not.
    pub counter_reset_collision: bool,
    /// Their custom bounds differed, and were brought to the common ones.
    pub bounds_reconciled: bool,
}

impl std::ops::BitOrAssign for Combined {
    fn bitor_assign(&mut self, other: Combined) {
        self.counter_reset_collision |= other.counter_reset_collision;
        self.bounds_reconciled |= other.bounds_reconciled;
    }
}

impl Histogram {
    /// Adds `other`.
    ///
    /// # Errors
    ///
    /// One has custom buckets, the other has not. Nothing has changed then.
    pub fn add(&mut self, other: &Histogram) -> Result<Combined, IncompatibleSchemas> {
        self.combine(other, false)
    }

    /// Subtracts `other`. The hint is found as for a sum; the operator `-` of the query language makes the result a
    /// gauge afterwards.
    ///
    /// # Errors
    ///
    /// One has custom buckets, the other has not. Nothing has changed then.
    pub fn sub(&mut self, other: &Histogram) -> Result<Combined, IncompatibleSchemas> {
        self.combine(other, true)
    }

    fn combine(&mut self, other: &Histogram, negate: bool) -> Result<Combined, IncompatibleSchemas> {
        let mut combined = self.begin_combining(other)?;
        let signed = |value: f64| if negate { -value } else { value };
        if !self.uses_custom_buckets() {
            let zero_count = self.reconcile_zero_buckets(other, None).sum;
            self.zero_count += signed(zero_count);
        }
        self.count += signed(other.count);
        self.sum += signed(other.sum);

        if self.uses_custom_buckets() {
            if bounds_match(&self.custom_values, &other.custom_values) {
                self.positive.add(&Addend { buckets: &other.positive, skip: 0, negate, lost: None });
            } else {
                combined.bounds_reconciled = true;
                self.add_at_common_bounds(other, negate, None);
            }
            return Ok(combined);
        }

        if other.schema < self.schema {
            self.positive = self.positive.reduced(self.schema, other.schema);
            self.negative = self.negative.reduced(self.schema, other.schema);
            self.schema = other.schema;
        }
        for (ours, theirs) in [(&mut self.positive, &other.positive), (&mut self.negative, &other.negative)] {
            let theirs = match other.schema > self.schema {
                true => Cow::Owned(theirs.reduced(other.schema, self.schema)),
                false => Cow::Borrowed(theirs),
            };
            let skip = within_zero(&theirs, self.schema, self.zero_threshold);
            ours.add(&Addend { buckets: &theirs, skip, negate, lost: None });
        }
        Ok(combined)
    }

    /// The checks and the hint of every combination.
    pub(super) fn begin_combining(&mut self, other: &Histogram) -> Result<Combined, IncompatibleSchemas> {
        if self.uses_custom_buckets() != other.uses_custom_buckets() {
            return Err(IncompatibleSchemas);
        }
        let (hint, counter_reset_collision) = self.counter_reset_hint.combined(other.counter_reset_hint);
        self.counter_reset_hint = hint;
        Ok(Combined { counter_reset_collision, bounds_reconciled: false })
    }

    /// Multiplies count, sum and all buckets by `factor`. A negative one makes the histogram a gauge.
    pub fn mul(&mut self, factor: f64) -> &mut Self {
        self.scale(|value| value * factor);
        if factor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
        self
    }

    /// Divides count, sum and all buckets by `divisor`. A negative one makes the histogram a gauge; 0 removes all
    /// buckets but the zero bucket.
    pub fn div(&mut self, divisor: f64) -> &mut Self {
        if divisor == 0.0 {
            self.positive = Buckets::default();
            self.negative = Buckets::default();
        }
        self.scale(|value| value / divisor);
        if divisor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
        self
    }

    fn scale(&mut self, scaled: impl Fn(f64) -> f64) {
        let totals = [&mut self.zero_count, &mut self.count, &mut self.sum];
        for value in totals.into_iter().chain(&mut self.positive.counts).chain(&mut self.negative.counts) {
            *value = scaled(*value);
        }
    }

    /// The upper bound of a bucket.
    pub(super) fn bound(&self, index: i32) -> f64 {
        bound(index, self.schema, &self.custom_values)
    }
}

impl CounterResetHint {
    /// The hint of a combination, and whether the hints contradict each other.
    ///
    /// Combining makes sense for gauges only. Where there are counters, too, the hint is as meaningful as it can be.
    fn combined(self, other: CounterResetHint) -> (CounterResetHint, bool) {
        use CounterResetHint as Hint;
        match (self, other) {
            (a, b) if a == b => (a, false),
            (Hint::Gauge, _) | (_, Hint::Gauge) => (Hint::Gauge, false),
            (Hint::Unknown, _) | (_, Hint::Unknown) => (Hint::Unknown, false),
            _ => (Hint::Unknown, true),
        }
    }
}

/// How many buckets, from zero outwards, end within the zero bucket: they are in its count already.
pub(super) fn within_zero(buckets: &Buckets, schema: i32, zero_threshold: f64) -> usize {
    if !schema::is_exponential(schema) {
        return 0;
    }
    buckets.iter().take_while(|&(index, _)| exponential_bound(index, schema) <= zero_threshold).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{histogram, sparse};

    const SUM: Combined = Combined { counter_reset_collision: false, bounds_reconciled: false };
    const RECONCILED: Combined = Combined { counter_reset_collision: false, bounds_reconciled: true };

    /// Two histograms, their sum, and what happened.
    const SUMS: &[(&str, &str, &str, Combined)] = &[
        ("{{}}", "{{}}", "{{}}", SUM),
        (
            "{{z_bucket:11 z_bucket_w:0.01 count:30 sum:2.345 offset:-2 buckets:[1 0 0 3 4 7] n_offset:3 n_buckets:[3 1]}}",
            "{{z_bucket:8 z_bucket_w:0.01 count:21 sum:1.234 offset:-2 buckets:[0 0 0 2 3 6] n_offset:3 n_buckets:[1 1]}}",
            "{{z_bucket:19 z_bucket_w:0.01 count:51 sum:3.579 offset:-2 buckets:[1 0 0 5 7 13] n_offset:3 n_buckets:[4 2]}}",
            SUM,
        ),
        // Buckets that only one of them has.
        (
            "{{offset:-2 buckets:[1 0 0 0 3 4 7] n_offset:3 n_buckets:[3 1 0 0 0 5 6]}}",
            "{{buckets:[5 4 0 0 0 2 3 6] n_offset:-9 n_buckets:[1 1 0 0 0 4 4]}}",
            "{{offset:-2 buckets:[1 0 5 4 3 4 7 2 3 6] n_offset:-9 n_buckets:[1 1 0 0 0 4 4 0 0 0 0 0 3 1 0 0 0 5 6]}}",
            SUM,
        ),
        // The finer schema gives way.
        (
            "{{offset:-1 buckets:[5 4 2 3 6 2 5] n_offset:4 n_buckets:[1 1 0 4 4]}}",
            "{{schema:1 offset:-4 buckets:[1 0 0 0 0 0 0 0 3 2 2 3 4] n_offset:6 n_buckets:[3 0.5 0.5 0 0 0 0 0 0 2 3 2 4]}}",
            "{{offset:-2 buckets:[1 5 4 2 6 10 9 5] n_offset:3 n_buckets:[3 2 1 0 4 9 6]}}",
            SUM,
        ),
        // The narrower zero bucket grows over whole buckets,
        (
            "{{z_bucket:17 z_bucket_w:1 offset:1 buckets:[2 3 6 2 5] n_offset:4 n_buckets:[1 1 0 4 4]}}",
            "{{z_bucket:11 z_bucket_w:0.01 offset:-2 buckets:[1 0 0 0 3 4 7] n_offset:3 n_buckets:[3 1 0 0 0 5 6]}}",
            "{{z_bucket:29 z_bucket_w:1 offset:1 buckets:[2 6 10 9 5] n_offset:3 n_buckets:[3 2 1 0 4 9 6]}}",
            SUM,
        ),
        // and both grow where the wider one ends within a populated bucket.
        (
            "{{z_bucket:17 z_bucket_w:0.2 offset:1 buckets:[2 3 6 2 5] n_offset:4 n_buckets:[1 1 0 4 4]}}",
            "{{z_bucket:11 z_bucket_w:0.01 offset:-2 buckets:[1 0 0 0 3 4 7] n_offset:3 n_buckets:[3 1 0 0 0 5 6]}}",
            "{{z_bucket:29 z_bucket_w:0.25 offset:1 buckets:[2 6 10 9 5] n_offset:3 n_buckets:[3 2 1 0 4 9 6]}}",
            SUM,
        ),
        (
            "{{z_bucket:1 z_bucket_w:0.3 offset:-1 buckets:[10 20] n_buckets:[100]}}",
            "{{z_bucket:2 z_bucket_w:0.6 buckets:[0 30] n_buckets:[200]}}",
            "{{z_bucket:333 z_bucket_w:1 offset:1 buckets:[30]}}",
            SUM,
        ),
        // Schema and zero bucket differ.
        (
            "{{z_bucket:8 z_bucket_w:0.01 offset:-2 buckets:[2 5 4 2 3 6 2 5]}}",
            "{{schema:1 z_bucket:12 z_bucket_w:0.25 offset:-3 buckets:[1 0 0 0 0 0 0 3 2 2 3 4]}}",
            "{{z_bucket:22 z_bucket_w:0.25 offset:-1 buckets:[6 4 2 6 10 9 5]}}",
            SUM,
        ),
        // Custom bounds: equal, partly common, and none in common.
        (
            "{{schema:-53 count:15 custom_values:[1 2 3 4 5] buckets:[1 0 0 3 4 7]}}",
            "{{schema:-53 count:11 custom_values:[1 2 3 4 5] buckets:[0 5 0 2 3 6]}}",
            "{{schema:-53 count:26 custom_values:[1 2 3 4 5] buckets:[1 5 0 5 7 13]}}",
            SUM,
        ),
        (
            "{{schema:-53 count:10 sum:100 custom_values:[1 2.5] buckets:[2 3 5]}}",
            "{{schema:-53 count:8 sum:80 custom_values:[1 2 3] buckets:[1 2 3 2]}}",
            "{{schema:-53 count:18 sum:180 custom_values:[1] buckets:[3 15]}}",
            RECONCILED,
        ),
        (
            "{{schema:-53 custom_values:[2 4] buckets:[1 0 5]}}",
            "{{schema:-53 custom_values:[1 2 3 4 5] buckets:[10 20 0 40 50 100]}}",
            "{{schema:-53 custom_values:[2 4] buckets:[31 40 155]}}",
            RECONCILED,
        ),
        (
            "{{schema:-53 custom_values:[1.5] buckets:[1 2]}}",
            "{{schema:-53 custom_values:[2.5] buckets:[10 20]}}",
            "{{schema:-53 custom_values:[] buckets:[33]}}",
            RECONCILED,
        ),
    ];

    #[test]
    fn sums() {
        for &(a, b, expected, combined) in SUMS {
            for (a, b) in [(a, b), (b, a)] {
                let mut sum = sparse(a);
                assert_eq!(sum.add(&sparse(b)), Ok(combined), "{a} + {b}");
                sum.compact(0);
                assert_eq!(sum, sparse(expected), "{a} + {b}");
            }
        }
    }

    #[test]
    fn differences_undo_sums() {
        for &(a, b, expected, combined) in SUMS {
            let mut difference = sparse(expected);
            difference.sub(&sparse(a)).unwrap();
            difference.compact(0);
            // What is left of the other one has the layout of the sum.
            let mut other = sparse(b);
            let mut nothing = sparse(expected);
            nothing.mul(0.0);
            assert_eq!(other.add(&nothing), Ok(combined));
            other.compact(0);
            assert!(difference.almost_equals(&other, 1e-12), "{expected} - {a}: {difference:?} {other:?}");
        }
    }

    #[test]
    fn exponential_and_custom_do_not_combine() {
        let (mut custom, exponential) =
            (histogram("{{schema:-53 buckets:[1]}}"), histogram("{{buckets:[1]}}"));
        let before = custom.clone();
        assert_eq!(custom.add(&exponential), Err(IncompatibleSchemas));
        assert_eq!(custom.sub(&exponential), Err(IncompatibleSchemas));
        assert_eq!(custom, before);
        assert_eq!(
            IncompatibleSchemas.to_string(),
            "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas"
        );
    }

    #[test]
    fn hints() {
        use CounterResetHint::{CounterReset, Gauge, NotCounterReset, Unknown};
        for (a, b, expected, collision) in [
            (Unknown, Unknown, Unknown, false),
            (CounterReset, CounterReset, CounterReset, false),
            (NotCounterReset, NotCounterReset, NotCounterReset, false),
            (Gauge, Gauge, Gauge, false),
            (Gauge, CounterReset, Gauge, false),
            (Gauge, NotCounterReset, Gauge, false),
            (Gauge, Unknown, Gauge, false),
            (Unknown, CounterReset, Unknown, false),
            (Unknown, NotCounterReset, Unknown, false),
            (CounterReset, NotCounterReset, Unknown, true),
        ] {
            for (a, b) in [(a, b), (b, a)] {
                let with = |hint| Histogram { counter_reset_hint: hint, ..Histogram::default() };
                let mut sum = with(a);
                let combined = Combined { counter_reset_collision: collision, bounds_reconciled: false };
                assert_eq!(sum.add(&with(b)), Ok(combined), "{a:?} {b:?}");
                assert_eq!(sum.counter_reset_hint, expected, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn scaling() {
        let text = "{{schema:1 count:6 sum:-3 z_bucket:2 z_bucket_w:0.1 counter_reset_hint:reset buckets:[1 0 2] n_buckets:[1]}}";
        let scaled =
            |change: fn(&mut Histogram) -> &mut Histogram| change(&mut histogram(text)).test_expression();
        assert_eq!(
            scaled(|h| h.mul(2.0)),
            "{{schema:1 count:12 sum:-6 z_bucket:4 z_bucket_w:0.1 counter_reset_hint:reset buckets:[2 0 4] n_buckets:[2]}}"
        );
        assert_eq!(
            scaled(|h| h.mul(-1.0)),
            "{{schema:1 count:-6 sum:3 z_bucket:-2 z_bucket_w:0.1 counter_reset_hint:gauge buckets:[-1 0 -2] n_buckets:[-1]}}"
        );
        assert_eq!(
            scaled(|h| h.div(-2.0)),
            "{{schema:1 count:-3 sum:1.5 z_bucket:-1 z_bucket_w:0.1 counter_reset_hint:gauge buckets:[-0.5 0 -1] n_buckets:[-0.5]}}"
        );
        assert_eq!(
            scaled(|h| h.div(0.0)),
            "{{schema:1 count:+Inf sum:-Inf z_bucket:+Inf z_bucket_w:0.1 counter_reset_hint:reset}}"
        );
        assert_eq!(histogram(text).mul(0.0).positive.counts, [0.0, 0.0, 0.0]);
    }

    #[test]
    fn zero_thresholds_that_are_no_numbers_do_not_hang() {
        let mut sum = histogram("{{z_bucket_w:NaN z_bucket:1 buckets:[1]}}");
        assert_eq!(sum.add(&histogram("{{z_bucket_w:1 z_bucket:2 buckets:[1 2]}}")), Ok(SUM));
        assert_eq!(sum.zero_count, 3.0);
    }
}
