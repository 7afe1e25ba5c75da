//! `sum_over_time` and `avg_over_time` over native histograms.
//!
//! A window is of one kind: with floats and histograms in it there is no answer, and neither is there one for
//! exponential and custom buckets together. The histograms of a window are added up in order, each count and each
//! bucket compensated; their mean is their sum by their number, unless the sum would become infinite: then each
//! histogram moves the mean a little.

use std::sync::Arc;

use crate::functions::window::WindowCall;
use crate::model::annotation::HistogramOperation::Aggregation;
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas, KahanHistogram};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place};

/// What came up in a window besides its answer.
#[derive(Debug, Default)]
pub(super) struct Findings {
    reset: bool,
    no_reset: bool,
    bounds_reconciled: bool,
}

impl Findings {
    fn see_hint(&mut self, histogram: &Histogram) {
        self.reset |= histogram.counter_reset_hint == CounterResetHint::CounterReset;
        self.no_reset |= histogram.counter_reset_hint == CounterResetHint::NotCounterReset;
    }
}

/// What is made of the histograms of one window, of which there are two at least.
type Fold = fn(&[Arc<Histogram>], &mut Findings) -> Result<Histogram, IncompatibleSchemas>;

/// Fills the steps whose windows have histograms: with what `fold` makes of them, or, where there are floats too,
/// with nothing.
pub(super) fn instead_of_floats(
    call: &WindowCall<'_>,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
    fold: Fold,
) {
    let (mut mixed, mut misfit, mut collision, mut reconciled) = (false, false, false, false);
    for step in 0..call.windows.steps_with_histograms() {
        let histograms = &call.histograms.values[call.windows.histograms(step)];
        if histograms.is_empty() {
            continue;
        }
        if !call.windows.floats(step).is_empty() {
            out.unset(step);
            mixed = true;
            continue;
        }
        if let [histogram] = histograms {
            out.set_histogram(step, histogram.clone());
            continue;
        }
        let mut findings = Findings::default();
        match fold(histograms, &mut findings) {
            Ok(histogram) => {
                out.set_histogram(step, Arc::new(histogram));
                collision |= findings.reset && findings.no_reset;
                reconciled |= findings.bounds_reconciled;
            }
            Err(IncompatibleSchemas) => misfit = true,
        }
    }
    let metric = || call.labels.metric_name().to_owned();
    if mixed {
        notes.add(Annotation::MixedFloatsHistograms { metric: metric() }, Place::Arg(0));
    }
    if misfit {
        notes.add(Annotation::MixedExponentialCustomHistograms { metric: metric() }, Place::Arg(0));
    }
    if collision {
        notes.add(Annotation::HistogramCounterResetCollision { operation: Aggregation }, Place::Arg(0));
    }
    if reconciled {
        notes.add(Annotation::MismatchedCustomBuckets { operation: Aggregation }, Place::Arg(0));
    }
}

/// The compensated sum.
pub(super) fn sum(
    histograms: &[Arc<Histogram>],
    findings: &mut Findings,
) -> Result<Histogram, IncompatibleSchemas> {
    let mut total = KahanHistogram::new(Histogram::clone(&histograms[0]));
    findings.see_hint(&histograms[0]);
    for histogram in &histograms[1..] {
        findings.see_hint(histogram);
        findings.bounds_reconciled |= total.add(histogram)?.bounds_reconciled;
    }
    total.total()
}

/// The mean.
pub(super) fn avg(
    histograms: &[Arc<Histogram>],
    findings: &mut Findings,
) -> Result<Histogram, IncompatibleSchemas> {
    let mut total = KahanHistogram::new(Histogram::clone(&histograms[0]));
    findings.see_hint(&histograms[0]);
    // No sum on the way has a larger number in it. Far from the largest float there is no need to look for
    // overflow.
    let mut bound = magnitude(&histograms[0]);
    for (i, histogram) in histograms.iter().enumerate().skip(1) {
        findings.see_hint(histogram);
        bound += magnitude(histogram);
        if bound < f64::MAX / 4.0 {
            findings.bounds_reconciled |= total.add(histogram)?.bounds_reconciled;
            continue;
        }
        let before = total.clone();
        findings.bounds_reconciled |= total.add(histogram)?.bounds_reconciled;
        if total.sum.has_overflow() {
            return moving(histograms, i, before, findings);
        }
    }
    total.div(histograms.len() as f64);
    total.total()
}

/// Goes on from the sum of the first `known` histograms as a mean.
fn moving(
    histograms: &[Arc<Histogram>],
    known: usize,
    mut mean: KahanHistogram,
    findings: &mut Findings,
) -> Result<Histogram, IncompatibleSchemas> {
    mean.div(known as f64);
    for (i, histogram) in histograms.iter().enumerate().skip(known) {
        findings.see_hint(histogram);
        let count = (i + 1) as f64;
        mean.mul((count - 1.0) / count);
        let mut share = Histogram::clone(histogram);
        share.div(count);
        findings.bounds_reconciled |= mean.add(&share)?.bounds_reconciled;
    }
    mean.total()
}

/// A bound for all numbers in `histogram`, and for what any of its buckets come to when they are merged.
fn magnitude(histogram: &Histogram) -> f64 {
    let numbers = [histogram.zero_count, histogram.count, histogram.sum];
    let buckets = histogram.positive.counts.iter().chain(&histogram.negative.counts);
    numbers.iter().chain(buckets).chain(histogram.custom_values.iter()).map(|number| number.abs()).sum()
}
