//! Data and queries that the benches share.

#![allow(unreachable_pub, reason = "each bench uses some of it")]
#![allow(dead_code, reason = "each bench uses some of it")]

pub mod blocks;
pub mod day;
pub mod lookups;
pub mod measure;
pub mod range_query;
pub mod shapes;
