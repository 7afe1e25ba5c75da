//! Bringing the zero buckets of two histograms to one width.
//!
//! Histograms whose zero buckets have different widths can be combined only after the narrower one was widened: the
//! buckets within the wider zero bucket are counted into it. A populated bucket that lies only half within cannot be
//! divided, so the zero bucket then grows to that bucket's outer bound:
//!
//! ```text
//! threshold 0.3, buckets (0.25,0.5]:4 (0.5,1]:2   =>   threshold 0.5, zero count + 4, bucket (0.5,1]:2
//! ```
//!
//! which may in turn be too wide for the other histogram, and so on until both agree.

use super::buckets::Side;
use super::structure::{Buckets, Histogram};
use crate::model::kahan::KahanSum;

/// What a zero bucket becomes when it is widened.
#[derive(Clone, Copy, Debug)]
pub(super) struct WidenedZero {
    /// The new threshold: what was asked for, or the next bound beyond it that is in no populated bucket.
    pub(super) threshold: f64,
    /// The new count and its lost bits.
    pub(super) count: KahanSum,
}

impl Histogram {
    /// What the zero bucket would be if its threshold were `threshold` or as little more as possible. With a
    /// `compensation` the lost bits of all that goes into the zero bucket go along.
    ///
    /// `threshold` is not below the present one.
    pub(super) fn widened_zero(&self, threshold: f64, compensation: Option<&Histogram>) -> WidenedZero {
        let mut widened = WidenedZero {
            threshold,
            count: KahanSum {
                sum: self.zero_count,
                compensation: compensation.map_or(0.0, |c| c.zero_count),
            },
        };
        if threshold == self.zero_threshold {
            return widened;
        }
        loop {
            // Lost bits pass over from a round that came to nothing to the next, as they do in Prometheus.
            widened.count.sum = self.zero_count;
            self.swallow(Side::Positive, compensation, &mut widened);
            let grew = self.swallow(Side::Negative, compensation, &mut widened);
            if !grew {
                return widened;
            }
        }
    }

    /// Counts the buckets of one side that begin within the threshold into the zero bucket. If the last of them is
    /// populated and ends beyond the threshold, the latter grows; this is told.
    fn swallow(&self, side: Side, compensation: Option<&Histogram>, widened: &mut WidenedZero) -> bool {
        for (position, (near, far)) in self.distances(side).enumerate() {
            if near >= widened.threshold {
                break;
            }
            let count = self.side(side).counts[position];
            widened.count.add(count);
            if let Some(&lost) = compensation.and_then(|c| c.side(side).counts.get(position)) {
                widened.count.add(lost);
            }
            if far > widened.threshold {
                if count != 0.0 {
                    widened.threshold = far;
                    return true;
                }
                break;
            }
        }
        false
    }

    /// Finds the narrowest zero bucket that both histograms can have, and gives it to this one (and to its
    /// `compensation`). The answer is the count that `other`'s zero bucket has then.
    pub(super) fn reconcile_zero_buckets(
        &mut self,
        other: &Histogram,
        mut compensation: Option<&mut Histogram>,
    ) -> KahanSum {
        let mut theirs =
            WidenedZero { threshold: other.zero_threshold, count: KahanSum::new(other.zero_count) };
        loop {
            if self.zero_threshold > theirs.threshold {
                theirs = other.widened_zero(self.zero_threshold, None);
            } else if theirs.threshold > self.zero_threshold {
                let ours = self.widened_zero(theirs.threshold, compensation.as_deref());
                self.zero_count = ours.count.sum;
                self.zero_threshold = ours.threshold;
                if let Some(compensation) = compensation.as_deref_mut() {
                    compensation.zero_count = ours.count.compensation;
                }
                self.clear_within_zero(compensation.as_deref_mut());
            } else {
                // Equal, or one is NaN, which no width can reach.
                return theirs.count;
            }
        }
    }

    /// Removes the buckets that the zero bucket has swallowed.
    fn clear_within_zero(&mut self, mut compensation: Option<&mut Histogram>) {
        for side in [Side::Positive, Side::Negative] {
            let within = self.distances(side).take_while(|&(near, _)| near < self.zero_threshold).count();
            self.side_mut(side).counts[..within].fill(0.0);
            if let Some(compensation) = compensation.as_deref_mut() {
                compensation.side_mut(side).counts.iter_mut().take(within).for_each(|lost| *lost = 0.0);
            }
        }
        match compensation {
            Some(compensation) => self.compact_with(compensation),
            None => {
                self.compact(0);
            }
        }
    }

    /// The distances from zero at which each bucket of one side begins and ends.
    fn distances(&self, side: Side) -> impl Iterator<Item = (f64, f64)> + '_ {
        let indices = self.side(side).iter().map(|(index, _)| index);
        indices.map(|index| (self.bound(index.wrapping_sub(1)), self.bound(index)))
    }

    /// The buckets above or below zero.
    fn side(&self, side: Side) -> &Buckets {
        if side == Side::Negative { &self.negative } else { &self.positive }
    }

    fn side_mut(&mut self, side: Side) -> &mut Buckets {
        if side == Side::Negative { &mut self.negative } else { &mut self.positive }
    }
}
