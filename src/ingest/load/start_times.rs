//! `@st` lines: when the counter behind each sample began, relative to the sample.
//!
//! ```text
//! http_requests_total@st -1m _ -2m-30sx2
//! http_requests_total    5   8 11+1x2
//! ```
//!
//! The first sample's counter began a minute before the sample; of the second's nothing is known; the others' began
//! 2m, 2m30s and 3m before them.

use super::cursor::{Cursor, is_space};
use super::error::{LoadError, LoadProblem};
use super::line;
use crate::model::Labels;
use crate::syntax::parse_duration;

/// An `@st` line.
#[derive(Clone, Debug)]
pub(super) struct StartTimesLine {
    pub(super) labels: Labels,
    /// For each sample the start time relative to it in ms, if one is given.
    pub(super) offsets: Vec<Option<i64>>,
}

/// Reads `text` if it is an `@st` line: one whose first word ends in `@st`.
pub(super) fn parse(text: &str, number: usize) -> Result<Option<StartTimesLine>, LoadError> {
    let trimmed = text.trim_start();
    let Some(end) = trimmed.find(|c: char| c.is_ascii_whitespace()) else { return Ok(None) };
    if !trimmed[..end].ends_with("@st") {
        return Ok(None);
    }
    let mut cursor = Cursor::new(text, number);
    let labels = line::series(&mut cursor)?;
    if !cursor.eat("@st") {
        return Err(cursor.error(LoadProblem::ExpectedSeries));
    }
    let mut offsets = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.peek().is_none() {
            return Ok(Some(StartTimesLine { labels, offsets }));
        }
        item(&mut cursor, &mut offsets)?;
    }
}

/// `_`, `_xN`, `d`, `dxN`, `d+dxN` or `d-dxN`, where `d` is a duration with or without a sign.
fn item(cursor: &mut Cursor<'_>, offsets: &mut Vec<Option<i64>>) -> Result<(), LoadError> {
    let start = cursor.position();
    let word = cursor.word_ahead();
    let wrong = |cursor: &Cursor<'_>| cursor.error_at(start, LoadProblem::StartTime(word.to_owned()));
    let (first, step) = if cursor.eat("_") {
        (None, 0)
    } else {
        let first = duration(cursor).ok_or_else(|| wrong(cursor))?;
        let step = match cursor.peek() {
            Some(b'+' | b'-') => Some(duration(cursor).ok_or_else(|| wrong(cursor))?),
            _ => None,
        };
        if step.is_some() && cursor.peek() != Some(b'x') {
            return Err(cursor.error(LoadProblem::ExpectedRepetition));
        }
        (Some(first), step.unwrap_or(0))
    };
    let count = match (cursor.repetition()?, first) {
        (None, _) => 1,
        (Some(0), None) => return Err(wrong(cursor)),
        (Some(count), None) => count,
        (Some(count), Some(_)) => count.saturating_add(1),
    };
    if cursor.peek().is_some_and(|b| !is_space(b)) {
        return Err(wrong(cursor));
    }
    if count > line::MAX_VALUES.saturating_sub(offsets.len()) as u64 {
        return Err(cursor.error_at(start, LoadProblem::TooManyValues));
    }
    offsets
        .extend((0..count as i64).map(|i| first.map(|first| first.saturating_add(step.saturating_mul(i)))));
    Ok(())
}

/// A duration in ms with or without a sign: digits and one unit, or 0.
fn duration(cursor: &mut Cursor<'_>) -> Option<i64> {
    let negative = cursor.eat("-");
    if !negative {
        cursor.eat("+");
    }
    let digits = cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
    let unit = cursor.rest()[digits..].bytes().take_while(|&b| b.is_ascii_alphabetic() && b != b'x').count();
    let text = &cursor.rest()[..digits + unit];
    let ms = parse_duration(text).ok()?;
    cursor.advance(text.len());
    Some(if negative { -ms } else { ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (text, expected) in [
            ("m@st 0 -1m 30s", Some(vec![Some(0), Some(-60_000), Some(30_000)])),
            ("m@st -1ms _ _x2 0", Some(vec![Some(-1), None, None, None, Some(0)])),
            ("m@st -1mx2", Some(vec![Some(-60_000); 3])),
            ("m@st -30s-1mx2", Some(vec![Some(-30_000), Some(-90_000), Some(-150_000)])),
            ("  m{a=\"b\"}@st 0s+1msx1", Some(vec![Some(0), Some(1)])),
            ("m 0 1", None),
            ("m@st", None),
            ("m_at_st 1", None),
        ] {
            let parsed = parse(text, 1).unwrap();
            assert_eq!(parsed.map(|line| line.offsets), expected, "{text}");
        }
    }

    #[test]
    fn refused() {
        for (text, expected) in [
            ("m@st 5", r#"1:6: "5" is not a start time such as -1m"#),
            ("m@st 0 -1mx", r#"1:12: "" is not a number of repetitions"#),
            ("m@st -1m-1m", "1:12: expected a repetition such as x5"),
            ("m@st _x0", r#"1:6: "_x0" is not a start time such as -1m"#),
            ("m@st 1q", r#"1:6: "1q" is not a start time such as -1m"#),
            ("m@st _y", r#"1:6: "_y" is not a start time such as -1m"#),
            ("@st 0", "1:1: expected a metric name or {"),
        ] {
            assert_eq!(parse(text, 1).unwrap_err().to_string(), expected, "{text}");
        }
    }
}
