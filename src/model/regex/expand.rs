//! The templates of `label_replace`: text in which `$1`, `${1}` and `${name}` stand for what a group matched.
//!
//! `$1x` is the group named `1x`; `${1}x` is group 1 before an `x`. `$$` is a dollar sign, and so is a dollar sign
//! that no name follows. A group that did not take part in the match, or does not exist, is empty.

/// Fills in a template (Go's `Regexp.Expand`). `group` tells what the group with a number matched, `names` the names
/// of the groups in order, group 0 being the whole match.
pub(super) fn expand<'t>(
    template: &str,
    names: &[Option<String>],
    group: impl Fn(usize) -> Option<&'t str>,
) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = take_name(after) {
            let text = match group_number(name) {
                Some(number) => group(number),
                None => {
                    // Several groups may have one name: the first that took part counts.
                    let named = |(number, known): (usize, &Option<String>)| {
                        (known.as_deref() == Some(name)).then(|| group(number)).flatten()
                    };
                    names.iter().enumerate().find_map(named)
                }
            };
            out.push_str(text.unwrap_or(""));
            rest = after;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The longest name at the start of `text`, in braces or not, and what follows.
fn take_name(text: &str) -> Option<(&str, &str)> {
    let (braces, text) = match text.strip_prefix('{') {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let end = text.find(|c: char| !is_name_char(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = if braces { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

/// A letter, a decimal digit or an underscore, as Go's `unicode.IsLetter` and `unicode.IsDigit` tell them.
fn is_name_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    // What is alphanumeric in Rust and is neither letter nor decimal digit in Go: other numbers and some marks.
    static NAME: std::sync::LazyLock<Option<regex::Regex>> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    NAME.as_ref().is_some_and(|name| name.is_match(c.encode_utf8(&mut [0; 4])))
}

/// The number that a name is, unless it has a leading zero.
fn group_number(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    if plain { name.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let names = [None, None, Some("who".to_owned()), Some("who".to_owned()), Some("01".to_owned())];
        let groups = ["whole", "one", "", "three", "four"];
        let fill = |template: &str| {
            expand(template, &names, |i| groups.get(i).copied().filter(|text| !text.is_empty()))
        };
        let table = [
            ("", ""),
            ("plain", "plain"),
            ("$1", "one"),
            ("<$1>", "<one>"),
            ("$0|${1}x", "whole|onex"),
            ("$1x", ""),
            ("${who}", "three"),
            ("$who.", "three."),
            ("$01", "four"),
            ("$9-${none}", "-"),
            ("$$1", "$1"),
            ("$$$1", "$one"),
            ("$", "$"),
            ("$-$1", "$-one"),
            ("${1", "${1"),
            ("${}", "${}"),
            ("${a-b}", "${a-b}"),
            ("$é1", ""),
            ("cost: 5$", "cost: 5$"),
        ];
        for (template, text) in table {
            assert_eq!(fill(template), text, "{template}");
        }
    }
}
