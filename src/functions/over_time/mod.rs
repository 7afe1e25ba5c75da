//! The functions that say something about all samples of a window: `..._over_time`.

mod edges;

pub(super) use edges::{count, first, last, present, ts_of_first, ts_of_last};
