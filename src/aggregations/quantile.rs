//! The quantile of a set of values, interpolated between the two nearest.
//!
//! ```text
//! quantile(0.5, [4, 1, 2]) = 2
//! quantile(0.5, [4, 1])    = 2.5
//! quantile(1.1, [4])       = +Inf
//! ```

/// The φ-quantile of `values`, which it sorts partly. NaN counts as the smallest value. NaN for no values or φ = NaN,
/// -Inf for φ < 0, +Inf for φ > 1 (`promql/quantile.go`).
pub(crate) fn quantile(phi: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || phi.is_nan() {
        return f64::NAN;
    }
    if phi < 0.0 {
        return f64::NEG_INFINITY;
    }
    if phi > 1.0 {
        return f64::INFINITY;
    }
    let rank = phi * (values.len() - 1) as f64;
    let weight = rank - rank.floor();
    let (lower, upper) = ranked(rank as usize, values);
    lower * (1.0 - weight) + upper * weight
}

/// The value at place `lower` of the sorted values, and the one after it, or the last one twice.
fn ranked(lower: usize, values: &mut [f64]) -> (f64, f64) {
    /// Up to this length insertion is as fast, and leaves 0 and -0 in the order in which Go's `sort` does.
    const INSERTION: usize = 12;
    if values.len() <= INSERTION {
        for end in 1..values.len() {
            let mut i = end;
            while i > 0 && (values[i] < values[i - 1] || values[i].is_nan()) {
                values.swap(i - 1, i);
                i -= 1;
            }
        }
        return (values[lower], values[(lower + 1).min(values.len() - 1)]);
    }
    let (_, &mut at, above) = values.select_nth_unstable_by(lower, |a, b| order_key(*a).cmp(&order_key(*b)));
    let next = above.iter().copied().min_by_key(|value| order_key(*value));
    (at, next.unwrap_or(at))
}

/// A number that is ordered as the values are, NaN first.
#[inline(always)]
fn order_key(value: f64) -> i64 {
    if value.is_nan() {
        return i64::MIN;
    }
    let bits = value.to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn interpolates_between_neighbours() {
        const NAN: f64 = f64::NAN;
        const INF: f64 = f64::INFINITY;
        for (phi, values, expected) in [
            (0.0, vec![3.0, 1.0, 2.0], 1.0),
            (1.0, vec![3.0, 1.0, 2.0], 3.0),
            (0.8, vec![0.0, 1.0, 2.0], 1.6),
            (0.5, vec![NAN, 2.0, 1.0], 1.0),
            (0.0, vec![NAN, 2.0, 1.0], NAN),
            (0.5, vec![], NAN),
            (NAN, vec![1.0], NAN),
            (-0.1, vec![1.0], -INF),
            (1.1, vec![NAN], INF),
            (0.5, vec![INF], NAN),
        ] {
            let found = quantile(phi, &mut values.clone());
            assert!(found == expected || found.is_nan() && expected.is_nan(), "{phi} of {values:?}: {found}");
        }
    }

    proptest! {
        #[test]
        fn selecting_is_sorting(
            phi in 0.0..=1.0f64,
            mut values in prop::collection::vec(prop_oneof![9 => -1e3..1e3, 1 => Just(f64::NAN), 1 => Just(7.0)], 1..60),
        ) {
            let mut sorted = values.clone();
            sorted.sort_by(|a: &f64, b: &f64| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
            let rank = phi * (values.len() - 1) as f64;
            let lower = rank.floor() as usize;
            let weight = rank - rank.floor();
            let upper = sorted[(lower + 1).min(values.len() - 1)];
            let expected = sorted[lower] * (1.0 - weight) + upper * weight;
            let found = quantile(phi, &mut values);
            prop_assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan());
        }
    }
}
