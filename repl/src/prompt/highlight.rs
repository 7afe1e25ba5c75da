//! A line in colours, by the tokens that the real lexer finds in it.

use promqlite::functions;
use promqlite::syntax::lex;
use promqlite::syntax::token::Token;

use crate::command::lookup;
use crate::input::Input;
use crate::variables::{dollars, masked};

pub(super) const RESET: &str = "\x1b[0m";
pub(super) const DIM: &str = "\x1b[2m";
const FUNCTION: &str = "\x1b[36m";
const KEYWORD: &str = "\x1b[35m";
const LITERAL: &str = "\x1b[33m";
const STRING: &str = "\x1b[32m";
const LABEL: &str = "\x1b[34m";
const VARIABLE: &str = "\x1b[1;36m";
const COMMAND: &str = "\x1b[1m";
const BRACKET: &str = "\x1b[1;4m";

/// `line` with colours; the bracket at byte `cursor`, or before it, and its partner stand out. What the lexer does not
/// understand has no colour.
pub fn highlight(line: &str, cursor: Option<usize>) -> String {
    if let Input::Command(name, _) = Input::of(line) {
        let (before, behind) = line.split_at(line.find(name).unwrap_or(0) + name.len());
        let before = before.replacen(name, &format!("{COMMAND}{name}{RESET}"), 1);
        let last = lookup(name).and_then(|command| command.arguments.last());
        return match last {
            Some(last) if last.kind.takes_the_rest() => {
                let cursor = cursor.and_then(|cursor| cursor.checked_sub(line.len() - behind.len()));
                before + &query(behind, cursor)
            }
            _ => before + behind,
        };
    }
    query(line, cursor)
}

fn query(line: &str, cursor: Option<usize>) -> String {
    let variables = dollars(line);
    let (tokens, _) = lex(&masked(line));
    let pair = cursor.and_then(|cursor| bracket_pair(line, &tokens, cursor));
    let mut out = String::with_capacity(line.len() * 2);
    let mut done = 0;
    let mut in_braces = false;
    for (i, (token, span)) in tokens.iter().enumerate() {
        let variable = variables.iter().find(|variable| variable.range.start == span.start as usize);
        let range = variable.map_or(span.range(), |variable| variable.range.clone());
        let text = &line[range.clone()];
        let next = tokens.get(i + 1).map(|(token, _)| *token);
        in_braces = match token {
            Token::LeftBrace | Token::LabelsParen => true,
            Token::RightBrace | Token::RightParen => false,
            _ => in_braces,
        };
        let colour = match pair {
            Some((a, b)) if a == i || b == i => BRACKET,
            _ if variable.is_some() => VARIABLE,
            _ => colour(*token, text, next, in_braces),
        };
        out.push_str(&line[done..span.start as usize]);
        done = range.end;
        if colour.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&format!("{colour}{text}{RESET}"));
        }
    }
    out.push_str(&line[done..]);
    out
}

fn colour(token: Token, text: &str, next: Option<Token>, in_braces: bool) -> &'static str {
    use Token as T;
    match token {
        T::Identifier if in_braces => LABEL,
        T::Identifier if next == Some(T::LeftParen) && functions::lookup(text).is_some() => FUNCTION,
        T::Identifier | T::MetricIdentifier => "",
        T::Number | T::Duration => LITERAL,
        T::String => STRING,
        _ if text.starts_with(|c: char| c.is_ascii_alphabetic()) => KEYWORD,
        _ => "",
    }
}

/// The places among the tokens of the bracket that the cursor is at and of its partner.
fn bracket_pair(line: &str, tokens: &[(Token, promqlite::Span)], cursor: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let at_cursor = |i: usize| {
        let span = tokens[i].1;
        span.start as usize == cursor || span.end as usize == cursor
    };
    for (i, (_, span)) in tokens.iter().enumerate() {
        match &line[span.range()] {
            "(" | "[" | "{" => open.push(i),
            ")" | "]" | "}" => {
                let partner = open.pop()?;
                if at_cursor(i) || at_cursor(partner) {
                    return Some((partner, i));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('\x1b') {
            out.push_str(&rest[..start]);
            rest = rest[start..].split_once('m').map_or("", |(_, rest)| rest);
        }
        out + rest
    }

    #[test]
    fn only_colours_are_added() {
        for line in [
            "",
            "up",
            "sum by (job) (rate(x{a=~\"b\"}[5m])) > bool 1e3 # why",
            "sum((",
            "ü{",
            ".load a b",
            "sum($x[$w])/$ü$",
            ".let x = sum($y)",
            "  .tree up",
            "\"open",
        ] {
            for cursor in (0..=line.len()).filter(|at| line.is_char_boundary(*at)) {
                assert_eq!(plain(&highlight(line, Some(cursor))), line);
            }
        }
    }

    #[test]
    fn words_by_what_they_are() {
        assert_eq!(
            highlight("sum(rate(x{a=\"b\"}[5m]))", None),
            format!(
                "{KEYWORD}sum{RESET}({FUNCTION}rate{RESET}(x{{{LABEL}a{RESET}={STRING}\"b\"{RESET}}}\
                 [{LITERAL}5m{RESET}]))"
            )
        );
        assert_eq!(highlight("rate", None), "rate");
        assert_eq!(highlight("$x * 2", None), format!("{VARIABLE}$x{RESET} * {LITERAL}2{RESET}"));
        assert_eq!(highlight(".let x = 2", None), format!("{COMMAND}.let{RESET} x = {LITERAL}2{RESET}"));
        assert_eq!(highlight("(x)", Some(0)), format!("{BRACKET}({RESET}x{BRACKET}){RESET}"));
    }
}
