//! The hyperbolic functions and their inverses.
//!
//! Far from zero they are what their definitions say, in terms of the exponential function and the logarithm.
//! Near zero the terms of the definitions cancel, and rational functions or `ln(1 + x)` take their place.

use std::f64::consts::LN_2;

use super::super::go_log::ln;
use super::exponential::exp;
use super::polynomial;

/// The hyperbolic sine.
pub fn sinh(x: f64) -> f64 {
    const NUMERATOR: [f64; 4] =
        [-26.305_632_133_974_97, -2_894.211_355_989_564, -89_912.720_220_395_09, -630_767.364_049_771_7];
    const DENOMINATOR: [f64; 4] =
        [1.0, -173.678_953_558_233_7, 15_215.173_787_900_19, -630_767.364_049_771_7];
    let magnitude = x.abs();
    let value = if magnitude > 21.0 {
        exp(magnitude) / 2.0
    } else if magnitude > 0.5 {
        (exp(magnitude) - exp(-magnitude)) / 2.0
    } else {
        let square = magnitude * magnitude;
        polynomial(square, NUMERATOR) * magnitude / polynomial(square, DENOMINATOR)
    };
    if x < 0.0 { -value } else { value.copysign(x) }
}

/// The hyperbolic cosine.
pub fn cosh(x: f64) -> f64 {
    let magnitude = x.abs();
    if magnitude > 21.0 { exp(magnitude) / 2.0 } else { (exp(magnitude) + exp(-magnitude)) / 2.0 }
}

/// The hyperbolic tangent.
pub fn tanh(x: f64) -> f64 {
    const NUMERATOR: [f64; 3] = [-0.964_399_179_425_052_3, -99.287_723_100_191_85, -1_614.687_684_417_084_5];
    const DENOMINATOR: [f64; 4] =
        [1.0, 112.811_678_491_632_93, 2_235.488_390_601_004_5, 4_844.063_053_251_255];
    /// Half the logarithm of 2^127: beyond it there is nothing but 1.
    const FAR: f64 = 0.5 * 88.029_691_931_113_05;
    let magnitude = x.abs();
    if magnitude > FAR {
        1.0_f64.copysign(x)
    } else if magnitude >= 0.625 {
        (1.0 - 2.0 / (exp(2.0 * magnitude) + 1.0)).copysign(x)
    } else if x == 0.0 {
        x
    } else {
        let square = x * x;
        x + x * square * polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR)
    }
}

/// 2^28 and its inverse: beyond the one, adding 1 to a square makes no difference, and below the other adding the
/// square to 1.
const FAR: f64 = (1u64 << 28) as f64;
const NEAR: f64 = 1.0 / FAR;

/// The inverse of the hyperbolic sine.
pub fn asinh(x: f64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    let x_abs = x.abs();
    let value = if x_abs > FAR {
        ln(x_abs) + LN_2
    } else if x_abs > 2.0 {
        ln(2.0 * x_abs + 1.0 / ((x_abs * x_abs + 1.0).sqrt() + x_abs))
    } else if x_abs < NEAR {
        x_abs
    } else {
        ln_1p(x_abs + x_abs * x_abs / (1.0 + (1.0 + x_abs * x_abs).sqrt()))
    };
    value.copysign(x)
}

/// The inverse of the hyperbolic cosine; NaN below 1.
pub fn acosh(x: f64) -> f64 {
    if x < 1.0 || x.is_nan() {
        f64::NAN
    } else if x == 1.0 {
        0.0
    } else if x >= FAR {
        ln(x) + LN_2
    } else if x > 2.0 {
        ln(2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt()))
    } else {
        let above = x - 1.0;
        ln_1p(above + (2.0 * above + above * above).sqrt())
    }
}

/// The inverse of the hyperbolic tangent; NaN beyond -1 and 1.
pub fn atanh(x: f64) -> f64 {
    let x_abs = x.abs();
    let value = if x.is_nan() || x_abs > 1.0 {
        return f64::NAN;
    } else if x_abs == 1.0 {
        f64::INFINITY
    } else if x_abs < NEAR {
        x_abs
    } else if x_abs < 0.5 {
        let twice = x_abs + x_abs;
        0.5 * ln_1p(twice + twice * x_abs / (1.0 - x_abs))
    } else {
        0.5 * ln_1p((x_abs + x_abs) / (1.0 - x_abs))
    };
    value.copysign(x)
}

/// The natural logarithm of 1 + `x`, for positive `x` (FreeBSD's `s_log1p.c`).
fn ln_1p(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const SERIES: [f64; 8] = [
        0.147_981_986_051_165_86,
        0.153_138_376_992_093_73,
        0.181_835_721_616_180_5,
        0.222_221_984_321_497_84,
        0.285_714_287_436_623_9,
        0.399_999_999_994_094_2,
        0.666_666_666_666_673_5,
        0.0,
    ];
    if x < 1.0 / (1u64 << 29) as f64 {
        return if x < 1.0 / (1u64 << 54) as f64 { x } else { x - x * x * 0.5 };
    } else if x == f64::INFINITY {
        return x;
    }
    let Split { exponent, fraction: f, lost, tiny } = Split::of(x);
    let k = f64::from(exponent);
    let half_square = 0.5 * f * f;
    if tiny {
        if f == 0.0 {
            return if exponent == 0 { 0.0 } else { k * LN_2_HIGH + (lost + k * LN_2_LOW) };
        }
        let r = half_square * (1.0 - 0.666_666_666_666_666_6 * f);
        return if exponent == 0 { f - r } else { k * LN_2_HIGH - ((r - (k * LN_2_LOW + lost)) - f) };
    }
    let s = f / (2.0 + f);
    let r = polynomial(s * s, SERIES);
    if exponent == 0 {
        f - (half_square - s * (half_square + r))
    } else {
        k * LN_2_HIGH - ((half_square - (s * (half_square + r) + (k * LN_2_LOW + lost))) - f)
    }
}

/// 1 + x as 2^exponent * (1 + fraction), with 1 + fraction between sqrt(2)/2 and sqrt(2).
#[derive(Clone, Copy, Debug)]
struct Split {
    exponent: i32,
    fraction: f64,
    /// What adding 1 has lost, as a part of the sum.
    lost: f64,
    /// Whether `fraction` is below 2^-20.
    tiny: bool,
}

impl Split {
    fn of(x: f64) -> Split {
        const SQRT_2_LESS_1: f64 = 0.414_213_562_373_095_03;
        const SQRT_2_FRACTION: u64 = 0x0006_a09e_667f_3bcd;
        const ONE: u64 = 1 << 52;
        if x < SQRT_2_LESS_1 {
            return Split { exponent: 0, fraction: x, lost: 0.0, tiny: false };
        }
        let sum = if x < (1u64 << 53) as f64 { 1.0 + x } else { x };
        let exponent = (sum.to_bits() >> 52) as i32 - 1023;
        let lost = match x < (1u64 << 53) as f64 {
            false => 0.0,
            true if exponent > 0 => (1.0 - (sum - x)) / sum,
            true => (x - (sum - 1.0)) / sum,
        };
        let fraction = sum.to_bits() & (ONE - 1);
        let (exponent, normal, distance) = if fraction < SQRT_2_FRACTION {
            (exponent, f64::from_bits(fraction | 1023 << 52), fraction)
        } else {
            (exponent + 1, f64::from_bits(fraction | 1022 << 52), (ONE - fraction) >> 2)
        };
        Split { exponent, fraction: normal - 1.0, lost, tiny: distance == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::go_math::tests::near;

    /// Rust's own inverses are less exact than its other functions.
    fn roughly(function: &str, x: f64, got: f64, other: f64) {
        assert!(
            got == other || (got / other - 1.0).abs() < 1e-12,
            "{function}({x:?}) is {got:?}, and {other:?} elsewhere"
        );
    }

    #[test]
    fn near_the_other_library() {
        for i in -4000..4000 {
            let x = f64::from(i) / 100.0;
            for x in [x, x / 100.0, x / 1e6] {
                near("sinh", x, sinh(x), x.sinh());
                near("cosh", x, cosh(x), x.cosh());
                near("tanh", x, tanh(x), x.tanh());
                near("ln_1p", x.abs(), ln_1p(x.abs()), x.abs().ln_1p());
                roughly("asinh", x, asinh(x), x.asinh());
                roughly("atanh", x / 41.0, atanh(x / 41.0), (x / 41.0).atanh());
            }
            for x in [x / 1e12, x * 1e7, x * 1e200] {
                near("ln_1p", x.abs(), ln_1p(x.abs()), x.abs().ln_1p());
                roughly("asinh", x, asinh(x), x.asinh());
            }
            for x in [1.001 + x.abs(), 2.0 + x.abs() * 1e7, 3.0 + x.abs() * 1e200] {
                roughly("acosh", x, acosh(x), x.acosh());
            }
        }
    }

    #[test]
    fn edges() {
        let inf = f64::INFINITY;
        for function in [sinh, tanh, asinh, atanh] {
            assert_eq!(function(0.0).to_bits(), 0.0_f64.to_bits());
            assert_eq!(function(-0.0).to_bits(), (-0.0_f64).to_bits());
        }
        assert_eq!((sinh(-inf), cosh(-inf), tanh(-inf), asinh(-inf)), (-inf, inf, -1.0, -inf));
        assert_eq!((acosh(1.0), acosh(inf), atanh(1.0), atanh(-1.0)), (0.0, inf, inf, -inf));
        for function in [sinh, cosh, tanh, asinh, acosh, atanh] {
            assert!(function(f64::NAN).is_nan());
        }
        assert!(acosh(0.99).is_nan() && atanh(1.01).is_nan() && atanh(-1.01).is_nan());
    }
}
