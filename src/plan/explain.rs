//! A plan as a tree that people can read: what is read, when, and what is done with it.
//!
//! ```
//! use promqlite::plan::{self, explain::explain, node::QueryTimes};
//! use promqlite::syntax::{Features, parse};
//!
//! let expr = parse("sum by (job) (rate(m[5m] offset 1h))", &Features::default())?;
//! let times = QueryTimes { start: 0, end: 60_000, step: 15_000, lookback: 300_000, default_subquery_step: 60_000 };
//! let plan = plan::build(&expr, times)?;
//! assert_eq!(
//!     explain(&plan).to_string(),
//!     "sum: fold into one series for each by (job)\n\
//!      └─ rate: for each series over windows of 5m\n\
//!      \u{20}  └─ select {__name__=\"m\"}: samples from -3899.999 to -3540, window ends 1h before each step\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use super::node::{NodeId, Parameter, Plan, Range, Root, Scalar, Selector, Vector, VectorKind};
use super::selections::Selection;
use super::times::Grid;
use crate::functions::window::{Edges, StepTimes};
use crate::model::go_format::{format_f, json_timestamp};
use crate::syntax::ast::{Grouping, VectorMatching};
use crate::syntax::format_duration;

/// A step of the plan and what it is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// One line.
    pub text: String,
    /// Where its input comes from.
    pub inputs: Vec<Explanation>,
    /// The node of the plan, unless it is a number or a text.
    pub(crate) node: Option<NodeId>,
}

/// Puts `plan` into words.
pub fn explain(plan: &Plan) -> Explanation {
    let words = Words { selections: &plan.selections };
    match &plan.root {
        Root::String(text) => leaf(format!("text of {} bytes", text.len())),
        Root::Scalar(value) => words.scalar(value),
        Root::Vector(value) => words.vector(value, plan.grid),
        Root::Range(value) => words.range(value, plan.grid),
    }
}

fn leaf(text: impl Into<String>) -> Explanation {
    Explanation { text: text.into(), inputs: Vec::new(), node: None }
}

fn node(text: impl Into<String>, inputs: impl IntoIterator<Item = Explanation>) -> Explanation {
    Explanation { text: text.into(), inputs: inputs.into_iter().collect(), node: None }
}

/// Has the words for the nodes of a plan.
struct Words<'p> {
    selections: &'p [Selection],
}

impl Words<'_> {
    fn scalar(&self, value: &Scalar) -> Explanation {
        match value {
            Scalar::Constant(number) => leaf(format!("number {}", format_f(*number))),
            Scalar::Time => leaf("time of each step"),
            Scalar::Negate(operand) => node("negate number", [self.scalar(operand)]),
            Scalar::Binary(op, lhs, rhs, _) => {
                node(format!("number {op} number"), [self.scalar(lhs), self.scalar(rhs)])
            }
            Scalar::Function(function, args) => {
                node(function.name, args.iter().map(|value| self.scalar(value)))
            }
            Scalar::FromVector(vector) => {
                node("scalar: the only sample of each step", [self.vector(vector, Grid::new(0, 0, 1))])
            }
            Scalar::Invariant(inner) => node("once: the same number at every step", [self.scalar(inner)]),
        }
    }

    fn vector(&self, value: &Vector, grid: Grid) -> Explanation {
        Explanation { node: Some(value.id()), ..self.operator(value, grid) }
    }

    fn operator(&self, value: &Vector, grid: Grid) -> Explanation {
        let child = |child: &Vector| self.vector(child, grid);
        match &value.kind {
            VectorKind::Select(s) => leaf(format!("{}, newest sample of each step", self.selector(s))),
            VectorKind::SampleTime { selector: s, start: false } => {
                leaf(format!("{}, time of the newest sample", self.selector(s)))
            }
            VectorKind::SampleTime { selector: s, start: true } => {
                leaf(format!("{}, start time of the newest sample", self.selector(s)))
            }
            VectorKind::StepTime(inner) => node("timestamp: the time of each step", [child(inner)]),
            VectorKind::FromScalar(inner) => node("vector: one series without labels", [self.scalar(inner)]),
            VectorKind::Empty => leaf("nothing"),
            VectorKind::Window { function, source, args, .. } => {
                let text = format!(
                    "{}: for each series over windows of {}{}",
                    function.name,
                    format_duration(source.width()),
                    edges(source.edges())
                );
                node(text, args.iter().map(|value| self.scalar(value)).chain([self.range(source, grid)]))
            }
            VectorKind::Absent { child: inner, labels } => {
                node(format!("absent: {labels} where there is nothing"), [child(inner)])
            }
            VectorKind::AbsentOverTime { source, labels } => node(
                format!("absent_over_time: {labels} where windows are empty"),
                [self.range(source, grid)],
            ),
            VectorKind::Map { child: inner, .. } => node("sample by sample", [child(inner)]),
            VectorKind::MapWith { child: inner, args, .. } => node(
                "sample by sample, with numbers",
                [child(inner)].into_iter().chain(args.iter().map(|value| self.scalar(value))),
            ),
            VectorKind::FromHistogram { child: inner, .. } => node("histogram by histogram", [child(inner)]),
            VectorKind::Negate(inner) => node("negate", [child(inner)]),
            VectorKind::VectorScalar { op, vector: operand, scalar: number, scalar_left, .. } => {
                let (operand, number) = (child(operand), self.scalar(number));
                match scalar_left {
                    true => node(format!("number {op} each sample"), [number, operand]),
                    false => node(format!("each sample {op} number"), [operand, number]),
                }
            }
            VectorKind::Join { op, matching, lhs, rhs, .. } => {
                node(format!("{op}: series meet {}", meeting(matching)), [child(lhs), child(rhs)])
            }
            VectorKind::Set { op, matching, lhs, rhs } => {
                node(format!("{op}: series are compared {}", meeting(matching)), [child(lhs), child(rhs)])
            }
            VectorKind::Aggregate { aggregation, without, labels, parameter, child: inner } => {
                let groups = match (without, labels.is_empty()) {
                    (false, true) => "into one series".to_owned(),
                    (false, false) => format!("into one series for each by ({})", labels.join(", ")),
                    (true, _) => format!("into one series for each without ({})", labels.join(", ")),
                };
                let parameter = parameter.iter().map(|parameter| match parameter {
                    Parameter::Scalar(value) => self.scalar(value),
                    Parameter::String(text) => leaf(format!("text {:?}", String::from_utf8_lossy(text))),
                });
                node(format!("{}: fold {groups}", aggregation.name), parameter.chain([child(inner)]))
            }
            VectorKind::HistogramQuantile { quantile, child: inner } => {
                node("histogram_quantile: put histograms together", [self.scalar(quantile), child(inner)])
            }
            VectorKind::HistogramQuantiles { child: inner, label, quantiles } => node(
                format!("histogram_quantiles: put histograms together, quantile in label {label}"),
                [child(inner)].into_iter().chain(quantiles.iter().map(|value| self.scalar(value))),
            ),
            VectorKind::HistogramFraction { lower, upper, child: inner } => {
                let text = "histogram_fraction: put histograms together";
                node(text, [self.scalar(lower), self.scalar(upper), child(inner)])
            }
            VectorKind::LabelReplace { child: inner, target, .. } => {
                node(format!("label_replace: set {}", String::from_utf8_lossy(target)), [child(inner)])
            }
            VectorKind::LabelJoin { child: inner, target, .. } => {
                node(format!("label_join: set {}", String::from_utf8_lossy(target)), [child(inner)])
            }
            VectorKind::Sort { child: inner, descending } => {
                node(if *descending { "sort, largest first" } else { "sort, smallest first" }, [child(inner)])
            }
            VectorKind::SortByLabel { child: inner, labels, .. } => {
                node(format!("sort by label {}", labels.join(", ")), [child(inner)])
            }
            VectorKind::Info { child: inner, matchers, .. } => {
                let matchers: Vec<String> = matchers.iter().map(ToString::to_string).collect();
                node(format!("info: add labels of info series {{{}}}", matchers.join(",")), [child(inner)])
            }
            VectorKind::Invariant(inner) => {
                node("once: the same at every step", [self.vector(inner, grid.first_only())])
            }
        }
    }

    fn range(&self, value: &Range, grid: Grid) -> Explanation {
        Explanation { node: Some(value.id()), ..self.source(value, grid) }
    }

    fn source(&self, value: &Range, grid: Grid) -> Explanation {
        match value {
            Range::Select(s) => {
                leaf(format!("{}, window ends {}", self.selector(s), looked_at(s.ends, grid)))
            }
            Range::Subquery(subquery) => {
                let Grid { start, step, steps, .. } = subquery.grid;
                let text = format!(
                    "subquery: {steps} steps of {} from {}, window ends {}",
                    format_duration(step),
                    json_timestamp(start),
                    looked_at(subquery.ends, grid)
                );
                node(text, [self.vector(&subquery.inner, subquery.grid)])
            }
        }
    }

    fn selector(&self, selector: &Selector) -> String {
        let matchers: Vec<String> = selector.matchers.iter().map(ToString::to_string).collect();
        let uses = selector.selection.and_then(|number| Some(self.selections.get(number)?.uses));
        let shared = match uses {
            Some(uses @ 2..) => format!(", shared by {uses} equal selectors"),
            _ => String::new(),
        };
        format!(
            "select {{{}}}: samples from {} to {}{shared}",
            matchers.join(","),
            json_timestamp(selector.reads.start),
            json_timestamp(selector.reads.end)
        )
    }
}

fn looked_at(ends: StepTimes, grid: Grid) -> String {
    match (ends.step, grid.start - ends.first) {
        (0, _) if grid.steps > 1 => format!("at {} for every step", json_timestamp(ends.first)),
        (_, 0) => "at each step".to_owned(),
        (_, before) if before > 0 => format!("{} before each step", format_duration(before)),
        (_, before) => format!("{} after each step", format_duration(-before)),
    }
}

fn edges(edges: Edges) -> &'static str {
    match edges {
        Edges::Plain => "",
        Edges::Anchored => ", anchored",
        Edges::Smoothed => ", smoothed",
    }
}

fn meeting(matching: &VectorMatching) -> String {
    let names: Vec<&str> = matching.labels.iter().map(|label| label.name.as_str()).collect();
    let by = match matching.on {
        Some(true) => format!("on ({})", names.join(", ")),
        _ if names.is_empty() => "on all labels".to_owned(),
        _ => format!("on all labels but ({})", names.join(", ")),
    };
    match matching.grouping {
        Grouping::None => by,
        Grouping::Left => format!("{by}, many on the left for one on the right"),
        Grouping::Right => format!("{by}, one on the left for many on the right"),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn write(e: &Explanation, f: &mut fmt::Formatter<'_>, first: &str, rest: &str) -> fmt::Result {
            writeln!(f, "{first}{}", e.text)?;
            for (i, input) in e.inputs.iter().enumerate() {
                let (first, more) =
                    if i + 1 < e.inputs.len() { ("├─ ", "│  ") } else { ("└─ ", "   ") };
                write(input, f, &format!("{rest}{first}"), &format!("{rest}{more}"))?;
            }
            Ok(())
        }
        write(self, f, "", "")
    }
}
