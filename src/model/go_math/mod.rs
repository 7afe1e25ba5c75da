//! Elementary functions with the last bit that Prometheus' have.
//!
//! No standard says what the last bit of `exp(0.019)` is, and libraries differ in one result out of ten.
//! Prometheus computes with Go's `math` package, so these are the methods of that package: Cephes' rational
//! functions for the circular functions and their inverses, a short series after a reduction for the exponential
//! function, FreeBSD's `log1p`. And the larger one of two numbers is not what Rust takes for it, where NaN is
//! among them.
//!
//! ```
//! use promqlite::model::go_math::exp;
//!
//! assert_eq!(exp(0.019), 1.019181648617408); // 1.0191816486174081 elsewhere
//! ```
//!
//! Logarithms are in [`go_log`](super::go_log).

mod circular;
mod exponential;
mod extremes;
mod hyperbolic;
mod inverse_circular;
mod power;

pub use circular::{cos, sin, tan};
pub use exponential::exp;
pub use extremes::{max, min};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use inverse_circular::{acos, asin, atan, atan2};
pub use power::pow;

/// The value at `x` of the polynomial with these coefficients, that of the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().fold(0.0, |value, coefficient| value * x + coefficient)
}

#[cfg(test)]
mod tests {
    /// Fails unless two results for `x` are within a few units in the last place of each other.
    pub(super) fn near(function: &str, x: f64, got: f64, other: f64) {
        let units = got.to_bits().abs_diff(other.to_bits());
        let same = got == other || got.is_nan() && other.is_nan();
        assert!(same || units <= 4, "{function}({x:?}) is {got:?}, and {other:?} elsewhere");
    }
}
