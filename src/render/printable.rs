//! Text that is safe to show: label values and names may hold anything, a terminal's control sequences included.

use std::borrow::Cow;
use std::fmt::Write;

use crate::model::go_format::is_print;

/// `text` with every character that is not shown as itself (controls, invisible and direction-changing ones) written as
/// an escape. Backslashes and quotes stay: the result is for reading, not for parsing.
///
/// ```
/// use promqlite::render::printable;
///
/// assert_eq!(printable("über \x1b[2Jall"), r"über \x1b[2Jall");
/// assert_eq!(printable("two\nlines"), r"two\nlines");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_print) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        let _ = match (c, u32::from(c)) {
            _ if is_print(c) => out.write_char(c),
            ('\n', _) => out.write_str("\\n"),
            ('\r', _) => out.write_str("\\r"),
            ('\t', _) => out.write_str("\\t"),
            (_, code @ ..0x80) => write!(out, "\\x{code:02x}"),
            (_, code @ ..0x10000) => write!(out, "\\u{code:04x}"),
            (_, code) => write!(out, "\\U{code:08x}"),
        };
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unprintable_is_left() {
        let all: String = (0..0x2_0000).filter_map(char::from_u32).collect();
        assert!(printable(&all).chars().all(is_print));
        assert_eq!(printable("\u{202e}\u{7f}\u{9b}\u{e0001}"), r"\u202e\x7f\u009b\U000e0001");
        assert_eq!(printable(r#"back\slash "quotes""#), r#"back\slash "quotes""#);
    }
}
