//! `quantile_over_time` and `mad_over_time`: what is in the middle of a window, and how far the others are from
//! it.
//!
//! The 0.9-quantile of 1, 2, 3, 4 has the rank 0.9 * 3 = 2.7: between the third and the fourth, 0.3 parts 3 and
//! 0.7 parts 4, which is 3.7. NaN counts as the smallest. The median absolute deviation is the median of the
//! distances from the median: of 1, 2, 3, 4, 100 the median is 3, the distances 2, 1, 0, 1, 97, and their median
//! 1. A NaN among them makes it NaN.
//!
//! Short windows are sorted side by side. Longer ones are kept sorted while they move, so a step costs its new samples
//! and some look-ups; their distances need not be sorted, since to either side of the median they only grow.

use std::ops::Range;

use multiversion::multiversion;

use super::sorted_lanes::{LANES, SHORT, SortedLanes, can_be_sorted};
use super::sorted_window::SortedWindow;
use crate::functions::lanes::{self, Lanes};
use crate::functions::record::FunctionError;
use crate::functions::window::{Scratch, WindowCall};
use crate::model::{Annotation, ColumnMut, Notes, Place};

#[multiversion(targets("x86_64+avx2"))]
pub(in crate::functions) fn quantile(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    let quantiles = call.args[0];
    if side_by_side(call) && quantiles.iter().all(|quantile| (0.0..=1.0).contains(quantile)) {
        fold_short(call, out, |sorted, windows, steps| {
            Lanes::each(|lane| {
                let rank = Rank::of(quantiles[steps[lane]], windows[lane].len());
                rank.weigh(|rank| sorted.at(lane, rank))
            })
        });
        call.note_ignored_histograms(notes);
        return Ok(());
    }
    let mut sorted = SortedWindow::new(call.floats.values, &mut scratch.sorted);
    let mut noted = None;
    out.fill(|step| {
        let window = call.windows.floats(step);
        if window.is_empty() {
            return None;
        }
        let quantile = quantiles[step];
        if !(0.0..=1.0).contains(&quantile) {
            if noted != Some(quantile.to_bits()) {
                noted = Some(quantile.to_bits());
                notes.add(Annotation::InvalidQuantile { quantile }, Place::Arg(0));
            }
            return Some(outside(quantile));
        }
        sorted.move_to(window);
        Some(Rank::of(quantile, sorted.len()).weigh(|rank| sorted.at(rank)))
    });
    call.note_ignored_histograms(notes);
    Ok(())
}

/// What stands for a quantile that is not between 0 and 1.
fn outside(quantile: f64) -> f64 {
    if quantile < 0.0 {
        f64::NEG_INFINITY
    } else if quantile > 1.0 {
        f64::INFINITY
    } else {
        f64::NAN
    }
}

/// Whether the windows of `call` can be sorted side by side.
#[inline(always)]
fn side_by_side(call: &WindowCall<'_>) -> bool {
    call.windows.float_counts().1 <= SHORT && can_be_sorted(&call.floats.values[call.windows.all_floats()])
}

/// Gives each step what `result` makes of its window, which is sorted beside some others.
#[inline(always)]
fn fold_short(
    call: &WindowCall<'_>,
    out: &mut ColumnMut<'_>,
    result: impl Fn(SortedLanes, &[Range<usize>; LANES], &[usize; LANES]) -> Lanes<LANES>,
) {
    let together = |windows: &[Range<usize>; LANES], steps: &[usize; LANES]| {
        result(SortedLanes::of(call.floats.values, windows), windows, steps)
    };
    lanes::fold(&call.windows, 1, out, together, |window, step| {
        let mut windows = [const { 0..0 }; LANES];
        windows.fill(window);
        together(&windows, &[step; LANES]).0[0]
    });
}

#[multiversion(targets("x86_64+avx2"))]
pub(in crate::functions) fn mad(
    call: &WindowCall<'_>,
    scratch: &mut Scratch,
    out: &mut ColumnMut<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), FunctionError> {
    if side_by_side(call) {
        fold_short(call, out, |mut sorted, windows, _| {
            let middles =
                Lanes::each(|lane| Rank::of(0.5, windows[lane].len()).weigh(|rank| sorted.at(lane, rank)));
            sorted.turn_into_distances(middles);
            Lanes::each(|lane| Rank::of(0.5, windows[lane].len()).weigh(|rank| sorted.at(lane, rank)))
        });
        call.note_ignored_histograms(notes);
        return Ok(());
    }
    let mut sorted = SortedWindow::new(call.floats.values, &mut scratch.sorted);
    let distances = &mut scratch.floats;
    out.fill(|step| {
        let window = call.windows.floats(step);
        if window.is_empty() {
            return None;
        }
        sorted.move_to(window);
        if sorted.nans() > 0 {
            return Some(f64::NAN);
        }
        let middle = Rank::of(0.5, sorted.len());
        let median = middle.weigh(|rank| sorted.at(rank));
        if median.is_finite() {
            return Some(middle.weigh(|rank| nth_distance(&sorted, median, rank)));
        }
        // Infinities are NaN apart from each other, and NaN is the smallest.
        distances.clear();
        distances.extend((0..sorted.len()).map(|rank| (sorted.at(rank) - median).abs()));
        distances.sort_unstable_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
        Some(middle.weigh(|rank| distances[rank]))
    });
    call.note_ignored_histograms(notes);
    Ok(())
}

/// The distance from `center` that `rank` samples are nearer than.
fn nth_distance(sorted: &SortedWindow<'_>, center: f64, rank: usize) -> f64 {
    // Distances grow to the left of `middle`, and to its right.
    let middle = sorted.below(center);
    let (left, right) = (middle, sorted.len() - middle);
    let to_left = |i: usize| (sorted.at(middle - 1 - i) - center).abs();
    let to_right = |i: usize| (sorted.at(middle + i) - center).abs();
    // Of the `rank` nearest samples, so many are on the left.
    let (mut from, mut to) = (rank.saturating_sub(right), rank.min(left));
    while from < to {
        let taken = (from + to) / 2;
        if rank > taken && to_right(rank - taken - 1) > to_left(taken) {
            from = taken + 1;
        } else {
            to = taken;
        }
    }
    match (from < left, rank - from < right) {
        (true, true) => {
            let (left, right) = (to_left(from), to_right(rank - from));
            if right < left { right } else { left }
        }
        (true, false) => to_left(from),
        _ => to_right(rank - from),
    }
}

/// Where a quantile lies: between a sample and the next one.
#[derive(Clone, Copy, Debug)]
struct Rank {
    lower: usize,
    upper: usize,
    /// How much of the upper one counts.
    weight: f64,
}

impl Rank {
    /// Of a quantile between 0 and 1 among `count` samples, one at least.
    fn of(quantile: f64, count: usize) -> Rank {
        let rank = quantile * (count as f64 - 1.0);
        let lower = rank as usize;
        Rank { lower, upper: (lower + 1).min(count - 1), weight: rank - lower as f64 }
    }

    fn weigh(self, value: impl Fn(usize) -> f64) -> f64 {
        value(self.lower) * (1.0 - self.weight) + value(self.upper) * self.weight
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::functions::window_cases::{Case, OneWindow, cases, check};

    fn naive_quantile(quantile: f64, mut values: Vec<f64>) -> f64 {
        if quantile.is_nan() {
            return f64::NAN;
        }
        if quantile < 0.0 {
            return f64::NEG_INFINITY;
        }
        if quantile > 1.0 {
            return f64::INFINITY;
        }
        // Zeros are ordered by their signs, which upstream leaves open.
        values.sort_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
        let n = values.len() as f64;
        let rank = quantile * (n - 1.0);
        let lower = rank.floor().max(0.0);
        let upper = (n - 1.0).min(lower + 1.0);
        let weight = rank - rank.floor();
        values[lower as usize] * (1.0 - weight) + values[upper as usize] * weight
    }

    fn values(window: &OneWindow<'_>) -> Option<Vec<f64>> {
        (!window.floats.is_empty()).then(|| window.floats.iter().map(|sample| sample.1).collect())
    }

    fn naive_mad(window: &OneWindow<'_>) -> Option<f64> {
        let values = values(window)?;
        if values.iter().any(|value| value.is_nan()) {
            return Some(f64::NAN);
        }
        let median = naive_quantile(0.5, values.clone());
        Some(naive_quantile(0.5, values.iter().map(|value| (value - median).abs()).collect()))
    }

    proptest! {
        #[test]
        fn as_window_by_window(
            mut case in cases(),
            quantiles in proptest::collection::vec(
                prop_oneof![9 => 0.0..=1.0, 1 => Just(-0.1), 1 => Just(1.5), 1 => Just(f64::NAN)],
                140,
            ),
        ) {
            check(&case, mad, |window| naive_mad(&window))?;
            case.args = vec![quantiles];
            check(&case, quantile, |window| values(&window).map(|values| naive_quantile(window.args[0], values)))?;
        }
    }

    #[test]
    fn the_worked_examples() {
        let floats = [(1_000, 3.0), (2_000, 1.0), (3_000, 4.0), (4_000, 2.0), (5_000, 100.0)];
        let mut case = Case::of(&floats, 4_000, 1_000, 2, 10_000);
        assert_eq!(case.floats_of(mad), [1.0, 1.0].map(Some));
        case.args = vec![vec![0.9, 0.5]];
        assert_eq!(
            case.floats_of(quantile),
            [3.0 * (1.0 - 0.7000000000000002) + 4.0 * 0.7000000000000002, 3.0].map(Some)
        );
    }

    #[test]
    fn invalid_quantiles_are_noted_where_there_is_a_window() {
        let mut case = Case::of(&[(1_000, 3.0)], 1_000, 1_000, 4, 2_000);
        case.args = vec![vec![-1.0, 2.0, 7.0, f64::NAN]];
        let outcome = case.run(quantile).expect("no error");
        assert_eq!(outcome.floats, [Some(f64::NEG_INFINITY), Some(f64::INFINITY), None, None]);
        let text =
            |quantile| format!("PromQL warning: quantile value should be between 0 and 1, got {quantile}");
        assert_eq!(outcome.notes, [text("-1"), text("2")]);
    }
}
