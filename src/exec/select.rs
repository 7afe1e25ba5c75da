//! The instant selector: for each series and step the newest sample that is not older than the lookback.
//!
//! With a lookback of five minutes and samples at 10:00 and 10:01, the step 10:05:30 sees the second one, the step
//! 10:06 sees nothing. A stale marker is seen like any sample, and what is seen then is that there is nothing.

use std::ops::Range;
use std::sync::Arc;

use super::context::QueryContext;
use super::error::ExecError;
use super::open::Env;
use super::operator::{BoxedOperator, Operator, OutputSeries, Worker};
use super::reader::{Reading, has_stale};
use super::recent::SeriesReader;
use crate::functions::window::StepTimes;
use crate::model::column::for_each_set;
use crate::model::nearby::SERIES_AT_A_TIME;
use crate::model::{Batch, ColumnMut, Labels, TimeRange, is_stale};
use crate::plan::Grid;
use crate::plan::node::{Hints, Selector};
use crate::store::{SelectHints, SelectRequest, Series, SeriesStore};

/// The series of a selector, to be read.
#[derive(Clone)]
pub(crate) struct Selected<'s> {
    pub(crate) series: Arc<Vec<Box<dyn Series + 's>>>,
    pub(crate) reads: TimeRange,
    /// Names the reader to use.
    pub(crate) key: usize,
    /// How many series are read at once, if other selectors read them, too.
    shared: Option<usize>,
    /// Whether nothing but count and sum of histograms is looked at.
    stats_only: bool,
}

impl<'s> Selected<'s> {
    fn new(
        selector: &Selector,
        series: Vec<Box<dyn Series + 's>>,
        shared: Option<usize>,
        context: &QueryContext,
    ) -> Self {
        let Selector { reads, stats_only, .. } = *selector;
        Selected { series: Arc::new(series), reads, key: context.next_key(), shared, stats_only }
    }

    /// Reads all samples of series `i`.
    pub(crate) fn read<'r>(
        &'r self,
        i: usize,
        reader: &'r mut SeriesReader,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        if i.is_multiple_of(SERIES_AT_A_TIME) && self.series.len() > SERIES_AT_A_TIME {
            self.series[i..].iter().take(SERIES_AT_A_TIME).for_each(|next| next.fetch(self.reads));
        }
        let series = &*self.series[i];
        let mut samples = match self.shared {
            None => reader.reader.read(series, self.reads, context)?,
            Some(at_once) => reader.read_shared(i, series, self.reads, at_once, context)?,
        };
        if self.stats_only {
            samples.keep_histogram_stats();
        }
        Ok(samples)
    }
}

/// What a selected series is counted as besides its labels: its cursor and its place among the series of the query.
const BYTES_A_SERIES: usize = 128;

/// The series of a selector. The store is asked for them unless an equal selector has asked before.
pub(crate) fn select<'s>(
    selector: &Selector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<Selected<'s>, ExecError> {
    let selection = selector.selection.and_then(|number| Some((number, env.selections.get(number)?)));
    let Some((number, selection)) = selection.filter(|(_, selection)| selection.uses > 1) else {
        let series = series_of(selector, &selector.hints, env.store, env.context)?;
        return Ok(Selected::new(selector, series, None, env.context));
    };
    if let Some((_, selected)) = env.selected.iter().find(|(other, _)| *other == number) {
        return Ok(selected.clone());
    }
    let series = series_of(selector, &selection.hints, env.store, env.context)?;
    let at_once = QueryContext::columns_in_batch(grid.steps);
    let selected = Selected::new(selector, series, Some(at_once), env.context);
    env.selected.push((number, selected.clone()));
    Ok(selected)
}

/// Asks the store for the series of a selector.
fn series_of<'s>(
    selector: &Selector,
    hints: &Hints,
    store: &'s dyn SeriesStore,
    context: &QueryContext,
) -> Result<Vec<Box<dyn Series + 's>>, ExecError> {
    if selector.reads.is_empty() {
        return Ok(Vec::new());
    }
    let Hints { function, grouping, by } = hints;
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
    Ok(series)
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
}

/// Opens an instant selector.
pub(crate) fn open<'s>(
    selector: &Selector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    open_for(Wanted::Value, selector, grid, env)
}

/// Opens `timestamp(selector)` or, with `start`, `start_timestamp(selector)`.
pub(crate) fn open_sample_time<'s>(
    selector: &Selector,
    start: bool,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    if start && !env.context.use_start_timestamps {
        return Ok(Box::new(super::map::Empty));
    }
    let wanted = if start { Wanted::StartTime } else { Wanted::Time };
    open_for(wanted, selector, grid, env)
}

fn open_for<'s>(
    wanted: Wanted,
    selector: &Selector,
    grid: Grid,
    env: &mut Env<'s, '_>,
) -> Result<BoxedOperator<'s>, ExecError> {
    let selected = select(selector, grid, env)?;
    let context = env.context;
    let drops_name = wanted != Wanted::Value;
    let output = |labels: &Labels| OutputSeries::of(labels, drops_name, context);
    let series = selected.series.iter().map(|s| output(s.labels())).collect();
    Ok(Box::new(InstantSelect {
        selected,
        series,
        ends: selector.ends,
        steps: grid.steps,
        lookback: context.lookback,
        wanted,
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
        let mut reader = worker.take_reader(self.selected.key);
        for (column, i) in range.enumerate() {
            if column % 64 == 0 {
                context.check()?;
            }
            let mut samples = self.selected.read(i, &mut reader, context)?;
            self.fill(&mut samples, &mut out.column_mut(column));
        }
        worker.give_reader(self.selected.key, reader);
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
