//! Completion that knows PromQL: what can stand at the cursor, and which of it the store has.
//!
//! `place` looks at the text only and says what the cursor stands in; `candidates` asks the store and
//! the tables of functions, aggregations and commands:
//!
//! ```text
//! rate(http_requests_total{job="api", co|   label names of http_requests_total{job="api"} that begin with "co"
//! sum by (|) (rate(http_requests_total[5m]))   label names of http_requests_total
//! ra|                                           metrics, functions and aggregations that begin with "ra"
//! .range -1h e|                                 times
//! ```

mod candidate;
mod candidates;
mod command_line;
mod labels;
mod place;
mod selectors;

pub use candidate::Candidate;
pub use candidates::{Completion, complete};
