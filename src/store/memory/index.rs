//! From matchers to series: for each label name its values, for each value the series that have it.
//!
//! Series are numbered in the order in which they came, so each list rises and grows at its end. A reader that sees
//! the first so many series cuts the lists there; nothing is ever taken out.
//!
//! A matcher either *demands* some series or *excludes* some, depending on whether it accepts a series that lacks the
//! label. `job=~"api|db"` demands two lists, `job!="api"` excludes one, `job=~"|api"` excludes every value but `api`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::postings::{intersect, overlap, subtract, union_of_disjoint};
use crate::model::regex::AnchoredRegex;
use crate::model::{Labels, MatchOp, Matcher};

/// The labels of the series that there are.
#[derive(Debug, Default)]
pub(super) struct LabelIndex {
    names: BTreeMap<Box<str>, Label>,
}

#[derive(Debug, Default)]
struct Label {
    values: BTreeMap<Box<str>, Vec<u32>>,
    /// The series that have the label, whatever its value.
    any: Vec<u32>,
}

/// What one matcher asks of a series.
enum Demand<'i> {
    /// To be in the list.
    In(Cow<'i, [u32]>),
    /// Not to be in the list.
    NotIn(Cow<'i, [u32]>),
    /// Nothing.
    Nothing,
    /// Something that none fulfils.
    Impossible,
}

impl LabelIndex {
    /// Adds a series whose number is higher than all others.
    pub(super) fn add(&mut self, number: u32, labels: &Labels) {
        for (name, value) in labels {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), Label::default());
            }
            let Some(label) = self.names.get_mut(name) else { continue };
            label.any.push(number);
            match label.values.get_mut(value) {
                Some(list) => list.push(number),
                None => drop(label.values.insert(value.into(), vec![number])),
            }
        }
    }

    /// Those of the first `visible` series that meet all matchers, rising. `labels` gives the labels of a series.
    pub(super) fn select<'a>(
        &self,
        matchers: &[Matcher],
        visible: u32,
        labels: impl Fn(u32) -> &'a Labels,
    ) -> Cow<'_, [u32]> {
        let mut demanded = Vec::new();
        let mut excluded = Vec::new();
        let mut left = Vec::new();
        for matcher in matchers {
            match self.look_up(matcher, visible) {
                Some(Demand::In(list)) => demanded.push(list),
                Some(Demand::NotIn(list)) => excluded.push(list),
                Some(Demand::Nothing) => {}
                Some(Demand::Impossible) => return Cow::default(),
                None => left.push(matcher),
            }
        }
        demanded.sort_by_key(|list| list.len());
        let mut found = demanded.into_iter().reduce(|found, list| intersect(&found, &list).into());
        for list in excluded {
            subtract(found.get_or_insert_with(|| all(visible)).to_mut(), &list);
        }
        for matcher in left {
            let values = self.names.get(matcher.name.as_str()).map_or(0, |label| label.values.len());
            if let Some(found) = &mut found
                && found.len() < values
            {
                found.to_mut().retain(|number| matcher.matches(labels(*number).value(&matcher.name)));
                continue;
            }
            match self.try_values(matcher, visible) {
                Demand::In(list) => {
                    found = Some(found.map_or(list.clone(), |found| intersect(&found, &list).into()))
                }
                Demand::NotIn(list) => subtract(found.get_or_insert_with(|| all(visible)).to_mut(), &list),
                Demand::Nothing => {}
                Demand::Impossible => return Cow::default(),
            }
        }
        found.unwrap_or_else(|| all(visible))
    }

    /// The numbers of all `count` series in the order of their labels.
    ///
    /// The order of names and values is known here, so label sets are compared as short lists of numbers.
    pub(super) fn in_order_of_labels(&self, count: usize) -> Vec<u32> {
        // The labels of series n are `ranks[starts[n]..starts[n + 1]]`.
        let mut starts = vec![0usize; count + 1];
        for number in self.names.values().flat_map(|label| &label.any) {
            starts[*number as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut ranks = vec![0u64; starts[count]];
        let mut next = starts.clone();
        for (name, label) in self.names.values().enumerate() {
            for (value, list) in label.values.values().enumerate() {
                for number in list {
                    let place = &mut next[*number as usize];
                    ranks[*place] = (name as u64) << 32 | value as u64;
                    *place += 1;
                }
            }
        }
        let labels = |number: u32| &ranks[starts[number as usize]..starts[number as usize + 1]];
        let mut numbers: Vec<u32> = (0..count as u32).collect();
        numbers.sort_unstable_by(|a, b| labels(*a).cmp(labels(*b)));
        numbers
    }

    /// The names of the labels of the first `visible` series, or of those `among` them.
    pub(super) fn names(&self, visible: u32, among: Option<&[u32]>) -> Vec<String> {
        let seen = |label: &Label| is_seen(&label.any, visible, among);
        self.names.iter().filter(|(_, label)| seen(label)).map(|(name, _)| name.to_string()).collect()
    }

    /// The values of a label of the first `visible` series, or of those `among` them.
    pub(super) fn values<'a>(
        &self,
        name: &str,
        visible: u32,
        among: Option<&[u32]>,
        labels: impl Fn(u32) -> &'a Labels,
    ) -> Vec<String> {
        let Some(label) = self.names.get(name) else { return Vec::new() };
        match among {
            Some(among) if among.len() < label.values.len() => {
                let values: BTreeSet<&str> =
                    among.iter().filter_map(|number| labels(*number).get(name)).collect();
                values.into_iter().map(str::to_owned).collect()
            }
            _ => {
                let seen = label.values.iter().filter(|(_, list)| is_seen(list, visible, among));
                seen.map(|(value, _)| value.to_string()).collect()
            }
        }
    }

    /// What a matcher asks for, if that takes no look at all values of its label.
    fn look_up(&self, matcher: &Matcher, visible: u32) -> Option<Demand<'_>> {
        let Some(label) = self.names.get(matcher.name.as_str()) else {
            return Some(if matcher.matches_empty() { Demand::Nothing } else { Demand::Impossible });
        };
        let any = Cow::Borrowed(below(&label.any, visible));
        let demand = match (matcher.op, matcher.regex()) {
            (MatchOp::Equal, _) if matcher.value.is_empty() => Demand::NotIn(any),
            (MatchOp::NotEqual, _) if matcher.value.is_empty() => Demand::In(any),
            (MatchOp::Equal, _) => Demand::In(label.of_value(&matcher.value, visible).into()),
            (MatchOp::NotEqual, _) => Demand::NotIn(label.of_value(&matcher.value, visible).into()),
            (op, Some(regex)) if regex.matches_everything() => match op {
                MatchOp::Regex => Demand::Nothing,
                _ => Demand::Impossible,
            },
            (op, Some(regex)) if regex.matches_non_empty() => match op {
                MatchOp::Regex => Demand::In(any),
                _ => Demand::NotIn(any),
            },
            (_, Some(regex)) => {
                let lists: Vec<&[u32]> =
                    regex.literals()?.iter().map(|value| label.of_value(value, visible)).collect();
                label.demand(matcher, &lists, visible)
            }
            (_, None) => return None,
        };
        Some(demand)
    }

    /// What a matcher asks for, found by trying it on the values of its label.
    fn try_values(&self, matcher: &Matcher, visible: u32) -> Demand<'_> {
        let Some(label) = self.names.get(matcher.name.as_str()) else { return Demand::Impossible };
        let prefix = matcher.regex().map_or("", AnchoredRegex::prefix);
        let from = (std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded);
        let with_prefix =
            label.values.range::<str, _>(from).take_while(|(value, _)| value.starts_with(prefix));
        let matching = with_prefix.filter(|(value, _)| match matcher.regex() {
            Some(regex) => regex.is_match(value),
            None => ***value == *matcher.value,
        });
        let lists: Vec<&[u32]> = matching.map(|(_, list)| below(list, visible)).collect();
        label.demand(matcher, &lists, visible)
    }
}

impl Label {
    fn of_value(&self, value: &str, visible: u32) -> &[u32] {
        self.values.get(value).map_or(&[], |list| below(list, visible))
    }

    /// What a matcher asks for when `lists` are the series whose value its text or expression matches.
    fn demand(&self, matcher: &Matcher, lists: &[&[u32]], visible: u32) -> Demand<'_> {
        let matching = union_of_disjoint(lists.iter().copied(), visible as usize);
        let others = || {
            let mut others = below(&self.any, visible).to_vec();
            subtract(&mut others, &matching);
            others
        };
        let positive = matches!(matcher.op, MatchOp::Equal | MatchOp::Regex);
        match (positive, matcher.matches_empty()) {
            (true, false) => Demand::In(matching.into()),
            (true, true) => Demand::NotIn(others().into()),
            (false, true) => Demand::NotIn(matching.into()),
            (false, false) => Demand::In(others().into()),
        }
    }
}

fn all(visible: u32) -> Cow<'static, [u32]> {
    (0..visible).collect::<Vec<_>>().into()
}

/// The part of a list that a reader sees.
fn below(list: &[u32], visible: u32) -> &[u32] {
    match list.last() {
        Some(&last) if last >= visible => &list[..list.partition_point(|number| *number < visible)],
        _ => list,
    }
}

fn is_seen(list: &[u32], visible: u32, among: Option<&[u32]>) -> bool {
    match among {
        Some(among) => overlap(list, among),
        None => list.first().is_some_and(|first| *first < visible),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of a few labels with a few values, some of them missing.
    fn series() -> Vec<Labels> {
        let mut all = Vec::new();
        for a in ["", "1", "2", "10", "é"] {
            for b in ["", "x", "xy", "y"] {
                for c in ["", "same"] {
                    all.push(Labels::from_pairs([("a", a), ("b", b), ("c", c)]));
                }
            }
        }
        all
    }

    #[test]
    fn every_pair_of_matchers_selects_what_they_match() {
        let series = series();
        let mut index = LabelIndex::default();
        for (number, labels) in series.iter().enumerate() {
            index.add(number as u32, labels);
        }
        let mut matchers = Vec::new();
        for name in ["a", "b", "c", "none"] {
            for op in [MatchOp::Equal, MatchOp::NotEqual] {
                matchers.extend(
                    ["", "1", "x", "same", "other"].map(|value| Matcher::new(op, name, value).unwrap()),
                );
            }
            for op in [MatchOp::Regex, MatchOp::NotRegex] {
                let patterns =
                    ["", ".*", ".+", "1|x", "|1|x", "1.*", "x.+", "[12x]{1}.?", "(?i)X|é", "[^1]*", "nope"];
                matchers.extend(patterns.map(|pattern| Matcher::new(op, name, pattern).unwrap()));
            }
        }
        let get = |number: u32| &series[number as usize];
        for visible in [series.len() as u32, 17, 0] {
            for first in &matchers {
                for second in &matchers {
                    let pair = [first.clone(), second.clone()];
                    let holds = |labels: &Labels| pair.iter().all(|m| m.matches(labels.value(&m.name)));
                    let expected: Vec<u32> = (0..visible).filter(|number| holds(get(*number))).collect();
                    let found = index.select(&pair, visible, get);
                    assert_eq!(found, expected, "{first}, {second} among {visible}");
                }
            }
        }
    }

    #[test]
    fn series_are_ordered_by_labels() {
        let series = series();
        let mut index = LabelIndex::default();
        for (number, labels) in series.iter().enumerate() {
            index.add(number as u32, labels);
        }
        let mut expected: Vec<u32> = (0..series.len() as u32).collect();
        expected.sort_by_key(|number| &series[*number as usize]);
        assert_eq!(index.in_order_of_labels(series.len()), expected);
    }

    #[test]
    fn names_and_values() {
        let series = series();
        let mut index = LabelIndex::default();
        for (number, labels) in series.iter().enumerate() {
            index.add(number as u32, labels);
        }
        let all = series.len() as u32;
        let get = |number: u32| &series[number as usize];
        assert_eq!(index.names(all, None), ["a", "b", "c"]);
        assert_eq!(index.names(2, None), ["c"]);
        assert_eq!(index.names(all, Some(&[2, 4])), ["b"]);
        assert_eq!(index.values("a", all, None, get), ["1", "10", "2", "é"]);
        assert_eq!(index.values("a", 9, None, get), ["1"]);
        assert_eq!(index.values("b", all, Some(&[0, 2, 3]), get), ["x"]);
        let most: Vec<u32> = (8..30).collect();
        assert_eq!(index.values("a", all, Some(&most), get), ["1", "10", "2"]);
        assert_eq!(index.values("none", all, None, get), Vec::<String>::new());
    }
}
