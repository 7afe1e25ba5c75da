//! Warnings and infos that travel with an answer: what Prometheus calls annotations.
//!
//! Each kind is a variant with its values in it; the text, which is Prometheus' (`util/annotations/annotations.go`),
//! is made only when somebody reads it. The same text is told once, however many series and steps gave rise to it,
//! and points at the place whose evaluation gave rise to it last:
//!
//! ```
//! use promqlite::Span;
//! use promqlite::model::{Annotation, Annotations};
//!
//! let mut annotations = Annotations::default();
//! annotations.add(Annotation::InvalidQuantile { quantile: 1.5 }, Span::new(9, 12), 0);
//! annotations.add(Annotation::InvalidQuantile { quantile: 1.5 }, Span::new(9, 12), 0);
//! let (warnings, infos) = annotations.texts("quantile(1.5, up)");
//! assert_eq!(warnings, ["PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)"]);
//! assert!(infos.is_empty());
//! ```

use std::fmt;
use std::sync::Arc;

use super::go_format::{format_g, format_g2, quote};
use super::time::Timestamp;
use crate::diagnostic::{Diagnostic, Severity, Span};

/// One kind of warning or info, with what varies in its text. `metric` may be empty where it says "if known".
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the blanks of the message, named alike")]
pub enum Annotation {
    /// A quantile outside 0 to 1.
    InvalidQuantile { quantile: f64 },
    /// A sampling ratio outside -1 to 1.
    InvalidRatio { ratio: f64, capped_to: f64 },
    /// A classic bucket whose `le` is missing or no number; metric if known.
    BadBucketLabel { metric: String, label: String },
    /// Floats and histograms in one window of one series.
    MixedFloatsHistograms { metric: String },
    /// Floats and histograms in one group.
    MixedFloatsHistogramsAggregation,
    /// Classic and native histogram under one label set; metric if known.
    MixedClassicNativeHistograms { metric: String },
    /// `rate` and its like over a gauge histogram.
    NativeHistogramNotCounter { metric: String },
    /// `delta` and its like over a counter histogram.
    NativeHistogramNotGauge { metric: String },
    /// Exponential and custom buckets together.
    MixedExponentialCustomHistograms { metric: String },
    /// Exponential and custom buckets on the two sides of an operator.
    IncompatibleBucketLayoutInBinaryOperator { operator: String },
    /// `sort` and its like in a range query.
    SortInRangeQuery,
    /// `rate` over something not named like a counter.
    PossibleNonCounter { metric: String },
    /// `rate` over something not typed as a counter.
    PossibleNonCounterType { metric: String, type_label: String },
    /// Classic buckets that fell from one bound to the next; metric if known.
    ForcedMonotonicity { metric: String, details: ForcedMonotonicity },
    /// Operand types that the operator does not take, such as histogram + float.
    IncompatibleTypesInBinaryOperator { operator: String, left: String, right: String },
    /// A histogram left out of an aggregation over floats.
    HistogramIgnoredInAggregation { aggregation: String },
    /// Histograms left out of a function over floats.
    HistogramIgnoredInMixedRange { metric: String },
    /// NaN observations made a quantile NaN; metric if known.
    NativeHistogramQuantileNaNResult { metric: String },
    /// NaN observations pushed a quantile up; metric if known.
    NativeHistogramQuantileNaNSkew { metric: String },
    /// NaN observations are outside all fractions; metric if known.
    NativeHistogramFractionNaNs { metric: String },
    /// One histogram says "reset", another "no reset".
    HistogramCounterResetCollision { operation: HistogramOperation },
    /// Custom buckets with different bounds were brought to the common ones.
    MismatchedCustomBuckets { operation: HistogramOperation },
    /// Start times that lie before the sample before; seen this many times.
    StartTimeOverlap { metric: String, occurrences: u64 },
}

/// What two histograms met in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are the message's")]
#[non_exhaustive]
pub enum HistogramOperation {
    Addition,
    Subtraction,
    Aggregation,
}

/// How far classic buckets had to be mended, over all samples it happened to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForcedMonotonicity {
    /// Lowest bound that was mended.
    pub min_bucket: f64,
    /// Highest bound that was mended.
    pub max_bucket: f64,
    /// Largest fall from one bucket to the next.
    pub max_difference: f64,
    /// Samples it happened to.
    pub samples: u64,
    /// First sample's time in ms.
    pub first: Timestamp,
    /// Last sample's time in ms.
    pub last: Timestamp,
}

impl Annotation {
    /// Warning or info.
    pub fn severity(&self) -> Severity {
        use Annotation as A;
        match self {
            A::PossibleNonCounter { .. }
            | A::PossibleNonCounterType { .. }
            | A::ForcedMonotonicity { .. }
            | A::IncompatibleTypesInBinaryOperator { .. }
            | A::HistogramIgnoredInAggregation { .. }
            | A::HistogramIgnoredInMixedRange { .. }
            | A::NativeHistogramQuantileNaNResult { .. }
            | A::NativeHistogramQuantileNaNSkew { .. }
            | A::NativeHistogramFractionNaNs { .. }
            | A::MismatchedCustomBuckets { .. } => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// Whether `other` is told as one with this: all but the details that add up over samples is equal.
    fn same_as(&self, other: &Annotation) -> bool {
        use Annotation as A;
        match (self, other) {
            (A::ForcedMonotonicity { metric: a, .. }, A::ForcedMonotonicity { metric: b, .. }) => a == b,
            (A::StartTimeOverlap { metric: a, .. }, A::StartTimeOverlap { metric: b, .. }) => a == b,
            (A::InvalidQuantile { quantile: a }, A::InvalidQuantile { quantile: b }) => {
                a == b || a.is_nan() && b.is_nan()
            }
            _ => self == other,
        }
    }

    /// Adds what `other` saw, if this is a kind that adds up.
    fn absorb(&mut self, other: &Annotation) -> bool {
        use Annotation as A;
        match (self, other) {
            (A::ForcedMonotonicity { details: a, .. }, A::ForcedMonotonicity { details: b, .. }) => {
                *a = ForcedMonotonicity {
                    min_bucket: a.min_bucket.min(b.min_bucket),
                    max_bucket: a.max_bucket.max(b.max_bucket),
                    max_difference: a.max_difference.max(b.max_difference),
                    samples: a.samples + b.samples,
                    first: a.first.min(b.first),
                    last: a.last.max(b.last),
                };
                true
            }
            (A::StartTimeOverlap { occurrences: a, .. }, A::StartTimeOverlap { occurrences: b, .. }) => {
                *a += b;
                true
            }
            _ => false,
        }
    }
}

impl fmt::Display for HistogramOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HistogramOperation::Addition => "addition",
            HistogramOperation::Subtraction => "subtraction",
            HistogramOperation::Aggregation => "aggregation",
        })
    }
}

/// The text after `PromQL warning: ` or `PromQL info: `.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Annotation as A;
        let for_metric = |metric: &str| match metric {
            "" => String::new(),
            _ => format!(" for metric name {}", quote(metric)),
        };
        match self {
            A::InvalidQuantile { quantile } => {
                write!(f, "quantile value should be between 0 and 1, got {}", format_g(*quantile))
            }
            A::InvalidRatio { ratio, capped_to } => write!(
                f,
                "ratio value should be between -1 and 1, got {}, capping to {}",
                format_g(*ratio),
                format_g(*capped_to)
            ),
            A::BadBucketLabel { metric, label } => write!(
                f,
                "bucket label \"le\" is missing or has a malformed value of {}{}",
                quote(label),
                for_metric(metric)
            ),
            A::MixedFloatsHistograms { metric } => {
                write!(f, "encountered a mix of histograms and floats for metric name {}", quote(metric))
            }
            A::MixedFloatsHistogramsAggregation => {
                write!(f, "encountered a mix of histograms and floats for aggregation")
            }
            A::MixedClassicNativeHistograms { metric } => {
                write!(f, "vector contains a mix of classic and native histograms{}", for_metric(metric))
            }
            A::NativeHistogramNotCounter { metric } => {
                write!(f, "this native histogram metric is not a counter: {}", quote(metric))
            }
            A::NativeHistogramNotGauge { metric } => {
                write!(f, "this native histogram metric is not a gauge: {}", quote(metric))
            }
            A::MixedExponentialCustomHistograms { metric } => write!(
                f,
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {}",
                quote(metric)
            ),
            A::IncompatibleBucketLayoutInBinaryOperator { operator } => {
                write!(f, "incompatible bucket layout encountered for binary operator {operator}")
            }
            A::SortInRangeQuery => {
                write!(f, "sort is ineffective for range queries since results are always ordered by labels")
            }
            A::PossibleNonCounter { metric } => write!(
                f,
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {}",
                quote(metric)
            ),
            A::PossibleNonCounterType { metric, type_label } => write!(
                f,
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {}: {}",
                quote(type_label),
                quote(metric)
            ),
            A::ForcedMonotonicity { metric, details } => write!(
                f,
                "input to histogram_quantile needed to be fixed for monotonicity (see \
                 https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){}, \
                 from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
                for_metric(metric),
                format_g(details.min_bucket),
                format_g(details.max_bucket),
                format_g2(details.max_difference),
                details.samples,
                seconds_rfc3339(details.first),
                seconds_rfc3339(details.last),
            ),
            A::IncompatibleTypesInBinaryOperator { operator, left, right } => write!(
                f,
                "incompatible sample types encountered for binary operator {}: {left} {operator} {right}",
                quote(operator)
            ),
            A::HistogramIgnoredInAggregation { aggregation } => {
                write!(f, "ignored histogram in {aggregation} aggregation")
            }
            A::HistogramIgnoredInMixedRange { metric } => write!(
                f,
                "ignored histograms in a range containing both floats and histograms for metric name {}",
                quote(metric)
            ),
            A::NativeHistogramQuantileNaNResult { metric } => write!(
                f,
                "input to histogram_quantile has NaN observations, result is NaN{}",
                for_metric(metric)
            ),
            A::NativeHistogramQuantileNaNSkew { metric } => write!(
                f,
                "input to histogram_quantile has NaN observations, result is skewed higher{}",
                for_metric(metric)
            ),
            A::NativeHistogramFractionNaNs { metric } => write!(
                f,
                "input to histogram_fraction has NaN observations, which are excluded from all fractions{}",
                for_metric(metric)
            ),
            A::HistogramCounterResetCollision { operation } => {
                write!(f, "conflicting counter resets during histogram {operation}")
            }
            A::MismatchedCustomBuckets { operation } => {
                write!(f, "mismatched custom buckets were reconciled during {operation}")
            }
            A::StartTimeOverlap { metric, occurrences } => {
                write!(
                    f,
                    "sample has start time that overlaps with previous sample timestamp for metric {}",
                    quote(metric)
                )?;
                if *occurrences > 1 { write!(f, " ({occurrences} occurrences)") } else { Ok(()) }
            }
        }
    }
}

fn seconds_rfc3339(ms: Timestamp) -> String {
    let seconds = ms.div_euclid(1000);
    match chrono::DateTime::from_timestamp(seconds, 0) {
        Some(time) => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        None => seconds.to_string(),
    }
}

/// The warnings and infos of one query.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    annotation: Annotation,
    span: Span,
    order: u32,
}

impl Annotations {
    /// Adds an annotation about `span`. `order` is the place of its operator in the order of evaluation: of
    /// several places with the same text, the one evaluated last is told.
    pub fn add(&mut self, annotation: Annotation, span: Span, order: u32) {
        match self.entries.iter_mut().find(|e| e.annotation.same_as(&annotation)) {
            Some(entry) => {
                // What adds up over samples stays where it was seen first.
                let adds_up = entry.annotation.absorb(&annotation);
                if if adds_up { order < entry.order } else { order >= entry.order } {
                    entry.span = span;
                    entry.order = order;
                }
            }
            None => self.entries.push(Entry { annotation, span, order }),
        }
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Annotations) {
        for entry in other.entries {
            self.add(entry.annotation, entry.span, entry.order);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Each annotation with the place it speaks of.
    pub fn iter(&self) -> impl Iterator<Item = (&Annotation, Span)> {
        self.entries.iter().map(|e| (&e.annotation, e.span))
    }

    /// The warnings and the infos as Prometheus' API tells them, in order of their text, with `line:column`.
    pub fn texts(&self, query: &str) -> (Vec<String>, Vec<String>) {
        let (mut warnings, mut infos) = (Vec::new(), Vec::new());
        for Diagnostic { severity, message, span, .. } in self.diagnostics() {
            let (line, column) = span.unwrap_or_default().position_in(query);
            let list = if severity == Severity::Info { &mut infos } else { &mut warnings };
            list.push(format!("{message} ({line}:{column})"));
        }
        warnings.sort();
        infos.sort();
        (warnings, infos)
    }

    /// The annotations as diagnostics, in the order in which they first came up.
    pub fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        self.entries.iter().map(|e| {
            let severity = e.annotation.severity();
            let prefix = if severity == Severity::Info { "PromQL info: " } else { "PromQL warning: " };
            Diagnostic {
                severity,
                message: format!("{prefix}{}", e.annotation),
                span: Some(e.span),
                help: None,
            }
        })
    }
}

#[doc(hidden)]
/// What a function or an operator says about its input goes here; it knows its own spans, so that the body
/// only says which part it means.
#[derive(Debug)]
pub struct Notes<'a> {
    /// Where the notes are kept.
    pub annotations: &'a mut Annotations,
    /// The places of the call.
    pub spans: &'a CallSpans,
}

#[doc(hidden)]
/// The places of one call, aggregation or operator.
#[derive(Clone, Debug, Default)]
pub struct CallSpans {
    /// The whole.
    pub call: Span,
    /// The argument list.
    pub args: Span,
    /// Each argument; for an aggregation the parameter, if any, and then the vector.
    pub each: ArgSpans,
    /// The place of the operator in the order of evaluation.
    pub order: u32,
}

#[doc(hidden)]
/// The places of arguments. Mostly there are one or two, and those need no memory of their own.
#[derive(Clone, Debug)]
pub enum ArgSpans {
    /// The first so many of these.
    Few([Span; 2], usize),
    /// All of these.
    Many(Arc<[Span]>),
}

impl Default for ArgSpans {
    fn default() -> Self {
        ArgSpans::Few([Span::default(); 2], 0)
    }
}

impl FromIterator<Span> for ArgSpans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut few = [Span::default(); 2];
        let mut spans = spans.into_iter();
        for count in 0..few.len() {
            match spans.next() {
                Some(span) => few[count] = span,
                None => return ArgSpans::Few(few, count),
            }
        }
        match spans.next() {
            Some(next) => ArgSpans::Many(few.into_iter().chain([next]).chain(spans).collect()),
            None => ArgSpans::Few(few, few.len()),
        }
    }
}

impl std::ops::Deref for ArgSpans {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        match self {
            ArgSpans::Few(spans, count) => &spans[..*count],
            ArgSpans::Many(spans) => spans,
        }
    }
}

#[doc(hidden)]
/// Which part of a call a note speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All of it.
    Call,
    /// The argument list.
    Args,
    /// One argument, counted from 0.
    Arg(usize),
}

impl Notes<'_> {
    /// Adds `annotation` about `place`.
    pub fn add(&mut self, annotation: Annotation, place: Place) {
        let span = match place {
            Place::Call => self.spans.call,
            Place::Args => self.spans.args,
            Place::Arg(i) => self.spans.each.get(i).copied().unwrap_or(self.spans.call),
        };
        self.annotations.add(annotation, span, self.spans.order);
    }
}
