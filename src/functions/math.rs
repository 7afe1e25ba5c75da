//! Arithmetic on each sample: a plain loop over a column, absent values and all.
//!
//! `sgn` of a column `[-3, 0, NaN]` is `[-1, 0, NaN]`: what is neither above nor below zero stays what it is.

use crate::model::{go_log, go_math};

pub(super) fn abs(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.abs());
}

pub(super) fn sgn(values: &mut [f64]) {
    for v in values {
        let above = if *v > 0.0 { 1.0 } else { *v };
        *v = if *v < 0.0 { -1.0 } else { above };
    }
}

pub(super) fn sqrt(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.sqrt());
}

pub(super) fn exp(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::exp(*v));
}

pub(super) fn ln(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_log::ln(*v));
}

pub(super) fn log2(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_log::log2(*v));
}

pub(super) fn log10(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_log::log10(*v));
}

/// Multiplied first and then divided: another order is another last bit.
pub(super) fn deg(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = *v * 180.0 / std::f64::consts::PI);
}

/// Multiplied first and then divided: another order is another last bit.
pub(super) fn rad(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = *v * std::f64::consts::PI / 180.0);
}
