//! Where in the query text something happened, and what is said about it.
//!
//! Every node of the syntax tree keeps the bytes it came from, so an error or a warning found much later,
//! by an operator, can still point at the text:
//!
//! ```
//! use promqlite::Span;
//!
//! let query = "sum(\n  rat(x[5m]))";
//! let span = Span::new(7, 16);
//! assert_eq!(&query[span.range()], "rat(x[5m]");
//! assert_eq!(span.position_in(query), (2, 3));
//! ```

use std::fmt;

/// A range of bytes of the query text: `start` is inclusive, `end` is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// As a range that slices the query text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Line and column of the first byte, both counted from 1, the column in bytes.
    pub fn position_in(self, text: &str) -> (usize, usize) {
        let at = (self.start as usize).min(text.len());
        let before = &text.as_bytes()[..at];
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        let column = at - before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1) + 1;
        (line, column)
    }
}

/// How much weight a [`Diagnostic`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// There is no answer.
    Error,
    /// There is an answer; it may not be the one that was meant.
    Warning,
    /// There is an answer; something about the data is worth knowing.
    Info,
}

/// Something said about a place of the query text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error, warning or info.
    pub severity: Severity,
    /// What is said, in Prometheus' words where Prometheus says it too.
    pub message: String,
    /// The bytes of the query it is said about, if it is about a place.
    pub span: Option<Span>,
    /// What the reader can do about it, in our own words.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Paints the message with the line of the query it speaks of and a caret under the place.
    ///
    /// Plain text without colours; tabs and wide characters are counted as one column each. Of a long line only the
    /// neighbourhood of the place is shown.
    pub fn render(&self, query: &str) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let mut out = format!("{word}: {}\n", self.message);
        if let Some(span) = self.span {
            let start = floor_boundary(query, span.start as usize);
            let end = floor_boundary(query, (span.end as usize).max(start));
            let line_start = query[..start].rfind('\n').map_or(0, |i| i + 1);
            let line_end = query[start..].find('\n').map_or(query.len(), |i| start + i);
            let from = if start - line_start > SHOWN_BEFORE {
                floor_boundary(query, start - SHOWN_BEFORE)
            } else {
                line_start
            };
            let to = if line_end - start > SHOWN_AFTER {
                floor_boundary(query, start + SHOWN_AFTER)
            } else {
                line_end
            };
            let (before, after) =
                (if from > line_start { "…" } else { "" }, if to < line_end { "…" } else { "" });
            let pad: String = before
                .chars()
                .chain(query[from..start].chars())
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let width = query[start..end.min(to).max(start)].chars().count().max(1);
            out.push_str(&format!("  {before}{}{after}\n  {pad}{}\n", &query[from..to], "^".repeat(width)));
        }
        if let Some(help) = &self.help {
            out.push_str(&format!("help: {help}\n"));
        }
        out
    }
}

/// How many bytes of a line are shown before the place that is spoken of, and from there on.
const SHOWN_BEFORE: usize = 300;
const SHOWN_AFTER: usize = 300;

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_only_the_neighbourhood_is_shown() {
        let query = format!("{}?{}", "é".repeat(5_000), "b".repeat(5_000));
        let at = query.find('?').unwrap();
        let message = "what?".to_owned();
        let span = Some(Span::new(at, query.len()));
        let rendered = Diagnostic { severity: Severity::Error, message, span, help: None }.render(&query);
        let mut lines = rendered.lines().skip(1);
        let (text, carets) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(text.starts_with("  …é") && text.ends_with("b…"), "{text}");
        assert_eq!(text.chars().position(|c| c == '?'), carets.chars().position(|c| c == '^'));
        assert_eq!(carets.chars().filter(|c| *c == '^').count(), SHOWN_AFTER);
    }
}
