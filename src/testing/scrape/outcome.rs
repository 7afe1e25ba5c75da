//! What came of one scrape, or why there is none.

use std::fmt;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::ingest::IngestError;
use crate::model::{Labels, Timestamp};
use crate::store::memory::AppendError;
use crate::testing::TestTimeError;
use crate::testing::test_time::point_text;

/// What came of a scrape.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Scrape {
    /// When it happened, in ms since the Unix epoch.
    pub time: Timestamp,
    /// How many samples of the text were taken.
    pub samples: usize,
    /// The series that were in the scrape before and are not in this one: each has got a stale marker.
    pub ended: Vec<Labels>,
    /// Samples that were not taken: those with a timestamp of their own at which, or after which, their series has
    /// another sample already. Prometheus passes over them too.
    pub dropped: Vec<AppendError>,
}

/// Why there was no scrape. Nothing has changed then.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScrapeError {
    /// The text has a mistake in it.
    Text {
        /// When the scrape would have been, in ms since the Unix epoch.
        time: Timestamp,
        /// What is wrong, and where.
        error: IngestError,
        /// The line that it is about.
        line: String,
    },
    /// The time is not after the target's scrape before.
    NotAfter {
        /// The time that was asked for, in ms since the Unix epoch.
        time: Timestamp,
        /// The time of the scrape before, in ms since the Unix epoch.
        before: Timestamp,
    },
    /// The time is none.
    Time(TestTimeError),
    /// There is no later time.
    EndOfTime,
}

impl ScrapeError {
    /// The error in a text.
    pub(super) fn text(time: Timestamp, error: IngestError, text: &[u8]) -> Self {
        let line = text.split(|byte| *byte == b'\n').nth(error.line.saturating_sub(1)).unwrap_or_default();
        ScrapeError::Text { time, error, line: String::from_utf8_lossy(line).into_owned() }
    }
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScrapeError::Text { time, error, line } => {
                let at = error.column.saturating_sub(1).min(line.len());
                let message = format!(
                    "the scrape at {} cannot be read: line {}, column {}: {}",
                    point_text(*time),
                    error.line,
                    error.column,
                    error.problem
                );
                let span = Some(Span::new(at, at));
                let diagnostic = Diagnostic { severity: Severity::Error, message, span, help: None };
                let text = diagnostic.render(line);
                f.write_str(text.strip_prefix("error: ").unwrap_or(&text).trim_end())
            }
            ScrapeError::NotAfter { time, before } => write!(
                f,
                "a scrape at {} does not come after the one at {}",
                point_text(*time),
                point_text(*before)
            ),
            ScrapeError::Time(error) => error.fmt(f),
            ScrapeError::EndOfTime => f.write_str("there is no later time"),
        }
    }
}

impl std::error::Error for ScrapeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ScrapeError::Text { error, .. } => Some(error),
            ScrapeError::Time(error) => Some(error),
            ScrapeError::NotAfter { .. } | ScrapeError::EndOfTime => None,
        }
    }
}

impl From<TestTimeError> for ScrapeError {
    fn from(error: TestTimeError) -> Self {
        ScrapeError::Time(error)
    }
}
