//! The signature of the call that the end of a line stands in.

use promqlite::aggregations;
use promqlite::functions;
use promqlite::syntax::lex;
use promqlite::syntax::token::Token;

use crate::variables::masked;

/// The signature of the innermost function or aggregation whose parentheses are open at the end of `line`.
pub fn active_signature(line: &str) -> Option<String> {
    let (tokens, _) = lex(&masked(line));
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut keyword_before_labels = None;
    for (i, (token, _)) in tokens.iter().enumerate() {
        match token {
            // `sum by (job) (`: the parentheses are those of `sum`.
            Token::LeftParen => open.push(keyword_before_labels.take().or(i.checked_sub(1))),
            Token::LabelsParen => {
                keyword_before_labels = i.checked_sub(2);
                open.push(None);
            }
            Token::LeftBrace | Token::LeftBracket => open.push(None),
            Token::RightParen | Token::RightBrace | Token::RightBracket => {
                open.pop();
            }
            _ => {}
        }
        if !matches!(
            token,
            Token::LabelsParen | Token::Identifier | Token::Comma | Token::RightParen | Token::String
        ) {
            keyword_before_labels = None;
        }
    }
    let name = &line[tokens[open.last().copied()??].1.range()];
    let function = functions::lookup(name).map(|function| function.signature());
    function.or_else(|| Some(aggregations::lookup(&name.to_ascii_lowercase())?.signature()))
}

#[cfg(test)]
mod tests {
    use super::active_signature;

    #[test]
    fn the_innermost_open_call() {
        let rate = "rate(v range-vector)";
        let sum = "sum [by|without (labels)] (v instant-vector)";
        let table = [
            ("rate(", Some(rate)),
            ("rate(up[5m])", None),
            ("sum(rate(up", Some(rate)),
            ("sum(rate(up[5m]) + ", Some(sum)),
            ("sum by (job, instance) (", Some(sum)),
            ("sum by (", None),
            ("SUM(", Some(sum)),
            ("sum($x + ", Some(sum)),
            ("(", None),
            ("nothing(", None),
            ("up{job=\"", None),
        ];
        for (line, expected) in table {
            assert_eq!(active_signature(line).as_deref(), expected, "{line}");
        }
    }
}
