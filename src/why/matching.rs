//! Two sides of an operator that find no partners: which labels keep them apart, and what would bring them together.

use std::collections::{BTreeMap, BTreeSet};

use super::reason::Reason;
use crate::inspect::{PartSeries, is_matched_by};
use crate::model::Labels;
use crate::model::labels::METRIC_NAME;
use crate::syntax::ast::BinaryExpr;

/// The values of each label of one side.
type ValuesByName<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Why no series of `left` has a partner in `right`.
pub(super) fn no_partners(binary: &BinaryExpr, left: &[PartSeries], right: &[PartSeries]) -> Reason {
    let counts = |name: &str| is_matched_by(binary.matching.as_ref(), name);
    let (left_values, right_values) = (values_by_name(left), values_by_name(right));
    let names: BTreeSet<&str> = left_values.keys().chain(right_values.keys()).copied().collect();

    let mut differences = Vec::new();
    let (mut left_only, mut right_only) = (Vec::new(), Vec::new());
    let (mut in_common, mut others) = (Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| *name != METRIC_NAME) {
        match (left_values.get(name), right_values.get(name)) {
            (Some(a), Some(b)) if a.is_disjoint(b) => {
                others.push(name);
                if counts(name) {
                    let (a, b) = (some_of(a), some_of(b));
                    differences.push(format!("{name} has no value in common ({a} and {b})"));
                }
            }
            (Some(_), Some(_)) => in_common.push(name),
            (left, _) => {
                others.push(name);
                if counts(name) {
                    if left.is_some() { &mut left_only } else { &mut right_only }.push(name);
                }
            }
        }
    }
    for (side, names) in [("right", right_only), ("left", left_only)] {
        if !names.is_empty() {
            differences.push(format!("only the {side} side has {}", names.join(", ")));
        }
    }
    if differences.is_empty() {
        differences.push("no combination of their labels is on both".to_owned());
    }
    let cure = cure(&in_common, &others, left, right, binary.op.is_set());
    Reason::NoPartners { operator: binary.op, differences, cure }
}

fn values_by_name(series: &[PartSeries]) -> ValuesByName<'_> {
    let mut values = ValuesByName::new();
    for (name, value) in series.iter().flat_map(|series| series.labels.iter()) {
        values.entry(name).or_default().insert(value);
    }
    values
}

fn some_of(values: &BTreeSet<&str>) -> String {
    let first = values.iter().next().map(|value| format!("{value:?}")).unwrap_or_default();
    if values.len() > 1 { format!("{first}, ...") } else { first }
}

/// The clauses that match by the labels which both sides have values of in common, and how many groups then match.
fn cure(
    names: &[&str],
    others: &[&str],
    left: &[PartSeries],
    right: &[PartSeries],
    many_to_many: bool,
) -> Option<(Vec<String>, usize)> {
    if names.is_empty() {
        return None;
    }
    let groups = |side: &[PartSeries]| {
        let mut groups: BTreeMap<Labels, usize> = BTreeMap::new();
        for series in side {
            *groups.entry(series.labels.filter(|name| names.contains(&name))).or_default() += 1;
        }
        groups
    };
    let (left, right) = (groups(left), groups(right));
    let shared: Vec<&Labels> = left.keys().filter(|group| right.contains_key(group)).collect();
    if shared.is_empty() {
        return None;
    }
    let many = |side: &BTreeMap<Labels, usize>| shared.iter().any(|group| side[group] > 1);
    let modifier = match (many(&left), many(&right)) {
        _ if many_to_many => "",
        (false, false) => "",
        (true, false) => " group_left",
        (false, true) => " group_right",
        (true, true) => return None,
    };
    let on = format!("on ({}){modifier}", names.join(", "));
    let ignoring = format!("ignoring ({}){modifier}", others.join(", "));
    Some((if others.is_empty() { vec![on] } else { vec![on, ignoring] }, shared.len()))
}
