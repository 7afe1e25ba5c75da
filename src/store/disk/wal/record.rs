//! What a record of a log tells (`tsdb/record/record.go`, `tsdb/docs/format/wal.md`).
//!
//! The first byte is the type:
//!
//! ```text
//!  1 series               number: 8 bytes; labels: count, then name and value of each behind their lengths; again …
//!  2 floats               see samples.rs                     11 floats, with start timestamps
//!  3 tombstones           series: 8 bytes; first and last time: varints; again …
//!  4 exemplars            series and time to begin with, 8 bytes each; then series and time as their distance to
//!                         these, varints; value: 8 bytes; labels; again …
//!  5 markers              series: 8 bytes; a head chunk: 8 bytes; again …
//!  6 metadata             series: uvarint; type of the metric: 1 byte; count of fields: uvarint; name and value of
//!                         each behind their lengths; again …
//!  7 histograms           see histograms.rs                  12 histograms, with start timestamps
//!  8 float histograms                                        13 float histograms, with start timestamps
//!  9 histograms and 10 float histograms with custom buckets
//! ```
//!
//! Prometheus passes over records of other types. One more is written here:
//!
//! ```text
//! 240 commit             number of the commit: uvarint; largest number that a series has had so far: uvarint;
//!                        1 if there are late samples in the other log that belong to it, else 0;
//!                        so many records follow that belong to it: uvarint
//! ```
//!
//! The records of a commit count all together or not at all. They lie in one segment, and those in the log of late
//! samples count if the commit is in the other log, too, which is written last. A number that a series has had is
//! never given to another one: samples under it may still be in a log when the series is in none.
//!
//! A marker says that all late samples of the series up to here are in head chunks up to the one named.

use super::super::bytes::Decoder;
use super::super::error::{Corruption, Problem};
use super::super::exemplars::Exemplar;
use super::super::head_chunks::HeadChunkRef;
use super::histograms::{self, Counts};
use super::samples;
use crate::model::{Histogram, Labels, TimeRange, Timestamp};
use crate::store::Metadata;

/// The type of the record in front of those of a commit.
pub(super) const COMMIT: u8 = 240;

/// What the record in front of a commit tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) struct CommitHead {
    /// Its number; they rise.
    pub(in crate::store::disk) number: u64,
    /// The largest number that a series has had so far.
    pub(in crate::store::disk) last_series: u64,
    /// Whether there are late samples in the other log that belong to it.
    pub(in crate::store::disk) late: bool,
}

/// What the record in front of a commit tells, and how many records belong to it. `None` for a record of another type.
pub(super) fn read_commit(record: &[u8], offset: u64) -> Result<Option<(CommitHead, u64)>, Corruption> {
    let mut decoder = Decoder::new(record, 0);
    let mut read = || {
        if decoder.u8()? != COMMIT {
            return Ok(None);
        }
        let (number, last_series) = (decoder.uvarint()?, decoder.uvarint()?);
        let head = CommitHead { number, last_series, late: decoder.u8()? != 0 };
        Ok(Some((head, decoder.uvarint()?)))
    };
    read().map_err(|corruption: Corruption| corruption.problem.at(offset))
}

/// Takes what a log tells, in order. The series of a sample is a number that a series record has named. What is of no
/// interest is passed over.
pub(in crate::store::disk) trait LogVisitor {
    /// What comes next is a commit.
    fn commit(&mut self, commit: CommitHead) {
        let _ = commit;
    }

    /// There is a checkpoint, and nothing in it.
    fn empty_checkpoint(&mut self) {}

    /// What comes next is from the record at this offset of this segment, or of the checkpoint.
    fn position(&mut self, segment: Option<u64>, offset: u64) {
        let _ = (segment, offset);
    }

    /// `series` is the number of the series with these labels.
    fn series(&mut self, series: u64, labels: Labels) {
        let _ = (series, labels);
    }

    /// A float.
    fn float(&mut self, sample: Sample<f64>) {
        let _ = sample;
    }

    /// A histogram, never with the hint that there was no counter reset before it.
    fn histogram(&mut self, sample: Sample<Histogram>) {
        let _ = sample;
    }

    /// The samples of a stretch of time are deleted.
    fn tombstone(&mut self, series: u64, range: TimeRange) {
        let _ = (series, range);
    }

    /// An exemplar.
    fn exemplar(&mut self, series: u64, exemplar: Exemplar) {
        let _ = (series, exemplar);
    }

    /// What is known of the metric that the series belongs to.
    fn metadata(&mut self, series: u64, metadata: MetricMetadata<'_>) {
        let _ = (series, metadata);
    }

    /// All late samples of the series up to here are in head chunks up to this one.
    fn marker(&mut self, series: u64, chunk: HeadChunkRef) {
        let _ = (series, chunk);
    }
}

/// A sample of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::store::disk) struct Sample<V> {
    /// Number of the series.
    pub(in crate::store::disk) series: u64,
    /// Time in ms.
    pub(in crate::store::disk) time: Timestamp,
    /// When the counter began, in ms; 0 if unknown.
    pub(in crate::store::disk) start: Timestamp,
    /// Float or histogram.
    pub(in crate::store::disk) value: V,
}

/// What is known of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::disk) struct MetricMetadata<'a> {
    pub(in crate::store::disk) metric_type: &'static str,
    pub(in crate::store::disk) unit: &'a str,
    pub(in crate::store::disk) help: &'a str,
}

impl From<MetricMetadata<'_>> for Metadata {
    fn from(metadata: MetricMetadata<'_>) -> Self {
        Metadata {
            metric_type: metadata.metric_type.to_owned(),
            help: metadata.help.to_owned(),
            unit: metadata.unit.to_owned(),
        }
    }
}

/// Hands what the record at `offset` tells to `visitor`.
pub(in crate::store::disk) fn read_record(
    record: &[u8],
    offset: u64,
    visitor: &mut impl LogVisitor,
) -> Result<(), Corruption> {
    // Offsets are those of the record, whose bytes may have been compressed or in pieces.
    let mut decoder = Decoder::new(record, 0);
    read(&mut decoder, visitor).map_err(|corruption| corruption.problem.at(offset))
}

fn read(decoder: &mut Decoder<'_>, visitor: &mut impl LogVisitor) -> Result<(), Corruption> {
    match decoder.u8()? {
        1 => while_any(decoder, |decoder| {
            let series = decoder.be64()?;
            visitor.series(series, read_labels(decoder)?);
            Ok(())
        }),
        2 => samples::read(decoder, |decoder| decoder.f64(), |sample| visitor.float(sample)),
        11 => samples::read_with_starts(decoder, |decoder| decoder.f64(), |sample| visitor.float(sample)),
        3 => while_any(decoder, |decoder| {
            let here = decoder.clone();
            let series = decoder.be64()?;
            let range = TimeRange::new(decoder.varint()?, decoder.varint()?);
            if range.is_empty() {
                return Err(here.invalid("a deleted interval ends before it begins"));
            }
            visitor.tombstone(series, range);
            Ok(())
        }),
        4 => read_exemplars(decoder, |series, exemplar| visitor.exemplar(series, exemplar)),
        5 => while_any(decoder, |decoder| {
            visitor.marker(decoder.be64()?, HeadChunkRef::from_number(decoder.be64()?));
            Ok(())
        }),
        6 => while_any(decoder, |decoder| read_metadata(decoder, visitor)),
        7 | 9 => {
            let read = |decoder: &mut Decoder<'_>| histograms::read(decoder, Counts::Whole);
            samples::read(decoder, read, |sample| visitor.histogram(sample))
        }
        8 | 10 => {
            let read = |decoder: &mut Decoder<'_>| histograms::read(decoder, Counts::Float);
            samples::read(decoder, read, |sample| visitor.histogram(sample))
        }
        12 => {
            let read = |decoder: &mut Decoder<'_>| histograms::read(decoder, Counts::Whole);
            samples::read_with_starts(decoder, read, |sample| visitor.histogram(sample))
        }
        13 => {
            let read = |decoder: &mut Decoder<'_>| histograms::read(decoder, Counts::Float);
            samples::read_with_starts(decoder, read, |sample| visitor.histogram(sample))
        }
        number => Err(decoder.error(Problem::Unknown { what: "type of record", number: u64::from(number) })),
    }
}

fn while_any(
    decoder: &mut Decoder<'_>,
    mut f: impl FnMut(&mut Decoder<'_>) -> Result<(), Corruption>,
) -> Result<(), Corruption> {
    while !decoder.is_empty() {
        f(decoder)?;
    }
    Ok(())
}

/// Reads labels: their count, then name and value of each behind their lengths.
pub(in crate::store::disk) fn read_labels(decoder: &mut Decoder<'_>) -> Result<Labels, Corruption> {
    let count = decoder.count(2)?;
    let mut pairs = Vec::with_capacity(count);
    for _ in 0..count {
        pairs.push((decoder.text()?, decoder.text()?));
    }
    let sorted = pairs.windows(2).all(|pair| pair[0].0 < pair[1].0);
    Ok(if sorted { Labels::from_sorted(pairs) } else { Labels::from_pairs(pairs) })
}

/// Reads exemplars to the end of the record.
pub(in crate::store::disk) fn read_exemplars(
    decoder: &mut Decoder<'_>,
    mut found: impl FnMut(u64, Exemplar),
) -> Result<(), Corruption> {
    let value = |decoder: &mut Decoder<'_>| Ok((decoder.f64()?, read_labels(decoder)?));
    samples::read(decoder, value, |Sample { series, time, value: (value, labels), .. }| {
        found(series, Exemplar { labels, value, timestamp: time });
    })
}

/// The types of metrics by their numbers.
const TYPES: [&str; 8] =
    ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"];

/// The number of a type of metrics.
pub(super) fn type_number(metric_type: &str) -> u8 {
    (0..).zip(TYPES).find(|(_, name)| *name == metric_type).map_or(0, |(number, _)| number)
}

fn read_metadata(decoder: &mut Decoder<'_>, visitor: &mut impl LogVisitor) -> Result<(), Corruption> {
    let series = decoder.uvarint()?;
    let metric_type = TYPES.get(usize::from(decoder.u8()?)).copied().unwrap_or(TYPES[0]);
    let mut metadata = MetricMetadata { metric_type, unit: "", help: "" };
    for _ in 0..decoder.count(2)? {
        match (decoder.text()?, decoder.text()?) {
            ("UNIT", unit) => metadata.unit = unit,
            ("HELP", help) => metadata.help = help,
            _ => {}
        }
    }
    visitor.metadata(series, metadata);
    Ok(())
}
