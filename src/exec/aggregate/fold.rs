//! Aggregations that fold each group into one column: `sum`, `avg`, `min`, `max`, `count`, `group`, `stddev`, `stdvar`.
//!
//! Only the groups' columns are held, whatever the number of series. Several of them can be folded side by side.

use std::ops::Range;

use super::grouping::{Arrivals, Grouping, LabelSelection};
use super::name_drop::NameDrop;
use super::open::Opening;
use crate::aggregations::{Accumulator, GroupedBatch};
use crate::exec::drive::for_each_batch_of_all;
use crate::exec::map::Ready;
use crate::exec::{BoxedOperator, ExecError, OutputSeries, QueryContext, Worker, for_each_batch};
use crate::model::annotation::CallSpans;
use crate::model::{Batch, Notes};

/// Makes an accumulator for so many groups and steps.
pub(in crate::exec) type Fold = fn(usize, usize) -> Box<dyn Accumulator>;

/// Folds all series of the input.
pub(super) fn open<'s>(
    make: Fold,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    let (child, mut groups) = Groups::begin(make, opening)?;
    let (steps, context) = (groups.steps, groups.context);
    for_each_batch(&*child, steps, worker, context, |range, batch, worker| {
        groups.take(child.series(), range, batch, worker);
        Ok(())
    })?;
    groups.finish(child.series(), worker)
}

/// Folds all series of several inputs that have the same steps.
pub(super) fn open_all<'s>(
    all: Vec<(Fold, Opening<'s, '_>)>,
    worker: &mut Worker,
    context: &QueryContext,
) -> Vec<Result<BoxedOperator<'s>, ExecError>> {
    let begun = all.into_iter().map(|(make, opening)| Groups::begin(make, opening));
    let mut begun: Vec<Result<_, ExecError>> = begun.collect();
    let (mut children, mut folds) = (Vec::new(), Vec::new());
    for (child, groups) in begun.iter_mut().flatten() {
        children.push(&**child);
        folds.push(groups);
    }
    let steps = folds.first().map_or(0, |fold| fold.steps);
    let outcomes = for_each_batch_of_all(&children, steps, worker, context, |which, range, batch, worker| {
        folds[which].take(children[which].series(), range, batch, worker);
        Ok(())
    });
    let mut outcomes = outcomes.into_iter();
    let mut finish = |(child, groups): (BoxedOperator<'s>, Groups<'_>)| {
        outcomes.next().unwrap_or(Ok(()))?;
        groups.finish(child.series(), worker)
    };
    begun.into_iter().map(|begun| begun.and_then(&mut finish)).collect()
}

/// The groups of one aggregation while its input comes in.
struct Groups<'c> {
    selection: LabelSelection,
    spans: CallSpans,
    steps: usize,
    context: &'c QueryContext,
    grouping: Grouping,
    accumulator: Box<dyn Accumulator>,
    name_drop: NameDrop,
    arrivals: Arrivals,
}

impl<'c> Groups<'c> {
    /// Finds the groups. Hands over the input, too.
    fn begin<'s>(make: Fold, opening: Opening<'s, 'c>) -> Result<(BoxedOperator<'s>, Self), ExecError> {
        let Opening { selection, spans, child, grid, context } = opening;
        let (series, steps) = (child.series(), grid.steps);
        let grouping = Grouping::resolve(&selection, series, context)?;
        context.charge(grouping.len() * steps)?;
        let accumulator = make(grouping.len(), steps);
        let name_drop = NameDrop::new(&grouping, series, steps, context);
        let arrivals = grouping.arrivals();
        let groups = Groups { selection, spans, steps, context, grouping, accumulator, name_drop, arrivals };
        Ok((child, groups))
    }

    /// Takes the columns of `series[range]`.
    fn take(&mut self, series: &[OutputSeries], range: Range<usize>, batch: &Batch, worker: &mut Worker) {
        let (series, groups) = (&series[range.clone()], &self.grouping.groups[range]);
        let input = GroupedBatch { groups, batch, labels: &|i| &series[i].labels };
        let mut notes = Notes { annotations: &mut worker.annotations, spans: &self.spans };
        self.accumulator.add(&input, &mut notes);
        self.name_drop.see(batch, series, groups);
        self.arrivals.see(batch, groups);
    }

    /// The columns of the groups of `series`.
    fn finish<'s>(
        self,
        series: &[OutputSeries],
        worker: &mut Worker,
    ) -> Result<BoxedOperator<'s>, ExecError> {
        let mut notes = Notes { annotations: &mut worker.annotations, spans: &self.spans };
        let columns = self.accumulator.finish(&mut notes);
        self.context.charge(histogram_samples(&columns))?;
        let labels = self.grouping.labels(&self.selection, series).enumerate();
        let name_drop = &self.name_drop;
        let series = labels
            .map(|(group, labels)| OutputSeries {
                labels,
                drop_name: name_drop.of(group, columns.column(group)),
            })
            .collect();
        Ok(Box::new(Ready { series, columns }.in_order(self.arrivals.order())))
    }
}

/// What the histograms of a result weigh, in samples.
fn histogram_samples(batch: &Batch) -> usize {
    let columns = (0..batch.columns()).filter_map(|i| batch.column(i).histograms);
    columns.flatten().flatten().map(|histogram| (histogram.size() + 8) / 16).sum()
}
