//! The inverses of sine, cosine and tangent.
//!
//! All of them come from the arc tangent between 0 and 0.66, a rational function (Cephes). Larger tangents are
//! those of the rest to a quarter or an eighth of a turn; the arc sine is the arc tangent of a side over the
//! other one.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::polynomial;

const NUMERATOR: [f64; 5] = [
    -0.875_060_860_003_190_4,
    -16.157_537_187_333_652,
    -75.008_557_923_147_05,
    -122.886_668_449_013_61,
    -64.850_219_049_420_25,
];

const DENOMINATOR: [f64; 6] = [
    1.0,
    24.858_464_901_423_062,
    165.027_009_831_698_85,
    432.881_060_491_290_27,
    485.390_399_635_913_7,
    194.550_657_148_261_4,
];

/// The arc tangent, in radians.
pub fn atan(x: f64) -> f64 {
    if x == 0.0 {
        x
    } else if x > 0.0 {
        of_positive(x)
    } else {
        -of_positive(-x)
    }
}

/// The arc sine, in radians; NaN beyond -1 and 1.
pub fn asin(x: f64) -> f64 {
    let side = x.abs();
    if x == 0.0 {
        return x;
    } else if side > 1.0 {
        return f64::NAN;
    }
    let other = (1.0 - side * side).sqrt();
    let angle = if side > 0.7 { FRAC_PI_2 - of_positive(other / side) } else { of_positive(side / other) };
    if x < 0.0 { -angle } else { angle }
}

/// The arc cosine, in radians; NaN beyond -1 and 1.
pub fn acos(x: f64) -> f64 {
    FRAC_PI_2 - asin(x)
}

/// The angle of the point (`x`, `y`), in radians.
pub fn atan2(y: f64, x: f64) -> f64 {
    let angle = if y.is_nan() || x.is_nan() {
        return f64::NAN;
    } else if y == 0.0 {
        if x.is_sign_positive() { 0.0 } else { PI }
    } else if x == 0.0 {
        FRAC_PI_2
    } else if x.is_infinite() {
        match (x > 0.0, y.is_infinite()) {
            (true, true) => FRAC_PI_4,
            (true, false) => 0.0,
            (false, true) => 3.0 * FRAC_PI_4,
            (false, false) => PI,
        }
    } else if y.is_infinite() {
        FRAC_PI_2
    } else {
        let angle = atan(y / x);
        return match (x < 0.0, angle <= 0.0) {
            (false, _) => angle,
            (true, true) => angle + PI,
            (true, false) => angle - PI,
        };
    };
    angle.copysign(y)
}

fn of_positive(x: f64) -> f64 {
    /// What the float next to π/2 lacks.
    const LACKING: f64 = 6.123_233_995_736_766e-17;
    const TAN_OF_THREE_EIGHTHS: f64 = 2.414_213_562_373_095;
    if x <= 0.66 {
        near_zero(x)
    } else if x > TAN_OF_THREE_EIGHTHS {
        FRAC_PI_2 - near_zero(1.0 / x) + LACKING
    } else {
        FRAC_PI_4 + near_zero((x - 1.0) / (x + 1.0)) + 0.5 * LACKING
    }
}

fn near_zero(x: f64) -> f64 {
    let square = x * x;
    x * (square * polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR)) + x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::go_math::tests::near;

    #[test]
    fn near_the_other_library() {
        for i in -3000..3000 {
            let x = f64::from(i) / 3000.0;
            near("asin", x, asin(x), x.asin());
            // A difference: near zero only its error compared with π/2 is small.
            near("acos", x, 1.0 + acos(x), 1.0 + x.acos());
            for x in [x, x * 100.0, x.powi(-3)] {
                near("atan", x, atan(x), x.atan());
            }
        }
    }

    #[test]
    fn quadrants() {
        let inf = f64::INFINITY;
        let all = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, inf, -inf];
        for y in all {
            for x in all {
                near("atan2", x, atan2(y, x), y.atan2(x));
                assert_eq!(atan2(y, x).is_sign_negative(), y.is_sign_negative(), "atan2({y}, {x})");
            }
            assert!(atan2(y, f64::NAN).is_nan() && atan2(f64::NAN, y).is_nan());
        }
    }

    #[test]
    fn edges() {
        assert_eq!((atan(f64::INFINITY), atan(f64::NEG_INFINITY)), (FRAC_PI_2, -FRAC_PI_2));
        assert_eq!((asin(1.0), asin(-1.0), acos(1.0), acos(-1.0)), (FRAC_PI_2, -FRAC_PI_2, 0.0, PI));
        for x in [1.0001, -1.0001, f64::INFINITY, f64::NAN] {
            assert!(asin(x).is_nan() && acos(x).is_nan());
        }
        assert!(atan(f64::NAN).is_nan());
    }
}
