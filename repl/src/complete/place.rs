//! What the cursor stands in, judged by the tokens before it.

use promqlite::Span;
use promqlite::aggregations;
use promqlite::syntax::error::SyntaxErrorKind;
use promqlite::syntax::lex;
use promqlite::syntax::token::Token;

use super::selectors::{closing_parenthesis, items_behind};

/// The word at the cursor, and what can stand in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where the word begins that is being typed; the cursor if none is.
    pub start: usize,
    pub kind: PlaceKind,
}

/// What can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlaceKind {
    /// A metric, a function, an aggregation, and these words.
    Operand(&'static [&'static str]),
    /// These words.
    Words(&'static [&'static str]),
    /// A label of the series of this selector.
    LabelName {
        selector: String,
    },
    /// `=` and its like.
    MatchOperator,
    /// A value that this label has among the series of this selector.
    LabelValue {
        label: String,
        selector: String,
        quote: Option<char>,
    },
    /// A label of what this expression gives; of what is in its selectors if it is no expression.
    ResultLabel {
        expression: String,
        quote: Option<char>,
    },
    Duration,
    /// What `@` takes.
    Pin,
    Nothing,
}

const OPERATORS: &[&str] = &["and", "or", "unless", "atan2", "offset", "@"];
const OPERATORS_AND_CLAUSES: &[&str] = &["by", "without", "and", "or", "unless", "atan2", "offset", "@"];
const MODIFIERS: &[&str] = &["on", "ignoring", "bool"];
const GROUP_MODIFIERS: &[&str] = &["group_left", "group_right"];
const CLAUSES: &[&str] = &["by", "without"];

/// A bracket that is open at the cursor.
#[derive(Clone, Copy)]
enum Frame {
    /// Parentheses, with the token and its place that stand before them.
    Paren {
        before: Option<usize>,
        open: usize,
    },
    /// `(` of a list of labels; the keyword before it.
    Labels {
        keyword: usize,
    },
    Brace {
        open: usize,
    },
    Bracket,
}

/// Parentheses that were closed again.
#[derive(Clone, Copy)]
struct Closed {
    frame: Frame,
    close: usize,
}

/// What stands at byte `cursor` of `text`.
pub(super) fn place(text: &str, cursor: usize) -> Place {
    let before = &text[..cursor];
    let (mut tokens, error) = lex(before);
    let mut start = cursor;
    let mut quote = None;
    match error {
        None => {}
        Some(error) => match error.kind {
            SyntaxErrorKind::EndInBraces
            | SyntaxErrorKind::EndInDuration
            | SyntaxErrorKind::UnclosedParen
            | SyntaxErrorKind::UnclosedBracket => {}
            SyntaxErrorKind::UnterminatedString | SyntaxErrorKind::UnterminatedRawString => {
                quote = before[error.span.range()].chars().next();
                start = error.span.start as usize + 1;
            }
            SyntaxErrorKind::UnexpectedCharacterAfterInBraces { found: None, .. } => {
                start = error.span.start as usize;
            }
            _ => return Place { start: cursor, kind: PlaceKind::Nothing },
        },
    }
    let is_word =
        |span: Span| before[span.range()].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    if let (None, Some((_, span))) = (quote, tokens.last())
        && span.end as usize == cursor
        && is_word(*span)
    {
        start = span.start as usize;
        tokens.pop();
    }
    let kind = Walk::over(text, cursor, &tokens).kind(quote);
    Place { start, kind }
}

/// The tokens before the word, and which brackets are open behind them.
struct Walk<'a> {
    text: &'a str,
    cursor: usize,
    tokens: &'a [(Token, Span)],
    open: Vec<Frame>,
    /// The parentheses that the last token closed, if it did.
    closed: Option<Closed>,
}

impl<'a> Walk<'a> {
    fn over(text: &'a str, cursor: usize, tokens: &'a [(Token, Span)]) -> Self {
        let mut walk = Walk { text, cursor, tokens, open: Vec::new(), closed: None };
        for (i, (token, _)) in tokens.iter().enumerate() {
            let behind = walk.closed.take();
            match token {
                Token::LeftParen => {
                    // `sum by (job) (`: what stands before the clause is what these parentheses belong to.
                    let before = match behind.map(|closed| closed.frame) {
                        Some(Frame::Labels { keyword }) => keyword.checked_sub(1),
                        _ => i.checked_sub(1),
                    };
                    walk.open.push(Frame::Paren { before, open: i });
                }
                Token::LabelsParen => walk.open.push(Frame::Labels { keyword: i.saturating_sub(1) }),
                Token::LeftBrace => walk.open.push(Frame::Brace { open: i }),
                Token::LeftBracket => walk.open.push(Frame::Bracket),
                Token::RightParen | Token::RightBrace | Token::RightBracket => {
                    walk.closed = walk.open.pop().map(|frame| Closed { frame, close: i });
                }
                _ => {}
            }
        }
        walk
    }

    fn kind(&self, quote: Option<char>) -> PlaceKind {
        match self.open.last() {
            Some(Frame::Brace { open }) => self.in_braces(*open, quote),
            Some(Frame::Labels { keyword }) if quote.is_none() => self.in_labels(*keyword),
            Some(Frame::Paren { before, open }) if quote.is_some() => {
                self.in_string_argument(*before, *open, quote)
            }
            Some(Frame::Bracket) => PlaceKind::Duration,
            _ if quote.is_some() => PlaceKind::Nothing,
            _ => self.outside(),
        }
    }

    fn slice(&self, i: usize) -> &'a str {
        &self.text[self.tokens[i].1.range()]
    }

    fn in_braces(&self, open: usize, quote: Option<char>) -> PlaceKind {
        let item = match self.tokens[open + 1..].iter().rposition(|(token, _)| *token == Token::Comma) {
            Some(comma) => open + 1 + comma + 1,
            None => open + 1,
        };
        // The selector without the item that is being typed.
        let selector = || {
            let name = match open.checked_sub(1).map(|i| self.tokens[i].0) {
                Some(Token::Identifier | Token::MetricIdentifier) => self.slice(open - 1),
                _ => "",
            };
            let inside = self.tokens[open].1.end as usize;
            let before =
                if item > open + 1 { &self.text[inside..self.tokens[item - 1].1.start as usize] } else { "" };
            let behind = items_behind(&self.text[self.cursor..], quote);
            let both = [before, behind]
                .iter()
                .filter(|part| !part.trim().is_empty())
                .map(|p| p.trim())
                .collect::<Vec<_>>();
            format!("{name}{{{}}}", both.join(","))
        };
        match (&self.tokens[item..], quote) {
            ([], None) => PlaceKind::LabelName { selector: selector() },
            ([_], None) => PlaceKind::MatchOperator,
            ([_, _], _) => PlaceKind::LabelValue {
                label: self.slice(item).trim_matches(['"', '\'', '`']).to_owned(),
                selector: selector(),
                quote,
            },
            _ => PlaceKind::Nothing,
        }
    }

    fn in_labels(&self, keyword: usize) -> PlaceKind {
        if !matches!(self.tokens.last(), Some((Token::LabelsParen | Token::Comma, _))) {
            return PlaceKind::Nothing;
        }
        let expression = match self.tokens[keyword].0 {
            // `sum(...) by (`
            Token::By | Token::Without if keyword > 0 && self.tokens[keyword - 1].0 == Token::RightParen => {
                let walk = Walk::over(self.text, self.cursor, &self.tokens[..keyword]);
                match walk.closed {
                    Some(Closed { frame: Frame::Paren { open, .. }, close }) => {
                        &self.text[self.tokens[open].1.end as usize..self.tokens[close].1.start as usize]
                    }
                    _ => "",
                }
            }
            // `sum by (...) (`
            Token::By | Token::Without => closing_parenthesis(&self.text[self.cursor..])
                .and_then(|behind| behind.trim_start().strip_prefix('('))
                .map_or("", |inside| {
                    &inside[..inside.len() - closing_parenthesis(inside).map_or(0, |rest| rest.len() + 1)]
                }),
            _ => self.text,
        };
        PlaceKind::ResultLabel { expression: expression.to_owned(), quote: None }
    }

    /// A string that is an argument: the records of functions and aggregations tell which are names of labels.
    fn in_string_argument(&self, before: Option<usize>, open: usize, quote: Option<char>) -> PlaceKind {
        let Some(name) = before.map(|i| self.slice(i)) else { return PlaceKind::Nothing };
        let mut depth = 0;
        let mut commas = Vec::new();
        for (token, span) in &self.tokens[open + 1..] {
            match token {
                Token::LeftParen | Token::LabelsParen | Token::LeftBrace | Token::LeftBracket => depth += 1,
                Token::RightParen | Token::RightBrace | Token::RightBracket => depth -= 1,
                Token::Comma if depth == 0 => commas.push(span.start as usize),
                _ => {}
            }
        }
        let argument = promqlite::functions::lookup(name)
            .and_then(|function| function.arg_names.get(commas.len()).or(function.arg_names.last()))
            .copied();
        let is_aggregation = aggregations::lookup(&name.to_ascii_lowercase()).is_some();
        match (argument, commas.first()) {
            (Some(argument), Some(comma)) if argument.contains("label") && !is_aggregation => {
                PlaceKind::ResultLabel {
                    expression: self.text[self.tokens[open].1.end as usize..*comma].to_owned(),
                    quote,
                }
            }
            _ => PlaceKind::Nothing,
        }
    }

    fn outside(&self) -> PlaceKind {
        use Token as T;
        let Some((token, _)) = self.tokens.last() else { return PlaceKind::Operand(&[]) };
        match (token, self.closed) {
            (T::RightParen, Some(Closed { frame: Frame::Labels { keyword }, .. })) => {
                match self.tokens[keyword].0 {
                    T::On | T::Ignoring => PlaceKind::Operand(GROUP_MODIFIERS),
                    T::GroupLeft | T::GroupRight => PlaceKind::Operand(&[]),
                    // `sum by (job)` waits for its parentheses, `sum(x) by (job)` for an operator.
                    _ if keyword > 0 && self.tokens[keyword - 1].0 == T::RightParen => {
                        PlaceKind::Words(OPERATORS)
                    }
                    _ => PlaceKind::Nothing,
                }
            }
            (T::RightParen, Some(Closed { frame: Frame::Paren { before: Some(before), open }, .. }))
                if before + 1 == open && is_aggregation(self.tokens[before].0) =>
            {
                PlaceKind::Words(OPERATORS_AND_CLAUSES)
            }
            (T::RightParen | T::RightBrace | T::RightBracket, _) => PlaceKind::Words(OPERATORS),
            (T::Identifier | T::MetricIdentifier | T::Number | T::Duration | T::String, _) => {
                PlaceKind::Words(OPERATORS)
            }
            (T::Offset, _) => PlaceKind::Duration,
            (T::At, _) => PlaceKind::Pin,
            (T::LeftParen | T::Comma | T::Bool, _) => PlaceKind::Operand(&[]),
            (T::By | T::Without | T::On | T::Ignoring | T::GroupLeft | T::GroupRight, _) => {
                PlaceKind::Nothing
            }
            (token, _) if is_aggregation(*token) => PlaceKind::Words(CLAUSES),
            _ => PlaceKind::Operand(MODIFIERS),
        }
    }
}

fn is_aggregation(token: Token) -> bool {
    use Token as T;
    matches!(
        token,
        T::Avg
            | T::Bottomk
            | T::Count
            | T::CountValues
            | T::Group
            | T::LimitRatio
            | T::Limitk
            | T::Max
            | T::Min
            | T::Quantile
            | T::Stddev
            | T::Stdvar
            | T::Sum
            | T::Topk
    )
}
