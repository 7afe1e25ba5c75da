//! A selector that finds nothing: no such series, or no samples of them at the time.

use super::inquiry::Inquiry;
use super::reason::{Finding, Reason};
use crate::inspect::Times;
use crate::model::labels::METRIC_NAME;
use crate::model::{MatchOp, Matcher, TimeRange, Timestamp, is_stale};
use crate::plan::duration::{self, QuerySpan};
use crate::similar::nearest;
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest};
use crate::syntax::Expr;
use crate::syntax::ast::{AtModifier, Call, DurationExpr, MatrixSelector, VectorSelector};

/// So many series are looked at; more would not tell more.
const SERIES_LOOKED_AT: usize = 1000;

/// So many names or values are told.
const TOLD: usize = 5;

/// Why a selector is empty; with a range if it has one.
pub(super) fn look_at(
    inquiry: &Inquiry<'_>,
    selector: &VectorSelector,
    range: Option<&DurationExpr>,
) -> Option<Finding> {
    let reason = if inquiry.count(&selector.matchers) == 0 {
        no_series(inquiry, selector)?
    } else {
        no_samples(inquiry, selector, range)?
    };
    Some(Finding { span: selector.span, reason })
}

impl Inquiry<'_> {
    /// How many series meet these conditions at any time, up to a limit.
    fn count(&self, matchers: &[Matcher]) -> usize {
        let request = SelectRequest::new(matchers, TimeRange::ALL);
        self.parts.store.select(&request).map_or(0, |series| series.take(SERIES_LOOKED_AT).count())
    }

    fn label_values(&self, name: &str, matchers: &[Matcher]) -> Vec<String> {
        self.parts.store.label_values(name, matchers, TimeRange::ALL).unwrap_or_default()
    }

    fn span(&self) -> QuerySpan {
        let Times { start, end, step } = self.parts.times;
        QuerySpan { step, range: end.saturating_sub(start) }
    }
}

fn no_series(inquiry: &Inquiry<'_>, selector: &VectorSelector) -> Option<Reason> {
    let all = || Matcher::new(MatchOp::NotEqual, METRIC_NAME, "");
    if inquiry.count(&[all().ok()?]) == 0 {
        return Some(Reason::NoSeries);
    }
    let of_name: Vec<Matcher> = selector.matchers.iter().filter(|m| m.name == METRIC_NAME).cloned().collect();
    let metric = selector.name.clone().unwrap_or_default();
    if let Some(name) = of_name.iter().find(|matcher| matcher.op == MatchOp::Equal)
        && inquiry.count(&of_name) == 0
    {
        let names = inquiry.label_values(METRIC_NAME, &[]);
        return Some(Reason::NoSuchMetric {
            name: name.value.clone(),
            near: owned(nearest(&name.value, all_of(&names), 3)),
        });
    }
    let others = selector.matchers.iter().filter(|matcher| matcher.name != METRIC_NAME);
    for matcher in others.clone() {
        let with = [of_name.as_slice(), std::slice::from_ref(matcher)].concat();
        if inquiry.count(&with) > 0 {
            continue;
        }
        let values = inquiry.label_values(&matcher.name, &of_name);
        if values.is_empty() {
            let labels = inquiry.parts.store.label_names(&of_name, TimeRange::ALL).unwrap_or_default();
            let near = nearest(&matcher.name, all_of(&labels), 1);
            let rest =
                labels.iter().map(String::as_str).filter(|name| *name != METRIC_NAME && !near.contains(name));
            let labels = near.iter().copied().chain(rest).take(TOLD).map(str::to_owned).collect();
            return Some(Reason::NoSuchLabel { metric, label: matcher.name.clone(), labels });
        }
        let near = if matcher.op == MatchOp::Equal {
            nearest(&matcher.value, all_of(&values), 3)
        } else {
            Vec::new()
        };
        let (near, values) = (owned(near), owned(all_of(&values).take(TOLD).collect()));
        return Some(Reason::NoSuchValue { metric, matcher: matcher.to_string(), near, values });
    }
    let mut best = None;
    for (i, matcher) in selector.matchers.iter().enumerate() {
        let mut rest = selector.matchers.to_vec();
        rest.remove(i);
        let series = if rest.iter().all(Matcher::matches_empty) { 0 } else { inquiry.count(&rest) };
        if series > best.as_ref().map_or(0, |(_, most)| *most) {
            best = Some((matcher.to_string(), series));
        }
    }
    Some(Reason::NoneMeetsAll { without: best })
}

fn all_of(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// When there are samples, if not at the time.
#[derive(Default)]
struct Seen {
    /// No sample is looked at that is later.
    until: Timestamp,
    /// The newest sample up to then, and whether it is a stale marker.
    newest: Option<(Timestamp, bool)>,
    /// The oldest sample after it.
    later: Option<Timestamp>,
}

impl Seen {
    fn add(&mut self, timestamps: &[Timestamp], stale: impl Fn(usize) -> bool) -> Flow {
        let split = timestamps.partition_point(|time| *time <= self.until);
        if let Some(last) = split.checked_sub(1) {
            let newer = self.newest.is_none_or(|(newest, _)| timestamps[last] >= newest);
            if newer {
                self.newest = Some((timestamps[last], stale(last)));
            }
        }
        if let Some(first) = timestamps.get(split) {
            self.later = Some(self.later.map_or(*first, |later| later.min(*first)));
        }
        Flow::Continue
    }
}

impl SampleSink for Seen {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.add(batch.timestamps, |i| is_stale(batch.values[i]))
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.add(batch.timestamps, |i| batch.values[i].is_stale())
    }
}

fn no_samples(
    inquiry: &Inquiry<'_>,
    selector: &VectorSelector,
    range: Option<&DurationExpr>,
) -> Option<Reason> {
    let span = inquiry.span();
    let offset = selector.offset.as_ref().map_or(Ok(0), |offset| duration::signed(offset, span)).ok()?;
    let (first, last) = match selector.at {
        Some(AtModifier::Timestamp(time)) => (time, time),
        Some(AtModifier::Start) => (inquiry.parts.times.start, inquiry.parts.times.start),
        Some(AtModifier::End) => (inquiry.parts.times.end, inquiry.parts.times.end),
        None => (inquiry.parts.times.start, inquiry.parts.times.end),
    };
    let (first, last) = (first.saturating_sub(offset), last.saturating_sub(offset));
    let reach = match range {
        Some(range) => duration::positive(range, span).ok()?,
        None => inquiry.parts.engine.options().lookback_ms,
    };

    let mut seen = Seen { until: last, ..Seen::default() };
    let request = SelectRequest::new(&selector.matchers, TimeRange::ALL);
    for series in inquiry.parts.store.select(&request).ok()?.take(SERIES_LOOKED_AT) {
        series.ok()?.read(TimeRange::ALL, &mut seen).ok()?;
    }
    let bare = VectorSelector { offset: None, at: None, ..selector.clone() };
    let selector = Expr::Vector(Box::new(bare)).to_string();
    match (seen.newest, seen.later) {
        (Some((since, true)), _) if since > first.saturating_sub(reach) => {
            Some(Reason::Ended { selector, since })
        }
        (Some((newest, _)), _) => Some(Reason::TooOld { selector, newest, asked: first, reach }),
        (None, Some(oldest)) => Some(Reason::NotYet { selector, oldest, asked: last }),
        (None, None) => None,
    }
}

/// Whether a function over windows has less than two samples in each, and how often there are samples.
pub(super) fn window_too_short(inquiry: &Inquiry<'_>, call: &Call) -> Option<Reason> {
    let mut arguments = call.args.iter().map(Expr::unwrap_parens);
    let argument = arguments.find(|argument| matches!(argument, Expr::Matrix(_) | Expr::Subquery(_)))?;
    let counts = inquiry.parts.series_of_text(&format!("count_over_time({argument})"))?;
    if counts.iter().flat_map(|series| &series.floats).any(|count| *count >= 2.0) {
        return None;
    }
    let (window, interval) = match argument {
        Expr::Matrix(matrix) => (&matrix.range, interval(inquiry, &matrix.selector.matchers)),
        Expr::Subquery(subquery) => {
            let step = subquery.step.as_ref().map(|step| duration::positive(step, inquiry.span()));
            let default = inquiry.parts.engine.options().default_subquery_step_ms;
            (&subquery.range, step.unwrap_or(Ok(default)).ok())
        }
        _ => return None,
    };
    let window = duration::positive(window, inquiry.span()).ok()?;
    Some(Reason::WindowTooShort { function: call.name.clone(), window, interval })
}

/// Whether windows are empty only because they are narrower than the distance of two samples.
pub(super) fn narrow_window(inquiry: &Inquiry<'_>, call: &Call) -> Option<Reason> {
    let matrix = matrix_of(call)?;
    let Reason::TooOld { newest, asked, reach: window, .. } =
        no_samples(inquiry, &matrix.selector, Some(&matrix.range))?
    else {
        return None;
    };
    let interval = interval(inquiry, &matrix.selector.matchers)?;
    let is_narrow = window <= interval && asked.saturating_sub(newest) <= interval;
    is_narrow.then(|| Reason::WindowTooShort {
        function: call.name.clone(),
        window,
        interval: Some(interval),
    })
}

fn matrix_of(call: &Call) -> Option<&MatrixSelector> {
    call.args.iter().find_map(|argument| match argument.unwrap_parens() {
        Expr::Matrix(matrix) => Some(&**matrix),
        _ => None,
    })
}

/// The distance of two neighbouring samples that is in the middle of all, over the first series that has two.
fn interval(inquiry: &Inquiry<'_>, matchers: &[Matcher]) -> Option<i64> {
    #[derive(Default)]
    struct Times(Vec<Timestamp>);
    impl SampleSink for Times {
        fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
            self.0.extend(batch.timestamps);
            Flow::Continue
        }
        fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
            self.0.extend(batch.timestamps);
            Flow::Continue
        }
    }
    let request = SelectRequest::new(matchers, TimeRange::ALL);
    for series in inquiry.parts.store.select(&request).ok()?.take(SERIES_LOOKED_AT) {
        let mut times = Times::default();
        series.ok()?.read(TimeRange::ALL, &mut times).ok()?;
        times.0.sort_unstable();
        let mut distances: Vec<i64> =
            times.0.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        if !distances.is_empty() {
            distances.sort_unstable();
            return Some(distances[distances.len() / 2]);
        }
    }
    None
}
