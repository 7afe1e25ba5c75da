//! Walking over the buckets of a histogram, with their bounds.
//!
//! All buckets from the lowest to the highest value, here the buckets -1 and 1 to 2 of schema 0 and the zero bucket:
//!
//! ```
//! use promqlite::model::histogram::notation::parse_histogram;
//!
//! let text = "{{z_bucket:3 z_bucket_w:0.1 offset:1 buckets:[4 0] n_offset:-1 n_buckets:[7]}}";
//! let histogram = parse_histogram(text).unwrap().0;
//! let shown: Vec<String> = histogram.all_buckets().map(|bucket| bucket.to_string()).collect();
//! assert_eq!(shown, ["[-0.5,-0.25):7", "[-0.1,0.1]:3", "(1,2]:4", "(2,4]:0"]);
//! ```
//!
//! A walk first meets *slots*, which know their count but not their bounds; who looks for one bucket among many
//! asks for the bounds of that one only.

use super::bounds::bound;
use super::schema;
use super::spans::{indices, indices_rev};
use super::structure::{Buckets, Histogram};
use crate::model::go_log::log2;

/// A bucket with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// Whether an observation of `lower` is in the bucket.
    pub lower_inclusive: bool,
    /// Whether an observation of `upper` is in the bucket.
    pub upper_inclusive: bool,
    /// Observations in the bucket.
    pub count: f64,
}

impl Bucket {
    /// Which ends belong to the bucket, as the HTTP API numbers it: 0 only the upper, 1 only the lower, 2 neither,
    /// 3 both (`util/jsonutil/marshal.go`).
    pub fn boundaries_code(&self) -> u8 {
        match (self.lower_inclusive, self.upper_inclusive) {
            (false, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (true, true) => 3,
        }
    }

    /// The share of the bucket's width that lies below `value`: by value if `linear`, else by the logarithm of the
    /// value, on whose scale all exponential buckets are equally wide. Negative buckets mirror positive ones.
    ///
    /// `value` lies between the bounds, and these are finite.
    pub fn fraction_below(&self, value: f64, linear: bool) -> f64 {
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let [lower, upper, at] = [self.lower, self.upper, value].map(|x| log2(x.abs()));
        if value > 0.0 { (at - lower) / (upper - lower) } else { 1.0 - ((at - upper) / (lower - upper)) }
    }
}

/// Which part of a histogram a bucket belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Negative,
    Zero,
    Positive,
}

/// A bucket by its place, without bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) side: Side,
    pub(crate) index: i32,
    pub(crate) count: f64,
}

impl Buckets {
    /// Index and count of each bucket, rising.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        indices(&self.spans).zip(self.counts.iter().copied())
    }

    /// Index and count of each bucket, falling.
    pub(super) fn iter_rev(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        indices_rev(&self.spans).zip(self.counts.iter().rev().copied())
    }

    fn slots(&self, side: Side) -> impl Iterator<Item = Slot> + '_ {
        self.iter().map(move |(index, count)| Slot { side, index, count })
    }

    fn slots_rev(&self, side: Side) -> impl Iterator<Item = Slot> + '_ {
        self.iter_rev().map(move |(index, count)| Slot { side, index, count })
    }
}

impl Histogram {
    /// All buckets from the lowest value to the highest. Empty ones are among them, except an empty zero bucket.
    ///
    /// Where the outermost part of the zero bucket overlaps with a bucket, the latter begins at the zero threshold.
    pub fn all_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.all_slots().map(|slot| self.bucket_at(slot))
    }

    /// As [`all_buckets`](Histogram::all_buckets), from the highest value to the lowest.
    pub fn all_buckets_rev(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.all_slots_rev().map(|slot| self.bucket_at(slot))
    }

    /// The positive buckets from zero upwards, at their full width.
    pub fn positive_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.positive.slots(Side::Positive).map(|slot| self.full_bucket_at(slot))
    }

    /// The negative buckets from zero downwards, at their full width.
    pub fn negative_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.negative.slots(Side::Negative).map(|slot| self.full_bucket_at(slot))
    }

    /// The bucket around zero. With custom bounds there is none; what is returned then is empty.
    pub fn zero_bucket(&self) -> Bucket {
        Bucket {
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
        }
    }

    /// The buckets that the HTTP API tells: those of [`all_buckets`](Histogram::all_buckets) that are not empty, each
    /// with its [`boundaries_code`](Bucket::boundaries_code), in the order in which they are told.
    pub fn populated_buckets(&self) -> impl Iterator<Item = (u8, Bucket)> + '_ {
        self.all_buckets()
            .filter(|bucket| bucket.count != 0.0)
            .map(|bucket| (bucket.boundaries_code(), bucket))
    }

    pub(crate) fn all_slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let below = self.negative.slots_rev(Side::Negative);
        below.chain(self.zero_slot()).chain(self.positive.slots(Side::Positive))
    }

    pub(crate) fn all_slots_rev(&self) -> impl Iterator<Item = Slot> + '_ {
        let above = self.positive.slots_rev(Side::Positive);
        above.chain(self.zero_slot()).chain(self.negative.slots(Side::Negative))
    }

    fn zero_slot(&self) -> Option<Slot> {
        let exists = self.zero_count > 0.0 && !self.uses_custom_buckets();
        exists.then_some(Slot { side: Side::Zero, index: 0, count: self.zero_count })
    }

    /// The bucket in a slot, cut off where the zero bucket begins.
    pub(crate) fn bucket_at(&self, slot: Slot) -> Bucket {
        let mut bucket = self.full_bucket_at(slot);
        match slot.side {
            Side::Zero => {}
            _ if bucket.lower > 0.0 && bucket.lower < self.zero_threshold => {
                bucket.lower = self.zero_threshold
            }
            _ if bucket.upper < 0.0 && bucket.upper > -self.zero_threshold => {
                bucket.upper = -self.zero_threshold
            }
            _ => {}
        }
        bucket
    }

    fn full_bucket_at(&self, Slot { side, index, count }: Slot) -> Bucket {
        let outer = bound(index, self.schema, &self.custom_values);
        let inner = bound(index.wrapping_sub(1), self.schema, &self.custom_values);
        let (lower, upper) = match side {
            Side::Zero => return self.zero_bucket(),
            Side::Positive => (inner, outer),
            Side::Negative => (-outer, -inner),
        };
        let (lower_inclusive, upper_inclusive) =
            if schema::is_custom(self.schema) { (index == 0, true) } else { (lower < 0.0, upper > 0.0) };
        Bucket { lower, upper, lower_inclusive, upper_inclusive, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::fixtures::{histogram, sparse};

    fn shown(buckets: impl Iterator<Item = Bucket>) -> Vec<String> {
        buckets.map(|bucket| bucket.to_string()).collect()
    }

    #[test]
    fn all_buckets_up_and_down() {
        for (text, expected) in [
            ("{{}}", vec![]),
            ("{{z_bucket:3 z_bucket_w:0.5}}", vec!["[-0.5,0.5]:3"]),
            (
                "{{z_bucket:5 z_bucket_w:0.001 buckets:[100 344 123 55 3 63 2 54 235 33] n_buckets:[10 34 1230]}}",
                vec![
                    "[-4,-2):1230",
                    "[-2,-1):34",
                    "[-1,-0.5):10",
                    "[-0.001,0.001]:5",
                    "(0.5,1]:100",
                    "(1,2]:344",
                    "(2,4]:123",
                    "(4,8]:55",
                    "(8,16]:3",
                    "(16,32]:63",
                    "(32,64]:2",
                    "(64,128]:54",
                    "(128,256]:235",
                    "(256,512]:33",
                ],
            ),
            // Buckets that overlap with the zero bucket end, or begin, at the zero threshold.
            (
                "{{schema:-1 z_bucket:2 z_bucket_w:0.5 offset:-1 buckets:[7 1] n_offset:-1 n_buckets:[4 5]}}",
                vec!["[-1,-0.5):5", "[-0.25,-0.5):4", "[-0.5,0.5]:2", "(0.5,0.25]:7", "(0.5,1]:1"],
            ),
            // Without observations around zero there is no zero bucket.
            ("{{z_bucket_w:0.5 offset:3 buckets:[1 0 2]}}", vec!["(4,8]:1", "(8,16]:0", "(16,32]:2"]),
            (
                "{{schema:-53 custom_values:[-5 0 5] buckets:[1 2 3 4]}}",
                vec!["[-Inf,-5]:1", "(-5,0]:2", "(0,5]:3", "(5,+Inf]:4"],
            ),
        ] {
            let given = histogram(text);
            assert_eq!(shown(given.all_buckets()), expected, "{text}");
            let mut falling = shown(given.all_buckets_rev());
            falling.reverse();
            assert_eq!(falling, expected, "{text}");
        }
    }

    #[test]
    fn sides_at_full_width() {
        let given = histogram("{{z_bucket_w:0.75 buckets:[1 2] n_buckets:[3 4]}}");
        assert_eq!(shown(given.positive_buckets()), ["(0.5,1]:1", "(1,2]:2"]);
        assert_eq!(shown(given.negative_buckets()), ["[-1,-0.5):3", "[-2,-1):4"]);
    }

    #[test]
    fn buckets_as_the_api_tells_them() {
        let given = sparse("{{z_bucket:2 z_bucket_w:0.5 offset:1 buckets:[7 0 1] n_buckets:[4]}}");
        let told: Vec<_> =
            given.populated_buckets().map(|(code, b)| (code, b.lower, b.upper, b.count)).collect();
        assert_eq!(told, [(1, -1.0, -0.5, 4.0), (3, -0.5, 0.5, 2.0), (0, 1.0, 2.0, 7.0), (0, 4.0, 8.0, 1.0)]);
        let custom = histogram("{{schema:-53 custom_values:[5] buckets:[1 2]}}");
        let codes: Vec<_> = custom.populated_buckets().map(|(code, _)| code).collect();
        assert_eq!(codes, [3, 0]);
    }

    #[test]
    fn fractions_of_buckets() {
        let bucket =
            |lower, upper| Bucket { lower, upper, lower_inclusive: false, upper_inclusive: true, count: 1.0 };
        assert_eq!(bucket(2.0, 4.0).fraction_below(3.0, true), 0.5);
        assert_eq!(bucket(1.0, 4.0).fraction_below(2.0, false), 0.5);
        assert_eq!(bucket(-8.0, -1.0).fraction_below(-4.0, false), 1.0 - 2.0 / 3.0);
    }

    #[test]
    fn counts_and_spans_that_do_not_fit_end_a_walk() {
        let mut given = histogram("{{buckets:[1 2 3] n_buckets:[1 2 3]}}");
        given.positive.counts.pop();
        given.negative.counts.push(4.0);
        assert_eq!(given.all_buckets().count(), 5);
        assert_eq!(given.all_buckets_rev().count(), 5);
        given.positive.spans[0].length = u32::MAX;
        assert_eq!(given.all_buckets().count(), 5);
        assert_eq!(given.all_buckets_rev().count(), 5);
    }
}
