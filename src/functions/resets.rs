//! Where a counter begins anew.
//!
//! A counter that falls was reset: in 5, 8, 2, 4 at index 2. The resets of a series are found once, and every
//! window then only looks up which of them are its own; most windows have none. A reset belongs to a window when
//! the sample *before* it is in the window, too:
//!
//! ```text
//! index      0  1  2  3  4        resets: [2, 4]
//! value      5  8  2  4  1
//! window        [-----]           0..4 has the reset at 2, and 2..4 has none
//! ```
//!
//! Where start timestamps are in use, a start between two samples is a reset, too (`isStartTimestampReset` in
//! `promql/functions.go`).

use std::ops::Range;

use multiversion::multiversion;

use super::window::Samples;
use crate::model::Timestamp;

/// Writes the indices in `range` of the samples that are the first after a reset into `resets`, replacing what is
/// there. With `starts`, start timestamps count.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn find_resets(
    samples: &Samples<'_, f64>,
    range: Range<usize>,
    starts: bool,
    resets: &mut Vec<u32>,
) {
    resets.clear();
    let first = range.start + 1;
    if starts && !samples.start_timestamps.is_empty() {
        resets.extend((first..range.end).filter(|&i| is_reset(samples, i)).map(|i| i as u32));
        return;
    }
    // Resets are rare: some samples are looked at in one go, without branches, and once more where one fell.
    const STRIDE: usize = 32;
    let values = &samples.values[range];
    let (after, after_rest) = values.get(1..).unwrap_or(&[]).as_chunks::<STRIDE>();
    let (before, before_rest) = values[..values.len().saturating_sub(1)].as_chunks::<STRIDE>();
    let mut note = |base: usize, after: &[f64], before: &[f64]| {
        let falls = after.iter().zip(before).enumerate().filter(|(_, (after, before))| after < before);
        resets.extend(falls.map(|(i, _)| (base + i) as u32));
    };
    let mut base = first;
    for (after, before) in after.iter().zip(before) {
        // As wide as the values, so that the comparisons stay so.
        let mut fell = 0;
        for i in 0..STRIDE {
            fell |= u64::from(after[i] < before[i]);
        }
        if fell != 0 {
            note(base, after, before);
        }
        base += STRIDE;
    }
    note(base, after_rest, before_rest);
}

/// Whether sample `i`, which is not the first, is the first after a reset, by value or by start timestamp.
pub(super) fn is_reset(samples: &Samples<'_, f64>, i: usize) -> bool {
    samples.values[i] < samples.values[i - 1] || is_start_reset(samples, i)
}

/// Whether the start timestamp of sample `i`, which is not the first, tells of a reset since the sample before.
pub(super) fn is_start_reset<V>(samples: &Samples<'_, V>, i: usize) -> bool {
    starts_anew(
        samples.start_timestamp(i - 1),
        samples.timestamps[i - 1],
        samples.start_timestamp(i),
        samples.timestamps[i],
    )
}

/// Whether a counter that began at `start`, as seen at `time`, is another one than at the sample before.
///
/// A start right at the sample before is that of a delta, which begins anew each time, provided that the sample
/// before knew its start itself; of a counter whose start is unknown it is what some agents send instead.
pub(super) fn starts_anew(
    previous_start: Timestamp,
    previous_time: Timestamp,
    start: Timestamp,
    time: Timestamp,
) -> bool {
    if start == 0 || start >= time || start < previous_time {
        return false;
    }
    start > previous_time || previous_start != 0 && previous_start < previous_time
}

/// Whether a start timestamp contradicts the sample before: it lies before that sample, and is not the start that
/// this sample had.
pub(super) fn overlaps<V>(samples: &Samples<'_, V>, i: usize) -> bool {
    let start = samples.start_timestamp(i);
    start != 0 && start < samples.timestamps[i - 1] && start != samples.start_timestamp(i - 1)
}

/// Tells for one window after the other which of a series' resets are in it.
#[derive(Clone, Debug)]
pub(super) struct ResetCursor<'a> {
    resets: &'a [u32],
    from: usize,
    to: usize,
}

impl<'a> ResetCursor<'a> {
    pub(super) fn new(resets: &'a [u32]) -> Self {
        ResetCursor { resets, from: 0, to: 0 }
    }

    /// Positions, in the list of resets, of those in the window of the samples `lo..hi`, which is not before the
    /// window asked for last.
    #[inline]
    pub(super) fn positions(&mut self, lo: usize, hi: usize) -> Range<usize> {
        while self.resets.get(self.from).is_some_and(|&reset| reset as usize <= lo) {
            self.from += 1;
        }
        self.to = self.to.max(self.from);
        while self.resets.get(self.to).is_some_and(|&reset| (reset as usize) < hi) {
            self.to += 1;
        }
        self.from..self.to
    }

    /// The resets in the window of the samples `lo..hi`, which is not before the window asked for last.
    #[inline]
    pub(super) fn window(&mut self, lo: usize, hi: usize) -> &'a [u32] {
        &self.resets[self.positions(lo, hi)]
    }
}

/// The change of a counter over windows: what it rose, the values before resets added in order.
///
/// Where all those values are whole numbers, and few enough for each sum of them to be exact, they are added up
/// once for the series, and a window costs the same however many resets it has.
#[derive(Debug)]
pub(super) struct ResetTotals<'a> {
    cursor: ResetCursor<'a>,
    /// Sums of the values before the first k resets; empty where they would not be exact.
    totals: &'a [f64],
}

/// Sums of whole numbers up to here are exact.
const EXACT: f64 = (1u64 << 52) as f64;

impl<'a> ResetTotals<'a> {
    /// Over the `resets` of the series with these `values`; writes to `totals`.
    pub(super) fn new(resets: &'a [u32], values: &[f64], totals: &'a mut Vec<f64>) -> Self {
        totals.clear();
        // Up to so many values are added as fast one by one.
        if resets.len() > 4 {
            totals.push(0.0);
            let (mut total, mut magnitude) = (0.0, 0.0);
            for &reset in resets {
                let value = values[reset as usize - 1];
                magnitude += value.abs();
                if value.trunc() != value || magnitude > EXACT {
                    break;
                }
                total += value;
                totals.push(total);
            }
            if totals.len() <= resets.len() {
                totals.clear();
            }
        }
        ResetTotals { cursor: ResetCursor::new(resets), totals }
    }

    /// Whether the series has no resets.
    pub(super) fn none(&self) -> bool {
        self.cursor.resets.is_empty()
    }

    /// The change over the samples `lo..hi`, of which there is one at least, and which are not before those asked
    /// for last.
    #[inline(always)]
    pub(super) fn change(&mut self, values: &[f64], lo: usize, hi: usize) -> f64 {
        let change = values[hi - 1] - values[lo];
        if self.cursor.resets.is_empty() { change } else { self.with_resets(change, values, lo, hi) }
    }

    fn with_resets(&mut self, change: f64, values: &[f64], lo: usize, hi: usize) -> f64 {
        let Range { start, end } = self.cursor.positions(lo, hi);
        if !self.totals.is_empty() && change.trunc() == change && change.abs() <= EXACT {
            return change + (self.totals[end] - self.totals[start]);
        }
        self.cursor.resets[start..end]
            .iter()
            .fold(change, |change, &reset| change + values[reset as usize - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_by_value() {
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        for fall in [1, 15, 16, 17, 33, 98, 99] {
            values[fall] = -1.0 - fall as f64;
        }
        values[50] = f64::NAN;
        let timestamps: Vec<i64> = (0..100).collect();
        let samples = Samples { timestamps: &timestamps, values: &values, start_timestamps: &[] };
        let mut resets = vec![7];
        for range in [0..100, 1..100, 16..34, 17..17, 5..6, 0..16] {
            find_resets(&samples, range.clone(), true, &mut resets);
            let want: Vec<u32> = (range.start + 1..range.end)
                .filter(|&i| values[i] < values[i - 1])
                .map(|i| i as u32)
                .collect();
            assert_eq!(resets, want, "{range:?}");
        }
    }

    #[test]
    fn resets_by_start() {
        // previous start, previous time, start, time, reset?
        let table = [
            (0, 100, 0, 200, false),
            (50, 100, 50, 200, false),
            (50, 100, 150, 200, true),
            (0, 100, 150, 200, true),
            (50, 100, 200, 200, false),
            (50, 100, 250, 200, false),
            (50, 100, 100, 200, true),
            (0, 100, 100, 200, false),
            (100, 100, 100, 200, false),
            (120, 100, 100, 200, false),
        ];
        for (previous_start, previous_time, start, time, reset) in table {
            assert_eq!(
                starts_anew(previous_start, previous_time, start, time),
                reset,
                "{previous_start} {previous_time} {start} {time}"
            );
        }
    }

    #[test]
    fn windows_have_the_resets_behind_their_first_sample() {
        let mut cursor = ResetCursor::new(&[2, 4, 9]);
        assert_eq!(cursor.window(0, 2), [] as [u32; 0]);
        assert_eq!(cursor.window(0, 3), [2]);
        assert_eq!(cursor.window(1, 5), [2, 4]);
        assert_eq!(cursor.window(2, 5), [4]);
        assert_eq!(cursor.window(5, 5), [] as [u32; 0]);
        assert_eq!(cursor.window(8, 10), [9]);
        assert_eq!(cursor.window(9, 10), [] as [u32; 0]);
    }
}
