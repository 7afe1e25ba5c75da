//! A thermostat that remembers the last day in a ring, and lets people ask about it in PromQL.

mod metrics;
mod ring;

pub use metrics::Thermostat;
pub use ring::Ring;
