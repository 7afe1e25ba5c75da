//! The way in: which aggregation is run by what.

use std::sync::Arc;

use super::fold::Fold;
use super::grouping::LabelSelection;
use super::parameter::ScalarParameter;
use super::{count_values, fold, limit, quantile, topk};
use crate::aggregations::{Aggregation, Kind};
use crate::exec::{BoxedOperator, ExecError, QueryContext, Worker};
use crate::model::annotation::CallSpans;
use crate::model::{Annotation, Notes, Place};
use crate::plan::Grid;

/// An aggregation as it stands in a query.
#[derive(Clone, Debug)]
pub struct AggregateSpec {
    /// Which one.
    pub aggregation: &'static Aggregation,
    /// Whether `grouping` lists the labels to drop (`without`) rather than those to keep (`by`, or no clause).
    pub without: bool,
    /// The labels of the clause, in any order.
    pub grouping: Arc<[String]>,
    /// The parameter, if the aggregation takes one.
    pub parameter: Option<Parameter>,
    /// Where it stands in the query; `each` has the parameter's span, if there is a parameter, and the vector's.
    pub spans: CallSpans,
}

/// The parameter of an aggregation.
#[derive(Clone, Debug)]
pub enum Parameter {
    /// A value for each step.
    Scalar(Vec<f64>),
    /// A string, in bytes.
    String(Vec<u8>),
}

/// What every aggregation's operator gets to open itself.
pub(super) struct Opening<'s, 'c> {
    pub(super) selection: LabelSelection,
    pub(super) spans: CallSpans,
    pub(super) child: BoxedOperator<'s>,
    pub(super) grid: Grid,
    pub(super) context: &'c QueryContext,
}

impl Opening<'_, '_> {
    /// The place of the vector among the spans.
    pub(super) fn vector(&self) -> Place {
        Place::Arg(self.spans.each.len().saturating_sub(1))
    }

    /// An error about the parameter.
    pub(super) fn parameter_error(&self, message: String) -> ExecError {
        ExecError::Evaluation(message, self.spans.each.first().copied().unwrap_or(self.spans.call))
    }

    /// Adds a note about `place`.
    pub(super) fn note(&self, annotation: Annotation, place: Place, worker: &mut Worker) {
        Notes { annotations: &mut worker.annotations, spans: &self.spans }.add(annotation, place);
    }
}

/// Opens aggregations that are all folds, each over the series of its child, side by side: see [`open`].
pub(in crate::exec) fn open_folds<'s>(
    all: Vec<(Fold, AggregateSpec, BoxedOperator<'s>)>,
    grid: Grid,
    worker: &mut Worker,
    context: &QueryContext,
) -> Vec<Result<BoxedOperator<'s>, ExecError>> {
    let openings = all.into_iter().map(|(fold, spec, child)| {
        let selection = LabelSelection::new(spec.without, spec.grouping);
        (fold, Opening { selection, spans: spec.spans, child, grid, context })
    });
    fold::open_all(openings.collect(), worker, context)
}

/// Opens an aggregation over the series of `child`. Reads all of them.
///
/// # Errors
///
/// A parameter that the aggregation cannot take, and whatever stops the input or the query.
pub fn open<'s>(
    spec: AggregateSpec,
    child: BoxedOperator<'s>,
    grid: Grid,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let AggregateSpec { aggregation, without, grouping, parameter, spans } = spec;
    let selection = LabelSelection::new(without, grouping);
    let opening = Opening { selection, spans, child, grid, context };
    // Types and arity were checked long before: the other kind of parameter never comes here.
    let (scalar, text) = match parameter {
        Some(Parameter::Scalar(values)) => (values, Vec::new()),
        Some(Parameter::String(text)) => (Vec::new(), text),
        None => (Vec::new(), Vec::new()),
    };
    let scalar = || ScalarParameter::new(scalar, grid.steps);
    match aggregation.kind {
        Kind::Fold(make) => fold::open(make, opening, worker),
        Kind::TopK { bottom } => topk::open(aggregation.name, bottom, &scalar(), opening, worker),
        Kind::LimitK => limit::open_limitk(&scalar(), opening, worker),
        Kind::LimitRatio => limit::open_limit_ratio(&scalar(), opening, worker),
        Kind::Quantile => quantile::open(&scalar(), opening, worker),
        Kind::CountValues => count_values::open(&text, opening, worker),
    }
}
