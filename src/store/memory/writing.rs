//! One commit: series are changed one by one, and the change becomes visible when it is published.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::series::{Commit, MemorySeries, Samples};
use super::snapshot::{Contents, State};
use super::timeline::SealedTable;
use crate::model::TimeRange;

/// A commit that is being made; there is one at a time.
pub(super) struct Writing<'c> {
    contents: &'c Contents,
    table: MutexGuard<'c, SealedTable>,
    /// The state as it will be.
    state: State,
    oldest: Commit,
    new_series: Vec<Arc<MemorySeries>>,
}

impl<'c> Writing<'c> {
    /// Waits for other commits to end, and begins one.
    pub(super) fn begin(contents: &'c Contents) -> Self {
        let table = contents.table.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut state, oldest) = {
            let states = contents.states();
            (states.latest, states.oldest())
        };
        state.commit += 1;
        Writing { contents, table, state, oldest, new_series: Vec::new() }
    }

    /// Adds `count` samples from the stretch `times` to a series. All of them come after what is there.
    pub(super) fn change(
        &mut self,
        series: &Arc<MemorySeries>,
        times: TimeRange,
        count: usize,
        add: impl FnOnce(&mut Samples, &mut SealedTable),
    ) {
        let mut samples = series.write();
        add(&mut samples, &mut self.table);
        samples.mark(self.state.commit, self.oldest);
        if !samples.indexed {
            samples.indexed = true;
            self.new_series.push(series.clone());
        }
        drop(samples);
        series.cover(times);
        self.state.samples += count as u64;
        self.state.times = Some(self.state.times.map_or(times, |known| known.union(times)));
    }

    /// Makes the changes visible.
    pub(super) fn publish(mut self) {
        if !self.new_series.is_empty() {
            let mut indexed = self.contents.indexed.write().unwrap_or_else(PoisonError::into_inner);
            for series in self.new_series.drain(..) {
                let number = indexed.series.len() as u32;
                indexed.index.add(number, &series.labels);
                indexed.series.push(series);
            }
            self.state.series = indexed.series.len() as u32;
        }
        self.contents.states().latest = self.state;
    }
}
