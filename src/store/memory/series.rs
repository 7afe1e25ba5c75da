//! One series: its labels, its columns, and how much of them each state of the store shows.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::append_error::AppendErrorKind;
use super::column::Column;
use super::timeline::SealedTable;
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::SampleColumns;

/// The number of a commit; states of the store are named by the latest commit that they show.
pub(super) type Commit = u64;

/// One series of a store.
#[derive(Debug)]
pub(super) struct MemorySeries {
    pub(super) labels: Labels,
    /// The times of the first and the last sample, of whatever commit.
    first_time: AtomicI64,
    last_time: AtomicI64,
    samples: RwLock<Samples>,
}

/// The samples of a series.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) floats: Column<f64>,
    pub(super) histograms: Option<Box<Column<Arc<Histogram>>>>,
    /// How many samples there were after the latest commit that changed the series.
    latest: Mark,
    /// The same of the commits before that somebody may still look back to, rising.
    earlier: Vec<Mark>,
    /// Whether the series can be found by its labels: it can once it has samples.
    pub(super) indexed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    commit: Commit,
    visible: Visible,
}

/// How many samples of each kind a state of the store shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Visible {
    pub(super) floats: usize,
    pub(super) histograms: usize,
}

/// How a new sample relates to what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It comes after all others.
    New,
    /// It is there already.
    Known,
}

impl MemorySeries {
    pub(super) fn new(labels: Labels) -> Self {
        MemorySeries {
            labels,
            first_time: AtomicI64::new(i64::MAX),
            last_time: AtomicI64::new(i64::MIN),
            samples: RwLock::default(),
        }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Samples> {
        self.samples.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Samples> {
        self.samples.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there may be samples in `range`.
    pub(super) fn may_overlap(&self, range: TimeRange) -> bool {
        self.first_time.load(Relaxed) <= range.end && range.start <= self.last_time.load(Relaxed)
    }

    /// Widens the stretch of time in which there may be samples.
    pub(super) fn cover(&self, range: TimeRange) {
        self.first_time.fetch_min(range.start, Relaxed);
        self.last_time.fetch_max(range.end, Relaxed);
    }
}

impl Samples {
    /// How a sample relates to the latest one there is (`tsdb/head_append.go`).
    pub(super) fn fit(&self, time: Timestamp, value: &SampleValue) -> Result<Fit, AppendErrorKind> {
        let float = self.floats.last().map(|(last, value)| (last, SampleValue::Float(value)));
        let histogram = self.histograms.as_ref().and_then(|column| column.last());
        let histogram = histogram.map(|(last, value)| (last, SampleValue::Histogram(value)));
        match float.into_iter().chain(histogram).max_by_key(|(last, _)| *last) {
            Some((last, existing)) => fit_after(last, &existing, time, value),
            None => Ok(Fit::New),
        }
    }

    /// Appends a sample that comes after all others.
    pub(super) fn push(
        &mut self,
        time: Timestamp,
        value: SampleValue,
        start: Timestamp,
        table: &mut SealedTable,
    ) {
        match value {
            SampleValue::Float(value) => self.floats.push(time, value, start, table),
            SampleValue::Histogram(mut value) => {
                self.follow(&mut value);
                self.histograms.get_or_insert_default().push(time, value, start, table);
            }
        }
    }

    /// Makes `histogram` say of the latest sample what stored histograms say of the one before them.
    fn follow(&self, histogram: &mut Arc<Histogram>) {
        let float = self.floats.last().map(|(time, _)| time);
        let previous = self.histograms.as_ref().and_then(|column| column.last());
        let previous = previous.filter(|(time, _)| Some(*time) > float).map(|(_, value)| value);
        Arc::make_mut(histogram).follow(previous.as_deref());
    }

    /// Appends samples that come after all others. `shared` tells that other series have floats at the same times.
    pub(super) fn extend(
        &mut self,
        floats: SampleColumns<f64>,
        histograms: SampleColumns<Arc<Histogram>>,
        shared: bool,
        table: &mut SealedTable,
    ) {
        let mut histograms = histograms;
        let mut floats_before = 0;
        for i in 0..histograms.values.len() {
            let time = histograms.timestamps[i];
            let known = floats_before;
            floats_before += floats.timestamps[known..].iter().take_while(|&&t| t < time).count();
            let (earlier, rest) = histograms.values.split_at_mut(i);
            match earlier.last() {
                _ if floats_before > known => Arc::make_mut(&mut rest[0]).follow(None),
                Some(previous) => Arc::make_mut(&mut rest[0]).follow(Some(previous)),
                None => self.follow(&mut rest[0]),
            }
        }
        self.floats.extend(floats, shared, table);
        if !histograms.is_empty() {
            self.histograms.get_or_insert_default().extend(histograms, false, table);
        }
    }

    /// Lays the samples together in one piece.
    pub(super) fn seal(&mut self, table: &mut SealedTable) {
        self.floats.seal(table);
        if let Some(histograms) = &mut self.histograms {
            histograms.seal(table);
        }
    }

    /// The time of the latest sample.
    pub(super) fn last_time(&self) -> Option<Timestamp> {
        let float = self.floats.last().map(|(time, _)| time);
        float.max(self.histograms.as_ref().and_then(|column| column.last()).map(|(time, _)| time))
    }

    /// Notes that what is there now belongs to `commit`. What was visible at `oldest` and later stays known.
    pub(super) fn mark(&mut self, commit: Commit, oldest: Commit) {
        let visible = Visible {
            floats: self.floats.len(),
            histograms: self.histograms.as_ref().map_or(0, |column| column.len()),
        };
        if self.latest.commit != commit && self.latest.visible != Visible::default() {
            // The last mark that the oldest reader sees decides for it; those before decide for nobody.
            self.earlier.push(self.latest);
            let needed = self.earlier.iter().rposition(|mark| mark.commit <= oldest).unwrap_or(0);
            self.earlier.drain(..needed);
        }
        self.latest = Mark { commit, visible };
    }

    /// What the state after `commit` shows.
    pub(super) fn visible_at(&self, commit: Commit) -> Visible {
        if self.latest.commit <= commit {
            return self.latest.visible;
        }
        let mark = self.earlier.iter().rev().find(|mark| mark.commit <= commit);
        mark.map_or(Visible::default(), |mark| mark.visible)
    }
}

/// How a sample relates to the one before it.
pub(super) fn fit_after(
    last: Timestamp,
    existing: &SampleValue,
    time: Timestamp,
    value: &SampleValue,
) -> Result<Fit, AppendErrorKind> {
    let same = match (existing, value) {
        (SampleValue::Float(a), SampleValue::Float(b)) => a.to_bits() == b.to_bits(),
        (SampleValue::Histogram(a), SampleValue::Histogram(b)) => a.equals(b),
        _ => false,
    };
    match time.cmp(&last) {
        std::cmp::Ordering::Greater => Ok(Fit::New),
        std::cmp::Ordering::Equal if same => Ok(Fit::Known),
        std::cmp::Ordering::Equal => {
            Err(AppendErrorKind::DuplicateTimestamp { existing: existing.clone(), new: value.clone() })
        }
        std::cmp::Ordering::Less => Err(AppendErrorKind::OutOfOrder { latest: last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_sees_its_samples() {
        let mut table = SealedTable::default();
        let mut samples = Samples::default();
        for commit in 2..=20 {
            samples.push(commit as i64, SampleValue::Float(0.0), 0, &mut table);
            samples.mark(commit, 10);
        }
        assert_eq!(samples.visible_at(1), Visible::default());
        for commit in 10..=30 {
            assert_eq!(samples.visible_at(commit).floats, commit.min(20) as usize - 1);
        }
        samples.push(21, SampleValue::Float(0.0), 0, &mut table);
        samples.mark(21, 20);
        assert_eq!(samples.earlier.len(), 1);
        assert_eq!((samples.visible_at(20).floats, samples.visible_at(21).floats), (19, 20));
    }
}
