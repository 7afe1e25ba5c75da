//! Which series belong together: found once a query, from labels alone.
//!
//! Two series are in one group when the chosen labels agree; a label that is missing agrees with an empty one.
//! Series mostly come sorted, so that neighbours often share a group: a key equal to the one before needs no look-up.
//! No label set is built but one for each group.
//!
//! ```text
//! sum by (job) of    up{instance="a:1", job="db"}    group 0  {job="db"}
//!                    up{instance="b:1", job="db"}    group 0
//!                    up{instance="c:1", job="web"}   group 1  {job="web"}
//! ```

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::exec::{ExecError, OutputSeries, QueryContext};
use crate::model::labels::METRIC_NAME;
use crate::model::nearby::SERIES_AT_A_TIME;
use crate::model::{Batch, Labels};

/// The labels that a clause chooses.
#[derive(Clone, Debug)]
pub(super) struct LabelSelection {
    without: bool,
    /// Sorted, without repetition. The metric's name is not among those of `without`, which drops it unasked.
    names: Arc<[String]>,
}

impl LabelSelection {
    /// `without` the names, or else `by` them. The metric's name is not kept by `without`.
    pub(super) fn new(without: bool, names: Arc<[String]>) -> Self {
        if names.is_sorted_by(|a, b| a < b) {
            return LabelSelection { without, names };
        }
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        LabelSelection { without, names: names.into() }
    }

    /// Whether a label with this name is kept.
    pub(super) fn keeps(&self, name: &str) -> bool {
        match self.without {
            true => name != METRIC_NAME && self.position(name).is_none(),
            false => self.position(name).is_some(),
        }
    }

    /// The same without the label `name`.
    pub(super) fn except(&self, name: &str) -> LabelSelection {
        let mut names = self.names.to_vec();
        if self.without {
            names.push(name.to_owned());
        } else {
            names.retain(|own| own != name);
        }
        LabelSelection::new(self.without, names.into())
    }

    /// Whether groups are told apart by the label `name` if `count_values` writes it: `by` keeps it unasked.
    pub(super) fn keeps_value_label(&self, name: &str) -> bool {
        !self.without || self.keeps(name)
    }

    /// The labels that a group is told by.
    pub(super) fn labels(&self, labels: &Labels) -> Labels {
        labels.filter(|name| self.keeps(name))
    }

    /// The place of `name` among the names of the clause.
    fn position(&self, name: &str) -> Option<usize> {
        // Names of other lengths are told apart at a glance, so a short list is best gone through. To call what compares
        // long texts would take longer than comparing a name.
        let is_same = |own: &String| own.len() == name.len() && own.bytes().eq(name.bytes());
        match self.names.len() {
            0..=8 => self.names.iter().position(is_same),
            _ => self.names.binary_search_by(|own| own.as_str().cmp(name)).ok(),
        }
    }

    /// Writes what is chosen of `labels` as bytes that are equal exactly when the choice is.
    fn write_key(&self, labels: &Labels, key: &mut Vec<u8>) {
        key.clear();
        let push = |key: &mut Vec<u8>, piece: &str| {
            key.extend_from_slice(&(piece.len() as u32).to_le_bytes());
            key.extend_from_slice(piece.as_bytes());
        };
        if self.without {
            for (name, value) in labels.iter().filter(|(name, _)| self.keeps(name)) {
                push(key, name);
                push(key, value);
            }
            return;
        }
        let mut missing = self.names.len();
        for (name, value) in labels {
            if let Some(place) = self.position(name) {
                key.extend_from_slice(&(place as u32).to_le_bytes());
                push(key, value);
                missing -= 1;
                if missing == 0 {
                    return;
                }
            }
        }
    }
}

/// The group of each series. Groups are numbered in the order in which they first appear.
#[derive(Debug)]
pub(super) struct Grouping {
    /// For each series its group.
    pub(super) groups: Vec<u32>,
    /// For each group its first series.
    pub(super) first: Vec<u32>,
}

impl Grouping {
    /// Sorts `series` into groups.
    pub(super) fn resolve(
        selection: &LabelSelection,
        series: &[OutputSeries],
        context: &QueryContext,
    ) -> Result<Self, ExecError> {
        if series.len() == 1 || !selection.without && selection.names.is_empty() {
            return Ok(Grouping {
                groups: vec![0; series.len()],
                first: if series.is_empty() { Vec::new() } else { vec![0] },
            });
        }
        let mut grouping = Grouping { groups: Vec::with_capacity(series.len()), first: Vec::new() };
        let mut known: FxHashMap<Box<[u8]>, u32> = FxHashMap::default();
        // With room from the start: an empty key without any would lie nowhere, and comparing what lies nowhere costs some
        // processors a hundred times as much.
        let (mut key, mut before) = (Vec::with_capacity(64), Vec::with_capacity(64));
        for (i, one) in series.iter().enumerate() {
            if i % 4096 == 0 {
                context.check()?;
            }
            if i % SERIES_AT_A_TIME == 0 {
                series[i..].iter().take(SERIES_AT_A_TIME).for_each(|next| next.labels.fetch());
            }
            selection.write_key(&one.labels, &mut key);
            let group = match grouping.groups.last() {
                Some(&group) if key == before => group,
                _ => match known.get(key.as_slice()) {
                    Some(&group) => group,
                    None => {
                        let group = grouping.first.len() as u32;
                        known.insert(key.as_slice().into(), group);
                        grouping.first.push(i as u32);
                        group
                    }
                },
            };
            grouping.groups.push(group);
            std::mem::swap(&mut key, &mut before);
        }
        Ok(grouping)
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.first.len()
    }

    /// The labels of each group.
    pub(super) fn labels(
        &self,
        selection: &LabelSelection,
        series: &[OutputSeries],
    ) -> impl Iterator<Item = Labels> {
        self.first.iter().map(|&first| selection.labels(&series[first as usize].labels))
    }

    /// Nobody has come yet. A single group is in order whenever it comes.
    pub(super) fn arrivals(&self) -> Arrivals {
        let groups = if self.len() == 1 { 0 } else { self.len() };
        Arrivals { here: vec![false; groups], order: Vec::new() }
    }

    /// How many series each group has.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.len()];
        for &group in &self.groups {
            sizes[group as usize] += 1;
        }
        sizes
    }
}

/// The order in which groups get their first sample, series by series. It is the order of the result, and what is added
/// up further out is added in that order; a series without any sample has no say in it.
#[derive(Debug)]
pub(super) struct Arrivals {
    here: Vec<bool>,
    order: Vec<u32>,
}

impl Arrivals {
    /// Looks at the next columns; `groups` are theirs.
    pub(super) fn see(&mut self, batch: &Batch, groups: &[u32]) {
        if self.order.len() == self.here.len() {
            return;
        }
        for (i, &group) in groups.iter().enumerate() {
            let here = &mut self.here[group as usize];
            if !*here && !batch.column(i).is_empty() {
                *here = true;
                self.order.push(group);
            }
        }
    }

    /// All groups in their order, those without any sample last; `None` if the order is theirs already.
    pub(super) fn order(mut self) -> Option<Vec<u32>> {
        if self.order.is_sorted() {
            return None;
        }
        self.order.extend((0..self.here.len() as u32).filter(|&group| !self.here[group as usize]));
        Some(self.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_comes_with_its_first_sample() {
        let mut batch = Batch::default();
        batch.reset(4, 2);
        for column in [1, 2] {
            batch.column_mut(column).set(1, 0.0);
        }
        for (groups, order) in
            [([0, 1, 0, 2], Some(vec![1, 0, 2])), ([0, 0, 1, 2], None), ([2, 2, 0, 1], Some(vec![2, 0, 1]))]
        {
            let mut arrivals = Arrivals { here: vec![false; 3], order: Vec::new() };
            arrivals.see(&batch, &groups);
            assert_eq!(arrivals.order(), order, "{groups:?}");
        }
    }
}
