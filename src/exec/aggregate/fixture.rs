//! Aggregations over series written as text, for tests.
//!
//! ```text
//! Call::of("sum").by(&["g"]).over(&["g=a,i=1: 1 2 _", "g=a,i=2: 3 _ _"])
//!     ->  {g="a"}: 4 2 _
//! ```
//!
//! A `!` before the labels says that the series drops its name. A histogram is written as in test scripts.

use super::{AggregateSpec, Parameter, open};
use crate::aggregations::lookup;
use crate::diagnostic::Span;
use crate::exec::map::Ready;
use crate::exec::{BoxedOperator, ExecError, OutputSeries, QueryContext, QueryLimits, Worker, collect};
use crate::model::annotation::CallSpans;
use crate::model::go_format::format_g;
use crate::model::histogram::notation::parse_histogram;
use crate::model::{Batch, Labels, TimeRange};
use crate::plan::Grid;
use std::sync::Arc;

/// A call of an aggregation.
pub(super) struct Call {
    name: &'static str,
    without: bool,
    grouping: Arc<[String]>,
    parameter: Option<Parameter>,
    delayed_name_removal: bool,
    max_samples: u64,
}

/// What came of it: a line for each series with any sample, and the notes with the place that they speak of.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) lines: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl Call {
    pub(super) fn of(name: &'static str) -> Self {
        Call {
            name,
            without: false,
            grouping: Arc::default(),
            parameter: None,
            delayed_name_removal: false,
            max_samples: QueryLimits::default().max_samples,
        }
    }

    pub(super) fn by(mut self, labels: &[&str]) -> Self {
        self.grouping = labels.iter().map(|&label| label.into()).collect();
        self
    }

    pub(super) fn without(mut self, labels: &[&str]) -> Self {
        self.without = true;
        self.by(labels)
    }

    pub(super) fn scalar(mut self, values: &[f64]) -> Self {
        self.parameter = Some(Parameter::Scalar(values.to_vec()));
        self
    }

    pub(super) fn string(mut self, text: &[u8]) -> Self {
        self.parameter = Some(Parameter::String(text.to_vec()));
        self
    }

    pub(super) fn delayed(mut self) -> Self {
        self.delayed_name_removal = true;
        self
    }

    pub(super) fn max_samples(mut self, max_samples: u64) -> Self {
        self.max_samples = max_samples;
        self
    }

    /// Runs over series written as text; panics where the query fails.
    pub(super) fn over(&self, lines: &[&str]) -> Outcome {
        self.try_over(lines).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs over series written as text.
    pub(super) fn try_over(&self, lines: &[&str]) -> Result<Outcome, ExecError> {
        let steps = match &self.parameter {
            Some(Parameter::Scalar(values)) => values.len(),
            _ => 1,
        };
        let input = input(lines, steps);
        let steps = input.columns.steps();
        let mut worker = Worker::default();
        let (series, columns) = self.run(input, steps, &mut worker)?;
        let mut outcome = Outcome { lines: Vec::new(), notes: Vec::new() };
        for (i, one) in series.iter().enumerate().filter(|(i, _)| !columns.column(*i).is_empty()) {
            let drop = if one.drop_name { "!" } else { "" };
            let mut line = format!("{drop}{}:", one.labels);
            for step in 0..steps {
                line.push(' ');
                match (columns.column(i).get(step), columns.column(i).histogram(step)) {
                    (Some(value), None) => line.push_str(&format_g(value)),
                    (None, Some(histogram)) => line.push_str(&histogram.test_expression()),
                    (None, None) => line.push('_'),
                    (Some(_), Some(_)) => panic!("float and histogram at step {step} of {line}"),
                }
            }
            outcome.lines.push(line);
        }
        for (annotation, span) in worker.into_annotations().iter() {
            let place =
                [CALL, PARAMETER, VECTOR].iter().find(|(_, s)| *s == span).map_or("?", |(name, _)| name);
            outcome.notes.push(format!("{place}: {annotation}"));
        }
        Ok(outcome)
    }

    /// Runs over columns.
    pub(super) fn run(
        &self,
        input: Ready,
        steps: usize,
        worker: &mut Worker,
    ) -> Result<(Vec<OutputSeries>, Batch), ExecError> {
        let limits = QueryLimits { max_samples: self.max_samples, ..QueryLimits::default() };
        let mut context = QueryContext::new(TimeRange::new(0, steps as i64 - 1), 1, 300_000, limits);
        context.delayed_name_removal = self.delayed_name_removal;
        let each = match self.parameter {
            Some(_) => vec![PARAMETER.1, VECTOR.1],
            None => vec![VECTOR.1],
        };
        let spec = AggregateSpec {
            aggregation: lookup(self.name).unwrap_or_else(|| panic!("no aggregation {}", self.name)),
            without: self.without,
            grouping: self.grouping.clone(),
            parameter: self.parameter.clone(),
            spans: CallSpans { call: CALL.1, each: each.iter().copied().collect(), ..CallSpans::default() },
        };
        let grid = Grid::new(0, steps as i64 - 1, 1);
        let operator: BoxedOperator<'_> = open(spec, Box::new(input), grid, worker, &context)?;
        let columns = collect(&*operator, steps, worker, &context)?;
        Ok((operator.series().to_vec(), columns))
    }
}

const CALL: (&str, Span) = ("call", Span { start: 0, end: 9 });
const PARAMETER: (&str, Span) = ("parameter", Span { start: 5, end: 6 });
const VECTOR: (&str, Span) = ("vector", Span { start: 7, end: 8 });

/// Series written as text; `steps` is for when there are none.
fn input(lines: &[&str], steps: usize) -> Ready {
    let mut series = Vec::new();
    let mut all = Vec::new();
    for line in lines {
        let (labels, samples) = line.split_once(": ").unwrap_or_else(|| panic!("no samples: {line}"));
        let (drop_name, labels) = labels.strip_prefix('!').map_or((false, labels), |rest| (true, rest));
        let pairs = labels.split(',').filter_map(|pair| pair.split_once('='));
        series.push(OutputSeries { labels: Labels::from_pairs(pairs), drop_name });
        all.push(cells(samples));
    }
    let mut columns = Batch::default();
    columns.reset(lines.len(), all.first().map_or(steps, Vec::len));
    for (i, cells) in all.into_iter().enumerate() {
        assert_eq!(cells.len(), columns.steps(), "{}", lines[i]);
        for (step, cell) in cells.into_iter().enumerate() {
            match cell {
                "_" => {}
                cell if cell.starts_with("{{") => {
                    let (histogram, _) = parse_histogram(cell).unwrap_or_else(|e| panic!("{cell}: {e:?}"));
                    columns.column_mut(i).set_histogram(step, Arc::new(histogram));
                }
                cell => {
                    let value = cell.parse().unwrap_or_else(|_| panic!("no number: {cell}"));
                    columns.column_mut(i).set(step, value);
                }
            }
        }
    }
    Ready { series, columns }
}

/// Cuts at spaces outside of histograms.
fn cells(mut text: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    while !text.is_empty() {
        let end = match text.starts_with("{{") {
            true => text.find("}}").map_or(text.len(), |end| end + 2),
            false => text.find(' ').unwrap_or(text.len()),
        };
        cells.push(&text[..end]);
        text = text[end..].trim_start();
    }
    cells
}
