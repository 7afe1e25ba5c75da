//! Prometheus' text exposition format, version 0.0.4: what most `/metrics` pages are.
//!
//! ```text
//! # HELP http_requests_total How many requests were answered.
//! # TYPE http_requests_total counter
//! http_requests_total{method="post",code="200"} 1027 1395066363000
//! {"process.uptime", "host.name"="a"} 12.5
//! ```
//!
//! A line is a series, its value, and perhaps a timestamp in milliseconds. The rules are those of
//! `model/textparse/promparse.go`, which is generous with blanks and commas.

use super::cursor::{Cursor, Style, lossy, unescape};
use super::error::{IngestError, IngestProblem as Problem};
use super::samples::{Collector, IngestedSamples};
use crate::model::Timestamp;

const TYPES: &[&str] = &["counter", "gauge", "histogram", "summary", "untyped"];

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
        cursor.skip_blanks();
        match cursor.peek() {
            None => break,
            Some(b'\n') => {}
            Some(b'#') => comment(&mut cursor, &mut collector, &mut metric_type)?,
            Some(_) => {
                let at = cursor.at();
                let labels = cursor.series(Style::Loose, &metric_type)?;
                cursor.skip_blanks();
                let value = cursor.value(|byte| !matches!(byte, b'{' | b' ' | b'\t' | b'\n'))?;
                let timestamp = timestamp(&mut cursor)?.or(default_timestamp);
                let Some(timestamp) = timestamp else {
                    return cursor.fail(Problem::MissingTimestamp);
                };
                collector.add(labels, timestamp, value, at);
            }
        }
        if !cursor.take("\n") && !cursor.is_done() {
            return cursor.fail(Problem::ExpectedEndOfLine);
        }
    }
    collector.finish().map_err(|(at, problem)| cursor.error(at, problem))
}

/// Reads a line that starts with `#`: metadata, or a remark that says nothing.
fn comment(
    cursor: &mut Cursor<'_>,
    collector: &mut Collector,
    metric_type: &mut String,
) -> Result<(), IngestError> {
    cursor.take("#");
    cursor.skip_blanks();
    let help = ["HELP ", "HELP\t"].iter().any(|word| cursor.take(word));
    if !help && !["TYPE ", "TYPE\t"].iter().any(|word| cursor.take(word)) {
        cursor.rest_of_line();
        return Ok(());
    }
    cursor.skip_blanks();
    let name = cursor.metric_name(Style::Loose)?;
    // One character separates the name and the text; what follows it counts, blanks too.
    let start = cursor.at();
    let text = cursor.rest_of_line();
    let text = cursor.utf8(start.0, text)?;
    let text = text.char_indices().nth(1).map_or("", |(second, _)| &text[second..]);
    if help {
        collector.metadata(&name).help = unescape(text, false).into_owned();
        return Ok(());
    }
    if !TYPES.contains(&text) {
        return Err(cursor.error(start, Problem::MetricType(text.to_owned())));
    }
    text.clone_into(metric_type);
    let known = if text == "untyped" { "unknown" } else { text };
    known.clone_into(&mut collector.metadata(&name).metric_type);
    Ok(())
}

/// Reads a timestamp in ms, if the line does not end.
fn timestamp(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, IngestError> {
    cursor.skip_blanks();
    if matches!(cursor.peek(), None | Some(b'\n')) {
        return Ok(None);
    }
    let start = cursor.at();
    let digits = cursor.take_while(|byte| byte.is_ascii_digit());
    if digits.is_empty() {
        return cursor.fail(Problem::ExpectedTimestamp);
    }
    let digits = lossy(digits);
    match digits.parse() {
        Ok(timestamp) => {
            cursor.skip_blanks();
            Ok(Some(timestamp))
        }
        Err(_) => Err(cursor.error(start, Problem::Timestamp(digits))),
    }
}
