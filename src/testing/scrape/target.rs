//! One target of the scrapes: the labels that its series get, and which of its series have ended.
//!
//! What Prometheus does with a scrape (`scrape/scrape.go`), in short: all samples of the text get the time of the
//! scrape, unless they bring their own; the target's labels are put on; a series that the scrape before had and this
//! one has not gets a stale marker, unless its sample came with a time of its own; `up` is 1, or 0 and all series end.

use std::collections::BTreeSet;

use super::outcome::{Scrape, ScrapeError};
use super::timeline::{Timeline, or_panic};
use crate::ingest::{self, Format, IngestError, IngestedSamples};
use crate::model::labels::METRIC_NAME;
use crate::model::{Labels, STALE_NAN, Timestamp};
use crate::store::MemoryStore;
use crate::store::memory::Appender;
use crate::testing::TestTime;

/// Stands for the time of the scrape while a text is read: no text that makes sense has it.
const TIME_OF_SCRAPE: Timestamp = Timestamp::MIN;

/// What is known of a target between its scrapes.
#[derive(Debug, Default)]
pub(super) struct TargetState {
    /// `job` and `instance`; none for the target without a name, which has no `up` either.
    labels: Labels,
    /// Time of the last scrape.
    pub(super) last: Option<Timestamp>,
    /// The series of the last scrape that came without a timestamp.
    current: BTreeSet<Labels>,
}

impl TargetState {
    pub(super) fn new(job: &str, instance: &str) -> Self {
        TargetState {
            labels: Labels::from_pairs([("job", job), ("instance", instance)]),
            ..TargetState::default()
        }
    }

    pub(super) fn is(&self, job: &str, instance: &str) -> bool {
        (self.labels.value("job"), self.labels.value("instance")) == (job, instance)
    }

    /// Takes the samples of a scrape; without any, the scrape has failed.
    pub(super) fn scrape(
        &mut self,
        store: &MemoryStore,
        time: Timestamp,
        text: Option<IngestedSamples>,
    ) -> Scrape {
        let mut appending = Appending::new(store, time);
        let mut seen = BTreeSet::new();
        let up = if text.is_some() { 1.0 } else { 0.0 };
        let IngestedSamples { series, metadata } = text.unwrap_or_default();
        for series in series {
            let labels = self.labels_of(&series.labels);
            for (&timestamp, &value) in series.floats.timestamps.iter().zip(&series.floats.values) {
                let own_time = timestamp != TIME_OF_SCRAPE;
                appending.sample(&labels, if own_time { timestamp } else { time }, value);
                if !own_time {
                    seen.insert(labels.clone());
                }
            }
        }
        for (name, metadata) in metadata {
            store.set_metadata(&name, metadata);
        }
        appending.end(self.current.difference(&seen));
        self.current = seen;
        if !self.labels.is_empty() {
            appending.up(&self.up(), up);
        }
        self.last = Some(time);
        appending.commit()
    }

    /// Ends all series, `up` among them.
    pub(super) fn remove(&mut self, store: &MemoryStore, time: Timestamp) -> Scrape {
        let mut appending = Appending::new(store, time);
        if self.last.is_some() && !self.labels.is_empty() {
            self.current.insert(self.up());
        }
        appending.end(self.current.iter());
        self.current.clear();
        self.last = Some(time);
        appending.commit()
    }

    fn up(&self) -> Labels {
        self.labels.with(METRIC_NAME, "up")
    }

    /// The labels of a series with those of the target. What the series has under the same name is kept under
    /// `exported_job` and the like, the shorter names first.
    fn labels_of(&self, series: &Labels) -> Labels {
        if self.labels.is_empty() {
            return series.clone();
        }
        let mut labels = series.builder();
        let mut displaced = Vec::new();
        for (name, value) in self.labels.iter() {
            if let Some(exposed) = series.get(name) {
                displaced.push((name, exposed));
            }
            labels.set(name, value);
        }
        displaced.sort_by_key(|(name, _)| name.len());
        for (name, value) in displaced {
            let mut name = format!("exported_{name}");
            while labels.get(&name).is_some() {
                name.insert_str(0, "exported_");
            }
            labels.set(&name, value);
        }
        labels.build()
    }
}

/// The samples of one scrape on their way into the store, which gets all of them at once.
struct Appending {
    appender: Appender,
    scrape: Scrape,
}

impl Appending {
    fn new(store: &MemoryStore, time: Timestamp) -> Self {
        Appending { appender: store.appender(), scrape: Scrape { time, ..Scrape::default() } }
    }

    fn sample(&mut self, labels: &Labels, time: Timestamp, value: f64) {
        match self.appender.append(labels, time, value) {
            Ok(_) => self.scrape.samples += 1,
            Err(error) => self.scrape.dropped.push(error),
        }
    }

    /// Marks series as ended. Where there is a later sample, the series goes on.
    fn end<'l>(&mut self, series: impl Iterator<Item = &'l Labels>) {
        for labels in series {
            if self.appender.append(labels, self.scrape.time, STALE_NAN).is_ok() {
                self.scrape.ended.push(labels.clone());
            }
        }
    }

    /// Tells how the scrape went. A later sample is an `up` of the text with a time of its own; it stays.
    fn up(&mut self, labels: &Labels, value: f64) {
        let _ = self.appender.append(labels, self.scrape.time, value);
    }

    fn commit(mut self) -> Scrape {
        // Only somebody who appends to the store at the same moment can be in the way.
        if let Err(error) = self.appender.commit() {
            (self.scrape.samples, self.scrape.ended) = (0, Vec::new());
            self.scrape.dropped.push(error);
        }
        self.scrape
    }
}

/// Reads the text of a scrape; what has no time of its own is at [`TIME_OF_SCRAPE`].
pub(super) fn read(
    text: &[u8],
    format: Option<Format>,
    time: Timestamp,
) -> Result<IngestedSamples, IngestError> {
    // A page whose first metric is called `load` is no script.
    let format = format.unwrap_or_else(|| match ingest::detect(text) {
        Format::OpenMetrics => Format::OpenMetrics,
        _ => Format::Prometheus,
    });
    match ingest::parse(text, Some(format), TIME_OF_SCRAPE) {
        Ok(samples) => Ok(samples),
        // Once more with the right time, which the message may name.
        Err(error) => Err(ingest::parse(text, Some(format), time).err().unwrap_or(error)),
    }
}

/// A target with a name: its series have `job` and `instance`, and each scrape leaves an `up`. From
/// [`Timeline::target`].
#[derive(Debug)]
pub struct Target<'t> {
    pub(super) timeline: &'t mut Timeline,
    pub(super) index: usize,
}

impl Target<'_> {
    /// Scrapes the target: `up` is 1. See [`Timeline::scrape`].
    ///
    /// # Panics
    ///
    /// The text cannot be read; the message tells line and reason.
    #[track_caller]
    pub fn scrape(&mut self, text: impl AsRef<[u8]>) -> Scrape {
        or_panic(self.try_scrape(text))
    }

    /// [`scrape`](Target::scrape), with an error instead of the panic.
    ///
    /// # Errors
    ///
    /// The text cannot be read.
    pub fn try_scrape(&mut self, text: impl AsRef<[u8]>) -> Result<Scrape, ScrapeError> {
        self.timeline.scrape_target(self.index, None, Some(text.as_ref()))
    }

    /// Scrapes the target at this time, which lies after its scrape before.
    ///
    /// # Panics
    ///
    /// The text cannot be read, or the time is too early.
    #[track_caller]
    pub fn scrape_at(&mut self, time: impl Into<TestTime>, text: impl AsRef<[u8]>) -> Scrape {
        let time = Some(time.into());
        or_panic(self.timeline.scrape_target(self.index, time, Some(text.as_ref())))
    }

    /// A scrape that fails, because the target does not answer or answers nonsense: `up` is 0, and all series of the
    /// target end.
    ///
    /// # Panics
    ///
    /// There is no later time.
    #[track_caller]
    pub fn fail(&mut self) -> Scrape {
        or_panic(self.timeline.scrape_target(self.index, None, None))
    }

    /// The target is taken out of the configuration, at the time when its next scrape would be: its series end, and so
    /// does its `up`.
    ///
    /// # Panics
    ///
    /// There is no later time.
    #[track_caller]
    pub fn remove(&mut self) -> Scrape {
        or_panic(self.timeline.remove_target(self.index))
    }
}
