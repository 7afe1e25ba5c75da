//! What a text is read into: series with their samples, and what is told about metrics.

use std::mem;

use rustc_hash::FxHashMap;

use super::cursor::At;
use super::error::IngestProblem;
use crate::model::{Labels, Timestamp};
use crate::store::memory::AppendError;
use crate::store::{MemoryStore, Metadata, SeriesData};

/// The samples of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IngestedSamples {
    /// The series in the order in which they came, each once.
    pub series: Vec<SeriesData>,
    /// Type, help and unit of metrics, by name, in the order in which they came.
    pub metadata: Vec<(String, Metadata)>,
}

/// Appends everything, or nothing if a series does not fit to what the store has of it.
pub fn load_into(store: &MemoryStore, samples: IngestedSamples) -> Result<(), AppendError> {
    store.extend(samples.series)?;
    for (name, metadata) in samples.metadata {
        store.set_metadata(&name, metadata);
    }
    Ok(())
}

/// Collects samples line by line.
#[derive(Debug, Default)]
pub(super) struct Collector {
    series: Vec<(Labels, Vec<CollectedSample>)>,
    places: FxHashMap<Labels, usize>,
    metadata: Vec<(String, Metadata)>,
    metadata_places: FxHashMap<String, usize>,
}

#[derive(Clone, Copy, Debug)]
struct CollectedSample {
    timestamp: Timestamp,
    value: f64,
    /// Where it is in the text.
    at: At,
}

impl Collector {
    pub(super) fn add(&mut self, labels: Labels, timestamp: Timestamp, value: f64, at: At) {
        let next = self.series.len();
        let place = *self.places.entry(labels).or_insert_with_key(|labels| {
            self.series.push((labels.clone(), Vec::new()));
            next
        });
        self.series[place].1.push(CollectedSample { timestamp, value, at });
    }

    /// The metadata of a metric, for filling in.
    pub(super) fn metadata(&mut self, name: &str) -> &mut Metadata {
        let next = self.metadata.len();
        let place = *self.metadata_places.entry(name.to_owned()).or_insert(next);
        if place == next {
            self.metadata.push((name.to_owned(), Metadata::default()));
        }
        &mut self.metadata[place].1
    }

    /// Everything, samples in order of time. The same sample twice counts once; of two that contradict each other the
    /// later one is the error.
    pub(super) fn finish(mut self) -> Result<IngestedSamples, (At, IngestProblem)> {
        let mut series = Vec::with_capacity(self.series.len());
        for (labels, mut samples) in mem::take(&mut self.series) {
            samples.sort_by_key(|sample| sample.timestamp);
            let mut data = SeriesData::new(labels);
            let mut last: Option<CollectedSample> = None;
            for sample in samples {
                match last {
                    Some(last) if last.timestamp == sample.timestamp => {
                        if last.value.to_bits() != sample.value.to_bits() {
                            let (series, timestamp) = (data.labels.to_string(), sample.timestamp);
                            return Err((sample.at, IngestProblem::ConflictingSample { series, timestamp }));
                        }
                    }
                    _ => data.floats.push(sample.timestamp, sample.value, 0),
                }
                last = Some(sample);
            }
            series.push(data);
        }
        Ok(IngestedSamples { series, metadata: self.metadata })
    }
}
