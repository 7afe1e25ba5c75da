//! The functions that say something about all samples of a window: `..._over_time`.

mod average;
mod edges;
mod extremes;
mod histograms;
mod quantile;
mod sorted_lanes;
mod sorted_window;
mod sum;
mod variance;

pub(super) use average::avg;
pub(super) use edges::{count, first, last, present, ts_of_first, ts_of_last};
pub(super) use extremes::{max, min, ts_of_max, ts_of_min};
pub(super) use quantile::{mad, quantile};
pub(super) use sum::sum;
pub(super) use variance::{stddev, stdvar};
