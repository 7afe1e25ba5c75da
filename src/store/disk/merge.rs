//! Samples of one series that lie in several places at once, as one row.
//!
//! Where places disagree about the value at a time, the one that Prometheus reads counts, and that is decided by where
//! its iterators stand (`storage/merge.go`). One of them is read at a time; the others wait on the samples that they
//! came to, in a heap. When the next sample is not earlier than all that wait, the reader joins those, and whoever
//! comes up is read from then on. A sample at a time that was read already is passed over.
//!
//! ```text
//! first place     1a  2a  3a  4a  5a
//! second place            3b  4b      5.5b       the second has just come to 3 when the first does
//! row             1a  2a  3b  4b  5a  5.5b
//! ```
//!
//! What a histogram tells of a counter reset is about the sample before it in its own place, so it does not count where
//! another place was read in between.

use std::collections::VecDeque;

use super::chunk::{Columns, Run, push_sample};
use super::error::DiskError;
use super::first::FirstOf;
use super::pieces::{Piece, groups};
use crate::model::value::SampleValue;
use crate::model::{TimeRange, Timestamp};

/// Calls `take` with the samples in `range` of places that overlap: their times, start timestamps and values. Each
/// place is its pieces, sorted by where they begin. `take` tells whether it wants more.
pub(super) fn merge_places(
    places: Vec<Vec<Piece<'_>>>,
    range: TimeRange,
    bytes: &mut Vec<u8>,
    take: &mut dyn FnMut(Timestamp, Timestamp, SampleValue) -> bool,
) -> Result<(), DiskError> {
    let mut chain = Chain::default();
    for pieces in places {
        let mut strand = Strand { groups: groups(&pieces).map(<[_]>::to_vec).collect(), ..Strand::default() };
        strand.load(range, bytes)?;
        strand.seek(range.start, range, bytes)?;
        chain.strands.push(strand);
    }
    chain.begin();
    chain.run(range, bytes, take)
}

/// The samples in `range` of pieces of one place that overlap, sorted by where they begin.
pub(super) fn merge_pieces(
    pieces: &[Piece<'_>],
    range: TimeRange,
    bytes: &mut Vec<u8>,
) -> Result<Vec<Run>, DiskError> {
    let mut chain = Chain::default();
    for piece in pieces {
        let mut strand = Strand::default();
        strand.runs.extend(decode(piece, bytes)?);
        chain.strands.push(strand);
    }
    chain.begin();
    let mut runs = Vec::new();
    chain.run(range, bytes, &mut |time, start, value| {
        if time >= range.start {
            push_sample(&mut runs, time, start, value);
        }
        true
    })?;
    Ok(runs)
}

fn decode(piece: &Piece<'_>, bytes: &mut Vec<u8>) -> Result<Option<Run>, DiskError> {
    let mut columns = Columns::default();
    piece.decode(Timestamp::MAX, bytes, &mut columns)?;
    Ok(Some(Run::from_columns(columns)).filter(|run| run.range().is_some()))
}

/// The samples of one place, read from front to back.
#[derive(Default)]
struct Strand<'s> {
    /// Pieces that were not read yet, those together that overlap.
    groups: VecDeque<Vec<Piece<'s>>>,
    /// Samples that were read; none of the runs is empty.
    runs: VecDeque<Run>,
    /// Which sample of the first run is next.
    next: usize,
}

impl Strand<'_> {
    /// Time of the next sample.
    fn time(&self) -> Option<Timestamp> {
        self.runs.front().map(|run| run.timestamps()[self.next])
    }

    /// Goes on by one sample.
    fn advance(&mut self, range: TimeRange, bytes: &mut Vec<u8>) -> Result<(), DiskError> {
        self.next += 1;
        if self.runs.front().is_some_and(|run| self.next >= run.timestamps().len()) {
            self.runs.pop_front();
            self.next = 0;
            self.load(range, bytes)?;
        }
        Ok(())
    }

    /// Goes on to the first sample that is not earlier than `time`.
    fn seek(&mut self, time: Timestamp, range: TimeRange, bytes: &mut Vec<u8>) -> Result<(), DiskError> {
        while self.time().is_some_and(|next| next < time) {
            self.advance(range, bytes)?;
        }
        Ok(())
    }

    fn load(&mut self, range: TimeRange, bytes: &mut Vec<u8>) -> Result<(), DiskError> {
        while self.runs.is_empty()
            && let Some(group) = self.groups.pop_front()
        {
            match &group[..] {
                [piece] => self.runs.extend(decode(piece, bytes)?),
                _ => self.runs.extend(merge_pieces(&group, range, bytes)?),
            }
        }
        Ok(())
    }
}

/// Strands, one of which is read while the others wait.
#[derive(Default)]
struct Chain<'s> {
    strands: Vec<Strand<'s>>,
    /// The strands that wait, by the time of their next sample.
    waiting: FirstOf<usize>,
    current: Option<usize>,
    /// Time of the sample that was handed on last.
    last: Option<Timestamp>,
    /// Whether that one came from another strand than the one before.
    changed: bool,
}

impl Chain<'_> {
    /// The first strand is read before it is known whether it is the earliest.
    fn begin(&mut self) {
        for i in 1..self.strands.len() {
            if self.strands[i].time().is_some() {
                self.push(i);
            }
        }
        self.current = if self.strands.is_empty() { None } else { Some(0) };
        self.changed = true;
        self.settle();
    }

    fn run(
        &mut self,
        range: TimeRange,
        bytes: &mut Vec<u8>,
        take: &mut dyn FnMut(Timestamp, Timestamp, SampleValue) -> bool,
    ) -> Result<(), DiskError> {
        while let Some(current) = self.current
            && let strand = &self.strands[current]
            && let (Some(time), Some(run)) = (strand.time(), strand.runs.front())
            && time <= range.end
        {
            if self.last != Some(time) {
                let (start, value) = run.sample(strand.next, !self.changed);
                if !take(time, start, value) {
                    return Ok(());
                }
                self.last = Some(time);
                self.changed = false;
            }
            self.strands[current].advance(range, bytes)?;
            self.settle();
        }
        Ok(())
    }

    /// The current strand has gone on: finds out who is read next.
    fn settle(&mut self) {
        let Some(current) = self.current else { return };
        let time = self.strands[current].time();
        if time.is_some() && time == self.last {
            return;
        }
        let Some(&top) = self.waiting.first() else { return };
        if let Some(time) = time {
            if self.strands[top].time().is_some_and(|waiting| time < waiting) {
                return;
            }
            self.push(current);
        }
        self.current = self.pop();
        self.changed = true;
    }

    fn push(&mut self, strand: usize) {
        let strands = &self.strands;
        self.waiting.push(strand, |a, b| strands[*a].time() < strands[*b].time());
    }

    fn pop(&mut self) -> Option<usize> {
        let strands = &self.strands;
        self.waiting.pop(|a, b| strands[*a].time() < strands[*b].time())
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::Columns;
    use super::super::pieces::Place;
    use super::*;

    #[test]
    fn whoever_has_just_come_to_the_same_time_takes_over() {
        let of = |value: f64, times: &[i64]| {
            let mut columns = Columns::default();
            times.iter().for_each(|time| columns.floats.push(*time, value, 0));
            Run::from_columns(columns)
        };
        let runs = [of(1.0, &[10, 20, 30, 40, 50, 60]), of(2.0, &[30, 40, 55, 60, 70]), of(3.0, &[70, 80])];
        let merged = |start| {
            let places = runs.iter().map(|run| {
                let range = run.range().unwrap();
                vec![Piece { range, source: 0, place: Place::Run(run), deleted: None, from: i64::MIN }]
            });
            let mut row = Vec::new();
            merge_places(
                places.collect(),
                TimeRange::new(start, 75),
                &mut Vec::new(),
                &mut |time, _, value| {
                    let SampleValue::Float(value) = value else { panic!("a histogram") };
                    row.push((time, value));
                    true
                },
            )
            .unwrap();
            row
        };
        let end = [(50, 1.0), (55, 2.0), (60, 1.0), (70, 3.0)];
        let begin = [(10, 1.0), (20, 1.0), (30, 2.0), (40, 2.0)];
        assert_eq!(merged(0), [&begin[..], &end].concat());
        // The first two begin at 30, and the second of them comes up.
        assert_eq!(merged(25), [&[(30, 2.0), (40, 2.0)][..], &end].concat());
    }
}
