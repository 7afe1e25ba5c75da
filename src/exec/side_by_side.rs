//! Aggregations over equal selectors are folded side by side, so that what they fold is read once.
//!
//! In `max(a) - min(a)` the first aggregation is wanted before the second. When it is opened, the other one is opened
//! with it: a batch of `a` is read and folded by `max`, then by `min`, then the next batch. The second result waits until
//! it is asked for. It would be held until the end of the query anyway.

use super::aggregate::{self, AggregateSpec, Fold};
use super::context::QueryContext;
use super::error::ExecError;
use super::map::Empty;
use super::open::{Env, open_vector};
use super::operator::BoxedOperator;
use crate::aggregations::Kind;
use crate::plan::node::{NodeId, Range, Scalar, Vector, VectorKind};
use crate::plan::walk::for_each_vector;
use crate::plan::{Grid, Plan};

/// What is folded side by side, and what came of it.
#[derive(Default)]
pub(super) struct SideBySide<'s, 'p> {
    /// Those that were not opened yet.
    groups: Vec<Group<'p>>,
    /// Those that were opened before they were asked for.
    early: Vec<(NodeId, Result<BoxedOperator<'s>, ExecError>)>,
}

/// Aggregations over one selection.
struct Group<'p> {
    selection: usize,
    grid: Grid,
    members: Vec<Member<'p>>,
}

struct Member<'p> {
    id: NodeId,
    fold: Fold,
    spec: AggregateSpec,
    child: &'p Vector,
}

impl Group<'_> {
    fn has(&self, id: NodeId) -> bool {
        self.members.iter().any(|member| member.id == id)
    }

    fn open<'s>(
        self,
        env: &mut Env<'s, '_>,
    ) -> impl Iterator<Item = (NodeId, Result<BoxedOperator<'s>, ExecError>)> + use<'s> {
        let (mut ids, mut folds, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for Member { id, fold, spec, child } in self.members {
            match open_vector(child, self.grid, env) {
                Ok(child) => {
                    ids.push(id);
                    folds.push((fold, spec, child));
                }
                Err(error) => failed.push((id, Err(error))),
            }
        }
        let folded = aggregate::open_folds(folds, self.grid, env.worker, env.context);
        ids.into_iter().zip(folded).chain(failed)
    }
}

impl<'p> SideBySide<'_, 'p> {
    /// Whether the aggregation with this `id` is to be opened with others, or was.
    pub(super) fn has(&self, id: NodeId) -> bool {
        self.groups.iter().any(|group| group.has(id)) || self.early.iter().any(|(other, _)| *other == id)
    }

    /// Finds the aggregations in `plan` that are folded side by side.
    pub(super) fn find(plan: &'p Plan, context: &QueryContext) -> Self {
        let mut found = SideBySide::default();
        // With a meter each operator is measured by itself.
        if plan.selections.iter().all(|selection| selection.uses < 2) || context.meter().is_some() {
            return found;
        }
        for_each_vector(plan, &mut |vector, grid| found.add(vector, grid));
        found.groups.retain(|group| group.members.len() > 1);
        found
    }

    fn add(&mut self, vector: &'p Vector, grid: Grid) {
        let VectorKind::Aggregate { aggregation, without, labels, parameter: None, child } = &vector.kind
        else {
            return;
        };
        let (Kind::Fold(fold), Some(selection)) = (aggregation.kind, selection_of(child)) else { return };
        let spec = AggregateSpec {
            aggregation,
            without: *without,
            grouping: labels.clone(),
            parameter: None,
            spans: vector.spans.clone(),
        };
        let member = Member { id: vector.id(), fold, spec, child };
        let alike = |group: &&mut Group<'_>| group.selection == selection && group.grid == grid;
        match self.groups.iter_mut().find(alike) {
            Some(group) => group.members.push(member),
            None => self.groups.push(Group { selection, grid, members: vec![member] }),
        }
    }
}

/// The selection that a vector is made from, series by series.
fn selection_of(vector: &Vector) -> Option<usize> {
    match &vector.kind {
        VectorKind::Select(selector) | VectorKind::SampleTime { selector, .. } => selector.selection,
        VectorKind::Window { source: Range::Select(selector), args, .. } => {
            selector.selection.filter(|_| args.iter().all(reads_nothing))
        }
        VectorKind::StepTime(child)
        | VectorKind::Map { child, .. }
        | VectorKind::FromHistogram { child, .. }
        | VectorKind::Negate(child)
        | VectorKind::LabelReplace { child, .. }
        | VectorKind::LabelJoin { child, .. } => selection_of(child),
        VectorKind::MapWith { child, args, .. } => {
            selection_of(child).filter(|_| args.iter().all(reads_nothing))
        }
        VectorKind::VectorScalar { vector, scalar, .. } => {
            selection_of(vector).filter(|_| reads_nothing(scalar))
        }
        _ => None,
    }
}

fn reads_nothing(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Constant(_) | Scalar::Time => true,
        Scalar::Negate(inner) | Scalar::Invariant(inner) => reads_nothing(inner),
        Scalar::Binary(_, lhs, rhs, _) => reads_nothing(lhs) && reads_nothing(rhs),
        Scalar::Function(_, args) => args.iter().all(reads_nothing),
        Scalar::FromVector(_) => false,
    }
}

/// Opens the aggregation with this `id`, one of those that are folded [side by side](SideBySide::has).
pub(super) fn open<'s>(id: NodeId, env: &mut Env<'s, '_>) -> Result<BoxedOperator<'s>, ExecError> {
    let groups = &mut env.side_by_side.groups;
    if let Some(group) = groups.iter().position(|group| group.has(id)) {
        let group = groups.swap_remove(group);
        let opened = group.open(env);
        env.side_by_side.early.extend(opened);
    }
    let early = &mut env.side_by_side.early;
    match early.iter().position(|(other, _)| *other == id) {
        Some(place) => early.swap_remove(place).1,
        None => Ok(Box::new(Empty)),
    }
}
