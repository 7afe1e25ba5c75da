//! What is known of an aggregation: its record in the table, and the contract of an accumulator.

use crate::model::{Column, ColumnMut, Notes, ValueType};

/// One aggregation of the language.
#[derive(Debug)]
pub struct Aggregation {
    /// Its name, a keyword in lower case.
    pub name: &'static str,
    /// The type and the name of its parameter, which stands before the vector, if it takes one.
    pub parameter: Option<(ValueType, &'static str)>,
    /// Whether it needs `promql-experimental-functions`.
    pub experimental: bool,
    /// What it does, in a sentence of our own.
    pub summary: &'static str,
    /// How it is run.
    pub kind: Kind,
}

/// How an aggregation is run.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Folds each group into one column. Makes an accumulator for so many groups and steps.
    Fold(fn(groups: usize, steps: usize) -> Box<dyn Accumulator>),
    /// `topk`, `bottomk`: series of the input, those with the largest or smallest values at each step.
    TopK {
        /// Whether the smallest are wanted.
        bottom: bool,
    },
    /// `limitk`: the first k series of each group at each step.
    LimitK,
    /// `limit_ratio`: a share of the series, chosen by the hash of their labels.
    LimitRatio,
    /// `quantile`
    Quantile,
    /// `count_values`
    CountValues,
}

/// Folds columns into one column a group.
pub trait Accumulator: Send {
    /// Takes one series of `group`, in input order.
    fn add(&mut self, group: usize, column: Column<'_>, notes: &mut Notes<'_>);

    /// Writes the column of `group`, which is all absent before. Called once for each group, after all `add`s.
    fn finish(&mut self, group: usize, out: &mut ColumnMut<'_>, notes: &mut Notes<'_>);
}
