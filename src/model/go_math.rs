//! Float functions whose answers for NaN and infinities are Go's, not Rust's.
//!
//! ```
//! use promqlite::model::go_math::{max, min};
//!
//! assert!(max(f64::NAN, 1.0).is_nan()); // Rust's `f64::max` says 1
//! assert_eq!(max(f64::NAN, f64::INFINITY), f64::INFINITY);
//! assert_eq!(min(f64::NAN, f64::NEG_INFINITY), f64::NEG_INFINITY);
//! ```

/// The larger one. NaN if one is NaN, unless the other is +Inf; +0 is larger than -0.
#[inline]
pub fn max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

/// The smaller one. NaN if one is NaN, unless the other is -Inf; -0 is smaller than +0.
#[inline]
pub fn min(a: f64, b: f64) -> f64 {
    -max(-a, -b)
}
