//! Data and queries that the benches share.

#![allow(unreachable_pub, reason = "each bench uses some of it")]

pub mod range_query;
