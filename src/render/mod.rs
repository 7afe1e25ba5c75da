//! Value to text: the formats that an answer can be written in.
//!
//! A format is one file and one row in [`FORMATS`]. Rendering looks at values only: it prints nothing, asks no clock
//! and knows no terminal, so the same bytes come out wherever it runs.
//!
//! ```
//! use promqlite::model::value::{InstantSample, Value};
//! use promqlite::render::{Answer, lookup};
//! use promqlite::Labels;
//!
//! let labels = Labels::metric("up").with("job", "node");
//! let value = Value::Vector([InstantSample::new(labels, 1_500, 1.0)].into());
//!
//! let format = lookup("promql").unwrap();
//! assert_eq!(format.text(&Answer::of(&value)), "up{job=\"node\"} => 1 @[1.5]\n");
//! ```

mod bar;
pub mod chart;
pub mod csv;
mod format;
pub mod json;
pub mod markdown;
mod printable;
pub mod promql;
mod sample;
mod sparkline;
pub mod table;
mod time_text;
#[cfg(feature = "serde")]
mod wire;

pub use bar::bar;
pub use format::{Answer, FORMATS, Format, lookup};
pub use printable::printable;
pub use promql::FORMAT as PROMQL;
pub use sparkline::sparkline;
pub use table::FORMAT as TABLE;
pub use time_text::rfc3339;
