//! The functions of PromQL: one table of records, and bodies by family.
//!
//! A body sees slices of samples, columns and labels; it knows no store and no plan. Everything that the rest of
//! the house needs to know of a function (how to check a call, which operator runs it, what `.help` says) is in
//! its record. So `abs` is a row in the table and one line of arithmetic, and nothing else.

mod calendar;
mod changes;
mod clamp;
mod exact;
mod extended;
mod extended_histogram;
pub(crate) mod extrapolated;
#[doc(hidden)]
pub mod histogram;
mod instant_rate;
mod lanes;
mod math;
#[doc(hidden)]
pub mod natural_order;
mod over_time;
mod rate;
mod rate_histogram;
mod record;
mod regression;
mod resets;
mod rounding;
mod scalar;
mod signature;
mod smoothed;
mod smoothing;
mod table;
mod trigonometry;
#[doc(hidden)]
pub mod window;
#[cfg(test)]
mod window_cases;

pub(crate) use extended::extended_samples;
pub use record::{Arity, Function};
#[doc(hidden)]
pub use record::{Body, FunctionError, Special, WindowBody, WindowFunction};
pub(crate) use smoothed::SMOOTHED_SELECTOR;
pub use table::{FUNCTIONS, lookup};
