//! The match groups of an operator: which series of its two sides meet.

use std::collections::BTreeMap;

use super::parts::{Parts, Times};
use crate::engine::Engine;
use crate::error::Error;
use crate::model::Labels;
use crate::model::labels::METRIC_NAME;
use crate::store::SeriesStore;
use crate::syntax::Expr;
use crate::syntax::ast::{BinaryExpr, VectorMatching};

/// The series of both sides that agree in the labels which are matched.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchGroup {
    /// The labels that are matched, as both sides have them.
    pub labels: Labels,
    /// The series on the left.
    pub left: Vec<Labels>,
    /// The series on the right.
    pub right: Vec<Labels>,
}

impl MatchGroup {
    /// Whether both sides have a series.
    pub fn is_matched(&self) -> bool {
        !self.left.is_empty() && !self.right.is_empty()
    }
}

/// The match groups of the outermost operator between two vectors in `query`: those with series on both sides first,
/// and then those of one side, each sorted by labels. `None` if there is no such operator.
///
/// # Errors
///
/// The query makes no sense.
pub fn match_groups(
    engine: &Engine,
    query: &str,
    store: &dyn SeriesStore,
    times: Times,
) -> Result<Option<Vec<MatchGroup>>, Error> {
    let prepared = engine.prepare(query)?;
    let parts = Parts { engine, store, times };
    let Some(binary) = outermost(prepared.expr()) else { return Ok(None) };
    let mut groups: BTreeMap<Labels, (Vec<Labels>, Vec<Labels>)> = BTreeMap::new();
    for series in parts.series(&binary.lhs).unwrap_or_default() {
        let labels = matching_labels(binary.matching.as_ref(), &series.labels);
        groups.entry(labels).or_default().0.push(series.labels);
    }
    for series in parts.series(&binary.rhs).unwrap_or_default() {
        let labels = matching_labels(binary.matching.as_ref(), &series.labels);
        groups.entry(labels).or_default().1.push(series.labels);
    }
    let mut groups: Vec<MatchGroup> =
        groups.into_iter().map(|(labels, (left, right))| MatchGroup { labels, left, right }).collect();
    groups.sort_by_key(|group| (!group.is_matched(), group.left.is_empty()));
    Ok(Some(groups))
}

/// The labels by which a series finds its partners.
fn matching_labels(matching: Option<&VectorMatching>, labels: &Labels) -> Labels {
    labels.filter(|name| is_matched_by(matching, name))
}

/// Whether series have to agree in the label `name` to meet.
pub(crate) fn is_matched_by(matching: Option<&VectorMatching>, name: &str) -> bool {
    let named = matching.is_some_and(|m| m.labels.iter().any(|label| label.name == name));
    match matching.and_then(|matching| matching.on) {
        Some(true) => named,
        _ => name != METRIC_NAME && !named,
    }
}

/// The first operator, from the outside, both sides of which are vectors.
fn outermost(expr: &Expr) -> Option<&BinaryExpr> {
    use crate::model::ValueType::Vector;
    use crate::plan::check::value_type;
    match expr {
        Expr::Binary(binary) if value_type(&binary.lhs) == Vector && value_type(&binary.rhs) == Vector => {
            Some(binary)
        }
        Expr::Binary(binary) => outermost(&binary.lhs).or_else(|| outermost(&binary.rhs)),
        Expr::Paren(paren) => outermost(&paren.inner),
        Expr::Unary(unary) => outermost(&unary.operand),
        Expr::Aggregate(aggregate) => aggregate.args.iter().find_map(|arg| outermost(arg)),
        Expr::Call(call) => call.args.iter().find_map(|arg| outermost(arg)),
        Expr::Subquery(subquery) => outermost(&subquery.inner),
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    #[test]
    fn matched_first_then_left_then_right() {
        let store = MemoryStore::new();
        for (name, job) in [("a", "x"), ("a", "y"), ("b", "y"), ("b", "z")] {
            let labels = Labels::from_pairs([("__name__", name), ("job", job), ("only", name)]);
            store.append(&labels, 0, 1.0).expect("a sample");
        }
        let groups = |query: &str| {
            let groups = match_groups(&Engine::default(), query, &store, Times::instant(0)).expect("a query");
            let count = |group: &MatchGroup| (group.labels.to_string(), group.left.len(), group.right.len());
            groups.map(|groups| groups.iter().map(count).collect::<Vec<_>>())
        };
        let of = |rows: &[(&str, usize, usize)]| {
            Some(rows.iter().map(|(labels, l, r)| (labels.to_string(), *l, *r)).collect::<Vec<_>>())
        };
        assert_eq!(
            groups("sum(1 + (a / on (job) b))"),
            of(&[("{job=\"y\"}", 1, 1), ("{job=\"x\"}", 1, 0), ("{job=\"z\"}", 0, 1)])
        );
        assert_eq!(groups("a / ignoring (job, only) b"), of(&[("{}", 2, 2)]));
        assert_eq!(groups("a and b").map(|rows| rows.len()), Some(4));
        assert_eq!(groups("a + 1"), None);
    }
}
