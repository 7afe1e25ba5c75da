//! `rate`, `increase` and `delta` over native histograms.
//!
//! A histogram is many counters that are reset together. From the last one of a window the first is subtracted,
//! for each reset the histogram before it is added, and the result is extrapolated like a float's, by the counts
//! of observations. It is a gauge, of the lowest resolution that occurs.
//!
//! ```text
//! count      5   9   2   6        first to last: 6 - 5, plus 9 for the reset, is 10
//! buckets   4 1 7 2 2 0 3 3       first to last: 3 - 4 + 7 = 6 and 3 - 1 + 2 = 4
//! ```
//!
//! Where the reset comes right after the first histogram, that one is not looked at at all: it may have had
//! another layout. Exponential and custom buckets in one window have no answer (`histogramRate` in
//! `promql/functions.go`).

use std::ops::Range;
use std::sync::Arc;

use super::rate::{Kind, Span, extrapolation};
use super::resets::{ResetCursor, is_start_reset, overlaps};
use super::window::{WindowCall, seconds};
use crate::model::annotation::HistogramOperation::{Addition, Subtraction};
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place};

/// Fills the steps whose windows have histograms and nothing else.
pub(super) fn fill(
    kind: Kind,
    call: &WindowCall<'_>,
    resets: &mut Vec<u32>,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) {
    let all = call.windows.all_histograms();
    let values = &call.histograms.values[all.clone()];
    resets.clear();
    if kind.is_counter() {
        resets.extend((all.start + 1..all.end).filter(|&i| is_reset(call, i)).map(|i| i as u32));
    }
    let mut cursor = ResetCursor::new(resets);
    let alike =
        values.windows(2).all(|pair| pair[0].schema == pair[1].schema) && !values.iter().any(is_gauge);
    let mut tally = Tally::default();
    for step in 0..call.windows.steps_with_histograms() {
        let samples = call.windows.histograms(step);
        if samples.is_empty() || !call.windows.floats(step).is_empty() {
            continue;
        }
        let resets = cursor.window(samples.start, samples.end);
        let mut findings = Findings::default();
        let window = Window { call, kind, step, samples, resets, alike };
        if let Some(histogram) = window.change(&mut findings) {
            out.set_histogram(step, Arc::new(histogram));
        }
        tally.add(findings);
    }
    tally.tell(call, notes);
}

fn is_reset(call: &WindowCall<'_>, i: usize) -> bool {
    let values = call.histograms.values;
    call.use_start_timestamps && is_start_reset(&call.histograms, i) || values[i].detect_reset(&values[i - 1])
}

fn is_gauge(histogram: &Arc<Histogram>) -> bool {
    histogram.counter_reset_hint == CounterResetHint::Gauge
}

/// A window with histograms.
#[derive(Debug)]
struct Window<'a> {
    call: &'a WindowCall<'a>,
    kind: Kind,
    step: usize,
    /// Indices of its histograms.
    samples: Range<usize>,
    /// Those that come right after a reset.
    resets: &'a [u32],
    /// Whether all histograms of the series have one schema, and none is a gauge.
    alike: bool,
}

impl Window<'_> {
    fn values(&self) -> &[Arc<Histogram>] {
        &self.call.histograms.values[self.samples.clone()]
    }

    /// The change over the window, extrapolated to its ends.
    fn change(&self, findings: &mut Findings) -> Option<Histogram> {
        let (call, values, times) = (self.call, self.values(), self.call.histograms.timestamps);
        let (first, last) = (times[self.samples.start], times[self.samples.end - 1]);
        let (start, end) = (call.windows.start(self.step), call.windows.ends.at(self.step));
        let change = match values {
            [_] => None,
            _ => Some(self.first_to_last(findings)?),
        };
        let span = Span::of(first - start, end - last, last - first, values.len() - 1);
        let counts_starts = self.kind.is_counter() && call.use_start_timestamps;
        let began = if counts_starts { call.histograms.start_timestamp(self.samples.start) } else { 0 };
        let (mut change, factor) = if began != 0 && began > start && began < first {
            let change = match change {
                None => Histogram::clone(&values[0]),
                Some(mut change) => {
                    let combined =
                        change.add(&values[0]).map_err(|IncompatibleSchemas| findings.misfit = true).ok()?;
                    findings.reconciled_added |= combined.bounds_reconciled;
                    change
                }
            };
            (change, span.since(last - began))
        } else {
            let change = change?;
            let factor = extrapolation(self.kind.is_counter(), span, values[0].count, change.count);
            (change, factor)
        };
        change.mul(if self.kind == Kind::Rate { factor / seconds(call.windows.range) } else { factor });
        Some(change)
    }

    /// The change from the first histogram to the last, of at least two, resets made up for.
    fn first_to_last(&self, findings: &mut Findings) -> Option<Histogram> {
        let counter = self.kind.is_counter();
        let values = self.values();
        let (first, last) = (&values[0], &values[values.len() - 1]);
        if counter {
            findings.not_counter = is_gauge(first) || is_gauge(last);
        }
        // Something empty stands for the first histogram if the counter began anew right after it.
        let second = self.samples.start + 1;
        let anew = self.resets.first() == Some(&(second as u32));
        let empty = anew.then(|| Histogram {
            schema: values[1].schema,
            custom_values: values[1].custom_values.clone(),
            ..Histogram::default()
        });
        let base = empty.as_ref().unwrap_or(first);
        if base.uses_custom_buckets() != last.uses_custom_buckets() {
            findings.misfit = true;
            return None;
        }
        let schema = self.lowest_schema(base, last, findings)?;
        let mut change = last.copy_to_schema(schema);
        let mut combine = |subtract: bool, other: &Histogram| {
            let combined = if subtract { change.sub(other) } else { change.add(other) };
            match combined {
                Ok(combined) if subtract => findings.reconciled_subtracted |= combined.bounds_reconciled,
                Ok(combined) => findings.reconciled_added |= combined.bounds_reconciled,
                Err(IncompatibleSchemas) => {
                    *findings = Findings { misfit: true, ..Findings::default() };
                    return None;
                }
            }
            Some(())
        };
        combine(true, base)?;
        let mut resets = self.resets;
        if let Some(empty) = &empty {
            let starts = self.call.use_start_timestamps;
            if starts && is_start_reset(&self.call.histograms, second) || values[1].detect_reset(empty) {
                combine(false, empty)?;
            }
            resets = &resets[1..];
        }
        for &reset in resets {
            combine(false, &self.call.histograms.values[reset as usize - 1])?;
        }
        if !counter {
            findings.not_gauge = !is_gauge(first) || !is_gauge(last);
        } else if self.call.use_start_timestamps {
            findings.overlap = self.samples.clone().skip(1).any(|i| overlaps(&self.call.histograms, i));
        }
        change.counter_reset_hint = CounterResetHint::Gauge;
        change.compact(0);
        Some(change)
    }

    /// The lowest schema that counts. For a gauge only the ends count.
    fn lowest_schema(&self, base: &Histogram, last: &Histogram, findings: &mut Findings) -> Option<i32> {
        let mut lowest = base.schema.min(last.schema);
        if self.alike || !self.kind.is_counter() {
            return Some(lowest);
        }
        let values = self.values();
        for histogram in &values[1..values.len() - 1] {
            findings.not_counter |= is_gauge(histogram);
            if histogram.uses_custom_buckets() != base.uses_custom_buckets() {
                *findings = Findings { misfit: true, ..Findings::default() };
                return None;
            }
            lowest = lowest.min(histogram.schema);
        }
        Some(lowest)
    }
}

/// What came up in a window besides its answer.
#[derive(Clone, Copy, Debug, Default)]
struct Findings {
    not_counter: bool,
    not_gauge: bool,
    misfit: bool,
    reconciled_subtracted: bool,
    reconciled_added: bool,
    overlap: bool,
}

/// What came up in all windows of a series.
#[derive(Debug, Default)]
struct Tally {
    any: Findings,
    overlapping: u64,
}

impl Tally {
    fn add(&mut self, findings: Findings) {
        self.any.not_counter |= findings.not_counter;
        self.any.not_gauge |= findings.not_gauge;
        self.any.misfit |= findings.misfit;
        self.any.reconciled_subtracted |= findings.reconciled_subtracted;
        self.any.reconciled_added |= findings.reconciled_added;
        self.overlapping += u64::from(findings.overlap);
    }

    fn tell(self, call: &WindowCall<'_>, notes: &mut Notes<'_>) {
        let metric = || call.labels.metric_name().to_owned();
        let any = self.any;
        let mut tell = |found: bool, annotation: &dyn Fn() -> Annotation| {
            if found {
                notes.add(annotation(), Place::Arg(0));
            }
        };
        tell(any.not_counter, &|| Annotation::NativeHistogramNotCounter { metric: metric() });
        tell(any.not_gauge, &|| Annotation::NativeHistogramNotGauge { metric: metric() });
        tell(any.misfit, &|| Annotation::MixedExponentialCustomHistograms { metric: metric() });
        tell(any.reconciled_subtracted, &|| Annotation::MismatchedCustomBuckets { operation: Subtraction });
        tell(any.reconciled_added, &|| Annotation::MismatchedCustomBuckets { operation: Addition });
        tell(self.overlapping > 0, &|| Annotation::StartTimeOverlap {
            metric: metric(),
            occurrences: self.overlapping,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::rate::{delta, increase, rate};
    use crate::functions::window_cases::{Case, histogram};

    /// A case of one window with a histogram every 10 s, its samples as far from its ends as they are from each
    /// other.
    fn case(texts: &[&str]) -> Case {
        let span = (texts.len() as i64 + 1) * 10_000;
        let mut case = Case::of(&[], span, 0, 1, span);
        case.histograms = (1..).map(|i| i * 10_000).zip(texts.iter().map(|text| histogram(text))).collect();
        case
    }

    fn gauge(text: &str) -> [Option<Arc<Histogram>>; 1] {
        [Some(histogram(&text.replace("}}", " counter_reset_hint:gauge}}")))]
    }

    #[test]
    fn the_worked_example() {
        let case = case(&[
            "{{count:5 buckets:[4 1]}}",
            "{{count:9 buckets:[7 2]}}",
            "{{count:2 buckets:[2 0]}}",
            "{{count:6 buckets:[3 3]}}",
        ]);
        // 30 s of samples; zero was 15 s before the first at the earliest: 10 s more at either end.
        let factor = 50.0 / 30.0;
        let outcome = case.run(increase).expect("no error");
        assert_eq!(outcome.histograms, [Some(Arc::new(scaled("{{count:10 buckets:[6 4]}}", factor)))]);
        assert!(outcome.notes.is_empty());
        let outcome = case.run(rate).expect("no error");
        assert_eq!(outcome.histograms, [Some(Arc::new(scaled("{{count:10 buckets:[6 4]}}", factor / 50.0)))]);
    }

    fn scaled(text: &str, factor: f64) -> Histogram {
        let mut histogram = Histogram::clone(&histogram(&text.replace("}}", " counter_reset_hint:gauge}}")));
        histogram.mul(factor);
        histogram
    }

    #[test]
    fn a_first_histogram_before_a_reset_is_not_looked_at() {
        let case = case(&[
            "{{schema:-53 custom_values:[1] count:50 buckets:[50]}}",
            "{{count:2 buckets:[2]}}",
            "{{count:4 buckets:[4]}}",
        ]);
        let outcome = case.run(increase).expect("no error");
        // 20 s of samples, 10 s to either end.
        assert_eq!(outcome.histograms, [Some(Arc::new(scaled("{{count:4 buckets:[4]}}", 40.0 / 20.0)))]);
        assert!(outcome.notes.is_empty());
    }

    #[test]
    fn layouts_that_do_not_go_together() {
        let misfit = "PromQL warning: vector contains a mix of histograms with exponential and custom \
                      buckets schemas for metric name \"m\"";
        let custom = "{{schema:-53 custom_values:[1] count:9 buckets:[9]}}";
        let last = case(&["{{count:1 buckets:[1]}}", "{{count:2 buckets:[2]}}", custom]);
        let middle = case(&["{{count:1 buckets:[1]}}", custom, "{{count:20 buckets:[20]}}"]);
        for case in [last, middle] {
            let outcome = case.run(rate).expect("no error");
            assert_eq!((outcome.histograms, outcome.notes), (vec![None], vec![misfit.to_owned()]));
        }
    }

    #[test]
    fn the_lowest_resolution_counts() {
        let case = case(&["{{schema:1 count:4 buckets:[1 1 1 1]}}", "{{schema:0 count:8 buckets:[2 6]}}"]);
        let outcome = case.run(delta).expect("no error");
        assert_eq!(outcome.histograms.len(), 1);
        assert_eq!(outcome.histograms[0].as_ref().map(|histogram| histogram.schema), Some(0));
        assert_eq!(outcome.notes, ["PromQL warning: this native histogram metric is not a gauge: \"m\""]);
    }

    #[test]
    fn gauges_are_no_counters() {
        let gauges = case(&["{{count:4 counter_reset_hint:gauge}}", "{{count:8 counter_reset_hint:gauge}}"]);
        let outcome = gauges.run(rate).expect("no error");
        assert_eq!(outcome.notes, ["PromQL warning: this native histogram metric is not a counter: \"m\""]);
        let outcome = gauges.run(delta).expect("no error");
        assert!(outcome.notes.is_empty());
        assert_eq!(outcome.histograms, gauge("{{count:12}}"));
    }

    #[test]
    fn custom_bounds_are_reconciled() {
        let case = case(&[
            "{{schema:-53 custom_values:[1 2 3] count:4 buckets:[1 1 1 1]}}",
            "{{schema:-53 custom_values:[1 3] count:8 buckets:[2 4 2]}}",
        ]);
        let outcome = case.run(increase).expect("no error");
        let change = "{{schema:-53 custom_values:[1 3] count:4 buckets:[1 2 1]}}";
        assert_eq!(outcome.histograms, [Some(Arc::new(scaled(change, 30.0 / 10.0)))]);
        assert_eq!(
            outcome.notes,
            ["PromQL info: mismatched custom buckets were reconciled during subtraction"]
        );
    }

    #[test]
    fn a_start_within_the_window_is_a_histogram_of_nothing() {
        let mut case = case(&["{{count:4 buckets:[4]}}"]);
        case.use_start_timestamps = true;
        case.histogram_starts = vec![5_000];
        assert_eq!(
            case.run(increase).expect("no error").histograms,
            [Some(histogram("{{count:4 buckets:[4]}}"))]
        );
        case.histogram_starts = vec![0];
        assert_eq!(case.run(increase).expect("no error").histograms, [None]);
    }

    #[test]
    fn floats_in_between_leave_no_answer() {
        let mut case = case(&["{{count:4}}", "{{count:8}}"]);
        case.floats = vec![(15_000, 1.0)];
        let outcome = case.run(rate).expect("no error");
        assert_eq!((outcome.floats, outcome.histograms), (vec![None], vec![None]));
        assert_eq!(
            outcome.notes,
            ["PromQL warning: encountered a mix of histograms and floats for metric name \"m\""]
        );
    }
}
