//! Lists of postings in memory, which a reader keeps as they are while the writer goes on.
//!
//! Names, values and lists are shared. As long as nobody else holds them they grow where they are; what a reader holds
//! is copied before it grows, and only as far as it does: the names, the values of one name, one list.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound;
use std::sync::Arc;

use super::super::postings::{List, PostingsSource};
use crate::model::Labels;

type Values = BTreeMap<Arc<str>, Arc<Vec<u32>>>;

/// For each value of each label, the series that have it.
#[derive(Clone, Debug, Default)]
pub(super) struct MemPostings {
    all: Arc<Vec<u32>>,
    names: BTreeMap<Arc<str>, Arc<Values>>,
}

impl MemPostings {
    /// Adds a series. References have to rise.
    pub(super) fn add(&mut self, reference: u32, labels: &Labels) {
        Arc::make_mut(&mut self.all).push(reference);
        for (name, value) in labels {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), Arc::default());
            }
            let Some(values) = self.names.get_mut(name) else { continue };
            let values = Arc::make_mut(values);
            match values.get_mut(value) {
                Some(list) => Arc::make_mut(list).push(reference),
                None => {
                    values.insert(value.into(), Arc::new(vec![reference]));
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
