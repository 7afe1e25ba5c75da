//! Sinks pull the columns of an operator through here, batch after batch, in series order.
//!
//! With several threads each produces every so-manieth batch, a little ahead of the sink, and the sink still takes all
//! of them in order. So whatever the sink adds up, it adds up in the same order as with one thread, and the answer is
//! the same to the last bit.

use std::ops::Range;
#[cfg(feature = "parallel")]
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::context::QueryContext;
use super::error::ExecError;
use super::operator::{Operator, Worker};
use crate::model::Batch;

/// Takes a batch: the series that its columns belong to, and the columns.
type Take<'t> = dyn FnMut(Range<usize>, &Batch, &mut Worker) -> Result<(), ExecError> + 't;

/// Fewer batches are not worth a thread.
#[cfg(feature = "parallel")]
const WORTH_THREADS: usize = 16;

/// Produces all columns of `operator`, `steps` long, and hands them to `take` in series order, a batch at a time.
pub fn for_each_batch(
    operator: &dyn Operator,
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
    mut take: impl FnMut(Range<usize>, &Batch, &mut Worker) -> Result<(), ExecError>,
) -> Result<(), ExecError> {
    if let Some(columns) = operator.ready() {
        context.check()?;
        return take(0..operator.series().len(), columns, worker);
    }
    let batches = Batches::of(operator, steps);
    #[cfg(feature = "parallel")]
    if context.threads > 1 && batches.count() >= WORTH_THREADS {
        return on_threads(operator, batches, worker, context, &mut take);
    }
    one_by_one(operator, batches, worker, context, &mut take)
}

/// How the series of an operator are cut into batches.
#[derive(Clone, Copy)]
struct Batches {
    series: usize,
    width: usize,
}

impl Batches {
    fn of(operator: &dyn Operator, steps: usize) -> Self {
        Batches { series: operator.series().len(), width: QueryContext::columns_in_batch(steps) }
    }

    fn count(self) -> usize {
        self.series.div_ceil(self.width)
    }

    fn range(self, i: usize) -> Range<usize> {
        i * self.width..((i + 1) * self.width).min(self.series)
    }
}

fn one_by_one(
    operator: &dyn Operator,
    batches: Batches,
    worker: &mut Worker,
    context: &QueryContext,
    take: &mut Take<'_>,
) -> Result<(), ExecError> {
    let mut batch = worker.take();
    for i in 0..batches.count() {
        context.check()?;
        operator.columns(batches.range(i), &mut batch, worker, context)?;
        take(batches.range(i), &batch, worker)?;
    }
    worker.give(batch);
    Ok(())
}

/// The two ends of a thread that produces batches: full ones come out, empty ones go back.
#[cfg(feature = "parallel")]
struct Producer {
    full: Receiver<Result<Batch, ExecError>>,
    empty: SyncSender<Batch>,
}

#[cfg(feature = "parallel")]
fn on_threads(
    operator: &dyn Operator,
    batches: Batches,
    worker: &mut Worker,
    context: &QueryContext,
    take: &mut Take<'_>,
) -> Result<(), ExecError> {
    /// How many batches a thread may be ahead of the sink.
    const AHEAD: usize = 2;
    let threads = context.threads.min(batches.count());
    std::thread::scope(|scope| {
        let mut producers = Vec::new();
        let mut running = Vec::new();
        for thread in 0..threads {
            let (full_sender, full) = sync_channel(AHEAD);
            let (empty, empty_receiver) = sync_channel::<Batch>(AHEAD + 2);
            producers.push(Producer { full, empty });
            running.push(scope.spawn(move || {
                let mut worker = Worker::default();
                for i in (thread..batches.count()).step_by(threads) {
                    let mut batch = empty_receiver.try_recv().unwrap_or_default();
                    let produced = context
                        .check()
                        .and_then(|()| operator.columns(batches.range(i), &mut batch, &mut worker, context))
                        .map(|()| batch);
                    let failed = produced.is_err();
                    // Nobody listens any more when the sink has ended early.
                    if full_sender.send(produced).is_err() || failed {
                        break;
                    }
                }
                worker
            }));
        }
        let result = (0..batches.count()).try_for_each(|i| {
            let producer = &producers[i % threads];
            // A thread that is gone without a word has panicked; the scope passes that on.
            let Ok(produced) = producer.full.recv() else {
                return Ok(());
            };
            let batch = produced?;
            take(batches.range(i), &batch, worker)?;
            let _ = producer.empty.try_send(batch);
            Ok(())
        });
        drop(producers);
        for thread in running {
            match thread.join() {
                Ok(other) => worker.absorb(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        result
    })
}

/// All columns of `operator` in one batch, their floats charged to the budget.
pub fn collect(
    operator: &dyn Operator,
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
) -> Result<Batch, ExecError> {
    let mut all = Batch::default();
    let count = operator.series().len();
    context.charge(count * steps)?;
    all.reset(count, steps);
    for_each_batch(operator, steps, worker, context, |range, batch, _| {
        for (i, column) in range.enumerate() {
            all.column_mut(column).copy_from(batch.column(i));
        }
        Ok(())
    })?;
    Ok(all)
}
