//! What the engine asks of a store: matchers and a time range, which bind, and hints, which do not.

use crate::model::{Matcher, TimeRange};

/// One selector's question to a store.
#[derive(Clone, Debug)]
pub struct SelectRequest<'a> {
    /// All of them have to hold. A label that a series lacks is matched as `""`.
    pub matchers: &'a [Matcher],
    /// Samples outside are not wanted; both ends are included. In ms.
    pub range: TimeRange,
    /// What the samples are for.
    pub hints: SelectHints<'a>,
}

impl<'a> SelectRequest<'a> {
    /// A request without hints.
    pub fn new(matchers: &'a [Matcher], range: TimeRange) -> Self {
        SelectRequest { matchers, range, hints: SelectHints::default() }
    }
}

/// Advice. A store that ignores all of it gives the right answer.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SelectHints<'a> {
    /// Distance of the steps of the query in ms; 0 for one step.
    pub step: i64,
    /// Width of the range selector in ms; 0 for an instant selector.
    pub range: i64,
    /// The function or aggregation right around the selector, or empty.
    pub function: &'a str,
    /// The labels of the aggregation right around the selector.
    pub grouping: &'a [String],
    /// Whether `grouping` is `by` (else `without`).
    pub by: bool,
}
