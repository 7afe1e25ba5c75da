//! Numbers short enough to compare at a glance.

/// Significant digits that are kept of a number that is not whole.
const DIGITS: i32 = 6;

/// `value` with six significant digits, or all digits of its whole part; whole numbers below 1e15 keep every digit.
///
/// ```
/// use promqlite::render::table::brief;
///
/// assert_eq!(brief(0.016666666666666666), "0.0166667");
/// assert_eq!(brief(1234567.891), "1234568");
/// assert_eq!(brief(2.5e-9), "2.5e-09");
/// ```
pub fn brief(value: f64) -> String {
    use crate::model::go_format::{format_e, format_f};
    let magnitude = value.abs();
    if !value.is_finite() || (value.fract() == 0.0 && magnitude < 1e15) {
        return format_f(value);
    }
    if !(1e-4..1e15).contains(&magnitude) {
        let digits = (DIGITS - 1) as usize;
        return format_e(format!("{value:.digits$e}").parse().unwrap_or(value));
    }
    let before_point = magnitude.log10().floor() as i32 + 1;
    let decimals = (DIGITS - before_point).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::brief;

    #[test]
    fn six_digits_or_the_whole_part() {
        let table = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (123456789.0, "123456789"),
            (1e15, "1e+15"),
            (1.0 / 3.0, "0.333333"),
            (-2.0 / 3.0, "-0.666667"),
            (99.99999999, "100"),
            (1234.56789, "1234.57"),
            (987654321.25, "987654321"),
            (0.00012345678, "0.000123457"),
            (0.00001, "1e-05"),
            (1.23456789e-7, "1.23457e-07"),
            (1.23456789e20, "1.23457e+20"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, text) in table {
            assert_eq!(brief(value), text, "{value:?}");
        }
    }
}
