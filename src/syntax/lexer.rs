//! Text to tokens.
//!
//! What a character means depends on the brackets around it, so the lexer has modes: `foo{sum=~"a+"}[5m:1m] * 2` is
//! read outside, inside of braces (`sum` is a name there, `=~` a token), and inside of brackets (`:` is a token, words
//! other than `step` and its like are an error). The rules and texts are those of `promql/parser/lex.go`.
//! What depends on the tokens before is in `context`.

use logos::Logos;

use super::ast::MAX_DEPTH;
use super::context::TokenContext;
use super::duration_scope::on_durations;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::help::not_closed;
use super::literal::is_word_byte;
use super::token::{MAX_TOKENS, NoToken, Token, keyword, number, string};
use crate::diagnostic::Span;

/// Inside of `{}`: no keywords and no arithmetic.
#[derive(Logos, Clone, Copy, Debug)]
#[logos(skip r"[ \t\r\n]+", error = NoToken)]
#[logos(skip(r"#[^\r\n]*", allow_greedy = true))]
enum InBraces {
    #[regex("[a-zA-Z_][a-zA-Z0-9_]*")]
    Identifier,
    #[token(",")]
    Comma,
    #[regex("[\"'`]", |lexer| string(lexer).map(|_| ()))]
    String,
    #[token("=")]
    Assign,
    #[token("!=")]
    NotEqual,
    #[token("=~")]
    MatchRegex,
    #[token("!~")]
    MatchNotRegex,
    #[token("}")]
    RightBrace,
}

/// Inside of `[]` up to the first number: durations, and what one calculates with them. No comments.
#[derive(Logos, Clone, Copy, Debug)]
#[logos(skip r"[ \t\r\n]+", error = NoToken)]
enum InBrackets {
    #[regex(r"\.?[0-9]", number)]
    Literal(Token),
    #[regex("[a-zA-Z_]+", |lexer| duration_function(lexer.slice()))]
    Function(Token),
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("]")]
    RightBracket,
    #[token(":")]
    Colon,
    #[token(",")]
    Comma,
    #[token("+")]
    Add,
    #[token("-")]
    Sub,
    #[token("*")]
    Mul,
    #[token("/")]
    Div,
    #[token("%")]
    Mod,
    #[token("^")]
    Pow,
}

impl From<InBraces> for Token {
    fn from(token: InBraces) -> Token {
        match token {
            InBraces::Identifier => Token::Identifier,
            InBraces::Comma => Token::Comma,
            InBraces::String => Token::String,
            InBraces::Assign => Token::Assign,
            InBraces::NotEqual => Token::NotEqual,
            InBraces::MatchRegex => Token::MatchRegex,
            InBraces::MatchNotRegex => Token::MatchNotRegex,
            InBraces::RightBrace => Token::RightBrace,
        }
    }
}

impl From<InBrackets> for Token {
    fn from(token: InBrackets) -> Token {
        match token {
            InBrackets::Literal(token) | InBrackets::Function(token) => token,
            InBrackets::LeftParen => Token::LeftParen,
            InBrackets::RightParen => Token::RightParen,
            InBrackets::RightBracket => Token::RightBracket,
            InBrackets::Colon => Token::Colon,
            InBrackets::Comma => Token::Comma,
            InBrackets::Add => Token::Add,
            InBrackets::Sub => Token::Sub,
            InBrackets::Mul => Token::Mul,
            InBrackets::Div => Token::Div,
            InBrackets::Mod => Token::Mod,
            InBrackets::Pow => Token::Pow,
        }
    }
}

/// The functions on durations, in any case.
fn duration_function(word: &str) -> Option<Token> {
    keyword(word).filter(|token| matches!(token, Token::Step | Token::Range | Token::MaxOf | Token::MinOf))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Outside,
    Braces,
    /// In brackets, before the first number.
    Brackets,
    /// In brackets, behind it: as outside, but for words and colons.
    BracketsBehindNumber,
}

/// The tokens of a text, with their first byte and one past their last.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Reads on where the last token ended, for the other modes in their stead.
    outside: logos::Lexer<'a, Token>,
    mode: Mode,
    /// Where the open parentheses stand.
    parens: Vec<u32>,
    /// Where the last `[` or `{` stands.
    bracket: u32,
    /// A colon was seen in these brackets.
    colon: bool,
    /// A number was seen in some brackets. Upstream never forgets it.
    number_in_brackets: bool,
    context: TokenContext,
    /// How many tokens were handed out.
    pub(super) count: usize,
    /// What ended the tokens.
    pub(super) error: Option<Box<SyntaxError>>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer {
            text,
            outside: Token::lexer(text),
            mode: Mode::Outside,
            parens: Vec::new(),
            bracket: 0,
            colon: false,
            number_in_brackets: false,
            context: TokenContext::new(),
            count: 0,
            error: None,
        }
    }

    fn scan(&mut self) -> Result<Option<(Token, Span)>, Box<SyntaxError>> {
        let found = match self.mode {
            Mode::Outside | Mode::BracketsBehindNumber => self.outside.next(),
            Mode::Braces => self.read::<InBraces>(),
            Mode::Brackets => self.read::<InBrackets>(),
        };
        let mut span = Span::new(self.outside.span().start, self.outside.span().end);
        let mut token = match found {
            Some(Ok(token)) => token,
            Some(Err(kind)) => return Err(self.no_token(kind, span)),
            None => return self.finish().map_or(Ok(None), Err),
        };
        if self.mode == Mode::BracketsBehindNumber {
            (token, span) = self.behind_number(token, span)?;
        }
        let in_brackets = matches!(self.mode, Mode::Brackets | Mode::BracketsBehindNumber);
        self.nest(token, span)?;
        let token = self.context.follow(token);
        Ok(Some((if in_brackets { on_durations(token) } else { token }, span)))
    }

    /// The next token of a mode other than the outside.
    fn read<T>(&mut self) -> Option<Result<Token, NoToken>>
    where
        T: Logos<'a, Source = str, Extras = (), Error = NoToken> + Into<Token>,
    {
        let mut lexer = self.outside.clone().morph::<T>();
        let found = lexer.next();
        self.outside = lexer.morph();
        found.map(|result| result.map(Into::into))
    }

    /// What a token of the outside means behind a number in brackets, and how much of it belongs to it.
    fn behind_number(&mut self, token: Token, span: Span) -> Result<(Token, Span), Box<SyntaxError>> {
        let start = span.start as usize;
        let text = &self.text[start..];
        let (token, span) = match text.chars().next() {
            Some('[') => return Err(SyntaxError::new(SyntaxErrorKind::UnexpectedLeftBracket, span)),
            Some(':') if self.colon => {
                return Err(SyntaxError::new(SyntaxErrorKind::UnexpectedColon, Span::new(start, start + 1)));
            }
            Some(':') => (Token::Colon, Span::new(start, start + 1)),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                let length = text.bytes().take_while(|b| is_word_byte(*b) && !b.is_ascii_digit()).count();
                let word = Span::new(start, start + length);
                let token = duration_function(&text[..length]);
                (token.ok_or_else(|| SyntaxError::new(SyntaxErrorKind::ExpectedColon(first), word))?, word)
            }
            _ => return Ok((token, span)),
        };
        self.outside = Token::lexer(self.text);
        self.outside.bump(span.end as usize);
        Ok((token, span))
    }

    /// What the token opens and closes, and whether it may stand here at all.
    #[inline]
    fn nest(&mut self, token: Token, span: Span) -> Result<(), Box<SyntaxError>> {
        match token {
            Token::LeftParen if self.parens.len() < MAX_DEPTH => self.parens.push(span.start),
            Token::RightParen if !self.parens.is_empty() => {
                self.parens.pop();
            }
            Token::LeftBrace => {
                self.bracket = span.start;
                self.mode = Mode::Braces;
            }
            Token::LeftBracket => {
                self.bracket = span.start;
                self.mode = Mode::Brackets;
                self.colon = false;
            }
            Token::RightBracket if self.mode != Mode::Outside => self.mode = Mode::Outside,
            Token::RightBrace => self.mode = Mode::Outside,
            Token::Number | Token::Duration if self.mode == Mode::Brackets => {
                self.mode = Mode::BracketsBehindNumber;
                self.number_in_brackets = true;
            }
            Token::Colon if self.mode != Mode::Brackets || self.number_in_brackets && !self.colon => {
                self.colon = true;
            }
            Token::Assign
                if self.mode == Mode::Braces || !self.text[span.start as usize..].starts_with("=~") => {}
            Token::LeftParen | Token::RightParen | Token::RightBracket | Token::Colon | Token::Assign => {
                return Err(self.misplaced(token, span));
            }
            _ => {}
        }
        Ok(())
    }

    /// What is wrong with a token that may not stand here.
    #[cold]
    fn misplaced(&self, token: Token, span: Span) -> Box<SyntaxError> {
        use SyntaxErrorKind as K;
        let behind_token = Span::new(span.end as usize, self.text.len().min(span.end as usize + 1));
        match token {
            Token::LeftParen => SyntaxError::new(K::TooDeep { limit: MAX_DEPTH }, span),
            Token::RightParen => SyntaxError::new(K::UnexpectedRightParen, behind_token),
            Token::RightBracket => SyntaxError::new(K::UnexpectedRightBracket, span),
            Token::Colon if self.number_in_brackets => SyntaxError::new(K::RepeatedColon, behind_token),
            Token::Colon => SyntaxError::new(K::ColonBeforeDuration, behind_token),
            _ => {
                let kind = K::UnexpectedCharacterAfter { first: '=', found: Some('~') };
                SyntaxError::new(kind, Span { end: span.start + 2, ..span })
            }
        }
    }

    /// What is wrong with ending here.
    fn finish(&self) -> Option<Box<SyntaxError>> {
        let (kind, open) = match (self.mode, self.parens.last()) {
            (Mode::Braces, _) => (SyntaxErrorKind::EndInBraces, self.bracket),
            (Mode::Brackets, _) => (SyntaxErrorKind::EndInDuration, self.bracket),
            (_, Some(&paren)) => (SyntaxErrorKind::UnclosedParen, paren),
            (Mode::BracketsBehindNumber, None) => (SyntaxErrorKind::UnclosedBracket, self.bracket),
            (Mode::Outside, None) => return None,
        };
        let end = self.text.len();
        let mut error = SyntaxError::new(kind, Span::new(end, end));
        error.help = Some(not_closed(self.text, open as usize));
        Some(error)
    }

    /// What is wrong where no token is: something with the one that began there, or nothing begins so.
    #[cold]
    fn no_token(&self, kind: NoToken, span: Span) -> Box<SyntaxError> {
        match kind {
            Some(kind) => SyntaxError::new(*kind, span),
            None => {
                let first = self.text[span.range()].chars().next();
                self.unknown_character(first.unwrap_or_default(), span.start as usize)
            }
        }
    }

    /// What is wrong with a character that begins no token in the mode.
    fn unknown_character(&self, first: char, at: usize) -> Box<SyntaxError> {
        use SyntaxErrorKind as K;
        let found = self.text[at..].chars().nth(1);
        let kind = match (self.mode, first) {
            (Mode::Braces, '!') => K::UnexpectedCharacterAfterInBraces { first, found },
            (Mode::Braces, '{') => K::UnexpectedLeftBrace,
            (Mode::Braces, _) => K::UnexpectedCharacterInBraces(first),
            (Mode::Brackets, _) => K::UnexpectedCharacterInDuration(first),
            (_, '!') => K::UnexpectedCharacterAfter { first, found },
            _ => K::UnexpectedCharacter(first),
        };
        SyntaxError::new(kind, Span::new(at, at + first.len_utf8()))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Result<(usize, Token, usize), Box<SyntaxError>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.error.is_some() {
            return None;
        }
        let error = match self.scan() {
            Ok(None) => return None,
            Ok(Some((token, span))) if self.count < MAX_TOKENS => {
                self.count += 1;
                return Some(Ok((span.start as usize, token, span.end as usize)));
            }
            Ok(Some((_, span))) => {
                SyntaxError::new(SyntaxErrorKind::TooManyTokens { limit: MAX_TOKENS }, span)
            }
            Err(error) => error,
        };
        self.error = Some(error.clone());
        Some(Err(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens as their names, and the error that ends them.
    fn tokens(text: &str) -> String {
        let mut names = Vec::new();
        for token in Lexer::new(text) {
            match token {
                Ok((_, token, _)) => names.push(format!("{token:?}")),
                Err(error) => names.push(format!("({error})")),
            }
        }
        names.join(" ")
    }

    #[track_caller]
    fn check(table: &[(&str, &str)]) {
        for (text, expected) in table {
            assert_eq!(tokens(text), *expected, "{text}");
        }
    }

    #[test]
    fn outside() {
        check(&[
            ("", ""),
            (" \t\r\n# nothing ☺\r1 # one\n", "Number"),
            ("(,)", "LeftParen Comma RightParen"),
            (
                "= == != < <= > >= </ >/",
                "Assign Equal NotEqual Less LessEqual Greater GreaterEqual TrimUpper TrimLower",
            ),
            (
                "foo a:b :c _d1 д",
                "Identifier MetricIdentifier MetricIdentifier Identifier (unexpected character: 'д')",
            ),
            ("SUM Avg nan iNf atan2", "Sum Avg Number Number Atan2"),
            ("summ sum: _sum sum1", "Identifier MetricIdentifier Identifier Identifier"),
            ("foo-1 .5 5. 0x1F 1_0", "Identifier Sub Number Number Number Number Number"),
            ("5m 1h30m 1y1w1d1h1m1s1ms 5hs", "Duration Duration Duration Duration"),
            ("5x", "(bad number or duration syntax: \"5\")"),
            ("(0x1e)", "LeftParen Number RightParen"),
            ("0x1e", "(bad number or duration syntax: \"0x1e\")"),
            ("0x1e+5", "Number"),
            ("0x1fe", "Number"),
            ("\"a\\\"\" 'b' `c\\`", "String String String"),
            ("a @ 5", "Identifier At Number"),
            ("}", "(unexpected character: '}')"),
        ]);
    }

    #[test]
    fn inside_braces() {
        check(&[
            (
                "{sum=~'a',by!~`b`}",
                "LeftBrace Identifier MatchRegex String Comma Identifier MatchNotRegex String RightBrace",
            ),
            ("{a==\"\", # (\n}", "LeftBrace Identifier Assign Assign String Comma RightBrace"),
            ("{a!=1}", "LeftBrace Identifier NotEqual (unexpected character inside braces: '1')"),
            ("{a!", "LeftBrace Identifier (unexpected character after '!' inside braces: '\u{fffd}')"),
            ("{{", "LeftBrace (unexpected left brace '{')"),
            ("{\"\u{fffd}\"}", "LeftBrace (invalid UTF-8 rune)"),
        ]);
    }

    #[test]
    fn inside_brackets() {
        check(&[
            ("x[5m]", "Identifier LeftBracket Duration RightBracket"),
            ("x[ 1h : 5m ]", "Identifier LeftBracket Duration Colon Duration RightBracket"),
            (
                "[step()+max_of(1,2)]",
                "LeftBracket Step LeftParen RightParen DurationAdd MaxOf LeftParen Number Comma Number RightParen RightBracket",
            ),
            (
                "[5m:STEP()*2]",
                "LeftBracket Duration Colon Step LeftParen RightParen DurationMul Number RightBracket",
            ),
            (
                "[step():1]",
                "LeftBracket Step LeftParen RightParen (unexpected colon before duration in duration expression)",
            ),
            (
                "[step()#\n]",
                "LeftBracket Step LeftParen RightParen (unexpected character in duration expression: '#')",
            ),
            ("[5m#\n]", "LeftBracket Duration RightBracket"),
            ("[5m:5m:]", "LeftBracket Duration Colon Duration (unexpected colon ':')"),
            ("[5m foo]", "LeftBracket Duration (unexpected character: 'f', expected ':')"),
            ("[5m[", "LeftBracket Duration (unexpected left bracket '[')"),
            ("[[", "LeftBracket (unexpected character in duration expression: '[')"),
        ]);
    }

    /// Upstream never forgets that it has seen a number in brackets.
    #[test]
    fn a_number_in_earlier_brackets_counts() {
        let later = "[1] [step():1]";
        assert!(tokens(later).ends_with("RightParen Colon Number RightBracket"), "{}", tokens(later));
    }

    #[test]
    fn lists_of_labels_have_a_parenthesis_of_their_own() {
        check(&[
            ("by (a) (b)", "By LabelsParen Identifier RightParen LeftParen Identifier RightParen"),
            ("on # x\n (a)", "On LabelsParen Identifier RightParen"),
            ("a + group_left (b)", "Identifier Add GroupLeft LabelsParen Identifier RightParen"),
        ]);
    }

    #[test]
    fn fill_is_a_keyword_before_a_parenthesis() {
        check(&[
            ("fill + fill_left", "Identifier Add Identifier"),
            ("a + fill (1) b", "Identifier Add Fill LeftParen Number RightParen Identifier"),
            (
                "a + on(b) fill(1) c",
                "Identifier Add On LabelsParen Identifier RightParen Fill LeftParen Number RightParen Identifier",
            ),
            ("-fill (1)", "Sub FillMetric LeftParen Number RightParen"),
        ]);
    }

    /// The operators behind `offset` that belong to its duration.
    #[test]
    fn arithmetic_behind_offset() {
        let owned = |text: &str| tokens(text).matches("Duration").count();
        for (text, count) in [
            ("a offset 5 + 3", 0),
            ("a offset -5 + 3", 1),
            ("a offset --5 + 3", 3),
            ("a offset (5 - 2) ^ 3 + 4", 3),
            ("a offset -(5 - 2) ^ 3 + 4", 2),
            ("a offset step() + 3", 0),
            ("a offset --step() + 3", 3),
            ("a offset max_of(1 + 2, (3)) + 3", 1),
            ("a offset (1) == 2 + 3", 0),
            ("a offset (1) offset (2) + 3", 1),
            ("offset + 3", 0),
            ("offset offset (1) + 3", 1),
            ("a * on (b) offset + 3", 0),
            ("(a) offset (1) + 3", 1),
            ("a @ start() offset (1) + 3", 1),
        ] {
            assert_eq!(owned(text), count, "{text}: {}", tokens(text));
        }
    }
}
