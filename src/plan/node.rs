//! The nodes of a plan. Three kinds, by type: scalars, instant vectors and range vectors, so that an operator that
//! needs a vector cannot be given anything else.

use std::sync::Arc;

use super::selections::Selection;
use super::times::Grid;
use crate::aggregations::Aggregation;
use crate::diagnostic::Span;
use crate::functions::window::{Edges, StepTimes};
use crate::functions::{Function, WindowFunction};
use crate::model::annotation::CallSpans;
use crate::model::{Histogram, Matcher, TimeRange, Timestamp, ValueType};
use crate::syntax::ast::{BinaryOp, VectorMatching};

/// A query, ready to run over any store.
#[derive(Debug)]
pub struct Plan {
    /// What is evaluated.
    pub root: Root,
    /// The steps of the query.
    pub grid: Grid,
    /// What its selectors ask for, by number: equal ones ask once.
    pub selections: Vec<Selection>,
}

/// The outermost expression.
#[derive(Debug)]
pub enum Root {
    /// A text.
    String(Box<[u8]>),
    /// A number a step.
    Scalar(Scalar),
    /// An instant vector a step.
    Vector(Vector),
    /// A range vector, for one step.
    Range(Range),
}

impl Root {
    /// The type of the expression.
    pub fn value_type(&self) -> ValueType {
        match self {
            Root::String(_) => ValueType::String,
            Root::Scalar(_) => ValueType::Scalar,
            Root::Vector(_) => ValueType::Vector,
            Root::Range(_) => ValueType::Matrix,
        }
    }
}

/// One number for each step.
#[derive(Debug)]
pub enum Scalar {
    /// The same at every step.
    Constant(f64),
    /// The time of the step in seconds.
    Time,
    /// `-s`
    Negate(Box<Scalar>),
    /// `s + s`
    Binary(BinaryOp, Box<Scalar>, Box<Scalar>, Span),
    /// A function of scalars alone.
    Function(&'static Function, Vec<Scalar>),
    /// `scalar(v)`
    FromVector(Box<Vector>),
    /// Evaluated at the first step only, and the same at all others.
    Invariant(Box<Scalar>),
}

/// One sample a series for each step.
#[derive(Debug)]
pub struct Vector {
    /// What it is.
    pub kind: VectorKind,
    /// Where it stands, for warnings and errors.
    pub spans: CallSpans,
}

/// Tells the nodes of a plan apart, as long as the plan is where it is. A range vector may lie at the very beginning of
/// the vector that is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NodeId {
    Vector(usize),
    Range(usize),
}

impl Vector {
    pub(crate) fn id(&self) -> NodeId {
        NodeId::Vector(std::ptr::from_ref(self).addr())
    }
}

/// What an instant vector is made of.
#[derive(Debug)]
pub enum VectorKind {
    /// The newest sample at each step.
    Select(Selector),
    /// The time of the newest sample, or with `start` the start time of the counter behind it, in seconds.
    SampleTime {
        /// Which series.
        selector: Selector,
        /// Whether the start time is wanted.
        start: bool,
    },
    /// `timestamp` of anything but a selector: the time of the step where there is a sample.
    StepTime(Box<Vector>),
    /// `vector(s)`
    FromScalar(Scalar),
    /// Nothing.
    Empty,
    /// A function over windows.
    Window {
        /// Which function.
        function: &'static Function,
        /// How it is run.
        window: &'static WindowFunction,
        /// Over what.
        source: Range,
        /// Its scalar arguments in order.
        args: Vec<Scalar>,
    },
    /// `absent(v)`
    Absent {
        /// What may be missing.
        child: Box<Vector>,
        /// The labels of the answer.
        labels: crate::model::Labels,
    },
    /// `absent_over_time(m)`
    AbsentOverTime {
        /// What may be missing.
        source: Range,
        /// The labels of the answer.
        labels: crate::model::Labels,
    },
    /// A function float by float.
    Map {
        /// The arithmetic.
        apply: fn(&mut [f64]),
        /// Over what.
        child: Box<Vector>,
    },
    /// A function float by float, with scalars.
    MapWith {
        /// The arithmetic.
        apply: fn(&mut crate::model::ColumnMut<'_>, &[&[f64]]),
        /// Over what.
        child: Box<Vector>,
        /// The scalars in order.
        args: Vec<Scalar>,
    },
    /// A float out of each histogram.
    FromHistogram {
        /// The arithmetic.
        apply: fn(&Histogram) -> f64,
        /// Over what.
        child: Box<Vector>,
    },
    /// `-v`
    Negate(Box<Vector>),
    /// `v + s` or `s + v`
    VectorScalar {
        /// The operator.
        op: BinaryOp,
        /// Whether `bool` was written.
        return_bool: bool,
        /// The vector operand.
        vector: Box<Vector>,
        /// The scalar operand.
        scalar: Scalar,
        /// Whether the scalar stands on the left.
        scalar_left: bool,
    },
    /// `v + v`
    Join {
        /// The operator.
        op: BinaryOp,
        /// Whether `bool` was written.
        return_bool: bool,
        /// Which series meet which.
        matching: VectorMatching,
        /// Left operand.
        lhs: Box<Vector>,
        /// Right operand.
        rhs: Box<Vector>,
    },
    /// `v and v`, `v or v`, `v unless v`
    Set {
        /// The operator.
        op: BinaryOp,
        /// Which series meet which.
        matching: VectorMatching,
        /// Left operand.
        lhs: Box<Vector>,
        /// Right operand.
        rhs: Box<Vector>,
    },
    /// `sum by (job) (v)`
    Aggregate {
        /// Which aggregation.
        aggregation: &'static Aggregation,
        /// Whether `labels` are dropped rather than kept.
        without: bool,
        /// The labels of `by` or `without`.
        labels: Arc<[String]>,
        /// The parameter, if it takes one.
        parameter: Option<Parameter>,
        /// What is aggregated.
        child: Box<Vector>,
    },
    /// `histogram_quantile(s, v)`
    HistogramQuantile {
        /// Which quantile.
        quantile: Scalar,
        /// The histograms.
        child: Box<Vector>,
    },
    /// `histogram_quantiles(v, "label", s, ...)`
    HistogramQuantiles {
        /// The histograms.
        child: Box<Vector>,
        /// The label that tells the quantile.
        label: String,
        /// Which quantiles.
        quantiles: Vec<Scalar>,
    },
    /// `histogram_fraction(s, s, v)`
    HistogramFraction {
        /// Lower bound.
        lower: Scalar,
        /// Upper bound.
        upper: Scalar,
        /// The histograms.
        child: Box<Vector>,
    },
    /// `label_replace(v, "dst", "replacement", "src", "regex")`
    LabelReplace {
        /// Whose labels.
        child: Box<Vector>,
        /// Label to set.
        target: Vec<u8>,
        /// What to set it to.
        replacement: Vec<u8>,
        /// Label to look at.
        source: Vec<u8>,
        /// What it has to match.
        regex: Vec<u8>,
    },
    /// `label_join(v, "dst", "separator", "src", ...)`
    LabelJoin {
        /// Whose labels.
        child: Box<Vector>,
        /// Label to set.
        target: Vec<u8>,
        /// What stands between the values.
        separator: Vec<u8>,
        /// Labels to join.
        sources: Vec<Vec<u8>>,
    },
    /// `sort(v)`, `sort_desc(v)`
    Sort {
        /// What is sorted.
        child: Box<Vector>,
        /// Largest first.
        descending: bool,
    },
    /// `sort_by_label(v, "label", ...)`, `sort_by_label_desc`
    SortByLabel {
        /// What is sorted.
        child: Box<Vector>,
        /// Last first.
        descending: bool,
        /// By which labels.
        labels: Vec<String>,
    },
    /// `info(v, {...})`
    Info {
        /// What gets more labels.
        child: Box<Vector>,
        /// Which info series, and which of their labels.
        matchers: Arc<[Matcher]>,
        /// The times at which info series are looked at.
        at: StepTimes,
    },
    /// Evaluated at the first step only, and the same at all others.
    Invariant(Box<Vector>),
}

/// The parameter of an aggregation.
#[derive(Debug)]
pub enum Parameter {
    /// A number a step.
    Scalar(Scalar),
    /// A text.
    String(Box<[u8]>),
}

/// Which series a selector selects, and which of their samples it looks at.
#[derive(Debug)]
pub struct Selector {
    /// All of them have to hold.
    pub matchers: Arc<[Matcher]>,
    /// The time looked at for each step, `offset` and `@` applied.
    pub ends: StepTimes,
    /// Width of the windows in ms; 0 for an instant selector.
    pub range: i64,
    /// Whether every step has the samples of the first one's window.
    pub pinned: bool,
    /// How the edges of windows are treated.
    pub edges: Edges,
    /// The samples that can play a part, in ms.
    pub reads: TimeRange,
    /// What the samples are for, as advice to the store.
    pub hints: Hints,
    /// Whether nothing but count and sum of histograms is looked at.
    pub stats_only: bool,
    /// Where it stands.
    pub span: Span,
    /// The number of its selection in the plan, if it is a part of one.
    pub selection: Option<usize>,
}

/// What surrounds a selector.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The function or aggregation right around it.
    pub function: &'static str,
    /// Labels of the aggregation right around it.
    pub grouping: Arc<[String]>,
    /// Whether `grouping` is `by`.
    pub by: bool,
}

/// A stretch of samples a series for each step.
#[derive(Debug)]
pub enum Range {
    /// `m[5m]`
    Select(Selector),
    /// `v[1h:5m]`
    Subquery(Subquery),
}

/// An expression evaluated at steps of its own.
#[derive(Debug)]
pub struct Subquery {
    /// What is evaluated.
    pub inner: Box<Vector>,
    /// At which steps.
    pub grid: Grid,
    /// Where the window of each outer step ends.
    pub ends: StepTimes,
    /// Width of the windows in ms.
    pub range: i64,
    /// Whether every step has the samples of the first one's window.
    pub pinned: bool,
    /// Where it stands.
    pub span: Span,
}

impl Range {
    pub(crate) fn id(&self) -> NodeId {
        NodeId::Range(std::ptr::from_ref(self).addr())
    }

    /// Where the window of each step ends.
    pub fn ends(&self) -> StepTimes {
        match self {
            Range::Select(selector) => selector.ends,
            Range::Subquery(subquery) => subquery.ends,
        }
    }

    /// Width of the windows in ms.
    pub fn width(&self) -> i64 {
        match self {
            Range::Select(selector) => selector.range,
            Range::Subquery(subquery) => subquery.range,
        }
    }

    /// How the edges of windows are treated.
    pub fn edges(&self) -> Edges {
        match self {
            Range::Select(selector) => selector.edges,
            Range::Subquery(_) => Edges::Plain,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Range::Select(selector) => selector.span,
            Range::Subquery(subquery) => subquery.span,
        }
    }
}

/// Where the query starts and ends, as `start()` and `end()` mean it.
#[derive(Clone, Copy, Debug)]
pub struct QueryTimes {
    /// Time of the first step in ms.
    pub start: Timestamp,
    /// No step is later, in ms.
    pub end: Timestamp,
    /// Distance of the steps in ms; 0 for an instant query.
    pub step: i64,
    /// How far an instant selector looks back, in ms.
    pub lookback: i64,
    /// Step of a subquery that does not name one, in ms.
    pub default_subquery_step: i64,
}
