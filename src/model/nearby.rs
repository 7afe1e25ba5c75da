//! Has the processor fetch what will be looked at soon.
//!
//! A hundred thousand series lie in as many places, and the first look at each of them takes as long as some hundreds
//! of instructions. Processors fetch ten or twenty such places at the same time, as long as it does not depend on one of
//! them which is the next, and as long as nothing between them waits: so a loop that looks at the next few and does
//! nothing else takes not much longer than one look.

use std::hint::black_box;

/// How many series are fetched at a time: less than the ways of a first cache, as columns often begin at like places in a
/// page, and then displace each other.
pub(crate) const SERIES_AT_A_TIME: usize = 8;

const CACHE_LINE: usize = 64;
/// What lies further on is fetched without help once the reading has begun.
const MOST_LINES: usize = 16;

/// Fetches the first of some values.
pub(crate) fn fetch<T: Copy>(values: &[T]) {
    let of_a_line = CACHE_LINE / size_of::<T>().clamp(1, CACHE_LINE);
    let values = &values[..values.len().min(MOST_LINES * of_a_line)];
    for value in values.iter().step_by(of_a_line) {
        black_box(*value);
    }
    // They need not begin where a line does: then the last of them are on one more.
    black_box(values.last().copied());
}
