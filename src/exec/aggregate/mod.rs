//! Aggregations: operators that make few series of many, or choose some of them.
//!
//! All of them are sinks. Opening one finds the groups from the labels, pulls every column of the input through,
//! a batch at a time and in series order, and keeps what the result needs: a column a group, or the samples that
//! were chosen. The input itself is never held, except by `quantile`, which cannot do without.

mod chosen;
mod count_values;
#[cfg(test)]
mod fixture;
mod fold;
mod grouping;
mod heap;
mod limit;
mod name_drop;
mod occurrences;
mod open;
mod parameter;
mod quantile;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tables;
mod topk;

pub(super) use fold::Fold;
pub(super) use open::open_folds;
pub use open::{AggregateSpec, Parameter, open};
