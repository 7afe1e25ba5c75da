//! Long expressions on several lines, broken where upstream breaks them (`promql/parser/prettier.go`).
//!
//! ```
//! use promqlite::syntax::{Features, parse};
//!
//! let query = "sum by (job) (rate(http_requests_total{code=~'5..'}[5m])) / sum by (job) (rate(http_requests_total[5m]))";
//! let expr = parse(query, &Features::default())?;
//! assert_eq!(expr.pretty(), "  sum by (job) (rate(http_requests_total{code=~\"5..\"}[5m]))\n/\n  \
//!     sum by (job) (rate(http_requests_total[5m]))");
//! # Ok::<(), promqlite::syntax::SyntaxError>(())
//! ```
//!
//! What fits on a line stays on one. Comments are not in the tree, so they are lost.

use super::ast::*;

/// Upstream breaks what is longer than this many bytes.
const MAX_LINE: usize = 100;

impl Expr {
    /// The expression as text, on several lines if it is longer than upstream's 100 bytes.
    pub fn pretty(&self) -> String {
        self.pretty_within(MAX_LINE)
    }

    /// The expression as text; what is longer than `width` bytes without its indent is broken, if there is a place to
    /// break it.
    pub fn pretty_within(&self, width: usize) -> String {
        let mut lines = Lines { out: String::new(), width };
        lines.expression(self, 0);
        lines.out
    }
}

struct Lines {
    out: String,
    width: usize,
}

impl Lines {
    /// Appends the lines of `expr`; the level is that of its first line, and each line comes with its indent.
    fn expression(&mut self, expr: &Expr, level: usize) {
        let line = expr.to_string();
        let fits = line.len() <= self.width;
        match expr {
            Expr::Unary(e) => self.unary(e, level),
            // A subquery that fits has no indent.
            Expr::Subquery(_) if fits => self.out.push_str(&line),
            Expr::Subquery(e) => {
                self.expression(&e.inner, level);
                self.out.push_str(&e.suffix());
            }
            Expr::Binary(e) if !fits => self.binary(e, level),
            Expr::Paren(e) if !fits => self.parentheses("", std::slice::from_ref(&e.inner), level),
            Expr::Aggregate(e) if !fits => self.parentheses(&e.head(), &e.args, level),
            Expr::Call(e) if !fits => self.parentheses(&e.name, &e.args, level),
            _ => {
                self.indent(level);
                self.out.push_str(&line);
            }
        }
    }

    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    /// The sign stands directly before the operand, whose own indent is dropped.
    fn unary(&mut self, e: &UnaryExpr, level: usize) {
        self.indent(level);
        self.out.push(if e.negative { '-' } else { '+' });
        let start = self.out.len();
        self.expression(&e.operand, level);
        let operand = self.out.split_off(start);
        self.out.push_str(operand.trim());
    }

    fn binary(&mut self, e: &BinaryExpr, level: usize) {
        self.expression(&e.lhs, level + 1);
        self.out.push('\n');
        self.indent(level);
        self.out.push_str(&e.operator());
        self.out.push('\n');
        self.expression(&e.rhs, level + 1);
    }

    /// The arguments of something, each on lines of its own.
    fn parentheses(&mut self, head: &str, args: &[Expr], level: usize) {
        self.indent(level);
        self.out.push_str(head);
        self.out.push_str("(\n");
        for (i, arg) in args.iter().enumerate() {
            self.out.push_str(if i > 0 { ",\n" } else { "" });
            self.expression(arg, level + 1);
        }
        self.out.push('\n');
        self.indent(level);
        self.out.push(')');
    }
}
