//! `anchored` and `smoothed` over native histograms: what [`extended`](super::extended) does, with histograms for
//! values.
//!
//! A histogram between two others has of each bucket what lies on the straight line between the two counts. The
//! reset that such a line spans at the start of a window has been taken into account by it, and is not made up
//! for again (`extendedHistogramRate` in `promql/functions.go`).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::extended::Ends;
use super::rate::Kind;
use super::window::{Edges, Samples, WindowCall, seconds};
use crate::model::annotation::HistogramOperation::{self, Addition, Subtraction};
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place, Timestamp};

/// Fills the steps whose windows have histograms and nothing else.
pub(super) fn fill(kind: Kind, call: &WindowCall<'_>, out: &mut ColumnMut<'_>, notes: &mut Notes<'_>) {
    let mut findings = Findings::default();
    for step in 0..call.windows.steps_with_histograms() {
        let window = call.windows.histograms(step);
        if window.is_empty() || !call.windows.floats(step).is_empty() {
            continue;
        }
        let (start, end) = (call.windows.start(step), call.windows.ends.at(step));
        let ends = Ends { start, end, smoothed: call.edges == Edges::Smoothed };
        match change(kind, call, window, ends, &mut findings) {
            Ok(Some(histogram)) => out.set_histogram(step, Arc::new(histogram)),
            Ok(None) => {}
            Err(IncompatibleSchemas) => findings.misfit = true,
        }
    }
    findings.tell(call, notes, Place::Arg(0));
}

fn change(
    kind: Kind,
    call: &WindowCall<'_>,
    window: Range<usize>,
    ends: Ends,
    findings: &mut Findings,
) -> Result<Option<Histogram>, IncompatibleSchemas> {
    let samples = &call.histograms;
    let (times, values) = (&samples.timestamps[..window.end], samples.values);
    let after_start = window.start + times[window.start..].partition_point(|time| *time <= ends.start);
    let at_end = window.start + times[window.start..].partition_point(|time| *time < ends.end);
    let Some((first, last)) = ends.samples(times, &window, after_start, at_end) else { return Ok(None) };
    let counter = kind.is_counter();
    let custom = values[first].uses_custom_buckets();
    for histogram in &values[first..=last] {
        if histogram.uses_custom_buckets() != custom {
            return Err(IncompatibleSchemas);
        }
        findings.not_counter |= counter && is_gauge(histogram);
    }
    let left = if ends.smoothed && times[first] < ends.start {
        Cow::Owned(interpolate(samples, first, ends.start, counter, findings)?)
    } else {
        Cow::Borrowed(&*values[first])
    };
    let right = if ends.smoothed && last > first && times[last] > ends.end {
        Cow::Owned(interpolate(samples, last - 1, ends.end, counter, findings)?)
    } else {
        Cow::Borrowed(&*values[last])
    };
    if !counter {
        findings.not_gauge |= !is_gauge(&left) || !is_gauge(&right);
    }
    let mut change = Histogram::clone(&right);
    findings.see(Subtraction, change.sub(&left)?.bounds_reconciled);
    if counter {
        let across =
            ends.smoothed && times[first] < ends.start && values[first + 1].detect_reset(&values[first]);
        if let Some(lost) = lost_to_resets(values, first, last, &left, &right, across, findings)? {
            findings.see(Addition, change.add(&lost)?.bounds_reconciled);
        }
    }
    if kind == Kind::Rate {
        change.div(seconds(call.windows.range));
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    Ok(Some(change))
}

/// What the counter had reached before each of its resets, from `left`, the value for sample `first`, to `right`,
/// the value for sample `last`. With `across`, `left` lies on a line across the reset after sample `first`.
fn lost_to_resets(
    values: &[Arc<Histogram>],
    first: usize,
    last: usize,
    left: &Histogram,
    right: &Histogram,
    across: bool,
    findings: &mut Findings,
) -> Result<Option<Histogram>, IncompatibleSchemas> {
    let (next, mut before) = if across { (first + 2, &*values[first + 1]) } else { (first + 1, left) };
    if next > last {
        return Ok(None);
    }
    let mut lost: Option<Histogram> = None;
    // `right` may have the hint of sample `last`, so that one is not looked at besides.
    for histogram in values[next..last].iter().map(|histogram| &**histogram).chain([right]) {
        if histogram.detect_reset(before) {
            match &mut lost {
                None => lost = Some(before.clone()),
                Some(lost) => findings.see(Addition, lost.add(before)?.bounds_reconciled),
            }
        }
        before = histogram;
    }
    Ok(lost)
}

/// The histogram at `time` on the straight line from sample `i` to the next.
pub(super) fn interpolate(
    samples: &Samples<'_, Arc<Histogram>>,
    i: usize,
    time: Timestamp,
    counter: bool,
    findings: &mut Findings,
) -> Result<Histogram, IncompatibleSchemas> {
    let [(from, before), (to, after)] = [i, i + 1].map(|i| (samples.timestamps[i], &samples.values[i]));
    if time == from {
        return Ok(Histogram::clone(before));
    }
    let mut result = Histogram::clone(after);
    if time == to {
        return Ok(result);
    }
    let fraction = (time - from) as f64 / (to - from) as f64;
    if counter && after.detect_reset(before) {
        result.mul(fraction);
        return Ok(result);
    }
    findings.see(Subtraction, result.sub(before)?.bounds_reconciled);
    result.mul(fraction);
    findings.see(Addition, result.add(before)?.bounds_reconciled);
    Ok(result)
}

pub(super) fn is_gauge(histogram: &Histogram) -> bool {
    histogram.counter_reset_hint == CounterResetHint::Gauge
}

/// What came up besides the answers.
#[derive(Debug, Default)]
pub(super) struct Findings {
    not_counter: bool,
    not_gauge: bool,
    pub(super) misfit: bool,
    reconciled_subtracted: bool,
    reconciled_added: bool,
}

impl Findings {
    fn see(&mut self, operation: HistogramOperation, reconciled: bool) {
        match operation {
            Subtraction => self.reconciled_subtracted |= reconciled,
            _ => self.reconciled_added |= reconciled,
        }
    }

    pub(super) fn tell(self, call: &WindowCall<'_>, notes: &mut Notes<'_>, place: Place) {
        let metric = || call.labels.metric_name().to_owned();
        if self.not_counter {
            notes.add(Annotation::NativeHistogramNotCounter { metric: metric() }, place);
        }
        if self.not_gauge {
            notes.add(Annotation::NativeHistogramNotGauge { metric: metric() }, place);
        }
        if self.misfit {
            notes.add(Annotation::MixedExponentialCustomHistograms { metric: metric() }, place);
        }
        if self.reconciled_subtracted {
            notes.add(Annotation::MismatchedCustomBuckets { operation: Subtraction }, place);
        }
        if self.reconciled_added {
            notes.add(Annotation::MismatchedCustomBuckets { operation: Addition }, place);
        }
    }
}
