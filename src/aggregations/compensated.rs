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
