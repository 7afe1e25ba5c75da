//! Scrapes without a server: the text of a `/metrics` page, a simulated clock, and a store that fills as Prometheus'
//! would.

mod outcome;
mod target;
mod timeline;

pub use outcome::{Scrape, ScrapeError};
pub use target::Target;
pub use timeline::Timeline;
