//! Which `+ - * / % ^` calculate with durations rather than with samples.
//!
//! Behind `offset`, a duration goes on as far as it can if it begins with a parenthesis or with two signs, and no
//! further than its first operand otherwise:
//!
//! ```text
//! foo offset (5m) + 3    is  foo offset ((5m) + 3)
//! foo offset --5m + 3    is  foo offset (--5m + 3)
//! foo offset 5m + 3      is  (foo offset 5m) + 3
//! foo offset -(5m) ^ 2   is  (foo offset -(5m)) ^ 2
//! ```
//!
//! (These are the conflicts in `promql/parser/generated_parser.y`, as yacc resolves them.) An LR(1) grammar that says so
//! needs every level of binary operators twice. It is simpler to follow the tokens and to give the arithmetic of
//! durations tokens of its own.

use super::token::Token;

/// Follows the tokens behind `offset`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DurationScope {
    place: Place,
}

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// Not behind `offset`, or the duration is over.
    #[default]
    Outside,
    /// Directly behind `offset`.
    Start,
    /// Behind one sign.
    Signed,
    /// An operand has to come, and then the duration goes on.
    Operand,
    /// Behind a name such as `step`: its parentheses have to come.
    Call { goes_on: bool },
    /// In parentheses, so many deep.
    Parentheses { depth: u32, goes_on: bool },
    /// Behind an operand; an operator continues the duration, anything else ends it.
    Operator,
}

impl DurationScope {
    /// An `offset` was read that is a modifier, no metric.
    pub(super) fn enter(&mut self) {
        self.place = Place::Start;
    }

    /// Follows `token` and returns what it is here.
    #[inline]
    pub(super) fn follow(&mut self, token: Token) -> Token {
        if let Place::Outside = self.place {
            return token;
        }
        self.go_on(token)
    }

    fn go_on(&mut self, token: Token) -> Token {
        use Token as T;
        let sign = matches!(token, T::Add | T::Sub);
        let operator = sign || matches!(token, T::Mul | T::Div | T::Mod | T::Pow);
        let name = matches!(token, T::Step | T::Range | T::MaxOf | T::MinOf);
        let literal = matches!(token, T::Number | T::Duration);
        let (next, belongs) = match (self.place, token) {
            (Place::Start, _) if sign => (Place::Signed, true),
            (Place::Signed | Place::Operand, _) if sign => (Place::Operand, true),
            (Place::Start | Place::Operand, T::LeftParen) => {
                (Place::Parentheses { depth: 1, goes_on: true }, false)
            }
            (Place::Signed, T::LeftParen) => (Place::Parentheses { depth: 1, goes_on: false }, false),
            (Place::Start | Place::Signed, _) if name => (Place::Call { goes_on: false }, false),
            (Place::Operand, _) if name => (Place::Call { goes_on: true }, false),
            (Place::Operand, _) if literal => (Place::Operator, false),
            (Place::Call { goes_on }, T::LeftParen) => (Place::Parentheses { depth: 1, goes_on }, false),
            (Place::Parentheses { depth: 1, goes_on }, T::RightParen) => {
                (if goes_on { Place::Operator } else { Place::Outside }, false)
            }
            (Place::Parentheses { depth, goes_on }, T::RightParen) => {
                (Place::Parentheses { depth: depth - 1, goes_on }, false)
            }
            (Place::Parentheses { depth, goes_on }, T::LeftParen) => {
                (Place::Parentheses { depth: depth + 1, goes_on }, false)
            }
            (place @ Place::Parentheses { .. }, _) => (place, operator),
            (Place::Operator, _) if operator => (Place::Operand, true),
            _ => (Place::Outside, false),
        };
        self.place = next;
        if belongs { on_durations(token) } else { token }
    }
}

/// The token for the same operator between durations.
pub(super) fn on_durations(token: Token) -> Token {
    match token {
        Token::Add => Token::DurationAdd,
        Token::Sub => Token::DurationSub,
        Token::Mul => Token::DurationMul,
        Token::Div => Token::DurationDiv,
        Token::Mod => Token::DurationMod,
        Token::Pow => Token::DurationPow,
        other => other,
    }
}
