//! Samples on their way into the store.
//!
//! An appender gathers samples; a commit takes all of them or none. What comes in order goes into the log and behind
//! the samples of its series; what comes late goes into the log of late samples and between them:
//!
//! ```text
//! series so far   10:00  10:01  10:02
//! appended        10:03 in order;  10:01 again: nothing to do if the value is the same, an error if not;
//!                 10:01:30 late;  09:00 late, and in a block already if one reaches that far
//! ```

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::chunk::is_same;
use super::head::{Arrival, HeadSeries};
use super::store::{DiskStore, Writer};
use super::wal::{Records, SamplesOfSeries};
use super::write_error::WriteError;
use crate::model::histogram::ValidationError;
use crate::model::value::SampleValue;
use crate::model::{Labels, Timestamp};
use crate::store::memory::{AppendError, AppendErrorKind};
use crate::store::{Metadata, SeriesData};

/// Times beyond this are refused, in ms: ranges around them could not be told.
const FARTHEST: Timestamp = Timestamp::MAX / 4;
/// More samples of one series than this are put into chunks at once.
const MANY: usize = 1000;

/// Gathers samples for a commit.
#[derive(Debug)]
pub struct Appender<'s> {
    store: &'s DiskStore,
    series: Vec<(Labels, Vec<New>)>,
    places: FxHashMap<Labels, usize>,
    metadata: BTreeMap<String, Metadata>,
}

/// A sample that is to be appended.
#[derive(Clone, Debug)]
struct New {
    time: Timestamp,
    start: Timestamp,
    value: SampleValue,
}

impl<'s> Appender<'s> {
    pub(super) fn new(store: &'s DiskStore) -> Self {
        Appender { store, series: Vec::new(), places: FxHashMap::default(), metadata: BTreeMap::new() }
    }

    /// Adds a sample to the series with these labels.
    pub fn append(
        &mut self,
        labels: &Labels,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
    ) -> &mut Self {
        self.append_with_start(labels, timestamp, value, 0)
    }

    /// Adds a sample of a counter that began at `start_timestamp` (in ms, 0 where that is unknown).
    pub fn append_with_start(
        &mut self,
        labels: &Labels,
        timestamp: Timestamp,
        value: impl Into<SampleValue>,
        start_timestamp: Timestamp,
    ) -> &mut Self {
        let new = New { time: timestamp, start: start_timestamp, value: value.into() };
        self.samples_of(labels).push(new);
        self
    }

    /// Adds all samples of a series.
    pub fn append_series(&mut self, series: &SeriesData) -> &mut Self {
        let samples = self.samples_of(&series.labels);
        let start = |starts: &[Timestamp], i: usize| starts.get(i).copied().unwrap_or(0);
        for (i, (&time, &value)) in series.floats.timestamps.iter().zip(&series.floats.values).enumerate() {
            let start = start(&series.floats.start_timestamps, i);
            samples.push(New { time, start, value: SampleValue::Float(value) });
        }
        let histograms = &series.histograms;
        for (i, (&time, value)) in histograms.timestamps.iter().zip(&histograms.values).enumerate() {
            let start = start(&histograms.start_timestamps, i);
            samples.push(New { time, start, value: SampleValue::Histogram(value.clone()) });
        }
        samples.sort_by_key(|new| new.time);
        self
    }

    /// Says what is known of the metric `name`.
    pub fn set_metadata(&mut self, name: &str, metadata: Metadata) -> &mut Self {
        self.metadata.insert(name.to_owned(), metadata);
        self
    }

    /// How many samples were gathered.
    pub fn len(&self) -> usize {
        self.series.iter().map(|(_, samples)| samples.len()).sum()
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.metadata.is_empty()
    }

    fn samples_of(&mut self, labels: &Labels) -> &mut Vec<New> {
        let place = match self.places.get(labels) {
            Some(place) => *place,
            None => {
                self.places.insert(labels.clone(), self.series.len());
                self.series.push((labels.clone(), Vec::new()));
                self.series.len() - 1
            }
        };
        &mut self.series[place].1
    }

    /// Appends everything that was gathered, all of it or, if a sample does not fit, nothing. When this returns, queries
    /// see it, and it survives the end of this process: the operating system has it. It does not survive a loss of
    /// power before the operating system has written it.
    pub fn commit_buffered(self) -> Result<(), WriteError> {
        self.commit(false)
    }

    /// The same, and it survives a loss of power, too: the disk has it.
    pub fn commit_synced(self) -> Result<(), WriteError> {
        self.commit(true)
    }

    fn commit(self, synced: bool) -> Result<(), WriteError> {
        let store = self.store;
        store.write(|writer| {
            let commit = Commit::check(self, writer)?;
            commit.write(store, writer, synced)?;
            store.drop_what_is_in_blocks(writer);
            Ok(())
        })
    }
}

/// Samples that can be appended, all of them.
struct Commit {
    series: Vec<Checked>,
    metadata: BTreeMap<String, Metadata>,
}

struct Checked {
    labels: Labels,
    reference: Option<u32>,
    in_order: Vec<New>,
    late: Vec<New>,
}

impl Commit {
    fn check(appender: Appender<'_>, writer: &Writer) -> Result<Self, WriteError> {
        let options = &appender.store.options;
        let mut series = Vec::with_capacity(appender.series.len());
        for (labels, samples) in appender.series {
            let reference = writer.head.find(&labels);
            let known = reference.map(|reference| &**writer.head.series(reference));
            let mut checker = Checker::new(&labels, known, writer, options.refuse_late);
            let (in_order, late) = if checker.are_in_order(&samples) {
                (samples, Vec::new())
            } else {
                samples.into_iter().try_for_each(|new| checker.check(new))?;
                (checker.in_order, checker.late.into_values().collect())
            };
            if !in_order.is_empty() || !late.is_empty() {
                series.push(Checked { labels, reference, in_order, late });
            }
        }
        Ok(Commit { series, metadata: appender.metadata })
    }

    /// Writes the logs, then the head, and lets queries see it.
    fn write(self, store: &DiskStore, writer: &mut Writer, synced: bool) -> Result<(), WriteError> {
        if self.series.is_empty() && self.metadata.is_empty() {
            return Ok(());
        }
        let mut last_number = writer.head.last_number();
        let numbers: Vec<u64> = self
            .series
            .iter()
            .map(|series| match series.reference {
                Some(reference) => writer.head.series(reference).number,
                None => {
                    last_number += 1;
                    last_number
                }
            })
            .collect();
        let (in_order, late) = self.records(&numbers, writer);
        if in_order.is_empty() && late.is_empty() {
            return Ok(());
        }
        let commit = writer.logs.commit(last_number, &in_order, &late)?;
        if synced {
            writer.logs.sync()?;
        }
        self.apply(&numbers, store, writer, commit);
        Ok(())
    }

    fn records(&self, numbers: &[u64], writer: &Writer) -> (Records, Records) {
        let (mut wal, mut wbl) = (Records::default(), Records::default());
        let new = self.series.iter().zip(numbers).filter(|(series, _)| series.reference.is_none());
        wal.series(new.map(|(series, number)| (*number, &series.labels)));
        let (mut in_order, mut late) = (SamplesOfSeries::default(), SamplesOfSeries::default());
        for (series, &number) in self.series.iter().zip(numbers) {
            for (from, to) in [(&series.in_order, &mut in_order), (&series.late, &mut late)] {
                from.iter().for_each(|new| to.push(number, new.time, new.start, &new.value));
            }
        }
        wal.samples(&in_order);
        wbl.samples(&late);
        // The log tells it of a series of the metric.
        let mut metadata = Vec::new();
        for (name, known) in &self.metadata {
            let of_commit =
                self.series.iter().zip(numbers).find(|(series, _)| series.labels.metric_name() == name);
            let number = of_commit.map(|(_, number)| *number).or_else(|| {
                let mut all = writer.head.all_series();
                all.find(|series| series.labels.metric_name() == name).map(|series| series.number)
            });
            if writer.head.all_metadata().get(name) != Some(known)
                && let Some(number) = number
            {
                metadata.push((number, known));
            }
        }
        wal.metadata(&metadata);
        (wal, wbl)
    }

    fn apply(self, numbers: &[u64], store: &DiskStore, writer: &mut Writer, commit: u64) {
        let seen = store.seen(writer.head.view().commit());
        let mut many = Vec::new();
        for (series, number) in self.series.into_iter().zip(numbers) {
            let reference = match series.reference {
                Some(reference) => reference,
                None => writer.head.create(series.labels, *number),
            };
            if series.in_order.len() > MANY {
                many.push(reference);
            }
            writer.late_samples += series.late.len();
            for (arrival, samples) in [(Arrival::InOrder, series.in_order), (Arrival::Late, series.late)] {
                for new in samples {
                    writer.head.add(reference, arrival, (new.time, new.start, new.value), commit, seen);
                }
            }
        }
        for (name, metadata) in self.metadata {
            writer.head.set_metadata(&name, metadata);
        }
        writer.head.publish(commit);
        store.publish_head(&writer.head);
        // Until here nobody saw these, and they could not be put into chunks.
        let seen = store.seen(commit);
        many.into_iter().for_each(|reference| writer.head.series(reference).seal(seen));
    }
}

/// Whether a histogram makes sense.
fn is_valid(value: &SampleValue) -> Result<(), ValidationError> {
    match value {
        SampleValue::Histogram(histogram) if !histogram.is_stale() => histogram.validate(),
        _ => Ok(()),
    }
}

/// Checks the samples of one series, one after the other.
struct Checker<'a> {
    labels: &'a Labels,
    series: Option<&'a HeadSeries>,
    writer: &'a Writer,
    refuse_late: bool,
    /// Time of the last sample in order, those of this commit included.
    last: Option<Timestamp>,
    /// Samples of this commit that come in order.
    in_order: Vec<New>,
    /// Samples of this commit that come late.
    late: BTreeMap<Timestamp, New>,
}

impl<'a> Checker<'a> {
    fn new(
        labels: &'a Labels,
        series: Option<&'a HeadSeries>,
        writer: &'a Writer,
        refuse_late: bool,
    ) -> Self {
        let last = series.and_then(HeadSeries::last_time);
        Checker { labels, series, writer, refuse_late, last, in_order: Vec::new(), late: BTreeMap::new() }
    }

    /// Whether all samples can be taken as they are, which is how most come.
    fn are_in_order(&self, samples: &[New]) -> bool {
        let first = samples.first().is_none_or(|new| {
            let from = self.writer.head.view().min_valid_time().max(-FARTHEST);
            new.time >= from && self.last.is_none_or(|last| new.time > last)
        });
        first
            && !self.labels.is_empty()
            && samples.windows(2).all(|pair| pair[0].time < pair[1].time)
            && samples.last().is_none_or(|new| new.time <= FARTHEST)
            && samples.iter().all(|new| is_valid(&new.value).is_ok())
    }

    fn error(&self, timestamp: Timestamp, kind: AppendErrorKind) -> WriteError {
        AppendError { labels: self.labels.clone(), timestamp, kind }.into()
    }

    /// Takes a sample, unless it is there already.
    fn check(&mut self, new: New) -> Result<(), WriteError> {
        if self.labels.is_empty() {
            return Err(self.error(new.time, AppendErrorKind::EmptyLabels));
        }
        is_valid(&new.value)
            .map_err(|reason| self.error(new.time, AppendErrorKind::InvalidHistogram(reason)))?;
        let min_valid_time = self.writer.head.view().min_valid_time();
        let too_early = self.refuse_late && new.time < min_valid_time;
        if too_early || !(-FARTHEST..=FARTHEST).contains(&new.time) {
            return Err(self.error(new.time, AppendErrorKind::OutOfBounds));
        }
        if new.time >= min_valid_time && self.last.is_none_or(|last| new.time > last) {
            self.last = Some(new.time);
            self.in_order.push(new);
            return Ok(());
        }
        if let Some(existing) = self.at(new.time)? {
            return if is_same(&existing, &new.value) {
                Ok(())
            } else {
                let kind = AppendErrorKind::DuplicateTimestamp { existing, new: new.value.clone() };
                Err(self.error(new.time, kind))
            };
        }
        if self.refuse_late {
            let latest = self.last.unwrap_or(min_valid_time);
            return Err(self.error(new.time, AppendErrorKind::OutOfOrder { latest }));
        }
        self.late.insert(new.time, new);
        Ok(())
    }

    /// The value that the head has at a time.
    fn at(&self, time: Timestamp) -> Result<Option<SampleValue>, WriteError> {
        if let Ok(i) = self.in_order.binary_search_by_key(&time, |new| new.time) {
            return Ok(Some(self.in_order[i].value.clone()));
        }
        if let Some(new) = self.late.get(&time) {
            return Ok(Some(new.value.clone()));
        }
        match self.series {
            Some(series) => Ok(series.at(time, self.writer.head.view().files())?),
            None => Ok(None),
        }
    }
}
