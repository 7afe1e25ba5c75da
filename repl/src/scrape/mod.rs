//! Data that grow while one looks at them: a page of metrics is read again and again, as Prometheus does it.
//!
//! A [`Target`] is where the page is, and which labels its series get; [`page::Page`] knows what becomes of one reading: samples,
//! stale markers for what is gone, and `up`; a [`Scraper`] is the thread that does it, which ends when it is dropped.

pub mod page;
mod scraper;
mod target;

pub use scraper::{Scraper, Status};
pub use target::Target;
