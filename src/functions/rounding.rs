//! `ceil`, `floor` and `round`.
//!
//! `round(v, 0.5)` of 2.6 is 2.5. It rounds half up, `round(-2.5)` is -2, and does so by multiplying with the
//! inverse of the step, which is kinder to steps like 0.1 than dividing by them.

use crate::model::ColumnMut;

pub(super) fn ceil(values: &mut [f64]) {
    // -floor(-x), sign of zero included.
    values.iter_mut().for_each(|v| *v = -floor_of(-*v));
}

pub(super) fn floor(values: &mut [f64]) {
    values.iter_mut().for_each(|v| *v = floor_of(*v));
}

pub(super) fn round(column: &mut ColumnMut<'_>, args: &[&[f64]]) {
    match args.first() {
        None => column.values.iter_mut().for_each(|v| *v = floor_of(*v + 0.5)),
        Some(to_nearest) => {
            for (v, &to_nearest) in column.values.iter_mut().zip(*to_nearest) {
                let inverse = 1.0 / to_nearest;
                *v = floor_of(*v * inverse + 0.5) / inverse;
            }
        }
    }
}

/// `x` rounded down, equal to `f64::floor`, in arithmetic that every processor does on several values at once.
#[inline(always)]
fn floor_of(x: f64) -> f64 {
    // From here on a number has no fraction left; adding and subtracting it rounds smaller ones to the nearest.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let magnitude = x.abs();
    let nearest = ((magnitude + WHOLE) - WHOLE).copysign(x);
    let down = if nearest > x { nearest - 1.0 } else { nearest };
    // Comparison with NaN fails, so NaN stays as it is; so do the infinities.
    if magnitude < WHOLE { down.copysign(x) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Batch;

    #[test]
    fn floor_and_ceil_are_the_standard_librarys() {
        let mut cases = vec![
            0.0,
            -0.0,
            0.5,
            1.5,
            2.5,
            0.49999999999999994,
            4503599627370495.5,
            4503599627370496.0,
            1e300,
        ];
        cases.extend([
            f64::INFINITY,
            f64::MIN_POSITIVE,
            5e-324,
            1.0 - f64::EPSILON / 2.0,
            9007199254740993.0,
        ]);
        let mut state = 88172645463325252u64;
        for _ in 0..20_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            cases.push(f64::from_bits(state));
            cases.push((state >> 40) as f64 / 64.0);
        }
        for x in cases.iter().flat_map(|x| [*x, -*x]).filter(|x| !x.is_nan()) {
            let (mut down, mut up) = ([x], [x]);
            floor(&mut down);
            ceil(&mut up);
            assert_eq!(down[0].to_bits(), x.floor().to_bits(), "floor({x:?})");
            assert_eq!(up[0].to_bits(), x.ceil().to_bits(), "ceil({x:?})");
        }
        let mut nan = [f64::NAN];
        floor(&mut nan);
        assert!(nan[0].is_nan());
    }

    #[test]
    fn round_goes_half_up() {
        let mut batch = Batch::default();
        batch.reset(1, 5);
        let mut column = batch.column_mut(0);
        column.values.copy_from_slice(&[2.5, -2.5, 2.4, 0.1, 5.015]);
        round(&mut column, &[]);
        assert_eq!(column.values, [3.0, -2.0, 2.0, 0.0, 5.0]);
        column.values.copy_from_slice(&[2.6, 2.74, -1.26, 7.0, 8.0]);
        round(&mut column, &[&[0.5, 0.5, 0.5, 5.0, 5.0]]);
        assert_eq!(column.values, [2.5, 2.5, -1.5, 5.0, 10.0]);
    }
}
