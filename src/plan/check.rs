//! Whether an expression that parses makes sense: functions exist, arguments have the right types, clauses fit.
//!
//! ```
//! use promqlite::model::ValueType;
//! use promqlite::plan::parse_and_check;
//! use promqlite::syntax::Features;
//!
//! let features = Features::default();
//! let (_, value_type) = parse_and_check("sum(rate(up[5m]))", &features)?;
//! assert_eq!(value_type, ValueType::Vector);
//! let error = parse_and_check("sum(rate(up))", &features).unwrap_err();
//! assert_eq!(error.message(), "expected type range vector in call to function \"rate\", got instant vector");
//! assert_eq!(error.diagnostic().help.as_deref(), Some("add a range: `up[5m]`"));
//! # Ok::<(), promqlite::plan::QueryError>(())
//! ```
//!
//! Upstream looks up functions and counts the arguments of aggregations while it parses, and looks at types only if
//! all of that was right. So this is done in two passes too, and [`parse_and_check`] tells a wrong call before a syntax
//! error behind it.

use super::check_error::{CheckError, CheckErrorKind as Kind, Count, Place};
use super::check_help;
use crate::aggregations::{AGGREGATIONS, Aggregation};
use crate::diagnostic::{Diagnostic, Span};
use crate::functions::{self, Arity, Body, Function, Special};
use crate::model::labels::METRIC_NAME;
use crate::model::{Matcher, ValueType};
use crate::syntax::ast::*;
use crate::syntax::error::Completed;
use crate::syntax::{Features, SyntaxError, parse};

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryError {
    /// It does not parse.
    Syntax(SyntaxError),
    /// It parses, but makes no sense.
    Check(CheckError),
}

impl QueryError {
    /// Where.
    pub fn span(&self) -> Span {
        match self {
            QueryError::Syntax(error) => error.span,
            QueryError::Check(error) => error.span,
        }
    }

    /// Upstream's text, without the `line:col: parse error: ` before it.
    pub fn message(&self) -> String {
        match self {
            QueryError::Syntax(error) => error.message(),
            QueryError::Check(error) => error.message(),
        }
    }

    /// For rendering with the query text.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            QueryError::Syntax(error) => error.diagnostic(),
            QueryError::Check(error) => error.diagnostic(),
        }
    }
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for QueryError {}

/// Parses and checks a query; the error is the one that upstream tells.
pub fn parse_and_check(text: &str, features: &Features) -> Result<(Expr, ValueType), QueryError> {
    let expr = parse(text, features).map_err(|error| {
        match error.earlier.iter().try_for_each(|completed| check_completed(completed, text, features)) {
            Ok(()) => QueryError::Syntax(error),
            Err(earlier) => QueryError::Check(*earlier),
        }
    })?;
    match check(&expr, features) {
        Ok(value_type) => Ok((expr, value_type)),
        Err(error) => Err(QueryError::Check(error)),
    }
}

/// The type of `expr`, if it makes sense.
pub fn check(expr: &Expr, features: &Features) -> Result<ValueType, CheckError> {
    check_calls(expr, features).and_then(|()| check_types(expr)).map_err(|error| *error)
}

type Checked<T> = Result<T, Box<CheckError>>;

fn fail<T>(kind: Kind, span: Span) -> Checked<T> {
    Err(CheckError::new(kind, span))
}

// Functions and aggregations, in the order in which they were completed

fn check_completed(completed: &Completed, text: &str, features: &Features) -> Checked<()> {
    match completed {
        Completed::Call { name_span } => check_function(&text[name_span.range()], *name_span, features),
        Completed::Aggregate { op, arguments, span } => check_aggregation(*op, *arguments, *span, features),
    }
}

fn check_calls(expr: &Expr, features: &Features) -> Checked<()> {
    let all = |args: &[Expr]| args.iter().try_for_each(|arg| check_calls(arg, features));
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => Ok(()),
        Expr::Paren(e) => check_calls(&e.inner, features),
        Expr::Unary(e) => check_calls(&e.operand, features),
        Expr::Subquery(e) => check_calls(&e.inner, features),
        Expr::Binary(e) => {
            check_calls(&e.lhs, features)?;
            check_calls(&e.rhs, features)
        }
        Expr::Call(e) => {
            all(&e.args)?;
            check_function(&e.name, e.name_span, features)
        }
        Expr::Aggregate(e) => {
            all(&e.args)?;
            check_aggregation(e.op, e.args.len(), e.span, features)
        }
    }
}

fn check_function(name: &str, span: Span, features: &Features) -> Checked<()> {
    match functions::lookup(name) {
        None => Err(CheckError::new(Kind::UnknownFunction { name: name.to_owned() }, span)
            .with_help(check_help::unknown_function(name))),
        Some(function) if function.experimental && !features.experimental_functions => {
            Err(CheckError::new(Kind::FunctionNotEnabled { name: name.to_owned() }, span)
                .with_help(check_help::experimental()))
        }
        Some(_) => Ok(()),
    }
}

/// The row of an aggregation; rows and operators are in one order.
pub(super) fn aggregation_of(op: AggregateOp) -> Option<&'static Aggregation> {
    let row = AGGREGATIONS.get(op as usize);
    debug_assert_eq!(row.map(|row| row.name), Some(op.as_str()));
    row
}

/// The row of an aggregation, and how many arguments it takes.
fn aggregation(op: AggregateOp) -> (Option<&'static Aggregation>, usize) {
    let row = aggregation_of(op);
    (row, 1 + usize::from(row.is_some_and(|row| row.parameter.is_some())))
}

fn check_aggregation(op: AggregateOp, arguments: usize, span: Span, features: &Features) -> Checked<()> {
    let (row, expected) = aggregation(op);
    if arguments == 0 {
        return fail(Kind::AggregationWithoutArguments, span);
    }
    if row.is_some_and(|row| row.experimental) && !features.experimental_functions {
        return Err(
            CheckError::new(Kind::AggregationNotEnabled { op }, span).with_help(check_help::experimental())
        );
    }
    if arguments != expected {
        return Err(CheckError::new(Kind::AggregationArguments { expected, got: arguments }, span)
            .with_help(check_help::aggregation_arguments(op, row)));
    }
    Ok(())
}

// Types

fn check_types(expr: &Expr) -> Checked<ValueType> {
    match expr {
        Expr::Number(_) => Ok(ValueType::Scalar),
        Expr::String(_) => Ok(ValueType::String),
        Expr::Paren(e) => check_types(&e.inner),
        Expr::Unary(e) => check_unary(e),
        Expr::Binary(e) => check_binary(e),
        Expr::Aggregate(e) => check_aggregate(e),
        Expr::Call(e) => check_call(e),
        Expr::Vector(e) => check_selector(e, false),
        Expr::Matrix(e) => check_selector(&e.selector, false).map(|_| ValueType::Matrix),
        Expr::Subquery(e) => check_subquery(e),
    }
}

fn check_unary(e: &UnaryExpr) -> Checked<ValueType> {
    match check_types(&e.operand)? {
        sample @ (ValueType::Scalar | ValueType::Vector) => Ok(sample),
        got => Err(CheckError::new(Kind::UnaryType { got }, e.span)
            .with_help(check_help::not_a_sample(&e.operand, got))),
    }
}

fn check_subquery(e: &SubqueryExpr) -> Checked<ValueType> {
    match check_types(&e.inner)? {
        ValueType::Vector => Ok(ValueType::Matrix),
        got => fail(Kind::SubqueryType { got }, e.span),
    }
}

fn expect(expr: &Expr, expected: ValueType, place: Place) -> Checked<()> {
    let got = check_types(expr)?;
    if got == expected {
        return Ok(());
    }
    Err(CheckError::new(Kind::WrongType { expected, place, got }, expr.span())
        .with_help(check_help::wrong_type(expr, expected, got)))
}

fn check_aggregate(e: &AggregateExpr) -> Checked<ValueType> {
    let (row, _) = aggregation(e.op);
    if let Some(operand) = e.args.last() {
        expect(operand, ValueType::Vector, Place::AggregationExpression)?;
    }
    if let (Some((parameter, _)), Some(argument)) = (row.and_then(|row| row.parameter), e.args.first()) {
        expect(argument, parameter, Place::AggregationParameter)?;
    }
    Ok(ValueType::Vector)
}

fn check_binary(e: &BinaryExpr) -> Checked<ValueType> {
    let (lhs, rhs) = (check_types(&e.lhs)?, check_types(&e.rhs)?);
    let scalars = lhs == ValueType::Scalar && rhs == ValueType::Scalar;
    let vectors = lhs == ValueType::Vector && rhs == ValueType::Vector;
    if e.return_bool && !e.op.is_comparison() {
        return fail(Kind::BoolOnNonComparison, e.op_span);
    }
    if e.op.is_comparison() && !e.return_bool && scalars {
        return Err(CheckError::new(Kind::ScalarComparisonWithoutBool, e.op_span)
            .with_help(check_help::scalar_comparison(e.op)));
    }
    if let Some(VectorMatching { on: Some(true), labels, include, .. }) = &e.matching
        && let Some(both) = labels.iter().find(|label| include.iter().any(|other| other.name == label.name))
    {
        return fail(Kind::LabelInOnAndGroup { label: both.name.clone() }, e.op_span);
    }
    for (operand, value_type) in [(&e.lhs, lhs), (&e.rhs, rhs)] {
        if !matches!(value_type, ValueType::Scalar | ValueType::Vector) {
            return Err(CheckError::new(Kind::OperandType, operand.span())
                .with_help(check_help::not_a_sample(operand, value_type)));
        }
    }
    if let Some(matching) = &e.matching {
        check_matching(e, matching, vectors)?;
    }
    if e.op.is_set() && !vectors {
        return Err(CheckError::new(Kind::SetOperatorOnScalar { op: e.op }, e.span)
            .with_help(check_help::set_operator_on_scalar()));
    }
    Ok(if scalars { ValueType::Scalar } else { ValueType::Vector })
}

fn check_matching(e: &BinaryExpr, matching: &VectorMatching, vectors: bool) -> Checked<()> {
    let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
    if !vectors && !matching.labels.is_empty() {
        return fail(Kind::MatchingWithScalar, e.span);
    }
    if !vectors && fills {
        return fail(Kind::FillWithScalar, e.span);
    }
    if vectors && e.op.is_set() && matching.grouping != Grouping::None {
        return fail(Kind::GroupingOnSetOperator { op: e.op }, e.span);
    }
    if vectors && e.op.is_set() && fills {
        return fail(Kind::FillOnSetOperator, e.span);
    }
    Ok(())
}

fn check_call(e: &Call) -> Checked<ValueType> {
    let Some(function) = functions::lookup(&e.name) else {
        return fail(Kind::UnknownFunction { name: e.name.clone() }, e.name_span);
    };
    check_count(function, e)?;
    let info = matches!(function.body, Body::Special(Special::Info));
    if info && let Some(labels) = e.args.get(1) {
        check_info_selector(e, labels)?;
    }
    for (i, argument) in e.args.iter().enumerate() {
        match argument {
            Expr::Vector(selector) if info && i == 1 => check_selector(selector, true).map(|_| ())?,
            _ => {
                let expected = function.args.get(i).or(function.args.last()).copied();
                let place = Place::Call(function.name);
                expect(argument, expected.unwrap_or(ValueType::Vector), place)?;
            }
        }
    }
    Ok(function.returns)
}

fn check_count(function: &'static Function, e: &Call) -> Checked<()> {
    let (types, got) = (function.args.len(), e.args.len());
    let (least, most) = match function.arity {
        Arity::Exact => (types, types),
        Arity::Optional => (types - 1, types),
        Arity::UpTo(times) => (types - 1, types - 1 + times),
        Arity::Variadic => (types - 1, usize::MAX),
    };
    let expected = match function.arity {
        _ if (least..=most).contains(&got) => return Ok(()),
        Arity::Exact => Count::Exactly(types),
        _ if got < least => Count::AtLeast(least),
        _ => Count::AtMost(most),
    };
    Err(CheckError::new(Kind::ArgumentCount { name: function.name, expected, got }, e.span)
        .with_help(check_help::signature(function)))
}

/// The second argument of `info` says which labels to add: a selector without a name.
fn check_info_selector(call: &Call, argument: &Expr) -> Checked<()> {
    let got = value_type(argument);
    if got != ValueType::Vector {
        let kind = Kind::WrongType { expected: ValueType::Vector, place: Place::Call("info"), got };
        return fail(kind, call.span);
    }
    match argument {
        Expr::Vector(selector) if selector.name.is_some() => {
            fail(Kind::InfoSelectorWithName, argument.span())
        }
        Expr::Vector(_) => Ok(()),
        _ => fail(Kind::InfoWithoutSelector, argument.span()),
    }
}

/// The type that an expression has if all is right with it.
pub(crate) fn value_type(expr: &Expr) -> ValueType {
    match expr {
        Expr::Number(_) => ValueType::Scalar,
        Expr::String(_) => ValueType::String,
        Expr::Paren(e) => value_type(&e.inner),
        Expr::Unary(e) => value_type(&e.operand),
        Expr::Binary(e) => match (value_type(&e.lhs), value_type(&e.rhs)) {
            (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
            _ => ValueType::Vector,
        },
        Expr::Aggregate(_) | Expr::Vector(_) => ValueType::Vector,
        Expr::Call(e) => functions::lookup(&e.name).map_or(ValueType::Vector, |function| function.returns),
        Expr::Matrix(_) | Expr::Subquery(_) => ValueType::Matrix,
    }
}

fn check_selector(e: &VectorSelector, may_be_empty: bool) -> Checked<ValueType> {
    let is_name = |matcher: &&Matcher| matcher.name == METRIC_NAME;
    match &e.name {
        Some(name) => {
            let before = &e.matchers[..e.matchers.len().saturating_sub(1)];
            if let Some(matcher) = before.iter().find(is_name) {
                let kind = Kind::NameTwice { name: name.clone(), matcher: matcher.value.clone() };
                return fail(kind, e.span);
            }
        }
        None if may_be_empty || e.matchers.iter().any(|matcher| !matcher.matches_empty()) => {}
        None => {
            return Err(CheckError::new(Kind::EmptySelector, e.span).with_help(check_help::empty_selector()));
        }
    }
    Ok(ValueType::Vector)
}
