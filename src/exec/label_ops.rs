//! `label_replace` and `label_join`: new labels, the same columns.

use std::ops::Range;

use super::context::QueryContext;
use super::error::ExecError;
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::diagnostic::Span;
use crate::model::Batch;
use crate::model::labels::METRIC_NAME;
use crate::model::regex::AnchoredRegex;
use crate::plan::Grid;

struct Relabelled<'s> {
    child: BoxedOperator<'s>,
    series: Vec<OutputSeries>,
}

impl Operator for Relabelled<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn can_object(&self) -> bool {
        self.child.can_object()
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        self.child.columns(range, out, worker, context)
    }
}

/// The columns of `child` under other labels.
pub(crate) fn relabelled<'s>(child: BoxedOperator<'s>, series: Vec<OutputSeries>) -> BoxedOperator<'s> {
    Box::new(Relabelled { child, series })
}

/// `label_replace(child, target, replacement, source, regex)`
pub(crate) fn replace<'s>(
    child: BoxedOperator<'s>,
    target: &[u8],
    replacement: &[u8],
    source: &[u8],
    regex: &[u8],
    grid: Grid,
    span: Span,
) -> Result<BoxedOperator<'s>, ExecError> {
    let pattern = String::from_utf8_lossy(regex);
    let bad_regex = |_| refuse(format!("invalid regular expression in label_replace(): {pattern}"), span);
    let regex = AnchoredRegex::for_label_replace(&pattern).map_err(bad_regex)?;
    let target = label_name(target).ok_or_else(|| {
        let name = String::from_utf8_lossy(target);
        refuse(format!("invalid destination label name in label_replace(): {name}"), span)
    })?;
    let (source, replacement) = (String::from_utf8_lossy(source), String::from_utf8_lossy(replacement));
    Ok(relabel(child, target, grid, span, |series| regex.replace(series.labels.value(&source), &replacement)))
}

/// `label_join(child, target, separator, sources...)`
pub(crate) fn join<'s>(
    child: BoxedOperator<'s>,
    target: &[u8],
    separator: &[u8],
    sources: &[Vec<u8>],
    grid: Grid,
    span: Span,
) -> Result<BoxedOperator<'s>, ExecError> {
    let name_of = |what: &str, name: &[u8]| {
        label_name(name).map(str::to_owned).ok_or_else(|| {
            let name = String::from_utf8_lossy(name).into_owned();
            refuse(format!("invalid {what} label name in label_join(): {name}"), span)
        })
    };
    let sources = sources.iter().map(|s| name_of("source", s)).collect::<Result<Vec<_>, _>>()?;
    let target = name_of("destination", target)?;
    let separator = String::from_utf8_lossy(separator);
    Ok(relabel(child, &target, grid, span, |series| {
        let values: Vec<&str> = sources.iter().map(|s| series.labels.value(s)).collect();
        Some(values.join(&separator))
    }))
}

/// Sets `target` of each series to what `value` gives, or leaves it if that gives nothing. A name that was set is
/// not dropped later.
fn relabel<'s>(
    child: BoxedOperator<'s>,
    target: &str,
    grid: Grid,
    span: Span,
    value: impl Fn(&OutputSeries) -> Option<String>,
) -> BoxedOperator<'s> {
    let series = child.series().iter().map(|series| match value(series) {
        None => series.clone(),
        Some(value) => OutputSeries {
            labels: series.labels.with(target, &value),
            drop_name: series.drop_name && target != METRIC_NAME,
        },
    });
    let series = series.collect();
    merge_duplicates(Box::new(Relabelled { child, series }), Duplicates::Join, grid, span)
}

/// Any text but the empty one can name a label.
fn label_name(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| !name.is_empty())
}

fn refuse(message: String, span: Span) -> ExecError {
    ExecError::Evaluation(message, span)
}
