//! How often each of very many things occurs at each step.
//!
//! Nearly all of them may occur at very few steps, and some at all of them. So what occurs is noted in one long log,
//! and a thing that is noted too often there gets a count for each step:
//!
//! ```text
//! log   0 at step 3,  1 at step 3,  2 at step 4,  0 at step 4, ...      columns   2: [0 0 0 0 9 8 9 ...]
//! ```
//!
//! When all has been noted, the log is sorted by thing.

use rustc_hash::FxHashMap;

use crate::model::ColumnMut;

/// Things and their occurrences, in the making.
#[derive(Debug)]
pub(super) struct OccurrenceLog {
    steps: usize,
    /// How often each thing is in the log. Beyond the most that may be: the place of its column.
    logged: Vec<u32>,
    /// Thing and step of each occurrence that is not in `columns`.
    log: Vec<(u32, u32)>,
    /// Things that are in the log as often as may be, and how often they occur otherwise.
    columns: Vec<(u32, Box<[u32]>)>,
    /// Room taken since it was asked for, in samples.
    taken: usize,
}

impl OccurrenceLog {
    /// No things yet.
    pub(super) fn new(steps: usize) -> Self {
        OccurrenceLog { steps, logged: Vec::new(), log: Vec::new(), columns: Vec::new(), taken: 0 }
    }

    /// How often a thing is logged at most.
    fn most_logged(&self) -> u32 {
        (self.steps / 4) as u32 + 1
    }

    /// Notes that `thing` occurs once more at `step`. Things are numbered in the order in which they are first noted.
    #[inline]
    pub(super) fn note(&mut self, thing: u32, step: usize) {
        if thing as usize == self.logged.len() {
            self.logged.push(0);
        }
        let most = self.most_logged();
        let logged = &mut self.logged[thing as usize];
        if *logged < most {
            *logged += 1;
            self.taken += 1;
            self.log.push((thing, step as u32));
            return;
        }
        if *logged == most {
            self.columns.push((thing, vec![0; self.steps].into()));
            self.taken += self.steps;
            *logged += self.columns.len() as u32;
        }
        let column = *logged - most - 1;
        self.columns[column as usize].1[step] += 1;
    }

    /// How much room was taken since this was asked for the last time, in samples.
    pub(super) fn take_taken(&mut self) -> usize {
        std::mem::take(&mut self.taken)
    }

    /// All that was noted, by thing.
    pub(super) fn finish(self) -> Occurrences {
        let most = self.most_logged();
        let mut ends = self.logged;
        let mut total = 0;
        for end in &mut ends {
            let count = (*end).min(most);
            *end = total;
            total += count;
        }
        // `ends` holds where each thing begins, and has moved to where it ends when all steps are placed.
        let mut steps = vec![0; self.log.len()];
        for (thing, step) in self.log {
            let end = &mut ends[thing as usize];
            steps[*end as usize] = step;
            *end += 1;
        }
        Occurrences { ends, steps, columns: self.columns.into_iter().collect() }
    }
}

/// Things and their occurrences.
#[derive(Debug)]
pub(super) struct Occurrences {
    /// Where the steps of each thing end.
    ends: Vec<u32>,
    /// The steps of the log, thing after thing; a step for each occurrence, in no order.
    steps: Vec<u32>,
    columns: FxHashMap<u32, Box<[u32]>>,
}

impl Occurrences {
    /// Writes how often `thing` occurs at each step, where it does, into a column without samples.
    pub(super) fn write(&self, thing: usize, out: &mut ColumnMut<'_>) {
        if let Some(counts) = self.columns.get(&(thing as u32)) {
            out.fill(|step| (counts[step] > 0).then(|| f64::from(counts[step])));
        }
        let start = thing.checked_sub(1).map_or(0, |before| self.ends[before]);
        for &step in &self.steps[start as usize..self.ends[thing] as usize] {
            let step = step as usize;
            let before = if out.has(step) { out.values[step] } else { 0.0 };
            out.set(step, before + 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Batch;

    proptest! {
        #[test]
        fn as_a_table_of_counts(notes in prop::collection::vec((0..6u32, 0..9usize), 0..200), rare in 0..9usize) {
            let mut table = [[0u32; 9]; 7];
            let mut log = OccurrenceLog::new(9);
            let each_once = (0..7).map(|thing| (thing, rare));
            for (thing, step) in each_once.chain(notes).chain([(6, rare)]) {
                table[thing as usize][step] += 1;
                log.note(thing, step);
            }
            let occurrences = log.finish();
            for (thing, expected) in table.iter().enumerate() {
                let mut batch = Batch::default();
                batch.reset(1, 9);
                occurrences.write(thing, &mut batch.column_mut(0));
                let counts: Vec<u32> = (0..9).map(|i| batch.column(0).get(i).unwrap_or(0.0) as u32).collect();
                prop_assert_eq!(counts.as_slice(), expected.as_slice());
            }
        }
    }

    #[test]
    fn room_is_told_once() {
        let mut log = OccurrenceLog::new(8);
        for (step, taken) in [(0, 1), (0, 1), (1, 1), (2, 8), (3, 0), (3, 0)] {
            log.note(0, step);
            assert_eq!(log.take_taken(), taken);
        }
    }
}
