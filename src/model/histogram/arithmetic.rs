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
