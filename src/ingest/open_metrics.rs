//! OpenMetrics 1.0: the exposition format with fixed blanks, units, exemplars and an end.
//!
//! ```text
//! # TYPE request_seconds histogram
//! # UNIT request_seconds seconds
//! request_seconds_bucket{le="0.1"} 17 1700000000.5 # {trace_id="ab12"} 0.067 1700000000.1
//! request_seconds_count 17 1700000000.5
//! request_seconds_sum 0.9 1700000000.5
//! request_seconds_created 1690000000 1700000000.5
//! # EOF
//! ```
//!
//! Timestamps are in seconds. Exemplars are read and dropped; `_created` lines are series like all others. The rules are
//! those of `model/textparse/openmetricsparse.go`.

use super::cursor::{At, Cursor, Style, float, lossy, unescape};
use super::error::{IngestError, IngestProblem as Problem};
use super::samples::{Collector, IngestedSamples};
use crate::model::Timestamp;

const TYPES: &[&str] =
    &["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];

/// Reads a whole text. Samples without a timestamp get `default_timestamp`, in ms; without it
/// they are errors.
pub(super) fn read(
    text: &[u8],
    default_timestamp: Option<Timestamp>,
) -> Result<IngestedSamples, IngestError> {
    let mut cursor = Cursor::new(text);
    let mut collector = Collector::default();
    let mut metric_type = String::new();
    loop {
        if cursor.is_done() {
            return cursor.fail(Problem::MissingEof);
        }
        let at = cursor.at();
        if cursor.take("# EOF") {
            cursor.take("\n");
            if !cursor.is_done() {
                return cursor.fail(Problem::DataAfterEof);
            }
            return collector.finish().map_err(|(at, problem)| cursor.error(at, problem));
        }
        if cursor.peek() == Some(b'#') {
            metadata(&mut cursor, &mut collector, &mut metric_type)?;
        } else {
            let labels = cursor.series(Style::Strict, &metric_type)?;
            let value = value(&mut cursor)?;
            let timestamp = timestamp(&mut cursor)?.or(default_timestamp);
            let Some(timestamp) = timestamp else {
                return cursor.fail(Problem::MissingTimestamp);
            };
            exemplar(&mut cursor)?;
            collector.add(labels, timestamp, value, at);
        }
        if !cursor.take("\n") {
            let problem = if cursor.is_done() { Problem::MissingEof } else { Problem::ExpectedEndOfLine };
            return cursor.fail(problem);
        }
    }
}

/// Reads `# TYPE`, `# HELP` or `# UNIT`; there are no other comments.
fn metadata(
    cursor: &mut Cursor<'_>,
    collector: &mut Collector,
    metric_type: &mut String,
) -> Result<(), IngestError> {
    let line = cursor.at();
    let Some(keyword) = ["# TYPE ", "# HELP ", "# UNIT "].into_iter().find(|word| cursor.take(word)) else {
        return Err(cursor.error(line, Problem::ExpectedSeries));
    };
    let name = cursor.metric_name(Style::Strict)?;
    if !cursor.take(" ") {
        return cursor.fail(Problem::ExpectedText);
    }
    let start = cursor.at();
    let text = cursor.rest_of_line();
    let text = cursor.utf8(start.0, text)?;
    match keyword {
        "# TYPE " if !TYPES.contains(&text) => Err(cursor.error(start, Problem::MetricType(text.to_owned()))),
        "# TYPE " => {
            text.clone_into(metric_type);
            text.clone_into(&mut collector.metadata(&name).metric_type);
            Ok(())
        }
        "# HELP " => {
            collector.metadata(&name).help = unescape(text, true).into_owned();
            Ok(())
        }
        _ if text.is_empty() || name.strip_suffix(text).is_some_and(|base| base.ends_with('_')) => {
            text.clone_into(&mut collector.metadata(&name).unit);
            Ok(())
        }
        _ => {
            let problem = Problem::Unit { unit: text.to_owned(), metric: name.into_owned() };
            Err(cursor.error(start, problem))
        }
    }
}

fn belongs_to_number(byte: u8) -> bool {
    !matches!(byte, b' ' | b'\n')
}

fn value(cursor: &mut Cursor<'_>) -> Result<f64, IngestError> {
    if !cursor.take(" ") {
        return cursor.fail(Problem::ExpectedValue);
    }
    cursor.value(belongs_to_number)
}

/// Reads a timestamp in seconds, if neither an exemplar nor the end of the line follows.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, IngestError> {
    let before = cursor.clone();
    if !cursor.take(" ") {
        return Ok(None);
    }
    if cursor.take("# ") {
        *cursor = before;
        return Ok(None);
    }
    let At(start) = cursor.at();
    let text = cursor.take_while(belongs_to_number);
    match float(text) {
        // What lies beyond the range of integers is cut off there.
        Some(seconds) if seconds.is_finite() => Ok(Some((seconds * 1000.0) as Timestamp)),
        _ => Err(cursor.error(At(start), Problem::Timestamp(lossy(text)))),
    }
}

/// Reads an exemplar, if one follows: labels, a value and perhaps a timestamp.
fn exemplar(cursor: &mut Cursor<'_>) -> Result<(), IngestError> {
    if !cursor.take(" # ") {
        return Ok(());
    }
    cursor.exemplar_labels()?;
    value(cursor)?;
    timestamp(cursor)?;
    Ok(())
}
