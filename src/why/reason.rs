//! The reasons, and how they are told.

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::model::Timestamp;
use crate::model::go_format::quote;
use crate::render::rfc3339;
use crate::render::table::brief;
use crate::syntax::ast::BinaryOp;
use crate::syntax::format_duration;

/// A part of a query that is empty, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The part.
    pub span: Span,
    /// Why it is empty.
    pub reason: Reason,
}

/// Why a part of a query is empty. Times are ms since the Unix epoch, durations ms.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The store holds no series at all.
    NoSeries,
    /// No series has this name.
    NoSuchMetric {
        /// The name.
        name: String,
        /// Names that are spelled alike.
        near: Vec<String>,
    },
    /// No series of the metric has this label.
    NoSuchLabel {
        /// The metric; empty if none was named.
        metric: String,
        /// The label.
        label: String,
        /// Labels that they do have, those that are spelled alike first.
        labels: Vec<String>,
    },
    /// Series of the metric have the label, but none has a value that the matcher wants.
    NoSuchValue {
        /// The metric; empty if none was named.
        metric: String,
        /// The matcher as it is written.
        matcher: String,
        /// Values that are spelled alike.
        near: Vec<String>,
        /// Some of the values that there are.
        values: Vec<String>,
    },
    /// Each matcher is met by some series, but no series meets all.
    NoneMeetsAll {
        /// The matcher without which most series are left, as it is written, and how many; `None` if there is no single
        /// one.
        without: Option<(String, usize)>,
    },
    /// The newest sample is further back than the selector looks.
    TooOld {
        /// The selector.
        selector: String,
        /// Time of the newest sample.
        newest: Timestamp,
        /// The first time that was asked for.
        asked: Timestamp,
        /// How far the selector looks back.
        reach: i64,
    },
    /// The series had ended: a stale marker is their newest sample.
    Ended {
        /// The selector.
        selector: String,
        /// Time of the last marker.
        since: Timestamp,
    },
    /// The series begin later.
    NotYet {
        /// The selector.
        selector: String,
        /// Time of the oldest sample.
        oldest: Timestamp,
        /// The last time that was asked for.
        asked: Timestamp,
    },
    /// A function wants two samples in its window, and none of the windows has them.
    WindowTooShort {
        /// The function.
        function: String,
        /// The width of the window.
        window: i64,
        /// How often samples come, if two are known.
        interval: Option<i64>,
    },
    /// No value passes the comparison.
    Filtered {
        /// The comparison.
        operator: BinaryOp,
        /// The lowest value that was compared.
        low: f64,
        /// The highest.
        high: f64,
        /// How many series were compared.
        series: usize,
    },
    /// No series on one side has a partner on the other.
    NoPartners {
        /// The operator.
        operator: BinaryOp,
        /// What keeps them apart, one clause for each label.
        differences: Vec<String>,
        /// Clauses each of which would bring them together, such as `on (job)`, and how many groups would match.
        cure: Option<(Vec<String>, usize)>,
    },
    /// `unless` took all series away.
    AllExcluded {
        /// How many there were.
        series: usize,
    },
    /// The series that must not be there for `absent` are there.
    Present {
        /// How many there are.
        series: usize,
    },
    /// The function or aggregation leaves nothing of what it is given.
    LeavesNothing {
        /// Its name.
        name: String,
        /// How many series it is given.
        series: usize,
    },
}

impl Finding {
    /// The finding in words, with its place in the query.
    pub fn diagnostic(&self) -> Diagnostic {
        let (message, help) = self.reason.words();
        Diagnostic { severity: Severity::Info, message, span: Some(self.span), help }
    }
}

impl Reason {
    /// The message, and what can be done about it.
    fn words(&self) -> (String, Option<String>) {
        match self {
            Reason::NoSeries => ("there are no series at all".to_owned(), None),
            Reason::NoSuchMetric { name, near } => {
                (format!("no metric is called {name}"), did_you_mean(near, |name| name.to_owned()))
            }
            Reason::NoSuchLabel { metric, label, labels } => (
                format!("no series{} has a label {label}", of(metric)),
                (!labels.is_empty()).then(|| format!("the labels are {}", labels.join(", "))),
            ),
            Reason::NoSuchValue { metric, matcher, near, values } => (
                format!("no series{} has {matcher}", of(metric)),
                did_you_mean(near, quote).or_else(|| {
                    let values: Vec<String> = values.iter().map(|value| quote(value)).collect();
                    (!values.is_empty()).then(|| format!("there is {}", values.join(", ")))
                }),
            ),
            Reason::NoneMeetsAll { without } => (
                "there are series for each of the matchers, but none for all of them".to_owned(),
                without.as_ref().map(|(matcher, series)| {
                    format!(
                        "without {matcher} there {} {series} series",
                        if *series == 1 { "is" } else { "are" }
                    )
                }),
            ),
            Reason::TooOld { selector, newest, asked, reach } => {
                let age = asked.saturating_sub(*newest);
                (
                    format!(
                        "the newest sample is from {}, {} before the time asked for; the selector looks back {}",
                        rfc3339(*newest),
                        format_duration(age),
                        format_duration(*reach)
                    ),
                    Some(format!(
                        "ask at that time, or look further back: `last_over_time({selector}[{}])`",
                        round_up(age)
                    )),
                )
            }
            Reason::Ended { selector, since } => (
                format!("the series ended at {}", rfc3339(*since)),
                Some(format!(
                    "ask at an earlier time, or for what was there: `last_over_time({selector}[1h])`"
                )),
            ),
            Reason::NotYet { selector: _, oldest, asked } => (
                format!("the series begin at {}, after {}", rfc3339(*oldest), rfc3339(*asked)),
                Some("ask at a later time".to_owned()),
            ),
            Reason::WindowTooShort { function, window, interval } => {
                let message = format!(
                    "{function} wants two samples in its window, and no window of {} has them",
                    format_duration(*window)
                );
                let help = interval.map(|interval| {
                    let often = format!("samples come every {}", format_duration(interval));
                    match interval.saturating_mul(2) {
                        least if *window < least => {
                            let wide = format_duration(interval.saturating_mul(4));
                            format!("{often}: take a window such as [{wide}]")
                        }
                        _ => format!("{often}, so there will be two a little later"),
                    }
                });
                (message, help)
            }
            Reason::Filtered { operator, low, high, series } => {
                let values = match (low == high, series) {
                    (true, 1) => format!("the one value is {}", brief(*low)),
                    (true, _) => format!("all {series} values are {}", brief(*low)),
                    (false, _) => format!("the values are from {} to {}", brief(*low), brief(*high)),
                };
                (format!("no value passes `{operator}`: {values}"), None)
            }
            Reason::NoPartners { operator, differences, cure } => (
                format!(
                    "no series on the left of `{operator}` has a partner on the right: {}",
                    differences.join("; ")
                ),
                cure.as_ref().map(|(clauses, groups)| {
                    let groups = if *groups == 1 { "1 group".to_owned() } else { format!("{groups} groups") };
                    let clauses: Vec<String> =
                        clauses.iter().map(|clause| format!("`{operator} {clause}`")).collect();
                    format!("{} would match {groups}", clauses.join(" or "))
                }),
            ),
            Reason::AllExcluded { series } => (format!("unless takes all {series} series away"), None),
            Reason::Present { series } => {
                (format!("it asks for what is not there, and there are {series} series"), None)
            }
            Reason::LeavesNothing { name, series } => {
                (format!("{name} leaves nothing of the {series} series that it is given"), None)
            }
        }
    }
}

fn of(metric: &str) -> String {
    if metric.is_empty() { String::new() } else { format!(" of {metric}") }
}

fn did_you_mean(near: &[String], write: impl Fn(&str) -> String) -> Option<String> {
    let near: Vec<String> = near.iter().map(|name| write(name)).collect();
    match near.split_last() {
        None => None,
        Some((only, [])) => Some(format!("did you mean {only}?")),
        Some((last, others)) => Some(format!("did you mean {} or {last}?", others.join(", "))),
    }
}

/// A duration in whole units, no less than `ms` and a little more.
fn round_up(ms: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let (length, unit) = units.into_iter().find(|(length, _)| ms >= *length).unwrap_or((1_000, "s"));
    format!("{}{unit}", ms / length + 1)
}
