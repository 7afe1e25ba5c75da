//! Has the processor fetch what will be looked at soon.
//!
//! A hundred thousand series lie in as many places, and the first look at each of them takes as long as some hundreds
//! of instructions. Processors fetch ten or twenty such places at the same time, as long as it does not depend on one of
//! them which is the next, and as long as nothing between them waits: so a loop that looks at the next few and does
//! nothing else takes not much longer than one look.

use std::hint::black_box;

/// How many series are fetched at a time. What they consist of fits into the first cache of a processor.
pub(crate) const SERIES_AT_A_TIME: usize = 16;

const CACHE_LINE: usize = 64;
/// What lies further on is fetched without help once the reading has begun.
const MOST_LINES: usize = 16;

/// Fetches the first of some bytes.
pub(crate) fn fetch(bytes: &[u8]) {
    let lines = bytes.chunks(CACHE_LINE).take(MOST_LINES);
    black_box(lines.fold(0, |any, line| any | line[0]));
}
