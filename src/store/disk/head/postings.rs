//! Lists of postings in memory, which a reader keeps as they are while the writer goes on.
//!
//! The lists come in tiers that never change. New series make a new tier, and tiers that are of much the same size are
//! made into one, so that there are few, and each series is copied a few times only:
//!
//! ```text
//! series 0 to 4095    4096 to 6143    6144 to 6200    6201
//! ```
//!
//! Tiers follow each other in the order of their references, and so do the series that are found in them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Bound;
use std::sync::Arc;

use super::super::postings::{List, PostingsSource, select};
use crate::model::{Labels, Matcher};

/// For each value of each label, the series that have it.
#[derive(Clone, Debug, Default)]
pub(super) struct Postings {
    /// Each at least twice as large as the next one.
    tiers: Vec<Arc<Tier>>,
}

/// The postings of series that follow each other.
#[derive(Clone, Debug, Default)]
struct Tier {
    all: Vec<u32>,
    names: BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<u32>>>,
}

impl Postings {
    /// Adds series. References have to rise.
    pub(super) fn add<'a>(&mut self, series: impl Iterator<Item = (u32, &'a Labels)>) {
        let mut tier = Tier::default();
        series.for_each(|(reference, labels)| tier.add(reference, labels));
        if tier.all.is_empty() {
            return;
        }
        while let Some(before) = self.tiers.pop_if(|before| before.all.len() < 2 * tier.all.len()) {
            let mut before = Arc::unwrap_or_clone(before);
            before.append(tier);
            tier = before;
        }
        self.tiers.push(Arc::new(tier));
    }

    /// Series that meet all matchers, in the order in which they came.
    pub(super) fn select(&self, matchers: &[Matcher]) -> Vec<u32> {
        let mut selected = Vec::new();
        for tier in &self.tiers {
            let Ok(of_tier) = select(&**tier, matchers);
            selected.extend(of_tier);
        }
        selected
    }

    /// The label names.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.tiers.iter().flat_map(|tier| tier.names.keys()).map(|name| &**name).collect()
    }

    /// The values of the label `name`.
    pub(super) fn values(&self, name: &str) -> BTreeSet<&str> {
        let values = self.tiers.iter().filter_map(|tier| tier.names.get(name));
        values.flat_map(|values| values.keys()).map(|value| &**value).collect()
    }
}

impl Tier {
    fn add(&mut self, reference: u32, labels: &Labels) {
        self.all.push(reference);
        for (name, value) in labels {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), BTreeMap::new());
            }
            let Some(values) = self.names.get_mut(name) else { continue };
            match values.get_mut(value) {
                Some(list) => list.push(reference),
                None => {
                    values.insert(value.into(), vec![reference]);
                }
            }
        }
    }

    /// Takes over the series of the tier that follows.
    fn append(&mut self, later: Tier) {
        self.all.extend(later.all);
        for (name, values) in later.names {
            let own = self.names.entry(name).or_default();
            for (value, list) in values {
                own.entry(value).or_default().extend(list);
            }
        }
    }
}

impl PostingsSource for Tier {
    type Error = Infallible;

    fn all(&self) -> Result<List<'_>, Infallible> {
        Ok(List::Native(&self.all))
    }

    fn with_value(&self, name: &str, value: &str) -> Result<Option<List<'_>>, Infallible> {
        Ok(self.names.get(name).and_then(|values| values.get(value)).map(|list| List::Native(list)))
    }

    fn with_values<'a>(
        &'a self,
        name: &str,
        prefix: &str,
        keep: &mut dyn FnMut(&str) -> bool,
        lists: &mut Vec<List<'a>>,
    ) -> Result<(), Infallible> {
        let Some(values) = self.names.get(name) else { return Ok(()) };
        let from = (Bound::Included(prefix), Bound::Unbounded);
        for (value, list) in values.range::<str, _>(from).take_while(|(value, _)| value.starts_with(prefix)) {
            if keep(value) {
                lists.push(List::Native(list));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_stay_few() {
        let mut postings = Postings::default();
        let sets: Vec<Labels> = (0..1000)
            .map(|i| Labels::from_pairs([("a", format!("{}", i % 7)), ("b", format!("{i}"))]))
            .collect();
        for (reference, set) in (0..).zip(&sets) {
            postings.add(std::iter::once((reference, set)));
            assert!(postings.tiers.len() <= 11);
        }
        let expected: Vec<u32> = (0..1000).filter(|i| i % 7 == 3).collect();
        assert_eq!(postings.select(&[Matcher::equal("a", "3")]), expected);
        assert_eq!(postings.select(&[]).len(), 1000);
        assert_eq!(postings.values("a").len(), 7);
        assert_eq!(postings.names().into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
