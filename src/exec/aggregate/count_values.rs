//! `count_values`: how often each value occurs in a group, told by a label that holds the value's text.
//!
//! Which series come out is known only when all samples have been seen. A value may occur at one step only, or at
//! all of them, so each output series begins as a list of steps, and becomes a column once the list is long:
//!
//! ```text
//! count_values("v", m)    m{i="a"}  1 1 2        {v="1"}  2 1 .
//!                         m{i="b"}  1 2 2   ->   {v="2"}  . 1 2
//! ```

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::grouping::Grouping;
use super::open::Opening;
use crate::exec::{BoxedOperator, ExecError, Operator, OutputSeries, QueryContext, Worker, for_each_batch};
use crate::model::column::for_each_set;
use crate::model::go_format::{format_f, quote_bytes};
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
    let groups: Vec<Labels> = grouping.labels(&selection, series).collect();
    let mut counts = ValueCounts { name, tells_value, groups, steps, ..ValueCounts::default() };
    for_each_batch(&*opening.child, steps, worker, context, |range, batch, _| {
        for (i, member) in range.enumerate() {
            let (column, group) = (batch.column(i), grouping.groups[member]);
            let mut last = None;
            for_each_set(column.present, |step| {
                let value = Value::of(column.values[step]);
                let output = match last {
                    Some((before, output)) if before == value => output,
                    _ => counts.output_of_float(group, value),
                };
                last = Some((value, output));
                counts.count(output, step);
            });
            for step in column.histogram_steps() {
                if let Some(histogram) = column.histogram(step) {
                    let output = counts.output_of_histogram(group, histogram);
                    counts.count(output, step);
                }
            }
            context.charge(std::mem::take(&mut counts.uncharged))?;
        }
        Ok(())
    })?;
    Ok(Box::new(CountedValues { steps, series: counts.series, counts: counts.counts }))
}

/// A float as far as its text tells it from others: all NaN are one, 0 and -0 are two.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Value(u64);

impl Value {
    fn of(value: f64) -> Self {
        Value(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }
}

/// The values seen so far, and the output series that each group has for them.
#[derive(Default)]
struct ValueCounts<'a> {
    name: &'a str,
    tells_value: bool,
    groups: Vec<Labels>,
    steps: usize,
    floats: FxHashMap<(u32, Value), usize>,
    histograms: FxHashMap<(u32, String), usize>,
    series: Vec<OutputSeries>,
    counts: Vec<StepCounts>,
    /// Room taken that the budget does not know of yet.
    uncharged: usize,
}

impl ValueCounts<'_> {
    fn output_of_float(&mut self, group: u32, value: Value) -> usize {
        let value = if self.tells_value { value } else { Value(0) };
        if let Some(&output) = self.floats.get(&(group, value)) {
            return output;
        }
        let output = self.new_output(group, &format_f(f64::from_bits(value.0)));
        self.floats.insert((group, value), output);
        output
    }

    fn output_of_histogram(&mut self, group: u32, histogram: &Histogram) -> usize {
        if !self.tells_value {
            return self.output_of_float(group, Value(0));
        }
        let key = (group, histogram.to_string());
        if let Some(&output) = self.histograms.get(&key) {
            return output;
        }
        let output = self.new_output(group, &key.1);
        self.histograms.insert(key, output);
        output
    }

    fn new_output(&mut self, group: u32, text: &str) -> usize {
        let labels = &self.groups[group as usize];
        let labels = if self.tells_value { labels.with(self.name, text) } else { labels.clone() };
        self.series.push(OutputSeries::new(labels));
        self.counts.push(StepCounts::Listed(Vec::new()));
        self.counts.len() - 1
    }

    /// Counts one more sample of `output` at `step`.
    fn count(&mut self, output: usize, step: usize) {
        match &mut self.counts[output] {
            StepCounts::Column(counts) => counts[step] += 1,
            StepCounts::Listed(list) if list.len() > self.steps / 4 => {
                let mut counts = vec![0; self.steps];
                list.iter().for_each(|&step| counts[step as usize] += 1);
                counts[step] += 1;
                self.uncharged += self.steps;
                self.counts[output] = StepCounts::Column(counts.into());
            }
            StepCounts::Listed(list) => {
                list.push(step as u32);
                self.uncharged += 1;
            }
        }
    }
}

/// How often one value occurs at each step.
enum StepCounts {
    /// A step for each occurrence, in no order.
    Listed(Vec<u32>),
    /// A count for each step.
    Column(Box<[u32]>),
}

/// The counts of all values.
struct CountedValues {
    steps: usize,
    series: Vec<OutputSeries>,
    counts: Vec<StepCounts>,
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
            let mut column = out.column_mut(to);
            match &self.counts[from] {
                StepCounts::Listed(list) => {
                    for &step in list {
                        let step = step as usize;
                        let before = if column.has(step) { column.values[step] } else { 0.0 };
                        column.set(step, before + 1.0);
                    }
                }
                StepCounts::Column(counts) => {
                    for (step, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                        column.set(step, f64::from(count));
                    }
                }
            }
        }
        Ok(())
    }
}
