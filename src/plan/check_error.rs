//! What is wrong with an expression that parses: types, counts of arguments, matching clauses.
//!
//! The texts are those of `checkAST` and of the actions of the grammar in `promql/parser`.

use std::fmt;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::model::ValueType;
use crate::model::go_format::quote;
use crate::syntax::ast::{AggregateOp, BinaryOp};

/// Why an expression that parses cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckError {
    /// What is wrong.
    pub kind: CheckErrorKind,
    /// Where; upstream tells the first byte.
    pub span: Span,
    /// What the reader can do about it, in our own words.
    pub help: Option<String>,
}

impl CheckError {
    pub(super) fn new(kind: CheckErrorKind, span: Span) -> Box<Self> {
        Box::new(CheckError { kind, span, help: None })
    }

    pub(super) fn with_help(mut self: Box<Self>, help: impl Into<Option<String>>) -> Box<Self> {
        self.help = help.into();
        self
    }

    /// Upstream's text, without the `line:col: parse error: ` before it.
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// For rendering with the query text.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            message: self.message(),
            span: Some(self.span),
            help: self.help.clone(),
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for CheckError {}

/// The kinds of errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the blanks of the messages")]
pub enum CheckErrorKind {
    UnknownFunction {
        name: String,
    },
    FunctionNotEnabled {
        name: String,
    },
    AggregationWithoutArguments,
    AggregationNotEnabled {
        op: AggregateOp,
    },
    AggregationArguments {
        expected: usize,
        got: usize,
    },
    WrongType {
        expected: ValueType,
        place: Place,
        got: ValueType,
    },
    ArgumentCount {
        name: &'static str,
        expected: Count,
        got: usize,
    },
    /// The second argument of `info` is a selector with a name.
    InfoSelectorWithName,
    /// The second argument of `info` is no selector.
    InfoWithoutSelector,
    BoolOnNonComparison,
    ScalarComparisonWithoutBool,
    LabelInOnAndGroup {
        label: String,
    },
    OperandType,
    MatchingWithScalar,
    FillWithScalar,
    FillOnSetOperator,
    GroupingOnSetOperator {
        op: BinaryOp,
    },
    SetOperatorOnScalar {
        op: BinaryOp,
    },
    UnaryType {
        got: ValueType,
    },
    SubqueryType {
        got: ValueType,
    },
    /// The metric's name stands before the braces and inside of them.
    NameTwice {
        name: String,
        matcher: String,
    },
    /// All series would be selected.
    EmptySelector,
}

/// Where a type is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after what upstream says")]
pub enum Place {
    AggregationExpression,
    AggregationParameter,
    Call(&'static str),
}

/// How many arguments there should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after what upstream says")]
pub enum Count {
    Exactly(usize),
    AtLeast(usize),
    AtMost(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::AggregationExpression => f.write_str("aggregation expression"),
            Place::AggregationParameter => f.write_str("aggregation parameter"),
            Place::Call(name) => write!(f, "call to function {}", quote(name)),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Exactly(count) => count.fmt(f),
            Count::AtLeast(count) => write!(f, "at least {count}"),
            Count::AtMost(count) => write!(f, "at most {count}"),
        }
    }
}

impl fmt::Display for CheckErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use CheckErrorKind as K;
        match self {
            K::UnknownFunction { name } => write!(f, "unknown function with name {}", quote(name)),
            K::FunctionNotEnabled { name } => write!(f, "function {} is not enabled", quote(name)),
            K::AggregationWithoutArguments => f.write_str("no arguments for aggregate expression provided"),
            K::AggregationNotEnabled { op } => write!(
                f,
                "{op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
            ),
            K::AggregationArguments { expected, got } => write!(
                f,
                "wrong number of arguments for aggregate expression provided, expected {expected}, got {got}"
            ),
            K::WrongType { expected, place, got } => {
                write!(f, "expected type {} in {place}, got {}", expected.documented(), got.documented())
            }
            K::ArgumentCount { name, expected, got } => {
                write!(f, "expected {expected} argument(s) in call to {}, got {got}", quote(name))
            }
            K::InfoSelectorWithName => {
                f.write_str("expected label selectors only, got vector selector instead")
            }
            K::InfoWithoutSelector => f.write_str("expected label selectors only"),
            K::BoolOnNonComparison => f.write_str("bool modifier can only be used on comparison operators"),
            K::ScalarComparisonWithoutBool => {
                f.write_str("comparisons between scalars must use BOOL modifier")
            }
            K::LabelInOnAndGroup { label } => {
                write!(f, "label {} must not occur in ON and GROUP clause at once", quote(label))
            }
            K::OperandType => {
                f.write_str("binary expression must contain only scalar and instant vector types")
            }
            K::MatchingWithScalar => f.write_str("vector matching only allowed between instant vectors"),
            K::FillWithScalar => {
                f.write_str("filling in missing series only allowed between instant vectors")
            }
            K::FillOnSetOperator => f.write_str("filling in missing series not allowed for set operators"),
            K::GroupingOnSetOperator { op } => {
                write!(f, "no grouping allowed for {} operation", quote(op.as_str()))
            }
            K::SetOperatorOnScalar { op } => {
                write!(f, "set operator {} not allowed in binary scalar expression", quote(op.as_str()))
            }
            K::UnaryType { got } => write!(
                f,
                "unary expression only allowed on expressions of type scalar or instant vector, got {}",
                quote(got.documented())
            ),
            K::SubqueryType { got } => {
                write!(f, "subquery is only allowed on instant vector, got {got} instead")
            }
            K::NameTwice { name, matcher } => {
                write!(f, "metric name must not be set twice: {} or {}", quote(name), quote(matcher))
            }
            K::EmptySelector => f.write_str("vector selector must contain at least one non-empty matcher"),
        }
    }
}
