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

/// Takes a batch: which of the operators it is of, the series that its columns belong to, and the columns.
type Take<'t> = dyn FnMut(usize, Range<usize>, &Batch, &mut Worker) -> Result<(), ExecError> + 't;

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
    let mut outcome = Ok(());
    let operators = [(operator, Batches::of(operator, steps))];
    let mut take =
        |_: usize, series: Range<usize>, batch: &Batch, worker: &mut Worker| take(series, batch, worker);
    drive(&operators, worker, context, &mut take, std::slice::from_mut(&mut outcome));
    outcome
}

/// Does the same for several operators side by side: a batch of each, then the next batch of each, so that those that
/// read the same series read them one after the other. Tells of each whether it came to its end; the failure of one
/// does not end the others.
pub(crate) fn for_each_batch_of_all(
    operators: &[&dyn Operator],
    steps: usize,
    worker: &mut Worker,
    context: &QueryContext,
    mut take: impl FnMut(usize, Range<usize>, &Batch, &mut Worker) -> Result<(), ExecError>,
) -> Vec<Result<(), ExecError>> {
    let operators: Vec<_> =
        operators.iter().map(|&operator| (operator, Batches::of(operator, steps))).collect();
    let mut outcomes: Vec<_> = operators.iter().map(|_| Ok(())).collect();
    drive(&operators, worker, context, &mut take, &mut outcomes);
    outcomes
}

/// Operators, and how the series of each are cut into batches.
type Operators<'o> = [(&'o dyn Operator, Batches)];

fn drive(
    operators: &Operators<'_>,
    worker: &mut Worker,
    context: &QueryContext,
    take: &mut Take<'_>,
    outcomes: &mut [Result<(), ExecError>],
) {
    let rounds = operators.iter().map(|(_, batches)| batches.count()).max().unwrap_or(0);
    #[cfg(feature = "parallel")]
    if context.threads > 1 && rounds >= WORTH_THREADS {
        return on_threads(operators, rounds, worker, context, take, outcomes);
    }
    one_by_one(operators, rounds, worker, context, take, outcomes);
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

/// The operators that have a batch in this round, and its series.
fn in_round<'a, 'o>(
    operators: &'a Operators<'o>,
    round: usize,
) -> impl Iterator<Item = (usize, &'o dyn Operator, Range<usize>)> + use<'a, 'o> {
    let there = operators.iter().enumerate().filter(move |(_, (_, batches))| round < batches.count());
    there.map(move |(which, (operator, batches))| (which, *operator, batches.range(round)))
}

fn one_by_one(
    operators: &Operators<'_>,
    rounds: usize,
    worker: &mut Worker,
    context: &QueryContext,
    take: &mut Take<'_>,
    outcomes: &mut [Result<(), ExecError>],
) {
    let mut batch = worker.take();
    for round in 0..rounds {
        for (which, operator, series) in in_round(operators, round) {
            if outcomes[which].is_ok() {
                outcomes[which] = context
                    .check()
                    .and_then(|()| operator.columns(series.clone(), &mut batch, worker, context))
                    .and_then(|()| take(which, series, &batch, worker));
            }
        }
        if outcomes.iter().all(Result::is_err) {
            break;
        }
    }
    worker.give(batch);
}

/// The two ends of a thread that produces batches: full ones come out, empty ones go back. There is one for each
/// operator in each round, but none of those that have failed before.
#[cfg(feature = "parallel")]
struct Producer {
    full: Receiver<Option<Result<Batch, ExecError>>>,
    empty: SyncSender<Batch>,
}

#[cfg(feature = "parallel")]
fn on_threads(
    operators: &Operators<'_>,
    rounds: usize,
    worker: &mut Worker,
    context: &QueryContext,
    take: &mut Take<'_>,
    outcomes: &mut [Result<(), ExecError>],
) {
    /// How many rounds a thread may be ahead of the sink.
    const AHEAD: usize = 2;
    let ahead = AHEAD * operators.len();
    let threads = context.threads.min(rounds);
    std::thread::scope(|scope| {
        let mut producers = Vec::new();
        let mut running = Vec::new();
        for thread in 0..threads {
            let (full_sender, full) = sync_channel(ahead);
            let (empty, empty_receiver) = sync_channel::<Batch>(ahead + 2);
            producers.push(Producer { full, empty });
            running.push(scope.spawn(move || {
                let mut worker = Worker::default();
                let mut failed = vec![false; operators.len()];
                for round in (thread..rounds).step_by(threads) {
                    for (which, operator, series) in in_round(operators, round) {
                        let produced = (!failed[which]).then(|| {
                            let mut batch = empty_receiver.try_recv().unwrap_or_default();
                            context
                                .check()
                                .and_then(|()| operator.columns(series, &mut batch, &mut worker, context))
                                .map(|()| batch)
                        });
                        failed[which] = !matches!(produced, Some(Ok(_)));
                        // Nobody listens any more when the sink has ended early.
                        if full_sender.send(produced).is_err() || failed.iter().all(|failed| *failed) {
                            return worker;
                        }
                    }
                }
                worker
            }));
        }
        'rounds: for round in 0..rounds {
            let producer = &producers[round % threads];
            for (which, _, series) in in_round(operators, round) {
                // A thread that is gone without a word has panicked; the scope passes that on.
                let Ok(produced) = producer.full.recv() else { break 'rounds };
                if let Some(produced) = produced.filter(|_| outcomes[which].is_ok()) {
                    outcomes[which] = produced.and_then(|batch| {
                        take(which, series, &batch, worker)?;
                        let _ = producer.empty.try_send(batch);
                        Ok(())
                    });
                }
                if outcomes.iter().all(Result::is_err) {
                    break 'rounds;
                }
            }
        }
        drop(producers);
        for thread in running {
            match thread.join() {
                Ok(other) => worker.absorb(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
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
