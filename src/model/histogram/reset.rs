//! Whether a counter was reset between two histograms.
//!
//! A histogram of a counter only grows. Where anything in it has become less, it began anew in between:
//!
//! ```
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let [previous, grown, reset] = [
//!     "{{schema:1 count:5 buckets:[3 2]}}",
//!     "{{schema:0 count:9 buckets:[5 4]}}",
//!     "{{schema:1 count:9 buckets:[8 1]}}",
//! ]
//! .map(|text| parse_histogram(text).unwrap().0);
//! assert!(!grown.detect_reset(&previous));
//! assert!(reset.detect_reset(&previous));
//! ```
//!
//! The sum says nothing: observations may be negative. Resolution may shrink and the zero bucket may widen without a
//! reset; the histogram before is then looked at as it would be with the layout of the one after.

use super::bounds::exponential_bound;
use super::custom_bounds::{bounds_match, common_bounds, targets};
use super::reduce::target_index;
use super::schema;
use super::structure::{Buckets, CounterResetHint, Histogram};

impl Histogram {
    /// Whether the counter was reset between `previous` and this histogram.
    ///
    /// A hint that says so, or says that it was not, is believed. A gauge is examined as if it were a counter.
    pub fn detect_reset(&self, previous: &Histogram) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::CounterReset => return true,
            CounterResetHint::NotCounterReset => return false,
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        if self.uses_custom_buckets() {
            if !previous.uses_custom_buckets() {
                return true;
            }
            if !bounds_match(&self.custom_values, &previous.custom_values) {
                return self.fell_at_common_bounds(previous);
            }
        }
        // Resolution never grows, and the zero bucket never shrinks, without a reset.
        if self.schema > previous.schema || self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let previous_zero = previous.widened_zero(self.zero_threshold, None);
        // A populated bucket only half within the zero bucket is not what a widened zero bucket leaves.
        if previous_zero.threshold != self.zero_threshold || self.zero_count < previous_zero.count.sum {
            return true;
        }
        self.fell(&self.positive, previous, &previous.positive)
            || self.fell(&self.negative, previous, &previous.negative)
    }

    /// Whether a bucket of one side has become less or vanished.
    fn fell(&self, buckets: &Buckets, previous: &Histogram, previous_buckets: &Buckets) -> bool {
        let beyond_zero = |buckets, from| at_schema(buckets, from, self.schema, self.zero_threshold);
        let mut current = beyond_zero(buckets, self.schema).peekable();
        beyond_zero(previous_buckets, previous.schema).any(|(index, before)| {
            while current.next_if(|&(current_index, _)| current_index < index).is_some() {}
            match current.peek() {
                Some(&(current_index, now)) if current_index == index => now < before,
                _ => before != 0.0,
            }
        })
    }

    /// Whether anything has become less between two of the custom bounds that both histograms have.
    fn fell_at_common_bounds(&self, previous: &Histogram) -> bool {
        let bounds = common_bounds(&self.custom_values, &previous.custom_values);
        let joined = |histogram: &Histogram| {
            let mut counts = vec![0.0; bounds.len() + 1];
            for (target, count) in targets(&histogram.positive, &histogram.custom_values, &bounds) {
                counts[target] += count;
            }
            counts
        };
        joined(self).iter().zip(joined(previous)).any(|(&now, before)| now < before)
    }
}

/// Index and count of each bucket as it would be at the schema `to`, without the innermost ones that end within the
/// zero bucket.
fn at_schema(
    buckets: &Buckets,
    from: i32,
    to: i32,
    zero_threshold: f64,
) -> impl Iterator<Item = (i32, f64)> + '_ {
    let mut buckets =
        buckets.iter().map(move |(index, count)| (target_index(index, from, to), count)).peekable();
    let joined = std::iter::from_fn(move || {
        let (index, mut sum) = buckets.next()?;
        while let Some((_, count)) = buckets.next_if(|&(next, _)| next == index && from != to) {
            sum += count;
        }
        Some((index, sum))
    });
    joined.skip_while(move |&(index, _)| {
        zero_threshold != 0.0 && schema::is_exponential(to) && exponential_bound(index, to) <= zero_threshold
    })
}
