//! `and`, `or` and `unless`: presence decides, values stay as they are.
//!
//! What matters of a side is, for each signature, at which steps any of its series is there: one row of bits.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::QueryContext;
use super::drive::{collect, for_each_batch};
use super::error::ExecError;
use super::gather::{gather, hear_out};
use super::join::JoinSpec;
use super::map::Ready;
use super::matching::signatures;
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::model::{Batch, Column, ColumnMut, Labels};
use crate::syntax::ast::BinaryOp;

/// Opens a set operator.
pub(crate) fn open<'s>(
    spec: JoinSpec,
    left: BoxedOperator<'s>,
    right: BoxedOperator<'s>,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let numbers = signatures(&spec.matching, left.series(), right.series());
    let steps = spec.grid.steps;
    if spec.op == BinaryOp::Or {
        return or(spec, left, right, &numbers.left, &numbers.right, worker, context);
    }
    let presence = Presence::of(&*right, &numbers.right, numbers.count, steps, worker, context)?;
    let wanted: Vec<u32> = (0..left.series().len() as u32)
        .filter(|&i| spec.op == BinaryOp::Unless || presence.any(numbers.left[i as usize]))
        .collect();
    let left_out =
        (0..left.series().len()).filter(|&i| spec.op == BinaryOp::And && !presence.any(numbers.left[i]));
    hear_out(&*left, left_out, worker, context)?;
    let series = wanted.iter().map(|&i| left.series()[i as usize].clone()).collect();
    let rows = wanted.iter().map(|&i| Some(numbers.left[i as usize])).collect();
    let keep_where_present = spec.op == BinaryOp::And;
    Ok(Box::new(Masked { child: left, wanted, series, rows, presence, keep_where_present, steps }))
}

fn or<'s>(
    spec: JoinSpec,
    left: BoxedOperator<'s>,
    right: BoxedOperator<'s>,
    left_numbers: &[u32],
    right_numbers: &[u32],
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let steps = spec.grid.steps;
    let count = left_numbers.iter().chain(right_numbers).max().map_or(0, |&n| n as usize + 1);
    let mut on_left = vec![false; count];
    left_numbers.iter().for_each(|&n| on_left[n as usize] = true);
    let shared = right_numbers.iter().any(|&n| on_left[n as usize]);
    let mut left_series = left.series().to_vec();
    let (left, right): (BoxedOperator<'s>, BoxedOperator<'s>) = if shared {
        // The left side is looked at twice, so it is kept.
        let columns = collect(&*left, steps, worker, context)?;
        let left = Ready { series: left.series().to_vec(), columns };
        let presence = Presence::of(&left, left_numbers, count, steps, worker, context)?;
        let masked = Masked {
            wanted: (0..right.series().len() as u32).collect(),
            series: right.series().to_vec(),
            rows: right_numbers.iter().map(|&n| on_left[n as usize].then_some(n)).collect(),
            child: right,
            presence,
            keep_where_present: false,
            steps,
        };
        if context.delayed_name_removal {
            settle_names(&mut left_series, &left.columns, &masked, worker, context)?;
        }
        (Box::new(left), Box::new(masked))
    } else {
        (left, right)
    };
    let series = left_series.iter().chain(right.series()).cloned().collect();
    let union = Box::new(Union { left, right, series, steps });
    Ok(merge_duplicates(union, Duplicates::Join, spec.grid, spec.spans.call))
}

/// Where a series of either side has the same labels, but only one of them is to drop its name in the end, the side with
/// the first sample decides.
fn settle_names(
    left: &mut [OutputSeries],
    left_columns: &Batch,
    right: &Masked<'_>,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<(), ExecError> {
    let places: FxHashMap<Labels, usize> =
        left.iter().enumerate().map(|(place, series)| (series.labels.clone(), place)).collect();
    let mut batch = worker.take();
    for (i, series) in right.series.iter().enumerate() {
        let Some(&place) = places.get(&series.labels) else { continue };
        if left[place].drop_name == series.drop_name {
            continue;
        }
        right.columns(i..i + 1, &mut batch, worker, context)?;
        if first_step(batch.column(0)) < first_step(left_columns.column(place)) {
            left[place].drop_name = series.drop_name;
        }
    }
    worker.give(batch);
    Ok(())
}

/// The first step that has a sample; beyond all steps if none has.
fn first_step(column: Column<'_>) -> usize {
    let word = column.present.iter().position(|word| *word != 0);
    let float = word.map_or(usize::MAX, |i| i * 64 + column.present[i].trailing_zeros() as usize);
    let histogram = column.histograms.unwrap_or_default().iter().position(Option::is_some);
    float.min(histogram.unwrap_or(usize::MAX))
}

/// For each signature the steps at which any of its series is there.
struct Presence {
    words: usize,
    bits: Vec<u64>,
}

impl Presence {
    fn of(
        operator: &dyn Operator,
        numbers: &[u32],
        count: usize,
        steps: usize,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<Self, ExecError> {
        let words = steps.div_ceil(64);
        let mut presence = Presence { words, bits: vec![0; words * count] };
        for_each_batch(operator, steps, worker, context, |range, batch, _| {
            for (column, i) in range.enumerate() {
                presence.add(numbers[i], batch.column(column));
            }
            Ok(())
        })?;
        Ok(presence)
    }

    fn row(&self, number: u32) -> &[u64] {
        &self.bits[number as usize * self.words..(number as usize + 1) * self.words]
    }

    fn any(&self, number: u32) -> bool {
        self.row(number).iter().any(|w| *w != 0)
    }

    fn add(&mut self, number: u32, column: Column<'_>) {
        let row = &mut self.bits[number as usize * self.words..(number as usize + 1) * self.words];
        for (word, present) in row.iter_mut().zip(column.present) {
            *word |= present;
        }
        for (step, _) in column.histograms.unwrap_or_default().iter().enumerate().filter(|(_, h)| h.is_some())
        {
            row[step / 64] |= 1 << (step % 64);
        }
    }
}

/// Some series of `child`, only at the steps that a row of bits leaves them.
struct Masked<'s> {
    child: BoxedOperator<'s>,
    wanted: Vec<u32>,
    series: Vec<OutputSeries>,
    /// The row for each wanted series; without one the series stays whole.
    rows: Vec<Option<u32>>,
    presence: Presence,
    keep_where_present: bool,
    steps: usize,
}

impl Operator for Masked<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        gather(&*self.child, &self.wanted[range.clone()], self.steps, out, worker, context)?;
        for (column, i) in range.enumerate() {
            if let Some(row) = self.rows[i] {
                mask(&mut out.column_mut(column), self.presence.row(row), self.keep_where_present);
            }
        }
        Ok(())
    }
}

fn mask(column: &mut ColumnMut<'_>, row: &[u64], keep_where_present: bool) {
    let flip = if keep_where_present { 0 } else { u64::MAX };
    for (word, bits) in column.present.iter_mut().zip(row) {
        *word &= bits ^ flip;
    }
    for (step, slot) in column.histograms.get_mut().unwrap_or_default().iter_mut().enumerate() {
        if (row[step / 64] ^ flip) >> (step % 64) & 1 == 0 {
            *slot = None;
        }
    }
}

/// All series of one operator, then all of another.
struct Union<'s> {
    left: BoxedOperator<'s>,
    right: BoxedOperator<'s>,
    series: Vec<OutputSeries>,
    steps: usize,
}

impl Operator for Union<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        let border = self.left.series().len();
        if range.end <= border {
            return self.left.columns(range, out, worker, context);
        }
        if range.start >= border {
            return self.right.columns(range.start - border..range.end - border, out, worker, context);
        }
        let mut piece = worker.take();
        out.reset(range.len(), self.steps);
        self.left.columns(range.start..border, &mut piece, worker, context)?;
        let on_left = border - range.start;
        for i in 0..on_left {
            out.column_mut(i).copy_from(piece.column(i));
        }
        self.right.columns(0..range.end - border, &mut piece, worker, context)?;
        for i in on_left..range.len() {
            out.column_mut(i).copy_from(piece.column(i - on_left));
        }
        worker.give(piece);
        Ok(())
    }
}
