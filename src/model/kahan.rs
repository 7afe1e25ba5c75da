//! Sums that keep what rounding loses: Kahan's summation with Neumaier's improvement.
//!
//! Adding a small number to a large one drops the small one's low bits. A compensated sum keeps them in a second
//! number and gives them back at the end. The engine's answers depend on every bit of this, so the steps below are
//! never reordered, split over lanes of one sum, or fused (`util/kahansum/kahansum.go`).
//!
//! ```
//! use promqlite::model::kahan::KahanSum;
//!
//! let values = [1.0, 1e100, 1.0, -1e100];
//! assert_eq!(values.iter().sum::<f64>(), 0.0);
//!
//! let mut sum = KahanSum::new(0.0);
//! for value in values {
//!     sum.add(value);
//! }
//! assert_eq!(sum.total(), 2.0);
//! ```

/// A running compensated sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KahanSum {
    /// The sum as far as one `f64` holds it.
    pub sum: f64,
    /// What rounding lost on the way.
    pub compensation: f64,
}

impl KahanSum {
    /// A sum that starts at `start` with nothing lost.
    #[inline]
    pub const fn new(start: f64) -> Self {
        KahanSum { sum: start, compensation: 0.0 }
    }

    /// Adds `value`.
    #[inline]
    pub fn add(&mut self, value: f64) {
        (self.sum, self.compensation) = kahan_add(value, self.sum, self.compensation);
    }

    /// The sum with what was lost given back.
    #[inline]
    pub fn total(self) -> f64 {
        self.sum + self.compensation
    }
}

/// Adds `inc` to `sum`, whose lost bits are `compensation`, and gives the new sum and its lost bits.
///
/// A sum that becomes infinite has lost nothing: the compensation is reset, so that `sum + compensation` does not
/// turn into NaN.
#[inline(always)]
pub fn kahan_add(inc: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + inc;
    let compensation = if total.is_infinite() {
        0.0
    } else if sum.abs() >= inc.abs() {
        compensation + ((sum - total) + inc)
    } else {
        compensation + ((inc - total) + sum)
    };
    (total, compensation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(values: &[f64]) -> f64 {
        let mut sum = KahanSum::default();
        values.iter().for_each(|&value| sum.add(value));
        sum.total()
    }

    #[test]
    fn gives_back_what_rounding_lost() {
        assert_eq!(total(&[1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(total(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(total(&[0.1; 10]), 1.0);
        assert_eq!(total(&[1.0, -1e100, 1e100]), 1.0);
    }

    #[test]
    fn infinity_leaves_no_compensation() {
        assert_eq!(total(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(total(&[1e100, 1.0, f64::NEG_INFINITY, 5.0]), f64::NEG_INFINITY);
        assert!(total(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert!(total(&[1.0, f64::NAN, 1.0]).is_nan());
    }

    #[test]
    fn the_larger_operand_is_the_one_subtracted_from() {
        assert_eq!(kahan_add(1.0, 1e16, 0.0), (1e16, 1.0));
        assert_eq!(kahan_add(1e16, 1.0, 0.0), (1e16, 1.0));
        assert_eq!(kahan_add(-1e16, 1e16, 1.0), (0.0, 1.0));
    }
}
