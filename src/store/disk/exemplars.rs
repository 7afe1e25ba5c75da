//! Which exemplars of the log are still there to be asked for (`tsdb/exemplar.go`).
//!
//! Prometheus keeps exemplars in a ring of fixed size: the newest push out the oldest, whatever their series. One that
//! is earlier than the newest of its series, or the same, is not taken in.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, VecDeque};

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

/// The exemplars of series that meet all matchers, in `range`, that a ring for `capacity` of them has in the end.
pub(super) fn select(
    all: &[(Labels, Exemplar)],
    matchers: &[Matcher],
    range: TimeRange,
    capacity: usize,
) -> Vec<SeriesExemplars> {
    let mut ring: VecDeque<(&Labels, &Exemplar)> = VecDeque::new();
    // Of each series in the ring the newest, and how many there are.
    let mut newest: FxHashMap<&Labels, (&Exemplar, usize)> = FxHashMap::default();
    for (labels, exemplar) in all.iter().filter(|_| capacity > 0) {
        if newest.get(labels).is_some_and(|(newest, _)| is_refused(exemplar, newest)) {
            continue;
        }
        if ring.len() == capacity
            && let Some((labels, _)) = ring.pop_front()
            && let Entry::Occupied(mut entry) = newest.entry(labels)
        {
            entry.get_mut().1 -= 1;
            if entry.get().1 == 0 {
                entry.remove();
            }
        }
        ring.push_back((labels, exemplar));
        let entry = newest.entry(labels).or_insert((exemplar, 0));
        *entry = (exemplar, entry.1 + 1);
    }
    let mut series: BTreeMap<&Labels, Vec<Exemplar>> = BTreeMap::new();
    for (labels, exemplar) in ring {
        let meets = |matcher: &Matcher| matcher.matches(labels.value(&matcher.name));
        if range.contains(exemplar.timestamp) && matchers.iter().all(meets) {
            series.entry(labels).or_default().push(exemplar.clone());
        }
    }
    series
        .into_iter()
        .map(|(labels, exemplars)| SeriesExemplars { labels: labels.clone(), exemplars })
        .collect()
}

/// Exemplars of one time are ordered by value, then by a hash of their labels.
fn is_refused(exemplar: &Exemplar, newest: &Exemplar) -> bool {
    match exemplar.timestamp.cmp(&newest.timestamp) {
        Ordering::Less => true,
        Ordering::Greater => false,
        Ordering::Equal => {
            exemplar.value < newest.value
                || exemplar.value == newest.value
                    && (exemplar.labels == newest.labels
                        || exemplar.labels.upstream_hash() < newest.labels.upstream_hash())
        }
    }
}
