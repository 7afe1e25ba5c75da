//! `clamp`, `clamp_min`, `clamp_max`: samples held between two bounds.
//!
//! `clamp(v, 10, 20)` turns 5 into 10 and 25 into 20. A bound that is NaN makes every sample NaN, save an
//! infinite one on its own side ([`max`]); where the lower bound is above the upper one there is no sample at
//! all.

use crate::model::ColumnMut;
use crate::model::go_math::{max, min};

pub(super) fn clamp(column: &mut ColumnMut<'_>, args: &[&[f64]]) {
    let (lower, upper) = (args[0], args[1]);
    for ((value, &lower), &upper) in column.values.iter_mut().zip(lower).zip(upper) {
        *value = max(lower, min(upper, *value));
    }
    for (step, (lower, upper)) in lower.iter().zip(upper).enumerate() {
        if upper < lower {
            column.unset(step);
        }
    }
}

pub(super) fn clamp_min(column: &mut ColumnMut<'_>, args: &[&[f64]]) {
    for (value, &lower) in column.values.iter_mut().zip(args[0]) {
        *value = max(lower, *value);
    }
}

pub(super) fn clamp_max(column: &mut ColumnMut<'_>, args: &[&[f64]]) {
    for (value, &upper) in column.values.iter_mut().zip(args[0]) {
        *value = min(upper, *value);
    }
}
