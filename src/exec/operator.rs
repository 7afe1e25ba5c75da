//! The contract of an operator.

use std::ops::Range;

use super::context::QueryContext;
use super::error::ExecError;
use crate::model::{Annotations, Batch, Labels};

/// A series that an operator produces.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSeries {
    /// Its labels.
    pub labels: Labels,
    /// Whether the labels that describe the metric are to be dropped at the end (delayed name removal).
    pub drop_name: bool,
}

impl OutputSeries {
    /// A series that keeps its name.
    pub fn new(labels: Labels) -> Self {
        OutputSeries { labels, drop_name: false }
    }
}

/// An opened operator. The function that opens it does the label work; after that its series are fixed.
pub trait Operator: Send + Sync {
    /// The series that the operator produces, in order. Some may turn out to have no sample at all.
    fn series(&self) -> &[OutputSeries];

    /// Fills `out` (which it resets itself) with the columns of `series()[range]`, all steps at once.
    ///
    /// Any range may be asked for, in any order, more than once, from several threads at once: what an operator
    /// needs while it computes, it takes from the `worker`, and gives back. The same range always gives the same
    /// columns. The one who calls owns `out` and keeps ranges to a few thousand values
    /// ([`QueryContext::columns_in_batch`]).
    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError>;
}

/// An operator that lives as long as the view of the store.
pub type BoxedOperator<'s> = Box<dyn Operator + 's>;

/// What one thread uses over and over while it produces columns, and what it has to say.
#[derive(Debug, Default)]
pub struct Worker {
    /// Warnings and infos that came up.
    pub annotations: Annotations,
    batches: Vec<Batch>,
}

impl Worker {
    /// A batch to use for a while; its contents are arbitrary. Give it back with [`Worker::give`].
    pub fn take(&mut self) -> Batch {
        self.batches.pop().unwrap_or_default()
    }

    /// Takes a batch back, to be used again.
    pub fn give(&mut self, batch: Batch) {
        self.batches.push(batch);
    }
}
