//! Strings in double quotes, as Go's `strconv.Quote` and `%q` write them.
//!
//! Letters, marks, numbers, punctuation, symbols and the plain space stand for themselves; everything else is escaped:
//! by a short escape where there is one, else `\x7f`, `\u00a0` or `\U000e0001`; a byte that is no UTF-8 is `\xff`.

use std::fmt::Write;
use std::sync::LazyLock;

/// A string in double quotes with Go's escapes.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// As [`quote`], for bytes that need not be UTF-8: PromQL strings are such bytes.
///
/// ```
/// use promqlite::model::go_format::quote_bytes;
///
/// assert_eq!(quote_bytes(b"a\xc5z"), r#""a\xc5z""#);
/// ```
pub fn quote_bytes(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    out
}

/// One character in single quotes with Go's escapes, as `%q` writes a rune.
///
/// ```
/// use promqlite::model::go_format::quote_char;
///
/// assert_eq!((quote_char('~'), quote_char('\'')), ("'~'".to_owned(), r"'\''".to_owned()));
/// ```
pub fn quote_char(c: char) -> String {
    let mut out = String::from("'");
    match c {
        '"' => out.push('"'),
        '\'' => out.push_str("\\'"),
        c => push_escaped(&mut out, c),
    }
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char) {
    let short = match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '\x07' => Some("\\a"),
        '\x08' => Some("\\b"),
        '\x0c' => Some("\\f"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        '\x0b' => Some("\\v"),
        _ => None,
    };
    let _ = match (short, u32::from(c)) {
        (Some(escape), _) => out.write_str(escape),
        _ if is_print(c) => out.write_char(c),
        (None, code @ ..0x80) => write!(out, "\\x{code:02x}"),
        (None, code @ ..0x10000) => write!(out, "\\u{code:04x}"),
        (None, code) => write!(out, "\\U{code:08x}"),
    };
}

/// Whether Go shows `c` as it is: `unicode.IsPrint`.
pub fn is_print(c: char) -> bool {
    static PRINTED: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());
    match c {
        ' '..='~' => true,
        ..='\u{9f}' => false,
        _ => PRINTED.as_ref().is_some_and(|printed| printed.is_match(c.encode_utf8(&mut [0; 4]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let table = [
            ("", r#""""#),
            ("plain 'text'", r#""plain 'text'""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#),
            ("\0\x1b\x7f", r#""\x00\x1b\x7f""#),
            ("ümläut 日本 ☺ 🦀 e\u{301}", "\"ümläut 日本 ☺ 🦀 e\u{301}\""),
            ("\u{a0}\u{ad}\u{200b}\u{feff}\u{2028}\u{e000}", r#""\u00a0\u00ad\u200b\ufeff\u2028\ue000""#),
            ("\u{e0001}\u{10ffff}", r#""\U000e0001\U0010ffff""#),
            ("\u{80}\u{fffd}", "\"\\u0080\u{fffd}\""),
        ];
        for (text, quoted) in table {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(quote_bytes(b"ok\xff\xe2\x82"), r#""ok\xff\xe2\x82""#);
        assert_eq!(quote_bytes("\u{e9}".as_bytes()), "\"é\"");
    }
}
