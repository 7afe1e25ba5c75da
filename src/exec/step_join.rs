//! A join in which partners change from step to step, gone through step by step as Prometheus does.
//!
//! Needed when several series of a side have one signature (fine as long as no step has two of them where one is
//! allowed), and when `fill` stands in for missing ones.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arithmetic::{Outcome, Sample};
use super::context::QueryContext;
use super::drive::collect;
use super::error::ExecError;
use super::join::{JoinSpec, combine_samples, sample_at};
use super::map::Ready;
use super::matching::{SignatureKey, Signatures};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::model::{Batch, Labels};

/// One side of the join.
struct Side<'a> {
    series: &'a [OutputSeries],
    numbers: &'a [u32],
    columns: Batch,
    /// What stands for a series that is missing on this side.
    fill: Option<f64>,
}

/// A series of a side, or what was filled in for one. The number is that of the series or of the signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Partner {
    Series(u32),
    Filled(u32),
}

/// The outputs found so far.
struct Results {
    series: Vec<OutputSeries>,
    by_labels: FxHashMap<Labels, usize>,
    by_pair: FxHashMap<(Partner, Partner), usize>,
    /// What each output has at each step it has something at.
    points: Vec<Vec<(usize, Outcome)>>,
}

/// The whole join, evaluated.
pub(crate) fn step_join<'s>(
    spec: &JoinSpec,
    left: &dyn Operator,
    right: &dyn Operator,
    numbers: &Signatures,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let steps = spec.grid.steps;
    let left = Side {
        series: left.series(),
        numbers: &numbers.left,
        columns: collect(left, steps, worker, context)?,
        fill: spec.matching.fill_left,
    };
    let right = Side {
        series: right.series(),
        numbers: &numbers.right,
        columns: collect(right, steps, worker, context)?,
        fill: spec.matching.fill_right,
    };
    // Fill values keep their places when the sides are swapped: `fill_left` then stands for the missing "many"
    // (`VectorBinop` in promql/engine.go).
    let (many, one) = if spec.swapped() {
        (Side { fill: left.fill, ..right }, Side { fill: right.fill, ..left })
    } else {
        (left, right)
    };
    let mut join = StepJoin {
        spec,
        many,
        one,
        one_here: vec![None; numbers.count],
        matched: vec![false; numbers.count],
        given: FxHashSet::default(),
        results: Results {
            series: Vec::new(),
            by_labels: FxHashMap::default(),
            by_pair: FxHashMap::default(),
            points: Vec::new(),
        },
    };
    for step in 0..steps {
        if step % 64 == 0 {
            context.check()?;
        }
        join.step(step, worker, context)?;
    }
    let held = join.many.columns.columns() + join.one.columns.columns();
    let ready = join.results.into_columns(steps, context)?;
    context.release(held * steps);
    Ok(Box::new(ready))
}

struct StepJoin<'a> {
    spec: &'a JoinSpec,
    many: Side<'a>,
    one: Side<'a>,
    /// For each signature the series of the "one" side that is there at this step.
    one_here: Vec<Option<u32>>,
    /// Whether the signature has given a result at this step.
    matched: Vec<bool>,
    /// The results that signatures have given at this step.
    given: FxHashSet<(u32, usize)>,
    results: Results,
}

impl StepJoin<'_> {
    fn step(&mut self, step: usize, worker: &mut Worker, context: &QueryContext) -> Result<(), ExecError> {
        let many_here = present(&self.many, step);
        let one_here = present(&self.one, step);
        let fills = self.many.fill.is_some() || self.one.fill.is_some();
        if many_here.is_empty() && one_here.is_empty()
            || !fills && (many_here.is_empty() || one_here.is_empty())
        {
            return Ok(());
        }
        self.one_here.fill(None);
        self.matched.fill(false);
        self.given.clear();
        for &i in &one_here {
            let number = self.one.numbers[i as usize] as usize;
            if let Some(other) = self.one_here[number] {
                return Err(self.duplicate_on_one_side(i, other));
            }
            self.one_here[number] = Some(i);
        }
        for &i in &many_here {
            let number = self.many.numbers[i as usize];
            match (self.one_here[number as usize], self.one.fill) {
                (Some(o), _) => {
                    self.pair(step, number, Partner::Series(i), Partner::Series(o), worker, context)?;
                }
                (None, Some(_)) => {
                    self.pair(step, number, Partner::Series(i), Partner::Filled(i), worker, context)?;
                }
                (None, None) => {}
            }
        }
        if self.many.fill.is_some() {
            for &o in &one_here {
                let number = self.one.numbers[o as usize];
                if !self.matched[number as usize] {
                    self.pair(step, number, Partner::Filled(o), Partner::Series(o), worker, context)?;
                }
            }
        }
        Ok(())
    }

    fn pair(
        &mut self,
        step: usize,
        number: u32,
        many: Partner,
        one: Partner,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        let spec = self.spec;
        let (m, o) = (sample(&self.many, many, step), sample(&self.one, one, step));
        let (Some(m), Some(o)) = (m, o) else {
            return Ok(());
        };
        let (lhs, rhs) = if spec.swapped() { (o, m) } else { (m, o) };
        let (outcome, note) = combine_samples(spec.op, spec.return_bool, lhs, rhs);
        let refused = outcome.is_none() && note.is_some();
        let series = match many {
            Partner::Series(i) => i as usize,
            Partner::Filled(o) => self.many.series.len() + o as usize,
        };
        note.into_iter().for_each(|note| worker.say_last(&spec.spans, step, series, note));
        if refused {
            return Ok(());
        }
        let place = match self.results.by_pair.get(&(many, one)) {
            Some(&place) => place,
            None => {
                let result = self.result(many, one, context);
                self.results.place(many, one, result)
            }
        };
        let first = !std::mem::replace(&mut self.matched[number as usize], true);
        if !spec.many_to_one() && !first {
            return Err(self.error(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
            ));
        }
        if spec.many_to_one() && !self.given.insert((number, place)) {
            return Err(self.error("multiple matches for labels: grouping labels must ensure unique matches"));
        }
        if let Some(outcome) = outcome {
            let points = &mut self.results.points[place];
            if points.last().is_some_and(|(last, _)| *last == step) {
                return Err(ExecError::DuplicateLabels(spec.spans.call));
            }
            points.push((step, outcome));
        }
        Ok(())
    }

    fn result(&self, many: Partner, one: Partner, context: &QueryContext) -> OutputSeries {
        let key = SignatureKey::new(&self.spec.matching);
        let many_labels = match many {
            Partner::Series(i) => self.many.series[i as usize].labels.clone(),
            Partner::Filled(o) => key.labels(&self.one.series[o as usize].labels),
        };
        let one_labels = match one {
            Partner::Series(o) => self.one.series[o as usize].labels.clone(),
            Partner::Filled(i) => key.labels(&self.many.series[i as usize].labels),
        };
        self.spec.result(&many_labels, &one_labels, context)
    }

    fn error(&self, message: &str) -> ExecError {
        ExecError::Evaluation(message.to_owned(), self.spec.spans.call)
    }

    fn duplicate_on_one_side(&self, a: u32, b: u32) -> ExecError {
        let (a, b) = (&self.one.series[a as usize].labels, &self.one.series[b as usize].labels);
        let group = SignatureKey::new(&self.spec.matching).labels(a);
        let mut names = [a.in_braces(), b.in_braces()];
        names.sort();
        let side = if self.spec.swapped() { "left" } else { "right" };
        self.error(&format!(
            "found duplicate series for the match group {0} on the {side} hand-side of the operation: [{1}, {2}]\
             ;many-to-many matching not allowed: matching labels must be unique on one side",
            group.in_braces(), names[0],
            names[1]
        ))
    }
}

fn present(side: &Side<'_>, step: usize) -> Vec<u32> {
    (0..side.columns.columns())
        .filter(|&i| sample_at(side.columns.column(i), step).is_some())
        .map(|i| i as u32)
        .collect()
}

fn sample<'a>(side: &'a Side<'_>, partner: Partner, step: usize) -> Option<Sample<'a>> {
    match partner {
        Partner::Series(i) => sample_at(side.columns.column(i as usize), step),
        Partner::Filled(_) => side.fill.map(Sample::Float),
    }
}

impl Results {
    fn place(&mut self, many: Partner, one: Partner, result: OutputSeries) -> usize {
        let place = *self.by_labels.entry(result.labels.clone()).or_insert_with(|| {
            self.series.push(result);
            self.points.push(Vec::new());
            self.series.len() - 1
        });
        self.by_pair.insert((many, one), place);
        place
    }

    fn into_columns(self, steps: usize, context: &QueryContext) -> Result<Ready, ExecError> {
        context.charge(self.series.len() * steps)?;
        let mut columns = Batch::default();
        columns.reset(self.series.len(), steps);
        for (i, points) in self.points.into_iter().enumerate() {
            let mut column = columns.column_mut(i);
            for (step, outcome) in points {
                match outcome {
                    Outcome::Float(value) => column.set(step, value),
                    Outcome::Histogram(h) => column.set_histogram(step, Arc::clone(&h)),
                }
            }
        }
        Ok(Ready { series: self.series, columns })
    }
}
