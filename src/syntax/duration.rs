//! Durations as Prometheus writes them, in queries as in configuration files (`model/time.go` in `prometheus/common`).
//!
//! ```
//! use promqlite::syntax::{format_duration, parse_duration};
//!
//! assert_eq!(parse_duration("1h30m"), Ok(5_400_000));
//! assert_eq!(format_duration(5_400_000), "1h30m");
//! ```

use std::fmt;

use crate::model::go_format::quote;

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DurationError {
    /// There is no text.
    Empty,
    /// The whole text is not written as a duration.
    Syntax(String),
    /// There is no such unit.
    UnknownUnit {
        /// The unit.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// It is longer than about 292 years.
    OutOfRange,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DurationError::Empty => f.write_str("empty duration string"),
            DurationError::Syntax(text) => write!(f, "not a valid duration string: {}", quote(text)),
            DurationError::UnknownUnit { unit, text } => {
                write!(f, "unknown unit {} in duration {}", quote(unit), quote(text))
            }
            DurationError::OutOfRange => f.write_str("duration out of range"),
        }
    }
}

impl std::error::Error for DurationError {}

/// The units from the longest to the shortest, and their milliseconds.
const UNITS: [(&str, i64); 7] =
    [("y", 365 * DAY), ("w", 7 * DAY), ("d", DAY), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
const DAY: i64 = 86_400_000;

/// A duration in ms as Prometheus' configuration and queries write it: `1h30m`, `250ms`, or `0`. Units go from the
/// longest to the shortest, each at most once; a year has 365 days. There are no negative durations.
pub fn parse_duration(text: &str) -> Result<i64, DurationError> {
    let syntax = || DurationError::Syntax(text.to_owned());
    match text {
        "0" => return Ok(0),
        "" => return Err(DurationError::Empty),
        _ => {}
    }
    let mut total: i64 = 0;
    let mut longest_left = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(syntax)?);
        let count: u64 = digits.parse().map_err(|_| syntax())?;
        let (unit, behind) =
            behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        let found = UNITS.iter().position(|(name, _)| *name == unit);
        let place = found
            .ok_or_else(|| DurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() })?;
        if place < longest_left {
            return Err(syntax());
        }
        longest_left = place + 1;
        let ms = i64::try_from(count).ok().and_then(|count| count.checked_mul(UNITS[place].1));
        total = ms.and_then(|ms| total.checked_add(ms)).ok_or(DurationError::OutOfRange)?;
        // Upstream counts nanoseconds in 64 bits.
        total.checked_mul(1_000_000).ok_or(DurationError::OutOfRange)?;
        rest = behind;
    }
    Ok(total)
}

/// A duration of so many ms as Prometheus prints it: `1h30m`; zero is `0s`. Years and weeks occur only alone.
pub fn format_duration(ms: i64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut out = String::from(if ms < 0 { "-" } else { "" });
    let mut rest = ms.unsigned_abs();
    for (unit, length) in UNITS {
        let length = length.unsigned_abs();
        let only_if_exact = matches!(unit, "y" | "w");
        if rest >= length && (!only_if_exact || rest.is_multiple_of(length)) {
            out.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    out
}

/// The seconds of so many ms, rounded as upstream does.
pub(super) fn seconds(ms: i64) -> f64 {
    (ms / 1000) as f64 + ((ms % 1000) * 1_000_000) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            ("0", 0),
            ("5m", 300_000),
            ("1d12h", 129_600_000),
            ("1y2w3d4h5m6s7ms", 33_019_506_007),
            ("292y", 292 * 365 * DAY),
        ];
        for (text, ms) in table {
            assert_eq!(parse_duration(text), Ok(ms), "{text}");
        }
        let syntax = |text: &str| Err(DurationError::Syntax(text.to_owned()));
        assert_eq!(parse_duration(""), Err(DurationError::Empty));
        for text in ["5", "m", "5m1h", "5m5m", "-5m", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), syntax(text), "{text}");
        }
        for text in ["293y", "292y364d", "9223372037s", "18446744073709551615ms"] {
            assert_eq!(parse_duration(text), Err(DurationError::OutOfRange), "{text}");
        }
        let unknown = parse_duration("1d5hs").map_err(|error| error.to_string());
        assert_eq!(unknown, Err("unknown unit \"hs\" in duration \"1d5hs\"".to_owned()));
    }

    #[test]
    fn printed_durations() {
        let table = [
            (0, "0s"),
            (1, "1ms"),
            (90_000, "1m30s"),
            (7 * DAY, "1w"),
            (8 * DAY, "8d"),
            (365 * DAY, "1y"),
            (366 * DAY, "366d"),
            (-300_000, "-5m"),
        ];
        for (ms, text) in table {
            assert_eq!(format_duration(ms), text);
            assert_eq!(parse_duration(text.trim_start_matches('-')).unwrap_or(-1), ms.abs());
        }
    }
}
