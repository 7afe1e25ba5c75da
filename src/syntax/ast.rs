//! The syntax tree, as written: nothing is resolved, folded or defaulted here except what the grammar itself folds
//! (a sign before a number literal).
//!
//! Every node keeps its bytes of the query text. The text of a call like `rate(x[5m])` becomes
//! `Call { name: "rate", args: [Matrix { selector: Vector { name: "x" }, range: 300 s }] }`.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::model::Matcher;

/// The greatest height of a tree: what walks a tree may recurse, and so may dropping it.
///
/// Every operator, call, parenthesis and bracket is a level, also in a chain such as `a + b + c`, whose tree leans to
/// the left. `parse` refuses what is higher.
pub const MAX_DEPTH: usize = 400;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expr {
    /// `1.5`, `0x1f`, `5m` (300), `Inf`
    Number(NumberLiteral),
    /// `"text"`
    String(StringLiteral),
    /// `(expr)`
    Paren(Box<ParenExpr>),
    /// `-expr`, `+expr`
    Unary(Box<UnaryExpr>),
    /// `lhs + rhs`
    Binary(Box<BinaryExpr>),
    /// `sum by (job) (expr)`
    Aggregate(Box<AggregateExpr>),
    /// `rate(expr)`
    Call(Box<Call>),
    /// `up{job="node"} @ 60 offset 5m`
    Vector(Box<VectorSelector>),
    /// `up[5m]`
    Matrix(Box<MatrixSelector>),
    /// `expr[1h:5m]`
    Subquery(Box<SubqueryExpr>),
}

/// A number, or a duration in the place of one.
#[derive(Clone, Debug)]
pub struct NumberLiteral {
    /// The value; seconds if written as a duration.
    pub value: f64,
    /// Whether it was written as a duration, and is printed as one.
    pub duration: bool,
    /// Where.
    pub span: Span,
}

/// `NaN` equals `NaN` here, and `-0` is not `0`.
impl PartialEq for NumberLiteral {
    fn eq(&self, other: &Self) -> bool {
        is_same_number(self.value, other.value) && self.duration == other.duration && self.span == other.span
    }
}

fn is_same_number(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// A text. PromQL's escapes can make bytes that are no UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    /// The bytes that the literal stands for.
    pub value: Box<[u8]>,
    /// Where.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct ParenExpr {
    /// What is inside.
    pub inner: Expr,
    /// With the parentheses.
    pub span: Span,
}

/// `+` or `-` before an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct UnaryExpr {
    /// Whether it is `-`.
    pub negative: bool,
    /// What it stands before.
    pub operand: Expr,
    /// With the sign.
    pub span: Span,
}

/// The operators between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named after the operators")]
#[non_exhaustive]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Unless,
    /// `</`: keep the observations below
    TrimUpper,
    /// `>/`: keep the observations above
    TrimLower,
}

impl BinaryOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "^",
            BinaryOp::Atan2 => "atan2",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Unless => "unless",
            BinaryOp::TrimUpper => "</",
            BinaryOp::TrimLower => ">/",
        }
    }

    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    pub fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
    }

    /// `and`, `or`, `unless`
    pub fn is_set(self) -> bool {
        matches!(self, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless)
    }

    /// `</`, `>/`
    pub fn is_trim(self) -> bool {
        matches!(self, BinaryOp::TrimUpper | BinaryOp::TrimLower)
    }
}

/// Two expressions and the operator between them.
#[derive(Clone, Debug, PartialEq)]
pub struct BinaryExpr {
    /// The operator.
    pub op: BinaryOp,
    /// Where the operator itself stands.
    pub op_span: Span,
    /// Left operand.
    pub lhs: Expr,
    /// Right operand.
    pub rhs: Expr,
    /// Whether `bool` was written.
    pub return_bool: bool,
    /// `on`, `ignoring`, `group_left`, `group_right`, `fill`: present only if one of them was written.
    pub matching: Option<VectorMatching>,
    /// Both operands.
    pub span: Span,
}

/// Which side may have several series for one on the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Grouping {
    /// Neither: one to one (many to many for set operators).
    #[default]
    None,
    /// `group_left`: many on the left for one on the right.
    Left,
    /// `group_right`: one on the left for many on the right.
    Right,
}

/// How the series of two operands find each other.
#[derive(Clone, Debug, Default)]
pub struct VectorMatching {
    /// `on` (true), `ignoring` (false), or neither was written.
    pub on: Option<bool>,
    /// The labels after `on` or `ignoring`.
    pub labels: Vec<LabelName>,
    /// `group_left` or `group_right`.
    pub grouping: Grouping,
    /// The labels after `group_left` or `group_right`.
    pub include: Vec<LabelName>,
    /// `fill` or `fill_left`: the value that stands for a missing series on the left.
    pub fill_left: Option<f64>,
    /// `fill` or `fill_right`: the value that stands for a missing series on the right.
    pub fill_right: Option<f64>,
    /// From the first to the last word of the clause.
    pub span: Span,
}

/// As numbers are compared in literals.
impl PartialEq for VectorMatching {
    fn eq(&self, other: &Self) -> bool {
        let same_fill = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => is_same_number(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        (self.on, &self.labels, self.grouping, &self.include, self.span)
            == (other.on, &other.labels, other.grouping, &other.include, other.span)
            && same_fill(self.fill_left, other.fill_left)
            && same_fill(self.fill_right, other.fill_right)
    }
}

/// A label named in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelName {
    /// The name, unquoted.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// The aggregations are part of the grammar: their names are keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named after the aggregations")]
#[non_exhaustive]
pub enum AggregateOp {
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
}

impl AggregateOp {
    /// The aggregation as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            AggregateOp::Avg => "avg",
            AggregateOp::Bottomk => "bottomk",
            AggregateOp::Count => "count",
            AggregateOp::CountValues => "count_values",
            AggregateOp::Group => "group",
            AggregateOp::LimitRatio => "limit_ratio",
            AggregateOp::Limitk => "limitk",
            AggregateOp::Max => "max",
            AggregateOp::Min => "min",
            AggregateOp::Quantile => "quantile",
            AggregateOp::Stddev => "stddev",
            AggregateOp::Stdvar => "stdvar",
            AggregateOp::Sum => "sum",
            AggregateOp::Topk => "topk",
        }
    }
}

/// An aggregation over groups of series.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateExpr {
    /// Which.
    pub op: AggregateOp,
    /// Everything between the parentheses: the vector, and before it the parameter of those that take one.
    /// How many there have to be is checked by `plan`.
    pub args: Vec<Expr>,
    /// Whether the labels are those to drop (`without`) rather than those to keep (`by`, or nothing written).
    pub without: bool,
    /// The labels of `by` or `without`.
    pub grouping: Vec<LabelName>,
    /// From the name to the last word.
    pub span: Span,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name as written: function names are case-sensitive.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The arguments.
    pub args: Vec<Expr>,
    /// Where the argument list stands, parentheses included.
    pub args_span: Span,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// What `@` pins a selector to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AtModifier {
    /// `@ 1609746000`: a time in ms.
    Timestamp(i64),
    /// `@ start()`
    Start,
    /// `@ end()`
    End,
}

/// A selector of series, without a range.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The metric name written before the braces. (`{"foo"}` has none: it is a matcher on `__name__`.)
    pub name: Option<String>,
    /// All conditions, the one on `__name__` that `name` implies last, as upstream keeps them.
    pub matchers: Arc<[Matcher]>,
    /// `offset`
    pub offset: Option<DurationExpr>,
    /// `@`
    pub at: Option<AtModifier>,
    /// `anchored`
    pub anchored: bool,
    /// `smoothed`
    pub smoothed: bool,
    /// From the name to the last modifier, as upstream's `PosRange`.
    pub span: Span,
}

/// A selector with a range. Offset, `@`, `anchored` and `smoothed` are the selector's.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    /// Which series.
    pub selector: VectorSelector,
    /// How far each window reaches back.
    pub range: DurationExpr,
    /// From the name to the last modifier.
    pub span: Span,
}

/// An expression evaluated at steps of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct SubqueryExpr {
    /// What is evaluated.
    pub inner: Expr,
    /// How far each window reaches back.
    pub range: DurationExpr,
    /// Distance of the inner steps; the default step if not written.
    pub step: Option<DurationExpr>,
    /// `offset`
    pub offset: Option<DurationExpr>,
    /// `@`
    pub at: Option<AtModifier>,
    /// From the inner expression to the last modifier.
    pub span: Span,
}

/// A duration: a literal, or arithmetic on durations, in seconds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DurationExpr {
    /// `5m`, `300`, `0.5`
    Literal(NumberLiteral),
    /// `step()`: the step of the query
    Step(Span),
    /// `range()`: the whole range of the query
    Range(Span),
    /// `-d`, `+d`
    Unary {
        /// Whether it is `-`.
        negative: bool,
        /// What it stands before.
        operand: Box<DurationExpr>,
        /// With the sign.
        span: Span,
    },
    /// `a + b` and the other arithmetic operators
    Binary {
        /// One of `+ - * / % ^`.
        op: BinaryOp,
        /// Left operand.
        lhs: Box<DurationExpr>,
        /// Right operand.
        rhs: Box<DurationExpr>,
        /// Both operands.
        span: Span,
    },
    /// `min_of(a, b)` or `max_of(a, b)`
    Pick {
        /// Whether it is `max_of`.
        max: bool,
        /// First.
        lhs: Box<DurationExpr>,
        /// Second.
        rhs: Box<DurationExpr>,
        /// Both operands.
        span: Span,
    },
    /// `(d)`
    Paren {
        /// What is inside.
        inner: Box<DurationExpr>,
        /// What is inside; before a number also the parenthesis.
        span: Span,
    },
}

impl DurationExpr {
    /// Where it stands, as upstream's `PositionRange`.
    pub fn span(&self) -> Span {
        match self {
            DurationExpr::Literal(number) => number.span,
            DurationExpr::Step(span) | DurationExpr::Range(span) => *span,
            DurationExpr::Unary { span, .. }
            | DurationExpr::Binary { span, .. }
            | DurationExpr::Pick { span, .. }
            | DurationExpr::Paren { span, .. } => *span,
        }
    }
}

impl Expr {
    /// Where it stands, as upstream's `PositionRange`.
    pub fn span(&self) -> Span {
        match self {
            Expr::Number(e) => e.span,
            Expr::String(e) => e.span,
            Expr::Paren(e) => e.span,
            Expr::Unary(e) => e.span,
            Expr::Binary(e) => e.span,
            Expr::Aggregate(e) => e.span,
            Expr::Call(e) => e.span,
            Expr::Vector(e) => e.span,
            Expr::Matrix(e) => e.span,
            Expr::Subquery(e) => e.span,
        }
    }

    /// The expression without parentheses around it.
    pub fn unwrap_parens(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Paren(paren) = expr {
            expr = &paren.inner;
        }
        expr
    }
}

impl fmt::Display for BinaryOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for AggregateOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
