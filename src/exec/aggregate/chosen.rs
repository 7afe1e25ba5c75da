//! Samples chosen out of the input: what `topk` and its like give.
//!
//! A chosen series may have very few samples, and very many series may be chosen once, so only the samples
//! themselves are kept, each with its step; a column is made of them when it is asked for.

use std::ops::Range;
use std::sync::Arc;

use crate::exec::{ExecError, Operator, OutputSeries, QueryContext, Worker};
use crate::model::{Batch, Column, Histogram};

/// The samples of the chosen series, series after series.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    steps: usize,
    series: Vec<OutputSeries>,
    /// Where the samples of each series end.
    ends: Vec<usize>,
    /// The step of each sample.
    at: Vec<u32>,
    /// The value of each sample; arbitrary for a histogram.
    values: Vec<f64>,
    /// The histograms among the samples: index of the sample, rising.
    histograms: Vec<(usize, Arc<Histogram>)>,
}

impl Chosen {
    /// Nothing yet, over so many steps.
    pub(super) fn new(steps: usize) -> Self {
        Chosen { steps, ..Chosen::default() }
    }

    /// The samples of all `series` at once: where those of each end, their steps and their values. Series without any
    /// are left out.
    pub(super) fn from_parts(
        steps: usize,
        series: &[OutputSeries],
        ends: Vec<usize>,
        at: Vec<u32>,
        values: Vec<f64>,
    ) -> Self {
        let mut chosen = Chosen { at, values, ..Chosen::new(steps) };
        let mut before = 0;
        for (one, end) in series.iter().zip(ends) {
            if end > before {
                chosen.series.push(one.clone());
                chosen.ends.push(end);
                before = end;
            }
        }
        chosen
    }

    /// The same series in another order: first `order[0]`, and so on.
    pub(super) fn reordered(&self, order: &[u32]) -> Self {
        let mut chosen = Chosen::new(self.steps);
        for &from in order {
            for sample in self.samples(from as usize) {
                if let Ok(i) = self.histograms.binary_search_by_key(&sample, |(sample, _)| *sample) {
                    chosen.histograms.push((chosen.at.len(), self.histograms[i].1.clone()));
                }
                chosen.push(self.at[sample] as usize, self.values[sample]);
            }
            chosen.end_series(|| self.series[from as usize].clone());
        }
        chosen
    }

    /// Adds the float of the next series at `step`.
    pub(super) fn push(&mut self, step: usize, value: f64) {
        self.at.push(step as u32);
        self.values.push(value);
    }

    /// Adds what `column`, the next series, has at `step`.
    pub(super) fn push_sample(&mut self, step: usize, column: Column<'_>) {
        if let Some(histogram) = column.histogram(step) {
            self.histograms.push((self.at.len(), histogram.clone()));
        }
        self.push(step, column.values[step]);
    }

    /// Says which series the samples since the last call belong to. Without any sample there is no such series.
    pub(super) fn end_series(&mut self, series: impl FnOnce() -> OutputSeries) {
        if self.at.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.at.len());
            self.series.push(series());
        }
    }

    /// How many series there are.
    pub(super) fn series_count(&self) -> usize {
        self.series.len()
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    /// What the histograms among the samples from `first` on weigh, in samples, beyond the one that each counts as.
    pub(super) fn histogram_samples(&self, first: usize) -> usize {
        let from = self.histograms.partition_point(|(sample, _)| *sample < first);
        self.histograms[from..].iter().map(|(_, histogram)| (histogram.size() + 8) / 16 - 1).sum()
    }

    /// The first value of a series, 0 if it is a histogram.
    pub(super) fn first_value(&self, series: usize) -> f64 {
        let first = self.samples(series).start;
        match self.histograms.binary_search_by_key(&first, |(sample, _)| *sample) {
            Ok(_) => 0.0,
            Err(_) => self.values[first],
        }
    }

    fn samples(&self, series: usize) -> Range<usize> {
        let start = series.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[series]
    }
}

impl Operator for Chosen {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        _: &mut Worker,
        _: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.steps);
        for (to, from) in range.enumerate() {
            let samples = self.samples(from);
            let mut column = out.column_mut(to);
            let first = self.histograms.partition_point(|(sample, _)| *sample < samples.start);
            let mut histograms = self.histograms[first..].iter().peekable();
            for sample in samples {
                let step = self.at[sample] as usize;
                match histograms.next_if(|(i, _)| *i == sample) {
                    Some((_, histogram)) => column.set_histogram(step, histogram.clone()),
                    None => column.set(step, self.values[sample]),
                }
            }
        }
        Ok(())
    }
}
