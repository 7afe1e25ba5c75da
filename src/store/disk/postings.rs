//! From matchers to series, without reading label sets.
//!
//! An index has, for each value of each label, the list of the series with that value: its *postings*. A matcher
//! comes down to some of those lists, and what a selector selects to intersections and differences of them:
//!
//! ```text
//! {job="node", instance=~"db-.*", mode!="idle"}
//!     =  job="node"  ∩  (instance="db-1" ∪ instance="db-2" ∪ …)  \  mode="idle"
//! ```
//!
//! A matcher that the empty text meets selects series without the label, too, which are in no list of that label. So
//! it is turned around: the series with a value that it does not meet are taken away. Lists are big-endian in the
//! file and decoded only where they are looked at: the shortest one is walked over, the others are searched.

use crate::model::{MatchOp, Matcher};

/// A rising list of references of series.
#[derive(Clone, Copy, Debug)]
pub(super) enum List<'a> {
    /// As in a file.
    BigEndian(&'a [[u8; 4]]),
    /// As in memory.
    Native(&'a [u32]),
}

impl<'a> List<'a> {
    /// How many references there are.
    pub(super) fn len(&self) -> usize {
        match self {
            List::BigEndian(list) => list.len(),
            List::Native(list) => list.len(),
        }
    }

    /// The references.
    pub(super) fn iter(self) -> impl Iterator<Item = u32> + 'a {
        (0..self.len()).map(move |i| self.get(i))
    }

    #[inline]
    fn get(&self, i: usize) -> u32 {
        match self {
            List::BigEndian(list) => u32::from_be_bytes(list[i]),
            List::Native(list) => list[i],
        }
    }

    /// The first place from `from` on whose reference is not below `reference`: steps that double, then halves.
    fn seek(&self, from: usize, reference: u32) -> usize {
        let len = self.len();
        let (mut low, mut step) = (from, 1);
        while low + step <= len && self.get(low + step - 1) < reference {
            low += step;
            step *= 2;
        }
        let mut high = (low + step - 1).min(len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < reference { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Calls `hit` with the place in `candidates` of each candidate that is in this list.
    fn for_each_common(&self, candidates: &[u32], mut hit: impl FnMut(usize)) {
        let other = List::Native(candidates);
        let (mut here, mut there) = (0, 0);
        while here < self.len() && there < other.len() {
            let (a, b) = (self.get(here), other.get(there));
            if a == b {
                hit(there);
                here += 1;
                there += 1;
            } else if a < b {
                here = self.seek(here + 1, b);
            } else {
                there = other.seek(there + 1, a);
            }
        }
    }
}

/// Something that has lists of postings.
pub(super) trait PostingsSource {
    /// What reading a list may fail with.
    type Error;

    /// All series.
    fn all(&self) -> Result<List<'_>, Self::Error>;

    /// The series with this value of the label `name`, if there are any.
    fn with_value(&self, name: &str, value: &str) -> Result<Option<List<'_>>, Self::Error>;

    /// Appends the lists of those values of the label `name` that begin with `prefix` and that `keep` says yes to.
    fn with_values<'a>(
        &'a self,
        name: &str,
        prefix: &str,
        keep: &mut dyn FnMut(&str) -> bool,
        lists: &mut Vec<List<'a>>,
    ) -> Result<(), Self::Error>;

    /// The series that have the label `name`, if that is known without going through all of its values.
    fn with_label(&self, name: &str) -> Result<Option<List<'_>>, Self::Error> {
        let _ = name;
        Ok(None)
    }

    /// Keeps the references of series that meet the matcher, if asking each of them for its label is less work than
    /// going through all values that the label has. Tells whether it did.
    fn keep_meeting(&self, references: &mut Vec<u32>, matcher: &Matcher) -> Result<bool, Self::Error> {
        let _ = (references, matcher);
        Ok(false)
    }
}

/// References of the series that meet all matchers, rising.
pub(super) fn select<S: PostingsSource>(source: &S, matchers: &[Matcher]) -> Result<Vec<u32>, S::Error> {
    // Each element is a union of lists.
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    // Those whose lists are found by going through all values of the label.
    let mut left = Vec::new();
    for matcher in matchers {
        let matches_empty = matcher.matches_empty();
        if matches_empty && matcher.op == MatchOp::Regex && is_everything(matcher) {
            continue;
        }
        if !has_few_lists(matcher) {
            left.push(matcher);
            continue;
        }
        let lists = lists(source, matcher, !matches_empty)?;
        if matches_empty {
            unwanted.push(lists);
        } else if lists.is_empty() {
            return Ok(Vec::new());
        } else {
            wanted.push(lists);
        }
    }
    let mut selected = intersection(wanted);
    // Those that only ask for a label have the most lists.
    left.sort_by_key(|matcher| asks_for_label(matcher));
    for matcher in left {
        if let Some(selected) = &mut selected
            && (selected.is_empty() || source.keep_meeting(selected, matcher)?)
        {
            continue;
        }
        let matches_empty = matcher.matches_empty();
        let lists = lists(source, matcher, !matches_empty)?;
        if matches_empty {
            unwanted.push(lists);
        } else if let Some(selected) = &mut selected {
            keep_by(selected, &lists, true);
        } else {
            selected = Some(union(&lists));
        }
    }
    let mut selected = match selected {
        Some(selected) => selected,
        None => source.all()?.iter().collect(),
    };
    for lists in unwanted {
        keep_by(&mut selected, &lists, false);
    }
    Ok(selected)
}

/// The references that are in each of the unions; `None` if there is no union.
fn intersection(mut unions: Vec<Vec<List<'_>>>) -> Option<Vec<u32>> {
    unions.sort_by_key(|lists| lists.iter().map(List::len).sum::<usize>());
    let mut unions = unions.into_iter();
    let mut selected = union(&unions.next()?);
    for lists in unions {
        keep_by(&mut selected, &lists, true);
    }
    Some(selected)
}

/// Whether the lists that decide about a matcher are found without going through all values of its label.
fn has_few_lists(matcher: &Matcher) -> bool {
    let literals = |matcher: &Matcher| matcher.regex().is_none_or(|regex| regex.literals().is_some());
    names_them(matcher, !matcher.matches_empty()) && literals(matcher)
}

/// Whether any value will do, if only the label is there.
fn asks_for_label(matcher: &Matcher) -> bool {
    names_any(matcher, true)
}

/// Whether the values that are looked for, those that meet a matcher or those that do not, are the ones that it names.
fn names_them(matcher: &Matcher, meeting: bool) -> bool {
    matches!(matcher.op, MatchOp::Equal | MatchOp::Regex) == meeting
}

/// Whether the values that are looked for are all there are.
fn names_any(matcher: &Matcher, meeting: bool) -> bool {
    match matcher.op {
        MatchOp::Equal => !meeting && matcher.value.is_empty(),
        MatchOp::NotEqual => meeting && matcher.value.is_empty(),
        MatchOp::Regex => meeting && matches_non_empty(matcher),
        MatchOp::NotRegex => !meeting && matches_non_empty(matcher),
    }
}

fn matches_non_empty(matcher: &Matcher) -> bool {
    matcher.regex().is_some_and(|regex| regex.matches_non_empty())
}

fn is_everything(matcher: &Matcher) -> bool {
    matcher.regex().is_some_and(|regex| regex.matches_everything())
}

/// The lists of the values of the matcher's label that meet it, or of those that do not.
fn lists<'a, S: PostingsSource>(
    source: &'a S,
    matcher: &Matcher,
    meeting: bool,
) -> Result<Vec<List<'a>>, S::Error> {
    let name = matcher.name.as_str();
    if names_any(matcher, meeting)
        && let Some(list) = source.with_label(name)?
    {
        return Ok(vec![list]);
    }
    let mut lists = Vec::new();
    // Values that are named: those of `=` and `=~` that meet it, those of `!=` and `!~` that do not.
    if names_them(matcher, meeting) {
        match matcher.regex() {
            None => lists.extend(source.with_value(name, &matcher.value)?),
            Some(regex) => match regex.literals() {
                Some(literals) => {
                    for literal in literals {
                        lists.extend(source.with_value(name, literal)?);
                    }
                }
                None => {
                    let any = regex.matches_everything() || regex.matches_non_empty();
                    let mut keep = |value: &str| any || regex.is_match(value);
                    source.with_values(name, regex.prefix(), &mut keep, &mut lists)?;
                }
            },
        }
    } else {
        source.with_values(name, "", &mut |value| matcher.matches(value) == meeting, &mut lists)?;
    }
    Ok(lists)
}

/// All references of any of the lists, each once.
pub(super) fn union(lists: &[List<'_>]) -> Vec<u32> {
    if let [list] = lists {
        return list.iter().collect();
    }
    if let Some(set) = DenseSet::of(lists) {
        return set.iter().collect();
    }
    let mut all: Vec<u32> = lists.iter().flat_map(|list| list.iter()).collect();
    // Runs that are sorted already are merged.
    all.sort();
    all.dedup();
    all
}

/// Keeps the references that are in any of the lists, or those that are in none.
fn keep_by(references: &mut Vec<u32>, lists: &[List<'_>], present: bool) {
    let total: usize = lists.iter().map(List::len).sum();
    if lists.len() > 1
        && total > references.len() / 8
        && let Some(set) = DenseSet::of(lists)
    {
        return references.retain(|reference| set.contains(*reference) == present);
    }
    let mut found = vec![false; references.len()];
    for list in lists {
        list.for_each_common(references, |i| found[i] = true);
    }
    let mut found = found.into_iter();
    references.retain(|_| found.next() == Some(present));
}

/// The references of many lists as bits: nothing is compared. For lists that lie close together, as those of most of
/// the values of a label do.
struct DenseSet {
    first: u32,
    words: Vec<u64>,
}

impl DenseSet {
    /// Bits for each reference that the set may have at most. The series of a block lie some dozens apart.
    const SPREAD: usize = 128;

    /// The set, unless it would have many more bits than references.
    fn of(lists: &[List<'_>]) -> Option<DenseSet> {
        let filled = || lists.iter().filter(|list| list.len() > 0);
        let first = filled().map(|list| list.get(0)).min()?;
        let last = filled().map(|list| list.get(list.len() - 1)).max()?;
        let total: usize = lists.iter().map(List::len).sum();
        // A list that does not rise, in a damaged file, has no place here.
        let bits = last.checked_sub(first)? as usize + 1;
        if bits > total.saturating_mul(Self::SPREAD) {
            return None;
        }
        let mut words = vec![0_u64; bits.div_ceil(64)];
        for reference in lists.iter().flat_map(|list| list.iter()) {
            let bit = reference.checked_sub(first)? as usize;
            *words.get_mut(bit / 64)? |= 1 << (bit % 64);
        }
        Some(DenseSet { first, words })
    }

    fn contains(&self, reference: u32) -> bool {
        reference.checked_sub(self.first).is_some_and(|bit| {
            let word = self.words.get(bit as usize / 64);
            word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
        })
    }

    /// The references, rising.
    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().zip(0..).flat_map(move |(word, place)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(self.first + place * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::convert::Infallible;

    use super::*;
    use crate::model::Labels;

    /// Postings of label sets, the reference of each its place in a list.
    struct Sets {
        sets: Vec<Labels>,
        all: Vec<u32>,
        values: BTreeMap<(String, String), Vec<u32>>,
    }

    impl Sets {
        fn new(sets: Vec<Labels>) -> Self {
            let mut values = BTreeMap::<_, Vec<u32>>::new();
            for (i, set) in sets.iter().enumerate() {
                for (name, value) in set.iter() {
                    values.entry((name.to_owned(), value.to_owned())).or_default().push(i as u32);
                }
            }
            Sets { all: (0..sets.len() as u32).collect(), sets, values }
        }
    }

    impl PostingsSource for Sets {
        type Error = Infallible;

        fn all(&self) -> Result<List<'_>, Infallible> {
            Ok(List::Native(&self.all))
        }

        fn with_value(&self, name: &str, value: &str) -> Result<Option<List<'_>>, Infallible> {
            Ok(self.values.get(&(name.to_owned(), value.to_owned())).map(|list| List::Native(list)))
        }

        fn with_values<'a>(
            &'a self,
            name: &str,
            prefix: &str,
            keep: &mut dyn FnMut(&str) -> bool,
            lists: &mut Vec<List<'a>>,
        ) -> Result<(), Infallible> {
            for ((n, value), list) in &self.values {
                if n == name && value.starts_with(prefix) && keep(value) {
                    lists.push(List::Native(list));
                }
            }
            Ok(())
        }

        fn keep_meeting(&self, references: &mut Vec<u32>, matcher: &Matcher) -> Result<bool, Infallible> {
            let few = references.len() < 50;
            if few {
                references.retain(|i| matcher.matches(self.sets[*i as usize].value(&matcher.name)));
            }
            Ok(few)
        }
    }

    #[test]
    fn matchers_select_what_they_match() {
        let sets = (0..200).map(|i: u32| {
            let pick = |n: u32| if i.is_multiple_of(n + 1) { String::new() } else { format!("v{}", i % n) };
            Labels::from_pairs([("a", pick(3)), ("b", pick(7)), ("c", format!("x{i}")), ("d", pick(2))])
        });
        let sets = Sets::new(sets.collect());
        let matcher = |text: &str| {
            let at = text.find(['=', '!']).unwrap();
            let (name, rest) = text.split_at(at);
            let (op, value) = match rest.as_bytes() {
                [b'=', b'~', ..] => (MatchOp::Regex, &rest[2..]),
                [b'!', b'~', ..] => (MatchOp::NotRegex, &rest[2..]),
                [b'!', ..] => (MatchOp::NotEqual, &rest[2..]),
                _ => (MatchOp::Equal, &rest[1..]),
            };
            Matcher::new(op, name, value).unwrap()
        };
        let all = [
            "a=v1",
            "a=",
            "a=none",
            "a!=v1",
            "a!=",
            "a!=none",
            "a=~v[12]",
            "a=~v1|",
            "a=~.*",
            "a=~.+",
            "a=~",
            "a!~v1|v2",
            "a!~.*",
            "a!~.+",
            "a!~v1|",
            "a=~v.*",
            "a!~v.*",
            "b=v3",
            "b=~v[1-3]",
            "b=~[^1]+",
            "b!~[^1]+",
            "b!=v5",
            "c=~x1.*",
            "c=~x.*7",
            "c!~x1.*",
            "d=",
            "d=~.+",
            "missing=",
            "missing!=",
            "missing=~.*",
            "missing=~a|",
            "missing!~a",
        ];
        for first in all {
            for second in all {
                for third in ["", "b!=v2", "c=~x[0-9]"] {
                    let texts = [first, second, third];
                    let matchers: Vec<Matcher> =
                        texts.iter().filter(|text| !text.is_empty()).map(|text| matcher(text)).collect();
                    let expected: Vec<u32> = (0..200)
                        .filter(|&i| matchers.iter().all(|m| m.matches(sets.sets[i as usize].value(&m.name))))
                        .collect();
                    assert_eq!(select(&sets, &matchers).unwrap(), expected, "{texts:?}");
                }
            }
        }
    }

    #[test]
    fn a_dense_set_is_the_union() {
        let (a, b): (Vec<u32>, Vec<u32>) = ((700..900).step_by(3).collect(), (5..800).step_by(7).collect());
        let lists = [List::Native(&a), List::Native(&[]), List::Native(&b)];
        let set = DenseSet::of(&lists).unwrap();
        let expected: BTreeSet<u32> = a.iter().chain(&b).copied().collect();
        assert!(set.iter().eq(expected.iter().copied()));
        assert!((0..1000).all(|n| set.contains(n) == expected.contains(&n)));
        assert!(!set.contains(u32::MAX));
        let far_apart = [List::Native(&[1]), List::Native(&[u32::MAX])];
        assert!(DenseSet::of(&far_apart).is_none());
        let largest = [List::Native(&[u32::MAX - 1]), List::Native(&[u32::MAX])];
        assert!(DenseSet::of(&largest).unwrap().iter().eq([u32::MAX - 1, u32::MAX]));
        assert!(DenseSet::of(&[List::Native(&[9, 3])]).is_none());
        assert!(DenseSet::of(&[]).is_none());
    }

    #[test]
    fn common_references_of_lists_of_all_sizes() {
        for (step_a, step_b, len) in [(1, 1, 50), (1, 37, 500), (37, 1, 500), (3, 5, 300), (100, 7, 1000)] {
            let a: Vec<u32> = (0..len).step_by(step_a).collect();
            let b: Vec<u32> = (0..len).step_by(step_b).collect();
            let big_endian: Vec<[u8; 4]> = b.iter().map(|n| n.to_be_bytes()).collect();
            let mut common = Vec::new();
            List::BigEndian(&big_endian).for_each_common(&a, |i| common.push(a[i]));
            let expected: Vec<u32> =
                BTreeSet::from_iter(a.iter().filter(|n| b.contains(n)).copied()).into_iter().collect();
            assert_eq!(common, expected);
        }
        let list = List::Native(&[2, 4, 6, 8]);
        for (reference, place) in [(0, 0), (2, 0), (3, 1), (8, 3), (9, 4)] {
            assert_eq!(list.seek(0, reference), place);
        }
    }
}
