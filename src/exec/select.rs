//! The instant selector: for each series and step the newest sample that is not older than the lookback.
//!
//! With a lookback of five minutes and samples at 10:00 and 10:01, the step 10:05:30 sees the second one, the step
//! 10:06 sees nothing. A stale marker is seen like any sample, and what is seen then is that there is nothing.

use std::ops::Range;
use std::sync::Arc;

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::reader::{Reader, Reading, has_stale};
use crate::functions::window::StepTimes;
use crate::model::column::for_each_set;
use crate::model::{Batch, ColumnMut, Labels, TimeRange, is_stale};
use crate::plan::Grid;
use crate::plan::node::{Hints, Selector};
use crate::store::{SelectHints, SelectRequest, Series, SeriesStore};

/// The series of a selector, to be read.
pub(crate) struct Selected<'s> {
    pub(crate) series: Vec<Box<dyn Series + 's>>,
    pub(crate) reads: TimeRange,
    /// Whether nothing but count and sum of histograms is looked at.
    pub(crate) stats_only: bool,
}

impl Selected<'_> {
    /// Reads all samples of series `i`.
    pub(crate) fn read<'r>(
        &'r self,
        i: usize,
        reader: &'r mut Reader,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        let mut samples = reader.read(&*self.series[i], self.reads, context)?;
        if self.stats_only {
            samples.keep_histogram_stats();
        }
        Ok(samples)
    }
}

/// What a selected series is counted as besides its labels: its cursor and its place among the series of the query.
const BYTES_A_SERIES: usize = 128;

/// Asks the store for the series of a selector.
pub(crate) fn select<'s>(
    selector: &Selector,
    store: &'s dyn SeriesStore,
    context: &QueryContext,
) -> Result<Selected<'s>, ExecError> {
    if selector.reads.is_empty() {
        let (reads, stats_only) = (selector.reads, selector.stats_only);
        return Ok(Selected { series: Vec::new(), reads, stats_only });
    }
    let Hints { function, grouping, by } = &selector.hints;
    let request = SelectRequest {
        matchers: &selector.matchers,
        range: selector.reads,
        hints: SelectHints { step: context.step, range: selector.range, function, grouping, by: *by },
    };
    let all = store.select(&request)?;
    let mut series = Vec::with_capacity(all.size_hint().0);
    let mut bytes = 0;
    for found in all {
        if series.len() % 1024 == 0 {
            context.check()?;
            context.charge_bytes(std::mem::take(&mut bytes))?;
        }
        let found = found?;
        bytes += found.labels().size_bytes() + BYTES_A_SERIES;
        series.push(found);
    }
    context.charge_bytes(bytes)?;
    Ok(Selected { series, reads: selector.reads, stats_only: selector.stats_only })
}

/// What an instant selector gives for the sample that it sees.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    Value,
    /// Its time in seconds.
    Time,
    /// When the counter behind it began, in seconds.
    StartTime,
}

struct InstantSelect<'s> {
    selected: Selected<'s>,
    series: Vec<OutputSeries>,
    ends: StepTimes,
    steps: usize,
    lookback: i64,
    wanted: Wanted,
    key: usize,
}

/// Opens an instant selector.
pub(crate) fn open<'s>(
    selector: &Selector,
    grid: Grid,
    store: &'s dyn SeriesStore,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    open_for(Wanted::Value, selector, grid, store, context)
}

/// Opens `timestamp(selector)` or, with `start`, `start_timestamp(selector)`.
pub(crate) fn open_sample_time<'s>(
    selector: &Selector,
    start: bool,
    grid: Grid,
    store: &'s dyn SeriesStore,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    if start && !context.use_start_timestamps {
        return Ok(Box::new(super::map::Empty));
    }
    let wanted = if start { Wanted::StartTime } else { Wanted::Time };
    open_for(wanted, selector, grid, store, context)
}

fn open_for<'s>(
    wanted: Wanted,
    selector: &Selector,
    grid: Grid,
    store: &'s dyn SeriesStore,
    context: &QueryContext,
) -> Result<BoxedOperator<'s>, ExecError> {
    let selected = select(selector, store, context)?;
    let drops_name = wanted != Wanted::Value;
    let output = |labels: &Labels| OutputSeries::new(labels.clone()).drop_name_if(drops_name, context);
    let series = selected.series.iter().map(|s| output(s.labels())).collect();
    Ok(Box::new(InstantSelect {
        selected,
        series,
        ends: selector.ends,
        steps: grid.steps,
        lookback: context.lookback,
        wanted,
        key: context.next_key(),
    }))
}

impl Operator for InstantSelect<'_> {
    fn series(&self) -> &[OutputSeries] {
        &self.series
    }

    fn can_object(&self) -> bool {
        false
    }

    fn columns(
        &self,
        range: Range<usize>,
        out: &mut Batch,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<(), ExecError> {
        out.reset(range.len(), self.steps);
        let mut reader = worker.take_reader(self.key);
        for (column, i) in range.enumerate() {
            if column % 64 == 0 {
                context.check()?;
            }
            let mut samples = self.selected.read(i, &mut reader, context)?;
            self.fill(&mut samples, &mut out.column_mut(column));
        }
        worker.give_reader(self.key, reader);
        Ok(())
    }
}

impl InstantSelect<'_> {
    fn fill(&self, samples: &mut Reading<'_>, out: &mut ColumnMut<'_>) {
        if samples.is_empty() {
            return;
        }
        samples.newest(self.ends, self.steps, self.lookback);
        let histograms = !samples.histogram_samples().values.is_empty();
        if histograms {
            samples.newest_histogram(self.ends, self.steps, self.lookback);
            self.fill_with_histograms(samples, out);
            return;
        }
        let (newest, _) = samples.found();
        let floats = samples.floats();
        let values = floats.values;
        if newest.consecutive {
            let first = newest.index[0] as usize;
            out.values.copy_from_slice(&values[first..first + self.steps]);
        } else {
            for (value, &i) in out.values.iter_mut().zip(&newest.index) {
                *value = values[i as usize];
            }
        }
        out.present.copy_from_slice(&newest.present);
        if has_stale(out.values) {
            for_each_set(&newest.present, |step| {
                if is_stale(out.values[step]) {
                    out.unset(step);
                }
            });
        }
        match self.wanted {
            Wanted::Value => {}
            Wanted::Time => {
                for (value, &i) in out.values.iter_mut().zip(&newest.index) {
                    *value = floats.timestamps[i as usize] as f64 / 1000.0;
                }
            }
            Wanted::StartTime => {
                for (value, &i) in out.values.iter_mut().zip(&newest.index) {
                    *value = floats.start_timestamp(i as usize) as f64 / 1000.0;
                }
            }
        }
    }

    fn fill_with_histograms(&self, samples: &Reading<'_>, out: &mut ColumnMut<'_>) {
        let (float_newest, histogram_newest) = samples.found();
        let (floats, histograms) = (samples.floats(), samples.histogram_samples());
        let seen = |present: &[u64], step: usize| present[step / 64] >> (step % 64) & 1 == 1;
        for step in 0..self.steps {
            let float = seen(&float_newest.present, step).then(|| float_newest.index[step] as usize);
            let histogram =
                seen(&histogram_newest.present, step).then(|| histogram_newest.index[step] as usize);
            let float = match (float, histogram) {
                (Some(f), Some(h)) if histograms.timestamps[h] > floats.timestamps[f] => None,
                (float, _) => float,
            };
            if let Some(i) = float {
                if !is_stale(floats.values[i]) {
                    match self.wanted {
                        Wanted::Value => out.set(step, floats.values[i]),
                        Wanted::Time => out.set(step, floats.timestamps[i] as f64 / 1000.0),
                        Wanted::StartTime => out.set(step, floats.start_timestamp(i) as f64 / 1000.0),
                    }
                }
            } else if let Some(i) = histogram {
                let value = &histograms.values[i];
                if !is_stale(value.sum) {
                    match self.wanted {
                        Wanted::Value => out.set_histogram(step, Arc::clone(value)),
                        Wanted::Time => out.set(step, histograms.timestamps[i] as f64 / 1000.0),
                        Wanted::StartTime => out.set(step, histograms.start_timestamp(i) as f64 / 1000.0),
                    }
                }
            }
        }
    }
}
