//! Logarithms and powers of two, with the last bit that Prometheus' have.
//!
//! Quantiles of native histograms are interpolated on a logarithmic scale, and `ln`, `log2` and `log10` are functions
//! of the language, so the last bit shows in answers. These are the algorithms of FreeBSD's `e_log.c` and `e_exp.c`,
//! which Go's `math` package follows: reduce to a small argument, then a fixed polynomial. Other libraries round one
//! result in fifty differently.
//!
//! ```
//! use promqlite::model::go_log::{exp2, ln, log2, log10};
//!
//! assert_eq!(log2(8.0), 3.0);
//! assert_eq!(exp2(-2.0), 0.25);
//! assert_eq!(ln(0.0), f64::NEG_INFINITY);
//! assert_eq!(log10(97.246), 1.9878717466182632); // 1.9878717466182634 elsewhere
//! ```

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_E};

/// ln 2 in two parts, the first of which has few enough bits for exact products with exponents.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The natural logarithm.
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    } else if x < 0.0 {
        return f64::NAN;
    } else if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    // x = 2^k * (1 + f), with 1 + f between sqrt(2)/2 and sqrt(2).
    let (mut fraction, mut exponent) = frexp(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (fraction - 1.0, f64::from(exponent));
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2
        * (0.666_666_666_666_673_5
            + s4 * (0.285_714_287_436_623_9
                + s4 * (0.181_835_721_616_180_5 + s4 * 0.147_981_986_051_165_86)));
    let even =
        s4 * (0.399_999_999_994_094_2 + s4 * (0.222_221_984_321_497_84 + s4 * 0.153_138_376_992_093_73));
    let r = odd + even;
    let half_square = 0.5 * f * f;
    k * LN_2_HIGH - ((half_square - (s * (half_square + r) + k * LN_2_LOW)) - f)
}

/// The logarithm to base 2; exact for powers of two.
pub fn log2(x: f64) -> f64 {
    let (fraction, exponent) = frexp(x);
    if fraction == 0.5 { f64::from(exponent - 1) } else { ln(fraction) * LOG2_E + f64::from(exponent) }
}

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    ln(x) * LOG10_E
}

/// Two to the power of `x`.
pub fn exp2(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    } else if x > 1_023.999_999_999_999_9 {
        return f64::INFINITY;
    } else if x < -1074.0 {
        return 0.0;
    }
    // x = k + t, with t between -1/2 and 1/2; e^(t * ln 2) is wanted.
    let k = (x + 0.5_f64.copysign(x)).trunc();
    let t = x - k;
    let (high, low) = (t * LN_2_HIGH, -t * LN_2_LOW);
    let r = high - low;
    let square = r * r;
    let c = r - square
        * (0.166_666_666_666_666_66
            + square
                * (-0.002_777_777_777_701_559_3
                    + square
                        * (6.613_756_321_437_934e-5
                            + square * (-1.653_390_220_546_525_2e-6 + square * 4.138_136_797_057_238_5e-8))));
    let power = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
    ldexp(power, k as i64)
}

/// `x` as a fraction, at least 0.5 and below 1, times a power of two. Zero, infinities and NaN are their own fraction.
pub(crate) fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * power_of_two(52), -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022;
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    (fraction, exponent + shift)
}

/// `fraction * 2^exponent`, rounded once. The magnitude of `fraction` is at least 0.5 and below 2.
#[inline]
pub fn ldexp(fraction: f64, exponent: i64) -> f64 {
    match exponent {
        -1021..=1022 => fraction * power_of_two(exponent),
        1023..=1025 => fraction * power_of_two(1022) * power_of_two(exponent - 1022),
        1026.. => fraction * f64::INFINITY,
        -1100..-1021 => fraction * power_of_two(exponent + 100) * power_of_two(-100),
        _ => fraction * 0.0,
    }
}

/// `2^exponent` for the exponents of normal numbers, -1022..=1023.
#[inline]
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_bits_that_prometheus_answers() {
        for (x, expected) in [
            (60.407, 1.781087267846702),
            (178.466, 2.251555489810396),
            (0.019, -1.721246399047171),
            (1.4, 0.14612803567823798),
            (79.848, 1.9022640425804282),
        ] {
            assert_eq!(log10(x), expected, "log10({x})");
        }
    }

    #[test]
    fn exact_where_the_answer_is_a_number() {
        for exponent in -1074..=1023 {
            let power = ldexp(1.0, exponent);
            assert_eq!(log2(power), exponent as f64);
            assert_eq!(exp2(exponent as f64), power);
        }
    }

    #[test]
    fn edges() {
        for log in [ln, log2, log10] {
            assert!(log(f64::NAN).is_nan());
            assert!(log(-1.0).is_nan());
            assert_eq!(log(0.0), f64::NEG_INFINITY);
            assert_eq!(log(f64::INFINITY), f64::INFINITY);
            assert_eq!(log(1.0), 0.0);
        }
        assert!(exp2(f64::NAN).is_nan());
        assert_eq!(exp2(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp2(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp2(1024.0), f64::INFINITY);
        assert_eq!(exp2(-1075.0), 0.0);
    }

    #[test]
    fn near_the_other_library() {
        for i in 1..2000 {
            let x = f64::from(i) * 0.37;
            assert!((ln(x) - x.ln()).abs() <= 2.0 * f64::EPSILON * x.ln().abs(), "ln({x})");
            assert!((log2(x) - x.log2()).abs() <= 2.0 * f64::EPSILON * x.log2().abs().max(1.0), "log2({x})");
            let exponent = f64::from(i - 1000) * 0.77;
            assert!((exp2(exponent) / exponent.exp2() - 1.0).abs() <= 2.0 * f64::EPSILON, "exp2({exponent})");
        }
    }

    #[test]
    fn fractions_and_exponents_make_the_number_again() {
        for x in [1.0, -0.75, 3.7e300, f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1), -f64::from_bits(12345)]
        {
            let (fraction, exponent) = frexp(x);
            assert!((0.5..1.0).contains(&fraction.abs()));
            assert_eq!(ldexp(fraction, i64::from(exponent)), x);
        }
    }
}
