//! `count_values`: how often each value occurs in a group, told by a label that holds the value's text.
//!
//! Which series come out is known only when all samples have been seen.
//!
//! ```text
//! count_values("v", m)    m{i="a"}  1 1 2        {v="1"}  2 1 .
//!                         m{i="b"}  1 2 2   ->   {v="2"}  . 1 2
//! ```
//!
//! In the worst case each sample of the input makes a series of its own, so the text and the labels of a new value are
//! written without anything being allocated but the labels.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::grouping::Grouping;
use super::occurrences::{OccurrenceLog, Occurrences};
use super::open::Opening;
use crate::exec::{BoxedOperator, ExecError, Operator, OutputSeries, QueryContext, Worker, for_each_batch};
use crate::model::column::for_each_set;
use crate::model::go_format::{quote_bytes, write_f};
use crate::model::{Batch, Histogram, Labels};

/// Counts the values of all series of the input. `label` is the name of the label that tells the value.
pub(super) fn open<'s>(
    label: &[u8],
    opening: Opening<'s, '_>,
    worker: &mut Worker,
) -> Result<BoxedOperator<'s>, ExecError> {
    let name = match std::str::from_utf8(label) {
        Ok(name) if !name.is_empty() => name,
        _ => return Err(opening.parameter_error(format!("invalid label name {}", quote_bytes(label)))),
    };
    let (context, series, steps) = (opening.context, opening.child.series(), opening.grid.steps);
    let selection = opening.selection.except(name);
    let grouping = Grouping::resolve(&selection, series, context)?;
    // The value takes the place of a label with the same name, and `without` may then drop it.
    let tells_value = opening.selection.keeps_value_label(name);
    let groups = grouping.labels(&selection, series).map(GroupValues::new).collect();
    let mut values = ValueSeries::new(name, tells_value, groups);
    let mut counts = OccurrenceLog::new(steps);
    for_each_batch(&*opening.child, steps, worker, context, |range, batch, _| {
        for (i, member) in range.enumerate() {
            let (column, group) = (batch.column(i), grouping.groups[member]);
            let mut last = None;
            for_each_set(column.present, |step| {
                let value = Value::of(column.values[step]);
                let output = match last {
                    Some((before, output)) if before == value => output,
                    _ => values.of_float(group, value),
                };
                last = Some((value, output));
                counts.note(output, step);
            });
            for step in column.histogram_steps() {
                if let Some(histogram) = column.histogram(step) {
                    counts.note(values.of_histogram(group, histogram), step);
                }
            }
            context.charge(counts.take_taken())?;
        }
        Ok(())
    })?;
    Ok(Box::new(CountedValues { steps, series: values.series, counts: counts.finish() }))
}

/// A float as far as its text tells it from others: all NaN are one, 0 and -0 are two.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Value(u64);

impl Value {
    fn of(value: f64) -> Self {
        Value(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }
}

/// The values of one group, and the output series that each has.
struct GroupValues {
    labels: Labels,
    floats: FxHashMap<Value, u32>,
    histograms: FxHashMap<String, u32>,
}

impl GroupValues {
    fn new(labels: Labels) -> Self {
        GroupValues { labels, floats: FxHashMap::default(), histograms: FxHashMap::default() }
    }
}

/// The output series of the values seen so far.
struct ValueSeries<'a> {
    name: &'a str,
    tells_value: bool,
    groups: Vec<GroupValues>,
    series: Vec<OutputSeries>,
    /// For the text of a value and for the labels with it.
    text: String,
    buffer: String,
}

impl<'a> ValueSeries<'a> {
    fn new(name: &'a str, tells_value: bool, groups: Vec<GroupValues>) -> Self {
        let (text, buffer) = (String::new(), String::new());
        ValueSeries { name, tells_value, groups, series: Vec::new(), text, buffer }
    }

    /// The number of the output series; one that is new has the next number.
    fn of_float(&mut self, group: u32, value: Value) -> u32 {
        let value = if self.tells_value { value } else { Value(0) };
        let own = &mut self.groups[group as usize];
        match own.floats.entry(value) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(entry) => {
                let labels = if self.tells_value {
                    self.text.clear();
                    write_f(&mut self.text, f64::from_bits(value.0));
                    own.labels.with_by(self.name, &self.text, &mut self.buffer)
                } else {
                    own.labels.clone()
                };
                self.series.push(OutputSeries::new(labels));
                *entry.insert(self.series.len() as u32 - 1)
            }
        }
    }

    fn of_histogram(&mut self, group: u32, histogram: &Histogram) -> u32 {
        if !self.tells_value {
            return self.of_float(group, Value(0));
        }
        let own = &mut self.groups[group as usize];
        match own.histograms.entry(histogram.to_string()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(entry) => {
                let labels = own.labels.with_by(self.name, entry.key(), &mut self.buffer);
                self.series.push(OutputSeries::new(labels));
                *entry.insert(self.series.len() as u32 - 1)
            }
        }
    }
}

/// The counts of all values.
struct CountedValues {
    steps: usize,
    series: Vec<OutputSeries>,
    counts: Occurrences,
}

impl Operator for CountedValues {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        _: &mut Worker,
        _: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.steps);
        for (to, from) in range.enumerate() {
            self.counts.write(from, &mut out.column_mut(to));
        }
        Ok(())
    }
}
