//! `info(v, {...})`: gives each series the labels of the info series that belong to it.
//!
//! Info series such as `target_info{job="node", instance="a:1", version="1.8"}` belong to a series when `job` and
//! `instance` are equal. Which info series is there can change from step to step, so a series can give several: the
//! labels are put together once for each combination of info series that occurs, not for each step.

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::QueryContext;
use super::drive::collect;
use super::error::ExecError;
use super::map::Ready;
use super::open::Env;
use super::operator::{BoxedOperator, OutputSeries};
use super::reader::Reader;
use super::select::select;
use crate::diagnostic::Span;
use crate::functions::window::{Edges, StepTimes};
use crate::model::labels::METRIC_NAME;
use crate::model::{Batch, LabelsBuilder, MatchOp, Matcher, TimeRange, is_stale};
use crate::plan::Grid;
use crate::plan::node::{Hints, Selector};

/// The labels by which an info series belongs to a series.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// Opens `info` over `child`; the info series are looked at at the times `at`.
pub(crate) fn open<'s>(
    child: BoxedOperator<'s>,
    matchers: &[Matcher],
    at: StepTimes,
    grid: Grid,
    span: Span,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let context = env.context;
    let request = Request::new(matchers, span)?;
    let columns = collect(&*child, grid.steps, env.worker, context)?;
    let infos = InfoSeries::read(&request, child.series(), at, grid, span, env)?;
    let mut enriched = Enriched::default();
    for (i, series) in child.series().iter().enumerate() {
        context.check()?;
        if request.is_info(series) {
            enriched.copy_all(series.clone(), &columns, i, grid, span)?;
        } else {
            enriched.enrich(series, &columns, i, &request, &infos, grid, span)?;
        }
    }
    Ok(Box::new(enriched.into_ready(&columns, grid, context)?))
}

/// What the second argument asks for.
struct Request {
    /// Which metrics are info metrics.
    names: Vec<Matcher>,
    /// What their labels have to be; if there are any, only these labels are copied.
    data: Vec<Matcher>,
}

impl Request {
    fn new(matchers: &[Matcher], span: Span) -> Result<Self, ExecError> {
        let (mut names, data): (Vec<Matcher>, Vec<Matcher>) =
            matchers.iter().cloned().partition(|m| m.name == METRIC_NAME);
        if names.is_empty() {
            names.push(Matcher::equal(METRIC_NAME, "target_info"));
        } else if names.iter().all(|m| matches!(m.op, MatchOp::NotEqual | MatchOp::NotRegex)) {
            let any_info = Matcher::new(MatchOp::Regex, METRIC_NAME, ".+_info")
                .map_err(|error| ExecError::Evaluation(error.to_string(), span))?;
            names.insert(0, any_info);
        }
        Ok(Request { names, data })
    }

    fn is_info(&self, series: &OutputSeries) -> bool {
        self.names.iter().all(|m| m.matches(series.labels.metric_name()))
    }

    fn copies(&self, label: &str) -> bool {
        label != METRIC_NAME && (self.data.is_empty() || self.data.iter().any(|m| m.name == label))
    }

    /// Whether a series may go without info.
    fn is_optional(&self) -> bool {
        self.data.iter().all(Matcher::matches_empty)
    }
}

/// A target and the name of one of its info metrics.
type InfoMetric = ([String; 2], String);

/// The info series there are, and for each info metric and target which of them counts at each step.
#[derive(Default)]
struct InfoSeries {
    series: Vec<OutputSeries>,
    /// For each target, one row for each of its info metrics: the series that counts at each step, plus one.
    rows: FxHashMap<[String; 2], Vec<Vec<u32>>>,
}

impl InfoSeries {
    fn read(
        request: &Request,
        base: &[OutputSeries],
        at: StepTimes,
        grid: Grid,
        span: Span,
        env: &mut Env<'_, '_>,
    ) -> Result<Self, ExecError> {
        let context = env.context;
        let mut infos = InfoSeries::default();
        let wanted = base.iter().filter(|series| !request.is_info(series));
        let Some(targets) = target_matchers(wanted, span)? else {
            return Ok(infos);
        };
        if grid.steps == 0 {
            return Ok(infos);
        }
        let lookback = context.lookback;
        let first = at.first.saturating_sub(lookback).saturating_add(1);
        let selector = Selector {
            matchers: targets
                .into_iter()
                .chain(request.data.iter().cloned())
                .chain(request.names.iter().cloned())
                .collect(),
            ends: at,
            range: 0,
            pinned: at.step == 0,
            edges: Edges::Plain,
            reads: TimeRange::new(first, at.at(grid.steps - 1)),
            hints: Hints { function: "info", ..Hints::default() },
            stats_only: false,
            span,
            selection: None,
        };
        let selected = select(&selector, grid, env)?;
        let mut reader = Reader::default();
        // For each target and info metric: the series that counts at each step, and the time of its sample.
        let mut newest: FxHashMap<InfoMetric, Vec<(u32, i64)>> = FxHashMap::default();
        for (i, series) in selected.series.iter().enumerate() {
            let mut samples = reader.read(&**series, selected.reads, context)?;
            infos.series.push(OutputSeries::new(series.labels().clone()));
            let key = (target_of(&infos.series[i]), series.labels().metric_name().to_owned());
            let row = newest.entry(key).or_insert_with(|| vec![(0, i64::MIN); grid.steps]);
            samples.newest(at, grid.steps, lookback);
            let has_histograms = !samples.histogram_samples().values.is_empty();
            if has_histograms {
                samples.newest_histogram(at, grid.steps, lookback);
            }
            let (found, found_histogram) = samples.found();
            let (floats, histograms) = (samples.floats(), samples.histogram_samples());
            for (step, place) in row.iter_mut().enumerate() {
                let sample = found.index[step] as usize;
                let here = found.has(step);
                if has_histograms && found_histogram.has(step) {
                    let histogram = found_histogram.index[step] as usize;
                    if !here || floats.timestamps[sample] < histograms.timestamps[histogram] {
                        if is_stale(histograms.values[histogram].sum) {
                            continue;
                        }
                        let labels = series.labels().in_braces();
                        let message = format!("this should be an info metric, with float samples: {labels}");
                        return Err(ExecError::Evaluation(message, span));
                    }
                }
                if !here || is_stale(floats.values[sample]) {
                    continue;
                }
                let t = floats.timestamps[sample];
                match place {
                    (0, _) => *place = (i as u32 + 1, t),
                    (_, existing) if *existing < t => *place = (i as u32 + 1, t),
                    (_, existing) if *existing > t => {}
                    (existing, _) => {
                        let message = format!(
                            "found duplicate series for info metric: existing {} @ {t}, new {} @ {t}",
                            infos.series[*existing as usize - 1].labels.in_braces(),
                            series.labels().in_braces(),
                        );
                        return Err(ExecError::Evaluation(message, span));
                    }
                }
            }
        }
        let mut keys: Vec<_> = newest.into_iter().collect();
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        for ((target, _), row) in keys {
            infos.rows.entry(target).or_default().push(row.into_iter().map(|(series, _)| series).collect());
        }
        Ok(infos)
    }
}

fn target_of(series: &OutputSeries) -> [String; 2] {
    IDENTIFYING.map(|name| series.labels.value(name).to_owned())
}

/// Matchers for the targets of these series, or `None` when none of them has any identifying label.
fn target_matchers<'a>(
    series: impl Iterator<Item = &'a OutputSeries>,
    span: Span,
) -> Result<Option<Vec<Matcher>>, ExecError> {
    let mut values: [FxHashSet<&str>; 2] = Default::default();
    for series in series {
        for (name, values) in IDENTIFYING.iter().zip(&mut values) {
            values.extend(series.labels.get(name));
        }
    }
    let mut matchers = Vec::new();
    for (name, values) in IDENTIFYING.iter().zip(&values).filter(|(_, values)| !values.is_empty()) {
        let mut escaped: Vec<String> = values.iter().map(|v| regex::escape(v)).collect();
        escaped.sort();
        let matcher = Matcher::new(MatchOp::Regex, name, &escaped.join("|"))
            .map_err(|error| ExecError::Evaluation(error.to_string(), span))?;
        matchers.push(matcher);
    }
    Ok(if matchers.is_empty() { None } else { Some(matchers) })
}

/// The result in the making.
#[derive(Default)]
struct Enriched {
    series: Vec<OutputSeries>,
    places: FxHashMap<crate::model::Labels, usize>,
    /// For each output series the steps it has, and the input column that each comes from.
    points: Vec<Vec<(usize, usize)>>,
}

impl Enriched {
    fn place(&mut self, series: OutputSeries) -> usize {
        *self.places.entry(series.labels.clone()).or_insert_with(|| {
            self.series.push(series);
            self.points.push(Vec::new());
            self.series.len() - 1
        })
    }

    fn copy_all(
        &mut self,
        series: OutputSeries,
        columns: &Batch,
        i: usize,
        grid: Grid,
        span: Span,
    ) -> Result<(), ExecError> {
        let place = self.place(series);
        for step in (0..grid.steps).filter(|&step| has(columns, i, step)) {
            self.points[place].push((step, i));
        }
        self.check_place(place, span)?;
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "one call site; each is a different thing")]
    fn enrich(
        &mut self,
        series: &OutputSeries,
        columns: &Batch,
        i: usize,
        request: &Request,
        infos: &InfoSeries,
        grid: Grid,
        span: Span,
    ) -> Result<(), ExecError> {
        let rows = infos.rows.get(&target_of(series)).map_or(&[][..], Vec::as_slice);
        let mut known: FxHashMap<Vec<u32>, Option<usize>> = FxHashMap::default();
        let mut touched = FxHashSet::default();
        for step in (0..grid.steps).filter(|&step| has(columns, i, step)) {
            let here: Vec<u32> = rows.iter().map(|row| row[step]).filter(|&info| info != 0).collect();
            let place = match known.get(&here) {
                Some(place) => *place,
                None => {
                    let labels = enriched_labels(series, &here, request, infos, span)?;
                    let place = labels.map(|labels| self.place(labels));
                    known.insert(here, place);
                    place
                }
            };
            if let Some(place) = place {
                self.points[place].push((step, i));
                touched.insert(place);
            }
        }
        for place in touched {
            self.check_place(place, span)?;
        }
        Ok(())
    }

    /// Two samples on one step are one too many.
    fn check_place(&mut self, place: usize, span: Span) -> Result<(), ExecError> {
        let points = &mut self.points[place];
        points.sort_unstable();
        if points.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(ExecError::DuplicateLabels(span));
        }
        Ok(())
    }

    fn into_ready(self, from: &Batch, grid: Grid, context: &QueryContext) -> Result<Ready, ExecError> {
        context.charge(self.series.len() * grid.steps)?;
        let mut columns = Batch::default();
        columns.reset(self.series.len(), grid.steps);
        for (place, points) in self.points.iter().enumerate() {
            let mut column = columns.column_mut(place);
            for &(step, i) in points {
                let from = from.column(i);
                match from.histogram(step) {
                    Some(h) => column.set_histogram(step, h.clone()),
                    None => column.set(step, from.values[step]),
                }
            }
        }
        Ok(Ready { series: self.series, columns })
    }
}

fn has(columns: &Batch, i: usize, step: usize) -> bool {
    let column = columns.column(i);
    column.has(step) || column.histogram(step).is_some()
}

/// The labels of `series` with those of the info series, or `None` if it cannot do without and has none.
fn enriched_labels(
    series: &OutputSeries,
    here: &[u32],
    request: &Request,
    infos: &InfoSeries,
    span: Span,
) -> Result<Option<OutputSeries>, ExecError> {
    if here.is_empty() && !request.is_optional() {
        return Ok(None);
    }
    let mut added = LabelsBuilder::default();
    for &info in here {
        for (name, value) in &infos.series[info as usize - 1].labels {
            if !request.copies(name) {
                continue;
            }
            if added.get(name).is_some_and(|other| other != value) {
                return Err(ExecError::Evaluation(format!("conflicting label: {name}"), span));
            }
            if series.labels.get(name).is_none() {
                added.set(name, value);
            }
        }
    }
    let mut labels = series.labels.builder();
    for (name, value) in &added.build() {
        labels.set(name, value);
    }
    Ok(Some(OutputSeries { labels: labels.build(), drop_name: series.drop_name }))
}
