//! An operator between two vectors: `a + b`, `a / on (job) group_left b`.
//!
//! Mostly every series has at most one partner. Then the pairs are found once a query, and the columns of each pair
//! are combined as a whole, a batch at a time: [`PairJoin`]. Where a partner can change from step to step, because
//! several series have one signature or missing ones are filled in, the steps are gone through one by one
//! ([`super::step_join`]).

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::arithmetic::{self, Operand, Outcome, Sample};
use super::context::QueryContext;
use super::drive::collect;
use super::error::ExecError;
use super::gather::{gather, hear_out};
use super::map::{Empty, Ready};
use super::matching::{Signatures, signatures};
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::step_join::step_join;
use crate::model::annotation::CallSpans;
use crate::model::labels::is_metadata;
use crate::model::{Batch, Column, ColumnMut, Labels};
use crate::plan::Grid;
use crate::syntax::ast::{BinaryOp, Grouping, VectorMatching};

/// What is joined, and how.
pub(crate) struct JoinSpec {
    pub(crate) op: BinaryOp,
    pub(crate) return_bool: bool,
    pub(crate) matching: VectorMatching,
    pub(crate) grid: Grid,
    pub(crate) spans: CallSpans,
}

impl JoinSpec {
    /// Whether several series on one side may meet the same one on the other.
    pub(crate) fn many_to_one(&self) -> bool {
        self.matching.grouping != Grouping::None
    }

    /// Whether "many" is the right side.
    pub(crate) fn swapped(&self) -> bool {
        self.matching.grouping == Grouping::Right
    }

    /// The labels of what `many` and `one` give.
    pub(crate) fn result(&self, many: &Labels, one: &Labels, context: &QueryContext) -> OutputSeries {
        let changes_meaning = !(self.op.is_comparison() || self.op.is_trim());
        let drop_metadata = changes_meaning || (self.return_bool && !context.delayed_name_removal);
        let named = |name: &str| self.matching.labels.iter().any(|l| l.name == name);
        let on = self.matching.on == Some(true);
        let one_to_one = !self.many_to_one();
        let kept = many.filter(|name| {
            !(drop_metadata && is_metadata(name))
                && (!one_to_one || if on { named(name) } else { !named(name) })
        });
        let labels = if self.matching.include.is_empty() {
            kept
        } else {
            let mut builder = kept.builder();
            for label in &self.matching.include {
                builder.set(&label.name, one.value(&label.name));
            }
            builder.build()
        };
        OutputSeries { labels, drop_name: self.return_bool }
    }
}

/// Opens a join.
pub(crate) fn open<'s>(
    spec: JoinSpec,
    left: BoxedOperator<'s>,
    right: BoxedOperator<'s>,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let fills = spec.matching.fill_left.is_some() || spec.matching.fill_right.is_some();
    if !fills && (left.series().is_empty() || right.series().is_empty()) {
        hear_out(&*left, 0..left.series().len(), worker, context)?;
        hear_out(&*right, 0..right.series().len(), worker, context)?;
        return Ok(Box::new(Empty));
    }
    let numbers = signatures(&spec.matching, left.series(), right.series());
    let span = spec.spans.call;
    let grid = spec.grid;
    let pairs = if fills { None } else { pairs(&spec, &numbers, &*left, &*right, context) };
    if let Some(pairs) = pairs {
        for (operand, paired) in [(&left, &pairs.left), (&right, &pairs.right)] {
            if !operand.can_object() || !spec.many_to_one() && paired.len() == operand.series().len() {
                continue;
            }
            let mut alone = vec![true; operand.series().len()];
            paired.iter().for_each(|&i| alone[i as usize] = false);
            hear_out(&**operand, (0..alone.len()).filter(|&i| alone[i]), worker, context)?;
        }
        let again = pairs.again(&spec);
        let join = PairJoin { left, right, pairs, spec, ready: None };
        let join = if again { join.with_one_side_ready(worker, context)? } else { join };
        return Ok(merge_duplicates(Box::new(join), Duplicates::Join, grid, span));
    }
    step_join(&spec, &*left, &*right, &numbers, worker, context)
}

/// Which series meet, and what they give.
struct Pairs {
    left: Vec<u32>,
    right: Vec<u32>,
    series: Vec<OutputSeries>,
}

impl Pairs {
    /// Whether the series of the "one" side are needed again and again, or in another order than they come in.
    fn again(&self, spec: &JoinSpec) -> bool {
        let one = if spec.swapped() { &self.left } else { &self.right };
        spec.many_to_one() && !one.is_sorted_by(|a, b| a < b)
    }
}

/// The pairs, if every series has at most one partner at whatever step.
fn pairs(
    spec: &JoinSpec,
    numbers: &Signatures,
    left: &dyn Operator,
    right: &dyn Operator,
    context: &QueryContext,
) -> Option<Pairs> {
    const NOBODY: u32 = u32::MAX;
    let (many, one) = if spec.swapped() { (right, left) } else { (left, right) };
    let (many_numbers, one_numbers) =
        if spec.swapped() { (&numbers.right, &numbers.left) } else { (&numbers.left, &numbers.right) };
    let mut partner = vec![NOBODY; numbers.count];
    for (i, &number) in one_numbers.iter().enumerate() {
        let place = &mut partner[number as usize];
        if *place != NOBODY {
            return None;
        }
        *place = i as u32;
    }
    let mut taken = vec![false; if spec.many_to_one() { 0 } else { numbers.count }];
    let mut results: FxHashSet<(u32, Labels)> = FxHashSet::default();
    let most = many_numbers.len();
    let mut pairs = Pairs {
        left: Vec::with_capacity(most),
        right: Vec::with_capacity(most),
        series: Vec::with_capacity(most),
    };
    for (i, &number) in many_numbers.iter().enumerate() {
        let p = partner[number as usize];
        if p == NOBODY {
            continue;
        }
        let result = spec.result(&many.series()[i].labels, &one.series()[p as usize].labels, context);
        if spec.many_to_one() {
            if !results.insert((number, result.labels.clone())) {
                return None;
            }
        } else if std::mem::replace(&mut taken[number as usize], true) {
            return None;
        }
        let (l, r) = if spec.swapped() { (p, i as u32) } else { (i as u32, p) };
        pairs.left.push(l);
        pairs.right.push(r);
        pairs.series.push(result);
    }
    Some(pairs)
}

struct PairJoin<'s> {
    left: BoxedOperator<'s>,
    right: BoxedOperator<'s>,
    pairs: Pairs,
    spec: JoinSpec,
    /// The columns of the "one" side, when several series meet one: they are needed again and again.
    ready: Option<Batch>,
}

impl PairJoin<'_> {
    fn with_one_side_ready(mut self, worker: &mut Worker, context: &QueryContext) -> Result<Self, ExecError> {
        let steps = self.spec.grid.steps;
        let one = if self.spec.swapped() { &mut self.left } else { &mut self.right };
        let columns = collect(&**one, steps, worker, context)?;
        *one = Box::new(Ready { series: one.series().to_vec(), columns: Batch::default() });
        self.ready = Some(columns);
        Ok(self)
    }
}

impl Operator for PairJoin<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.pairs.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        let steps = self.spec.grid.steps;
        let (left, right) = (&self.pairs.left[range.clone()], &self.pairs.right[range.clone()]);
        let mut other = worker.take();
        let from_ready = |wanted: &[u32], ready: &Batch, out: &mut Batch| {
            out.reset(wanted.len(), steps);
            for (i, &column) in wanted.iter().enumerate() {
                out.column_mut(i).copy_from(ready.column(column as usize));
            }
        };
        match &self.ready {
            Some(ready) if self.spec.swapped() => {
                from_ready(left, ready, out);
                gather(&*self.right, right, steps, &mut other, worker, context)?;
            }
            Some(ready) => {
                gather(&*self.left, left, steps, out, worker, context)?;
                for (i, &column) in right.iter().enumerate() {
                    self.combine(
                        &mut out.column_mut(i),
                        ready.column(column as usize),
                        range.start + i,
                        worker,
                    );
                }
                worker.give(other);
                return Ok(());
            }
            None => {
                gather(&*self.left, left, steps, out, worker, context)?;
                gather(&*self.right, right, steps, &mut other, worker, context)?;
            }
        }
        for (i, series) in range.enumerate() {
            self.combine(&mut out.column_mut(i), other.column(i), series, worker);
        }
        worker.give(other);
        Ok(())
    }
}

impl PairJoin<'_> {
    /// `left = left op right`, for one pair.
    fn combine(&self, left: &mut ColumnMut<'_>, right: Column<'_>, series: usize, worker: &mut Worker) {
        let JoinSpec { op, return_bool, .. } = self.spec;
        if left.histograms.get().is_none() && right.histograms.is_none() && !op.is_trim() {
            for (left, right) in left.present.iter_mut().zip(right.present) {
                *left &= right;
            }
            arithmetic::apply(op, return_bool, left.values, left.present, Operand::Column(right.values));
            return;
        }
        for step in 0..left.steps() {
            let histogram = left.as_column().histogram(step).map(Arc::clone);
            let lhs = match (&histogram, left.as_column().get(step)) {
                (Some(h), _) => Some(Sample::Histogram(h)),
                (None, value) => value.map(Sample::Float),
            };
            left.unset(step);
            if let Some(slot) = left.histograms.get_mut() {
                slot[step] = None;
            }
            let (Some(lhs), Some(rhs)) = (lhs, sample_at(right, step)) else {
                continue;
            };
            match combine_samples(op, return_bool, lhs, rhs) {
                (Some(Outcome::Float(value)), note) => {
                    left.set(step, value);
                    note.into_iter().for_each(|n| worker.say_last(&self.spec.spans, step, series, n));
                }
                (Some(Outcome::Histogram(h)), note) => {
                    left.set_histogram(step, h);
                    note.into_iter().for_each(|n| worker.say_last(&self.spec.spans, step, series, n));
                }
                (None, note) => {
                    note.into_iter().for_each(|n| worker.say_last(&self.spec.spans, step, series, n));
                }
            }
        }
    }
}

/// What a column has at a step.
pub(crate) fn sample_at<'a>(column: Column<'a>, step: usize) -> Option<Sample<'a>> {
    match column.histogram(step) {
        Some(h) => Some(Sample::Histogram(h)),
        None => column.get(step).map(Sample::Float),
    }
}

/// One element of a join: what it gives, if anything, and what there is to say.
pub(crate) fn combine_samples(
    op: BinaryOp,
    return_bool: bool,
    lhs: Sample<'_>,
    rhs: Sample<'_>,
) -> (Option<Outcome>, Option<crate::model::Annotation>) {
    let result = match (lhs, rhs) {
        (Sample::Float(a), Sample::Float(b)) if op.is_comparison() => {
            Ok((Outcome::Float(a), arithmetic::scalar_op(op, a, b) == 1.0, None))
        }
        (Sample::Float(a), Sample::Float(b)) if !op.is_trim() => {
            Ok((Outcome::Float(arithmetic::scalar_op(op, a, b)), true, None))
        }
        _ => arithmetic::mixed(op, lhs, rhs),
    };
    match result {
        Err(note) => (None, Some(note)),
        Ok((_, keep, note)) if return_bool => (Some(Outcome::Float(f64::from(u8::from(keep)))), note),
        Ok((outcome, true, note)) => (Some(outcome), note),
        Ok((_, false, note)) => (None, note),
    }
}
