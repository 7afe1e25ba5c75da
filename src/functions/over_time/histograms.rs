//! `sum_over_time` and `avg_over_time` over native histograms.
//!
//! A window is of one kind: with floats and histograms in it there is no answer, and neither is there one for
//! exponential and custom buckets together. The histograms of a window are added up in order, each count and each
//! bucket compensated; their mean is their sum by their number, unless the sum would become infinite: then each
//! histogram moves the mean a little.

use std::sync::Arc;

use crate::functions::window::WindowCall;
use crate::model::annotation::HistogramOperation::Aggregation;
use crate::model::histogram::{HistogramTotal, IncompatibleSchemas};
use crate::model::{Annotation, ColumnMut, Histogram, Notes, Place};

/// Fills the steps whose windows have histograms: with their sum or mean, or, where there are floats too,
/// with nothing.
pub(super) fn instead_of_floats(
    call: &WindowCall<'_>,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
    mean: bool,
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
        match fold(histograms, mean) {
            Ok(folded) => {
                out.set_histogram(step, Arc::new(folded.histogram));
                collision |= folded.hints_collide;
                reconciled |= folded.bounds_reconciled;
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

/// The sum or the mean of a window's histograms, of which there are two at least.
struct Folded {
    histogram: Histogram,
    hints_collide: bool,
    bounds_reconciled: bool,
}

fn fold(histograms: &[Arc<Histogram>], mean: bool) -> Result<Folded, IncompatibleSchemas> {
    let mut total = HistogramTotal::new(&histograms[0], mean);
    let mut bounds_reconciled = false;
    for histogram in &histograms[1..] {
        bounds_reconciled |= total.add(histogram)?;
    }
    let hints_collide = total.hints_collide();
    Ok(Folded { histogram: total.finish()?, hints_collide, bounds_reconciled })
}
