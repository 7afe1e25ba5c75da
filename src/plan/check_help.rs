//! What somebody at a prompt can do about an expression that makes no sense.
//!
//! `rat(x[5m])` gets "did you mean `rate`?", `rate(x)` gets "add a range: `x[5m]`".

use crate::aggregations::{AGGREGATIONS, Aggregation};
use crate::diagnostic::Span;
use crate::functions::{FUNCTIONS, Function};
use crate::model::ValueType;
use crate::similar::edits;
use crate::syntax::ast::*;

/// Words that other languages use, and what they are called here.
const ELSEWHERE: [(&str, &str); 9] = [
    ("average", "avg"),
    ("bottom", "bottomk"),
    ("last", "last_over_time"),
    ("mean", "avg"),
    ("median", "quantile"),
    ("now", "time"),
    ("percentile", "quantile"),
    ("top", "topk"),
    ("variance", "stdvar"),
];

/// Expressions longer than this are not repeated in a help text.
const LONGEST_REPEATED: usize = 80;

pub(super) fn unknown_function(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let known = ELSEWHERE.iter().find(|(word, _)| *word == lower).map(|(_, ours)| *ours);
    let ours = known.or_else(|| nearest(&lower))?;
    Some(format!("did you mean `{ours}`?"))
}

/// The function or aggregation whose name differs least; of several, the one that begins most alike.
fn nearest(name: &str) -> Option<&'static str> {
    let limit = match name.len() {
        0..=1 => 0,
        2..=5 => 1,
        6..=40 => name.len() / 3,
        _ => return None,
    };
    let functions = FUNCTIONS.iter().map(|function| function.name);
    let aggregations = AGGREGATIONS.iter().map(|aggregation| aggregation.name);
    let distances = functions.chain(aggregations).map(|known| (edits(name, known), known));
    let alike = |known: &str| name.bytes().zip(known.bytes()).take_while(|(a, b)| a == b).count();
    distances
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, known)| (*distance, usize::MAX - alike(known)))
        .map(|(_, known)| known)
}

pub(super) fn experimental() -> Option<String> {
    Some("switch on the feature `promql-experimental-functions`".to_owned())
}

pub(super) fn aggregation_arguments(op: AggregateOp, row: Option<&Aggregation>) -> Option<String> {
    let parameter = row.and_then(|row| row.parameter);
    Some(match parameter {
        Some((_, name)) => format!("write `{op}({name}, x)`"),
        None => format!("write `{op}(x)`; labels to keep go into `{op} by (label) (x)`"),
    })
}

pub(super) fn signature(function: &Function) -> Option<String> {
    Some(format!("write `{}`", function.signature()))
}

pub(super) fn wrong_type(expr: &Expr, expected: ValueType, got: ValueType) -> Option<String> {
    match (expected, got) {
        (ValueType::Matrix, ValueType::Vector) => Some(with_range(expr)),
        (ValueType::Vector, ValueType::Scalar) => {
            Some("make a vector of the number with `vector(...)`".to_owned())
        }
        (ValueType::Scalar, ValueType::Vector) => {
            Some("make a number of a vector of one series with `scalar(...)`".to_owned())
        }
        (ValueType::String, ValueType::Vector) => match expr {
            Expr::Vector(selector) if selector.matchers.len() == 1 => {
                selector.name.as_ref().map(|name| format!("a text stands in quotes: `\"{name}\"`"))
            }
            _ => None,
        },
        (_, got) => not_a_sample(expr, got),
    }
}

/// The expression with a range: a selector takes one, anything else has to become a subquery.
fn with_range(expr: &Expr) -> String {
    if let Expr::Vector(selector) = expr.unwrap_parens() {
        let five_minutes = NumberLiteral { value: 300.0, duration: true, span: Span::default() };
        let range = DurationExpr::Literal(five_minutes);
        let matrix = MatrixSelector { selector: (**selector).clone(), range, span: Span::default() };
        return match repeated(&Expr::Matrix(Box::new(matrix))) {
            Some(matrix) => format!("add a range: `{matrix}`"),
            None => "add a range such as `[5m]`".to_owned(),
        };
    }
    match (expr, repeated(expr)) {
        (Expr::Binary(_) | Expr::Unary(_), Some(text)) => format!("use a subquery: `({text})[5m:]`"),
        (_, Some(text)) => format!("use a subquery: `{text}[5m:]`"),
        (_, None) => "use a subquery: a range with a colon, such as `[5m:]`".to_owned(),
    }
}

/// What to do with a range or a text where samples are wanted.
pub(super) fn not_a_sample(expr: &Expr, got: ValueType) -> Option<String> {
    match (got, repeated(expr)) {
        (ValueType::Matrix, Some(text)) => {
            Some(format!("put a function over the range, such as `rate({text})`"))
        }
        (ValueType::Matrix, None) => {
            Some("put a function over the range, such as `rate` or `avg_over_time`".to_owned())
        }
        _ => None,
    }
}

pub(super) fn scalar_comparison(op: BinaryOp) -> Option<String> {
    Some(format!("write `{op} bool`: the answer is 1 or 0"))
}

pub(super) fn set_operator_on_scalar() -> Option<String> {
    Some("`and`, `or` and `unless` take two vectors; make one of a number with `vector(...)`".to_owned())
}

pub(super) fn empty_selector() -> Option<String> {
    Some("name a metric or a label value; all series are `{__name__=~\".+\"}`".to_owned())
}

/// The expression as text, if it is short.
fn repeated(expr: &Expr) -> Option<String> {
    let span = expr.span();
    // What was written short may be printed a little longer.
    (span.end - span.start <= LONGEST_REPEATED as u32).then(|| expr.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        let table = [
            ("rat", Some("rate")),
            ("RATE", Some("rate")),
            ("sum_overtime", Some("sum_over_time")),
            ("histogram_quantil", Some("histogram_quantile")),
            ("label_repalce", Some("label_replace")),
            ("cuont", Some("count")),
            ("mean", Some("avg")),
            ("x", None),
            ("completely_different", None),
        ];
        for (name, expected) in table {
            let expected = expected.map(|name| format!("did you mean `{name}`?"));
            assert_eq!(unknown_function(name), expected, "{name}");
        }
    }
}
