//! What a stored histogram says of the sample before it.
//!
//! Prometheus keeps counter histograms in runs without a reset between any two of them, and tells from that, when they
//! are read, that there was none: `NotCounterReset` for all of a run but its first, which says `Unknown`
//! (`tsdb/chunkenc/float_histogram.go`). A store that wants to give the same answers as Prometheus has to say the
//! same, whatever hint a sample came with:
//!
//! ```
//! use promqlite::model::histogram::{CounterResetHint, notation::parse_histogram};
//!
//! let histogram = |text| parse_histogram(text).unwrap().0;
//! let before = histogram("{{count:3 sum:2 buckets:[1 2]}}");
//! let mut grown = histogram("{{count:4 sum:5 buckets:[2 2]}}");
//! grown.follow(Some(&before));
//! assert_eq!(grown.counter_reset_hint, CounterResetHint::NotCounterReset);
//! let mut fallen = histogram("{{count:3 sum:2 buckets:[0 3]}}");
//! fallen.follow(Some(&before));
//! assert_eq!(fallen.counter_reset_hint, CounterResetHint::Unknown);
//! ```

use super::custom_bounds::bounds_match;
use super::structure::{CounterResetHint, Histogram};

impl Histogram {
    /// Sets the hint that the histogram is stored with when `previous`, as it is stored, is the sample right before it
    /// in its series; `None` when that is a float, or there is none.
    pub fn follow(&mut self, previous: Option<&Histogram>) {
        if self.counter_reset_hint == CounterResetHint::Gauge {
            return;
        }
        let told = std::mem::take(&mut self.counter_reset_hint);
        let continues = told != CounterResetHint::CounterReset && previous.is_some_and(|p| self.continues(p));
        if continues {
            self.counter_reset_hint = CounterResetHint::NotCounterReset;
        }
    }

    fn continues(&self, previous: &Histogram) -> bool {
        if previous.counter_reset_hint == CounterResetHint::Gauge {
            return false;
        }
        if self.is_stale() || previous.is_stale() {
            return self.is_stale();
        }
        self.schema == previous.schema
            && self.zero_threshold == previous.zero_threshold
            && bounds_match(&self.custom_values, &previous.custom_values)
            && !self.detect_reset(previous)
    }
}
