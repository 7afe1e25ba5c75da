//! Time as a test writes it: `"5m"`, `Duration::from_secs(300)`, `300_000`, `"2026-03-03T12:00:00Z"`.
//!
//! ```
//! use std::time::Duration;
//! use promqlite::testing::Timeline;
//!
//! let mut timeline = Timeline::every("15s");
//! timeline.scrape("up 1\n");
//! timeline.advance(Duration::from_secs(45));
//! timeline.scrape("up 1\n");
//! assert_eq!(timeline.now(), 60_000);
//! # assert!(timeline.instant_at("up", "1m").is_ok());
//! ```

use std::fmt;
use std::time::{Duration, SystemTime};

use chrono::DateTime;

use crate::model::Timestamp;
use crate::model::go_format::quote;
use crate::model::time::IntoTimestamp;
use crate::render::rfc3339;
use crate::syntax::{DurationError, format_duration, parse_duration};

/// A point in time, or a distance between two, depending on what it is wanted for.
///
/// | made of | as a point | as a distance |
/// | --- | --- | --- |
/// | an integer | milliseconds since the Unix epoch | milliseconds |
/// | a [`SystemTime`] | this point | as an integer |
/// | a [`Duration`] | so long after the start of the [`Timeline`](super::Timeline) | so long |
/// | a text such as `"1h30m"` | so long after the start; with `-` before it | so long |
/// | a text such as `"2026-03-03T12:00:00Z"` | this point | an error |
///
/// Where there is no timeline, the start is the Unix epoch, as in scripts.
#[derive(Clone, Debug, PartialEq)]
pub struct TestTime(Written);

#[derive(Clone, Debug, PartialEq)]
enum Written {
    Millis(i64),
    Duration(Duration),
    Text(String),
}

impl From<i64> for TestTime {
    fn from(millis: i64) -> Self {
        TestTime(Written::Millis(millis))
    }
}

impl From<SystemTime> for TestTime {
    fn from(time: SystemTime) -> Self {
        TestTime(Written::Millis(time.into_timestamp()))
    }
}

impl From<Duration> for TestTime {
    fn from(duration: Duration) -> Self {
        TestTime(Written::Duration(duration))
    }
}

impl From<&str> for TestTime {
    fn from(text: &str) -> Self {
        TestTime(Written::Text(text.to_owned()))
    }
}

impl From<String> for TestTime {
    fn from(text: String) -> Self {
        TestTime(Written::Text(text))
    }
}

impl TestTime {
    /// The point in time, in ms since the Unix epoch, where time begins to be counted at `start`.
    pub(super) fn point(&self, start: Timestamp) -> Result<Timestamp, TestTimeError> {
        let after_start = match &self.0 {
            Written::Millis(millis) => return Ok(*millis),
            Written::Text(text) => match DateTime::parse_from_rfc3339(text) {
                Ok(date) => return Ok(date.timestamp_millis()),
                Err(_) => match text.strip_prefix('-') {
                    Some(before) => -self.parse(before)?,
                    None => self.parse(text)?,
                },
            },
            Written::Duration(_) => self.distance()?,
        };
        start.checked_add(after_start).ok_or_else(|| self.error(DurationError::OutOfRange))
    }

    /// The distance in ms.
    pub(super) fn distance(&self) -> Result<i64, TestTimeError> {
        match &self.0 {
            Written::Millis(millis) => Ok(*millis),
            Written::Text(text) => self.parse(text),
            Written::Duration(duration) => {
                i64::try_from(duration.as_millis()).map_err(|_| self.error(DurationError::OutOfRange))
            }
        }
    }

    fn parse(&self, text: &str) -> Result<i64, TestTimeError> {
        parse_duration(text).map_err(|reason| self.error(reason))
    }

    fn error(&self, reason: DurationError) -> TestTimeError {
        TestTimeError { time: self.clone(), reason }
    }
}

impl fmt::Display for TestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Written::Millis(millis) => write!(f, "{millis} ms"),
            Written::Duration(duration) => write!(f, "{duration:?}"),
            Written::Text(text) => f.write_str(&quote(text)),
        }
    }
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq)]
pub struct TestTimeError {
    time: TestTime,
    reason: DurationError,
}

impl fmt::Display for TestTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no time: {}", self.time, self.reason)
    }
}

impl std::error::Error for TestTimeError {}

/// Times that are this near to the epoch are told as scripts write them, others as dates.
const YEAR: i64 = 365 * 86_400_000;

/// A point in time for people: `1m30s` after the epoch, or `2026-03-03T12:00:00Z`.
pub(super) fn point_text(time: Timestamp) -> String {
    if time.unsigned_abs() < YEAR.unsigned_abs() { format_duration(time) } else { rfc3339(time) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_distances() {
        let start = 1_000_000;
        for (time, point, distance) in [
            (TestTime::from(5_000), Some(5_000), Some(5_000)),
            (TestTime::from("5s"), Some(1_005_000), Some(5_000)),
            (TestTime::from("0"), Some(1_000_000), Some(0)),
            (TestTime::from("-5s"), Some(995_000), None),
            (TestTime::from(Duration::from_millis(1_500)), Some(1_001_500), Some(1_500)),
            (TestTime::from("1970-01-01T00:01:00Z".to_owned()), Some(60_000), None),
            (TestTime::from(SystemTime::UNIX_EPOCH + Duration::from_secs(9)), Some(9_000), Some(9_000)),
            (TestTime::from("soon"), None, None),
            (TestTime::from(Duration::MAX), None, None),
        ] {
            assert_eq!(time.point(start).ok(), point, "{time}");
            assert_eq!(time.distance().ok(), distance, "{time}");
        }
    }

    #[test]
    fn errors_name_the_text() {
        let error = TestTime::from("5x").point(0).unwrap_err();
        assert_eq!(error.to_string(), "\"5x\" is no time: unknown unit \"x\" in duration \"5x\"");
    }
}
