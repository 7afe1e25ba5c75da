//! The sum or the mean of histograms that come one after the other.
//!
//! Each count and each bucket is added up compensated. A mean is the sum by the number, unless the sum would become
//! infinite: then each further histogram moves the mean a little.

use super::error::IncompatibleSchemas;
use super::kahan::KahanHistogram;
use super::structure::{CounterResetHint, Histogram};

/// A sum of histograms, or their mean.
#[derive(Debug)]
pub(crate) struct HistogramTotal {
    value: KahanHistogram,
    count: f64,
    /// Whether the mean is wanted.
    mean: bool,
    /// The sum would have overflown, so `value` is the mean.
    moving: bool,
    /// No number in `value` is larger than this.
    magnitude: f64,
    saw_reset: bool,
    saw_no_reset: bool,
}

impl HistogramTotal {
    /// Begins with a histogram.
    pub(crate) fn new(first: &Histogram, mean: bool) -> Self {
        let mut total = HistogramTotal {
            value: KahanHistogram::new(first.clone()),
            count: 1.0,
            mean,
            moving: false,
            magnitude: if mean { magnitude(first) } else { 0.0 },
            saw_reset: false,
            saw_no_reset: false,
        };
        total.see_hint(first);
        total
    }

    fn see_hint(&mut self, histogram: &Histogram) {
        self.saw_reset |= histogram.counter_reset_hint == CounterResetHint::CounterReset;
        self.saw_no_reset |= histogram.counter_reset_hint == CounterResetHint::NotCounterReset;
    }

    /// Adds a histogram; tells whether custom bounds had to be reconciled.
    pub(crate) fn add(&mut self, histogram: &Histogram) -> Result<bool, IncompatibleSchemas> {
        self.see_hint(histogram);
        self.count += 1.0;
        if !self.mean {
            return Ok(self.value.add(histogram)?.bounds_reconciled);
        }
        let mut reconciled = false;
        if !self.moving {
            // Far from the largest float there is no need to look for overflow.
            self.magnitude += magnitude(histogram);
            if self.magnitude < f64::MAX / 4.0 {
                return Ok(self.value.add(histogram)?.bounds_reconciled);
            }
            let mut sum = self.value.clone();
            reconciled = sum.add(histogram)?.bounds_reconciled;
            if !sum.sum.has_overflow() {
                self.value = sum;
                return Ok(reconciled);
            }
            self.moving = true;
            self.value.div(self.count - 1.0);
        }
        self.value.mul((self.count - 1.0) / self.count);
        let mut share = histogram.clone();
        share.div(self.count);
        Ok(self.value.add(&share)?.bounds_reconciled | reconciled)
    }

    /// Whether some histograms told of a counter reset before them, and others that there was none.
    pub(crate) fn hints_collide(&self) -> bool {
        self.saw_reset && self.saw_no_reset
    }

    /// The sum, or the mean.
    pub(crate) fn finish(mut self) -> Result<Histogram, IncompatibleSchemas> {
        if self.mean && !self.moving {
            self.value.div(self.count);
        }
        self.value.total()
    }
}

/// A bound for all numbers in `histogram`, and for what any of its buckets come to when they are merged.
fn magnitude(histogram: &Histogram) -> f64 {
    let numbers = [histogram.zero_count, histogram.count, histogram.sum];
    let buckets = histogram.positive.counts.iter().chain(&histogram.negative.counts);
    numbers.iter().chain(buckets).chain(histogram.custom_values.iter()).map(|number| number.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sum: f64) -> Histogram {
        Histogram { count: 1.0, sum, ..Histogram::default() }
    }

    fn fold(sums: &[f64], mean: bool) -> f64 {
        let mut total = HistogramTotal::new(&of(sums[0]), mean);
        for sum in &sums[1..] {
            total.add(&of(*sum)).expect("one schema");
        }
        total.finish().expect("one schema").sum
    }

    #[test]
    fn means_do_not_overflow() {
        assert_eq!(fold(&[1.0, 2.0, 6.0], false), 9.0);
        assert_eq!(fold(&[1.0, 2.0, 6.0], true), 3.0);
        assert_eq!(fold(&[f64::MAX, f64::MAX, f64::MAX], false), f64::INFINITY);
        assert_eq!(fold(&[f64::MAX, f64::MAX], true), f64::MAX);
        // What is near the largest float, but no overflow, is summed.
        assert_eq!(fold(&[f64::MAX / 2.0, -f64::MAX / 2.0, 3.0], true), 1.0);
    }

    #[test]
    fn hints_that_contradict_each_other() {
        let mut total = HistogramTotal::new(&of(1.0), false);
        for (hint, collides) in [
            (CounterResetHint::CounterReset, false),
            (CounterResetHint::Gauge, false),
            (CounterResetHint::NotCounterReset, true),
        ] {
            total.add(&Histogram { counter_reset_hint: hint, ..of(1.0) }).expect("one schema");
            assert_eq!(total.hints_collide(), collides);
        }
    }
}
