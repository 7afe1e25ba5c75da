//! What the head still has after blocks were cut from it, as records of its logs. What is deleted is left out.

use std::collections::BTreeMap;
use std::path::Path;

use super::chunk::{Columns, Run, decode};
use super::error::DiskError;
use super::head::{Head, HeadSeries, Sealed};
use super::tombstones::Intervals;
use super::wal::{Records, SamplesOfSeries};
use crate::model::TimeRange;

/// So many series go into the records at once.
const SERIES_AT_ONCE: usize = 1000;

/// What the head has in a stretch of time, as records.
pub(super) struct Checkpoint<'a> {
    head: &'a Head,
    range: TimeRange,
    /// Which series comes next.
    next: usize,
}

impl<'a> Checkpoint<'a> {
    /// What `head` has in `range`.
    pub(super) fn new(head: &'a Head, range: TimeRange) -> Self {
        Checkpoint { head, range, next: 0 }
    }

    /// Fills in records of the next series, and of the samples in order. Tells whether there are more.
    pub(super) fn fill(&mut self, records: &mut Records) -> Result<bool, DiskError> {
        let series: Vec<&HeadSeries> =
            self.head.all_series().skip(self.next).take(SERIES_AT_ONCE).map(|series| &**series).collect();
        self.next += series.len();
        records.series(series.iter().map(|series| (series.number, &series.labels)));
        let mut samples = SamplesOfSeries::default();
        for series in &series {
            let all = series.samples(self.range, u64::MAX);
            let mut copy = self.copy(series, &mut samples);
            copy.chunks(&all.chunks, &all.deleted)?;
            copy.runs(&all.runs, &all.deleted);
        }
        records.samples(&samples);
        let more = series.len() == SERIES_AT_ONCE;
        if !more {
            self.fill_rest(records);
        }
        Ok(more)
    }

    /// Metadata and exemplars, which belong to series that were named before.
    fn fill_rest(&self, records: &mut Records) {
        let numbers: BTreeMap<&str, u64> =
            self.head.all_series().map(|series| (series.labels.metric_name(), series.number)).collect();
        let known = self.head.all_metadata().iter();
        let metadata: Vec<_> =
            known.filter_map(|(name, known)| Some((*numbers.get(name.as_str())?, known))).collect();
        records.metadata(&metadata);
        let exemplars = self.head.view().exemplars().iter().filter_map(|(labels, exemplar)| {
            let reference = self.head.find(labels)?;
            Some((self.head.series(reference).number, exemplar.clone()))
        });
        records.exemplars(&exemplars.collect::<Vec<_>>());
    }

    /// Records of the samples that came late, of all series, and how many they are.
    pub(super) fn late(&self) -> Result<(Records, usize), DiskError> {
        let (mut samples, mut records) = (SamplesOfSeries::default(), Records::default());
        for series in self.head.all_series().filter(|series| series.has_late()) {
            let all = series.samples(self.range, u64::MAX);
            let mut copy = self.copy(series, &mut samples);
            copy.chunks(&all.late_chunks, &all.deleted)?;
            copy.runs(&all.late_runs, &Intervals::default());
        }
        records.samples(&samples);
        Ok((records, samples.len()))
    }

    fn copy<'c>(&self, series: &HeadSeries, to: &'c mut SamplesOfSeries) -> Copy<'c>
    where
        'a: 'c,
    {
        Copy { head: self.head, number: series.number, range: self.range, to }
    }
}

/// Copies the samples of a series.
struct Copy<'a> {
    head: &'a Head,
    number: u64,
    range: TimeRange,
    to: &'a mut SamplesOfSeries,
}

impl Copy<'_> {
    fn chunks(&mut self, chunks: &[Sealed], deleted: &Intervals) -> Result<(), DiskError> {
        for chunk in chunks {
            let mut columns = Columns::default();
            match chunk {
                Sealed::File(chunk) => {
                    self.head.view().files().decode(chunk, &mut Vec::new(), &mut columns)?;
                }
                Sealed::Memory(chunk) => {
                    let decoded = decode(chunk.encoding, &chunk.data, &mut columns);
                    decoded.map_err(|problem| problem.at(0).in_file(Path::new("memory")))?;
                }
            }
            self.runs(&[Run::from_columns(columns)], deleted);
        }
        Ok(())
    }

    fn runs(&mut self, runs: &[Run], deleted: &Intervals) {
        for run in runs {
            for (i, &time) in run.timestamps().iter().enumerate() {
                if self.range.contains(time) && !deleted.contain(time) {
                    let (start, value) = run.sample(i, true);
                    self.to.push(self.number, time, start, &value);
                }
            }
        }
    }
}
