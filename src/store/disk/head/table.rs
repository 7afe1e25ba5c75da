//! The series of the head, by reference: the order in which they came.
//!
//! Series are handed out sorted by labels. As the table only grows, the order is found once for each of its lengths
//! that is asked for, and kept.

use std::sync::{Arc, OnceLock};

use super::series::HeadSeries;

/// The series of the head.
#[derive(Debug, Default)]
pub(super) struct SeriesTable {
    series: Vec<Arc<HeadSeries>>,
    /// For each series how many there are with smaller labels.
    ranks: OnceLock<Vec<u32>>,
}

impl Clone for SeriesTable {
    fn clone(&self) -> Self {
        SeriesTable { series: self.series.clone(), ranks: OnceLock::new() }
    }
}

impl SeriesTable {
    /// A table of these series.
    pub(super) fn new(series: Vec<Arc<HeadSeries>>) -> Self {
        SeriesTable { series, ranks: OnceLock::new() }
    }

    /// Adds a series and tells its reference.
    pub(super) fn push(&mut self, series: Arc<HeadSeries>) -> u32 {
        self.ranks = OnceLock::new();
        self.series.push(series);
        self.series.len() as u32 - 1
    }

    /// The series with this reference.
    pub(super) fn get(&self, reference: u32) -> &Arc<HeadSeries> {
        &self.series[reference as usize]
    }

    /// All series.
    pub(super) fn all(&self) -> &[Arc<HeadSeries>] {
        &self.series
    }

    /// Sorts references by the labels of their series.
    pub(super) fn sort(&self, references: &mut [u32]) {
        let ranks = self.ranks.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.series.len() as u32).collect();
            order.sort_by(|a, b| self.get(*a).labels.cmp(&self.get(*b).labels));
            let mut ranks = vec![0; order.len()];
            (0..).zip(order).for_each(|(rank, reference)| ranks[reference as usize] = rank);
            ranks
        });
        references.sort_unstable_by_key(|reference| ranks[*reference as usize]);
    }
}
