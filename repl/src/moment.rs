//! Points in time as they are typed at a prompt or on the command line.
//!
//! ```
//! use promqlite_repl::moment::{Moment, Reference};
//!
//! let data = Reference { now: 5_000_000, newest: Some(3_600_000), oldest: Some(0) };
//! let at = |text: &str| text.parse::<Moment>().unwrap().resolve(&data);
//! assert_eq!(at("1700000000.5"), 1_700_000_000_500); // Unix seconds
//! assert_eq!(at("1970-01-01T01:00:00Z"), 3_600_000); // RFC 3339
//! assert_eq!(at("now"), 5_000_000); // the clock
//! assert_eq!(at("end-10m"), 3_000_000); // before the newest sample
//! assert_eq!(at("-10m"), 3_000_000); // the same, shorter
//! assert_eq!(at("start+5s"), 5_000); // after the oldest sample
//! ```

use std::fmt;
use std::str::FromStr;

use promqlite::model::Timestamp;
use promqlite::model::go_format::parse_float;
use promqlite::render::rfc3339;
use promqlite::syntax::{format_duration, parse_duration};

/// A point in time, perhaps relative to the data or to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    anchor: Anchor,
    /// Milliseconds after the anchor.
    offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Epoch,
    Now,
    Oldest,
    Newest,
}

/// What relative times are relative to, all in ms since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The wall clock.
    pub now: Timestamp,
    /// The newest sample, if there is one; the clock stands in for it.
    pub newest: Option<Timestamp>,
    /// The oldest sample, likewise.
    pub oldest: Option<Timestamp>,
}

impl Moment {
    /// The time of the newest sample.
    pub const NEWEST: Moment = Moment { anchor: Anchor::Newest, offset: 0 };

    /// The time of the clock.
    pub const NOW: Moment = Moment { anchor: Anchor::Now, offset: 0 };

    /// This very time, in ms since the Unix epoch.
    pub fn at(time: Timestamp) -> Self {
        Moment { anchor: Anchor::Epoch, offset: time }
    }

    /// The time in ms since the Unix epoch.
    pub fn resolve(self, reference: &Reference) -> Timestamp {
        let anchor = match self.anchor {
            Anchor::Epoch => 0,
            Anchor::Now => reference.now,
            Anchor::Newest => reference.newest.unwrap_or(reference.now),
            Anchor::Oldest => reference.oldest.unwrap_or(reference.now),
        };
        anchor.saturating_add(self.offset)
    }

    /// Whether it is a date, the same whatever the clock says and the data are.
    pub fn is_absolute(self) -> bool {
        self.anchor == Anchor::Epoch
    }
}

/// As it can be typed, dates as RFC 3339.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let anchor = match self.anchor {
            Anchor::Epoch => return f.write_str(&rfc3339(self.offset)),
            Anchor::Now => "now",
            Anchor::Newest => "end",
            Anchor::Oldest => "start",
        };
        f.write_str(anchor)?;
        match self.offset {
            0 => Ok(()),
            offset if offset < 0 => write!(f, "-{}", Millis(offset.saturating_neg())),
            offset => write!(f, "+{}", Millis(offset)),
        }
    }
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMoment(String);

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot parse {:?} to a valid timestamp: give Unix seconds, RFC 3339 as in 2024-05-01T12:00:00Z, `now`, \
             or a time relative to the data as in `end-1h` or `-1h`",
            self.0
        )
    }
}

impl std::error::Error for NoMoment {}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let refused = || NoMoment(text.to_owned());
        if text.is_empty() {
            return Err(refused());
        }
        if let Ok(seconds) = parse_float(text) {
            return seconds_to_ms(seconds).map(Moment::at).ok_or_else(refused);
        }
        for (word, anchor) in
            [("now", Anchor::Now), ("end", Anchor::Newest), ("start", Anchor::Oldest), ("", Anchor::Newest)]
        {
            if let Some(offset) = text.strip_prefix(word).and_then(signed_length) {
                return Ok(Moment { anchor, offset });
            }
        }
        let date = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| refused())?;
        Ok(Moment::at(date.timestamp_millis()))
    }
}

/// Nothing, or a sign and a duration.
fn signed_length(text: &str) -> Option<i64> {
    let unsigned = |text: &str| text.parse::<Millis>().ok().map(|length| length.0);
    match text.as_bytes().first() {
        None => Some(0),
        Some(b'+') => unsigned(&text[1..]),
        Some(b'-') => unsigned(&text[1..]).map(|length| -length),
        Some(_) => None,
    }
}

/// Unix seconds to ms, rounded as the HTTP API rounds them; `None` for what no timestamp can hold.
fn seconds_to_ms(seconds: f64) -> Option<i64> {
    let whole = seconds.trunc();
    let ms = whole * 1000.0 + ((seconds - whole) * 1000.0).round();
    (ms.abs() < 9.2e18).then_some(ms as i64)
}

/// A length of time above zero, in ms: `5m`, `1h30m`, `500ms`, or a number of seconds.
///
/// ```
/// use promqlite_repl::moment::Millis;
///
/// assert_eq!("1h30m".parse(), Ok(Millis(5_400_000)));
/// assert_eq!("0.5".parse(), Ok(Millis(500)));
/// assert_eq!(Millis(5_400_000).to_string(), "1h30m");
/// assert!("0".parse::<Millis>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millis(pub i64);

/// A text that is no length of time above zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoLength(String);

impl fmt::Display for NoLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot parse {:?} to a valid duration above zero: give a duration as in 5m or 1h30m, or seconds",
            self.0
        )
    }
}

impl std::error::Error for NoLength {}

impl FromStr for Millis {
    type Err = NoLength;

    fn from_str(text: &str) -> Result<Self, NoLength> {
        let ms = match parse_float(text) {
            Ok(seconds) => seconds_to_ms(seconds),
            Err(_) => parse_duration(text).ok(),
        };
        ms.filter(|ms| *ms > 0).map(Millis).ok_or_else(|| NoLength(text.to_owned()))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_duration(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: Reference = Reference { now: 10_000, newest: Some(7_000), oldest: Some(1_000) };

    #[test]
    fn every_notation() {
        let table = [
            ("0", 0),
            ("-5", -5_000),
            ("1.0006", 1_001),
            ("1e3", 1_000_000),
            ("1970-01-01T00:00:01.250Z", 1_250),
            ("1970-01-01T01:00:00+01:00", 0),
            ("now", 10_000),
            ("now-2s", 8_000),
            ("now+1s500ms", 11_500),
            ("end", 7_000),
            ("end-1.5", 5_500),
            ("-2s", 5_000),
            ("+2s", 9_000),
            ("start", 1_000),
            ("start+1m", 61_000),
        ];
        for (text, time) in table {
            assert_eq!(text.parse::<Moment>().map(|moment| moment.resolve(&REFERENCE)), Ok(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in
            ["", "5m", "yesterday", "now-", "now5m", "NaN", "Inf", "1e300", "2024-13-01T00:00:00Z", "end-0"]
        {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
        for text in ["", "0", "-5m", "5", "5m", "1e300", "NaN", "x"] {
            assert_eq!(text.parse::<Millis>().is_ok(), matches!(text, "5" | "5m"), "{text}");
        }
    }

    #[test]
    fn printed_as_typed() {
        for text in ["now", "now-2s", "end", "end-1h30m", "start+5m", "2024-05-01T12:00:00Z"] {
            assert_eq!(text.parse::<Moment>().map(|moment| moment.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn without_data_the_clock_counts() {
        let empty = Reference { now: 10_000, newest: None, oldest: None };
        assert_eq!(Moment::NEWEST.resolve(&empty), 10_000);
        assert_eq!("start".parse::<Moment>().map(|moment| moment.resolve(&empty)), Ok(10_000));
    }
}
