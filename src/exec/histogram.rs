//! `histogram_quantile`, `histogram_quantiles` and `histogram_fraction` over both kinds of histograms.
//!
//! A classic histogram is a family of series that differ in `le` alone; it is put together again here, once a query:
//! which series are its buckets, in which order. A native histogram is a sample. Where one label set has both at one
//! step, nobody can tell which is meant, and there is no answer for it at that step.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::context::QueryContext;
use super::drive::collect;
use super::error::ExecError;
use super::merge_duplicates::{Duplicates, merge_duplicates};
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use crate::functions::histogram::{
    ClassicBucket, classic_fraction, classic_quantile, native_fraction, native_quantile,
};
use crate::model::annotation::CallSpans;
use crate::model::go_format::{open_metrics_number, parse_float};
use crate::model::labels::BUCKET_BOUND;
use crate::model::{Annotation, Batch, Histogram, Labels, Notes, Place};
use crate::plan::Grid;

/// What is asked of each histogram; the values are those of each step.
pub(crate) enum Measure {
    /// `histogram_quantile(q, v)`
    Quantile(Vec<f64>),
    /// `histogram_quantiles(v, "label", q, ...)`
    Quantiles { label: String, quantiles: Vec<Vec<f64>> },
    /// `histogram_fraction(lower, upper, v)`
    Fraction { lower: Vec<f64>, upper: Vec<f64> },
}

impl Measure {
    /// Which argument the histograms are, and which the first quantile.
    fn places(&self) -> (Place, usize) {
        match self {
            Measure::Quantile(_) => (Place::Arg(1), 0),
            Measure::Quantiles { .. } => (Place::Arg(0), 2),
            Measure::Fraction { .. } => (Place::Arg(2), 0),
        }
    }

    fn quantiles(&self) -> &[Vec<f64>] {
        match self {
            Measure::Quantile(quantile) => std::slice::from_ref(quantile),
            Measure::Quantiles { quantiles, .. } => quantiles,
            Measure::Fraction { .. } => &[],
        }
    }
}

/// Where the histograms of one output come from.
enum Family {
    /// The buckets of a classic histogram: bound and input series.
    Classic { buckets: Vec<(f64, u32)> },
    /// The histogram samples of one input series.
    Native { series: u32 },
}

/// One output: a family, and which of several quantiles at which steps.
struct Output {
    family: usize,
    /// Which of the quantiles; several can come to have the same text.
    quantile: usize,
    /// The text that the quantile's label has, if it gets one: the output has only the steps with this text.
    text: Option<String>,
}

struct HistogramOperator {
    input: Batch,
    families: Vec<Family>,
    /// The metric's name for each family, if annotations are to tell it.
    metrics: Vec<String>,
    /// For each family, the one with the same labels and the other kind of histogram.
    rivals: Vec<Option<usize>>,
    outputs: Vec<Output>,
    series: Vec<OutputSeries>,
    measure: Measure,
    grid: Grid,
    spans: CallSpans,
}

/// Opens one of the three functions over `child`.
pub(crate) fn open<'s>(
    measure: Measure,
    child: BoxedOperator<'s>,
    grid: Grid,
    spans: CallSpans,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let input = collect(&*child, grid.steps, worker, context)?;
    note_bad_quantiles(&measure, grid, &spans, worker);
    let place = measure.places().0;
    let mut families: Vec<(OutputSeries, Family)> = Vec::new();
    let mut classic: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut native: FxHashMap<Labels, usize> = FxHashMap::default();
    for (i, series) in child.series().iter().enumerate() {
        let column = input.column(i);
        if column.histograms.is_some_and(|h| h.iter().any(Option::is_some)) {
            native.insert(series.labels.clone(), families.len());
            families.push((series.clone(), Family::Native { series: i as u32 }));
        }
        if column.present.iter().all(|w| *w == 0) {
            continue;
        }
        let bound = series.labels.value(BUCKET_BOUND);
        let Ok(upper) = parse_float(bound) else {
            let metric = metric_told(series, context);
            let mut notes = Notes { annotations: &mut worker.annotations, spans: &spans };
            notes.add(Annotation::BadBucketLabel { metric, label: bound.to_owned() }, place);
            continue;
        };
        let labels = series.labels.filter(|name| name != BUCKET_BOUND);
        let family = *classic.entry(labels).or_insert_with_key(|labels| {
            let series = OutputSeries { labels: labels.clone(), ..series.clone() };
            families.push((series, Family::Classic { buckets: Vec::new() }));
            families.len() - 1
        });
        if let Family::Classic { buckets } = &mut families[family].1 {
            buckets.push((upper, i as u32));
        }
    }
    let mut rivals = vec![None; families.len()];
    for (labels, &a) in &native {
        if let Some(&b) = classic.get(labels) {
            rivals[a] = Some(b);
            rivals[b] = Some(a);
        }
    }
    let metrics = families.iter().map(|(series, _)| metric_told(series, context)).collect();
    let (named, mut families): (Vec<OutputSeries>, Vec<Family>) = families.into_iter().unzip();
    for family in &mut families {
        if let Family::Classic { buckets } = family {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
    let (outputs, series) = outputs(&measure, &named, context);
    let span = spans.call;
    let operator =
        HistogramOperator { input, families, metrics, rivals, outputs, series, measure, grid, spans };
    Ok(merge_duplicates(Box::new(operator), Duplicates::Join, grid, span))
}

/// Annotations tell the metric only while its name has not been dropped.
fn metric_told(series: &OutputSeries, context: &QueryContext) -> String {
    if context.delayed_name_removal { series.labels.metric_name().to_owned() } else { String::new() }
}

fn note_bad_quantiles(measure: &Measure, grid: Grid, spans: &CallSpans, worker: &mut Worker) {
    let first = measure.places().1;
    let mut notes = Notes { annotations: &mut worker.annotations, spans };
    for (i, quantiles) in measure.quantiles().iter().enumerate() {
        for quantile in quantiles.iter().take(grid.steps).filter(|q| !(0.0..=1.0).contains(*q)) {
            notes.add(Annotation::InvalidQuantile { quantile: *quantile }, Place::Arg(first + i));
        }
    }
}

fn outputs(
    measure: &Measure,
    named: &[OutputSeries],
    context: &QueryContext,
) -> (Vec<Output>, Vec<OutputSeries>) {
    let mut outputs = Vec::new();
    let mut series = Vec::new();
    let Measure::Quantiles { label, quantiles } = measure else {
        for (family, named) in named.iter().enumerate() {
            outputs.push(Output { family, quantile: 0, text: None });
            series.push(named.clone().drop_name(context));
        }
        return (outputs, series);
    };
    for (quantile, values) in quantiles.iter().enumerate() {
        let mut texts: Vec<String> = Vec::new();
        for value in values {
            let text = open_metrics_number(*value);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        for (family, named) in named.iter().enumerate() {
            for text in &texts {
                let named = named.clone().drop_name(context);
                series.push(OutputSeries { labels: named.labels.with(label, text), ..named });
                outputs.push(Output { family, quantile, text: Some(text.clone()) });
            }
        }
    }
    (outputs, series)
}

impl Operator for HistogramOperator {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.grid.steps);
        let mut buckets = Vec::new();
        for (column, i) in range.enumerate() {
            context.check()?;
            let output = &self.outputs[i];
            let mut column = out.column_mut(column);
            for step in 0..self.grid.steps {
                if let Some(value) = self.value(output, step, &mut buckets, worker) {
                    column.set(step, value);
                }
            }
        }
        Ok(())
    }
}

impl HistogramOperator {
    fn value(
        &self,
        output: &Output,
        step: usize,
        buckets: &mut Vec<ClassicBucket>,
        worker: &mut Worker,
    ) -> Option<f64> {
        let histograms = self.measure.places().0;
        let quantile_text = || open_metrics_number(self.measure.quantiles()[output.quantile][step]);
        if output.text.as_ref().is_some_and(|text| quantile_text() != *text) {
            return None;
        }
        let metric = &self.metrics[output.family];
        let mut notes = Notes { annotations: &mut worker.annotations, spans: &self.spans };
        match &self.families[output.family] {
            Family::Native { series } => {
                let histogram = self.input.column(*series as usize).histogram(step)?;
                if self.rivals[output.family].is_some_and(|rival| self.is_there(rival, step)) {
                    notes
                        .add(Annotation::MixedClassicNativeHistograms { metric: metric.clone() }, histograms);
                    return None;
                }
                Some(self.native(histogram, output, step, metric, &mut notes))
            }
            Family::Classic { buckets: series } => {
                buckets.clear();
                for &(upper, i) in series {
                    if let Some(count) = self.input.column(i as usize).get(step) {
                        buckets.push(ClassicBucket { upper, count });
                    }
                }
                let rival = self.rivals[output.family];
                if buckets.is_empty() || rival.is_some_and(|rival| self.is_there(rival, step)) {
                    return None;
                }
                Some(self.classic(buckets, output, step, metric, &mut notes))
            }
        }
    }

    fn is_there(&self, family: usize, step: usize) -> bool {
        match &self.families[family] {
            Family::Native { series } => self.input.column(*series as usize).histogram(step).is_some(),
            Family::Classic { buckets } => {
                buckets.iter().any(|&(_, i)| self.input.column(i as usize).has(step))
            }
        }
    }

    fn native(
        &self,
        h: &Histogram,
        output: &Output,
        step: usize,
        metric: &str,
        notes: &mut Notes<'_>,
    ) -> f64 {
        let place = self.measure.places().0;
        let estimate = match &self.measure {
            Measure::Fraction { lower, upper } => native_fraction(lower[step], upper[step], h),
            measure => native_quantile(measure.quantiles()[output.quantile][step], h),
        };
        if let Some(effect) = estimate.nan {
            notes.add(effect.annotation(metric.to_owned()), place);
        }
        estimate.value
    }

    fn classic(
        &self,
        buckets: &mut [ClassicBucket],
        output: &Output,
        step: usize,
        metric: &str,
        notes: &mut Notes<'_>,
    ) -> f64 {
        let place = self.measure.places().0;
        match &self.measure {
            Measure::Fraction { lower, upper } => classic_fraction(lower[step], upper[step], buckets),
            measure => {
                // Prometheus asks the same buckets for one quantile after the other, and each leaves them mended.
                let mut answer = None;
                for quantile in &measure.quantiles()[..=output.quantile] {
                    answer = Some(classic_quantile(quantile[step], buckets));
                }
                let Some(answer) = answer else {
                    return f64::NAN;
                };
                if let Some(raised) = answer.raised {
                    let details = raised.details(self.grid.at(step));
                    notes.add(Annotation::ForcedMonotonicity { metric: metric.to_owned(), details }, place);
                }
                answer.value
            }
        }
    }
}
