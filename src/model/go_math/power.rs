//! Powers.
//!
//! x^y is x to the power of the whole part of y, by squaring, times e to the power of the rest of y and the
//! logarithm of x. The exponents of two are kept apart meanwhile, so that nothing overflows on the way.

use super::super::go_log::{frexp, ldexp, ln};
use super::exponential::exp;

/// `x` to the power of `y`.
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    } else if y == 1.0 {
        return x;
    } else if x.is_nan() || y.is_nan() {
        return f64::NAN;
    } else if x == 0.0 {
        return of_zero(x, y);
    } else if y.is_infinite() {
        return to_infinity(x, y > 0.0);
    } else if x.is_infinite() {
        // As that of its inverse, a zero.
        return of_zero(1.0 / x, -y);
    } else if y == 0.5 {
        return x.sqrt();
    } else if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut rest) = (y.abs().trunc(), y.abs().fract());
    if rest != 0.0 && x < 0.0 {
        return f64::NAN;
    } else if whole >= (1u64 << 63) as f64 {
        return to_infinity(x, y > 0.0);
    }
    let mut result = 1.0;
    if rest != 0.0 {
        if rest > 0.5 {
            rest -= 1.0;
            whole += 1.0;
        }
        result = exp(rest * ln(x));
    }
    let mut exponent = 0;
    let (mut square, square_exponent) = frexp(x);
    let mut square_exponent = i64::from(square_exponent);
    let mut bits = whole as u64;
    while bits != 0 {
        // Far beyond what a float can hold: the rest of the bits does not matter.
        if square_exponent.abs() > 1 << 12 {
            exponent += square_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        (result, exponent) = (1.0 / result, -exponent);
    }
    let (fraction, shift) = frexp(result);
    ldexp(fraction, i64::from(shift) + exponent)
}

/// Of 0 or -0, `y` not being 0.
fn of_zero(zero: f64, y: f64) -> f64 {
    let magnitude = if y < 0.0 { f64::INFINITY } else { 0.0 };
    if is_odd(y) { magnitude.copysign(zero) } else { magnitude }
}

/// To the power of something so large that no other number than 1 and -1 has a finite one but 0.
fn to_infinity(x: f64, positive: bool) -> f64 {
    if x == -1.0 {
        1.0
    } else if (x.abs() < 1.0) == positive {
        0.0
    } else {
        f64::INFINITY
    }
}

fn is_odd(y: f64) -> bool {
    y.abs() < (1u64 << 53) as f64 && y.fract() == 0.0 && y.abs() as u64 & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(x: f64, y: f64, other: f64) {
        let got = pow(x, y);
        let same = got == other || (got / other - 1.0).abs() < 1e-13 || got.is_nan() && other.is_nan();
        assert!(same, "{x:?} ^ {y:?} is {got:?}, and {other:?} elsewhere");
    }

    #[test]
    fn near_the_other_library() {
        for i in 1..400 {
            for j in -40..40 {
                let (x, y) = (f64::from(i) * 0.37, f64::from(j) * 0.7);
                near(x, y, x.powf(y));
                near(-x, f64::from(j), (-x).powi(j));
            }
        }
        assert_eq!(pow(2.0, -0.5), 0.7071067811865475); // 0.7071067811865476 elsewhere
    }

    #[test]
    fn edges() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let numbers =
            [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, inf, -inf, 1e300, -1e300, 5e-324];
        for x in numbers {
            for y in numbers {
                near(x, y, x.powf(y));
                let negative = |power: f64| power.is_sign_negative() && !power.is_nan();
                assert_eq!(negative(pow(x, y)), negative(x.powf(y)), "{x:?} ^ {y:?}");
            }
            assert_eq!(pow(x, nan).is_nan(), x != 1.0);
            assert_eq!(pow(nan, x).is_nan(), x != 0.0);
        }
        let powers = [1023.0, -1074.0, 1024.0, -1076.0].map(|y| pow(2.0, y));
        assert_eq!(powers, [8.98846567431158e307, 5e-324, inf, 0.0]);
    }
}
