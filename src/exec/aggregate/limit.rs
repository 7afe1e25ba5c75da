//! `limitk` and `limit_ratio`: some series of the input, whatever their values. Histograms count like floats.
//!
//! `limitk` takes the first k series of each group that have a sample at the step. `limit_ratio` takes those whose
//! hash, as a share of all hashes, is below r; with a negative r those that `limit_ratio(1 + r, ...)` leaves.

use super::chosen::Chosen;
use super::grouping::Grouping;
use super::heap;
use super::open::Opening;
use super::parameter::ScalarParameter;
use crate::exec::{BoxedOperator, ExecError, QueryContext, Worker, for_each_batch};
use crate::model::{Annotation, Column, Labels, Place};

/// Opens `limitk`.
pub(super) fn open_limitk<'s>(
    k: &ScalarParameter,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    let steps = opening.grid.steps;
    let counts = match k.counts(opening.child.series().len(), &opening)? {
        Some(counts) => counts,
        None => vec![0; steps],
    };
    let mut taken: Vec<u32> = Vec::new();
    // In how many steps each group still takes series.
    let mut open_steps: Vec<usize> = Vec::new();
    choose(opening, worker, |series, column, chosen| {
        if series.group * steps >= taken.len() {
            taken.resize((series.group + 1) * steps, 0);
            open_steps.resize(series.group + 1, counts.iter().filter(|k| **k > 0).count());
        }
        let open_steps = &mut open_steps[series.group];
        let taken = &mut taken[series.group * steps..(series.group + 1) * steps];
        if *open_steps == 0 {
            return;
        }
        for_each_sample(column, |step| {
            if taken[step] < counts[step] {
                taken[step] += 1;
                *open_steps -= usize::from(taken[step] == counts[step]);
                chosen.push_sample(step, column);
            }
        });
    })
}

/// Opens `limit_ratio`.
pub(super) fn open_limit_ratio<'s>(
    r: &ScalarParameter,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    if r.any_nan {
        return Err(opening.parameter_error("Ratio value is NaN".into()));
    }
    if r.max > 1.0 {
        opening.note(Annotation::InvalidRatio { ratio: r.max, capped_to: 1.0 }, Place::Arg(0), worker);
    }
    if r.min < -1.0 {
        opening.note(Annotation::InvalidRatio { ratio: r.min, capped_to: -1.0 }, Place::Arg(0), worker);
    }
    choose(opening, worker, |series, column, chosen| {
        let share = hash_share(series.labels);
        for_each_sample(column, |step| {
            if takes(r.values()[step].clamp(-1.0, 1.0), share) {
                chosen.push_sample(step, column);
            }
        });
    })
}

/// Where the hash of a label set lies between 0 and 1.
fn hash_share(labels: &Labels) -> f64 {
    labels.upstream_hash() as f64 / u64::MAX as f64
}

/// Whether the ratio `r` takes the series at `share`.
fn takes(r: f64, share: f64) -> bool {
    if r >= 0.0 { share < r } else { share >= 1.0 + r }
}

/// A series of the input to choose samples from.
struct Candidate<'a> {
    labels: &'a Labels,
    group: usize,
}

/// Lets `pick` choose samples of each series, in input order.
fn choose<'s>(
    opening: Opening<'s, '_>,
    worker: &mut Worker,
    mut pick: impl FnMut(Candidate<'_>, Column<'_>, &mut Chosen),
) -> Result<BoxedOperator<'s>, ExecError> {
    let (context, series, steps) = (opening.context, opening.child.series(), opening.grid.steps);
    let grouping = Grouping::resolve(&opening.selection, series, context)?;
    let mut chosen = Chosen::new(steps);
    // The group of each chosen series.
    let mut groups = Vec::new();
    for_each_batch(&*opening.child, steps, worker, context, |range, batch, _| {
        for (i, member) in range.enumerate() {
            let before = chosen.len();
            let group = grouping.groups[member];
            let column = batch.column(i);
            pick(Candidate { labels: &series[member].labels, group: group as usize }, column, &mut chosen);
            chosen.end_series(|| series[member].clone());
            if chosen.len() > before {
                groups.push(group);
                charge(before, &chosen, context)?;
            }
        }
        Ok(())
    })?;
    // At a single step Prometheus gives them group by group, and each group as the heap that it was collected in.
    if steps == 1 {
        chosen = chosen.reordered(&heap_order(&chosen, &groups, grouping.len()));
    }
    Ok(Box::new(chosen))
}

/// Charges the samples from `before` on.
fn charge(before: usize, chosen: &Chosen, context: &QueryContext) -> Result<(), ExecError> {
    context.charge(chosen.len() - before + chosen.histogram_samples(before))
}

/// The chosen series of a single step in the order of their groups, and inside of a group as a heap has them.
fn heap_order(chosen: &Chosen, groups: &[u32], count: usize) -> Vec<u32> {
    let mut heaps = vec![(Vec::new(), Vec::new()); count];
    for (i, &group) in groups.iter().enumerate() {
        let (keys, members) = &mut heaps[group as usize];
        keys.push(chosen.first_value(i));
        members.push(i as u32);
        heap::push(keys, members);
    }
    debug_assert_eq!(groups.len(), chosen.series_count());
    heaps.into_iter().flat_map(|(_, members)| members).collect()
}

/// Calls `f` with each step at which `column` has a sample, in rising order.
fn for_each_sample(column: Column<'_>, mut f: impl FnMut(usize)) {
    match column.histograms {
        None => crate::model::column::for_each_set(column.present, f),
        Some(histograms) => {
            for (step, histogram) in histograms.iter().enumerate() {
                if histogram.is_some() || column.has(step) {
                    f(step);
                }
            }
        }
    }
}
