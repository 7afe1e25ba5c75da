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

use super::arithmetic::within_zero;
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
        if self.schema == previous.schema && buckets.is_aligned_with(previous_buckets) {
            let skip = match self.zero_threshold {
                0.0 => 0,
                threshold => within_zero(buckets, self.schema, threshold),
            };
            let mut pairs = buckets.counts.iter().zip(&previous_buckets.counts).skip(skip);
            return pairs.any(|(now, before)| now < before);
        }
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

#[cfg(test)]
mod tests {
    use crate::model::histogram::fixtures::sparse;

    const BEFORE: &str = "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}";

    #[test]
    fn exponential_buckets() {
        for (current, reset) in [
            (BEFORE, false),
            // One thing more or less.
            (
                "{{z_bucket:5.6 z_bucket_w:0.01 count:41 sum:9 offset:-3 buckets:[2 1 1.23 1 3.4 4.2 0.1 7] n_offset:3 n_buckets:[3.1 3 0 1]}}",
                false,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:1 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                false,
            ),
            (
                "{{z_bucket:5.4 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:39 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.1 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 2.9]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 0 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.01 count:40 sum:9 offset:-2 buckets:[1 1.23 0 3.3 4.2] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            ("{{}}", true),
            // The zero bucket shrinks, grows in a gap, over whole buckets, and into a bucket.
            (
                "{{z_bucket:5.5 z_bucket_w:0.009 count:40 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.011 count:40 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                false,
            ),
            (
                "{{z_bucket:7.73 z_bucket_w:1 count:40 offset:1 buckets:[3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                false,
            ),
            (
                "{{z_bucket:7.72 z_bucket_w:1 count:40 offset:1 buckets:[3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            (
                "{{z_bucket:5.5 z_bucket_w:0.3 count:40 offset:-2 buckets:[1 1.23 0 3.3 4.2 0.1] n_offset:3 n_buckets:[3.1 3]}}",
                true,
            ),
            // Resolution grows, and shrinks with and without losses.
            (
                "{{schema:1 z_bucket:50 z_bucket_w:0.01 count:400 offset:-5 buckets:[9 9 9 9 9 9 9 9 9 9 9 9] n_offset:5 n_buckets:[9 9 9 9]}}",
                true,
            ),
            (
                "{{schema:-1 z_bucket:5.5 z_bucket_w:0.01 count:40 offset:-1 buckets:[1 1.23 7.5 0.1] n_offset:2 n_buckets:[6.1]}}",
                false,
            ),
            (
                "{{schema:-1 z_bucket:5.5 z_bucket_w:0.01 count:40 offset:-1 buckets:[1 1.23 7.4 0.1] n_offset:2 n_buckets:[6.1]}}",
                true,
            ),
        ] {
            assert_eq!(sparse(current).detect_reset(&sparse(BEFORE)), reset, "{current}");
        }
        // Buckets that were empty may vanish.
        let mut before = sparse("{{count:5 buckets:[5]}}");
        before.positive.spans[0].length = 3;
        before.positive.counts = vec![0.0, 5.0, 0.0];
        assert!(!sparse("{{count:5 offset:1 buckets:[5]}}").detect_reset(&before));
        assert!(sparse("{{count:5 buckets:[5]}}").detect_reset(&before));
        assert!(!sparse("{{}}").detect_reset(&sparse("{{}}")));
        assert!(!sparse(BEFORE).detect_reset(&sparse("{{}}")));
    }

    #[test]
    fn custom_buckets() {
        for (previous, current, reset) in [
            ("custom_values:[1 2]", "custom_values:[1 2] buckets:[1 2]", false),
            ("custom_values:[1 2] buckets:[1 2]", "custom_values:[1 2]", true),
            ("custom_values:[1 2] buckets:[1 0 3]", "custom_values:[1 2] buckets:[1 2 3]", false),
            ("custom_values:[1 2] buckets:[1 2 3]", "custom_values:[1 2] buckets:[1 1 3]", true),
            // Different bounds: what lies between two common ones must not fall.
            (
                "custom_values:[0 1 2 3] buckets:[20 35 40 50]",
                "custom_values:[0 0.5 1 2 3] buckets:[25 15 40 50 70]",
                false,
            ),
            (
                "custom_values:[0 1 3 5] buckets:[0 10 15 20 25]",
                "custom_values:[0 1 2 3 5] buckets:[0 10 16 10 5 25]",
                true,
            ),
            (
                "custom_values:[0 1 2] buckets:[0 10 20 20]",
                "custom_values:[0 1 2 3] buckets:[0 100 200 8 7]",
                true,
            ),
            (
                "custom_values:[4 5 6] buckets:[0 10 20 30]",
                "custom_values:[1 2 3] buckets:[0 15 25 35]",
                false,
            ),
            (
                "custom_values:[0 1 3 5] buckets:[10 20 30 40]",
                "custom_values:[0 2 3 4 5] buckets:[15 25 70 50 100]",
                false,
            ),
            (
                "custom_values:[0 1 2 3 4 5] buckets:[10 20 0 30 40 50]",
                "custom_values:[0 1 3 4 5 7] buckets:[15 25 35 0 25 60]",
                true,
            ),
        ] {
            let at_schema = |fields: &str| sparse(&format!("{{{{schema:-53 count:1 {fields}}}}}"));
            assert_eq!(at_schema(current).detect_reset(&at_schema(previous)), reset, "{previous} {current}");
        }
        assert!(sparse("{{schema:-53 count:9}}").detect_reset(&sparse("{{}}")));
        assert!(sparse("{{count:9}}").detect_reset(&sparse("{{schema:-53}}")));
    }

    #[test]
    fn hints_are_believed() {
        for (hint, current, reset) in [
            ("reset", "count:9 buckets:[9]", true),
            ("not_reset", "count:1", false),
            ("unknown", "count:1", true),
            ("gauge", "count:1", true),
            ("gauge", "count:9 buckets:[9]", false),
        ] {
            let current = sparse(&format!("{{{{counter_reset_hint:{hint} {current}}}}}"));
            assert_eq!(current.detect_reset(&sparse("{{count:5 buckets:[5]}}")), reset, "{hint}");
        }
    }
}
