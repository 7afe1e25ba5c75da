//! Sine, cosine and tangent.
//!
//! An angle is reduced to the nearest even multiple of π/4 and a rest of π/4 at most to either side. What remains
//! is a polynomial or a rational function of the rest (Cephes). Up to 2^29 multiples of π/4 are taken away in
//! three parts; beyond that, the digits of 4/π that matter are multiplied with the mantissa (Payne and Hanek).

use std::f64::consts::{FRAC_2_PI, FRAC_PI_4};

use super::polynomial;

const SIN: [f64; 6] = [
    1.589_623_015_765_465_6e-10,
    -2.505_074_776_285_780_7e-8,
    2.755_731_362_138_572_2e-6,
    -1.984_126_982_958_954e-4,
    8.333_333_333_322_118e-3,
    -0.166_666_666_666_666_3,
];

const COS: [f64; 6] = [
    -1.135_853_652_138_768_2e-11,
    2.087_570_084_197_473e-9,
    -2.755_731_417_929_674e-7,
    2.480_158_728_885_170_4e-5,
    -1.388_888_888_887_305_6e-3,
    4.166_666_666_666_659_5e-2,
];

const TAN_NUMERATOR: [f64; 3] = [-13_093.693_918_138_379, 1_153_516.648_385_874_2, -17_956_525.197_648_488];

const TAN_DENOMINATOR: [f64; 5] =
    [1.0, 13_681.296_347_069_296, -1_320_892.344_402_109_7, 25_008_380.182_335_79, -53_869_575.592_945_464];

/// The sine of `x` radians.
pub fn sin(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    } else if x.is_infinite() {
        return f64::NAN;
    }
    let Reduced { octant, rest } = Reduced::of(x.abs());
    let value = if octant % 4 == 2 { cos_near_zero(rest) } else { sin_near_zero(rest) };
    if (octant >= 4) != (x < 0.0) { -value } else { value }
}

/// The cosine of `x` radians.
pub fn cos(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    let Reduced { octant, rest } = Reduced::of(x.abs());
    let value = if octant % 4 == 2 { sin_near_zero(rest) } else { cos_near_zero(rest) };
    if octant == 2 || octant == 4 { -value } else { value }
}

/// The tangent of `x` radians.
pub fn tan(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    } else if x.is_infinite() {
        return f64::NAN;
    }
    let Reduced { octant, rest } = Reduced::of(x.abs());
    let square = rest * rest;
    let value = if square > 1e-14 {
        let fraction = square * polynomial(square, TAN_NUMERATOR) / polynomial(square, TAN_DENOMINATOR);
        rest + rest * fraction
    } else {
        rest
    };
    let value = if octant % 4 == 2 { -1.0 / value } else { value };
    if x < 0.0 { -value } else { value }
}

#[inline]
fn sin_near_zero(x: f64) -> f64 {
    let square = x * x;
    x + x * square * polynomial(square, SIN)
}

#[inline]
fn cos_near_zero(x: f64) -> f64 {
    let square = x * x;
    1.0 - 0.5 * square + square * square * polynomial(square, COS)
}

/// An angle as an even number of eighths of a turn, 0 to 6, and a rest of half an eighth more or less.
#[derive(Clone, Copy, Debug)]
struct Reduced {
    octant: u64,
    rest: f64,
}

impl Reduced {
    /// Of a finite angle that is not negative.
    fn of(x: f64) -> Reduced {
        /// From here on three parts of π/4 are too few.
        const FAR: f64 = (1u64 << 29) as f64;
        const PARTS: [f64; 3] =
            [0.785_398_125_648_498_5, 3.774_894_707_930_798e-8, 2.695_151_429_079_059_5e-15];
        if x >= FAR {
            return Reduced::from_afar(x);
        }
        let octant = (x * (2.0 * FRAC_2_PI)) as u64;
        let octant = octant + octant % 2;
        let count = octant as f64;
        Reduced { octant: octant % 8, rest: ((x - count * PARTS[0]) - count * PARTS[1]) - count * PARTS[2] }
    }

    /// Of a finite angle of 2^29 or more.
    fn from_afar(x: f64) -> Reduced {
        let mantissa = u128::from(x.to_bits() & ((1 << 52) - 1) | 1 << 52);
        // The product with digits before these is a multiple of eight octants.
        let first_bit = (x.to_bits() >> 52) as usize + 61 - 1075;
        let (digit, shift) = (first_bit / 64, first_bit % 64);
        let digits: [u64; 3] = std::array::from_fn(|i| {
            let both = u128::from(FOUR_OVER_PI[digit + i]) << 64 | u128::from(FOUR_OVER_PI[digit + i + 1]);
            (both << shift >> 64) as u64
        });
        let low = (u128::from(digits[2]) * mantissa) >> 64;
        let middle = u128::from(digits[1]) * mantissa;
        let high = (u128::from(digits[0]) * mantissa) << 64;
        let product = high.wrapping_add(middle).wrapping_add(low);
        // Three bits before the point, and the fraction behind it. To the 64 highest bits of that Go adds, where
        // leading zeros leave room for more, the lower half of the product once more, as it is.
        let (octant, fraction, lower) = ((product >> 125) as u64, (product >> 61) as u64, product as u64);
        let zeros = fraction.leading_zeros().min(63);
        let bits = (fraction << zeros << 1 | lower >> (63 - zeros)) >> 12;
        let fraction = f64::from_bits(u64::from(1022 - zeros) << 52 | bits);
        if octant % 2 == 1 {
            Reduced { octant: (octant + 1) % 8, rest: (fraction - 1.0) * FRAC_PI_4 }
        } else {
            Reduced { octant, rest: fraction * FRAC_PI_4 }
        }
    }
}

/// The binary digits of 4/π, 64 in each: the whole part, and 1216 behind the point, enough for the largest float.
const FOUR_OVER_PI: [u64; 20] = [
    0x0000_0000_0000_0001,
    0x45f3_06dc_9c88_2a53,
    0xf84e_afa3_ea69_bb81,
    0xb6c5_2b32_7887_2083,
    0xfca2_c757_bd77_8ac3,
    0x6e48_dc74_849b_a5c0,
    0x0c92_5dd4_13a3_2439,
    0xfc3b_d639_6253_4e7d,
    0xd104_6bea_5d76_8909,
    0xd338_e04d_68be_fc82,
    0x7323_ac73_06a6_73e9,
    0x3908_bf17_7bf2_5076,
    0x3ff1_2fff_bc0b_301f,
    0xde5e_2316_b414_da3e,
    0xda6c_fd9e_4f96_136e,
    0x9e8c_7ecd_3cbf_d45a,
    0xea4f_758f_d7cb_e2f6,
    0x7a0e_73ef_14a5_25d4,
    0xd7f6_bf62_3f1a_ba10,
    0xac06_608d_f8f6_d757,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::go_math::tests::near;

    #[test]
    fn near_the_other_library() {
        for i in -5000..5000 {
            let x = f64::from(i) * 0.0137;
            near("sin", x, sin(x), x.sin());
            near("cos", x, cos(x), x.cos());
            near("tan", x, tan(x), x.tan());
        }
    }

    #[test]
    fn far_away() {
        for x in [
            536_870_912.0,
            536_870_913.7,
            1e9,
            -1e15,
            9.007199254740993e15,
            1e22,
            1.7e300,
            f64::MAX,
            -3.3e157,
        ] {
            // The rest has an error of half a unit in the last place of 1.
            assert!((sin(x) - x.sin()).abs() < 2e-16, "sin({x:?})");
            assert!((cos(x) - x.cos()).abs() < 2e-16, "cos({x:?})");
            assert!((tan(x) / x.tan() - 1.0).abs() < 1e-13, "tan({x:?})");
        }
    }

    #[test]
    fn edges() {
        for function in [sin, tan] {
            assert_eq!(function(0.0).to_bits(), 0.0_f64.to_bits());
            assert_eq!(function(-0.0).to_bits(), (-0.0_f64).to_bits());
        }
        assert_eq!(cos(0.0), 1.0);
        for function in [sin, cos, tan] {
            assert!([f64::INFINITY, f64::NEG_INFINITY, f64::NAN].into_iter().all(|x| function(x).is_nan()));
        }
    }
}
