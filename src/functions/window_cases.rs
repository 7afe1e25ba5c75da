//! Random series and windows for the tests of range functions, and the slow and obvious way to evaluate them.
//!
//! A body slides over windows; [`Case::each_window`] cuts every window out of the series on its own and hands it
//! to a fold that knows nothing of its neighbours. [`check`] wants both to agree to the last bit.

use std::sync::Arc;

use proptest::prelude::*;

use super::record::{FunctionError, WindowBody};
use super::window::{Alike, Edges, Samples, Scratch, StepTimes, WindowCall, Windows};
use crate::model::annotation::CallSpans;
use crate::model::histogram::notation::parse_histogram;
use crate::model::{Annotations, Batch, Histogram, Labels, Notes, Timestamp};

/// A call of a range function over one series.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) labels: Labels,
    pub(super) floats: Vec<(Timestamp, f64)>,
    /// Empty when unknown.
    pub(super) float_starts: Vec<Timestamp>,
    pub(super) histograms: Vec<(Timestamp, Arc<Histogram>)>,
    pub(super) histogram_starts: Vec<Timestamp>,
    pub(super) first_end: Timestamp,
    pub(super) step: i64,
    pub(super) steps: usize,
    pub(super) range: i64,
    pub(super) lookback: i64,
    pub(super) edges: Edges,
    pub(super) args: Vec<Vec<f64>>,
    pub(super) use_start_timestamps: bool,
}

/// One window on its own.
#[derive(Debug)]
pub(super) struct OneWindow<'a> {
    pub(super) floats: &'a [(Timestamp, f64)],
    pub(super) float_starts: &'a [Timestamp],
    pub(super) histograms: &'a [(Timestamp, Arc<Histogram>)],
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) args: Vec<f64>,
}

/// What a body gave.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) floats: Vec<Option<f64>>,
    pub(super) histograms: Vec<Option<Arc<Histogram>>>,
    /// Warnings, then infos, without their places.
    pub(super) notes: Vec<String>,
}

impl Case {
    /// A series of floats named `m`, `(time, value)`, and `steps` plain windows.
    pub(super) fn of(
        floats: &[(Timestamp, f64)],
        first_end: Timestamp,
        step: i64,
        steps: usize,
        range: i64,
    ) -> Case {
        Case {
            labels: Labels::from_pairs([("__name__", "m")]),
            floats: floats.to_vec(),
            float_starts: Vec::new(),
            histograms: Vec::new(),
            histogram_starts: Vec::new(),
            first_end,
            step,
            steps,
            range,
            lookback: 0,
            edges: Edges::Plain,
            args: Vec::new(),
            use_start_timestamps: false,
        }
    }

    fn end(&self, step: usize) -> Timestamp {
        self.first_end + step as i64 * self.step
    }

    /// The first and the last time, both excluded and included as in a window, that the indices of `step` reach.
    fn reach(&self, step: usize) -> (Timestamp, Timestamp) {
        let end = self.end(step);
        match self.edges {
            Edges::Plain => (end - self.range, end),
            Edges::Anchored => (end - self.range - self.lookback, end),
            Edges::Smoothed => (end - self.range - self.lookback, end + self.lookback),
        }
    }

    /// Calls `fold` with each window that has a sample.
    pub(super) fn each_window<T>(&self, mut fold: impl FnMut(OneWindow<'_>) -> Option<T>) -> Vec<Option<T>> {
        let evaluate = |step| {
            let (after, until) = self.reach(step);
            let floats = within(&self.floats, after, until);
            let histograms = within(&self.histograms, after, until);
            if floats.is_empty() && histograms.is_empty() {
                return None;
            }
            fold(OneWindow {
                float_starts: if self.float_starts.is_empty() {
                    &[]
                } else {
                    &self.float_starts[floats.clone()]
                },
                floats: &self.floats[floats],
                histograms: &self.histograms[histograms],
                start: self.end(step) - self.range,
                end: self.end(step),
                args: self.args.iter().map(|arg| arg[step]).collect(),
            })
        };
        (0..self.steps).map(evaluate).collect()
    }

    /// Runs `body` over all windows.
    pub(super) fn run(&self, body: WindowBody) -> Result<Outcome, FunctionError> {
        let indices = |samples: &[std::ops::Range<usize>]| -> (Vec<u32>, Vec<u32>) {
            samples.iter().map(|range| (range.start as u32, range.end as u32)).unzip()
        };
        let reaches: Vec<_> = (0..self.steps).map(|step| self.reach(step)).collect();
        let (float_lo, float_hi) =
            indices(&reaches.iter().map(|(a, b)| within(&self.floats, *a, *b)).collect::<Vec<_>>());
        let (histogram_lo, histogram_hi) = if self.histograms.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            indices(&reaches.iter().map(|(a, b)| within(&self.histograms, *a, *b)).collect::<Vec<_>>())
        };
        let (float_times, float_values): (Vec<_>, Vec<_>) = self.floats.iter().copied().unzip();
        let (histogram_times, histogram_values): (Vec<_>, Vec<_>) = self.histograms.iter().cloned().unzip();
        let args: Vec<&[f64]> = self.args.iter().map(Vec::as_slice).collect();
        let ends = StepTimes { first: self.first_end, step: self.step };
        let call = WindowCall {
            labels: &self.labels,
            floats: Samples {
                timestamps: &float_times,
                values: &float_values,
                start_timestamps: &self.float_starts,
            },
            histograms: Samples {
                timestamps: &histogram_times,
                values: &histogram_values,
                start_timestamps: &self.histogram_starts,
            },
            windows: Windows {
                float_lo: &float_lo,
                float_hi: &float_hi,
                histogram_lo: &histogram_lo,
                histogram_hi: &histogram_hi,
                ends,
                range: self.range,
                evaluation: ends,
                stretches: &alike(&float_lo, &float_hi, &float_times, ends),
                first_step: 0,
            },
            args: &args,
            edges: self.edges,
            use_start_timestamps: self.use_start_timestamps,
            type_labels: false,
        };
        let mut batch = Batch::default();
        batch.reset(1, self.steps);
        let (mut annotations, spans) = (Annotations::default(), CallSpans::default());
        let mut notes = Notes { annotations: &mut annotations, spans: &spans };
        let mut scratch = Scratch::default();
        body(&call, &mut scratch, &mut batch.column_mut(0), &mut notes)?;
        // What a series leaves in the scratch must not show in the next one.
        batch.reset(1, self.steps);
        annotations = Annotations::default();
        let mut notes = Notes { annotations: &mut annotations, spans: &spans };
        body(&call, &mut scratch, &mut batch.column_mut(0), &mut notes)?;
        let column = batch.column(0);
        let (warnings, infos) = annotations.texts("");
        Ok(Outcome {
            floats: (0..self.steps).map(|step| column.get(step)).collect(),
            histograms: (0..self.steps).map(|step| column.histogram(step).cloned()).collect(),
            notes: warnings
                .iter()
                .chain(&infos)
                .map(|text| text.trim_end_matches(" (1:1)").to_owned())
                .collect(),
        })
    }

    /// The floats that `body` gives.
    pub(super) fn floats_of(&self, body: WindowBody) -> Vec<Option<f64>> {
        self.run(body).expect("no error").floats
    }
}

/// The stretches of steps whose windows are alike, looked for step by step.
fn alike(lo: &[u32], hi: &[u32], times: &[Timestamp], ends: StepTimes) -> Vec<Alike> {
    let mut stretches: Vec<Alike> = Vec::new();
    for step in 1..lo.len() {
        let window = |step: usize| times[lo[step] as usize..hi[step] as usize].iter();
        let there = window(step - 1).map(|time| time + ends.step);
        let advance = (lo[step] - lo[step - 1]) as usize;
        if advance == 0 || lo[step] == hi[step] || !there.eq(window(step).copied()) {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if last.steps.end == step && last.advance == advance => last.steps.end += 1,
            Some(last) if last.steps.end == step => {}
            _ => stretches.push(Alike { steps: step - 1..step + 1, advance }),
        }
    }
    stretches
}

fn within<T>(samples: &[(Timestamp, T)], after: Timestamp, until: Timestamp) -> std::ops::Range<usize> {
    samples.partition_point(|(t, _)| *t <= after)..samples.partition_point(|(t, _)| *t <= until)
}

/// Whether two floats are the same to the last bit; any NaN is any other.
pub(super) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// Fails unless `body` and `fold` agree on all windows of `case`.
pub(super) fn check(
    case: &Case,
    body: WindowBody,
    fold: impl FnMut(OneWindow<'_>) -> Option<f64>,
) -> Result<(), TestCaseError> {
    let got = case.run(body).map_err(|error| TestCaseError::fail(error.to_string()))?.floats;
    let want = case.each_window(fold);
    for (step, (got, want)) in got.iter().zip(&want).enumerate() {
        let agree = match (got, want) {
            (Some(got), Some(want)) => same(*got, *want),
            (got, want) => got.is_none() && want.is_none(),
        };
        prop_assert!(agree, "step {step}: got {got:?}, want {want:?}");
    }
    Ok(())
}

/// What the values of a random series look like.
fn values(count: usize) -> impl Strategy<Value = Vec<f64>> {
    let wild = prop_oneof![
        4 => -1000.0..1000.0,
        2 => Just(0.0),
        1 => Just(-0.0),
        2 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(1e100),
        1 => Just(-1e100),
        1 => Just(f64::MAX),
        1 => Just(-f64::MAX),
        1 => Just(5e-324),
    ];
    let whole = (-20i32..20).prop_map(f64::from);
    let decimals = (0i64..5_000_000).prop_map(|v| v as f64 / 100.0);
    let rare = prop_oneof![
        40 => -1e6..1e6,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ];
    let counter = (0i32..50).prop_map(f64::from);
    prop_oneof![
        proptest::collection::vec(wild, count),
        proptest::collection::vec(whole, count),
        proptest::collection::vec(decimals, count),
        proptest::collection::vec(rare, count),
        proptest::collection::vec(counter, count).prop_map(|rises| {
            let mut total = 0.0;
            // A rise of nothing at all is a reset.
            rises
                .iter()
                .map(|rise| {
                    total = if *rise == 0.0 { 0.0 } else { total + rise };
                    total
                })
                .collect()
        }),
    ]
}

/// A random series of floats and random plain windows over it.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    (0usize..150, prop_oneof![Just(15_000i64), 1i64..60_000])
        .prop_flat_map(|(count, gap)| {
            let odd = prop_oneof![3 => Just(gap), 2 => 1..2 * gap + 1, 1 => Just(20 * gap)];
            (
                prop_oneof![Just(vec![gap; count]), proptest::collection::vec(odd, count)],
                values(count),
                -20 * gap..60 * gap,
                prop_oneof![1 => Just(0i64), 3 => Just(gap), 6 => 1..8 * gap + 1],
                0usize..140,
                prop_oneof![1..4 * gap + 1, 1..40 * gap + 1, Just(200 * gap)],
            )
        })
        .prop_map(|(gaps, values, first_end, step, steps, range)| {
            let mut time = -1;
            let times = gaps.iter().map(|gap| {
                time += gap;
                time
            });
            let floats: Vec<_> = times.zip(values).collect();
            Case::of(&floats, first_end, step, steps, range)
        })
}

/// The histogram that `text` describes, in the notation of test scripts.
pub(super) fn histogram(text: &str) -> Arc<Histogram> {
    Arc::new(parse_histogram(text).expect("a histogram").0)
}

/// The same with some of the floats replaced by histograms of a counter or of a gauge, of exponential or custom
/// buckets.
pub(super) fn with_histograms(cases: impl Strategy<Value = Case>) -> impl Strategy<Value = Case> {
    let other = prop_oneof![
        Just("{{schema:1 count:3 buckets:[1 2]}}"),
        Just("{{schema:-53 custom_values:[1 2] count:3 buckets:[1 2]}}"),
        Just("{{schema:-53 custom_values:[1 3] count:5 buckets:[1 2 2]}}"),
        Just("{{count:4 buckets:[1 2] counter_reset_hint:reset}}"),
        Just("{{count:4 buckets:[1 2] counter_reset_hint:gauge}}"),
        Just("{{count:2 buckets:[1 1] counter_reset_hint:not_reset}}"),
    ];
    let replaced = prop_oneof![6 => 0..=8i32, 1 => Just(0), 1 => Just(9)];
    (cases, replaced, proptest::collection::vec((0..8i32, 0..6u8, other), 150)).prop_map(
        |(mut case, share, dice)| {
            let mut count = 0;
            let (floats, histograms): (Vec<_>, Vec<_>) =
                case.floats.iter().zip(&dice).partition(|(_, (die, ..))| *die >= share);
            case.histograms = histograms
                .iter()
                .map(|((time, _), (_, rise, other))| match rise {
                    0 => (*time, histogram(other)),
                    _ => {
                        count = if *rise == 1 { 0 } else { count + u32::from(*rise) };
                        (*time, histogram(&format!("{{{{count:{count} sum:{count} buckets:[{count} 0]}}}}")))
                    }
                })
                .collect();
            case.floats = floats.into_iter().map(|(sample, _)| *sample).collect();
            case
        },
    )
}
