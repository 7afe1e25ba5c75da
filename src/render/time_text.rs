//! Times as people read them.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::model::Timestamp;

/// A time in RFC 3339 and UTC, with milliseconds only where there are any; plain Unix seconds for a time that no
/// calendar here reaches.
///
/// ```
/// use promqlite::render::rfc3339;
///
/// assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
/// assert_eq!(rfc3339(1_700_000_000_050), "2023-11-14T22:13:20.050Z");
/// ```
pub fn rfc3339(time: Timestamp) -> String {
    match DateTime::<Utc>::from_timestamp_millis(time) {
        Some(date) if time % 1000 == 0 => date.to_rfc3339_opts(SecondsFormat::Secs, true),
        Some(date) => date.to_rfc3339_opts(SecondsFormat::Millis, true),
        None => crate::model::go_format::json_timestamp(time),
    }
}
