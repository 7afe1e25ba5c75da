//! One line of the notation: a series and its values, in order, not yet placed in time.
//!
//! `up{job="node"} 1 _ 0x2` becomes the labels `up{job="node"}` and the values `1`, nothing, `0`, `0`, `0`.
//! The values follow `series_description` of `parser/generated_parser.y`.

use std::sync::Arc;

use super::cursor::Cursor;
use super::error::{LoadError, LoadProblem};
use crate::model::histogram::notation;
use crate::model::labels::METRIC_NAME;
use crate::model::sample::NORMAL_NAN_BITS;
use crate::model::{Histogram, Labels, LabelsBuilder, STALE_NAN};
use crate::syntax::{number_value, string_ahead};

/// The most values that one line may stand for; `0x1000000000000` would otherwise take all memory there is.
pub(super) const MAX_VALUES: usize = 10_000_000;

/// Words of the query language that name no metric unless they are quoted.
const UNUSABLE_NAMES: [&str; 8] =
    ["atan2", "bool", "group_left", "group_right", "ignoring", "inf", "nan", "on"];

/// A series and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesLine {
    /// Which series.
    pub labels: Labels,
    /// What it has at each interval.
    pub values: Vec<SequenceValue>,
}

/// What a series has at one interval.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SequenceValue {
    /// No sample.
    Omitted,
    /// A float, the stale marker among them.
    Float(f64),
    /// A native histogram.
    Histogram {
        /// The histogram.
        histogram: Arc<Histogram>,
        /// Whether its counter reset hint was written down: only then a test compares it.
        hint_given: bool,
    },
}

/// Reads a line; `line` is its number, counted from 1, for errors.
///
/// ```
/// use promqlite::ingest::load::{SequenceValue, parse_line};
///
/// let line = parse_line(r#"{"http.requests", code="200"} 1 _"#, 1)?;
/// assert_eq!(line.labels.metric_name(), "http.requests");
/// assert_eq!(line.values, [SequenceValue::Float(1.0), SequenceValue::Omitted]);
/// assert_eq!(parse_line("up 1+1", 7).unwrap_err().to_string(), "7:7: expected a repetition such as x5");
/// # Ok::<(), promqlite::ingest::load::LoadError>(())
/// ```
pub fn parse_line(text: &str, line: usize) -> Result<SeriesLine, LoadError> {
    let mut cursor = Cursor::new(text, line);
    let labels = series(&mut cursor)?;
    let values = sequence(&mut cursor)?;
    Ok(SeriesLine { labels, values })
}

/// Reads a series without values, `up{job="node"}` or `{job="node"}`: nothing may follow.
///
/// ```
/// use promqlite::ingest::load::parse_labels;
///
/// assert_eq!(parse_labels(r#"{job="node", __name__="up"}"#)?.to_string(), r#"up{job="node"}"#);
/// assert_eq!(parse_labels("{job=node}").unwrap_err().to_string(), "1:6: expected a quoted label value");
/// # Ok::<(), promqlite::ingest::load::LoadError>(())
/// ```
pub fn parse_labels(text: &str) -> Result<Labels, LoadError> {
    let mut cursor = Cursor::new(text, 1);
    let labels = series(&mut cursor)?;
    cursor.skip_spaces();
    match cursor.peek() {
        None => Ok(labels),
        Some(_) => Err(cursor.error(LoadProblem::ExpectedEnd)),
    }
}

/// Reads the values of a line without its series: `1 _ 0x2`.
pub fn parse_values(text: &str) -> Result<Vec<SequenceValue>, LoadError> {
    // Each value has a space before it.
    let spaced = format!(" {text}");
    let mut cursor = Cursor::new(&spaced, 1);
    sequence(&mut cursor)
        .map_err(|error| LoadError { column: error.column.saturating_sub(1).max(1), ..error })
}

/// The series at the start of a line.
pub(super) fn series(cursor: &mut Cursor<'_>) -> Result<Labels, LoadError> {
    cursor.skip_spaces();
    let mut labels = LabelsBuilder::default();
    let name = cursor.take_while(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
    if name.as_bytes().first().is_none_or(u8::is_ascii_digit)
        && (!name.is_empty() || cursor.peek() != Some(b'{'))
    {
        return Err(cursor.error_at(cursor.position() - name.len(), LoadProblem::ExpectedSeries));
    }
    if UNUSABLE_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        let problem = LoadProblem::UnusableName(name.to_owned());
        return Err(cursor.error_at(cursor.position() - name.len(), problem));
    }
    labels.set(METRIC_NAME, name);
    if cursor.eat("{") {
        label_set(cursor, &mut labels)?;
    }
    Ok(labels.build())
}

/// What follows `{`: `label="value"`, `"quoted label"="value"` or `"metric name"`, separated by commas.
fn label_set(cursor: &mut Cursor<'_>, labels: &mut LabelsBuilder) -> Result<(), LoadError> {
    loop {
        cursor.skip_spaces();
        if cursor.eat("}") {
            return Ok(());
        }
        let start = cursor.position();
        let quoted = string(cursor)?;
        let (name, value) = match quoted {
            Some(text) => {
                cursor.skip_spaces();
                if cursor.peek() == Some(b'=') {
                    (text, label_value(cursor)?)
                } else {
                    (METRIC_NAME.to_owned(), text)
                }
            }
            None => {
                let name = cursor.take_while(|b| b.is_ascii_alphanumeric() || b == b'_').to_owned();
                if name.as_bytes().first().is_none_or(u8::is_ascii_digit) {
                    return Err(cursor.error_at(start, LoadProblem::ExpectedLabelName));
                }
                cursor.skip_spaces();
                (name, label_value(cursor)?)
            }
        };
        if labels.get(&name).is_some_and(|before| !before.is_empty()) {
            return Err(cursor.error_at(start, LoadProblem::DuplicateLabel(name)));
        }
        labels.set(&name, &value);
        cursor.skip_spaces();
        if !cursor.eat(",") && cursor.peek() != Some(b'}') {
            return Err(cursor.error(LoadProblem::ExpectedCommaOrBrace));
        }
    }
}

fn label_value(cursor: &mut Cursor<'_>) -> Result<String, LoadError> {
    if !cursor.eat("=") {
        return Err(cursor.error(LoadProblem::ExpectedEquals));
    }
    cursor.skip_spaces();
    string(cursor)?.ok_or_else(|| cursor.error(LoadProblem::ExpectedLabelValue))
}

/// A quoted string, with the escapes of PromQL, if there is one ahead.
fn string(cursor: &mut Cursor<'_>) -> Result<Option<String>, LoadError> {
    if !matches!(cursor.peek(), Some(b'"' | b'\'' | b'`')) {
        return Ok(None);
    }
    let (bytes, len) = string_ahead(cursor.rest()).map_err(|kind| cursor.error(LoadProblem::String(kind)))?;
    let text = String::from_utf8(bytes).map_err(|_| cursor.error(LoadProblem::NotUtf8))?;
    cursor.advance(len);
    Ok(Some(text))
}

/// The values up to the end of the line, each behind a space.
fn sequence(cursor: &mut Cursor<'_>) -> Result<Vec<SequenceValue>, LoadError> {
    let mut values = Vec::new();
    loop {
        let separated = cursor.skip_spaces();
        if cursor.peek().is_none() {
            return Ok(values);
        }
        if !separated {
            return Err(cursor.error(LoadProblem::ExpectedSpace));
        }
        item(cursor, &mut values)?;
    }
}

/// One item of a sequence, which may stand for many values.
fn item(cursor: &mut Cursor<'_>, values: &mut Vec<SequenceValue>) -> Result<(), LoadError> {
    if cursor.eat("_") {
        let count = cursor.repetition()?.unwrap_or(1);
        extend(cursor, values, count, std::iter::repeat(SequenceValue::Omitted))
    } else if cursor.rest().starts_with("{{") {
        histograms(cursor, values)
    } else {
        floats(cursor, values)
    }
}

/// Adds the first `count` of `more`, unless a line would become unreasonably long.
fn extend(
    cursor: &Cursor<'_>,
    values: &mut Vec<SequenceValue>,
    count: u64,
    more: impl Iterator<Item = SequenceValue>,
) -> Result<(), LoadError> {
    match usize::try_from(count) {
        Ok(count) if values.len().saturating_add(count) <= MAX_VALUES => {
            values.extend(more.take(count));
            Ok(())
        }
        _ => Err(cursor.error(LoadProblem::TooManyValues)),
    }
}

/// `stale`, `a`, `axN`, `a+bxN` or `a-bxN`. A repetition adds to the one value that is there without it.
fn floats(cursor: &mut Cursor<'_>, values: &mut Vec<SequenceValue>) -> Result<(), LoadError> {
    if cursor.word_ahead() == "stale" {
        cursor.eat("stale");
        return extend(cursor, values, 1, std::iter::once(SequenceValue::Float(STALE_NAN)));
    }
    let first = signed_number(cursor)?;
    let step = match cursor.peek() {
        Some(b'+' | b'-') => signed_number(cursor)?,
        _ => {
            return match cursor.repetition()? {
                None => extend(cursor, values, 1, std::iter::once(SequenceValue::Float(first))),
                Some(count) => {
                    let more = std::iter::repeat(SequenceValue::Float(first));
                    extend(cursor, values, count.saturating_add(1), more)
                }
            };
        }
    };
    let count = cursor.repetition()?.ok_or_else(|| cursor.error(LoadProblem::ExpectedRepetition))?;
    let more = std::iter::successors(Some(first), |value| Some(value + step)).map(SequenceValue::Float);
    extend(cursor, values, count.saturating_add(1), more)
}

/// A number with or without a sign. Hexadecimal is not among them: its `x` would be the repetition's.
fn signed_number(cursor: &mut Cursor<'_>) -> Result<f64, LoadError> {
    let item = cursor.position();
    let negative = cursor.eat("-");
    if !negative {
        cursor.eat("+");
    }
    let start = cursor.position();
    let value = match cursor.peek() {
        Some(b) if b.is_ascii_alphabetic() => {
            let word = cursor.take_while(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
            match word.to_ascii_lowercase().as_str() {
                "inf" => f64::INFINITY,
                "nan" => f64::from_bits(NORMAL_NAN_BITS),
                lower if ["inf", "nan", "stale"].iter().any(|special| lower.starts_with(special)) => {
                    return Err(cursor.error_at(item, LoadProblem::NotRepeatable(word.to_owned())));
                }
                _ => return Err(cursor.error_at(item, LoadProblem::ExpectedValue(word.to_owned()))),
            }
        }
        Some(b'0'..=b'9' | b'.') => {
            let text = number_ahead(cursor);
            number_value(text).map_err(|_| cursor.error_at(start, LoadProblem::Number(text.to_owned())))?
        }
        _ => {
            let found = cursor.word_ahead().to_owned();
            return Err(cursor.error_at(item, LoadProblem::ExpectedValue(found)));
        }
    };
    Ok(if negative { -value } else { value })
}

/// The characters of a number: digits, `.`, `_`, and an exponent with its sign. Letters other than the `x` of a
/// repetition belong to it too, so that the message shows all of what was meant as a number.
fn number_ahead<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    let mut before = 0;
    cursor.take_while(|b| {
        let sign_of_exponent = matches!(b, b'+' | b'-') && matches!(before, b'e' | b'E');
        before = b;
        (b.is_ascii_alphanumeric() && b != b'x') || b == b'.' || b == b'_' || sign_of_exponent
    })
}

/// A histogram in double braces, or a sequence of them.
fn histograms(cursor: &mut Cursor<'_>, values: &mut Vec<SequenceValue>) -> Result<(), LoadError> {
    let start = cursor.position();
    let wrong = |at, kind| cursor.error_at(start + at, LoadProblem::Histogram(kind));
    let (sequence, consumed) = notation::parse_sequence(cursor.rest()).map_err(|e| wrong(e.at, e.kind))?;
    let hint_given = sequence.hint_written;
    for histogram in sequence.values() {
        let histogram = Arc::new(histogram.map_err(|kind| wrong(0, kind))?);
        extend(cursor, values, 1, std::iter::once(SequenceValue::Histogram { histogram, hint_given }))?;
    }
    cursor.advance(consumed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::is_stale;

    /// The labels and values of a line, or the error, as one text.
    fn read(text: &str) -> String {
        let line = match parse_line(text, 1) {
            Ok(line) => line,
            Err(error) => return error.to_string(),
        };
        let values = line.values.iter().map(|value| match value {
            SequenceValue::Omitted => "_".to_owned(),
            SequenceValue::Float(value) if is_stale(*value) => "stale".to_owned(),
            SequenceValue::Float(value) => value.to_string(),
            SequenceValue::Histogram { histogram, hint_given } => {
                format!("count:{},sum:{},hint:{hint_given}", histogram.count, histogram.sum)
            }
        });
        format!("{} => {}", line.labels, values.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn floats() {
        for (text, expected) in [
            ("{} 1 2 3", "{} => 1 2 3"),
            ("m", "m => "),
            ("m 1  2\t3   ", "m => 1 2 3"),
            ("m 1 2 3-10x4", "m => 1 2 3 -7 -17 -27 -37"),
            ("m 1x0", "m => 1"),
            ("m 1x3", "m => 1 1 1 1"),
            ("m 1+1x0", "m => 1"),
            ("m 1+2x3", "m => 1 3 5 7"),
            ("m 1 -1 -3-10x2 7 +5", "m => 1 -1 -3 -13 -23 7 5"),
            ("m -0-0.5x1", "m => -0 -0.5"),
            ("m 1 _ 5 _x3 2", "m => 1 _ 5 _ _ _ 2"),
            ("m _x0 1", "m => 1"),
            ("m 1e3 1E-2 .5 2. 1_000", "m => 1000 0.01 0.5 2 1000"),
            ("m 010 08 0", "m => 8 8 0"),
            ("m 1e2x1 1e1+1e0x1", "m => 100 100 10 11"),
            ("m Inf -inf +INF NaN nan", "m => inf -inf inf NaN NaN"),
            ("m Inf+1x1", "m => inf inf"),
            ("m 1 stale 2", "m => 1 stale 2"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn labels() {
        for (text, expected) in [
            (r#"m{a="1", b='2',c=`3`,} 1"#, r#"m{a="1", b="2", c="3"} => 1"#),
            (r#"  { a = "1" } 1"#, r#"{a="1"} => 1"#),
            (r#"job:up:sum{} 1"#, "job:up:sum => 1"),
            (r#"{"my.metric", "my.label"="x", b="y"} 1"#, r#"{"my.metric", b="y", "my.label"="x"} => 1"#),
            (r#"{"m", a="x y} {"} 1"#, r#"m{a="x y} {"} => 1"#),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn refused() {
        for (text, expected) in [
            ("", "1:1: expected a metric name or {"),
            ("5 6", "1:1: expected a metric name or {"),
            ("NaN 1", "1:1: the name \"NaN\" has to be quoted, as in {\"NaN\"}"),
            ("m {a=\"b\"} 1", "1:3: expected a number, stale, _ or {{…}}, found \"{a=\\\"b\\\"}\""),
            ("m{a} 1", "1:4: expected = after the label name"),
            ("m{a=b} 1", "1:5: expected a quoted label value"),
            ("m{a=\"b\" c=\"d\"} 1", "1:9: expected , or }"),
            ("m{a=\"b\", a=\"c\"} 1", "1:10: the label \"a\" is there twice"),
            ("m{a=\"b", "1:5: unterminated quoted string"),
            ("m{=} 1", "1:3: expected a label name or }"),
            ("m 1+1", "1:6: expected a repetition such as x5"),
            ("m 1+Inf", "1:8: expected a repetition such as x5"),
            ("m -3-3 -3", "1:7: expected a repetition such as x5"),
            ("m 3+3x4-4", "1:8: expected a space before the next value"),
            ("m _a4", "1:4: expected a space before the next value"),
            ("m _-2", "1:4: expected a space before the next value"),
            ("m 1x", "1:5: \"\" is not a number of repetitions"),
            ("m 1x1.5", "1:5: \"1.5\" is not a number of repetitions"),
            ("m 1x-2", "1:5: \"\" is not a number of repetitions"),
            ("m 1xx", "1:5: \"x\" is not a number of repetitions"),
            ("m 0x10000000000000", "1:19: more values than one line can have"),
            ("m Infx3", "1:3: unexpected \"Infx3\": Inf, NaN and stale cannot be repeated with x"),
            ("m stalex3", "1:3: unexpected \"stalex3\": Inf, NaN and stale cannot be repeated with x"),
            ("m up", "1:3: expected a number, stale, _ or {{…}}, found \"up\""),
            ("m 5m", "1:3: \"5m\" is not a number"),
            ("m 1..2", "1:3: \"1..2\" is not a number"),
            ("m 1 é", "1:5: expected a number, stale, _ or {{…}}, found \"é\""),
            ("m 1é", "1:4: expected a space before the next value"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
