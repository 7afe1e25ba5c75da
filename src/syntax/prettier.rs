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
        pretty(self, width, 0)
    }
}

/// The lines of `expr`; the level is that of its first line, and each line comes with its indent.
fn pretty(expr: &Expr, width: usize, level: usize) -> String {
    let line = expr.to_string();
    let indent = "  ".repeat(level);
    let fits = line.len() <= width;
    match expr {
        Expr::Unary(e) => {
            let operand = pretty(&e.operand, width, level);
            let sign = if e.negative { '-' } else { '+' };
            format!("{indent}{sign}{}", operand.trim())
        }
        // A subquery that fits has no indent.
        Expr::Subquery(_) if fits => line,
        Expr::Subquery(e) => format!("{}{}", pretty(&e.inner, width, level), e.suffix()),
        Expr::Binary(e) if !fits => {
            let (lhs, rhs) = (pretty(&e.lhs, width, level + 1), pretty(&e.rhs, width, level + 1));
            format!("{lhs}\n{indent}{}\n{rhs}", e.operator())
        }
        Expr::Paren(e) if !fits => in_parentheses("", std::slice::from_ref(&e.inner), width, level),
        Expr::Aggregate(e) if !fits => in_parentheses(&e.head(), &e.args, width, level),
        Expr::Call(e) if !fits => in_parentheses(&e.name, &e.args, width, level),
        _ => indent + &line,
    }
}

/// The arguments of something, each on lines of its own.
fn in_parentheses(head: &str, args: &[Expr], width: usize, level: usize) -> String {
    let indent = "  ".repeat(level);
    let args: Vec<String> = args.iter().map(|arg| pretty(arg, width, level + 1)).collect();
    format!("{indent}{head}(\n{}\n{indent})", args.join(",\n"))
}
