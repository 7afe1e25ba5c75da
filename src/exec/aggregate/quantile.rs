//! `quantile`: the one aggregation that needs all values of a group at once.
//!
//! The columns are collected, and then turned, a few steps of a group at a time, so that the values of one step lie
//! side by side:
//!
//! ```text
//! columns of a group     a  1 4 7          steps   0  1 2 3
//!                        b  2 5 8    ->            1  4 5
//!                        c  3 . 9                  2  7 8 9
//! ```

use super::grouping::Grouping;
use super::name_drop::NameDrop;
use super::open::Opening;
use super::parameter::ScalarParameter;
use crate::aggregations::quantile;
use crate::exec::map::Ready;
use crate::exec::{BoxedOperator, ExecError, OutputSeries, QueryContext, Worker, collect};
use crate::model::{Annotation, Batch, ColumnMut, Place};

/// Finds the quantiles of all groups.
pub(super) fn open<'s>(
    phi: &ScalarParameter,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    for (invalid, quantile) in [(phi.any_nan, f64::NAN), (phi.max > 1.0, phi.max), (phi.min < 0.0, phi.min)] {
        if invalid {
            opening.note(Annotation::InvalidQuantile { quantile }, Place::Arg(0), worker);
        }
    }
    let (context, series, steps) = (opening.context, opening.child.series(), opening.grid.steps);
    let grouping = Grouping::resolve(&opening.selection, series, context)?;
    let mut name_drop = NameDrop::new(&grouping, series, steps, context);
    context.charge(grouping.len() * steps)?;
    let input = collect(&*opening.child, steps, worker, context)?;
    name_drop.see(&input, series, &grouping.groups);
    let mut arrivals = grouping.arrivals();
    arrivals.see(&input, &grouping.groups);
    if (0..series.len()).any(|i| input.column(i).histogram_steps().next().is_some()) {
        let ignored = Annotation::HistogramIgnoredInAggregation { aggregation: "quantile".into() };
        opening.note(ignored, opening.vector(), worker);
    }
    let mut columns = Batch::default();
    columns.reset(grouping.len(), steps);
    let mut members = vec![Vec::new(); grouping.len()];
    for (member, &group) in grouping.groups.iter().enumerate() {
        members[group as usize].push(member);
    }
    let mut turned = Turned::default();
    for (group, members) in members.iter().enumerate() {
        turned.quantiles(phi.values(), &input, members, &mut columns.column_mut(group), context)?;
    }
    context.release(series.len() * steps);
    let labels = grouping.labels(&opening.selection, series).enumerate();
    let series = labels
        .map(|(group, labels)| OutputSeries { labels, drop_name: name_drop.of(group, columns.column(group)) })
        .collect();
    Ok(Box::new(Ready { series, columns }.in_order(arrivals.order())))
}

/// The values of some steps of one group, step after step.
#[derive(Default)]
struct Turned {
    values: Vec<f64>,
    lengths: Vec<usize>,
}

impl Turned {
    /// Writes the quantiles of the columns `members` at all steps.
    fn quantiles(
        &mut self,
        phi: &[f64],
        input: &Batch,
        members: &[usize],
        out: &mut ColumnMut<'_>,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        /// So many values at most are turned at once: what fits into the cache close to the core.
        const VALUES: usize = 16 * 1024;
        let room = members.len().max(1);
        let block = (VALUES / room).clamp(8, 64);
        for first in (0..out.steps()).step_by(block) {
            context.check()?;
            let steps = first..(first + block).min(out.steps());
            self.lengths.clear();
            self.lengths.resize(steps.len(), 0);
            self.values.resize(steps.len() * room, 0.0);
            for &member in members {
                let column = input.column(member);
                for (row, step) in steps.clone().enumerate() {
                    self.values[row * room + self.lengths[row]] = column.values[step];
                    self.lengths[row] += usize::from(column.has(step));
                }
            }
            for (row, step) in steps.enumerate() {
                let values = &mut self.values[row * room..row * room + self.lengths[row]];
                if !values.is_empty() {
                    out.set(step, quantile(phi[step], values));
                }
            }
        }
        Ok(())
    }
}
