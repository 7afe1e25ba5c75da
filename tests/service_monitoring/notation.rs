//! Series to `load` notation: samples at even steps become runs such as `100+25x9`.

use std::fmt::Write;

/// One sample of a series at a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sample {
    /// A number in eighths, which floats have exactly however often they are added up.
    Eighths(i64),
    /// The target has just gone.
    Stale,
    /// The target is not there.
    Gap,
}

/// The values of a line: as few runs as there are changes of pace.
pub(crate) fn values(samples: impl IntoIterator<Item = Sample>) -> String {
    let mut runs: Vec<Run> = Vec::new();
    for sample in samples {
        if runs.last_mut().is_some_and(|run| run.take(&sample)) {
            continue;
        }
        // Two samples are a run by chance: the second may as well begin the next one.
        match runs.last_mut().and_then(Run::give_back) {
            Some(second) => {
                let mut run = Run::of(second);
                let taken = run.take(&sample);
                runs.push(run);
                if !taken {
                    runs.push(Run::of(sample));
                }
            }
            None => runs.push(Run::of(sample)),
        }
    }
    // A line does not tell that the series is gone at its end.
    while runs.last().is_some_and(|run| run.first == Sample::Gap) {
        runs.pop();
    }
    runs.iter().map(Run::to_string).collect::<Vec<_>>().join(" ")
}

struct Run {
    first: Sample,
    /// What is added from one sample to the next, known from the second sample on.
    step: Option<i64>,
    count: usize,
}

impl Run {
    fn of(first: Sample) -> Run {
        Run { first, step: None, count: 1 }
    }

    /// Gives the second of two samples that differ back.
    fn give_back(&mut self) -> Option<Sample> {
        match (&self.first, self.step) {
            (Sample::Eighths(first), Some(step)) if self.count == 2 && step != 0 => {
                let second = Sample::Eighths(first + step);
                (self.step, self.count) = (None, 1);
                Some(second)
            }
            _ => None,
        }
    }

    /// Takes a sample that goes on in the same way.
    fn take(&mut self, next: &Sample) -> bool {
        match (&self.first, next) {
            (Sample::Gap, Sample::Gap) => {}
            (Sample::Eighths(first), Sample::Eighths(next)) => {
                let step = self.step.unwrap_or(next - first);
                if *next != first + step * self.count as i64 {
                    return false;
                }
                self.step = Some(step);
            }
            _ => return false,
        }
        self.count += 1;
        true
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.first {
            Sample::Stale => f.write_str("stale"),
            Sample::Gap if self.count == 1 => f.write_str("_"),
            Sample::Gap => write!(f, "_x{}", self.count),
            Sample::Eighths(first) => {
                f.write_str(&eighths(first))?;
                match self.step.unwrap_or(0) {
                    0 if self.count == 1 => Ok(()),
                    0 => write!(f, "x{}", self.count - 1),
                    step if step < 0 => write!(f, "-{}x{}", eighths(-step), self.count - 1),
                    step => write!(f, "+{}x{}", eighths(step), self.count - 1),
                }
            }
        }
    }
}

/// A number of eighths as a decimal.
pub(crate) fn eighths(number: i64) -> String {
    let mut text = String::new();
    let _ = write!(text, "{}", number as f64 / 8.0);
    text
}
