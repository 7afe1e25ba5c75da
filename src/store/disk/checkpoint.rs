//! What the head still has after blocks were cut from it, as records of its logs.

use std::collections::BTreeMap;
use std::path::Path;

use super::chunk::{Columns, Run, decode};
use super::error::DiskError;
use super::head::{Head, HeadSeries, Sealed};
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
    late: SamplesOfSeries,
}

impl<'a> Checkpoint<'a> {
    /// What `head` has in `range`.
    pub(super) fn new(head: &'a Head, range: TimeRange) -> Self {
        Checkpoint { head, range, next: 0, late: SamplesOfSeries::default() }
    }

    /// Fills in records of the next series, and of the samples in order. Tells whether there are more.
    pub(super) fn fill(&mut self, records: &mut Records) -> Result<bool, DiskError> {
        let series: Vec<&HeadSeries> =
            self.head.all_series().skip(self.next).take(SERIES_AT_ONCE).map(|series| &**series).collect();
        self.next += series.len();
        records.series(series.iter().map(|series| (series.number, &series.labels)));
        let (mut samples, mut stones) = (SamplesOfSeries::default(), Vec::new());
        for series in &series {
            let all = series.samples(self.range, u64::MAX);
            self.copy(series.number, &all.chunks, &all.runs, &mut samples)?;
            let mut late = std::mem::take(&mut self.late);
            let copied = self.copy(series.number, &all.late_chunks, &all.late_runs, &mut late);
            self.late = late;
            copied?;
            stones.extend(all.deleted.iter().map(|range| (series.number, *range)));
        }
        records.samples(&samples);
        records.tombstones(&stones);
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

    /// Records of the samples that came late, of all series so far, and how many they are.
    pub(super) fn into_late(self) -> (Records, usize) {
        let mut records = Records::default();
        records.samples(&self.late);
        (records, self.late.len())
    }

    fn copy(
        &self,
        series: u64,
        chunks: &[Sealed],
        runs: &[Run],
        samples: &mut SamplesOfSeries,
    ) -> Result<(), DiskError> {
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
            self.copy_run(series, &Run::from_columns(columns), samples);
        }
        runs.iter().for_each(|run| self.copy_run(series, run, samples));
        Ok(())
    }

    fn copy_run(&self, series: u64, run: &Run, samples: &mut SamplesOfSeries) {
        for (i, &time) in run.timestamps().iter().enumerate().filter(|(_, time)| self.range.contains(**time))
        {
            let (start, value) = run.sample(i, true);
            samples.push(series, time, start, &value);
        }
    }
}
