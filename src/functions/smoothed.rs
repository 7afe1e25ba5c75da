//! `m smoothed`: the value that a series has between two samples.
//!
//! ```text
//! time    10   20   30         at 15 s: 3, halfway from 2 to 4;  at 20 s: 4
//! value   2    4    (none)     at 25 s: 4, as nothing is known yet of what comes;  at 5 s: nothing
//! ```
//!
//! Samples are looked for one lookback to either side. Floats are taken for a gauge, histograms for a counter
//! unless both say that they are a gauge. A window with floats and histograms has no answer (`smoothSeries` in
//! `promql/engine.go`).

use std::sync::Arc;

use super::extended_histogram::{Findings, interpolate, is_gauge};
use super::record::{FunctionError, WindowFunction};
use super::window::{Scratch, WindowCall};
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place};

/// What runs for the selector: a function over windows that have a range of 0 and reach one lookback to either
/// side. What there is to be said is said of the whole ([`Place::Call`]).
pub(crate) static SMOOTHED_SELECTOR: WindowFunction = WindowFunction {
    body: smoothed_selector,
    range_arg: 0,
    keeps_name: true,
    anchored: false,
    smoothed: true,
};

fn smoothed_selector(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let (times, values) = (call.floats.timestamps, call.floats.values);
    let mut next = 0;
    out.fill(|step| {
        let window = call.windows.floats(step);
        if window.is_empty() || !call.windows.histograms(step).is_empty() {
            return None;
        }
        let time = call.windows.ends.at(step);
        next = next.max(window.start);
        while next < window.end && times[next] < time {
            next += 1;
        }
        if next == window.end {
            return Some(values[next - 1]);
        }
        if times[next] == time {
            return Some(values[next]);
        }
        let before = next.checked_sub(1).filter(|before| *before >= window.start)?;
        let (elapsed, distance) = (time - times[before], times[next] - times[before]);
        Some(values[before] + (values[next] - values[before]) * elapsed as f64 / distance as f64)
    });
    if call.windows.steps_with_histograms() > 0 {
        histograms(call, out, notes);
    }
    Ok(())
}

fn histograms(call: &WindowCall<'_>, out: &mut ColumnMut<'_>, notes: &mut Notes<'_>) {
    let mut findings = Findings::default();
    for step in 0..call.windows.steps_with_histograms() {
        if !call.windows.floats(step).is_empty() || call.windows.histograms(step).is_empty() {
            continue;
        }
        match at(call, step, &mut findings) {
            Ok(Some(histogram)) => out.set_histogram(step, histogram),
            Ok(None) => {}
            Err(IncompatibleSchemas) => findings.misfit = true,
        }
    }
    if call.mixes() {
        let metric = call.labels.metric_name().to_owned();
        notes.add(Annotation::MixedFloatsHistograms { metric }, Place::Call);
    }
    findings.tell(call, notes, Place::Call);
}

fn at(
    call: &WindowCall<'_>,
    step: usize,
    findings: &mut Findings,
) -> Result<Option<Arc<Histogram>>, IncompatibleSchemas> {
    let window = call.windows.histograms(step);
    let (times, values) = (call.histograms.timestamps, call.histograms.values);
    let time = call.windows.ends.at(step);
    let next = window.start + times[window.clone()].partition_point(|t| *t < time);
    if next < window.end && times[next] == time {
        return Ok(Some(values[next].clone()));
    }
    if next == window.start {
        return Ok(None);
    }
    let before = &values[next - 1];
    if next == window.end {
        // The hint is about the sample before, which is none of this one's business.
        let mut carried = Histogram::clone(before);
        carried.counter_reset_hint = CounterResetHint::Unknown;
        return Ok(Some(Arc::new(carried)));
    }
    let after = &values[next];
    if before.uses_custom_buckets() != after.uses_custom_buckets() {
        return Err(IncompatibleSchemas);
    }
    let counter = !(is_gauge(before) && is_gauge(after));
    interpolate(&call.histograms, next - 1, time, counter, findings)
        .map(|histogram| Some(Arc::new(histogram)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::window::Edges;
    use crate::functions::window_cases::{Case, histogram};

    fn case(steps: usize) -> Case {
        let mut case = Case::of(&[(10_000, 2.0), (20_000, 4.0)], 5_000, 5_000, steps, 0);
        (case.edges, case.lookback) = (Edges::Smoothed, 30_000);
        case
    }

    #[test]
    fn the_worked_example() {
        assert_eq!(case(5).floats_of(smoothed_selector), [None, Some(2.0), Some(3.0), Some(4.0), Some(4.0)]);
    }

    #[test]
    fn out_of_reach() {
        let mut case = case(8);
        case.lookback = 5_000;
        let want = [None, Some(2.0), Some(3.0), Some(4.0), None, None, None, None];
        // At 15 s the first sample is a lookback away, which is too far to the left and near enough to the right.
        assert_eq!(case.floats_of(smoothed_selector)[2], None);
        case.lookback = 5_001;
        assert_eq!(case.floats_of(smoothed_selector)[..4], want[..4]);
        assert_eq!(case.floats_of(smoothed_selector)[4..], [Some(4.0), None, None, None]);
    }

    #[test]
    fn histograms_are_counters_unless_both_are_gauges() {
        let mut case = case(5);
        case.floats = Vec::new();
        let halfway = |case: &Case| case.run(smoothed_selector).expect("no error").histograms;
        let with = |case: &mut Case, first: &str, second: &str| {
            case.histograms = vec![(10_000, histogram(first)), (20_000, histogram(second))];
        };
        with(&mut case, "{{count:8 buckets:[8]}}", "{{count:4 buckets:[4] counter_reset_hint:gauge}}");
        let found = halfway(&case);
        assert_eq!(found[0], None);
        assert_eq!(found[2].as_ref().map(|h| h.count), Some(2.0));
        assert_eq!(
            found[4].as_ref().map(|h| (h.count, h.counter_reset_hint)),
            Some((4.0, CounterResetHint::Unknown))
        );
        let gauge = "counter_reset_hint:gauge}}";
        with(
            &mut case,
            &format!("{{{{count:8 buckets:[8] {gauge}"),
            &format!("{{{{count:4 buckets:[4] {gauge}"),
        );
        assert_eq!(halfway(&case)[2].as_ref().map(|h| h.count), Some(6.0));
    }

    #[test]
    fn kinds_do_not_mix() {
        let mut case = case(3);
        case.histograms = vec![(30_000, histogram("{{count:1}}"))];
        let outcome = case.run(smoothed_selector).expect("no error");
        // At 5 s the histogram is still in reach of the right side.
        assert_eq!((outcome.floats, outcome.histograms), (vec![None; 3], vec![None; 3]));
        assert_eq!(
            outcome.notes,
            ["PromQL warning: encountered a mix of histograms and floats for metric name \"m\""]
        );
    }
}
