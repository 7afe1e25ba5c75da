//! Value to text: the formats that an answer can be written in.
//!
//! A format is one file and one row in [`FORMATS`]. Rendering looks at values only: it prints nothing, asks no clock
//! and knows no terminal, so the same bytes come out wherever it runs.
//!
//! ```
//! use promqlite::model::value::{InstantSample, SampleValue, Value};
//! use promqlite::render::{Answer, Style, lookup};
//! use promqlite::Labels;
//!
//! let labels = Labels::from_pairs([("__name__", "up"), ("job", "node")]);
//! let value = Value::Vector(vec![InstantSample { labels, timestamp: 1_500, value: SampleValue::Float(1.0) }]);
//!
//! let mut text = String::new();
//! (lookup("promql").unwrap().answer)(&Answer::of(&value), &Style::default(), &mut text);
//! assert_eq!(text, "up{job=\"node\"} => 1 @[1.5]\n");
//! ```

mod csv;
mod format;
mod json;
mod printable;
mod promql;
mod sample;
mod sparkline;
pub mod table;
mod time_text;

pub use format::{Answer, FORMATS, Format, Style, lookup};
pub use printable::printable;
pub use sparkline::sparkline;
pub use time_text::{duration, rfc3339};
