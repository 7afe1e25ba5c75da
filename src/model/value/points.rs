//! The float samples of one series of a matrix, in whichever form is smallest.
//!
//! A range query over an hour has a value at nearly every step, `m[5m]` has samples at times of their own, and
//! `m > 100` has hardly any. Whoever takes an answer apart need not care which it is:
//!
//! ```
//! use promqlite::model::value::FloatPoints;
//!
//! let points: FloatPoints = [(0, 1.0), (15_000, 2.5)].into_iter().collect();
//! assert_eq!(points.values().as_ref(), [1.0, 2.5]);
//! assert_eq!(points.timestamps().as_ref(), [0, 15_000]);
//! assert_eq!(points.iter().last(), Some((15_000, 2.5)));
//! ```

use std::borrow::Cow;
use std::fmt;

use crate::model::column::{Column, for_each_set};
use crate::model::{Batch, Timestamp};

/// The float samples of one series, in order of time.
#[derive(Clone, PartialEq)]
pub struct FloatPoints(Form);

#[derive(Clone, PartialEq)]
enum Form {
    /// One place for each step of a range query, some of them empty: 8 bytes and a bit for each.
    Steps(StepColumn),
    /// Few of the steps of a range query: 16 bytes for each sample that is there. The step is 0 if the query has only one.
    FewSteps { step: i64, samples: FewSamples },
    /// Samples as they were read, at their own times.
    Samples { timestamps: Vec<Timestamp>, values: Vec<f64> },
}

/// A dense column: the value at step `i` belongs to the time `start + i * step`.
#[derive(Clone, PartialEq)]
struct StepColumn {
    start: Timestamp,
    step: i64,
    /// A value for each step; meaningless where `present` has no bit.
    values: Box<[f64]>,
    /// Bit `i % 64` of word `i / 64` tells whether step `i` has a value. Empty when all steps have one.
    present: Box<[u64]>,
}

/// Few samples. One sample takes no memory of its own.
#[derive(Clone, PartialEq)]
enum FewSamples {
    One([(Timestamp, f64); 1]),
    Any(Box<[(Timestamp, f64)]>),
}

impl FewSamples {
    fn as_slice(&self) -> &[(Timestamp, f64)] {
        match self {
            FewSamples::One(sample) => sample,
            FewSamples::Any(samples) => samples,
        }
    }
}

impl StepColumn {
    /// Whether step `i` has a value.
    fn has(&self, i: usize) -> bool {
        self.present.is_empty() || self.present[i / 64] >> (i % 64) & 1 == 1
    }

    /// The time of each step that has a value.
    fn timestamps(&self) -> impl Iterator<Item = Timestamp> + '_ {
        (0..self.values.len()).filter(|&i| self.has(i)).map(|i| self.start + i as i64 * self.step)
    }
}

impl FloatPoints {
    /// The floats of `column`, whose step `i` is the time `start + i * step`, in whichever form is smaller.
    pub(crate) fn of_column(column: Column<'_>, start: Timestamp, step: i64) -> Self {
        let count: usize = column.present.iter().map(|word| word.count_ones() as usize).sum();
        let present = if column.is_full() { &[][..] } else { column.present };
        let dense_size = size_of_val(column.values) + size_of_val(present);
        if count > 1 && count * size_of::<(Timestamp, f64)>() >= dense_size {
            let (values, present) = (column.values.into(), present.into());
            return FloatPoints(Form::Steps(StepColumn { start, step, values, present }));
        }
        let sample = |i: usize| (start + i as i64 * step, column.values[i]);
        let samples = match column.present.iter().position(|word| *word != 0) {
            Some(w) if count == 1 => {
                let bit = column.present[w].trailing_zeros() as usize;
                FewSamples::One([sample(w * 64 + bit)])
            }
            _ => {
                let mut samples = Vec::with_capacity(count);
                for_each_set(column.present, |i| samples.push(sample(i)));
                FewSamples::Any(samples.into())
            }
        };
        let step = if column.values.len() > 1 { step } else { 0 };
        FloatPoints(Form::FewSteps { step, samples })
    }

    /// The values at `start`, `start + step` and so on, in ms; `None` where a step has none.
    ///
    /// ```
    /// use promqlite::model::value::FloatPoints;
    ///
    /// let points = FloatPoints::of_steps(0, 60_000, [Some(1.0), None, Some(3.0)]);
    /// assert_eq!(points.iter().collect::<Vec<_>>(), [(0, 1.0), (120_000, 3.0)]);
    /// ```
    pub fn of_steps(start: Timestamp, step: i64, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let values: Vec<Option<f64>> = values.into_iter().collect();
        let mut batch = Batch::default();
        batch.reset(1, values.len());
        let mut column = batch.column_mut(0);
        for (i, value) in values.into_iter().enumerate() {
            if let Some(value) = value {
                column.set(i, value);
            }
        }
        FloatPoints::of_column(batch.column(0), start, step)
    }

    /// Samples at times of their own, in ms and rising; one value for each time.
    pub(crate) fn as_read(timestamps: Vec<Timestamp>, values: Vec<f64>) -> Self {
        FloatPoints(Form::Samples { timestamps, values })
    }

    /// No samples.
    pub fn none() -> Self {
        FloatPoints::as_read(Vec::new(), Vec::new())
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Steps(column) if column.present.is_empty() => column.values.len(),
            Form::Steps(column) => column.present.iter().map(|w| w.count_ones() as usize).sum(),
            Form::FewSteps { samples, .. } => samples.as_slice().len(),
            Form::Samples { values, .. } => values.len(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples in order of time: the time in ms, and the value.
    pub fn iter(&self) -> Box<dyn Iterator<Item = (Timestamp, f64)> + '_> {
        match &self.0 {
            Form::Steps(column) => Box::new(
                (0..column.values.len())
                    .filter(|&i| column.has(i))
                    .map(|i| (column.start + i as i64 * column.step, column.values[i])),
            ),
            Form::FewSteps { samples, .. } => Box::new(samples.as_slice().iter().copied()),
            Form::Samples { timestamps, values } => {
                Box::new(timestamps.iter().copied().zip(values.iter().copied()))
            }
        }
    }

    /// The values, in order of time. Lent where every step has one, else gathered.
    pub fn values(&self) -> Cow<'_, [f64]> {
        match &self.0 {
            Form::Steps(column) if column.present.is_empty() => Cow::Borrowed(&column.values),
            Form::Samples { values, .. } => Cow::Borrowed(values),
            _ => self.iter().map(|(_, value)| value).collect(),
        }
    }

    /// The times in ms, rising; one for each of the [`values`](FloatPoints::values).
    pub fn timestamps(&self) -> Cow<'_, [Timestamp]> {
        match &self.0 {
            Form::Steps(column) => column.timestamps().collect(),
            Form::FewSteps { samples, .. } => samples.as_slice().iter().map(|(time, _)| *time).collect(),
            Form::Samples { timestamps, .. } => Cow::Borrowed(timestamps),
        }
    }

    /// The value at this time in ms, if there is one.
    pub fn at(&self, time: Timestamp) -> Option<f64> {
        match &self.0 {
            Form::Steps(column) => {
                let after = time.checked_sub(column.start).filter(|after| *after >= 0)?;
                let i = usize::try_from(after.checked_div(column.step)?).ok()?;
                (after % column.step == 0 && i < column.values.len() && column.has(i))
                    .then(|| column.values[i])
            }
            Form::FewSteps { samples, .. } => {
                let samples = samples.as_slice();
                let i = samples.binary_search_by_key(&time, |(time, _)| *time).ok()?;
                Some(samples[i].1)
            }
            Form::Samples { timestamps, values } => {
                values.get(timestamps.binary_search(&time).ok()?).copied()
            }
        }
    }

    /// The distance in ms of the steps at which the samples are; `None` for samples at times of their own, and where
    /// there is but one step.
    pub fn step(&self) -> Option<i64> {
        match &self.0 {
            Form::Steps(column) if column.values.len() > 1 => Some(column.step),
            Form::FewSteps { step, .. } if *step > 0 => Some(*step),
            _ => None,
        }
    }

    /// Whether these are samples at times of their own.
    pub(crate) fn is_as_read(&self) -> bool {
        matches!(self.0, Form::Samples { .. })
    }
}

impl Default for FloatPoints {
    fn default() -> Self {
        FloatPoints::none()
    }
}

/// Samples at times of their own, which have to rise.
impl FromIterator<(Timestamp, f64)> for FloatPoints {
    fn from_iter<I: IntoIterator<Item = (Timestamp, f64)>>(samples: I) -> Self {
        let (timestamps, values) = samples.into_iter().unzip();
        FloatPoints::as_read(timestamps, values)
    }
}

impl<'a> IntoIterator for &'a FloatPoints {
    type Item = (Timestamp, f64);
    type IntoIter = Box<dyn Iterator<Item = (Timestamp, f64)> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for FloatPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way of taking the points apart tells the same.
    fn same_samples(points: &FloatPoints, expected: &[(Timestamp, f64)]) {
        assert_eq!(points.iter().collect::<Vec<_>>(), expected);
        let columns =
            points.timestamps().iter().copied().zip(points.values().iter().copied()).collect::<Vec<_>>();
        assert_eq!(columns, expected);
        let last = expected.last().map_or(0, |(time, _)| *time);
        for time in 995..=last + 20 {
            let at = expected.iter().find(|(t, _)| *t == time).map(|(_, value)| *value);
            assert_eq!(points.at(time), at, "{time} of {points:?}");
        }
        assert_eq!((points.at(i64::MIN), points.at(i64::MAX)), (None, None));
    }

    #[test]
    fn samples_at_their_own_times() {
        let samples = [(1_000, 1.0), (1_007, 2.0), (1_100, 0.5)];
        let points: FloatPoints = samples.into_iter().collect();
        same_samples(&points, &samples);
        assert_eq!(points.step(), None);
        assert!(FloatPoints::none().is_empty());
    }

    #[test]
    fn a_column_takes_the_smaller_form() {
        for (steps, present, few) in [
            (1, vec![], true),
            (1, vec![0], true),
            (2, vec![1], true),
            (100, (0..100).collect(), false),
            (100, (0..51).collect(), false),
            (100, (0..100).step_by(2).collect(), true),
            (100, vec![99], true),
            (100, vec![], true),
        ] {
            let mut batch = Batch::default();
            batch.reset(1, steps);
            let mut column = batch.column_mut(0);
            column.values.fill(f64::NAN);
            present.iter().for_each(|&i: &usize| column.set(i, i as f64));
            let points = FloatPoints::of_column(batch.column(0), 1000, 15);
            assert_eq!(matches!(points.0, Form::FewSteps { .. }), few, "{present:?} of {steps}");
            assert_eq!(points.len(), present.len());
            let expected: Vec<_> = present.iter().map(|&i| (1000 + 15 * i as i64, i as f64)).collect();
            same_samples(&points, &expected);
            assert_eq!(points.step(), (steps > 1).then_some(15));
        }
    }
}
