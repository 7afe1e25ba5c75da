//! The tokens of a text on their own, for those who look at a query while it is being typed.

use super::error::{SyntaxError, SyntaxErrorKind as K};
use super::lexer::Lexer;
use super::token::Token;
use crate::diagnostic::Span;

/// The tokens of `text` and their places, up to the first that is wrong, and what is wrong with it.
///
/// ```
/// use promqlite::syntax::lex;
/// use promqlite::syntax::token::Token;
///
/// let (tokens, error) = lex("sum(up{");
/// let tokens: Vec<Token> = tokens.into_iter().map(|(token, _)| token).collect();
/// assert_eq!(tokens, [Token::Sum, Token::LeftParen, Token::Identifier, Token::LeftBrace]);
/// assert!(error.is_some());
/// ```
pub fn lex(text: &str) -> (Vec<(Token, Span)>, Option<SyntaxError>) {
    let mut tokens = Vec::new();
    for token in Lexer::new(text) {
        match token {
            Ok((start, token, end)) => tokens.push((token, Span::new(start, end))),
            Err(error) => return (tokens, Some(*error)),
        }
    }
    (tokens, None)
}

/// Whether `text` ends inside of brackets or of a string, so that more text could complete it.
///
/// ```
/// use promqlite::syntax::is_unfinished;
///
/// assert!(is_unfinished("sum by (job) ("));
/// assert!(is_unfinished(r#"up{job="no"#));
/// assert!(!is_unfinished("sum by (job) (up))"));
/// ```
pub fn is_unfinished(text: &str) -> bool {
    match lex(text).1 {
        None => false,
        Some(error) => match error.kind {
            K::UnclosedParen | K::UnclosedBracket | K::EndInBraces | K::EndInDuration => true,
            K::UnterminatedRawString => true,
            // One that a line break has ended cannot be mended by what follows.
            K::UnterminatedString => error.span.end as usize == text.len() && !text.ends_with('\n'),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_or_not() {
        let table = [
            ("", false),
            ("up", false),
            ("rate(up[5m]", true),
            ("rate(up[", true),
            ("rate(up[5m])", false),
            ("up)", false),
            (r#"up{a="(["}"#, false),
            (r#"up{a="\""}"#, false),
            (r#"up{a="\"}"#, true),
            ("up{a='x", true),
            ("up{a='x\n", false),
            ("up{a=`x\ny", true),
            ("up{a=`x\ny`}", false),
            ("sum( # (\n", true),
            ("sum( # (\nup)", false),
            ("sum(] ", false),
        ];
        for (text, unfinished) in table {
            assert_eq!(is_unfinished(text), unfinished, "{text:?} {:?}", lex(text).1);
        }
    }
}
