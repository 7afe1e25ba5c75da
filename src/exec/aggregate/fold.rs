//! Aggregations that fold each group into one column: `sum`, `avg`, `min`, `max`, `count`, `group`, `stddev`, `stdvar`.
//!
//! Only the groups' columns are held, whatever the number of series.

use super::grouping::Grouping;
use super::name_drop::NameDrop;
use super::open::Opening;
use crate::aggregations::{Accumulator, GroupedBatch};
use crate::exec::map::Ready;
use crate::exec::{BoxedOperator, ExecError, OutputSeries, Worker, for_each_batch};
use crate::model::{Batch, Notes};

/// Folds all series of the input.
pub(super) fn open<'s>(
    make: fn(usize, usize) -> Box<dyn Accumulator>,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    let Opening { selection, spans, child, grid, context } = opening;
    let (series, steps) = (child.series(), grid.steps);
    let grouping = Grouping::resolve(&selection, series, context)?;
    context.charge(grouping.len() * steps)?;
    let mut accumulator = make(grouping.len(), steps);
    let mut name_drop = NameDrop::new(&grouping, series, steps, context);
    let mut arrivals = grouping.arrivals();
    for_each_batch(&*child, steps, worker, context, |range, batch, worker| {
        let (series, groups) = (&series[range.clone()], &grouping.groups[range]);
        let input = GroupedBatch { groups, batch, labels: &|i| &series[i].labels };
        accumulator.add(&input, &mut Notes { annotations: &mut worker.annotations, spans: &spans });
        name_drop.see(batch, series, groups);
        arrivals.see(batch, groups);
        Ok(())
    })?;
    let columns = accumulator.finish(&mut Notes { annotations: &mut worker.annotations, spans: &spans });
    context.charge(histogram_samples(&columns))?;
    let labels = grouping.labels(&selection, series).enumerate();
    let series = labels
        .map(|(group, labels)| OutputSeries { labels, drop_name: name_drop.of(group, columns.column(group)) })
        .collect();
    Ok(Box::new(Ready { series, columns }.in_order(arrivals.order())))
}

/// What the histograms of a result weigh, in samples.
fn histogram_samples(batch: &Batch) -> usize {
    let columns = (0..batch.columns()).filter_map(|i| batch.column(i).histograms);
    columns.flatten().flatten().map(|histogram| (histogram.size() + 8) / 16).sum()
}
