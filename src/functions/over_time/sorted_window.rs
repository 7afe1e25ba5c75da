//! A window that is kept in order of size while it moves.
//!
//! Two windows in a row have most of their samples in common: what leaves is taken out, what enters is put in,
//! and what lies between the two places moves up by one:
//!
//! ```text
//! 2 4 7 9     4 leaves, 8 enters:     2 7 8 9
//! ```
//!
//! NaN counts as the smallest, and is only counted. 0 and -0 are equal, but not the same: a series that has a -0
//! is sorted anew for each window, -0 before 0, since taking one of them out could take out the other one.

use std::ops::Range;

/// The samples of a window in order of size.
#[derive(Debug)]
pub(super) struct SortedWindow<'a> {
    values: &'a [f64],
    window: Range<usize>,
    /// How many are NaN.
    nans: usize,
    /// The others.
    sorted: &'a mut Vec<f64>,
    negative_zero: bool,
}

impl<'a> SortedWindow<'a> {
    /// An empty window over `values`; writes to `sorted`.
    pub(super) fn new(values: &'a [f64], sorted: &'a mut Vec<f64>) -> Self {
        sorted.clear();
        let negative_zero = values.iter().fold(false, |found, value| found | (value.to_bits() == 1 << 63));
        SortedWindow { values, window: 0..0, nans: 0, sorted, negative_zero }
    }

    /// Moves to `window`, which is not before the one there is.
    pub(super) fn move_to(&mut self, window: Range<usize>) {
        let leaving = self.window.start..window.start.clamp(self.window.start, self.window.end);
        let entering = window.end.min(window.start.max(self.window.end))..window.end;
        self.window = window;
        if self.negative_zero || leaving.len().max(entering.len()) > 8 + self.len() / 8 {
            return self.sort();
        }
        let pairs = leaving.len().min(entering.len());
        let (leaving, entering) = (&self.values[leaving], &self.values[entering]);
        for (&out, &into) in leaving.iter().zip(entering) {
            if out.is_nan() || into.is_nan() {
                self.remove(out);
                self.insert(into);
            } else {
                self.replace(out, into);
            }
        }
        leaving[pairs..].iter().for_each(|&out| self.remove(out));
        entering[pairs..].iter().for_each(|&into| self.insert(into));
    }

    fn sort(&mut self) {
        let window = &self.values[self.window.clone()];
        self.sorted.clear();
        self.sorted.extend(window.iter().filter(|value| !value.is_nan()));
        self.sorted.sort_unstable_by(f64::total_cmp);
        self.nans = window.len() - self.sorted.len();
    }

    fn remove(&mut self, value: f64) {
        if value.is_nan() {
            self.nans -= 1;
        } else {
            let at = self.below(value);
            self.sorted.remove(at);
        }
    }

    fn insert(&mut self, value: f64) {
        if value.is_nan() {
            self.nans += 1;
        } else {
            let at = self.below(value);
            self.sorted.insert(at, value);
        }
    }

    /// Takes `out`, which is there, out, and puts `into` in.
    fn replace(&mut self, out: f64, into: f64) {
        let (from, to) = (self.below(out), self.below(into));
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = into;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = into;
        }
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.nans + self.sorted.len()
    }

    /// How many of the samples are NaN.
    pub(super) fn nans(&self) -> usize {
        self.nans
    }

    /// The sample with `rank` smaller ones.
    pub(super) fn at(&self, rank: usize) -> f64 {
        if rank < self.nans { f64::NAN } else { self.sorted[rank - self.nans] }
    }

    /// How many samples but NaN are below `limit`.
    pub(super) fn below(&self, limit: f64) -> usize {
        // In a short window to compare with all takes less time than to guess wrong three times.
        const SHORT: usize = 64;
        if self.sorted.len() <= SHORT {
            self.sorted.iter().fold(0, |count, value| count + usize::from(*value < limit))
        } else {
            self.sorted.partition_point(|value| *value < limit)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stays_sorted(
            values in prop_oneof![
                vec(prop_oneof![any::<f64>(), -3.0..3.0, Just(0.0), Just(-0.0), Just(f64::NAN)], 300),
                vec(prop_oneof![9 => -3.0..3.0, 1 => Just(1.0), 1 => Just(f64::NAN)], 300),
            ],
            first in 0usize..150,
            moves in vec((0usize..12, 0usize..12), 0..40),
        ) {
            let mut memory = vec![5.0];
            let mut sorted = SortedWindow::new(&values, &mut memory);
            let mut window = 0..first;
            for (ahead, more) in moves {
                window.end = (window.end + more).min(values.len());
                window.start = (window.start + ahead).min(window.end);
                sorted.move_to(window.clone());
                let mut want = values[window.clone()].to_vec();
                want.retain(|value| !value.is_nan());
                want.sort_by(f64::total_cmp);
                prop_assert_eq!(sorted.len(), window.len());
                prop_assert_eq!(sorted.nans(), window.len() - want.len());
                let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(&*sorted.sorted), bits(&want));
            }
        }
    }
}
