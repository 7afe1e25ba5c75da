//! What range queries look like, and how much faster than Prometheus those of each shape are to be.

/// Queries that cost alike.
pub struct Shape {
    /// What they have in common.
    pub name: &'static str,
    /// The ratio that the geometric mean of theirs is to reach on series in memory.
    pub target: f64,
    matches: fn(i64, &str) -> bool,
}

impl Shape {
    /// Whether the case with so many steps and this expression is one of them.
    pub fn has(&self, steps: i64, expr: &str) -> bool {
        (self.matches)(steps, expr)
    }
}

fn aggregates_selector(expr: &str) -> bool {
    let aggregations = ["sum", "avg", "topk"];
    aggregations.iter().any(|name| expr.starts_with(name)) && !expr.contains("rate(")
}

fn joins(expr: &str) -> bool {
    [" - b_", " and ", " or ", " unless ", " + "].iter().any(|operator| expr.contains(operator))
}

/// All shapes. A case may be of several or of none.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "selectors, unary, scalar operands, sum, avg, topk; 1000 steps",
        target: 15.0,
        matches: |steps, expr| {
            let unary = expr.trim_start_matches('-');
            let selector = !unary.contains(['(', '[', '{', ' ']);
            steps == 1000 && (selector || aggregates_selector(expr))
        },
    },
    Shape {
        name: "rate over a minute",
        target: 15.0,
        matches: |steps, expr| steps > 1 && expr.starts_with("rate(") && expr.ends_with("[1m])"),
    },
    Shape {
        name: "sum of rates",
        target: 18.0,
        matches: |steps, expr| steps > 1 && expr.starts_with("sum") && expr.contains("rate("),
    },
    Shape {
        name: "rate and absent_over_time over a day",
        target: 200.0,
        matches: |steps, expr| {
            let functions = ["rate(", "absent_over_time("];
            steps > 1 && functions.iter().any(|name| expr.starts_with(name)) && expr.ends_with("[1d])")
        },
    },
    Shape {
        name: "changes over a day",
        target: 1000.0,
        matches: |steps, expr| steps > 1 && expr.starts_with("changes("),
    },
    Shape {
        name: "double_exponential_smoothing over a day",
        target: 4.0,
        matches: |steps, expr| steps > 1 && expr.starts_with("double_exponential_smoothing("),
    },
    Shape { name: "joins and set operators", target: 25.0, matches: |steps, expr| steps > 1 && joins(expr) },
    Shape {
        name: "histogram_quantile of rates",
        target: 12.0,
        matches: |steps, expr| steps > 1 && expr.starts_with("histogram_quantile("),
    },
    Shape {
        name: "count_values, label_replace, label_join",
        target: 10.0,
        matches: |steps, expr| {
            steps > 1 && ["count_values(", "label_"].iter().any(|name| expr.starts_with(name))
        },
    },
    Shape { name: "one step", target: 8.0, matches: |steps, _| steps == 1 },
];
