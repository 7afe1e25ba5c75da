//! The table of all formats, and how one is told from another.

use super::error::{IngestError, IngestProblem};
use super::load::{self, LoadError};
use super::samples::IngestedSamples;
use super::{exposition, open_metrics};
use crate::model::Timestamp;

/// A notation for samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus' text exposition format, 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The `load` notation of test scripts.
    Load,
}

/// What there is to know about a format.
#[derive(Debug)]
pub struct FormatRecord {
    /// The format.
    pub format: Format,
    /// The name by which people ask for it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// Whether a text looks like it.
    looks_like: fn(&[u8]) -> bool,
    read: fn(&[u8], Option<Timestamp>) -> Result<IngestedSamples, IngestError>,
}

/// All formats. The first one that a text looks like is taken; the last one takes everything.
pub const FORMATS: &[FormatRecord] = &[
    FormatRecord {
        format: Format::OpenMetrics,
        name: "openmetrics",
        description: "OpenMetrics 1.0, ending with # EOF",
        looks_like: ends_with_eof,
        read: open_metrics::read,
    },
    FormatRecord {
        format: Format::Load,
        name: "load",
        description: "the load notation of test scripts",
        looks_like: starts_with_load,
        read: read_load,
    },
    FormatRecord {
        format: Format::Prometheus,
        name: "prometheus",
        description: "Prometheus' text exposition format, as /metrics pages have it",
        looks_like: |_| true,
        read: exposition::read,
    },
];

impl Format {
    /// What there is to know about the format.
    pub fn record(self) -> &'static FormatRecord {
        let is_this = |record: &&FormatRecord| record.format == self;
        FORMATS.iter().find(is_this).unwrap_or(&FORMATS[FORMATS.len() - 1])
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|record| record.name == name).map(|record| record.format)
    }
}

/// The format that a text looks like.
pub fn detect(text: &[u8]) -> Format {
    FORMATS.iter().find(|record| (record.looks_like)(text)).map_or(Format::Prometheus, |record| record.format)
}

/// Reads a text in the given format, or in the one that it looks like.
///
/// Samples without a timestamp of their own get `default_timestamp` (in ms); in the `load` notation it is the time of
/// the first value of each line.
pub fn parse(
    text: &[u8],
    format: Option<Format>,
    default_timestamp: Timestamp,
) -> Result<IngestedSamples, IngestError> {
    read(text, format, Some(default_timestamp))
}

/// Reads a text in which each sample has a timestamp of its own; one that has none is an error. In the `load` notation
/// the first value of each line is at the Unix epoch.
pub fn parse_timed(text: &[u8], format: Option<Format>) -> Result<IngestedSamples, IngestError> {
    read(text, format, None)
}

fn read(
    text: &[u8],
    format: Option<Format>,
    default_timestamp: Option<Timestamp>,
) -> Result<IngestedSamples, IngestError> {
    let format = format.unwrap_or_else(|| detect(text));
    (format.record().read)(text, default_timestamp)
}

fn ends_with_eof(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.strip_suffix(b"# EOF").is_some_and(|before| before.is_empty() || before.ends_with(b"\n"))
}

fn starts_with_load(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.is_some_and(|line| line.starts_with(b"load ") || line.starts_with(b"load_with_nhcb "))
}

fn read_load(text: &[u8], start: Option<Timestamp>) -> Result<IngestedSamples, IngestError> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        IngestError { line, column: before.len() - line_start + 1, problem: IngestProblem::NotUtf8 }
    })?;
    let series = load::read(text, start.unwrap_or(0)).map_err(|LoadError { line, column, problem }| {
        IngestError { line, column, problem: IngestProblem::Load(problem) }
    })?;
    Ok(IngestedSamples { series, metadata: Vec::new() })
}
