//! The trigonometric and hyperbolic functions and their inverses, in radians.
//!
//! Outside its domain a function is NaN: `acos(vector(2))`.

use crate::model::go_math;

pub(super) fn sin(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::sin(*v));
}

pub(super) fn cos(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::cos(*v));
}

pub(super) fn tan(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::tan(*v));
}

pub(super) fn asin(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::asin(*v));
}

pub(super) fn acos(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::acos(*v));
}

pub(super) fn atan(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::atan(*v));
}

pub(super) fn sinh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::sinh(*v));
}

pub(super) fn cosh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::cosh(*v));
}

pub(super) fn tanh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::tanh(*v));
}

pub(super) fn asinh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::asinh(*v));
}

pub(super) fn acosh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::acosh(*v));
}

pub(super) fn atanh(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = go_math::atanh(*v));
}
