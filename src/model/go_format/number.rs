//! Numbers to text, in each of the forms that Prometheus uses.
//!
//! All forms but `%.2g` and `%f` are *shortest*: as few digits as read back to the same float. They differ in when
//! an exponent is written:
//!
//! | form | used for | `0.00001` | `1e6` | `1e21` |
//! | --- | --- | --- | --- | --- |
//! | [`format_f`] | queries, label values | `0.00001` | `1000000` | `1000000000000000000000` |
//! | [`format_g`] | messages, histograms | `1e-05` | `1e+06` | `1e+21` |
//! | [`format_e`] | alert values | `1e-05` | `1e+06` | `1e+21` |
//! | [`json_number`] | the HTTP API | `0.00001` | `1000000` | `1e+21` |
//! | [`open_metrics_number`] | `le` and `quantile` labels | `1e-05` | `1e+06` | `1e+21` |
//!
//! The infinities are `+Inf` and `-Inf`, every NaN is `NaN`.

use std::fmt::Write;

use crate::model::Timestamp;

/// Go's `%g` writes an exponent from this many digits before the point on when it writes the shortest form.
const SHORTEST_PRECISION: i32 = 6;

/// Shortest decimal, never an exponent: Go's `strconv.FormatFloat(value, 'f', -1, 64)`.
pub fn format_f(value: f64) -> String {
    let mut out = String::new();
    write_f(&mut out, value);
    out
}

/// Appends what [`format_f`] gives.
pub fn write_f(out: &mut String, value: f64) {
    if let Some(text) = special(value) {
        return out.push_str(text);
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    if text.contains('e') {
        let (sign, digits, exponent) = take_apart(text);
        push_plain(out, sign, &digits, exponent);
    } else {
        out.push_str(text.strip_suffix(".0").unwrap_or(text));
    }
}

/// A fixed number of decimals, rounded to even: Go's `%.Nf`, and with 6 decimals its `%f`.
pub fn format_fixed(value: f64, decimals: usize) -> String {
    special(value).map_or_else(|| format!("{value:.decimals$}"), str::to_owned)
}

/// Shortest, with an exponent where the value is below 1e-4 or has more than six digits before the point: Go's `%g`.
pub fn format_g(value: f64) -> String {
    special(value)
        .map_or_else(|| general(zmij::Buffer::new().format_finite(value), SHORTEST_PRECISION), str::to_owned)
}

/// At most two significant digits: Go's `%.2g`.
pub fn format_g2(value: f64) -> String {
    special(value).map_or_else(|| general(&format!("{value:.1e}"), 2), str::to_owned)
}

/// Shortest, always with an exponent, of at least two digits: Go's `strconv.FormatFloat(value, 'e', -1, 64)`.
pub fn format_e(value: f64) -> String {
    special(value).map_or_else(|| exponent_form(zmij::Buffer::new().format_finite(value)), str::to_owned)
}

/// The text of a sample's value in the HTTP API, without its quotes (`util/jsonutil/marshal.go`): plain decimal, but
/// with an exponent where the magnitude is below 1e-6 or at least 1e21.
pub fn json_number(value: f64) -> String {
    let mut out = String::new();
    write_json_number(&mut out, value);
    out
}

/// Appends what [`json_number`] gives.
pub fn write_json_number(out: &mut String, value: f64) {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        out.push_str(&format_e(value));
    } else {
        write_f(out, value);
    }
}

/// A timestamp in the HTTP API: seconds, with three decimals unless they are all zero.
pub fn json_timestamp(timestamp: Timestamp) -> String {
    let mut out = String::new();
    write_json_timestamp(&mut out, timestamp);
    out
}

/// Appends what [`json_timestamp`] gives.
pub fn write_json_timestamp(out: &mut String, timestamp: Timestamp) {
    let sign = if timestamp < 0 { "-" } else { "" };
    let (seconds, millis) = (timestamp.unsigned_abs() / 1000, timestamp.unsigned_abs() % 1000);
    if millis == 0 {
        append(out, format_args!("{sign}{seconds}"));
    } else {
        append(out, format_args!("{sign}{seconds}.{millis:03}"));
    }
}

/// As [`format_g`], but never without a point or an exponent: `1.0`, `0.5`, `1e+06` (`model/labels/float.go`).
/// Prometheus writes the `le` and `quantile` labels of what it scrapes so.
pub fn open_metrics_number(value: f64) -> String {
    if value == 0.0 {
        return "0.0".to_owned();
    }
    let mut out = format_g(value);
    if value.is_finite() && !out.contains(['e', '.']) {
        out.push_str(".0");
    }
    out
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ if value.is_nan() => Some("NaN"),
        _ => None,
    }
}

/// Rewrites a number as `%g` does: with an exponent from `precision` digits before the point on and below 1e-4, and
/// without trailing zeros.
fn general(number: &str, precision: i32) -> String {
    let (sign, digits, exponent) = take_apart(number);
    if exponent < -4 || exponent >= precision {
        return with_exponent(sign, &digits, exponent);
    }
    let mut out = String::new();
    push_plain(&mut out, sign, &digits, exponent);
    out
}

/// Rewrites a number as Go's `%e` does.
fn exponent_form(number: &str) -> String {
    let (sign, digits, exponent) = take_apart(number);
    with_exponent(sign, &digits, exponent)
}

/// With an exponent, which has a sign and at least two digits.
fn with_exponent(sign: &str, digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.unsigned_abs())
}

/// Appends a number without an exponent.
fn push_plain(out: &mut String, sign: &str, digits: &str, exponent: i32) {
    out.push_str(sign);
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        return out.push_str(digits);
    }
    let whole = exponent as usize + 1;
    match digits.split_at_checked(whole) {
        Some((before, after)) => {
            out.push_str(before);
            if !after.is_empty() {
                out.push('.');
                out.push_str(after);
            }
        }
        None => {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
        }
    }
}

/// Sign, significant digits without zeros around them (at least one digit), and the exponent of the first, of a number
/// with a point and an exponent or without them.
fn take_apart(number: &str) -> (&'static str, String, i32) {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return (sign, "0".to_owned(), 0);
    }
    let zeros = all.len() - digits.len();
    let exponent = exponent.parse().unwrap_or(0) + whole.len() as i32 - 1 - zeros as i32;
    (sign, digits.trim_end_matches('0').to_owned(), exponent)
}

/// Writing to a `String` cannot fail.
fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_chooses_its_exponent() {
        // value, f, g, e, JSON, OpenMetrics
        let table = [
            (0.0, "0", "0", "0e+00", "0", "0.0"),
            (1.0, "1", "1", "1e+00", "1", "1.0"),
            (-1.5, "-1.5", "-1.5", "-1.5e+00", "-1.5", "-1.5"),
            (
                0.1 + 0.2,
                "0.30000000000000004",
                "0.30000000000000004",
                "3.0000000000000004e-01",
                "0.30000000000000004",
                "0.30000000000000004",
            ),
            (200000.0, "200000", "200000", "2e+05", "200000", "200000.0"),
            (2000000.0, "2000000", "2e+06", "2e+06", "2000000", "2e+06"),
            (1234567.8, "1234567.8", "1.2345678e+06", "1.2345678e+06", "1234567.8", "1.2345678e+06"),
            (0.0001, "0.0001", "0.0001", "1e-04", "0.0001", "0.0001"),
            (0.000015, "0.000015", "1.5e-05", "1.5e-05", "0.000015", "1.5e-05"),
            (1e-6, "0.000001", "1e-06", "1e-06", "0.000001", "1e-06"),
            (9.5e-7, "0.00000095", "9.5e-07", "9.5e-07", "9.5e-07", "9.5e-07"),
            // Half way between .2 and .3: the even one.
            (
                795637669980149.0 + 0.25,
                "795637669980149.2",
                "7.956376699801492e+14",
                "7.956376699801492e+14",
                "795637669980149.2",
                "7.956376699801492e+14",
            ),
            (
                1125899906842624.0 + 0.25,
                "1125899906842624.2",
                "1.1258999068426242e+15",
                "1.1258999068426242e+15",
                "1125899906842624.2",
                "1.1258999068426242e+15",
            ),
            (1e20, "100000000000000000000", "1e+20", "1e+20", "100000000000000000000", "1e+20"),
            (1e21, "1000000000000000000000", "1e+21", "1e+21", "1e+21", "1e+21"),
            (-1e23, "-100000000000000000000000", "-1e+23", "-1e+23", "-1e+23", "-1e+23"),
            (1e-100, &format!("0.{}1", "0".repeat(99)), "1e-100", "1e-100", "1e-100", "1e-100"),
            (f64::INFINITY, "+Inf", "+Inf", "+Inf", "+Inf", "+Inf"),
            (f64::NEG_INFINITY, "-Inf", "-Inf", "-Inf", "-Inf", "-Inf"),
            (-f64::NAN, "NaN", "NaN", "NaN", "NaN", "NaN"),
        ];
        for (value, f, g, e, json, open_metrics) in table {
            assert_eq!(format_f(value), f);
            assert_eq!(format_g(value), g);
            assert_eq!(format_e(value), e);
            assert_eq!(json_number(value), json);
            assert_eq!(open_metrics_number(value), open_metrics);
        }
        assert_eq!(format_f(-0.0), "-0");
        assert_eq!(format_g(5e-324), "5e-324");
    }

    proptest! {
        #[test]
        fn the_shortest_decimal_is_as_short_as_that_of_the_standard_library(
            value in prop_oneof![
                any::<u64>().prop_map(f64::from_bits),
                (-300..300i32, any::<i32>()).prop_map(|(scale, digits)| f64::from(digits) * 10f64.powi(scale)),
                (-12..12i32, any::<i64>()).prop_map(|(scale, digits)| digits as f64 * 10f64.powi(scale)),
                (-100_000..100_000i32).prop_map(|cents| f64::from(cents) / 100.0),
                (any::<i64>(), 45..53u32).prop_map(|(digits, bits)| (digits >> (64 - bits)) as f64 / 4.0),
            ],
        ) {
            if value.is_finite() {
                let (ours, theirs) = (format_f(value), value.to_string());
                prop_assert_eq!(ours.parse::<f64>(), Ok(value));
                if ours != theirs {
                    // Of two that are equally near, Go takes the one whose last digit is even.
                    prop_assert_eq!(ours.len(), theirs.len());
                    prop_assert!(ours.trim_end_matches('0').ends_with(['2', '4', '6', '8', '.']), "{} {}", ours, theirs);
                }
            }
        }
    }

    #[test]
    fn two_digits() {
        let table = [
            (400.0, "4e+02"),
            (40.0, "40"),
            (4.0, "4"),
            (0.4, "0.4"),
            (0.0004, "0.0004"),
            (0.00004, "4e-05"),
            (0.0, "0"),
            (99.9, "1e+02"),
            (9.96, "10"),
            (-1.25, "-1.2"),
            (1.2345e-9, "1.2e-09"),
        ];
        for (value, text) in table {
            assert_eq!(format_g2(value), text, "{value}");
        }
    }

    #[test]
    fn fixed_decimals_round_to_even() {
        assert_eq!(format_fixed(1e21, 6), "1000000000000000000000.000000");
        assert_eq!(format_fixed(0.5, 0), "0");
        assert_eq!(format_fixed(1.5, 0), "2");
        assert_eq!(format_fixed(0.05, 1), "0.1");
        assert_eq!(format_fixed(f64::INFINITY, 6), "+Inf");
    }

    #[test]
    fn timestamps_keep_three_decimals_or_none() {
        let table = [
            (0, "0"),
            (1000, "1"),
            (50, "0.050"),
            (-1, "-0.001"),
            (-1500, "-1.500"),
            (1435781451781, "1435781451.781"),
        ];
        for (timestamp, text) in table {
            assert_eq!(json_timestamp(timestamp), text);
        }
        assert_eq!(json_timestamp(i64::MIN), "-9223372036854775.808");
    }
}
