//! The exponential function.
//!
//! e^x is 2^k times e^r, with k the whole number nearest to x / ln 2. r is divided by 16, a series of eight terms
//! gives e^(r/16) - 1, and squaring four times gives e^r. The series and the reduction multiply and add in one
//! rounding, as Go does on every processor that can.

use std::f64::consts::LOG2_E;

use super::super::go_log::ldexp;

/// ln 2 in two parts, so that what is left over after taking k of the first away is exact.
const LN_2_HIGH: f64 = 0.693_147_180_559_663;
const LN_2_LOW: f64 = 0.282_352_905_630_315_77e-12;

/// Above this the result is infinite.
const LARGEST: f64 = 709.782_712_893_384;

/// 1/k! for k from 8 down to 1.
const INVERSE_FACTORIALS: [f64; 8] = [
    2.480_158_730_158_73e-5,
    1.984_126_984_126_984e-4,
    1.388_888_888_888_889e-3,
    8.333_333_333_333_333e-3,
    4.166_666_666_666_666_4e-2,
    0.166_666_666_666_666_66,
    0.5,
    1.0,
];

/// e to the power of `x`.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    } else if x > LARGEST {
        return f64::INFINITY;
    }
    let k = (x * LOG2_E).round_ties_even();
    // There is nothing below 2^-1075.
    if k < -1075.0 {
        return 0.0;
    }
    let r = (-k).mul_add(LN_2_LOW, (-k).mul_add(LN_2_HIGH, x)) * 0.0625;
    let series = INVERSE_FACTORIALS.into_iter().fold(0.0_f64, |sum, term| sum.mul_add(r, term));
    // (1 + s)^2 - 1 = s * (s + 2)
    let mut s = r * series;
    for _ in 0..3 {
        s *= s + 2.0;
    }
    ldexp(s.mul_add(s + 2.0, 1.0), k as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::go_math::tests::near;

    #[test]
    fn near_the_other_library() {
        for i in -7450..7098 {
            let x = f64::from(i) / 10.0 + 0.0123;
            near("exp", x, exp(x), x.exp());
        }
    }

    #[test]
    fn edges() {
        assert_eq!((exp(0.0), exp(1.0), exp(2.0)), (1.0, std::f64::consts::E, 7.38905609893065));
        assert_eq!(
            (exp(f64::INFINITY), exp(f64::NEG_INFINITY), exp(710.0), exp(-746.0)),
            (f64::INFINITY, 0.0, f64::INFINITY, 0.0)
        );
        assert_eq!(exp(-745.0), 5e-324);
        assert!(exp(f64::NAN).is_nan());
    }
}
