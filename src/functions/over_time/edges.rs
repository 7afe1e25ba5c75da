//! What the ends of a window alone tell: `count`, `present`, `first`, `last`, `ts_of_first` and `ts_of_last`.
//!
//! A window is a range of indices. Of the window 3..7 the count is 7 - 3, the first sample is number 3 and the
//! last number 6, so a step costs the same whether the window is a minute or a month wide. Floats and histograms
//! of a series are apart, each with its own indices; on equal times the histogram is the one that counts.

use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::{ColumnMut, Notes, Timestamp};

type Outcome = Result<(), FunctionError>;

pub(in crate::functions) fn count(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        let samples = call.windows.floats(step).len() + call.windows.histograms(step).len();
        (samples > 0).then_some(samples as f64)
    });
    Ok(())
}

pub(in crate::functions) fn present(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        (!call.windows.floats(step).is_empty() || !call.windows.histograms(step).is_empty()).then_some(1.0)
    });
    Ok(())
}

pub(in crate::functions) fn first(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        let floats = call.windows.floats(step);
        (!floats.is_empty()).then(|| call.floats.values[floats.start])
    });
    for step in 0..call.windows.steps_with_histograms() {
        let histograms = call.windows.histograms(step);
        let floats = call.windows.floats(step);
        if histograms.is_empty()
            || !floats.is_empty()
                && call.floats.timestamps[floats.start] < call.histograms.timestamps[histograms.start]
        {
            continue;
        }
        out.unset(step);
        out.set_histogram(step, call.histograms.values[histograms.start].clone());
    }
    Ok(())
}

pub(in crate::functions) fn last(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        let floats = call.windows.floats(step);
        (!floats.is_empty()).then(|| call.floats.values[floats.end - 1])
    });
    for step in 0..call.windows.steps_with_histograms() {
        let histograms = call.windows.histograms(step);
        let floats = call.windows.floats(step);
        if histograms.is_empty()
            || !floats.is_empty()
                && call.floats.timestamps[floats.end - 1] > call.histograms.timestamps[histograms.end - 1]
        {
            continue;
        }
        out.unset(step);
        out.set_histogram(step, call.histograms.values[histograms.end - 1].clone());
    }
    Ok(())
}

pub(in crate::functions) fn ts_of_first(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        let float = (!call.windows.floats(step).is_empty())
            .then(|| call.floats.timestamps[call.windows.floats(step).start]);
        let histogram = (!call.windows.histograms(step).is_empty())
            .then(|| call.histograms.timestamps[call.windows.histograms(step).start]);
        let earlier = match (float, histogram) {
            (Some(float), Some(histogram)) => Some(float.min(histogram)),
            (one, other) => one.or(other),
        };
        earlier.map(seconds)
    });
    Ok(())
}

/// A window whose samples are all before 1970 ends, for Prometheus, in 1970: the kind of sample that the window
/// lacks counts as one at 0 (`funcTsOfLastOverTime`).
pub(in crate::functions) fn ts_of_last(
    call: &WindowCall<'_>,
    _: &mut Scratch,
    out: &mut ColumnMut<'_>,
    _: &mut Notes<'_>,
) -> Outcome {
    out.fill(|step| {
        let (floats, histograms) = (call.windows.floats(step), call.windows.histograms(step));
        if floats.is_empty() && histograms.is_empty() {
            return None;
        }
        let float = if floats.is_empty() { 0 } else { call.floats.timestamps[floats.end - 1] };
        let histogram =
            if histograms.is_empty() { 0 } else { call.histograms.timestamps[histograms.end - 1] };
        Some(seconds(float.max(histogram)))
    });
    Ok(())
}

fn seconds(timestamp: Timestamp) -> f64 {
    timestamp as f64 / 1000.0
}
