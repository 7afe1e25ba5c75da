//! One window of `rate`, `increase` or `delta` worked out step by step, for those who want to see how its value comes
//! about. The steps are those of the function itself, so that the value is the same to the last bit.

use super::rate::{Kind, Span, THRESHOLD, reach};
use super::resets::{ResetTotals, find_resets};
use super::window::{Samples, seconds};
use crate::model::Timestamp;

/// The function of this name, if it is one that extrapolates.
pub(crate) fn extrapolating(name: &str) -> Option<Kind> {
    match name {
        "rate" => Some(Kind::Rate),
        "increase" => Some(Kind::Increase),
        "delta" => Some(Kind::Delta),
        _ => None,
    }
}

/// How the value of a window comes about.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolated {
    /// From the first value to the last; what was lost in resets is added.
    pub change: f64,
    /// From the first sample to the last, in seconds.
    pub sampled: f64,
    /// Mean distance of two samples, in seconds.
    pub interval: f64,
    /// The end of the window before the first sample.
    pub to_start: Edge,
    /// The end of the window behind the last sample.
    pub to_end: Edge,
    /// How long before the first sample the counter was zero at its pace in the window, in seconds; `None` for gauges
    /// and for counters that did not rise.
    pub to_zero: Option<f64>,
    /// By how much the change grows: the seconds that are taken as seen to those that are.
    pub factor: f64,
    /// Seconds that the result is divided by, if the function is per second.
    pub per: Option<f64>,
    /// The result.
    pub value: f64,
}

/// What is done at one end of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// From the sample to the end of the window, in seconds.
    pub distance: f64,
    /// How much of it is taken as seen, in seconds.
    pub taken: f64,
    /// Why so much.
    pub rule: EdgeRule,
}

/// How much of the way to an end of the window is taken as seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EdgeRule {
    /// All of it, for it is less than 1.1 times the mean distance of samples.
    Whole,
    /// Half of the mean distance of samples: the series seems to begin or end there.
    Half,
    /// Up to where the counter would have been zero.
    Zero,
}

/// A counter that began anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reset {
    /// The time of the first sample after it, in ms.
    pub time: Timestamp,
    /// The value before, which is added.
    pub before: f64,
    /// The value after.
    pub after: f64,
}

/// Where the counter in `samples` was reset; empty for gauges.
pub(crate) fn resets(kind: Kind, samples: &Samples<'_, f64>) -> Vec<Reset> {
    let reset = |i: usize| Reset {
        time: samples.timestamps[i],
        before: samples.values[i - 1],
        after: samples.values[i],
    };
    reset_indices(kind, samples).into_iter().map(|i| reset(i as usize)).collect()
}

fn reset_indices(kind: Kind, samples: &Samples<'_, f64>) -> Vec<u32> {
    let mut indices = Vec::new();
    if kind.is_counter() && !samples.values.is_empty() {
        find_resets(samples, 0..samples.values.len(), false, &mut indices);
    }
    indices
}

/// The value of the window from `end - range` to `end` with these samples; `None` if there are less than two.
pub(crate) fn work_out(
    kind: Kind,
    samples: &Samples<'_, f64>,
    end: Timestamp,
    range: i64,
) -> Option<Extrapolated> {
    let [first_time, .., last_time] = *samples.timestamps else { return None };
    let first = *samples.values.first()?;
    let indices = reset_indices(kind, samples);
    let mut totals = Vec::new();
    let mut totals = ResetTotals::new(&indices, samples.values, &mut totals);
    let change = totals.change(samples.values, 0, samples.values.len());
    let (before, behind) = (first_time - (end - range), end - last_time);
    let span = Span::of(before, behind, last_time - first_time, samples.values.len() - 1);
    let reach = reach(kind.is_counter(), span, first, change);
    let edge = |distance: f64, taken: f64| Edge {
        distance,
        taken,
        rule: match distance >= reach.mean * THRESHOLD {
            true => EdgeRule::Half,
            false => EdgeRule::Whole,
        },
    };
    let mut to_start = edge(before as f64 / 1000.0, reach.to_start);
    let bounded = kind.is_counter() && change > 0.0 && first >= 0.0;
    if bounded && reach.to_zero == reach.to_start && reach.to_zero < to_start.distance {
        to_start.rule = EdgeRule::Zero;
    }
    let factor = reach.factor();
    let per = (kind == Kind::Rate).then(|| seconds(range));
    Some(Extrapolated {
        change,
        sampled: reach.sampled,
        interval: reach.mean,
        to_start,
        to_end: edge(behind as f64 / 1000.0, reach.to_end),
        to_zero: bounded.then_some(reach.to_zero),
        factor,
        per,
        value: change * per.map_or(factor, |per| factor / per),
    })
}
