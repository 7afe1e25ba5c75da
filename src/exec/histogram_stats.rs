//! Histograms of which only count and sum will be looked at.
//!
//! `histogram_count(sum(h))` needs no buckets, and adding histograms without buckets is cheap. What buckets are still
//! good for is to find counter resets, so that is done while they are there: each histogram then says whether the
//! counter was reset before it (`promql/histogram_stats_iterator.go`).

use std::sync::Arc;

use crate::model::Histogram;
use crate::model::histogram::CounterResetHint;

/// Replaces each histogram of a series, in order of time, by its count, sum, schema and hint.
pub(crate) fn keep_stats(histograms: &mut [Arc<Histogram>]) {
    let mut last: Option<Arc<Histogram>> = None;
    for slot in histograms {
        let current = Arc::clone(slot);
        let mut stats = Histogram {
            counter_reset_hint: current.counter_reset_hint,
            schema: current.schema,
            count: current.count,
            sum: current.sum,
            ..Histogram::default()
        };
        if !current.is_stale() {
            if let (CounterResetHint::Unknown, Some(last)) = (current.counter_reset_hint, &last) {
                stats.counter_reset_hint = match current.detect_reset(last) {
                    true => CounterResetHint::CounterReset,
                    false => CounterResetHint::NotCounterReset,
                };
            }
            last = Some(current);
        }
        *slot = Arc::new(stats);
    }
}
