//! `topk` and `bottomk`: at each step, the series of a group with the k largest or smallest values.
//!
//! The columns stream by, and for each group and step a heap holds the k best values so far; so what is kept is
//! O(k x groups x steps), whatever the number of series. Beside each heap lies the value that a newcomer has to
//! beat, and as nearly all newcomers do not, a column is mostly compared with those, several steps at once:
//!
//! ```text
//! topk(2, ...)          step 0      step 1
//! heap                  [4 a, 9 c]  [7 b]
//! to beat               4           NaN: the heap is not full yet
//! next column (d)       3           1
//!                       -           [1 d, 7 b]
//! ```
//!
//! `bottomk` is `topk` of the negated values.

use multiversion::multiversion;

use super::chosen::Chosen;
use super::grouping::Grouping;
use super::heap;
use super::open::Opening;
use super::parameter::ScalarParameter;
use crate::exec::{BoxedOperator, ExecError, OutputSeries, QueryContext, Worker, for_each_batch};
use crate::model::{Annotation, Column, Place};

/// Chooses from all series of the input.
pub(super) fn open<'s>(
    name: &'static str,
    bottom: bool,
    k: &ScalarParameter,
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    let (context, series, steps) = (opening.context, opening.child.series(), opening.grid.steps);
    let Some(counts) = k.counts(series.len(), &opening)? else {
        for_each_batch(&*opening.child, steps, worker, context, |_, _, _| Ok(()))?;
        return Ok(Box::new(Chosen::new(steps)));
    };
    let grouping = Grouping::resolve(&opening.selection, series, context)?;
    let most = counts.iter().copied().max().unwrap_or(0) as usize;
    let capacities: Vec<usize> = grouping.sizes().iter().map(|&size| size.min(most)).collect();
    let held = capacities.iter().sum::<usize>() * steps;
    context.charge(held)?;
    let mut leaders = Leaders::new(counts, capacities);
    for_each_batch(&*opening.child, steps, worker, context, |range, batch, worker| {
        for (i, member) in range.enumerate() {
            let (column, group) = (batch.column(i), grouping.groups[member] as usize);
            match bottom {
                false => leaders.offer::<false>(group, member as u32, column),
                true => leaders.offer::<true>(group, member as u32, column),
            }
            if column.histogram_steps().any(|step| leaders.counts[step] > 0) {
                let ignored = Annotation::HistogramIgnoredInAggregation { aggregation: name.into() };
                opening.note(ignored, Place::Call, worker);
            }
        }
        Ok(())
    })?;
    let chosen = if steps == 1 {
        leaders.in_order(bottom, series)
    } else {
        leaders.by_series(bottom, series, context)?
    };
    context.release(held);
    context.charge(chosen.len())?;
    Ok(Box::new(chosen))
}

/// The best so far of each group at each step.
struct Leaders {
    /// How many are wanted at each step.
    counts: Vec<u32>,
    /// The largest of `counts`.
    most: u32,
    /// Room of each heap of a group.
    capacities: Vec<usize>,
    /// Where the heaps of each group begin.
    starts: Vec<usize>,
    keys: Vec<f64>,
    members: Vec<u32>,
    /// How many each heap holds: group after group, step after step.
    filled: Vec<u32>,
    /// The key that a newcomer has to beat; NaN when there is no such key, +Inf when nothing is wanted.
    to_beat: Vec<f64>,
    /// For each group how many of its heaps have room.
    with_room: Vec<usize>,
    /// Whether as many are wanted at every step.
    uniform: bool,
}

/// So many steps are compared at once.
const LANES: usize = 8;

impl Leaders {
    fn new(counts: Vec<u32>, capacities: Vec<usize>) -> Self {
        let steps = counts.len();
        let mut held = 0;
        let mut starts = Vec::with_capacity(capacities.len());
        for capacity in &capacities {
            starts.push(held);
            held += capacity * steps;
        }
        let with_room = counts.iter().filter(|k| **k > 0).count();
        let most = counts.iter().copied().max().unwrap_or(0);
        let to_beat = counts.iter().map(|&k| if k > 0 { f64::NAN } else { f64::INFINITY });
        Leaders {
            starts,
            keys: vec![0.0; held],
            members: vec![0; held],
            filled: vec![0; capacities.len() * steps],
            to_beat: to_beat.cycle().take(capacities.len() * steps).collect(),
            with_room: vec![with_room; capacities.len()],
            uniform: counts.iter().all(|k| *k == most),
            most,
            counts,
            capacities,
        }
    }

    fn steps(&self) -> usize {
        self.counts.len()
    }

    /// Lets the next series of the input try.
    fn offer<const BOTTOM: bool>(&mut self, group: usize, member: u32, column: Column<'_>) {
        let row = group * self.steps();
        if self.most == 1 && column.is_full() {
            return self.offer_to_one::<BOTTOM>(group, member, column.values);
        }
        if self.uniform && self.with_room[group] == 0 && column.is_full() {
            return self.offer_to_full::<BOTTOM>(group, member, column.values);
        }
        for (chunk, values) in column.values.chunks(LANES).enumerate() {
            let first = chunk * LANES;
            let to_beat = &self.to_beat[row + first..row + first + values.len()];
            let wins = |value: f64, to_beat: f64| {
                let key = if BOTTOM { -value } else { value };
                key > to_beat || key.is_nan() | to_beat.is_nan()
            };
            let any = values.iter().zip(to_beat).fold(false, |any, (&v, &t)| any | wins(v, t));
            if !any {
                continue;
            }
            for (step, &value) in (first..).zip(values) {
                if column.has(step) && wins(value, self.to_beat[row + step]) {
                    self.insert(group, step, if BOTTOM { -value } else { value }, member);
                }
            }
        }
    }

    /// Lets a series try that has a sample at every step, where one at most is wanted: all heaps are of one key.
    fn offer_to_one<const BOTTOM: bool>(&mut self, group: usize, member: u32, values: &[f64]) {
        let steps = values.len();
        let (row, start) = (group * steps, self.starts[group]);
        let keys = &mut self.keys[start..start + steps];
        let members = &mut self.members[start..start + steps];
        let filled = &mut self.filled[row..row + steps];
        let to_beat = &mut self.to_beat[row..row + steps];
        offer_to_each::<BOTTOM>(member, values, to_beat, keys, members, filled);
    }

    /// Lets a series try that has a sample at every step, where all heaps are full and of one size. For the sizes that
    /// people ask for, the heaps are arrays, with which the compiler does better.
    fn offer_to_full<const BOTTOM: bool>(&mut self, group: usize, member: u32, values: &[f64]) {
        let (steps, k) = (values.len(), self.most as usize);
        let (row, start) = (group * steps, self.starts[group]);
        let to_beat = &mut self.to_beat[row..row + steps];
        let keys = &mut self.keys[start..start + steps * k];
        let members = &mut self.members[start..start + steps * k];
        match k {
            3 => offer_to_arrays::<BOTTOM, 3>(member, values, to_beat, keys, members),
            5 => offer_to_arrays::<BOTTOM, 5>(member, values, to_beat, keys, members),
            10 => offer_to_arrays::<BOTTOM, 10>(member, values, to_beat, keys, members),
            _ => {
                let heaps = keys.chunks_exact_mut(k).zip(members.chunks_exact_mut(k));
                for ((value, best), (keys, members)) in values.iter().zip(to_beat).zip(heaps) {
                    offer_to_heap::<BOTTOM>(member, *value, best, keys, members);
                }
            }
        }
    }

    /// Puts a key into its heap if it belongs there.
    fn insert(&mut self, group: usize, step: usize, key: f64, member: u32) {
        let place = group * self.steps() + step;
        let start = self.starts[group] + step * self.capacities[group];
        let (wanted, filled) = (self.counts[step] as usize, self.filled[place] as usize);
        if wanted == 0 {
            return;
        }
        let held = (filled + 1).min(wanted);
        let keys = &mut self.keys[start..start + held];
        let members = &mut self.members[start..start + held];
        if filled < wanted {
            (keys[filled], members[filled]) = (key, member);
            heap::push(keys, members);
            self.filled[place] += 1;
            self.with_room[group] -= usize::from(held == wanted);
        } else if keys[0] < key || keys[0].is_nan() && !key.is_nan() {
            heap::replace_root(keys, members, key, member);
        }
        if held == wanted {
            self.to_beat[place] = keys[0];
        }
    }

    /// The heap of `group` at `step`.
    fn heap(&self, group: usize, step: usize) -> std::ops::Range<usize> {
        let start = self.starts[group] + step * self.capacities[group];
        start..start + self.filled[group * self.steps() + step] as usize
    }

    /// The result of a single step: group after group, the best first.
    fn in_order(mut self, bottom: bool, series: &[OutputSeries]) -> Chosen {
        let mut chosen = Chosen::new(1);
        for group in 0..self.capacities.len() {
            let heap = self.heap(group, 0);
            heap::sort_descending(&mut self.keys[heap.clone()], &mut self.members[heap.clone()]);
            for i in heap {
                chosen.push(0, if bottom { -self.keys[i] } else { self.keys[i] });
                chosen.end_series(|| series[self.members[i] as usize].clone());
            }
        }
        chosen
    }

    /// The result of several steps: series in input order.
    fn by_series(
        self,
        bottom: bool,
        series: &[OutputSeries],
        context: &QueryContext,
    ) -> Result<Chosen, ExecError> {
        let groups = 0..self.capacities.len();
        let heaps = groups.flat_map(|group| (0..self.steps()).map(move |step| (group, step)));
        let mut ends = vec![0; series.len()];
        for (group, step) in heaps.clone() {
            self.members[self.heap(group, step)].iter().for_each(|&member| ends[member as usize] += 1);
        }
        context.check()?;
        let mut total = 0;
        for end in &mut ends {
            let count = std::mem::replace(end, total);
            total += count;
        }
        // `ends` holds where each series begins, and has moved to where it ends when all samples are placed.
        let (mut at, mut values) = (vec![0; total], vec![0.0; total]);
        for (group, step) in heaps {
            for i in self.heap(group, step) {
                let end = &mut ends[self.members[i] as usize];
                at[*end] = step as u32;
                values[*end] = if bottom { -self.keys[i] } else { self.keys[i] };
                *end += 1;
            }
        }
        context.check()?;
        Ok(Chosen::from_parts(self.steps(), series, ends, at, values))
    }
}

/// Offers each value to its heap, which holds one at most. All slices are of one length.
#[multiversion(targets("x86_64+avx2"))]
fn offer_to_each<const BOTTOM: bool>(
    member: u32,
    values: &[f64],
    to_beat: &mut [f64],
    keys: &mut [f64],
    members: &mut [u32],
    filled: &mut [u32],
) {
    let steps = values.len();
    let (to_beat, keys) = (&mut to_beat[..steps], &mut keys[..steps]);
    let (members, filled) = (&mut members[..steps], &mut filled[..steps]);
    for step in 0..steps {
        let key = if BOTTOM { -values[step] } else { values[step] };
        let best = to_beat[step];
        let wins = (key > best) | (best.is_nan() & (!key.is_nan() | (filled[step] == 0)));
        to_beat[step] = if wins { key } else { best };
        keys[step] = if wins { key } else { keys[step] };
        members[step] = if wins { member } else { members[step] };
        filled[step] |= u32::from(wins);
    }
}

/// Offers each value to its heap of `K`.
fn offer_to_arrays<const BOTTOM: bool, const K: usize>(
    member: u32,
    values: &[f64],
    to_beat: &mut [f64],
    keys: &mut [f64],
    members: &mut [u32],
) {
    let heaps = keys.as_chunks_mut::<K>().0.iter_mut().zip(members.as_chunks_mut::<K>().0);
    for ((value, best), (keys, members)) in values.iter().zip(to_beat).zip(heaps) {
        offer_to_heap::<BOTTOM>(member, *value, best, keys, members);
    }
}

/// Offers a value to a full heap, whose root is `best`.
#[inline(always)]
fn offer_to_heap<const BOTTOM: bool>(
    member: u32,
    value: f64,
    best: &mut f64,
    keys: &mut [f64],
    members: &mut [u32],
) {
    let key = if BOTTOM { -value } else { value };
    if key > *best || best.is_nan() && !key.is_nan() {
        heap::replace_root(keys, members, key, member);
        *best = keys[0];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::column::set_full;

    proptest! {
        #[test]
        fn full_heaps_are_offered_a_whole_column(
            k in 2..6u32,
            columns in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec![f64::NAN, -1.0, -0.0, 0.0, 1.0, 2.0, f64::INFINITY]), 70),
                0..20,
            ),
        ) {
            let mut quick = Leaders::new(vec![k; 70], vec![k as usize]);
            let mut one_by_one = Leaders::new(vec![k; 70], vec![k as usize]);
            one_by_one.uniform = false;
            let mut present = [0; 2];
            set_full(&mut present, 70);
            for (member, values) in columns.iter().enumerate() {
                let column = Column { values, present: &present, histograms: None };
                for leaders in [&mut quick, &mut one_by_one] {
                    leaders.offer::<true>(0, member as u32, column);
                }
            }
            prop_assert_eq!(quick.with_room[0] == 0, columns.len() >= k as usize);
            prop_assert_eq!(&quick.members, &one_by_one.members);
            let bits = |leaders: &Leaders| leaders.keys.iter().map(|key| key.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&quick), bits(&one_by_one));
        }

        #[test]
        fn one_is_chosen_as_by_a_heap(
            counts in prop::collection::vec(0..2u32, 70),
            columns in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec![f64::NAN, -1.0, -0.0, 0.0, 1.0, 2.0, f64::INFINITY]), 70),
                0..6,
            ),
        ) {
            let mut quick = Leaders::new(counts.clone(), vec![1]);
            let mut by_heap = Leaders::new(counts, vec![1]);
            by_heap.most = 2;
            let mut present = [0; 2];
            set_full(&mut present, 70);
            for (member, values) in columns.iter().enumerate() {
                let column = Column { values, present: &present, histograms: None };
                for leaders in [&mut quick, &mut by_heap] {
                    leaders.offer::<false>(0, member as u32, column);
                }
            }
            prop_assert_eq!(&quick.filled, &by_heap.filled);
            for step in (0..70).filter(|&step| quick.filled[step] > 0) {
                prop_assert_eq!(quick.members[step], by_heap.members[step]);
                prop_assert_eq!(quick.keys[step].to_bits(), by_heap.keys[step].to_bits());
            }
        }
    }
}
