//! What a token is among those before it.
//!
//! One token of lookahead does not tell the grammar everything. `(` opens a list of labels behind `group_left`, but an
//! expression behind `sum`; `fill` is a modifier in `a + fill(0) b` and a metric in `fill + 1`; and the second `+` of
//! `a offset (1) + 2` adds to the duration. So such tokens get kinds of their own before the grammar sees them.

use super::duration_scope::DurationScope;
use super::token::Token;

/// What has to come next; the same word can be a metric, an operator or a modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// An operand.
    Operand,
    /// An operand, or something like `bool` or `on` before it.
    ModifierOrOperand,
    /// An operand, or before it this one of `fill_left` and `fill_right`, because the other one was there.
    OtherFillOrOperand(Token),
    /// An operator, or something like `offset`.
    Operator,
}

/// Follows the tokens of a text.
#[derive(Clone, Debug)]
pub(super) struct TokenContext {
    last: Option<Token>,
    place: Place,
    scope: DurationScope,
    /// In the parentheses behind this one of `on`, `fill` and their like.
    in_modifier: Option<Token>,
}

impl TokenContext {
    pub(super) fn new() -> Self {
        TokenContext { last: None, place: Place::Operand, scope: DurationScope::default(), in_modifier: None }
    }

    /// What `token` is here.
    pub(super) fn follow(&mut self, token: Token) -> Token {
        use Token as T;
        let token = match (self.scope.follow(token), self.last) {
            (T::LeftParen, Some(T::By | T::Without)) => T::LabelsParen,
            (T::LeftParen, Some(on @ (T::On | T::Ignoring | T::GroupLeft | T::GroupRight))) => {
                self.in_modifier = Some(on);
                T::LabelsParen
            }
            (T::LeftParen, Some(fill @ (T::Fill | T::FillLeft | T::FillRight))) => {
                self.in_modifier = Some(fill);
                T::LeftParen
            }
            (fill @ (T::Fill | T::FillLeft | T::FillRight), _) => match self.place {
                Place::Operand => T::FillMetric,
                Place::OtherFillOrOperand(other) if fill != other => T::FillMetric,
                _ => fill,
            },
            (T::Offset, _) if self.place == Place::Operator => {
                self.scope.enter();
                T::Offset
            }
            (token, _) => token,
        };
        self.last = match (token, self.place) {
            // Behind both there is no third, just as there is no second behind `fill`.
            (T::FillLeft | T::FillRight, Place::OtherFillOrOperand(_)) => Some(T::Fill),
            _ => Some(token),
        };
        self.place = self.place_behind(token);
        token
    }

    fn place_behind(&mut self, token: Token) -> Place {
        use Token as T;
        match token {
            T::Identifier | T::MetricIdentifier | T::FillMetric => Place::Operator,
            T::Number | T::Duration | T::String | T::RightBrace | T::RightBracket => Place::Operator,
            T::Anchored | T::Smoothed => Place::Operator,
            T::RightParen => match self.in_modifier.take() {
                None => Place::Operator,
                Some(T::Fill) => Place::Operand,
                Some(T::FillLeft) => Place::OtherFillOrOperand(T::FillRight),
                Some(T::FillRight) => Place::OtherFillOrOperand(T::FillLeft),
                Some(_) => Place::ModifierOrOperand,
            },
            T::Bool | T::GroupLeft | T::GroupRight => Place::ModifierOrOperand,
            name if self.place != Place::Operator && name.names_metric() => Place::Operator,
            operator if self.place == Place::Operator && operator.is_binary_operator() => {
                Place::ModifierOrOperand
            }
            _ => Place::Operand,
        }
    }
}
