//! Lists of postings in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound;

use super::super::postings::{List, PostingsSource};
use crate::model::Labels;

/// For each value of each label, the series that have it.
#[derive(Debug, Default)]
pub(super) struct MemPostings {
    all: Vec<u32>,
    names: BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<u32>>>,
}

impl MemPostings {
    /// Adds a series. References have to rise.
    pub(super) fn add(&mut self, reference: u32, labels: &Labels) {
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

    /// The label names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }

    /// The values of the label `name`, sorted.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.names.get(name).into_iter().flat_map(|values| values.keys().map(|value| &**value))
    }
}

impl PostingsSource for MemPostings {
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
