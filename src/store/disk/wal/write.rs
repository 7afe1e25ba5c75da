//! Records, written: the counterpart of [`record`](super::record).

use std::sync::Arc;

use super::super::bytes::Encoder;
use super::super::chunk::is_whole;
use super::super::exemplars::Exemplar;
use super::histograms::{self, Counts};
use super::record::{COMMIT, CommitHead, Sample};
use super::samples;
use crate::model::value::SampleValue;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::Metadata;

/// No record is made of more samples than this.
const MOST_SAMPLES: usize = 5000;

/// Records that belong together.
#[derive(Debug, Default)]
pub(in crate::store::disk) struct Records(pub(super) Vec<Vec<u8>>);

/// Samples on their way into records.
///
/// A record has samples of one kind: floats, or histograms with whole or float counts, with custom buckets or not. The
/// kinds follow each other, and a series whose kind goes back goes on in another wave, so that its samples are in order:
///
/// ```text
/// a: 1 float, 2 histogram, 3 float      first wave: floats a1 b1, histograms a2
/// b: 1 float                            second wave: floats a3
/// ```
#[derive(Debug, Default)]
pub(in crate::store::disk) struct SamplesOfSeries {
    waves: Vec<Wave>,
    len: usize,
    /// Series, wave and kind of the sample before.
    before: Option<(u64, usize, usize)>,
}

#[derive(Debug, Default)]
struct Wave {
    floats: Vec<Sample<f64>>,
    histograms: [Vec<Sample<Arc<Histogram>>>; 4],
}

impl SamplesOfSeries {
    /// Adds a sample. Those of one series come together, in order of time.
    pub(in crate::store::disk) fn push(
        &mut self,
        series: u64,
        time: Timestamp,
        start: Timestamp,
        value: &SampleValue,
    ) {
        let kind = match value {
            SampleValue::Float(_) => 0,
            SampleValue::Histogram(value) => {
                let custom = usize::from(value.uses_custom_buckets());
                1 + custom + if is_whole(value) { 0 } else { 2 }
            }
        };
        let wave = match self.before {
            Some((before, wave, last)) if before == series => wave + usize::from(kind < last),
            _ => 0,
        };
        self.before = Some((series, wave, kind));
        if wave == self.waves.len() {
            self.waves.push(Wave::default());
        }
        self.len += 1;
        let wave = &mut self.waves[wave];
        match value {
            SampleValue::Float(value) => wave.floats.push(Sample { series, time, start, value: *value }),
            SampleValue::Histogram(value) => {
                wave.histograms[kind - 1].push(Sample { series, time, start, value: value.clone() });
            }
        }
    }

    /// How many samples there are.
    pub(in crate::store::disk) fn len(&self) -> usize {
        self.len
    }
}

impl Records {
    /// Whether there is no record.
    pub(in crate::store::disk) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, kind: u8, fill: impl FnOnce(&mut Encoder)) {
        let mut record = Encoder(vec![kind]);
        fill(&mut record);
        self.0.push(record.0);
    }

    /// Says that series have these numbers.
    pub(in crate::store::disk) fn series<'a>(&mut self, series: impl Iterator<Item = (u64, &'a Labels)>) {
        let mut series = series.peekable();
        while series.peek().is_some() {
            self.push(1, |record| {
                for (number, labels) in series.by_ref().take(MOST_SAMPLES) {
                    record.be64(number);
                    write_labels(record, labels);
                }
            });
        }
    }

    /// Samples of series.
    pub(in crate::store::disk) fn samples(&mut self, samples: &SamplesOfSeries) {
        for wave in &samples.waves {
            self.floats(&wave.floats);
            let kinds = [
                (Counts::Whole, [7, 12]),
                (Counts::Whole, [9, 12]),
                (Counts::Float, [8, 13]),
                (Counts::Float, [10, 13]),
            ];
            for (histograms, (counts, types)) in wave.histograms.iter().zip(kinds) {
                self.histograms(histograms, counts, types);
            }
        }
    }

    fn floats(&mut self, floats: &[Sample<f64>]) {
        for part in floats.chunks(MOST_SAMPLES) {
            let with_starts = part.iter().any(|sample| sample.start != 0);
            self.push(if with_starts { 11 } else { 2 }, |record| {
                samples::write(record, part, with_starts, |record, value| record.f64(*value));
            });
        }
    }

    fn histograms(&mut self, histograms: &[Sample<Arc<Histogram>>], counts: Counts, types: [u8; 2]) {
        for part in histograms.chunks(MOST_SAMPLES) {
            let with_starts = part.iter().any(|sample| sample.start != 0);
            self.push(types[usize::from(with_starts)], |record| {
                samples::write(record, part, with_starts, |record, value| {
                    histograms::write(record, value, counts);
                });
            });
        }
    }

    /// Deletes stretches of time of series.
    pub(in crate::store::disk) fn tombstones(&mut self, stones: &[(u64, TimeRange)]) {
        if !stones.is_empty() {
            self.push(3, |record| {
                for (number, range) in stones {
                    record.be64(*number);
                    record.varint(range.start);
                    record.varint(range.end);
                }
            });
        }
    }

    /// Exemplars of series.
    pub(in crate::store::disk) fn exemplars(&mut self, exemplars: &[(u64, Exemplar)]) {
        for part in exemplars.chunks(MOST_SAMPLES) {
            let part: Vec<Sample<&Exemplar>> = part
                .iter()
                .map(|(series, e)| Sample { series: *series, time: e.timestamp, start: 0, value: e })
                .collect();
            self.push(4, |record| {
                samples::write(record, &part, false, |record, exemplar| {
                    record.f64(exemplar.value);
                    write_labels(record, &exemplar.labels);
                });
            });
        }
    }

    /// What is known of the metrics that series belong to.
    pub(in crate::store::disk) fn metadata(&mut self, metadata: &[(u64, &Metadata)]) {
        if metadata.is_empty() {
            return;
        }
        self.push(6, |record| {
            for (number, metadata) in metadata {
                record.uvarint(*number);
                record.u8(super::record::type_number(&metadata.metric_type));
                record.uvarint(2);
                for text in ["UNIT", &metadata.unit, "HELP", &metadata.help] {
                    record.text(text);
                }
            }
        });
    }

    /// The record that stands in front of these.
    pub(super) fn head(&self, commit: CommitHead) -> Vec<u8> {
        let mut record = Encoder(vec![COMMIT]);
        record.uvarint(commit.number);
        record.uvarint(commit.last_series);
        record.u8(u8::from(commit.late));
        record.uvarint(self.0.len() as u64);
        record.0
    }
}

fn write_labels(record: &mut Encoder, labels: &Labels) {
    record.uvarint(labels.len() as u64);
    for (name, value) in labels {
        record.text(name);
        record.text(value);
    }
}
