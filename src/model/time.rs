//! Time is an `i64` of milliseconds since the Unix epoch, everywhere in the engine.
//!
//! Durations are milliseconds too. Dates with a calendar appear only where text is read or written. Where a time or a
//! duration is asked for, those of the standard library will do as well:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use promqlite::model::{IntoMilliseconds, IntoTimestamp};
//!
//! assert_eq!((SystemTime::UNIX_EPOCH + Duration::from_secs(90)).into_timestamp(), 90_000);
//! assert_eq!(90_000.into_timestamp(), 90_000);
//! assert_eq!(Duration::from_secs(300).into_milliseconds(), 300_000);
//! ```

use std::time::{Duration, SystemTime};

/// Milliseconds since the Unix epoch; negative before 1970.
pub type Timestamp = i64;

/// A stretch of time with both ends included, in milliseconds. Empty when `start > end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First millisecond that belongs to the range.
    pub start: Timestamp,
    /// Last millisecond that belongs to the range.
    pub end: Timestamp,
}

impl TimeRange {
    /// Every instant there is.
    pub const ALL: TimeRange = TimeRange { start: i64::MIN, end: i64::MAX };

    /// From `start` to `end`, both included.
    pub const fn new(start: Timestamp, end: Timestamp) -> Self {
        TimeRange { start, end }
    }

    /// Whether no instant belongs to the range.
    pub const fn is_empty(self) -> bool {
        self.start > self.end
    }

    /// Whether `t` belongs to the range.
    pub const fn contains(self, t: Timestamp) -> bool {
        self.start <= t && t <= self.end
    }

    /// Whether the two ranges share an instant.
    pub const fn overlaps(self, other: TimeRange) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The smallest range that covers both.
    pub fn union(self, other: TimeRange) -> TimeRange {
        TimeRange { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// What can say when: an `i64` of milliseconds since the Unix epoch, or a [`SystemTime`], of which fractions of a
/// millisecond are dropped.
pub trait IntoTimestamp {
    /// As milliseconds since the Unix epoch; the nearest there is for times that are out of reach.
    fn into_timestamp(self) -> Timestamp;
}

impl IntoTimestamp for Timestamp {
    fn into_timestamp(self) -> Timestamp {
        self
    }
}

impl IntoTimestamp for SystemTime {
    fn into_timestamp(self) -> Timestamp {
        match self.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.into_milliseconds(),
            Err(before) => {
                let before = before.duration();
                let begun = i64::from(!before.subsec_nanos().is_multiple_of(1_000_000));
                (-before.into_milliseconds()).saturating_sub(begun)
            }
        }
    }
}

/// What can say how long: an `i64` of milliseconds, or a [`Duration`], of which fractions of a millisecond are dropped.
pub trait IntoMilliseconds {
    /// As milliseconds; the most there can be for durations that are longer.
    fn into_milliseconds(self) -> i64;
}

impl IntoMilliseconds for i64 {
    fn into_milliseconds(self) -> i64 {
        self
    }
}

impl IntoMilliseconds for Duration {
    fn into_milliseconds(self) -> i64 {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_standard_library() {
        let epoch = SystemTime::UNIX_EPOCH;
        for (time, expected) in [
            (epoch, 0),
            (epoch + Duration::from_micros(1_999), 1),
            (epoch - Duration::from_millis(5), -5),
            (epoch - Duration::from_micros(1), -1),
        ] {
            assert_eq!(time.into_timestamp(), expected);
        }
        assert_eq!(Duration::MAX.into_milliseconds(), i64::MAX);
    }
}
