//! Selectors and range vectors: which times each of them looks at.
//!
//! ```text
//! m offset 1h                     an hour before each step
//! m @ 600                         always at 600 s
//! m[5m]                           the five minutes up to each step
//! sum(m)[1h:5m] offset 1h         sum(m) at steps of its own, the multiples of 5m
//! ```

use super::{
    AtModifier, Builder, Call, DurationExpr, Edges, Expr, Grid, Hints, PlanError, Range, Selector, StepTimes,
    Subquery, TimeRange, Timestamp, VectorSelector, duration, selections, unplannable,
};
use crate::diagnostic::Span;

impl Builder {
    pub(super) fn pinned(&self, at: Option<AtModifier>) -> Option<Timestamp> {
        match at? {
            AtModifier::Timestamp(t) => Some(t),
            AtModifier::Start | AtModifier::End if self.in_parameter => None,
            AtModifier::Start => Some(self.times.start),
            AtModifier::End => Some(self.times.end),
        }
    }

    /// The times that a selector or subquery looks at.
    fn looked_at(&self, grid: Grid, pinned: Option<Timestamp>, offset: i64) -> StepTimes {
        let ends = grid.looked_at(pinned, offset);
        match pinned {
            None => ends,
            Some(_) => StepTimes {
                first: ends.first.saturating_add(self.drift),
                step: if self.in_parameter { grid.step } else { 0 },
            },
        }
    }

    /// `info` looks at info series at the times that the first selector of its first argument looks at.
    pub(super) fn info_times(&self, call: &Call, grid: Grid) -> Result<StepTimes, PlanError> {
        let (pinned, offset) = match call.args.first() {
            Some(arg) => self.first_selector(arg)?.unwrap_or((None, 0)),
            None => (None, 0),
        };
        Ok(grid.looked_at(pinned, offset))
    }

    /// The time that the first selector in `expr` is pinned to, by itself or by a subquery around it, and the offsets
    /// from there on.
    fn first_selector(&self, expr: &Expr) -> Result<Option<(Option<Timestamp>, i64)>, PlanError> {
        let offset = |offset: &Option<DurationExpr>| match offset {
            Some(offset) => duration::signed(offset, self.durations()),
            None => Ok(0),
        };
        let selector = |s: &VectorSelector| Ok(Some((self.pinned(s.at), offset(&s.offset)?)));
        let first_of = |parts: &mut dyn Iterator<Item = &Expr>| {
            for part in parts {
                if let Some(found) = self.first_selector(part)? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        };
        match expr {
            Expr::Vector(s) => selector(s),
            Expr::Matrix(matrix) => selector(&matrix.selector),
            Expr::Number(_) | Expr::String(_) => Ok(None),
            Expr::Paren(paren) => self.first_selector(&paren.inner),
            Expr::Unary(unary) => self.first_selector(&unary.operand),
            Expr::Binary(binary) => first_of(&mut [&binary.lhs, &binary.rhs].into_iter()),
            Expr::Aggregate(aggregate) => first_of(&mut aggregate.args.iter().rev()),
            Expr::Call(call) => first_of(&mut call.args.iter()),
            Expr::Subquery(subquery) => Ok(match self.first_selector(&subquery.inner)? {
                Some((None, inner)) => {
                    Some((self.pinned(subquery.at), inner.saturating_add(offset(&subquery.offset)?)))
                }
                found => found,
            }),
        }
    }

    pub(super) fn range(&mut self, expr: &Expr, grid: Grid, hints: &Hints) -> Result<Range, PlanError> {
        match expr {
            Expr::Paren(paren) => self.range(&paren.inner, grid, hints),
            Expr::Matrix(matrix) => {
                let range = duration::positive(&matrix.range, self.durations())?;
                let selector = self.selector(&matrix.selector, Some(range), grid, hints, matrix.span)?;
                Ok(Range::Select(self.numbered(selector, grid)))
            }
            Expr::Subquery(subquery) => {
                let offset = match &subquery.offset {
                    Some(offset) => duration::signed(offset, self.durations())?,
                    None => 0,
                };
                let step = match &subquery.step {
                    Some(step) => duration::positive(step, self.durations())?,
                    None => 0,
                };
                let step = match (step, &subquery.step) {
                    // A literal is not cut to whole milliseconds before they are divided by it.
                    (0, Some(DurationExpr::Literal(_))) => {
                        let message = "unexpected error: runtime error: integer divide by zero".to_owned();
                        return Err(PlanError { message, span: subquery.span });
                    }
                    (0, _) => self.times.default_subquery_step,
                    (step, _) => step,
                };
                let range = duration::positive(&subquery.range, self.durations())?;
                let pinned = self.pinned(subquery.at);
                let ends = self.looked_at(grid, pinned, offset);
                // The samples of windows that are the same at every step are those of the first one.
                let once = if pinned.is_some() { StepTimes { step: 0, ..ends } } else { ends };
                let inner_grid = grid.subquery(once, range, step);
                let around = self.drift;
                self.drift = match pinned {
                    _ if inner_grid.start != grid.start => 0,
                    Some(at) => offset.saturating_add(grid.start.saturating_sub(at)),
                    None => around.saturating_add(offset),
                };
                let inner = self
                    .with_buckets(|builder| builder.vector(&subquery.inner, inner_grid, &Hints::default()));
                self.drift = around;
                let unmoved = ends.first.saturating_sub(if pinned.is_some() { around } else { 0 });
                Ok(Range::Subquery(Subquery {
                    inner: Box::new(inner?),
                    grid: inner_grid,
                    ends: StepTimes { first: unmoved, ..ends },
                    range,
                    pinned: pinned.is_some(),
                    span: subquery.span,
                }))
            }
            other => Err(unplannable(other.span())),
        }
    }

    /// The selector, with the number of its selection.
    pub(super) fn numbered(&mut self, selector: Selector, grid: Grid) -> Selector {
        let selection = Some(selections::number(&mut self.selections, &selector, grid.steps));
        Selector { selection, ..selector }
    }

    pub(super) fn instant_selector(
        &mut self,
        selector: &VectorSelector,
        grid: Grid,
        hints: &Hints,
    ) -> Result<Selector, PlanError> {
        self.selector(selector, None, grid, hints, selector.span)
    }

    fn selector(
        &mut self,
        selector: &VectorSelector,
        range: Option<i64>,
        grid: Grid,
        hints: &Hints,
        span: Span,
    ) -> Result<Selector, PlanError> {
        let offset = match &selector.offset {
            Some(offset) => duration::signed(offset, self.durations())?,
            None => 0,
        };
        let pinned = self.pinned(selector.at);
        let ends = self.looked_at(grid, pinned, offset);
        let lookback = self.times.lookback;
        let edges = match (selector.anchored, selector.smoothed) {
            (true, _) => Edges::Anchored,
            (_, true) => Edges::Smoothed,
            _ => Edges::Plain,
        };
        // How far before and after the time looked at a sample can play a part.
        let (before, after) = match (range, edges) {
            (None, Edges::Smoothed) => (lookback, lookback),
            (None, _) => (lookback, 0),
            (Some(range), Edges::Plain) => (range, 0),
            (Some(range), Edges::Anchored) => (range.saturating_add(lookback), 0),
            (Some(range), Edges::Smoothed) => (range.saturating_add(lookback), lookback),
        };
        let reads = if grid.steps == 0 {
            TimeRange::new(0, -1)
        } else {
            // What is read goes by the time that is written.
            let written = grid.looked_at(pinned, offset);
            let last = written.at(grid.steps - 1);
            TimeRange::new(written.first.saturating_sub(before).saturating_add(1), last.saturating_add(after))
        };
        Ok(Selector {
            matchers: selector.matchers.clone(),
            ends,
            range: range.unwrap_or(0),
            pinned: pinned.is_some(),
            edges,
            reads,
            hints: hints.clone(),
            stats_only: self.buckets.unneeded && !self.buckets.needed,
            span,
            selection: None,
        })
    }
}
