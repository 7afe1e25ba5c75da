//! Builds the plan of a checked expression for the times of one query.
//!
//! The walk carries the grid at which the expression at hand is evaluated. `@`, `offset` and subqueries turn it into
//! the times that each selector looks at; nothing later has to know of them.

mod selectors;

use std::sync::Arc;

use super::PlanError;
use super::check::{aggregation_of, value_type};
use super::duration::{self, QuerySpan};
use super::invariance::Invariants;
use super::node::{
    Hints, Parameter, Plan, QueryTimes, Range, Root, Scalar, Selector, Subquery, Vector, VectorKind,
};
use super::selections::{self, Selection};
use super::times::Grid;
use crate::diagnostic::Span;
use crate::functions::window::{Edges, StepTimes};
use crate::functions::{self, Body, Function, Special, WindowFunction};
use crate::model::annotation::{ArgSpans, CallSpans};
use crate::model::labels::METRIC_NAME;
use crate::model::{Labels, LabelsBuilder, MatchOp, Matcher, TimeRange, Timestamp, ValueType as Kind};
use crate::syntax::ast::{AtModifier, BinaryOp, Call, DurationExpr, Expr, VectorMatching, VectorSelector};

/// Plans `expr`, which [`check`](super::check()) has accepted.
pub fn build(expr: &Expr, times: QueryTimes) -> Result<Plan, PlanError> {
    let grid = Grid::new(times.start, times.end, if times.step == 0 { 1 } else { times.step });
    let mut builder = Builder {
        times,
        invariants: Invariants::find(expr),
        order: 0,
        buckets: Buckets::default(),
        in_parameter: false,
        drift: 0,
        selections: Vec::new(),
    };
    let root = match value_type(expr) {
        Kind::String => match expr.unwrap_parens() {
            Expr::String(text) => Root::String(text.value.clone()),
            other => return Err(unplannable(other.span())),
        },
        Kind::Scalar => Root::Scalar(builder.scalar(expr, grid)?),
        Kind::Vector => Root::Vector(builder.vector(expr, grid, &Hints::default())?),
        Kind::Matrix => Root::Range(builder.range(expr, grid, &Hints::default())?),
    };
    Ok(Plan { root, grid, selections: builder.selections })
}

/// The check lets none of these through; planning an expression that was never checked ends here.
fn unplannable(span: Span) -> PlanError {
    PlanError { message: "this expression has no plan".to_owned(), span }
}

struct Builder {
    times: QueryTimes,
    invariants: Invariants,
    /// Counts operators in the order of evaluation.
    order: u32,
    buckets: Buckets,
    /// Whether the expression at hand is the parameter of an aggregation, which Prometheus does not prepare for `@`
    /// (`preprocessExprHelper` in promql/engine.go): there `@ start()` and `@ end()` do nothing, and a time
    /// that is looked at at the first step is followed by later ones at later steps.
    in_parameter: bool,
    /// By how many ms Prometheus misses the times of `@`: by the offsets of subqueries whose first step is that of
    /// what is around them (`setOffsetForAtModifier`).
    drift: i64,
    selections: Vec<Selection>,
}

/// What the expressions around the one at hand do with the buckets of histograms.
#[derive(Clone, Copy, Debug, Default)]
struct Buckets {
    /// One of them looks at count and sum alone.
    unneeded: bool,
    /// One of them looks at buckets, or repeats and leaves out samples.
    needed: bool,
}

impl Builder {
    fn durations(&self) -> QuerySpan {
        QuerySpan { step: self.times.step, range: self.times.end - self.times.start }
    }

    /// The places of an operator; called when its operands have been built.
    fn spans(&mut self, call: Span, args: Span, each: ArgSpans) -> CallSpans {
        self.order += 1;
        CallSpans { call, args, each, order: self.order }
    }

    /// An argument without the parentheses around it, which stay in the parameter of an aggregation.
    fn bare<'e>(&self, arg: &'e Expr) -> &'e Expr {
        if self.in_parameter { arg } else { arg.unwrap_parens() }
    }

    /// Builds the parameter of an aggregation.
    fn parameter(&mut self, expr: &Expr, grid: Grid) -> Result<Scalar, PlanError> {
        let around = std::mem::replace(&mut self.in_parameter, true);
        let built = self.scalar(expr, grid);
        self.in_parameter = around;
        built
    }

    fn scalar(&mut self, expr: &Expr, grid: Grid) -> Result<Scalar, PlanError> {
        if self.invariants.contains(expr) && grid.steps > 1 {
            return Ok(Scalar::Invariant(Box::new(self.scalar_itself(expr, grid.first_only())?)));
        }
        self.scalar_itself(expr, grid)
    }

    fn scalar_itself(&mut self, expr: &Expr, grid: Grid) -> Result<Scalar, PlanError> {
        match expr {
            Expr::Number(number) => Ok(Scalar::Constant(number.value)),
            Expr::Paren(paren) => self.scalar(&paren.inner, grid),
            Expr::Unary(unary) => {
                let operand = self.scalar(&unary.operand, grid)?;
                Ok(if unary.negative { Scalar::Negate(Box::new(operand)) } else { operand })
            }
            Expr::Binary(binary) => {
                let lhs = self.scalar(&binary.lhs, grid)?;
                let rhs = self.scalar(&binary.rhs, grid)?;
                if binary.op.is_trim() {
                    return Err(PlanError {
                        message: format!("operator \"{}\" not allowed for Scalar operations", binary.op),
                        span: binary.span,
                    });
                }
                Ok(Scalar::Binary(binary.op, Box::new(lhs), Box::new(rhs), binary.span))
            }
            Expr::Call(call) => self.scalar_call(call, grid),
            other => Err(unplannable(other.span())),
        }
    }

    fn scalar_call(&mut self, call: &Call, grid: Grid) -> Result<Scalar, PlanError> {
        let function = functions::lookup(&call.name).ok_or_else(|| unplannable(call.span))?;
        let QueryTimes { start, end, step, .. } = self.times;
        Ok(match function.body {
            Body::Scalar(_) => {
                let args = call.args.iter().map(|arg| self.scalar(arg.unwrap_parens(), grid));
                Scalar::Function(function, args.collect::<Result<_, _>>()?)
            }
            Body::Special(Special::Time) => Scalar::Time,
            Body::Special(Special::Scalar) => {
                Scalar::FromVector(Box::new(self.vector_arg(call, 0, grid, function)?))
            }
            Body::Special(Special::Start) => Scalar::Constant(start as f64 / 1000.0),
            Body::Special(Special::End) => Scalar::Constant(end as f64 / 1000.0),
            Body::Special(Special::Range) => Scalar::Constant((end - start) as f64 / 1000.0),
            Body::Special(Special::Step) => {
                Scalar::Constant(if start == end { 0.0 } else { step as f64 / 1000.0 })
            }
            _ => return Err(unplannable(call.span)),
        })
    }

    fn vector(&mut self, expr: &Expr, grid: Grid, hints: &Hints) -> Result<Vector, PlanError> {
        if self.invariants.contains(expr) && grid.steps > 1 {
            let inner = self.vector_itself(expr, grid.first_only(), hints)?;
            let spans = inner.spans.clone();
            return Ok(Vector { kind: VectorKind::Invariant(Box::new(inner)), spans });
        }
        self.vector_itself(expr, grid, hints)
    }

    fn vector_itself(&mut self, expr: &Expr, grid: Grid, hints: &Hints) -> Result<Vector, PlanError> {
        match expr {
            Expr::Paren(paren) => self.vector(&paren.inner, grid, hints),
            Expr::Unary(unary) => {
                let operand = self.vector(&unary.operand, grid, hints)?;
                if !unary.negative {
                    return Ok(operand);
                }
                let spans = self.spans(unary.span, unary.span, [unary.operand.span()].into_iter().collect());
                Ok(Vector { kind: VectorKind::Negate(Box::new(operand)), spans })
            }
            Expr::Vector(selector) => {
                let selected = self.instant_selector(selector, grid, hints)?;
                let kind = VectorKind::Select(self.numbered(selected, grid));
                let spans = self.spans(selector.span, selector.span, ArgSpans::default());
                Ok(Vector { kind, spans })
            }
            Expr::Binary(binary) if binary.op.is_trim() && !self.buckets.needed => {
                self.with_buckets(|builder| builder.vector_itself(expr, grid, hints))
            }
            Expr::Binary(binary) => {
                let each = [binary.lhs.span(), binary.rhs.span()].into_iter().collect();
                let kind = match (value_type(&binary.lhs), value_type(&binary.rhs)) {
                    (Kind::Vector, Kind::Vector) => {
                        let matching = binary.matching.clone().unwrap_or_else(VectorMatching::default);
                        let lhs = Box::new(self.vector(&binary.lhs, grid, &Hints::default())?);
                        let rhs = Box::new(self.vector(&binary.rhs, grid, &Hints::default())?);
                        if binary.op.is_set() {
                            VectorKind::Set { op: binary.op, matching, lhs, rhs }
                        } else {
                            VectorKind::Join {
                                op: binary.op,
                                return_bool: binary.return_bool,
                                matching,
                                lhs,
                                rhs,
                            }
                        }
                    }
                    (Kind::Vector, _) => {
                        let vector = Box::new(self.vector(&binary.lhs, grid, &Hints::default())?);
                        let scalar = self.scalar(&binary.rhs, grid)?;
                        self.with_scalar(binary.op, binary.return_bool, vector, scalar, false)
                    }
                    _ => {
                        let scalar = self.scalar(&binary.lhs, grid)?;
                        let vector = Box::new(self.vector(&binary.rhs, grid, &Hints::default())?);
                        self.with_scalar(binary.op, binary.return_bool, vector, scalar, true)
                    }
                };
                let spans = self.spans(binary.span, binary.span, each);
                Ok(Vector { kind, spans })
            }
            Expr::Aggregate(aggregate) => {
                let aggregation = aggregation_of(aggregate.op).ok_or_else(|| unplannable(aggregate.span))?;
                let (vector, parameter) = match aggregate.args.as_slice() {
                    [vector] => (vector, None),
                    [parameter, vector] => (vector, Some(parameter)),
                    _ => return Err(unplannable(aggregate.span)),
                };
                let labels: Arc<[String]> =
                    aggregate.grouping.iter().map(|label| label.name.clone()).collect();
                let parameter_node = match parameter.map(Expr::unwrap_parens) {
                    None => None,
                    Some(Expr::String(text)) => Some(Parameter::String(text.value.clone())),
                    Some(scalar) => Some(Parameter::Scalar(self.parameter(scalar, grid)?)),
                };
                let hints =
                    Hints { function: aggregation.name, grouping: labels.clone(), by: !aggregate.without };
                let child = Box::new(self.vector(vector.unwrap_parens(), grid, &hints)?);
                let each = parameter.into_iter().chain([vector]).map(|e| e.unwrap_parens().span()).collect();
                let spans = self.spans(aggregate.span, aggregate.span, each);
                let kind = VectorKind::Aggregate {
                    aggregation,
                    without: aggregate.without,
                    labels,
                    parameter: parameter_node,
                    child,
                };
                Ok(Vector { kind, spans })
            }
            Expr::Call(call) => {
                let function = functions::lookup(&call.name).ok_or_else(|| unplannable(call.span))?;
                let kind = self.vector_call(call, function, grid)?;
                // Prometheus loses the place of a subquery when it replaces it by its samples.
                let place = |arg: &Expr| match (arg.unwrap_parens(), &kind) {
                    (Expr::Subquery(_), VectorKind::Window { .. }) => Span::default(),
                    (arg, _) => arg.span(),
                };
                let each: ArgSpans = call.args.iter().map(place).collect();
                let args = match &*each {
                    [] => call.args_span,
                    [first, .., last] => first.to(*last),
                    [only] => *only,
                };
                let spans = self.spans(call.span, args, each);
                Ok(Vector { kind, spans })
            }
            other => Err(unplannable(other.span())),
        }
    }

    fn with_scalar(
        &mut self,
        op: BinaryOp,
        return_bool: bool,
        vector: Box<Vector>,
        scalar: Scalar,
        scalar_left: bool,
    ) -> VectorKind {
        VectorKind::VectorScalar { op, return_bool, vector, scalar, scalar_left }
    }

    fn vector_arg(
        &mut self,
        call: &Call,
        i: usize,
        grid: Grid,
        function: &Function,
    ) -> Result<Vector, PlanError> {
        let arg = call.args.get(i).ok_or_else(|| unplannable(call.span))?;
        let hints = Hints { function: function.name, ..Hints::default() };
        self.vector(arg.unwrap_parens(), grid, &hints)
    }

    fn scalar_arg(&mut self, call: &Call, i: usize, grid: Grid) -> Result<Scalar, PlanError> {
        let arg = call.args.get(i).ok_or_else(|| unplannable(call.span))?;
        self.scalar(arg.unwrap_parens(), grid)
    }

    fn text_arg(&self, call: &Call, i: usize) -> Result<Vec<u8>, PlanError> {
        match call.args.get(i).map(Expr::unwrap_parens) {
            Some(Expr::String(text)) => Ok(text.value.to_vec()),
            _ => Err(unplannable(call.span)),
        }
    }

    fn label_arg(&self, call: &Call, i: usize) -> Result<String, PlanError> {
        Ok(String::from_utf8_lossy(&self.text_arg(call, i)?).into_owned())
    }

    fn vector_call(
        &mut self,
        call: &Call,
        function: &'static Function,
        grid: Grid,
    ) -> Result<VectorKind, PlanError> {
        match function.body {
            Body::Map(apply) => {
                Ok(VectorKind::Map { apply, child: Box::new(self.vector_arg(call, 0, grid, function)?) })
            }
            Body::Calendar(apply) if call.args.is_empty() => {
                let spans = self.spans(call.span, call.args_span, ArgSpans::default());
                let now = Vector { kind: VectorKind::FromScalar(Scalar::Time), spans };
                Ok(VectorKind::Map { apply, child: Box::new(now) })
            }
            Body::Calendar(apply) => {
                Ok(VectorKind::Map { apply, child: Box::new(self.vector_arg(call, 0, grid, function)?) })
            }
            Body::MapWith(apply) => {
                let child = Box::new(self.vector_arg(call, 0, grid, function)?);
                let args =
                    (1..call.args.len()).map(|i| self.scalar_arg(call, i, grid)).collect::<Result<_, _>>()?;
                Ok(VectorKind::MapWith { apply, child, args })
            }
            Body::FromHistogram(apply) => Ok(VectorKind::FromHistogram {
                apply,
                child: Box::new(self.vector_arg(call, 0, grid, function)?),
            }),
            Body::FromHistogramStats(apply) => {
                let around = self.buckets;
                self.buckets.unneeded = true;
                let child = self.vector_arg(call, 0, grid, function);
                self.buckets = around;
                Ok(VectorKind::FromHistogram { apply, child: Box::new(child?) })
            }
            Body::Window(ref window) => self.window_call(call, function, window, grid),
            Body::Scalar(_) => Err(unplannable(call.span)),
            Body::Special(
                special @ (Special::HistogramQuantile
                | Special::HistogramQuantiles
                | Special::HistogramFraction),
            ) => self.with_buckets(|builder| builder.special_call(call, function, special, grid)),
            Body::Special(special) => self.special_call(call, function, special, grid),
        }
    }

    /// Builds something that needs the buckets of histograms.
    fn with_buckets<T>(
        &mut self,
        build: impl FnOnce(&mut Self) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        let around = self.buckets;
        self.buckets.needed = true;
        let built = build(self);
        self.buckets = around;
        built
    }

    fn window_call(
        &mut self,
        call: &Call,
        function: &'static Function,
        window: &'static WindowFunction,
        grid: Grid,
    ) -> Result<VectorKind, PlanError> {
        let mut source = None;
        let mut args = Vec::new();
        for (i, arg) in call.args.iter().enumerate() {
            let arg = arg.unwrap_parens();
            if i == window.range_arg {
                let hints = Hints { function: function.name, ..Hints::default() };
                source = Some(self.range(arg, grid, &hints)?);
            } else {
                args.push(self.scalar(arg, grid)?);
            }
        }
        let source = source.ok_or_else(|| unplannable(call.span))?;
        self.check_edges(function, source.edges(), window.anchored, window.smoothed, call.span)?;
        Ok(VectorKind::Window { function, window, source, args })
    }

    /// Only some functions take windows with edges other than plain.
    fn check_edges(
        &self,
        function: &Function,
        edges: Edges,
        anchored: bool,
        smoothed: bool,
        span: Span,
    ) -> Result<(), PlanError> {
        let (modifier, allowed) = match edges {
            Edges::Plain => return Ok(()),
            Edges::Anchored => ("anchored", anchored),
            Edges::Smoothed => ("smoothed", smoothed),
        };
        if allowed {
            return Ok(());
        }
        let takes = |f: &&Function| match (&f.body, edges) {
            (Body::Window(window), Edges::Anchored) => window.anchored,
            (Body::Window(window), _) => window.smoothed,
            _ => false,
        };
        let names: Vec<&str> = functions::FUNCTIONS.iter().filter(takes).map(|f| f.name).collect();
        Err(PlanError {
            message: format!(
                "{modifier} modifier can only be used with: {} - not with {}",
                names.join(", "),
                function.name
            ),
            span,
        })
    }

    fn special_call(
        &mut self,
        call: &Call,
        function: &'static Function,
        special: Special,
        grid: Grid,
    ) -> Result<VectorKind, PlanError> {
        let hints = Hints { function: function.name, ..Hints::default() };
        Ok(match special {
            Special::Absent => {
                let labels = labels_when_absent(call.args.first().map(|arg| self.bare(arg)));
                VectorKind::Absent { child: Box::new(self.vector_arg(call, 0, grid, function)?), labels }
            }
            Special::AbsentOverTime => {
                let arg = call.args.first().ok_or_else(|| unplannable(call.span))?;
                let source = self.range(arg.unwrap_parens(), grid, &hints)?;
                self.check_edges(function, source.edges(), false, false, call.span)?;
                VectorKind::AbsentOverTime {
                    source,
                    labels: labels_when_absent(call.args.first().map(|arg| self.bare(arg))),
                }
            }
            Special::Timestamp | Special::StartTimestamp => {
                let start = special == Special::StartTimestamp;
                match call.args.first().map(|arg| self.bare(arg)) {
                    Some(Expr::Vector(selector)) => {
                        let mut sampled = self.instant_selector(selector, grid, &hints)?;
                        // Prometheus reads the samples that `offset` asks for, but looks at the pinned time itself
                        // (`rangeEvalTimestampFunctionOverVectorSelector` in promql/engine.go).
                        if let Some(pinned) = self.pinned(selector.at) {
                            sampled.ends = grid.looked_at(Some(pinned), 0);
                        }
                        VectorKind::SampleTime { selector: self.numbered(sampled, grid), start }
                    }
                    _ if start => {
                        // Evaluated all the same: its warnings and errors count.
                        let child = self.vector_arg(call, 0, grid, function)?;
                        VectorKind::MapWith { apply: drop_all, child: Box::new(child), args: Vec::new() }
                    }
                    _ => VectorKind::StepTime(Box::new(self.vector_arg(call, 0, grid, function)?)),
                }
            }
            Special::Vector => VectorKind::FromScalar(self.scalar_arg(call, 0, grid)?),
            Special::HistogramQuantile => {
                let quantile = self.scalar_arg(call, 0, grid)?;
                VectorKind::HistogramQuantile {
                    quantile,
                    child: Box::new(self.vector_arg(call, 1, grid, function)?),
                }
            }
            Special::HistogramFraction => {
                let lower = self.scalar_arg(call, 0, grid)?;
                let upper = self.scalar_arg(call, 1, grid)?;
                let child = Box::new(self.vector_arg(call, 2, grid, function)?);
                VectorKind::HistogramFraction { lower, upper, child }
            }
            Special::HistogramQuantiles => {
                let child = Box::new(self.vector_arg(call, 0, grid, function)?);
                let label = self.label_arg(call, 1)?;
                let quantiles =
                    (2..call.args.len()).map(|i| self.scalar_arg(call, i, grid)).collect::<Result<_, _>>()?;
                VectorKind::HistogramQuantiles { child, label, quantiles }
            }
            Special::LabelReplace => VectorKind::LabelReplace {
                target: self.text_arg(call, 1)?,
                replacement: self.text_arg(call, 2)?,
                source: self.text_arg(call, 3)?,
                regex: self.text_arg(call, 4)?,
                child: Box::new(self.vector_arg(call, 0, grid, function)?),
            },
            Special::LabelJoin => VectorKind::LabelJoin {
                target: self.text_arg(call, 1)?,
                separator: self.text_arg(call, 2)?,
                sources: (3..call.args.len()).map(|i| self.text_arg(call, i)).collect::<Result<_, _>>()?,
                child: Box::new(self.vector_arg(call, 0, grid, function)?),
            },
            Special::Sort { descending } => {
                VectorKind::Sort { child: Box::new(self.vector_arg(call, 0, grid, function)?), descending }
            }
            Special::SortByLabel { descending } => {
                let labels =
                    (1..call.args.len()).map(|i| self.label_arg(call, i)).collect::<Result<_, _>>()?;
                let child = Box::new(self.vector_arg(call, 0, grid, function)?);
                VectorKind::SortByLabel { child, descending, labels }
            }
            Special::Info => {
                let child = Box::new(self.vector_arg(call, 0, grid, function)?);
                let matchers = match call.args.get(1).map(Expr::unwrap_parens) {
                    Some(Expr::Vector(selector)) => selector.matchers.clone(),
                    _ => Arc::default(),
                };
                VectorKind::Info { child, matchers, at: self.info_times(call, grid)? }
            }
            Special::Scalar
            | Special::Time
            | Special::Start
            | Special::End
            | Special::Range
            | Special::Step => {
                return Err(unplannable(call.span));
            }
        })
    }
}

fn drop_all(column: &mut crate::model::ColumnMut<'_>, _: &[&[f64]]) {
    column.present.fill(0);
}

/// The labels of the answer of `absent` and `absent_over_time`: what the selector demands with `=`, unless it
/// demands anything else of the same label.
fn labels_when_absent(arg: Option<&Expr>) -> Labels {
    let matchers = match arg {
        Some(Expr::Vector(selector)) => &selector.matchers,
        Some(Expr::Matrix(matrix)) => &matrix.selector.matchers,
        _ => return Labels::empty(),
    };
    let mut labels = LabelsBuilder::default();
    let mut spoken_of: Vec<&str> = Vec::new();
    for Matcher { op, name, value, .. } in matchers.iter() {
        if name == METRIC_NAME {
            continue;
        }
        let first = !spoken_of.contains(&name.as_str());
        if *op == MatchOp::Equal && first {
            labels.set(name, value);
            spoken_of.push(name);
        } else {
            labels.remove(name);
        }
    }
    labels.build()
}
