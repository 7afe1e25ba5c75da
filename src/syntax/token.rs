//! The tokens of PromQL, as the grammar names them.
//!
//! `sum(foo) > 5m` outside of all brackets is `Sum LeftParen Identifier RightParen Greater Duration`. A token carries
//! no text: its bytes say what it was. The derived [`Logos`] lexer reads what stands outside of `{}` and `[]`; the modes
//! for the inside of those are in `lexer`.

use logos::{Lexer, Logos};

use super::error::SyntaxErrorKind;
use super::literal::{scan_number, scan_string};

/// What is wrong where no token is: something with the one that began there, or nothing begins so.
pub(super) type NoToken = Option<Box<SyntaxErrorKind>>;

/// One token.
///
/// It fills a word, because tokens are copied as words: a processor waits where it reads more than was written at once.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
#[logos(skip r"[ \t\r\n]+", error = NoToken)]
#[logos(skip(r"#[^\r\n]*", allow_greedy = true))]
#[allow(missing_docs, reason = "named after what they are written as")]
pub enum Token {
    #[token("(")]
    LeftParen,
    /// `(` after `by`, `without`, `on`, `ignoring`, `group_left`, `group_right`: labels follow, never an expression.
    LabelsParen,
    #[token(")")]
    RightParen,
    #[token("{")]
    LeftBrace,
    RightBrace,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(",")]
    Comma,
    /// Between range and step of a subquery.
    Colon,
    #[token("@")]
    At,

    /// A word without a colon; `sum` is a keyword.
    #[regex("[a-zA-Z_][a-zA-Z0-9_]*", word, priority = 3)]
    Identifier,
    #[regex("[a-zA-Z_:][a-zA-Z0-9_:]*", priority = 2)]
    MetricIdentifier,
    /// `fill` and its like before a parenthesis, but where an operand has to stand.
    FillMetric,
    #[regex(r"\.?[0-9]", number)]
    Number,
    Duration,
    #[regex("[\"'`]", string)]
    String,

    #[token("=")]
    Assign,
    MatchRegex,
    MatchNotRegex,

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
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
    #[token("</")]
    TrimUpper,
    #[token(">/")]
    TrimLower,
    And,
    Or,
    Unless,
    Atan2,

    // Arithmetic on durations, inside of `[]` and after `offset`.
    DurationAdd,
    DurationSub,
    DurationMul,
    DurationDiv,
    DurationMod,
    DurationPow,

    Avg,
    Bottomk,
    Count,
    CountValues,
    Group,
    LimitRatio,
    Limitk,
    Max,
    Min,
    Quantile,
    Stddev,
    Stdvar,
    Sum,
    Topk,

    Bool,
    By,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Ignoring,
    Offset,
    Smoothed,
    Anchored,
    On,
    Without,

    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,

    /// Never written: stands where parsing went wrong, so that the grammar can say what it was about to read.
    Stop,
}

#[expect(clippy::match_like_matches_macro, reason = "one line for each family")]
impl Token {
    /// Whether it is a keyword that names a metric where an operand has to stand.
    pub(super) fn names_metric(self) -> bool {
        use Token as T;
        match self {
            T::Avg | T::Bottomk | T::Count | T::CountValues | T::Group | T::LimitRatio | T::Limitk => true,
            T::Max | T::Min | T::Quantile | T::Stddev | T::Stdvar | T::Sum | T::Topk => true,
            T::And | T::Or | T::Unless | T::By | T::Without | T::Offset => true,
            T::Start | T::End | T::Step | T::Range | T::MaxOf | T::MinOf => true,
            _ => false,
        }
    }

    /// Whether it stands between two operands.
    pub(super) fn is_binary_operator(self) -> bool {
        use Token as T;
        match self {
            T::Add | T::Sub | T::Mul | T::Div | T::Mod | T::Pow | T::Atan2 => true,
            T::Equal | T::NotEqual | T::Less | T::LessEqual | T::Greater | T::GreaterEqual => true,
            T::And | T::Or | T::Unless | T::TrimUpper | T::TrimLower => true,
            _ => false,
        }
    }
}

/// The words with a meaning of their own, in lower case and sorted; they are recognised in any case.
pub const KEYWORDS: [(&str, Token); 39] = [
    ("anchored", Token::Anchored),
    ("and", Token::And),
    ("atan2", Token::Atan2),
    ("avg", Token::Avg),
    ("bool", Token::Bool),
    ("bottomk", Token::Bottomk),
    ("by", Token::By),
    ("count", Token::Count),
    ("count_values", Token::CountValues),
    ("end", Token::End),
    ("fill", Token::Fill),
    ("fill_left", Token::FillLeft),
    ("fill_right", Token::FillRight),
    ("group", Token::Group),
    ("group_left", Token::GroupLeft),
    ("group_right", Token::GroupRight),
    ("ignoring", Token::Ignoring),
    ("inf", Token::Number),
    ("limit_ratio", Token::LimitRatio),
    ("limitk", Token::Limitk),
    ("max", Token::Max),
    ("max_of", Token::MaxOf),
    ("min", Token::Min),
    ("min_of", Token::MinOf),
    ("nan", Token::Number),
    ("offset", Token::Offset),
    ("on", Token::On),
    ("or", Token::Or),
    ("quantile", Token::Quantile),
    ("range", Token::Range),
    ("smoothed", Token::Smoothed),
    ("start", Token::Start),
    ("stddev", Token::Stddev),
    ("stdvar", Token::Stdvar),
    ("step", Token::Step),
    ("sum", Token::Sum),
    ("topk", Token::Topk),
    ("unless", Token::Unless),
    ("without", Token::Without),
];

/// A query may have this many tokens: enough for what programs write, and not so many that parsing takes long.
pub const MAX_TOKENS: usize = 50_000;

/// Where the keywords with each first letter begin, and at last where all end.
const INITIALS: [usize; 27] = {
    let mut starts = [0; 27];
    let mut letter = 0;
    while letter < 26 {
        let mut end = starts[letter];
        while end < KEYWORDS.len() && KEYWORDS[end].0.as_bytes()[0] == b'a' + letter as u8 {
            end += 1;
        }
        letter += 1;
        starts[letter] = end;
    }
    starts
};

/// The keyword that `word` is, in any case.
pub fn keyword(word: &str) -> Option<Token> {
    let letter = usize::from(word.as_bytes().first()?.to_ascii_lowercase().checked_sub(b'a')?);
    let candidates = &KEYWORDS[*INITIALS.get(letter)?..*INITIALS.get(letter + 1)?];
    candidates.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, token)| *token)
}

/// What a word without a colon is outside of all brackets.
fn word(lexer: &mut Lexer<'_, Token>) -> Token {
    let word = lexer.slice();
    match keyword(word) {
        // These were added late; as names of metrics they go on working.
        Some(Token::Fill | Token::FillLeft | Token::FillRight) if !parenthesis_follows(lexer.remainder()) => {
            Token::Identifier
        }
        Some(keyword) => keyword,
        None => Token::Identifier,
    }
}

fn parenthesis_follows(rest: &str) -> bool {
    rest.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('(')
}

/// Takes the rest of a number or duration whose first bytes were seen.
pub(super) fn number<'a, T: Logos<'a, Source = str>>(
    lexer: &mut Lexer<'a, T>,
) -> Result<Token, Box<SyntaxErrorKind>> {
    let (length, token) = scan_number(&lexer.source()[lexer.span().start..]);
    lexer.bump(length - lexer.slice().len());
    token.ok_or_else(|| Box::new(SyntaxErrorKind::BadNumberOrDuration(lexer.slice().to_owned())))
}

/// Takes the rest of a string whose quote was seen.
pub(super) fn string<'a, T: Logos<'a, Source = str>>(
    lexer: &mut Lexer<'a, T>,
) -> Result<Token, Box<SyntaxErrorKind>> {
    let (length, error) = scan_string(&lexer.source()[lexer.span().start..]);
    lexer.bump(length - lexer.slice().len());
    error.map_or(Ok(Token::String), |error| Err(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn in_any_case() {
        assert_eq!(keyword("Group_LEFT"), Some(Token::GroupLeft));
        assert_eq!(keyword("group_lef"), None);
        assert_eq!(keyword("group_left_and_more"), None);
        // Long s and the Kelvin sign are letters of their own.
        assert_eq!((keyword("ſum"), keyword("top\u{212a}")), (None, None));
    }
}
