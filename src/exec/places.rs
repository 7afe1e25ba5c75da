//! Which samples each step looks at: the newest one, or those of a window.
//!
//! Both go by timestamps alone. Steps and samples rise, so two pointers that only move forward find the places of all
//! steps. And mostly samples are *evenly spaced*, and a step is some whole number of those spaces: then the places of
//! one step are those of the step before, moved on by that number.
//!
//! ```text
//! samples  0   10   20   30   40   50   60   70   80       10 apart
//! steps                  35             55                 20 apart, which is two samples
//! newest                 30             50                 3, and 3 + 2
//! window             (10, 35]       (30, 55]               2..4, and 4..6
//! ```

use std::ops::Range;

use multiversion::multiversion;

use crate::functions::window::{Alike, StepTimes};
use crate::model::Timestamp;
use crate::model::column::{is_full, set_range};

/// For each step the index of the newest sample that an instant selector sees.
#[derive(Debug, Default)]
pub(crate) struct Newest {
    /// The index; 0 where there is none.
    pub(crate) index: Vec<u32>,
    /// A bit for each step that has one.
    pub(crate) present: Vec<u64>,
    /// Whether every step has one and they follow each other.
    pub(crate) consecutive: bool,
}

/// For each step the range of indices of its window.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) lo: Vec<u32>,
    pub(crate) hi: Vec<u32>,
    /// All windows outside of these steps are empty.
    pub(crate) reached: Range<usize>,
    /// Where windows are known to be alike.
    pub(crate) alike: Vec<Alike>,
}

impl Newest {
    /// Whether this step sees a sample.
    pub(crate) fn has(&self, step: usize) -> bool {
        self.present[step / 64] >> (step % 64) & 1 == 1
    }

    /// A sample is seen from its own time on, until it is `lookback` old or a newer one comes.
    pub(crate) fn find(&mut self, timestamps: &[Timestamp], ends: StepTimes, steps: usize, lookback: i64) {
        self.index.clear();
        self.index.resize(steps, 0);
        self.present.clear();
        self.present.resize(steps.div_ceil(64), 0);
        let seen = reached(timestamps, ends, steps, lookback, 0);
        let walk = Walk::from(count_before(timestamps, ends.at(seen.start)));
        match Pace::of(timestamps, ends, steps) {
            Some(pace) => self.find_at_pace(timestamps, ends, seen, lookback, walk, pace),
            None => self.find_one_by_one(timestamps, ends, seen, lookback, walk),
        }
        self.consecutive = steps > 0
            && is_full(&self.present, steps)
            && self.index.windows(2).fold(true, |follow, pair| follow & (pair[1] == pair[0] + 1));
    }

    fn find_at_pace(
        &mut self,
        timestamps: &[Timestamp],
        ends: StepTimes,
        steps: Range<usize>,
        lookback: i64,
        mut walk: Walk,
        pace: Pace,
    ) {
        let mut step = steps.start;
        while step < steps.end {
            let t = ends.at(step);
            let next = walk.until(timestamps, t);
            // How many steps are like this one.
            let alike = match next {
                0 => 1,
                _ => pace.steps_until(timestamps.len() - next).min(steps.end - step),
            };
            if next > 0 && timestamps[next - 1] > t.saturating_sub(lookback) {
                let index = self.index[step..step + alike].iter_mut().enumerate();
                index.for_each(|(i, index)| *index = (next - 1 + i * pace.advance) as u32);
                set_range(&mut self.present, step..step + alike);
            }
            walk.skip((alike - 1) * pace.advance);
            step += alike;
        }
    }

    fn find_one_by_one(
        &mut self,
        timestamps: &[Timestamp],
        ends: StepTimes,
        steps: Range<usize>,
        lookback: i64,
        mut walk: Walk,
    ) {
        // The bits of a word are gathered in a register: to set each in memory would make it wait for the one before.
        let words = steps.start / 64..steps.end.div_ceil(64);
        for (word, bits) in self.present[words.clone()].iter_mut().zip(words) {
            let these = steps.start.max(bits * 64)..steps.end.min(bits * 64 + 64);
            let mut gathered = 0;
            for (index, step) in self.index[these.clone()].iter_mut().zip(these) {
                let t = ends.at(step);
                let next = walk.until(timestamps, t);
                if next > 0 && timestamps[next - 1] > t.saturating_sub(lookback) {
                    *index = (next - 1) as u32;
                    gathered |= 1 << (step % 64);
                }
            }
            *word = gathered;
        }
    }
}

impl Bounds {
    /// The samples of a step are those later than `before` before it and not later than `after` after it.
    pub(crate) fn find(
        &mut self,
        timestamps: &[Timestamp],
        ends: StepTimes,
        steps: usize,
        before: i64,
        after: i64,
    ) {
        self.lo.clear();
        self.hi.clear();
        self.alike.clear();
        if ends.step == 0 {
            let lo = count_before(timestamps, ends.first.saturating_sub(before));
            let hi = count_before(timestamps, ends.first.saturating_add(after)).max(lo);
            self.lo.resize(steps, lo as u32);
            self.hi.resize(steps, hi as u32);
            self.reached = 0..steps;
            return;
        }
        let reached = reached(timestamps, ends, steps, before, after);
        self.reached = reached.clone();
        for places in [&mut self.lo, &mut self.hi] {
            places.resize(reached.start, 0);
            places.resize(steps, timestamps.len() as u32);
        }
        let pace = Pace::of(timestamps, ends, steps);
        let edges = |step| {
            let end = ends.at(step);
            (end.saturating_sub(before), end.saturating_add(after))
        };
        let (from, to) = edges(reached.start);
        let (mut low, mut high) =
            (Walk::from(count_before(timestamps, from)), Walk::from(count_before(timestamps, to)));
        let mut step = reached.start;
        while step < reached.end {
            let (from, to) = edges(step);
            let (lo, hi) = (low.until(timestamps, from), high.until(timestamps, to));
            let alike = match pace {
                // What lies before a window and what lies in it both move on.
                Some(pace) if hi > 0 && (lo > 0 || timestamps[0].saturating_sub(pace.gap) <= from) => {
                    pace.steps_until(timestamps.len() - hi).min(reached.end - step)
                }
                _ => 1,
            };
            let advance = pace.map_or(0, |pace| pace.advance);
            (self.lo[step], self.hi[step]) = (lo as u32, hi as u32);
            if alike > 1 {
                let others = self.lo[step..step + alike].iter_mut().zip(&mut self.hi[step..step + alike]);
                others.enumerate().for_each(|(i, (low, high))| {
                    (*low, *high) = ((lo + i * advance) as u32, (hi + i * advance) as u32);
                });
                self.alike.push(Alike { steps: step..step + alike, advance });
            }
            low.skip((alike - 1) * advance);
            high.skip((alike - 1) * advance);
            step += alike;
        }
    }
}

/// A place among samples that only moves forward, mostly as far as it did before.
#[derive(Clone, Copy, Debug)]
struct Walk {
    place: usize,
    stride: usize,
}

impl Walk {
    fn from(place: usize) -> Self {
        Walk { place, stride: 0 }
    }

    /// Goes on behind the last sample that is not later than `t`, and tells how many lie before.
    #[inline]
    fn until(&mut self, timestamps: &[Timestamp], t: Timestamp) -> usize {
        let guess = self.place + self.stride;
        let here = timestamps.get(guess).is_some_and(|&sample| sample > t)
            && guess.checked_sub(1).is_none_or(|last| timestamps[last] <= t);
        if !here {
            let later = timestamps[self.place..].iter().take_while(|&&sample| sample <= t);
            self.stride = later.count();
        }
        self.place += self.stride;
        self.place
    }

    /// Goes on by so many samples.
    fn skip(&mut self, samples: usize) {
        self.place += samples;
    }
}

/// Samples that are evenly spaced, and steps that are as far apart as some of them.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Distance of samples in ms, above 0.
    gap: i64,
    /// By how many samples a step is ahead of the one before.
    advance: usize,
}

impl Pace {
    /// Fewer steps are found as quickly one by one.
    const WORTH_STEPS: usize = 8;

    fn of(timestamps: &[Timestamp], ends: StepTimes, steps: usize) -> Option<Pace> {
        let &[first, second, ..] = timestamps else { return None };
        let gap = second.checked_sub(first)?;
        if steps < Pace::WORTH_STEPS || ends.step < gap || ends.step % gap != 0 {
            return None;
        }
        evenly_spaced(timestamps, gap).then_some(Pace { gap, advance: (ends.step / gap) as usize })
    }

    /// How many steps there are, the one at hand included, until `left` samples have been passed.
    fn steps_until(self, left: usize) -> usize {
        left / self.advance + 1
    }
}

/// Whether all timestamps are `gap` apart.
#[multiversion(targets("x86_64+avx2"))]
fn evenly_spaced(timestamps: &[Timestamp], gap: i64) -> bool {
    // No early end: the compiler makes wide comparisons of this.
    let mut uneven = 0;
    for (earlier, later) in timestamps.iter().zip(&timestamps[1..]) {
        uneven |= later.wrapping_sub(*earlier) ^ gap;
    }
    uneven == 0
}

/// How many timestamps are not later than `t`. Mostly they are few, as what is read begins where the first step looks.
fn count_before(timestamps: &[Timestamp], t: Timestamp) -> usize {
    let mut known = 0;
    let mut step = 1;
    while timestamps.get(known + step - 1).is_some_and(|&sample| sample <= t) {
        known += step;
        step *= 2;
    }
    let end = (known + step).min(timestamps.len());
    known + timestamps[known..end].partition_point(|&sample| sample <= t)
}

/// The steps whose times from `before` before (not included) to `after` after are not all before the first sample or
/// all after the last one.
fn reached(timestamps: &[Timestamp], ends: StepTimes, steps: usize, before: i64, after: i64) -> Range<usize> {
    let (Some(&first), Some(&last)) = (timestamps.first(), timestamps.last()) else {
        return 0..0;
    };
    if ends.step <= 0 {
        return 0..steps;
    }
    // Steps are wide apart compared to rounding: a step too many on either side does no harm.
    let steps_before = |t: i64| (t.saturating_sub(ends.first).max(0) / ends.step) as usize;
    let start = steps_before(first.saturating_sub(after)).min(steps);
    let end = steps_before(last.saturating_add(before)).saturating_add(1).min(steps);
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Samples that are evenly spaced, but for some that are missing or late.
    fn samples() -> impl Strategy<Value = Vec<Timestamp>> {
        let odd = prop::collection::vec((0usize..80, -1i64..4), 0..2);
        (0i64..200, 1i64..15, 0usize..80, odd).prop_map(|(first, gap, count, odd)| {
            let mut all: Vec<Timestamp> = (0..count as i64).map(|i| first + i * gap).collect();
            for (at, late) in odd {
                match late {
                    -1 if at < all.len() => drop(all.remove(at)),
                    _ => all.iter_mut().skip(at).for_each(|t| *t += late),
                }
            }
            all
        })
    }

    proptest! {
        #[test]
        fn as_looked_for_step_by_step(
            timestamps in samples(),
            first in -50i64..300,
            step in 0i64..40,
            steps in 0usize..90,
            before in 0i64..100,
            after in prop::sample::select(vec![0i64, 0, 30]),
        ) {
            let ends = StepTimes { first, step };
            let (mut newest, mut bounds) = (Newest::default(), Bounds::default());
            newest.find(&timestamps, ends, steps, before);
            bounds.find(&timestamps, ends, steps, before, after);
            let mut places = Vec::new();
            for i in 0..steps {
                let t = ends.at(i);
                let last = timestamps.iter().rposition(|&sample| sample <= t && sample > t - before);
                places.extend(last);
                let seen = newest.present[i / 64] >> (i % 64) & 1 == 1;
                prop_assert_eq!((newest.index[i] as usize, seen), (last.unwrap_or(0), last.is_some()), "step {}", i);
                let within = |sample: &&Timestamp| **sample > t - before && **sample <= t + after;
                let window = bounds.lo[i] as usize..bounds.hi[i] as usize;
                prop_assert_eq!(window.len(), timestamps.iter().filter(within).count(), "step {}", i);
                prop_assert!(timestamps[window.clone()].iter().all(|sample| within(&sample)), "step {}", i);
                prop_assert!(window.is_empty() || bounds.reached.contains(&i), "step {}", i);
            }
            for Alike { steps, advance } in &bounds.alike {
                let window = |i: usize| {
                    let window = &timestamps[bounds.lo[i] as usize..bounds.hi[i] as usize];
                    window.iter().map(|sample| sample - ends.at(i)).collect::<Vec<_>>()
                };
                for i in steps.start + 1..steps.end {
                    prop_assert_eq!(bounds.lo[i] as usize, bounds.lo[i - 1] as usize + advance);
                    prop_assert_eq!(window(i), window(i - 1));
                }
            }
            let follow = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
            prop_assert_eq!(newest.consecutive, steps > 0 && places.len() == steps && follow);
            prop_assert_eq!((bounds.lo.len(), bounds.hi.len()), (steps, steps));
        }
    }
}
