//! `irate` and `idelta`: from the sample before the last one of a window to the last.
//!
//! The last two samples (10 s, 4) and (25 s, 10) make an `idelta` of 6 and an `irate` of 6 / 15 s. Where a
//! counter began anew between the two, it rose by its last value. Both have to be floats or both histograms.

use std::ops::Range;
use std::sync::Arc;

use super::record::FunctionError;
use super::resets::{is_reset, is_start_reset};
use super::window::{Scratch, WindowCall};
use crate::model::annotation::HistogramOperation::Subtraction;
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place};

pub(super) fn irate(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    fill::<true>(call, out, notes);
    Ok(())
}

pub(super) fn idelta(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    fill::<false>(call, out, notes);
    Ok(())
}

#[inline(always)]
fn fill<const RATE: bool>(call: &WindowCall<'_>, out: &mut ColumnMut<'_>, notes: &mut Notes<'_>) {
    let (times, values) = (call.floats.timestamps, call.floats.values);
    let starts = call.use_start_timestamps && !call.floats.start_timestamps.is_empty();
    out.fill(|step| {
        let Range { start, end } = call.windows.floats(step);
        if end - start < 2 {
            return None;
        }
        let last = end - 1;
        let began_anew =
            RATE && if starts { is_reset(&call.floats, last) } else { values[last] < values[last - 1] };
        let change = if began_anew { values[last] } else { values[last] - values[last - 1] };
        Some(if RATE { change / ((times[last] - times[last - 1]) as f64 / 1000.0) } else { change })
    });
    if call.windows.steps_with_histograms() > 0 {
        with_histograms::<RATE>(call, out, notes);
    }
}

/// A float, or a histogram by its index.
#[derive(Clone, Copy, Debug)]
enum Sample {
    Float,
    Histogram(usize),
}

/// Puts right the steps whose windows have histograms.
fn with_histograms<const RATE: bool>(call: &WindowCall<'_>, out: &mut ColumnMut<'_>, notes: &mut Notes<'_>) {
    let mut findings = Findings::default();
    for step in 0..call.windows.steps_with_histograms() {
        let histograms = call.windows.histograms(step);
        if histograms.is_empty() {
            continue;
        }
        match last_two(call, call.windows.floats(step), histograms) {
            // The floats are the two last ones: the answer is there.
            Some((Sample::Float, Sample::Float)) => continue,
            Some((Sample::Histogram(before), Sample::Histogram(last))) => {
                if let Some(histogram) = change::<RATE>(call, before, last, &mut findings) {
                    out.set_histogram(step, Arc::new(histogram));
                }
            }
            Some(_) => findings.mixed = true,
            None => {}
        }
        out.unset(step);
    }
    findings.tell::<RATE>(call, notes);
}

/// The two newest samples of a window, in order of time; `None` if there are not two.
fn last_two(
    call: &WindowCall<'_>,
    mut floats: Range<usize>,
    mut histograms: Range<usize>,
) -> Option<(Sample, Sample)> {
    let mut take_newest = || {
        let float = floats.clone().next_back().map(|i| call.floats.timestamps[i]);
        let histogram = histograms.clone().next_back().map(|i| call.histograms.timestamps[i]);
        if float > histogram {
            floats.next_back().map(|_| Sample::Float)
        } else {
            histograms.next_back().map(Sample::Histogram)
        }
    };
    let last = take_newest()?;
    Some((take_newest()?, last))
}

/// What came up besides the answers.
#[derive(Debug, Default)]
struct Findings {
    mixed: bool,
    wrong_hint: bool,
    misfit: bool,
    reconciled: bool,
}

impl Findings {
    fn tell<const RATE: bool>(self, call: &WindowCall<'_>, notes: &mut Notes<'_>) {
        let metric = || call.labels.metric_name().to_owned();
        if self.mixed {
            notes.add(Annotation::MixedFloatsHistograms { metric: metric() }, Place::Args);
        }
        if self.wrong_hint && RATE {
            notes.add(Annotation::NativeHistogramNotCounter { metric: metric() }, Place::Args);
        } else if self.wrong_hint {
            notes.add(Annotation::NativeHistogramNotGauge { metric: metric() }, Place::Args);
        }
        if self.misfit {
            notes.add(Annotation::MixedExponentialCustomHistograms { metric: metric() }, Place::Args);
        }
        if self.reconciled {
            notes.add(Annotation::MismatchedCustomBuckets { operation: Subtraction }, Place::Args);
        }
    }
}

fn change<const RATE: bool>(
    call: &WindowCall<'_>,
    before: usize,
    last: usize,
    findings: &mut Findings,
) -> Option<Histogram> {
    let [first, second] = [before, last].map(|i| &call.histograms.values[i]);
    let gauge = |histogram: &Histogram| histogram.counter_reset_hint == CounterResetHint::Gauge;
    findings.wrong_hint |= if RATE { gauge(first) || gauge(second) } else { !gauge(first) || !gauge(second) };
    let mut change = Histogram::clone(second);
    let began_anew = RATE
        && (call.use_start_timestamps && is_start_reset(&call.histograms, last)
            || second.detect_reset(first));
    if !began_anew {
        match change.sub(first) {
            Ok(combined) => findings.reconciled |= combined.bounds_reconciled,
            Err(IncompatibleSchemas) => {
                findings.misfit = true;
                return None;
            }
        }
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    if RATE {
        let times = call.histograms.timestamps;
        change.div((times[last] - times[before]) as f64 / 1000.0);
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::resets::starts_anew;
    use crate::functions::window_cases::{Case, OneWindow, cases, check, histogram};

    fn naive(window: &OneWindow<'_>, rate: bool) -> Option<f64> {
        let [.., before, last] = window.floats else { return None };
        let anew = match window.float_starts {
            [.., first, second] => starts_anew(*first, before.0, *second, last.0),
            _ => false,
        };
        let change = if rate && (last.1 < before.1 || anew) { last.1 } else { last.1 - before.1 };
        Some(if rate { change / ((last.0 - before.0) as f64 / 1000.0) } else { change })
    }

    proptest! {
        #[test]
        fn as_window_by_window(mut case in cases(), starts in any::<bool>()) {
            if starts {
                case.use_start_timestamps = true;
                case.float_starts = case.floats.iter().map(|sample| sample.0 - sample.0 % 40_000).collect();
            }
            check(&case, irate, |window| naive(&window, true))?;
            check(&case, idelta, |window| naive(&window, false))?;
        }
    }

    #[test]
    fn the_worked_example() {
        let case = Case::of(&[(10_000, 4.0), (25_000, 10.0), (30_000, 1.0)], 25_000, 5_000, 2, 25_000);
        assert_eq!(case.floats_of(idelta), [6.0, -9.0].map(Some));
        assert_eq!(case.floats_of(irate), [0.4, 0.2].map(Some));
    }

    #[test]
    fn histograms() {
        let texts = [
            "{{count:10 sum:5 buckets:[10]}}",
            "{{count:30 sum:9 buckets:[25 5]}}",
            "{{count:1 sum:1 buckets:[1]}}",
        ];
        let mut case = Case::of(&[], 20_000, 10_000, 2, 20_000);
        case.histograms = (1..).map(|i| i * 10_000).zip(texts.map(histogram)).collect();
        let outcome = case.run(irate).expect("no error");
        let want = [
            "{{count:2 sum:0.4 buckets:[1.5 0.5] counter_reset_hint:gauge}}",
            "{{count:0.1 sum:0.1 buckets:[0.1] counter_reset_hint:gauge}}",
        ];
        assert_eq!(outcome.histograms, want.map(|text| Some(histogram(text))));
        assert!(outcome.notes.is_empty());
        let outcome = case.run(idelta).expect("no error");
        assert_eq!(outcome.notes, ["PromQL warning: this native histogram metric is not a gauge: \"m\""]);
        assert_eq!(
            outcome.histograms[0],
            Some(histogram("{{count:20 sum:4 buckets:[15 5] counter_reset_hint:gauge}}"))
        );
    }

    #[test]
    fn a_float_and_a_histogram_do_not_go_together() {
        let mut case = Case::of(&[(10_000, 1.0), (30_000, 2.0), (40_000, 4.0)], 10_000, 10_000, 4, 100_000);
        case.histograms = vec![(20_000, histogram("{{count:1}}"))];
        let outcome = case.run(idelta).expect("no error");
        assert_eq!(outcome.floats, [None, None, None, Some(2.0)]);
        assert_eq!(outcome.histograms, [None, None, None, None]);
        assert_eq!(
            outcome.notes,
            ["PromQL warning: encountered a mix of histograms and floats for metric name \"m\""]
        );
    }
}
