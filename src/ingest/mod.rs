//! Text to series: one file for each notation in which people keep samples.

pub mod load;
