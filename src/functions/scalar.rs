//! Functions of scalars alone: a number for each step, out of numbers for each step.
//!
//! `max_of` of the columns `[1, 5]` and `[2, 3]` is `[2, 5]`.

use crate::model::go_math;

pub(super) fn max(args: &[&[f64]], out: &mut [f64]) {
    for ((out, &a), &b) in out.iter_mut().zip(args[0]).zip(args[1]) {
        *out = go_math::max(a, b);
    }
}

pub(super) fn min(args: &[&[f64]], out: &mut [f64]) {
    for ((out, &a), &b) in out.iter_mut().zip(args[0]).zip(args[1]) {
        *out = go_math::min(a, b);
    }
}

pub(super) fn pi(_: &[&[f64]], out: &mut [f64]) {
    out.fill(std::f64::consts::PI);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        let mut out = [0.0; 2];
        max(&[&[1.0, 5.0], &[2.0, 3.0]], &mut out);
        assert_eq!(out, [2.0, 5.0]);
        min(&[&[1.0, 5.0], &[2.0, 3.0]], &mut out);
        assert_eq!(out, [1.0, 3.0]);
        pi(&[], &mut out);
        assert_eq!(out, [std::f64::consts::PI; 2]);
    }
}
