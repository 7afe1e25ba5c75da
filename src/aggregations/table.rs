//! The table of aggregations, sorted by name.

use super::record::Aggregation;

/// All aggregations, sorted by name.
pub static AGGREGATIONS: &[Aggregation] = &[];

/// The aggregation with this name.
pub fn lookup(name: &str) -> Option<&'static Aggregation> {
    AGGREGATIONS.binary_search_by(|a| a.name.cmp(name)).ok().map(|i| &AGGREGATIONS[i])
}
