//! The contract of an operator.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::QueryContext;
use super::error::ExecError;
use super::recent::SeriesReader;
use crate::diagnostic::Span;
use crate::functions::window::Scratch;
use crate::model::annotation::CallSpans;
use crate::model::{Annotation, Annotations, Batch, Labels};

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

    /// A series of these labels, without those that describe the metric if `drop_name` holds.
    pub fn of(labels: &Labels, drop_name: bool, context: &QueryContext) -> Self {
        let labels = match drop_name && !context.delayed_name_removal {
            true => labels.without_metadata(),
            false => labels.clone(),
        };
        OutputSeries { labels, drop_name }
    }

    /// Drops the labels that describe the metric: now, or at the end of the query if that is what is asked for.
    pub fn drop_name(self, context: &QueryContext) -> Self {
        if context.delayed_name_removal {
            OutputSeries { labels: self.labels, drop_name: true }
        } else {
            OutputSeries { labels: self.labels.without_metadata(), drop_name: true }
        }
    }

    /// [`drop_name`](OutputSeries::drop_name) if `drop` holds.
    pub fn drop_name_if(self, drop: bool, context: &QueryContext) -> Self {
        if drop { self.drop_name(context) } else { self }
    }
}

/// An opened operator. The function that opens it does the label work; after that its series are fixed.
pub trait Operator: Send + Sync {
    /// The series that the operator produces, in order. Some may turn out to have no sample at all.
    fn series(&self) -> &[OutputSeries];

    /// Whether computing columns can come upon something to say, or an error of the query's own making. If it cannot,
    /// columns that nobody needs need not be computed.
    fn can_object(&self) -> bool {
        true
    }

    /// All columns, if the operator holds them ready: then nobody needs a copy.
    fn ready(&self) -> Option<&Batch> {
        None
    }

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
    /// For the bodies of range functions.
    pub(crate) scratch: Scratch,
    batches: Vec<Batch>,
    readers: Vec<(usize, Box<SeriesReader>)>,
    last_words: FxHashMap<(u32, usize), LastWord>,
}

/// What an operator said last about one step.
#[derive(Debug)]
struct LastWord {
    series: usize,
    annotation: Annotation,
    span: Span,
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

    /// The reader with this key, with what it kept from the series before.
    pub(crate) fn take_reader(&mut self, key: usize) -> Box<SeriesReader> {
        match self.readers.iter().position(|(k, _)| *k == key) {
            Some(i) => self.readers.swap_remove(i).1,
            None => Box::default(),
        }
    }

    /// Takes a reader back.
    pub(crate) fn give_reader(&mut self, key: usize, reader: Box<SeriesReader>) {
        self.readers.push((key, reader));
    }

    /// Says something about one step of a binary operator. As in Prometheus, only what is said last of each step,
    /// in the order of the series, is told.
    pub(crate) fn say_last(&mut self, spans: &CallSpans, step: usize, series: usize, annotation: Annotation) {
        let word = LastWord { series, annotation, span: spans.call };
        match self.last_words.entry((spans.order, step)) {
            Entry::Occupied(mut entry) if entry.get().series <= series => *entry.get_mut() = word,
            Entry::Occupied(_) => {}
            Entry::Vacant(entry) => {
                entry.insert(word);
            }
        }
    }

    /// Takes over what another thread's worker had to say.
    #[cfg(feature = "parallel")]
    pub(crate) fn absorb(&mut self, other: Worker) {
        self.annotations.merge(other.annotations);
        for (place, word) in other.last_words {
            match self.last_words.entry(place) {
                Entry::Occupied(mut entry) if entry.get().series <= word.series => *entry.get_mut() = word,
                Entry::Occupied(_) => {}
                Entry::Vacant(entry) => {
                    entry.insert(word);
                }
            }
        }
    }

    /// Everything that was said.
    pub(crate) fn into_annotations(mut self) -> Annotations {
        for ((order, _), word) in std::mem::take(&mut self.last_words) {
            self.annotations.add(word.annotation, word.span, order);
        }
        self.annotations
    }
}
