//! Range functions: for each series all samples that any window needs, and one call for all windows.

use std::ops::Range;

use super::context::QueryContext;
use super::error::ExecError;
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::range_source::RangeSource;
use crate::functions::WindowFunction;
use crate::functions::window::{Edges, WindowCall};
use crate::model::annotation::CallSpans;
use crate::model::{Batch, Notes};
use crate::plan::Grid;

struct WindowOperator<'s> {
    source: RangeSource<'s>,
    series: Vec<OutputSeries>,
    function: &'static WindowFunction,
    /// The scalar arguments, a value for each step.
    args: Vec<Vec<f64>>,
    grid: Grid,
    spans: CallSpans,
}

/// Opens a range function over `source`.
pub(crate) fn open<'s>(
    function: &'static WindowFunction,
    source: RangeSource<'s>,
    args: Vec<Vec<f64>>,
    grid: Grid,
    spans: CallSpans,
    context: &QueryContext,
) -> BoxedOperator<'s> {
    let drops_name = |i| !function.keeps_name || source.drops_name(i);
    let series = (0..source.count()).map(|i| OutputSeries::of(source.labels(i), drops_name(i), context));
    let series = series.collect();
    let span = spans.call;
    let operator = WindowOperator { source, series, function, args, grid, spans };
    let policy = if context.delayed_name_removal { Duplicates::Keep } else { Duplicates::Refuse };
    merge_duplicates(Box::new(operator), policy, grid, span)
}

impl Operator for WindowOperator<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.grid.steps);
        let (edges, ends, width) = (self.source.edges(), self.source.ends(), self.source.width());
        let (before, after) = match edges {
            Edges::Plain => (width, 0),
            Edges::Anchored => (width.saturating_add(context.lookback), 0),
            Edges::Smoothed => (width.saturating_add(context.lookback), context.lookback),
        };
        let mut reader = worker.take_reader(self.source.key());
        for (column, i) in range.enumerate() {
            if column % 16 == 0 {
                context.check()?;
            }
            let mut samples = self.source.read(i, &mut reader, worker, context)?;
            if samples.is_empty() {
                continue;
            }
            let found = samples.find_windows(self.source.sampled(), self.grid.steps, before, after);
            let (floats, histograms, windows) = samples.windows(found, ends, width, self.grid.times());
            let labels = self.source.labels(i);
            let mut notes = Notes { annotations: &mut worker.annotations, spans: &self.spans };
            // Whole words of presence bits: a column can be cut only there.
            let reached = samples.reached(found, self.grid.steps);
            if reached.is_empty() {
                continue;
            }
            let reached = reached.start / 64 * 64..reached.end;
            let mut column = out.column_mut(column);
            let mut column = column.between(reached.clone());
            let args: Vec<&[f64]> = self.args.iter().map(|arg| &arg[reached.clone()]).collect();
            let call = WindowCall {
                labels,
                floats,
                histograms,
                windows: windows.between(reached),
                args: &args,
                edges,
                use_start_timestamps: context.use_start_timestamps,
                type_labels: context.type_labels,
            };
            (self.function.body)(&call, &mut worker.scratch, &mut column, &mut notes)
                .map_err(|error| ExecError::Function(error, self.spans.call))?;
        }
        worker.give_reader(self.source.key(), reader);
        Ok(())
    }
}

/// For each series and step whether its window has any sample: `absent_over_time` before its answer is turned round.
pub(crate) fn presence<'s>(
    source: RangeSource<'s>,
    grid: Grid,
    spans: CallSpans,
    context: &QueryContext,
) -> BoxedOperator<'s> {
    static PRESENCE: WindowFunction = WindowFunction {
        body: |call, _, out, _| {
            for step in 0..call.windows.steps() {
                if !call.windows.floats(step).is_empty() || !call.windows.histograms(step).is_empty() {
                    out.set(step, 1.0);
                }
            }
            Ok(())
        },
        range_arg: 0,
        keeps_name: true,
        anchored: false,
        smoothed: false,
    };
    open(&PRESENCE, source, Vec::new(), grid, spans, context)
}
