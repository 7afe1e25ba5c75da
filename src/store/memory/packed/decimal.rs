//! Floats that are numbers of few decimals: `20.25` is 2025 hundredths.
//!
//! What stands for a float is checked to give back the very same bits; a negative zero, an infinity or a float of many
//! decimals has nothing to stand for it.

use crate::model::is_stale;

/// What the whole numbers are divided by, the least first.
const DIVISORS: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];

/// Whole numbers that stand for floats.
#[derive(Debug)]
pub(super) struct Decimals {
    /// Which of the divisors gives back the floats.
    pub(super) places: u8,
    /// A stale marker has the number before it.
    pub(super) numbers: Vec<i64>,
    pub(super) has_stale: bool,
}

impl Decimals {
    /// What stands for `values`, if something does for all of them.
    pub(super) fn of(values: &[f64]) -> Option<Decimals> {
        (0..DIVISORS.len()).find_map(|places| Decimals::with_places(places, values))
    }

    fn with_places(places: usize, values: &[f64]) -> Option<Decimals> {
        let mut numbers = Vec::with_capacity(values.len());
        let mut has_stale = false;
        for value in values {
            if is_stale(*value) {
                has_stale = true;
                numbers.push(numbers.last().copied().unwrap_or(0));
                continue;
            }
            let number = (value * DIVISORS[places]).round_ties_even() as i64;
            if (number as f64 / DIVISORS[places]).to_bits() != value.to_bits() {
                return None;
            }
            numbers.push(number);
        }
        Some(Decimals { places: places as u8, numbers, has_stale })
    }
}

/// What whole numbers that stand for floats of so many decimal places are divided by.
pub(super) fn divisor(places: u8) -> f64 {
    DIVISORS.get(usize::from(places)).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::STALE_NAN_BITS;

    #[test]
    fn only_what_comes_back_is_taken() {
        let places = |values: &[f64]| Decimals::of(values).map(|decimals| decimals.places);
        assert_eq!(places(&[1.0, -3.0, 0.0]), Some(0));
        assert_eq!(places(&[1.0, -3.5]), Some(1));
        assert_eq!(places(&[20.25, 0.07]), Some(2));
        assert_eq!(places(&[0.001, 1e9]), Some(3));
        for odd in [-0.0, 1.0 / 3.0, 0.1 + 0.2, f64::INFINITY, f64::NAN, 1e-4] {
            assert_eq!(places(&[1.0, odd]), None, "{odd}");
        }
        let stale = Decimals::of(&[f64::from_bits(STALE_NAN_BITS), 2.5]).unwrap();
        assert_eq!((stale.has_stale, stale.numbers), (true, vec![0, 25]));
    }
}
