//! What an operator between two values does: floats in plain loops over columns, histograms one by one.
//!
//! Arithmetic gives a value. A comparison keeps the left value where it holds, or with `bool` gives 1 and 0.

use std::sync::Arc;

use multiversion::multiversion;

use crate::model::annotation::HistogramOperation;
use crate::model::go_math;
use crate::model::histogram::trim::Keep;
use crate::model::histogram::{CounterResetHint, IncompatibleSchemas};
use crate::model::{Annotation, Histogram};
use crate::syntax::ast::BinaryOp;

/// The operator between two scalars, where a comparison gives 1 or 0.
pub(crate) fn scalar_op(op: BinaryOp, lhs: f64, rhs: f64) -> f64 {
    if op.is_comparison() { f64::from(u8::from(compare(op, lhs, rhs))) } else { compute(op, lhs, rhs) }
}

fn compute(op: BinaryOp, lhs: f64, rhs: f64) -> f64 {
    match op {
        BinaryOp::Add => lhs + rhs,
        BinaryOp::Sub => lhs - rhs,
        BinaryOp::Mul => lhs * rhs,
        BinaryOp::Div => lhs / rhs,
        BinaryOp::Mod => remainder(lhs, rhs),
        BinaryOp::Pow => go_math::pow(lhs, rhs),
        BinaryOp::Atan2 => go_math::atan2(lhs, rhs),
        _ => f64::NAN,
    }
}

/// `lhs % rhs`. Between whole numbers, which mostly it is asked for, the processor divides several times faster than the
/// general way takes.
#[inline]
fn remainder(lhs: f64, rhs: f64) -> f64 {
    const LIMIT: f64 = (1u64 << 53) as f64;
    let (dividend, divisor) = (lhs.abs(), rhs.abs());
    if dividend < LIMIT && divisor < LIMIT {
        let (whole_dividend, whole_divisor) = (dividend as u64, divisor as u64);
        let whole = whole_dividend as f64 == dividend && whole_divisor as f64 == divisor;
        if whole && let Some(rest) = whole_dividend.checked_rem(whole_divisor) {
            return (rest as f64).copysign(lhs);
        }
    }
    lhs % rhs
}

fn compare(op: BinaryOp, lhs: f64, rhs: f64) -> bool {
    match op {
        BinaryOp::Equal => lhs == rhs,
        BinaryOp::NotEqual => lhs != rhs,
        BinaryOp::Less => lhs < rhs,
        BinaryOp::LessEqual => lhs <= rhs,
        BinaryOp::Greater => lhs > rhs,
        BinaryOp::GreaterEqual => lhs >= rhs,
        _ => false,
    }
}

/// The right operand of a whole column.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a> {
    /// A value for each step.
    Column(&'a [f64]),
    /// A value for each step, and it stands on the left.
    ColumnOnLeft(&'a [f64]),
}

/// `values = values op operand`, step by step. `present` loses the steps at which a comparison does not hold.
///
/// Runs over absent steps as well; what it computes there is not looked at.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn apply(
    op: BinaryOp,
    return_bool: bool,
    values: &mut [f64],
    present: &mut [u64],
    operand: Operand<'_>,
) {
    macro_rules! each {
        ($f:expr) => {
            match operand {
                Operand::Column(right) => combine(values, right, $f),
                Operand::ColumnOnLeft(left) => combine(values, left, |v, l| $f(l, v)),
            }
        };
    }
    macro_rules! keep {
        ($holds:expr) => {
            match operand {
                Operand::Column(right) if return_bool => {
                    combine(values, right, |a, b| f64::from(u8::from($holds(a, b))))
                }
                Operand::ColumnOnLeft(left) if return_bool => {
                    combine(values, left, |v, l| f64::from(u8::from($holds(l, v))))
                }
                Operand::Column(right) => retain(values, present, right, $holds),
                Operand::ColumnOnLeft(left) => retain(values, present, left, |v, l| $holds(l, v)),
            }
        };
    }
    match op {
        BinaryOp::Add => each!(|a: f64, b: f64| a + b),
        BinaryOp::Sub => each!(|a: f64, b: f64| a - b),
        BinaryOp::Mul => each!(|a: f64, b: f64| a * b),
        BinaryOp::Div => each!(|a: f64, b: f64| a / b),
        BinaryOp::Mod => each!(remainder),
        BinaryOp::Pow => each!(go_math::pow),
        BinaryOp::Atan2 => each!(go_math::atan2),
        BinaryOp::Equal => keep!(|a: f64, b: f64| a == b),
        BinaryOp::NotEqual => keep!(|a: f64, b: f64| a != b),
        BinaryOp::Less => keep!(|a: f64, b: f64| a < b),
        BinaryOp::LessEqual => keep!(|a: f64, b: f64| a <= b),
        BinaryOp::Greater => keep!(|a: f64, b: f64| a > b),
        BinaryOp::GreaterEqual => keep!(|a: f64, b: f64| a >= b),
        BinaryOp::And | BinaryOp::Or | BinaryOp::Unless | BinaryOp::TrimUpper | BinaryOp::TrimLower => {
            present.fill(0);
        }
    }
}

#[inline]
fn combine(values: &mut [f64], other: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (value, &other) in values.iter_mut().zip(other) {
        *value = f(*value, other);
    }
}

#[inline]
fn retain(values: &[f64], present: &mut [u64], other: &[f64], holds: impl Fn(f64, f64) -> bool) {
    for ((values, other), word) in values.chunks(64).zip(other.chunks(64)).zip(present) {
        let mut kept = 0u64;
        for (bit, (&value, &other)) in values.iter().zip(other).enumerate() {
            kept |= u64::from(holds(value, other)) << bit;
        }
        *word &= kept;
    }
}

/// One operand of an operator at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sample<'a> {
    Float(f64),
    Histogram(&'a Arc<Histogram>),
}

impl Sample<'_> {
    fn type_name(self) -> &'static str {
        match self {
            Sample::Float(_) => "float",
            Sample::Histogram(_) => "histogram",
        }
    }
}

/// What an operator gives at one step.
#[derive(Debug)]
pub(crate) enum Outcome {
    Float(f64),
    Histogram(Arc<Histogram>),
}

/// An operator between two samples at least one of which is a histogram, or a trim between floats.
///
/// The outcome, whether a comparison holds (true for arithmetic), and what there is to say. `Err` when the operands
/// do not go together at all; the element is then dropped.
pub(crate) fn mixed(
    op: BinaryOp,
    lhs: Sample<'_>,
    rhs: Sample<'_>,
) -> Result<(Outcome, bool, Option<Annotation>), Annotation> {
    use BinaryOp as Op;
    use Sample::{Float, Histogram as Hist};
    let changed = |mut histogram: Histogram, note: Option<Annotation>| {
        histogram.compact(0);
        Ok((Outcome::Histogram(Arc::new(histogram)), true, note))
    };
    match (lhs, op, rhs) {
        (Float(factor), Op::Mul, Hist(h)) | (Hist(h), Op::Mul, Float(factor)) => {
            let mut h = Histogram::clone(h);
            h.mul(factor);
            changed(h, None)
        }
        (Hist(h), Op::Div, Float(divisor)) => {
            let mut h = Histogram::clone(h);
            h.div(divisor);
            changed(h, None)
        }
        (Hist(h), Op::TrimUpper | Op::TrimLower, Float(bound)) => {
            let mut h = Histogram::clone(h);
            h.trim(bound, if op == Op::TrimUpper { Keep::Below } else { Keep::Above });
            Ok((Outcome::Histogram(Arc::new(h)), true, None))
        }
        (Hist(a), Op::Add | Op::Sub, Hist(b)) => {
            let mut h = Histogram::clone(a);
            let (combined, operation) = match op {
                Op::Add => (h.add(b), HistogramOperation::Addition),
                _ => (h.sub(b), HistogramOperation::Subtraction),
            };
            match combined {
                Ok(combined) => {
                    if op == Op::Sub {
                        h.counter_reset_hint = CounterResetHint::Gauge;
                    }
                    // As in Prometheus, the element is dropped when the hints contradict each other.
                    if combined.counter_reset_collision {
                        return Err(Annotation::HistogramCounterResetCollision { operation });
                    }
                    let reconciled = Annotation::MismatchedCustomBuckets { operation };
                    changed(h, combined.bounds_reconciled.then_some(reconciled))
                }
                Err(IncompatibleSchemas) => {
                    Err(Annotation::IncompatibleBucketLayoutInBinaryOperator { operator: op.to_string() })
                }
            }
        }
        (Hist(a), Op::Equal, Hist(b)) => Ok((Outcome::Histogram(Arc::clone(a)), a.equals(b), None)),
        (Hist(a), Op::NotEqual, Hist(b)) => Ok((Outcome::Histogram(Arc::clone(a)), !a.equals(b), None)),
        _ => Err(Annotation::IncompatibleTypesInBinaryOperator {
            operator: op.to_string(),
            left: lhs.type_name().to_owned(),
            right: rhs.type_name().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            -1e3..1e3,
            (-3i32..4).prop_map(f64::from),
            Just(-0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
        ]
    }

    const OPERATORS: [BinaryOp; 13] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Mod,
        BinaryOp::Pow,
        BinaryOp::Atan2,
        BinaryOp::Equal,
        BinaryOp::NotEqual,
        BinaryOp::Less,
        BinaryOp::LessEqual,
        BinaryOp::Greater,
        BinaryOp::GreaterEqual,
    ];

    proptest! {
        #[test]
        fn remainders_are_those_of_the_language(lhs in value(), rhs in value(), wide in any::<(i64, i32)>()) {
            for (lhs, rhs) in [(lhs, rhs), (wide.0 as f64, wide.1.into()), ((wide.0 >> 12) as f64, wide.1.into())] {
                let (got, want) = (remainder(lhs, rhs), lhs % rhs);
                prop_assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{lhs} % {rhs}");
            }
        }

        #[test]
        fn columns_as_scalars(
            steps in vec((value(), value(), any::<bool>()), 0..140),
            return_bool in any::<bool>(),
            on_left in any::<bool>(),
        ) {
            for op in OPERATORS {
                let mut values: Vec<f64> = steps.iter().map(|step| step.0).collect();
                let other: Vec<f64> = steps.iter().map(|step| step.1).collect();
                let mut present = vec![0; steps.len().div_ceil(64)];
                for (i, step) in steps.iter().enumerate() {
                    present[i / 64] |= u64::from(step.2) << (i % 64);
                }
                let operand = if on_left { Operand::ColumnOnLeft(&other) } else { Operand::Column(&other) };
                apply(op, return_bool, &mut values, &mut present, operand);
                for (i, (value, other, was_there)) in steps.iter().enumerate() {
                    let (lhs, rhs) = if on_left { (*other, *value) } else { (*value, *other) };
                    let filters = op.is_comparison() && !return_bool;
                    let result = scalar_op(op, lhs, rhs);
                    let stays = *was_there && !(filters && result == 0.0);
                    prop_assert_eq!(present[i / 64] >> (i % 64) & 1 == 1, stays);
                    let want = if filters { *value } else { result };
                    let agree = values[i].to_bits() == want.to_bits() || values[i].is_nan() && want.is_nan();
                    prop_assert!(agree, "{lhs} {op} {rhs}: {} {want}", values[i]);
                }
            }
        }
    }
}
