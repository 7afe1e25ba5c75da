//! A window that is kept in order of size while it moves.
//!
//! Two windows in a row have most of their samples in common: what leaves is taken out, what enters is put in, and what
//! lies between the two places moves up by one. Numbers are kept as integers of the same order, NaN first, so that
//! comparing them is one instruction and each finds exactly itself again, 0 apart from -0:
//!
//! ```text
//! 2 4 7 9     4 leaves, 8 enters:     2 7 8 9
//! ```

use std::ops::Range;

/// The samples of a window in order of size.
#[derive(Debug)]
pub(super) struct SortedWindow<'a> {
    values: &'a [f64],
    window: Range<usize>,
    keys: &'a mut Vec<i64>,
}

/// The key of NaN: below all others.
const NAN: i64 = i64::MIN;

fn key(value: f64) -> i64 {
    if value.is_nan() {
        return NAN;
    }
    let bits = value.to_bits() as i64;
    // Of negative numbers those with larger bits are smaller.
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

fn value(key: i64) -> f64 {
    if key == NAN {
        return f64::NAN;
    }
    f64::from_bits((key ^ ((key >> 63) as u64 >> 1) as i64) as u64)
}

impl<'a> SortedWindow<'a> {
    /// An empty window over `values`; writes to `keys`.
    pub(super) fn new(values: &'a [f64], keys: &'a mut Vec<i64>) -> Self {
        keys.clear();
        SortedWindow { values, window: 0..0, keys }
    }

    /// Moves to `window`, which is not before the one there is.
    pub(super) fn move_to(&mut self, window: Range<usize>) {
        let leaving = self.window.start..window.start.clamp(self.window.start, self.window.end);
        let entering = window.end.min(window.start.max(self.window.end))..window.end;
        self.window = window;
        let changes = leaving.len().max(entering.len());
        if changes > 8 + self.keys.len() / 8 {
            self.keys.clear();
            self.keys.extend(self.values[self.window.clone()].iter().copied().map(key));
            self.keys.sort_unstable();
            return;
        }
        let pairs = leaving.len().min(entering.len());
        let (leaving, entering) = (&self.values[leaving], &self.values[entering]);
        for (&out, &into) in leaving.iter().zip(entering) {
            self.replace(key(out), key(into));
        }
        for &out in &leaving[pairs..] {
            let at = self.keys.partition_point(|&k| k < key(out));
            self.keys.remove(at);
        }
        for &into in &entering[pairs..] {
            let at = self.keys.partition_point(|&k| k < key(into));
            self.keys.insert(at, key(into));
        }
    }

    /// Takes `out`, which is there, out, and puts `into` in.
    fn replace(&mut self, out: i64, into: i64) {
        let from = self.keys.partition_point(|&k| k < out);
        if out < into {
            let to = from + self.keys[from..].partition_point(|&k| k < into);
            self.keys.copy_within(from + 1..to, from);
            self.keys[to - 1] = into;
        } else {
            let to = self.keys[..from].partition_point(|&k| k < into);
            self.keys.copy_within(to..from, to + 1);
            self.keys[to] = into;
        }
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is a NaN.
    pub(super) fn has_nan(&self) -> bool {
        self.keys.first() == Some(&NAN)
    }

    /// The sample with `rank` smaller ones.
    pub(super) fn at(&self, rank: usize) -> f64 {
        value(self.keys[rank])
    }

    /// How many samples are below `limit`.
    pub(super) fn below(&self, limit: f64) -> usize {
        let limit = key(limit);
        self.keys.partition_point(|&k| k < limit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stays_sorted(
            values in proptest::collection::vec(prop_oneof![any::<f64>(), -3.0..3.0, Just(0.0), Just(-0.0), Just(f64::NAN)], 100),
            moves in proptest::collection::vec((0usize..6, 0usize..6), 0..40),
        ) {
            let mut keys = vec![5];
            let mut sorted = SortedWindow::new(&values, &mut keys);
            let mut window = 0..0;
            for (ahead, more) in moves {
                window.end = (window.end + more).min(values.len());
                window.start = (window.start + ahead).min(window.end);
                sorted.move_to(window.clone());
                let mut want: Vec<i64> = values[window.clone()].iter().map(|&v| key(v)).collect();
                want.sort_unstable();
                prop_assert_eq!(&*sorted.keys, &want);
            }
        }

        #[test]
        fn keys_are_in_order(a in any::<f64>(), b in any::<f64>()) {
            if !a.is_nan() {
                prop_assert_eq!(value(key(a)).to_bits(), a.to_bits());
                if !b.is_nan() && a != b {
                    prop_assert_eq!(key(a) < key(b), a < b);
                }
                prop_assert!(key(f64::NAN) < key(a));
            }
        }
    }
}
