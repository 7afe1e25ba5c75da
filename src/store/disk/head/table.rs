//! The series of the head, by reference: the order in which they came.
//!
//! A reader keeps the table as it is while the writer adds series to it: the table is in pieces, and only the last one
//! is copied before it grows.

use std::sync::{Arc, OnceLock};

use super::series::HeadSeries;

/// So many series are a piece.
const PIECE: usize = 1024;

/// The series of the head.
#[derive(Debug, Default)]
pub(super) struct SeriesTable {
    pieces: Vec<Arc<Vec<Arc<HeadSeries>>>>,
    /// For each series how many there are with smaller labels.
    ranks: OnceLock<Vec<u32>>,
}

impl Clone for SeriesTable {
    fn clone(&self) -> Self {
        SeriesTable { pieces: self.pieces.clone(), ranks: OnceLock::new() }
    }
}

impl SeriesTable {
    /// A table of these series.
    pub(super) fn new(series: &[Arc<HeadSeries>]) -> Self {
        let pieces = series.chunks(PIECE).map(|piece| Arc::new(piece.to_vec())).collect();
        SeriesTable { pieces, ranks: OnceLock::new() }
    }

    /// How many series there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE + last.len())
    }

    /// Adds a series and tells its reference.
    pub(super) fn push(&mut self, series: Arc<HeadSeries>) -> u32 {
        self.ranks = OnceLock::new();
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => Arc::make_mut(last).push(series),
            _ => self.pieces.push(Arc::new(vec![series])),
        }
        self.len() as u32 - 1
    }

    /// The series with this reference.
    pub(super) fn get(&self, reference: u32) -> &Arc<HeadSeries> {
        let place = reference as usize;
        &self.pieces[place / PIECE][place % PIECE]
    }

    /// All series.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<HeadSeries>> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// Sorts references by the labels of their series. When they are many, the order of all series is found once.
    pub(super) fn sort(&self, references: &mut [u32]) {
        let labels = |reference: &u32| &self.get(*reference).labels;
        if references.len() < self.len() / 8 && self.ranks.get().is_none() {
            references.sort_unstable_by(|a, b| labels(a).cmp(labels(b)));
            return;
        }
        let ranks = self.ranks.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.len() as u32).collect();
            order.sort_unstable_by(|a, b| labels(a).cmp(labels(b)));
            let mut ranks = vec![0; order.len()];
            (0..).zip(order).for_each(|(rank, reference)| ranks[reference as usize] = rank);
            ranks
        });
        references.sort_unstable_by_key(|reference| ranks[*reference as usize]);
    }
}
