//! Where the samples of a range vector come from: a store, or the steps of a subquery.
//!
//! A subquery is evaluated series by series as its windows are needed; no more than one batch of it is ever held.

use std::sync::Arc;

use super::context::QueryContext;
use super::error::ExecError;
use super::meter::Counters;
use super::operator::{BoxedOperator, Operator, Worker};
use super::reader::{Reader, Reading};
use super::recent::SeriesReader;
use super::select::Selected;
use crate::functions::window::{Edges, StepTimes};
use crate::model::column::for_each_set;
use crate::model::histogram::CounterResetHint;
use crate::model::{Histogram, Labels, Timestamp};
use crate::plan::Grid;
use crate::plan::node;
use crate::store::{FloatBatch, HistogramBatch, SampleSink};

/// The series of a range vector.
pub(crate) struct RangeSource<'s> {
    kind: Kind<'s>,
    ends: StepTimes,
    width: i64,
    pinned: bool,
    edges: Edges,
    key: usize,
}

enum Kind<'s> {
    Stored(Selected<'s>),
    Subquery {
        operator: BoxedOperator<'s>,
        grid: Grid,
    },
    /// One of the others, which counts what it hands on.
    Metered {
        inner: Box<Kind<'s>>,
        counters: Arc<Counters>,
    },
}

impl<'s> RangeSource<'s> {
    /// A selector's series.
    pub(crate) fn stored(selector: &node::Selector, selected: Selected<'s>) -> Self {
        RangeSource {
            ends: selector.ends,
            width: selector.range,
            pinned: selector.pinned,
            edges: selector.edges,
            key: selected.key,
            kind: Kind::Stored(selected),
        }
    }

    /// The series of an opened subquery.
    pub(crate) fn subquery(
        subquery: &node::Subquery,
        operator: BoxedOperator<'s>,
        context: &QueryContext,
    ) -> Self {
        RangeSource {
            kind: Kind::Subquery { operator, grid: subquery.grid },
            ends: subquery.ends,
            width: subquery.range,
            pinned: subquery.pinned,
            edges: Edges::Plain,
            key: context.next_key(),
        }
    }

    /// The same, counting from now on.
    pub(crate) fn metered(self, counters: Arc<Counters>) -> Self {
        counters.set_series(self.count());
        RangeSource { kind: Kind::Metered { inner: Box::new(self.kind), counters }, ..self }
    }

    /// How many series there are.
    pub(crate) fn count(&self) -> usize {
        self.kind.count()
    }

    /// The labels of series `i`.
    pub(crate) fn labels(&self, i: usize) -> &Labels {
        self.kind.labels(i)
    }

    /// Whether series `i` drops its name at the end.
    pub(crate) fn drops_name(&self, i: usize) -> bool {
        self.kind.drops_name(i)
    }

    /// Where the window of each step ends.
    pub(crate) fn ends(&self) -> StepTimes {
        self.ends
    }

    /// Where the window that a step has its samples from ends.
    pub(crate) fn sampled(&self) -> StepTimes {
        if self.pinned { StepTimes { step: 0, ..self.ends } } else { self.ends }
    }

    /// Width of the windows in ms.
    pub(crate) fn width(&self) -> i64 {
        self.width
    }

    pub(crate) fn edges(&self) -> Edges {
        self.edges
    }

    /// Names the reader to use.
    pub(crate) fn key(&self) -> usize {
        self.key
    }

    /// Reads all samples of series `i`.
    pub(crate) fn read<'r>(
        &'r self,
        i: usize,
        reader: &'r mut SeriesReader,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        self.kind.read(i, reader, worker, context)
    }
}

impl Kind<'_> {
    fn count(&self) -> usize {
        match self {
            Kind::Stored(selected) => selected.series.len(),
            Kind::Subquery { operator, .. } => operator.series().len(),
            Kind::Metered { inner, .. } => inner.count(),
        }
    }

    fn labels(&self, i: usize) -> &Labels {
        match self {
            Kind::Stored(selected) => selected.series[i].labels(),
            Kind::Subquery { operator, .. } => &operator.series()[i].labels,
            Kind::Metered { inner, .. } => inner.labels(i),
        }
    }

    fn drops_name(&self, i: usize) -> bool {
        match self {
            Kind::Stored(_) => false,
            Kind::Subquery { operator, .. } => operator.series()[i].drop_name,
            Kind::Metered { inner, .. } => inner.drops_name(i),
        }
    }

    fn read<'r>(
        &'r self,
        i: usize,
        reader: &'r mut SeriesReader,
        worker: &mut Worker,
        context: &QueryContext,
    ) -> Result<Reading<'r>, ExecError> {
        match self {
            Kind::Stored(selected) => selected.read(i, reader, context),
            Kind::Subquery { operator, grid } => {
                let SeriesReader { reader, .. } = reader;
                reader.begin();
                if grid.steps > 0 {
                    read_steps(&**operator, *grid, i, reader, worker, context)?;
                }
                reader.finish();
                Ok(Reading::of(reader))
            }
            Kind::Metered { inner, counters } => {
                let Some(meter) = context.meter() else { return inner.read(i, reader, worker, context) };
                let samples = meter.add(counters, context, || inner.read(i, reader, worker, context))?;
                let (floats, histograms) =
                    (samples.floats().values.len(), samples.histogram_samples().values);
                let bytes = histograms.iter().map(|histogram| histogram.size()).sum::<usize>();
                counters.count((floats + histograms.len()) as u64, (16 * floats + bytes) as u64);
                Ok(samples)
            }
        }
    }
}

fn read_steps(
    operator: &dyn Operator,
    grid: Grid,
    i: usize,
    reader: &mut Reader,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<(), ExecError> {
    context.charge(grid.steps)?;
    let mut batch = worker.take();
    operator.columns(i..i + 1, &mut batch, worker, context)?;
    let column = batch.column(0);
    let mut timestamps: Vec<Timestamp> = Vec::with_capacity(grid.steps);
    let mut values: Vec<f64> = Vec::with_capacity(grid.steps);
    for_each_set(column.present, |step| {
        timestamps.push(grid.at(step));
        values.push(column.values[step]);
    });
    let _ = reader.floats(FloatBatch {
        timestamps: &timestamps,
        values: &values,
        start_timestamps: &[],
        timestamps_id: None,
    });
    if let Some(histograms) = column.histograms {
        let present =
            histograms.iter().enumerate().filter_map(|(step, h)| Some((grid.at(step), h.as_ref()?)));
        let (timestamps, values): (Vec<Timestamp>, Vec<Arc<Histogram>>) =
            present.map(|(t, h)| (t, without_hint(h))).unzip();
        let _ = reader.histograms(HistogramBatch {
            timestamps: &timestamps,
            values: &values,
            start_timestamps: &[],
        });
    }
    worker.give(batch);
    context.release(grid.steps);
    Ok(())
}

/// Steps of a subquery skip and repeat samples, so what a histogram says of the sample before it no longer holds.
fn without_hint(histogram: &Arc<Histogram>) -> Arc<Histogram> {
    match histogram.counter_reset_hint {
        CounterResetHint::CounterReset | CounterResetHint::NotCounterReset => {
            let mut histogram = Histogram::clone(histogram);
            histogram.counter_reset_hint = CounterResetHint::Unknown;
            Arc::new(histogram)
        }
        CounterResetHint::Unknown | CounterResetHint::Gauge => Arc::clone(histogram),
    }
}
