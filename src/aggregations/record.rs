//! What is known of an aggregation: its record in the table, and the contract of an accumulator.

use std::fmt;

use crate::model::{Annotation, Batch, Labels, Notes, Place, ValueType};

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
    #[doc(hidden)]
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
///
/// The operator makes one accumulator for a query, hands it all series in input order, a batch at a time, and then
/// takes the result. Floats are added in exactly this order, because the order decides the last bits of a sum.
pub trait Accumulator: Send {
    /// Takes the next series.
    fn add(&mut self, input: &GroupedBatch<'_>, notes: &mut Notes<'_>);

    /// The finished columns, one for each group; a group that got no sample at a step has none there.
    fn finish(self: Box<Self>, notes: &mut Notes<'_>) -> Batch;
}

/// Columns of consecutive series, and the group that each belongs to.
#[derive(Clone, Copy)]
pub struct GroupedBatch<'a> {
    /// The group of each column.
    pub groups: &'a [u32],
    /// The columns.
    pub batch: &'a Batch,
    /// The labels of the series behind each column: asked for only where a note names a metric.
    pub labels: &'a dyn Fn(usize) -> &'a Labels,
}

impl fmt::Debug for GroupedBatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupedBatch").field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl GroupedBatch<'_> {
    /// Notes that histograms were left out of `aggregation`, if there are any.
    pub(super) fn note_ignored_histograms(&self, aggregation: &'static str, notes: &mut Notes<'_>) {
        let batch = self.batch;
        let any =
            |column| batch.column(column).histograms.is_some_and(|steps| steps.iter().any(Option::is_some));
        if batch.has_histograms() && (0..batch.columns()).any(any) {
            notes.add(Annotation::HistogramIgnoredInAggregation { aggregation: aggregation.into() }, VECTOR);
        }
    }
}

/// The place of the vector in a call of an aggregation without parameter.
pub(super) const VECTOR: Place = Place::Arg(0);
