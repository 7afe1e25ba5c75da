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
const MOST_BYTES: usize = 1024;

/// Fetches the first of some bytes.
pub(crate) fn fetch(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
    // They need not begin where a line does: then the last of them are on one more.
    let last = bytes.last().copied().unwrap_or_default();
    black_box(bytes.iter().step_by(CACHE_LINE).fold(last, |any, byte| any | byte));
}
