//! Time is an `i64` of milliseconds since the Unix epoch, everywhere in the engine.
//!
//! Durations are milliseconds too. Dates with a calendar appear only where text is read or written.

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
