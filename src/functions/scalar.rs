//! Functions of scalars alone: a number for each step, out of numbers for each step.
//!
//! `max_of` and `min_of` are Go's `math.Max` and `math.Min`, and so are `clamp` and everything else in PromQL that
//! takes the larger of two numbers: a NaN on either side gives NaN, except that nothing is above +Inf or below
//! -Inf, and -0 is below 0. Rust's own `max` and `min` throw NaN away.
//!
//! ```
//! use promqlite::functions::scalar::{max_of, min_of};
//!
//! assert!(max_of(1.0, f64::NAN).is_nan());
//! assert_eq!(max_of(f64::INFINITY, f64::NAN), f64::INFINITY);
//! assert!(min_of(0.0, -0.0).is_sign_negative());
//! ```

/// The larger of two numbers, as Go's `math.Max` sees it.
#[inline(always)]
pub fn max_of(a: f64, b: f64) -> f64 {
    // Written as selections, so that a loop over it has no branches. Bits of equal numbers differ only for ±0.
    let larger = if a > b { a } else { b };
    let larger = if a == b { f64::from_bits(a.to_bits() & b.to_bits()) } else { larger };
    let nan_or_infinite = if a == f64::INFINITY || b == f64::INFINITY { f64::INFINITY } else { f64::NAN };
    if a.is_nan() || b.is_nan() { nan_or_infinite } else { larger }
}

/// The smaller of two numbers, as Go's `math.Min` sees it.
#[inline(always)]
pub fn min_of(a: f64, b: f64) -> f64 {
    let smaller = if a < b { a } else { b };
    let smaller = if a == b { f64::from_bits(a.to_bits() | b.to_bits()) } else { smaller };
    let nan_or_infinite =
        if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY { f64::NEG_INFINITY } else { f64::NAN };
    if a.is_nan() || b.is_nan() { nan_or_infinite } else { smaller }
}

pub(super) fn max(args: &[&[f64]], out: &mut [f64]) {
    for ((out, &a), &b) in out.iter_mut().zip(args[0]).zip(args[1]) {
        *out = max_of(a, b);
    }
}

pub(super) fn min(args: &[&[f64]], out: &mut [f64]) {
    for ((out, &a), &b) in out.iter_mut().zip(args[0]).zip(args[1]) {
        *out = min_of(a, b);
    }
}

pub(super) fn pi(_: &[&[f64]], out: &mut [f64]) {
    out.fill(std::f64::consts::PI);
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
            assert!(same(max_of(a, b), larger), "max_of({a}, {b}) = {}", max_of(a, b));
            assert!(same(min_of(a, b), smaller), "min_of({a}, {b}) = {}", min_of(a, b));
        }
    }

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
