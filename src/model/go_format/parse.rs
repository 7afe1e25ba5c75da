//! Text to number, with Go's idea of what a number is.
//!
//! The value of an `le` label, for one, is whatever `strconv.ParseFloat` takes: decimal and hexadecimal floats, the
//! words for infinity and NaN in any case, and underscores between digits.

use std::fmt;

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseFloatError {
    /// It is not written as a number.
    Syntax,
    /// It is a number whose magnitude no float has.
    Range,
}

impl fmt::Display for ParseFloatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseFloatError::Syntax => "invalid syntax",
            ParseFloatError::Range => "value out of range",
        })
    }
}

impl std::error::Error for ParseFloatError {}

/// The float nearest to what `text` says, as Go's `strconv.ParseFloat(text, 64)`.
///
/// ```
/// use promqlite::model::go_format::{ParseFloatError, parse_float};
///
/// assert_eq!(parse_float("0x1.8p1"), Ok(3.0));
/// assert_eq!(parse_float("-infinity"), Ok(f64::NEG_INFINITY));
/// assert_eq!(parse_float("1_000.5"), Ok(1000.5));
/// assert_eq!(parse_float("1e400"), Err(ParseFloatError::Range));
/// assert_eq!(parse_float("1,5"), Err(ParseFloatError::Syntax));
/// ```
pub fn parse_float(text: &str) -> Result<f64, ParseFloatError> {
    if let Some(value) = parse_word(text) {
        return Ok(value);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let hexadecimal =
        unsigned.len() > 2 && unsigned.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let clean = without_underscores(unsigned, hexadecimal).ok_or(ParseFloatError::Syntax)?;
    let magnitude = if hexadecimal { parse_hexadecimal(&clean[2..])? } else { parse_decimal(&clean)? };
    if magnitude.is_infinite() {
        return Err(ParseFloatError::Range);
    }
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Infinity with or without a sign, NaN without.
fn parse_word(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let (sign, word) = match text.as_bytes().first()? {
        b'+' => (1.0, &text[1..]),
        b'-' => (-1.0, &text[1..]),
        _ => (1.0, text),
    };
    let infinite = word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity");
    infinite.then_some(sign * f64::INFINITY)
}

/// Takes underscores out, each of which has to stand between two digits; the `x` of `0x` counts as one.
fn without_underscores(text: &str, hexadecimal: bool) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let bytes = text.as_bytes();
    let is_digit = |at: usize| match bytes.get(at) {
        Some(b) if hexadecimal => b.is_ascii_hexdigit() || at == 1,
        Some(b) => b.is_ascii_digit(),
        None => false,
    };
    let stands_well = |at: usize| at > 0 && is_digit(at - 1) && is_digit(at + 1);
    let all_stand_well = (0..bytes.len()).filter(|&at| bytes[at] == b'_').all(stands_well);
    all_stand_well.then(|| text.replace('_', "").into())
}

fn parse_decimal(text: &str) -> Result<f64, ParseFloatError> {
    let written_as_number =
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
            && !text.starts_with(['+', '-']);
    if !written_as_number {
        return Err(ParseFloatError::Syntax);
    }
    text.parse().map_err(|_| ParseFloatError::Syntax)
}

/// What follows `0x`: digits with or without a point, then a binary exponent, which must be there.
fn parse_hexadecimal(text: &str) -> Result<f64, ParseFloatError> {
    let (mantissa, exponent) = text.split_once(['p', 'P']).ok_or(ParseFloatError::Syntax)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_hexdigit()) {
        return Err(ParseFloatError::Syntax);
    }
    // The leading 60 bits of the digits, and in the lowest bit whether anything but zeros was left out.
    let mut bits = 0u64;
    let mut scale = -4 * fraction.len() as i64;
    for digit in digits() {
        let digit = (digit as char).to_digit(16).map_or(0, u64::from);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
        } else {
            bits |= u64::from(digit != 0);
            scale += 4;
        }
    }
    let exponent = parse_exponent(exponent).ok_or(ParseFloatError::Syntax)?;
    Ok(scale_by_power_of_two(bits, scale.saturating_add(exponent)))
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let magnitude: i64 = digits.parse().map_or(i64::MAX / 2, |n: i64| n.min(i64::MAX / 2));
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// `bits * 2^exponent`, rounded to even once. The lowest bit is sticky: it may stand for anything below it.
fn scale_by_power_of_two(bits: u64, exponent: i64) -> f64 {
    const FRACTION_BITS: i64 = 52;
    const SMALLEST_EXPONENT: i64 = -1074;
    if bits == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(bits.leading_zeros());
    // The exponent of the last bit that the float can hold.
    let last = (top.saturating_add(exponent).saturating_sub(FRACTION_BITS)).max(SMALLEST_EXPONENT);
    let drop = last.saturating_sub(exponent);
    if drop > 64 {
        return 0.0;
    }
    let kept =
        if drop <= 0 { u128::from(bits) << (-drop) } else { round_to_even(u128::from(bits), drop as u32) };
    // At most 2^53, so exact; and so is each factor, since the smallest power applied is the smallest float.
    let power = |exponent: i64| {
        f64::from_bits(match exponent {
            ..=-1023 => 1u64 << (exponent + 1074).clamp(0, 51),
            _ => ((exponent.min(1023) + 1023) as u64) << FRACTION_BITS,
        })
    };
    match last {
        1024.. => f64::INFINITY,
        _ => kept as f64 * power(last),
    }
}

fn round_to_even(bits: u128, drop: u32) -> u128 {
    let kept = bits >> drop;
    let rest = bits & ((1 << drop) - 1);
    let half = 1u128 << (drop - 1);
    if rest > half || (rest == half && kept & 1 == 1) { kept + 1 } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParseFloatError::{Range, Syntax};

    #[test]
    fn decimal() {
        let table = [
            ("1", 1.0),
            ("+1", 1.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("1E23", 1e23),
            ("-0", -0.0),
            ("625e-3", 0.625),
            ("0.00e-01234567890123456789", 0.0),
            ("1e-400000", 0.0),
            ("1.7976931348623158e308", f64::MAX),
            ("1_23.50_0_0e+1_2", 1.235e14),
        ];
        for (text, value) in table {
            assert_eq!(parse_float(text).map(f64::to_bits), Ok(f64::to_bits(value)), "{text}");
        }
    }

    #[test]
    fn words() {
        for text in ["inf", "Inf", "+INF", "Infinity", "+infinity"] {
            assert_eq!(parse_float(text), Ok(f64::INFINITY), "{text}");
        }
        assert_eq!(parse_float("-Inf"), Ok(f64::NEG_INFINITY));
        assert!(parse_float("NaN").is_ok_and(f64::is_nan));
        assert_eq!(parse_float("+NaN"), Err(Syntax));
        assert_eq!(parse_float("infi"), Err(Syntax));
    }

    #[test]
    fn hexadecimal_is_rounded_once() {
        let table = [
            ("0x1p0", 1.0),
            ("0x1ep-1", 15.0),
            ("-0x1_ep-1", -15.0),
            ("0x1fFe2.P0", 131042.0),
            ("0x.1p+2", 0.25),
            ("0x_1_2.3_4_5p+1_2", 74565.0),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x.1fffffffffffffp1027", f64::MAX),
            ("0x1.fffffffffffff7fffp1023", f64::MAX),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.00000000000018p0", 1.0000000000000004),
            ("0x1.000000000000081p0", 1.0000000000000002),
            ("0x1.fffffffffffff8p-1010", f64::from_bits(0x00e0000000000000)),
            ("0x0.00000003456788p-1022", f64::from_bits(0x345678)),
            ("0x0.0000000345678800000000000000000000000001p-1022", f64::from_bits(0x345679)),
            ("0x0.00000000000058p-1022", f64::from_bits(6)),
            ("0x0.00000000000057p-1022", f64::from_bits(5)),
            ("0x0.00000000000008p-1022", 0.0),
            ("0x0.000000000000081p-1022", f64::from_bits(1)),
            ("0x1p-4294967296", 0.0),
            ("0x1p-18446744073709551616", 0.0),
            ("-0x0.00p-01234567890123456789", -0.0),
        ];
        for (text, value) in table {
            assert_eq!(parse_float(text).map(f64::to_bits), Ok(f64::to_bits(value)), "{text}");
        }
        let long = format!("0x1.00000000000008{}1p0", "0".repeat(10_000));
        assert_eq!(parse_float(&long), Ok(1.0000000000000002));
    }

    #[test]
    fn refused() {
        let out_of_range = [
            "1e309",
            "-1.797693134862315808e308",
            "0x1p1024",
            "0x.2p1027",
            "0x1.fffffffffffff8p1023",
            "1e99999999999999999999",
            "0x1p+18446744073709551616",
        ];
        for text in out_of_range {
            assert_eq!(parse_float(text), Err(Range), "{text}");
        }
        let malformed = [
            "\u{10f5ba}5e3",
            "+€",
            "",
            "+",
            ".",
            "1x",
            "1.1.",
            "1e",
            "1e-",
            ".e-1",
            " 1",
            "1 ",
            "--1",
            "+-1",
            "0x",
            "0x.",
            "0x1",
            "0x1p",
            "0x1p+",
            "1p2",
            "0x1e2",
            "_1",
            "-_1",
            "1__2",
            "1_",
            "1_.5",
            "1._5",
            "1_e5",
            "1e_5",
            "1e5_",
            "0x__1p0",
            "0x1_p0",
            "0x1p_1",
            "1\0",
            "€5",
            "+€",
            "é",
        ];
        for text in malformed {
            assert_eq!(parse_float(text), Err(Syntax), "{text:?}");
        }
    }
}
