//! One list of series: those that have a certain value of a certain label.
//!
//! ```text
//! section of:   count        4 bytes
//!               references   4 bytes each, rising
//! ```

use super::super::error::{Corruption, Problem};
use super::super::postings::List;
use super::contents::section;

/// The list of the section at `offset`. It is not decoded before it is used.
pub(super) fn read(file: &[u8], offset: u64) -> Result<List<'_>, Corruption> {
    let mut decoder = section(file, offset)?;
    let count = decoder.be32()?;
    let (references, rest) = decoder.rest().as_chunks::<4>();
    if references.len() != count as usize || !rest.is_empty() {
        let problem = Problem::Invalid("a list of postings does not have the length that it declares");
        return Err(problem.at(offset));
    }
    Ok(List::BigEndian(references))
}
