//! Tree to text, exactly as upstream prints it (`promql/parser/printer.go`).
//!
//! The text parses to the same tree again: `sum by(a)(x{c="1",b="2"})` is printed `sum by (a) (x{b="2",c="1"})`.
//! Parentheses are nodes of the tree, so none have to be added.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::*;
use super::duration::format_duration;
use crate::model::MatchOp;
use crate::model::go_format::{format_f, format_fixed, format_g, quote, quote_bytes};
use crate::model::labels::is_legacy_label_name;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Number(e) => e.fmt(f),
            Expr::String(e) => f.write_str(&quote_bytes(&e.value)),
            Expr::Paren(e) => write_all(f, "(", &e.inner, ")"),
            Expr::Unary(e) => write_all(f, if e.negative { "-" } else { "+" }, &e.operand, ""),
            Expr::Binary(e) => e.fmt(f),
            Expr::Aggregate(e) => e.fmt(f),
            Expr::Call(e) => e.fmt(f),
            Expr::Vector(e) => e.fmt(f),
            Expr::Matrix(e) => e.fmt(f),
            Expr::Subquery(e) => e.fmt(f),
        }
    }
}

/// What is written to a `String`, which takes everything.
fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    match write(&mut out) {
        Ok(()) => out,
        Err(fmt::Error) => String::new(),
    }
}

fn write_all(f: &mut Formatter<'_>, before: &str, expr: &Expr, behind: &str) -> fmt::Result {
    f.write_str(before)?;
    expr.fmt(f)?;
    f.write_str(behind)
}

impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.duration {
            return f.write_str(&format_f(self.value));
        }
        if self.value < 0.0 {
            f.write_char('-')?;
        }
        // Nanoseconds, as upstream counts them, and then whole milliseconds.
        f.write_str(&format_duration((self.value.abs() * 1e9) as i64 / 1_000_000))
    }
}

impl Display for BinaryExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.lhs.fmt(f)?;
        f.write_char(' ')?;
        self.write_operator(f)?;
        f.write_char(' ')?;
        self.rhs.fmt(f)
    }
}

impl BinaryExpr {
    /// The operator with `bool` and the matching clause.
    pub(super) fn operator(&self) -> String {
        written(|f| self.write_operator(f))
    }

    fn write_operator(&self, f: &mut impl Write) -> fmt::Result {
        f.write_str(self.op.as_str())?;
        if self.return_bool {
            f.write_str(" bool")?;
        }
        self.matching.as_ref().map_or(Ok(()), |matching| matching.write(f))
    }
}

impl VectorMatching {
    /// The clause with a space before each word.
    fn write(&self, f: &mut impl Write) -> fmt::Result {
        let on = self.on == Some(true);
        if on || !self.labels.is_empty() || self.grouping != Grouping::None {
            f.write_str(if on { " on (" } else { " ignoring (" })?;
            write_labels(f, &self.labels)?;
            f.write_char(')')?;
        }
        if self.grouping != Grouping::None {
            let left = self.grouping == Grouping::Left;
            f.write_str(if left { " group_left (" } else { " group_right (" })?;
            write_labels(f, &self.include)?;
            f.write_char(')')?;
        }
        match (self.fill_left, self.fill_right) {
            (Some(left), Some(right)) if left == right => write!(f, " fill ({})", format_g(left)),
            (left, right) => {
                if let Some(left) = left {
                    write!(f, " fill_left ({})", format_g(left))?;
                }
                if let Some(right) = right {
                    write!(f, " fill_right ({})", format_g(right))?;
                }
                Ok(())
            }
        }
    }
}

fn write_labels(f: &mut impl Write, labels: &[LabelName]) -> fmt::Result {
    for (i, label) in labels.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        if is_legacy_label_name(&label.name) {
            f.write_str(&label.name)?;
        } else {
            f.write_str(&quote(&label.name))?;
        }
    }
    Ok(())
}

fn write_arguments(f: &mut Formatter<'_>, args: &[Expr]) -> fmt::Result {
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        arg.fmt(f)?;
    }
    Ok(())
}

impl Display for AggregateExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        f.write_char('(')?;
        write_arguments(f, &self.args)?;
        f.write_char(')')
    }
}

impl AggregateExpr {
    /// What stands before the parentheses with the arguments.
    pub(super) fn head(&self) -> String {
        written(|f| self.write_head(f))
    }

    fn write_head(&self, f: &mut impl Write) -> fmt::Result {
        f.write_str(self.op.as_str())?;
        if self.without || !self.grouping.is_empty() {
            f.write_str(if self.without { " without (" } else { " by (" })?;
            write_labels(f, &self.grouping)?;
            f.write_str(") ")?;
        }
        Ok(())
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        f.write_char('(')?;
        write_arguments(f, &self.args)?;
        f.write_char(')')
    }
}

impl Display for VectorSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_series(f)?;
        self.write_at(f)?;
        self.write_extended(f)?;
        write_offset(f, self.offset.as_ref())
    }
}

impl VectorSelector {
    /// Name and matchers.
    fn write_series(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or_default();
        f.write_str(name)?;
        let said_by_name = |m: &&crate::model::Matcher| {
            m.name == "__name__" && m.op == MatchOp::Equal && m.value == name && !name.is_empty()
        };
        let mut matchers: Vec<String> =
            self.matchers.iter().filter(|m| !said_by_name(m)).map(ToString::to_string).collect();
        matchers.sort_unstable();
        if !matchers.is_empty() {
            write!(f, "{{{}}}", matchers.join(","))?;
        }
        Ok(())
    }

    fn write_at(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.at.map_or(Ok(()), |at| at.fmt(f))
    }

    fn write_extended(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.anchored, self.smoothed) {
            (true, _) => f.write_str(" anchored"),
            (false, true) => f.write_str(" smoothed"),
            (false, false) => Ok(()),
        }
    }
}

/// With a space before it.
impl Display for AtModifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AtModifier::Timestamp(ms) => write!(f, " @ {}", format_fixed(*ms as f64 / 1000.0, 3)),
            AtModifier::Start => f.write_str(" @ start()"),
            AtModifier::End => f.write_str(" @ end()"),
        }
    }
}

fn write_offset(f: &mut impl Write, offset: Option<&DurationExpr>) -> fmt::Result {
    offset.map_or(Ok(()), |offset| {
        f.write_str(" offset ")?;
        write_alone(f, offset)
    })
}

/// A range, step or offset. A number alone is rounded to nanoseconds; within arithmetic upstream cuts it off.
fn write_alone(f: &mut impl Write, duration: &DurationExpr) -> fmt::Result {
    match duration {
        DurationExpr::Literal(number) => {
            f.write_str(&format_duration((number.value * 1e9).round() as i64 / 1_000_000))
        }
        duration => write!(f, "{duration}"),
    }
}

impl Display for MatrixSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.selector.write_series(f)?;
        f.write_char('[')?;
        write_alone(f, &self.range)?;
        f.write_char(']')?;
        self.selector.write_extended(f)?;
        self.selector.write_at(f)?;
        write_offset(f, self.selector.offset.as_ref())
    }
}

impl Display for SubqueryExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)?;
        self.write_suffix(f)
    }
}

impl SubqueryExpr {
    /// The brackets and what comes behind them.
    pub(super) fn suffix(&self) -> String {
        written(|f| self.write_suffix(f))
    }

    fn write_suffix(&self, f: &mut impl Write) -> fmt::Result {
        f.write_char('[')?;
        write_alone(f, &self.range)?;
        f.write_char(':')?;
        if let Some(step) = &self.step {
            write_alone(f, step)?;
        }
        f.write_char(']')?;
        self.at.map_or(Ok(()), |at| write!(f, "{at}"))?;
        write_offset(f, self.offset.as_ref())
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            DurationExpr::Literal(number) => number.fmt(f),
            DurationExpr::Step(_) => f.write_str("step()"),
            DurationExpr::Range(_) => f.write_str("range()"),
            DurationExpr::Unary { negative, operand, .. } => {
                f.write_str(if *negative { "-" } else { "" })?;
                operand.fmt(f)
            }
            DurationExpr::Binary { op, lhs, rhs, .. } => {
                lhs.fmt(f)?;
                write!(f, " {op} ")?;
                rhs.fmt(f)
            }
            DurationExpr::Pick { max, lhs, rhs, .. } => {
                f.write_str(if *max { "max_of(" } else { "min_of(" })?;
                lhs.fmt(f)?;
                f.write_str(", ")?;
                rhs.fmt(f)?;
                f.write_char(')')
            }
            DurationExpr::Paren { inner, .. } => {
                f.write_char('(')?;
                inner.fmt(f)?;
                f.write_char(')')
            }
        }
    }
}
