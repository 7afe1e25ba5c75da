//! The larger and the smaller of two numbers, as Go's `math.Max` and `math.Min` see it.
//!
//! NaN on either side gives NaN, except that nothing is above +Inf or below -Inf, and -0 is below 0. Rust's own
//! `max` and `min` throw NaN away.
//!
//! ```
//! use promqlite::model::go_math::{max, min};
//!
//! assert!(max(1.0, f64::NAN).is_nan());
//! assert_eq!(max(f64::INFINITY, f64::NAN), f64::INFINITY);
//! assert!(min(0.0, -0.0).is_sign_negative());
//! ```

/// The larger of two numbers.
#[inline(always)]
pub fn max(a: f64, b: f64) -> f64 {
    // Written as selections, so that a loop over it has no branches. Bits of equal numbers differ only for ±0.
    let larger = if a > b { a } else { b };
    let larger = if a == b { f64::from_bits(a.to_bits() & b.to_bits()) } else { larger };
    let nan_or_infinite = if a == f64::INFINITY || b == f64::INFINITY { f64::INFINITY } else { f64::NAN };
    if a.is_nan() || b.is_nan() { nan_or_infinite } else { larger }
}

/// The smaller of two numbers.
#[inline(always)]
pub fn min(a: f64, b: f64) -> f64 {
    let smaller = if a < b { a } else { b };
    let smaller = if a == b { f64::from_bits(a.to_bits() | b.to_bits()) } else { smaller };
    let nan_or_infinite =
        if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY { f64::NEG_INFINITY } else { f64::NAN };
    if a.is_nan() || b.is_nan() { nan_or_infinite } else { smaller }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn larger_and_smaller() {
        // a, b, larger, smaller
        let table = [
            (1.0, 2.0, 2.0, 1.0),
            (2.0, 1.0, 2.0, 1.0),
            (0.0, -0.0, 0.0, -0.0),
            (-0.0, 0.0, 0.0, -0.0),
            (-0.0, -0.0, -0.0, -0.0),
            (-3.0, -3.0, -3.0, -3.0),
            (NAN, 1.0, NAN, NAN),
            (1.0, NAN, NAN, NAN),
            (NAN, NAN, NAN, NAN),
            (INF, NAN, INF, NAN),
            (NAN, INF, INF, NAN),
            (-INF, NAN, NAN, -INF),
            (NAN, -INF, NAN, -INF),
            (INF, -INF, INF, -INF),
            (INF, INF, INF, INF),
        ];
        for (a, b, larger, smaller) in table {
            let same = |x: f64, y: f64| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
            assert!(same(max(a, b), larger), "max({a}, {b}) = {}", max(a, b));
            assert!(same(min(a, b), smaller), "min({a}, {b}) = {}", min(a, b));
        }
    }
}
