//! One row of state a group, one place a step: what all accumulators are made of, and how a column walks over it.
//!
//! Most columns have a float at every step, and then a kernel runs over the whole column without looking at a
//! bit. The others are cut at the words of their presence bitmap: stretches of full words run as they are, a word
//! with gaps is copied with a neutral value in the gaps.
//!
//! ```text
//! present   11111111 11111111 00000000 10110111      (words of eight bits here, of 64 in truth)
//! runs      |----- dense ----|          |-gaps-|
//! ```

use std::ops::Range;

use crate::model::column::is_full;
use crate::model::{Batch, Column};

/// A float for each group and step, and whether it counts.
#[derive(Debug)]
pub(super) struct GroupColumns {
    groups: usize,
    steps: usize,
    words: usize,
    /// Row after row.
    pub(super) values: Vec<f64>,
    /// Row after row; bit `i % 64` of a row's word `i / 64` is step `i`.
    pub(super) present: Vec<u64>,
}

impl GroupColumns {
    /// Rows that are all absent and hold `initial`.
    pub(super) fn new(groups: usize, steps: usize, initial: f64) -> Self {
        let words = steps.div_ceil(64);
        GroupColumns {
            groups,
            steps,
            words,
            values: vec![initial; groups * steps],
            present: vec![0; groups * words],
        }
    }

    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// Where the row of `group` lies in `values`.
    pub(super) fn row(&self, group: usize) -> Range<usize> {
        group * self.steps..(group + 1) * self.steps
    }

    /// Where the row of `group` lies in `present`.
    pub(super) fn words(&self, group: usize) -> Range<usize> {
        group * self.words..(group + 1) * self.words
    }

    /// Says that `group` has a float wherever `column` has one.
    pub(super) fn mark(&mut self, group: usize, column: Column<'_>) {
        let words = self.words(group);
        for (own, new) in self.present[words].iter_mut().zip(column.present) {
            *own |= new;
        }
    }

    /// Says that `group` has a float at `step`.
    pub(super) fn mark_step(&mut self, group: usize, step: usize) {
        self.present[group * self.words + step / 64] |= 1 << (step % 64);
    }

    /// The rows as the columns of a batch.
    pub(super) fn into_batch(self) -> Batch {
        Batch::from_parts(self.groups, self.steps, self.values, self.present)
    }
}

/// How many samples each group has at each step.
#[derive(Debug)]
pub(super) struct Counts {
    steps: usize,
    /// Columns with a sample at every step, counted once for all steps.
    full: Vec<f64>,
    /// The others, row after row.
    rest: Vec<f64>,
}

impl Counts {
    pub(super) fn new(groups: usize, steps: usize) -> Self {
        Counts { steps, full: vec![0.0; groups], rest: vec![0.0; groups * steps] }
    }

    /// Counts the floats of `column`.
    pub(super) fn add(&mut self, group: usize, column: Column<'_>) {
        if column.is_full() {
            self.full[group] += 1.0;
            return;
        }
        let row = &mut self.rest[group * self.steps..(group + 1) * self.steps];
        for run in runs(column.present, self.steps) {
            match run {
                Run::Dense(range) => row[range].iter_mut().for_each(|n| *n += 1.0),
                Run::Gaps { first, bits } => {
                    let steps = row.len().min(first + 64);
                    for (i, n) in row[first..steps].iter_mut().enumerate() {
                        *n += (bits >> i & 1) as f64;
                    }
                }
            }
        }
    }

    /// Counts one more sample at `step`.
    pub(super) fn add_step(&mut self, group: usize, step: usize) {
        self.rest[group * self.steps + step] += 1.0;
    }

    /// The count of `group` at `step`.
    #[inline(always)]
    pub(super) fn at(&self, group: usize, step: usize) -> f64 {
        self.full[group] + self.rest[group * self.steps + step]
    }

    /// The counts of `group`: add the number to each place of the slice.
    pub(super) fn row(&self, group: usize) -> (f64, &[f64]) {
        (self.full[group], &self.rest[group * self.steps..(group + 1) * self.steps])
    }

    /// The counts as columns, absent where they are 0.
    pub(super) fn into_batch(mut self) -> Batch {
        let (groups, words) = (self.full.len(), self.steps.div_ceil(64));
        let mut present = vec![0; groups * words];
        if self.steps > 0 {
            let rows = self.rest.chunks_exact_mut(self.steps).zip(present.chunks_exact_mut(words));
            for ((row, present), &full) in rows.zip(&self.full) {
                for (counts, word) in row.chunks_mut(64).zip(present) {
                    for (i, n) in counts.iter_mut().enumerate() {
                        *n += full;
                        *word |= u64::from(*n > 0.0) << i;
                    }
                }
            }
        }
        Batch::from_parts(groups, self.steps, self.rest, present)
    }
}

/// A stretch of a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Run {
    /// These steps all have a float.
    Dense(Range<usize>),
    /// Some of the up to 64 steps from `first` have a float: those with a bit.
    Gaps { first: usize, bits: u64 },
}

/// The stretches of a column with `steps` steps, in order; those without any float are left out. Each starts at a
/// whole word.
pub(super) fn runs(present: &[u64], steps: usize) -> impl Iterator<Item = Run> {
    let mut word = 0;
    std::iter::from_fn(move || {
        while word < present.len() && present[word] == 0 {
            word += 1;
        }
        let bits = *present.get(word)?;
        let first = word * 64;
        let dense = present[word..].iter().take_while(|w| **w == u64::MAX).count();
        if dense > 0 {
            word += dense;
            return Some(Run::Dense(first..first + dense * 64));
        }
        word += 1;
        let all = is_full(std::slice::from_ref(&bits), (steps - first).min(64));
        Some(if all { Run::Dense(first..steps) } else { Run::Gaps { first, bits } })
    })
}

/// Calls `f` with each stretch of `column` and the step where it begins; gaps read as `neutral`.
#[inline(always)]
pub(super) fn for_each_run(column: Column<'_>, neutral: f64, mut f: impl FnMut(usize, &[f64])) {
    if column.is_full() {
        return f(0, column.values);
    }
    for run in runs(column.present, column.values.len()) {
        match run {
            Run::Dense(range) => f(range.start, &column.values[range]),
            Run::Gaps { first, bits } => {
                let values = &column.values[first..column.values.len().min(first + 64)];
                let mut filled = [neutral; 64];
                for (i, (place, value)) in filled.iter_mut().zip(values).enumerate() {
                    *place = if bits >> i & 1 == 1 { *value } else { neutral };
                }
                f(first, &filled[..values.len()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_follow_the_words() {
        let present = [u64::MAX, u64::MAX, 0, 0b101, u64::MAX, 0b111];
        let found: Vec<Run> = runs(&present, 5 * 64 + 3).collect();
        assert_eq!(
            found,
            [
                Run::Dense(0..128),
                Run::Gaps { first: 192, bits: 0b101 },
                Run::Dense(256..320),
                Run::Dense(320..323),
            ]
        );
        assert_eq!(runs(&[], 0).count(), 0);
    }

    #[test]
    fn gaps_read_as_the_neutral_value() {
        let mut batch = Batch::default();
        batch.reset(1, 70);
        for i in [1, 3, 64, 65, 66, 67, 68, 69] {
            batch.column_mut(0).set(i, i as f64);
        }
        let mut seen = vec![f64::NAN; 70];
        for_each_run(batch.column(0), -1.0, |first, values| {
            seen[first..first + values.len()].copy_from_slice(values);
        });
        for (i, v) in seen.iter().enumerate() {
            let expected = if batch.column(0).has(i) { i as f64 } else { -1.0 };
            assert_eq!(*v, expected, "step {i}");
        }
    }
}
