//! Reads what the text formats have in common: names, quoted strings, labels and numbers.

use std::borrow::Cow;

use super::error::{IngestError, IngestProblem as Problem};
use crate::model::go_format::{open_metrics_number, parse_float};
use crate::model::labels::{BUCKET_BOUND, METRIC_NAME};
use crate::model::sample::NORMAL_NAN_BITS;
use crate::model::{Labels, LabelsBuilder};

/// A place in a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At(pub(super) usize);

/// A text and how much of it has been read.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

/// Where the formats differ in reading labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Spaces and tabs anywhere, commas or not, line breaks in values.
    Loose,
    /// Nothing of it.
    Strict,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Cursor { text, at: 0 }
    }

    pub(super) fn at(&self) -> At {
        At(self.at)
    }

    pub(super) fn error(&self, at: At, problem: Problem) -> IngestError {
        let before = &self.text[..at.0.min(self.text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        IngestError { line, column: before.len() - line_start + 1, problem }
    }

    /// An error at the place that has been reached.
    pub(super) fn fail<T>(&self, problem: Problem) -> Result<T, IngestError> {
        Err(self.error(self.at(), problem))
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Reads `word` if it comes next.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let comes = self.text[self.at..].starts_with(word.as_bytes());
        if comes {
            self.at += word.len();
        }
        comes
    }

    /// Reads bytes as long as `belongs` holds.
    pub(super) fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'t [u8] {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(|byte| byte == b' ' || byte == b'\t');
    }

    /// Reads up to the end of the line, which is left.
    pub(super) fn rest_of_line(&mut self) -> &'t [u8] {
        self.take_while(|byte| byte != b'\n')
    }

    /// Reads `[a-zA-Z_][a-zA-Z0-9_]*`, with colons if it is a metric's name; nothing if no name comes next.
    pub(super) fn name(&mut self, colons: bool) -> Option<&'t str> {
        let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || (colons && byte == b':');
        if !self.peek().is_some_and(starts) {
            return None;
        }
        std::str::from_utf8(self.take_while(|byte| starts(byte) || byte.is_ascii_digit())).ok()
    }

    /// Reads a string in double quotes, if one comes next.
    pub(super) fn quoted(&mut self, style: Style) -> Result<Option<Cow<'t, str>>, IngestError> {
        let start = self.at();
        if !self.take("\"") {
            return Ok(None);
        }
        let content = self.at;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') if !matches!(self.text.get(self.at + 1), None | Some(b'\n')) => self.at += 2,
                Some(b'\\') => return Err(self.error(start, Problem::UnterminatedString)),
                Some(b'\n') if style == Style::Strict => {
                    return Err(self.error(start, Problem::UnterminatedString));
                }
                Some(_) => self.at += 1,
                None => return Err(self.error(start, Problem::UnterminatedString)),
            }
        }
        let text = self.utf8(content, &self.text[content..self.at])?;
        self.at += 1;
        Ok(Some(unescape(text, true)))
    }

    /// The text of `bytes`, which begin at `start`.
    pub(super) fn utf8(&self, start: usize, bytes: &'t [u8]) -> Result<&'t str, IngestError> {
        std::str::from_utf8(bytes)
            .map_err(|error| self.error(At(start + error.valid_up_to()), Problem::NotUtf8))
    }

    /// Reads a metric's name with or without quotes.
    pub(super) fn metric_name(&mut self, style: Style) -> Result<Cow<'t, str>, IngestError> {
        if let Some(name) = self.quoted(style)? {
            return Ok(name);
        }
        match self.name(true) {
            Some(name) => Ok(name.into()),
            None => self.fail(Problem::ExpectedMetricName),
        }
    }

    /// Reads a series: `name`, `name{label="value"}` or `{"name", label="value"}`. `metric_type` is what the last
    /// `# TYPE` line told.
    pub(super) fn series(&mut self, style: Style, metric_type: &str) -> Result<Labels, IngestError> {
        let mut labels = LabelsBuilder::default();
        let start = self.at();
        let mut metric = self.name(true).map(Cow::Borrowed);
        if metric.is_none() && self.peek() != Some(b'{') {
            return self.fail(Problem::ExpectedSeries);
        }
        let after_name = self.clone();
        self.skip_loosely(style);
        if self.take("{") {
            self.labels(&mut metric, &mut labels, style, metric_type)?;
        } else {
            *self = after_name;
        }
        let Some(metric) = metric else {
            return Err(self.error(start, Problem::MissingMetricName));
        };
        if labels.get(METRIC_NAME).is_some() {
            return Err(self.error(start, Problem::DuplicateLabel(METRIC_NAME.to_owned())));
        }
        Ok(labels.set(METRIC_NAME, &metric).build())
    }

    /// Reads the labels of an exemplar, which have no metric name among them.
    pub(super) fn exemplar_labels(&mut self) -> Result<(), IngestError> {
        if !self.take("{") {
            return self.fail(Problem::ExpectedLabelName);
        }
        let (start, mut metric) = (self.at(), None);
        self.labels(&mut metric, &mut LabelsBuilder::default(), Style::Strict, "")?;
        match metric {
            Some(_) => Err(self.error(start, Problem::ExpectedLabelName)),
            None => Ok(()),
        }
    }

    /// Reads labels up to the closing brace. A quoted string that is followed by no `=` is the metric's name.
    fn labels(
        &mut self,
        metric: &mut Option<Cow<'t, str>>,
        labels: &mut LabelsBuilder,
        style: Style,
        metric_type: &str,
    ) -> Result<(), IngestError> {
        loop {
            self.skip_loosely(style);
            if self.take("}") {
                return Ok(());
            }
            let start = self.at();
            let quoted = self.quoted(style)?;
            let is_quoted = quoted.is_some();
            let Some(name) = quoted.or_else(|| self.name(false).map(Cow::Borrowed)) else {
                return self.fail(Problem::ExpectedLabelName);
            };
            self.skip_loosely(style);
            if is_quoted && matches!(self.peek(), Some(b',' | b'}')) {
                if metric.is_some() {
                    return Err(self.error(start, Problem::SecondMetricName));
                }
                *metric = Some(name);
                self.take(",");
                continue;
            }
            if !self.take("=") {
                return self.fail(Problem::ExpectedEquals);
            }
            self.skip_loosely(style);
            let Some(value) = self.quoted(style)? else {
                return self.fail(Problem::ExpectedLabelValue);
            };
            if labels.get(&name).is_some() {
                return Err(self.error(start, Problem::DuplicateLabel(name.into_owned())));
            }
            labels.set(&name, &normalized(metric_type, &name, value));
            self.skip_loosely(style);
            if !self.take(",") && self.peek() != Some(b'}') && style == Style::Strict {
                return self.fail(Problem::ExpectedCommaOrBrace);
            }
        }
    }

    fn skip_loosely(&mut self, style: Style) {
        if style == Style::Loose {
            self.skip_blanks();
        }
    }

    /// Reads the value of a sample; any NaN is the ordinary one, since a stale marker is nothing that is exposed.
    pub(super) fn value(&mut self, belongs: impl Fn(u8) -> bool) -> Result<f64, IngestError> {
        let start = self.at();
        let text = self.take_while(belongs);
        if text.is_empty() {
            return self.fail(Problem::ExpectedValue);
        }
        match float(text) {
            Some(value) if value.is_nan() => Ok(f64::from_bits(NORMAL_NAN_BITS)),
            Some(value) => Ok(value),
            None => Err(self.error(start, Problem::Number(lossy(text)))),
        }
    }
}

/// A number as Go read it before hexadecimal floats and underscores came.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    if text.contains(['p', 'P', '_']) { None } else { parse_float(text).ok() }
}

pub(super) fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Resolves `\\`, `\n` and, where quotes need it, `\"`; any other backslash stands for itself.
pub(super) fn unescape(text: &str, quotes: bool) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (resolved, length) = match after.bytes().next() {
            Some(b'\\') => ('\\', 1),
            Some(b'n') => ('\n', 1),
            Some(b'"') if quotes => ('"', 1),
            _ => ('\\', 0),
        };
        out.push(resolved);
        rest = &after[length..];
    }
    out.push_str(rest);
    out.into()
}

/// Bounds of buckets and quantiles are written in one way, whatever way they are exposed in (`le="1"` is `le="1.0"`).
fn normalized<'v>(metric_type: &str, label: &str, value: Cow<'v, str>) -> Cow<'v, str> {
    match (metric_type, label) {
        ("histogram", BUCKET_BOUND) | ("summary", "quantile") => {
            parse_float(&value).map_or(value, |number| open_metrics_number(number).into())
        }
        _ => value,
    }
}
