//! What the harnesses share.
//!
//! Each harness uses some of it.
#![allow(dead_code, reason = "every harness is a crate of its own and uses its part")]

pub(crate) mod answer;
pub(crate) mod blame;
pub(crate) mod cases;
pub(crate) mod floor;
pub(crate) mod panics;
pub(crate) mod questions;
pub(crate) mod reference;
pub(crate) mod scripts;
pub(crate) mod stores;
