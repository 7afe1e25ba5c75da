//! Pieces of a query that is not finished: the text behind the cursor has no lexer that could start in its middle.

use promqlite::syntax::lex;
use promqlite::syntax::token::Token;

/// What stands behind the parenthesis that closes one which was open before `text`.
pub(super) fn closing_parenthesis(text: &str) -> Option<&str> {
    find_outside(text, None, |c| c == ')').map(|at| &text[at + 1..])
}

/// The matchers behind the one that the cursor is in, up to the closing brace or, without one, none. `quote` is the
/// quote of the string that the cursor is in.
pub(super) fn items_behind(text: &str, quote: Option<char>) -> &str {
    let Some(close) = find_outside(text, quote, |c| c == '}') else { return "" };
    match find_outside(&text[..close], quote, |c| c == ',') {
        Some(comma) => &text[comma + 1..close],
        None => "",
    }
}

/// Where the first character that `wanted` wants stands outside of strings and of brackets opened within `text`.
fn find_outside(text: &str, open_quote: Option<char>, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut quote = open_quote;
    let mut depth = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some('"' | '\''), '\\') => {
                chars.next();
            }
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, c) if depth == 0 && wanted(c) => return Some(at),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The selectors in a text, without ranges and modifiers: `up`, `up{job="a"}`, `{job="a"}`.
pub(super) fn selectors(text: &str) -> Vec<&str> {
    let (tokens, _) = lex(text);
    let mut found = Vec::new();
    let mut in_labels = false;
    let mut i = 0;
    while let Some((token, span)) = tokens.get(i) {
        let next = tokens.get(i + 1).map(|(token, _)| *token);
        match token {
            Token::LabelsParen => in_labels = true,
            Token::RightParen => in_labels = false,
            Token::Identifier | Token::MetricIdentifier
                if !in_labels && !matches!(next, Some(Token::LeftParen | Token::LeftBrace)) =>
            {
                found.push(&text[span.range()]);
            }
            Token::LeftBrace => {
                let named = i > 0 && matches!(tokens[i - 1].0, Token::Identifier | Token::MetricIdentifier);
                let start = if named { tokens[i - 1].1.start } else { span.start };
                let Some(close) = tokens[i..].iter().position(|(token, _)| *token == Token::RightBrace)
                else {
                    break;
                };
                i += close;
                found.push(&text[start as usize..tokens[i].1.end as usize]);
            }
            _ => {}
        }
        i += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_cursor() {
        assert_eq!(closing_parenthesis("b, c) (x)"), Some(" (x)"));
        assert_eq!(closing_parenthesis(r#"")" (a)) x"#), Some(" x"));
        assert_eq!(closing_parenthesis("x"), None);
        assert_eq!(items_behind(r#"x", b="y,}", c="z"} + d{e="f"}"#, Some('"')), r#" b="y,}", c="z""#);
        assert_eq!(items_behind(r#", b="y""#, None), "");
        assert_eq!(items_behind(r#"} + d{e="f", g="h"}"#, None), "");
    }

    #[test]
    fn selectors_of_any_text() {
        let table: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("rate(up[5m]) + sum by (job) (x{a=\"b\", c!=\"d\"} offset 5m)", &["up", "x{a=\"b\", c!=\"d\"}"]),
            ("{a=\"b\"} and on (", &["{a=\"b\"}"]),
            ("up{a=\"", &[]),
            ("sum(a:b) / on (c) d", &["a:b", "d"]),
            ("by + ", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(selectors(text), expected, "{text}");
        }
    }
}
