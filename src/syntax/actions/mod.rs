//! What the grammar calls: one method of [`Builder`] for each production that makes a node.
//!
//! The method says what is wrong with the node, if anything is: `foo[5m][5m]` is grammatical, but `matrix` refuses it
//! ("ranges only allowed for vector selectors"). What needs types or the tables of functions and aggregations is left
//! to `plan`.

mod builder;
mod durations;
mod expressions;
mod operators;
mod selectors;

pub(super) use operators::OpenCount;

pub(super) use builder::{
    Arguments, Builder, DurationPair, DurationTree, Fill, Matching, Modifiers, OffsetDuration, Stop,
    StopCause, Tree,
};
