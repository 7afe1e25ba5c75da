//! Float samples in a fifth of the space: times and values as what they are apart from a straight line.
//!
//! What is scraped every 15 seconds comes a few milliseconds late each time, and what it counts rises by about as much
//! as it did before:
//!
//! | time, ms | 15,000 a sample from 7 | value | 50 a sample from 1,000 |
//! | ---: | ---: | ---: | ---: |
//! | 7 | 0 | 1,003 | 3 |
//! | 15,049 | 42 | 1,051 | 1 |
//! | 30,010 | 3 | 1,149 | 49 |
//!
//! So a time takes a byte and a value one or two, any of them is found without the others, and plain loops bring
//! back as many as are wanted. See [`line`] for the arithmetic, and [`floats`] for where the bytes are.

mod decimal;
mod floats;
mod line;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

pub(super) use floats::PackedFloats;

use crate::model::nearby::fetch;
use crate::model::{Histogram, TimeRange, Timestamp};

/// Samples of one kind that are packed, and do not change.
pub(super) trait Packed<V>: Clone + Debug + Sized {
    /// Packs samples, if that takes much less space than to keep them as they are.
    fn pack(times: &[Timestamp], values: &[V]) -> Option<Self>;

    /// How many samples there are; always some.
    fn len(&self) -> usize;

    /// The times of the first and the last sample.
    fn range(&self) -> TimeRange;

    /// The time of sample `i`.
    fn time(&self, i: usize) -> Timestamp;

    /// The value of the last sample.
    fn last_value(&self) -> V;

    /// Has the processor fetch the samples in `part`.
    fn fetch(&self, part: Range<usize>);

    /// Appends the samples in `part` to columns.
    fn unpack(&self, part: Range<usize>, times: &mut Vec<Timestamp>, values: &mut Vec<V>);
}

/// A kind of samples, and how these are packed.
pub(super) trait Packable: Clone + Debug {
    /// Samples of this kind, packed.
    type Packed: Packed<Self>;

    /// Has the processor fetch values that are not packed.
    fn fetch(values: &[Self]);
}

impl Packable for f64 {
    type Packed = PackedFloats;

    fn fetch(values: &[Self]) {
        fetch(values);
    }
}

impl Packable for Arc<Histogram> {
    type Packed = NeverPacked;

    fn fetch(_: &[Self]) {}
}

/// What is not packed.
#[derive(Clone, Debug)]
pub(super) enum NeverPacked {}

impl<V> Packed<V> for NeverPacked {
    fn pack(_: &[Timestamp], _: &[V]) -> Option<Self> {
        None
    }

    fn len(&self) -> usize {
        match *self {}
    }

    fn range(&self) -> TimeRange {
        match *self {}
    }

    fn time(&self, _: usize) -> Timestamp {
        match *self {}
    }

    fn last_value(&self) -> V {
        match *self {}
    }

    fn fetch(&self, _: Range<usize>) {
        match *self {}
    }

    fn unpack(&self, _: Range<usize>, _: &mut Vec<Timestamp>, _: &mut Vec<V>) {
        match *self {}
    }
}
