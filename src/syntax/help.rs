//! What somebody at a prompt can do about a syntax error.
//!
//! Upstream's messages say what was found; these say what was probably meant. `foo{job=api}` gets "put the value in
//! quotes: `job=\"api\"`", `a && b` gets "write `and`".

use super::duration::DurationError;
use super::error::{Context, Found, SyntaxError, SyntaxErrorKind as Kind};

use crate::diagnostic::Span;

/// Helps longer than this repeat too much of the query.
const LONGEST_HELP: usize = 200;

/// The help for an error in `text`; an action that knows more has set its own.
pub(super) fn help(error: &SyntaxError, text: &str) -> Option<String> {
    find(error, text).filter(|help| help.len() <= LONGEST_HELP)
}

fn find(error: &SyntaxError, text: &str) -> Option<String> {
    let before = text[..error.span.start as usize].trim_end();
    let behind = &text[error.span.start as usize..];
    match &error.kind {
        Kind::Unexpected { found, context } => unexpected(found, *context, before, behind),
        Kind::UnexpectedCharacter(c) | Kind::UnexpectedCharacterInDuration(c) => {
            character(*c, before, behind)
        }
        Kind::UnexpectedCharacterAfter { first: '=', .. } => {
            say("a regular expression stands in braces: `metric{label=~\"...\"}`")
        }
        Kind::UnexpectedCharacterAfter { .. } => {
            say("`!=` compares; what is not in a vector is found with `unless`")
        }
        Kind::UnexpectedCharacterInBraces(c) => character_in_braces(*c, before, behind),
        Kind::UnexpectedRightParen => say("there is no `(` that it could close"),
        Kind::UnexpectedLeftBracket => say("there is a `[` before it that is not closed"),
        Kind::UnexpectedRightBracket => say("there is no `[` that it could close"),
        Kind::UnexpectedLeftBrace => say("there is a `{` before it that is not closed"),
        Kind::ExpectedColon(_) | Kind::ColonBeforeDuration => {
            say("brackets hold a range as in `[5m]`, or range and step as in `[1h:5m]`")
        }
        Kind::BadNumberOrDuration(_) => say(
            "a duration is written like `5m` or `1h30m`, with the units y, w, d, h, m, s, ms; numbers have no units",
        ),
        Kind::BadDuration(DurationError::Syntax(text) | DurationError::UnknownUnit { text, .. })
            if text.contains('.') =>
        {
            say("durations are whole numbers of a unit: `90m` or `1h30m` rather than `1.5h`")
        }
        Kind::BadDuration(DurationError::Syntax(_)) => {
            say("units go from the longest to the shortest, each once: `1d12h30m`")
        }
        Kind::BadDuration(DurationError::UnknownUnit { .. }) => say("the units are y, w, d, h, m, s, ms"),
        Kind::DurationNotPositive => say("a range or step is longer than nothing, such as `5m`"),
        Kind::UnterminatedString if behind.contains('\n') => {
            say("a string in quotes ends on the line on which it begins; one in backticks may go on")
        }
        Kind::UnterminatedString | Kind::UnterminatedRawString => say("the quote is not closed"),
        Kind::UnknownEscape(c) => {
            let escape = c.escape_default();
            Some(format!("double the backslash (`\\\\{escape}`), or put the string in backticks"))
        }
        Kind::BadRegex(_) if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|look| behind.contains(look)) => say(
            "regular expressions are RE2's: they cannot look ahead or behind; use a second matcher with `!~`",
        ),
        Kind::TrailingComma => say("take the comma out"),
        Kind::FillNotEnabled => say("switch on the feature `promql-binop-fill-modifiers`"),
        Kind::ExtendedNotEnabled { .. } => say("switch on the feature `promql-extended-range-selectors`"),
        Kind::ExtendedWithoutSelector { modifier } => {
            Some(format!("`{modifier}` stands directly behind a selector: `rate(x[5m] {modifier})`"))
        }
        Kind::OffsetWithoutSelector => {
            say("`offset` stands directly behind a selector: `rate(x[5m] offset 1h)`")
        }
        Kind::AtWithoutSelector => say("`@` stands directly behind a selector: `rate(x[5m] @ end())`"),
        Kind::AtOutOfBounds(_) => say("the time is a number of seconds since 1970"),
        Kind::TooDeep { .. } => say("split the query, for example with a recording rule"),
        _ => None,
    }
}

/// Says where an open bracket stands.
pub(super) fn not_closed(text: &str, at: usize) -> String {
    let (line, column) = Span::new(at, at).position_in(text);
    let bracket = text[at..].chars().next().unwrap_or_default();
    format!("the `{bracket}` at {line}:{column} is not closed")
}

fn say(help: &str) -> Option<String> {
    Some(help.to_owned())
}

fn unexpected(found: &Found, context: Context, before: &str, behind: &str) -> Option<String> {
    let text = match found {
        Found::End => "",
        Found::Named(_, text) | Found::Keyword(_, text) | Found::Quoted(text) => text.as_str(),
    };
    match (context, found) {
        (Context::MatcherValue, Found::Quoted(_)) if text == "=" => say("in braces one `=` is enough"),
        (Context::MatcherValue, Found::Named(..)) => {
            let label = last_word(before.trim_end_matches(['=', '!', '~']).trim_end());
            let operator = &before[before.trim_end_matches(['=', '!', '~']).len()..];
            Some(format!("put the value in quotes: `{label}{operator}\"{text}\"`"))
        }
        (Context::MatcherNext, Found::Named("identifier", _)) => say("matchers are separated by commas"),
        (Context::MatcherOperator, _) => {
            Some(format!("a matcher has a value: `{}=\"...\"`", last_word(before)))
        }
        (Context::GroupingOpen, Found::Named("identifier", _)) => {
            Some(format!("labels stand in parentheses: `{} ({text})`", last_word(before)))
        }
        (Context::RangeStart | Context::Offset, _) if last_word(before).eq_ignore_ascii_case("step") => {
            say("write `step()`")
        }
        (Context::RangeStart | Context::Offset, _) if last_word(before).eq_ignore_ascii_case("range") => {
            say("write `range()`")
        }
        (Context::RangeNext | Context::StepStart | Context::StepNext, Found::Quoted(_)) if text == ")" => {
            say("the `[` before it is not closed")
        }
        (Context::RangeStart, _) => {
            say("brackets hold a range as in `[5m]`, or range and step as in `[1h:5m]`")
        }
        (Context::Offset, _) => say("`offset` takes a duration, such as `5m`"),
        (Context::At, _) => say("`@` takes a time in seconds since 1970, `start()` or `end()`"),
        (Context::None | Context::Aggregation, _) => between_expressions(found, text, before, behind),
        _ => None,
    }
}

/// Something that cannot stand where an expression or an operator has to.
fn between_expressions(found: &Found, text: &str, before: &str, behind: &str) -> Option<String> {
    let operand_before = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "_)]}\"'`:".contains(c));
    match (found, text) {
        (Found::End, _) if !before.is_empty() => say("an operand has to follow"),
        (Found::Quoted(_), "=") if behind.starts_with("=>") => say("write `>=`"),
        (Found::Quoted(_), "=") if behind.starts_with("=<") => say("write `<=`"),
        (Found::Quoted(_), "=") => say("write `==` to compare; `=` stands between a label and its value"),
        (Found::Keyword("op", _), "*") if before.ends_with('*') => say("powers are written with `^`"),
        (Found::Keyword("op", _), ">") if before.ends_with('<') => say("write `!=`"),
        (Found::Quoted(_), "{") if before.ends_with('}') => {
            say("put all matchers into one pair of braces, separated by commas")
        }
        (Found::Keyword("", word), _)
            if word.eq_ignore_ascii_case("by") || word.eq_ignore_ascii_case("without") =>
        {
            Some(format!("`{word}` belongs to an aggregation: `sum {word} (label) (x)`"))
        }
        (Found::Keyword("", word), _) if word.eq_ignore_ascii_case("bool") => {
            say("`bool` stands directly behind a comparison: `a > bool b`")
        }
        (Found::Keyword("", word), _)
            if ["on", "ignoring", "group_left", "group_right"]
                .contains(&word.to_ascii_lowercase().as_str()) =>
        {
            say("matching stands behind an operator: `a * on (label) group_left (other) b`")
        }
        (Found::Named("identifier", word), _) if word.eq_ignore_ascii_case("where") => {
            say("conditions on labels stand in braces: `metric{label=\"value\"}`")
        }
        (Found::Named("duration", duration), _) if operand_before => {
            Some(format!("a range stands in brackets: `[{duration}]`"))
        }
        (Found::Named(..) | Found::Keyword("aggr", _), _) if operand_before => {
            say("there is no operator between the two expressions")
        }
        _ => None,
    }
}

fn character(c: char, before: &str, behind: &str) -> Option<String> {
    match c {
        '&' => say("write `and`"),
        '|' => say("write `or`"),
        '“' | '”' | '„' | '‘' | '’' | '«' | '»' => say("use the plain quotes `\"` or `'`"),
        '−' | '–' | '—' => say("use the plain minus `-`"),
        '≤' => say("write `<=`"),
        '≥' => say("write `>=`"),
        '≠' => say("write `!=`"),
        '×' | '·' => say("write `*`"),
        ';' => say("a query is one expression and ends without `;`"),
        '$' => say("`$` begins a variable of a dashboard; put its value in"),
        '.' if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
            let name = last_word(before).to_owned() + name_at(behind);
            Some(format!("a name with such characters stands in quotes and braces: `{{\"{name}\"}}`"))
        }
        c if c.is_whitespace() => say("this is no plain space"),
        _ => None,
    }
}

fn character_in_braces(c: char, before: &str, behind: &str) -> Option<String> {
    match c {
        c if (c.is_ascii_digit() || c == '-') && before.ends_with(['=', '~']) => {
            let value: String =
                behind.chars().take_while(|c| !",}".contains(*c) && !c.is_whitespace()).collect();
            Some(format!("put the value in quotes: `\"{value}\"`"))
        }
        ':' => say("write `label=\"value\"`"),
        '.' | '-' | '/' if !before.ends_with('{') => {
            let name = last_word(before).to_owned() + name_at(behind);
            Some(format!("a name with such characters stands in quotes: `{{\"{name}\"=\"value\"}}`"))
        }
        ')' => say("the `{` before it is not closed"),
        '|' | '&' => say("matchers are separated by commas, and all of them hold; for `or` use `=~\"a|b\"`"),
        '“' | '”' | '„' | '‘' | '’' | '«' | '»' => say("use the plain quotes `\"` or `'`"),
        _ => None,
    }
}

/// What could be part of a name in quotes, at the beginning of `text`.
fn name_at(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphanumeric() && !"_.-/:".contains(c)).unwrap_or(text.len())]
}

/// The word at the end of `text`.
fn last_word(text: &str) -> &str {
    let head = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "_:\"".contains(c));
    &text[head.len()..]
}
