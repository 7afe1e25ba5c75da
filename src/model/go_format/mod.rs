//! Text as Go writes and reads it: numbers, and strings in quotes.
//!
//! Prometheus is written in Go, so the exact text of its answers, messages and label values is what Go's `fmt`
//! and `strconv` make of numbers and strings:
//!
//! ```
//! use promqlite::model::go_format::{format_f, format_g, parse_float, quote};
//!
//! assert_eq!(format_g(1e21), "1e+21");
//! assert_eq!(format_f(1e21), "1000000000000000000000");
//! assert_eq!(parse_float("+Inf"), Ok(f64::INFINITY));
//! assert_eq!(quote("tab\there"), r#""tab\there""#);
//! ```

mod number;
mod parse;
mod quote;

pub use number::{
    format_e, format_f, format_fixed, format_g, format_g2, json_number, json_timestamp, open_metrics_number,
    write_f, write_json_number, write_json_timestamp,
};
pub use parse::{ParseFloatError, parse_float};
pub use quote::{is_print, quote, quote_bytes, quote_char};
