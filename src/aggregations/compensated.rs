//! Compensated sums in lanes: one sum a step, all steps of a column at once.
//!
//! Each lane is Neumaier's variant of Kahan's sum (`util/kahansum/kahansum.go`): what rounding lost of each addition
//! is kept in a second number. The lanes know nothing of each other, so the additions of one lane happen in
//! input order, and the processor still works on several lanes at a time.

use multiversion::multiversion;

/// Adds `values` to the lanes. A lane that becomes infinite has no compensation worth the name: whoever reads
/// it has to take the sum alone.
// A call of its own, because slices that come as arguments are known not to overlap: only then is the loop vectorised.
#[inline(never)]
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn add_lanes(sums: &mut [f64], compensations: &mut [f64], values: &[f64]) {
    for ((sum, compensation), &value) in sums.iter_mut().zip(compensations).zip(values) {
        let total = *sum + value;
        let sum_is_larger = sum.abs() >= value.abs();
        let (larger, smaller) = if sum_is_larger { (*sum, value) } else { (value, *sum) };
        *compensation += (larger - total) + smaller;
        *sum = total;
    }
}

/// Whether any lane would become infinite by adding `values`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn any_overflow(sums: &[f64], values: &[f64]) -> bool {
    sums.iter().zip(values).fold(0, |any, (sum, value)| any | u64::from((sum + value).is_infinite())) != 0
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::kahan::kahan_add;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            any::<u64>().prop_map(f64::from_bits),
            -1e9..1e9,
            Just(0.0),
            Just(-0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(f64::MAX),
        ]
    }

    fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }

    proptest! {
        #[test]
        fn each_lane_as_one_sum(lanes in vec((value(), -1.0..1.0, value()), 0..70)) {
            let (mut sums, mut compensations): (Vec<f64>, Vec<f64>) =
                lanes.iter().map(|lane| (lane.0, lane.1)).unzip();
            let values: Vec<f64> = lanes.iter().map(|lane| lane.2).collect();
            let overflow = lanes.iter().any(|lane| (lane.0 + lane.2).is_infinite());
            prop_assert_eq!(any_overflow(&sums, &values), overflow);
            add_lanes(&mut sums, &mut compensations, &values);
            for (i, (sum, compensation, value)) in lanes.into_iter().enumerate() {
                let (total, lost) = kahan_add(value, sum, compensation);
                prop_assert!(same(sums[i], total));
                prop_assert!(total.is_infinite() || same(compensations[i], lost));
            }
        }
    }
}
