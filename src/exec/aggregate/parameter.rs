//! The number that `topk`, `quantile` and their like take, which may change from step to step.
//!
//! Whether it is valid is decided over all steps at once: one NaN among the values of k makes the whole query an
//! error, and a k below 1 at every step makes the answer empty before anything else is looked at.

use super::open::Opening;
use crate::exec::ExecError;
use crate::model::go_format::format_g;

/// A number for each step.
#[derive(Debug)]
pub(super) struct ScalarParameter {
    values: Vec<f64>,
    /// The smallest value, NaN if any is NaN.
    pub(super) min: f64,
    /// The largest value, NaN if any is NaN and none is +Inf.
    pub(super) max: f64,
    /// Whether any value is NaN.
    pub(super) any_nan: bool,
}

impl ScalarParameter {
    /// `values` at the first steps, and 0 at any that are left of `steps`.
    pub(super) fn new(mut values: Vec<f64>, steps: usize) -> Self {
        values.resize(steps, 0.0);
        // Mostly it is a constant, which is told without a branch for each step.
        if let Some(&first) = values.first() {
            let differs = values.iter().fold(false, |any, v| any | (v.to_bits() != first.to_bits()));
            if !differs {
                return ScalarParameter { values, min: first, max: first, any_nan: first.is_nan() };
            }
        }
        // Infinity beats NaN, and NaN beats the rest, as in Go's math.Max and math.Min.
        let max = values.iter().fold(-f64::MAX, |max, &v| match max.is_nan() || v.is_nan() {
            true if max != f64::INFINITY && v != f64::INFINITY => f64::NAN,
            _ => max.max(v),
        });
        let min = values.iter().fold(f64::MAX, |min, &v| match min.is_nan() || v.is_nan() {
            true if min != f64::NEG_INFINITY && v != f64::NEG_INFINITY => f64::NAN,
            _ => min.min(v),
        });
        let any_nan = values.iter().any(|v| v.is_nan());
        ScalarParameter { values, min, max, any_nan }
    }

    /// The value at each step.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values as a k for each step, at most `series`, or `None` if no step asks for any.
    pub(super) fn counts(
        &self,
        series: usize,
        opening: &Opening<'_, '_>,
    ) -> Result<Option<Vec<u32>>, ExecError> {
        /// The largest float below 2^63, which Prometheus counts as too large, too.
        const TOO_LARGE: f64 = 9223372036854774784.0;
        const TOO_SMALL: f64 = -9223372036854775808.0;
        if self.max < 1.0 {
            return Ok(None);
        }
        if self.any_nan {
            return Err(opening.parameter_error("Parameter value is NaN".into()));
        }
        if self.min <= TOO_SMALL {
            let text = format!("Scalar value {} underflows int64", format_g(self.min));
            return Err(opening.parameter_error(text));
        }
        if self.max >= TOO_LARGE {
            let text = format!("Scalar value {} overflows int64", format_g(self.max));
            return Err(opening.parameter_error(text));
        }
        let most = u32::try_from(series).unwrap_or(u32::MAX);
        Ok(Some(self.values.iter().map(|&k| (k.max(0.0) as u64).min(most.into()) as u32).collect()))
    }
}
