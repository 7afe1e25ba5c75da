//! Which exemplars of the log are still there to be asked for (`tsdb/exemplar.go`).
//!
//! Prometheus keeps exemplars in a ring of fixed size: the newest push out the oldest, whatever their series. One that
//! is earlier than the last of its series, or the same, is not taken in.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::model::{Labels, Matcher, TimeRange, Timestamp};

/// An observation that stands for others.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// What it is known by: a trace id and the like.
    pub labels: Labels,
    /// The observed value.
    pub value: f64,
    /// When it was observed, in ms.
    pub timestamp: Timestamp,
}

/// The exemplars of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesExemplars {
    /// Which series.
    pub labels: Labels,
    /// Its exemplars in order of time.
    pub exemplars: Vec<Exemplar>,
}

/// The exemplars of series that meet all matchers, in `range`, of the newest `capacity`.
pub(super) fn select(
    all: &[(Labels, Exemplar)],
    matchers: &[Matcher],
    range: TimeRange,
    capacity: usize,
) -> Vec<SeriesExemplars> {
    let mut last: FxHashMap<&Labels, &Exemplar> = FxHashMap::default();
    let mut taken = Vec::new();
    for (labels, exemplar) in all {
        if last.get(labels).is_some_and(|last| is_refused(exemplar, last)) {
            continue;
        }
        last.insert(labels, exemplar);
        taken.push((labels, exemplar));
    }
    let mut series: BTreeMap<&Labels, Vec<Exemplar>> = BTreeMap::new();
    for (labels, exemplar) in &taken[taken.len().saturating_sub(capacity)..] {
        let meets = |matcher: &Matcher| matcher.matches(labels.value(&matcher.name));
        if range.contains(exemplar.timestamp) && matchers.iter().all(meets) {
            series.entry(labels).or_default().push((*exemplar).clone());
        }
    }
    series
        .into_iter()
        .map(|(labels, exemplars)| SeriesExemplars { labels: labels.clone(), exemplars })
        .collect()
}

fn is_refused(exemplar: &Exemplar, last: &Exemplar) -> bool {
    let same = exemplar.timestamp == last.timestamp
        && exemplar.value.to_bits() == last.value.to_bits()
        && exemplar.labels == last.labels;
    same || exemplar.timestamp < last.timestamp
}
