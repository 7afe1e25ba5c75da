//! Literals: where they end in the text, and the value that they stand for.
//!
//! They follow `promql/parser/lex.go`, `util/strutil/quote.go` and Go's `strconv`: `0755` is octal, `0x1f` hexadecimal,
//! `1_000` is 1000, and `"\xff"` is one byte. What a duration comes to is in `duration`.

use super::error::SyntaxErrorKind;
use super::token::Token;
use crate::model::go_format::{ParseFloatError, parse_float};

/// Bytes at the beginning of a text, taken one by one.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take_if(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    fn take_one_of(&mut self, set: &[u8]) -> bool {
        self.take_if(|byte| set.contains(&byte))
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.take_if(&wanted) {}
    }

    fn is_at_word(&self) -> bool {
        self.peek().is_some_and(is_word_byte)
    }
}

/// Letters, digits and underscore.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the number or duration at the beginning of `text`, and which of the two it is; `None` if it is neither,
/// and then the length tells how far it was read.
pub(super) fn scan_number(text: &str) -> (usize, Option<Token>) {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let token = if take_number(&mut scanner) {
        Some(Token::Number)
    } else if take_units(&mut scanner) {
        Some(Token::Duration)
    } else {
        None
    };
    (scanner.at, token)
}

/// Takes a decimal or hexadecimal number; what looks like one may still have no value (`0x`).
///
/// In a hexadecimal number an `e` behind the first digit counts as an exponent and may not be the last character:
/// `0x1e` is no number, `0x1e+5` is one token.
fn take_number(scanner: &mut Scanner<'_>) -> bool {
    let hex = scanner.take_one_of(b"0") && scanner.take_one_of(b"xX");
    if hex {
        scanner.take_one_of(b"_");
    }
    let is_digit = |byte: u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let (mut dots, mut exponents) = (0, 0);
    scanner.take_one_of(b".");
    scanner.take_if(is_digit);
    while let Some(byte) = scanner.peek() {
        match byte {
            b'.' => {
                scanner.at += 1;
                dots += 1;
                if dots > 1 || scanner.take_one_of(b"_.") || hex {
                    return false;
                }
            }
            b'e' | b'E' => {
                scanner.at += 1;
                exponents += 1;
                if exponents > 1 {
                    return false;
                }
                scanner.take_one_of(b"+-");
                if scanner.take_one_of(b"._eE") || scanner.peek().is_none() {
                    return false;
                }
            }
            b'_' => {
                scanner.at += 1;
                if scanner.take_one_of(b"._eE") || scanner.peek().is_none() {
                    return false;
                }
            }
            _ if is_digit(byte) => scanner.take_while(is_digit),
            _ => break,
        }
    }
    !scanner.is_at_word()
}

/// Takes the unit behind a number and further pairs of number and unit; whether units and order are right is not asked.
fn take_units(scanner: &mut Scanner<'_>) -> bool {
    if !scanner.take_one_of(b"smhdwy") {
        return false;
    }
    scanner.take_one_of(b"s");
    while scanner.take_if(|byte| byte.is_ascii_digit()) {
        scanner.take_while(|byte| byte.is_ascii_digit());
        if !scanner.take_one_of(b"smhdw") {
            return false;
        }
        scanner.take_one_of(b"s");
    }
    !scanner.take_if(is_word_byte)
}

/// The length of the string at the beginning of `text`, whose first character is the quote, and what is wrong with it.
pub(super) fn scan_string(text: &str) -> (usize, Option<SyntaxErrorKind>) {
    let mut chars = text.chars();
    let quote = chars.next().unwrap_or('"');
    let raw = quote == '`';
    let error = loop {
        match chars.next() {
            None if raw => break Some(SyntaxErrorKind::UnterminatedRawString),
            None => break Some(SyntaxErrorKind::UnterminatedString),
            Some('\n') if !raw => break Some(SyntaxErrorKind::UnterminatedString),
            Some('\\') if !raw => {
                if let Err(error) = scan_escape(&mut chars, quote) {
                    break Some(error);
                }
            }
            Some(char::REPLACEMENT_CHARACTER) => break Some(SyntaxErrorKind::InvalidUtf8),
            Some(c) if c == quote => break None,
            Some(_) => {}
        }
    };
    (text.len() - chars.as_str().len(), error)
}

fn scan_escape(chars: &mut std::str::Chars<'_>, quote: char) -> Result<(), SyntaxErrorKind> {
    let (digits, base, limit) = match chars.clone().next() {
        Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => {
            chars.next();
            return Ok(());
        }
        Some(c) if c == quote => {
            chars.next();
            return Ok(());
        }
        Some('0'..='7') => (3, 8, 255),
        Some('x') => (2, 16, 255),
        Some('u') => (4, 16, u32::from(char::MAX)),
        Some('U') => (8, 16, u32::from(char::MAX)),
        Some(other) => return Err(SyntaxErrorKind::UnknownEscape(other)),
        None => return Err(SyntaxErrorKind::UnterminatedEscape),
    };
    if base == 16 {
        chars.next();
    }
    let mut code = 0;
    for _ in 0..digits {
        let c = chars.next().ok_or(SyntaxErrorKind::UnterminatedEscape)?;
        let digit = c.to_digit(base).ok_or(SyntaxErrorKind::IllegalCharacterInEscape(c))?;
        code = code * base + digit;
    }
    if code > limit || (0xd800..0xe000).contains(&code) {
        return Err(SyntaxErrorKind::EscapeOutOfRange);
    }
    Ok(())
}

/// The bytes that a string token stands for. The token has passed [`scan_string`].
pub(super) fn unquote(token: &str) -> Vec<u8> {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    if token.starts_with('`') || !inner.contains('\\') {
        return inner.as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(backslash) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..backslash]);
        let escape = &rest[backslash + 1..];
        rest = &escape[push_escaped(escape, &mut out)..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Appends what an escape stands for, `escape` begins behind the backslash; returns how many bytes it has.
fn push_escaped(escape: &str, out: &mut Vec<u8>) -> usize {
    let code = |from: usize, to: usize, base: u32| {
        escape.get(from..to).and_then(|digits| u32::from_str_radix(digits, base).ok()).unwrap_or_default()
    };
    let mut push_char = |code| {
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    };
    let byte = match escape.as_bytes().first() {
        Some(b'a') => 0x07,
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'v') => 0x0b,
        Some(b'x') => {
            out.push(code(1, 3, 16) as u8);
            return 3;
        }
        Some(b'u') => {
            push_char(code(1, 5, 16));
            return 5;
        }
        Some(b'U') => {
            push_char(code(1, 9, 16));
            return 9;
        }
        Some(b'0'..=b'7') => {
            out.push(code(0, 3, 8) as u8);
            return 3;
        }
        Some(&quote_or_backslash) => quote_or_backslash,
        None => return 0,
    };
    out.push(byte);
    1
}

/// The bytes that the string at the beginning of `text` stands for, and its length there. The first character is the quote.
pub(crate) fn string_ahead(text: &str) -> Result<(Vec<u8>, usize), SyntaxErrorKind> {
    match scan_string(text) {
        (len, None) => Ok((unquote(&text[..len]), len)),
        (_, Some(error)) => Err(error),
    }
}

/// The value of a number token.
pub(crate) fn number_value(text: &str) -> Result<f64, ParseFloatError> {
    match parse_integer(text) {
        Some(integer) => Ok(integer as f64),
        None => parse_float(text),
    }
}

/// An integer as Go's `strconv.ParseInt` reads it when the base is in the text: `0x` is hexadecimal, a leading zero octal.
fn parse_integer(text: &str) -> Option<i64> {
    let (digits, base) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    // An underscore stands between two digits, or between the prefix and the first digit.
    let follows_digit = base == 10;
    let mut after_underscore = false;
    for (i, byte) in digits.bytes().enumerate() {
        if byte == b'_' && (after_underscore || (i == 0 && follows_digit)) {
            return None;
        }
        after_underscore = byte == b'_';
    }
    if after_underscore {
        return None;
    }
    i64::from_str_radix(&digits.replace('_', ""), base).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let table = [
            ("0", 0.0),
            ("0755", 493.0),
            ("08", 8.0),
            ("0x_1f", 31.0),
            ("0XC", 12.0),
            ("1_000", 1000.0),
            ("0_7", 7.0),
            ("1_000.5", 1000.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("9223372036854775807", 9223372036854775807.0),
            ("18446744073709551616", 18446744073709551616.0),
            ("Inf", f64::INFINITY),
        ];
        for (text, value) in table {
            assert_eq!(number_value(text), Ok(value), "{text}");
        }
        assert!(number_value("NaN").is_ok_and(f64::is_nan));
        assert_eq!(number_value("0x"), Err(ParseFloatError::Syntax));
        assert_eq!(number_value(".5.5"), Err(ParseFloatError::Syntax));
        assert_eq!(number_value("1e999"), Err(ParseFloatError::Range));
    }

    #[test]
    fn strings() {
        let table: [(&str, &[u8]); 7] = [
            ("\"\"", b""),
            ("'a\"b'", b"a\"b"),
            (r#""\a\b\f\n\r\t\v\\\"""#, b"\x07\x08\x0c\n\r\t\x0b\\\""),
            (r"'\''", b"'"),
            (r#""\xff\101\000""#, b"\xffA\0"),
            (r#""\u00e9\U0001F600""#, "é😀".as_bytes()),
            ("`\\n\n`", b"\\n\n"),
        ];
        for (token, bytes) in table {
            assert_eq!(scan_string(token), (token.len(), None), "{token}");
            assert_eq!(unquote(token), bytes, "{token}");
        }
    }

    #[test]
    fn where_strings_end() {
        assert_eq!(scan_string("'a' + 'b'").0, 3);
        assert_eq!(scan_string("\"a\\\\\" \"").0, 5);
        let error = |text| scan_string(text).1;
        assert_eq!(error("'a\n'"), Some(SyntaxErrorKind::UnterminatedString));
        assert_eq!(error("`a\n"), Some(SyntaxErrorKind::UnterminatedRawString));
        assert_eq!(error("'\\"), Some(SyntaxErrorKind::UnterminatedEscape));
        assert_eq!(error("'\\\"'"), Some(SyntaxErrorKind::UnknownEscape('"')));
        assert_eq!(error("'\\08'"), Some(SyntaxErrorKind::IllegalCharacterInEscape('8')));
        assert_eq!(error("'\\400'"), Some(SyntaxErrorKind::EscapeOutOfRange));
        assert_eq!(error("'\\udfff'"), Some(SyntaxErrorKind::EscapeOutOfRange));
        assert_eq!(error("'\\UFFFFFFFF'"), Some(SyntaxErrorKind::EscapeOutOfRange));
    }
}
