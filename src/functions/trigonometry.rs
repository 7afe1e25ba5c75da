//! The trigonometric and hyperbolic functions and their inverses, in radians.
//!
//! Outside its domain a function is NaN: `acos(vector(2))`.

pub(super) fn sin(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.sin());
}

pub(super) fn cos(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.cos());
}

pub(super) fn tan(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.tan());
}

pub(super) fn asin(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.asin());
}

pub(super) fn acos(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.acos());
}

pub(super) fn atan(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.atan());
}

pub(super) fn sinh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.sinh());
}

pub(super) fn cosh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.cosh());
}

pub(super) fn tanh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.tanh());
}

pub(super) fn asinh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.asinh());
}

pub(super) fn acosh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.acosh());
}

pub(super) fn atanh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = v.atanh());
}
