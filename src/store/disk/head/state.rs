//! The head as a reader sees it: it does not change any more.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::error::DiskError;
use super::super::exemplars::Exemplar;
use super::super::head_chunks::HeadChunkFiles;
use super::super::io::Io;
use super::super::postings;
use super::super::wal::LogFiles;
use super::mem_postings::MemPostings;
use super::replay::Replay;
use super::series::HeadSeries;
use super::snapshot::Snapshot;
use crate::model::{Labels, Matcher, TimeRange, Timestamp};
use crate::store::Metadata;

/// The head of a data directory.
#[derive(Debug)]
pub(in crate::store::disk) struct Head {
    series: Vec<HeadSeries>,
    postings: MemPostings,
    files: HeadChunkFiles,
    /// Samples of chunks in order that are earlier than this are in a block.
    min_valid_time: Timestamp,
    exemplars: Vec<(Labels, Exemplar)>,
    metadata: BTreeMap<String, Metadata>,
    range: Option<TimeRange>,
}

impl Head {
    /// A head without anything.
    pub(in crate::store::disk) fn empty() -> Self {
        Head {
            series: Vec::new(),
            postings: MemPostings::default(),
            files: HeadChunkFiles::default(),
            min_valid_time: Timestamp::MIN,
            exemplars: Vec::new(),
            metadata: BTreeMap::new(),
            range: None,
        }
    }

    /// Puts together the head of the data directory `dir`, whose blocks have the samples in order up to
    /// `min_valid_time`. Tells, too, what was torn at the ends of logs and head chunks.
    pub(in crate::store::disk) fn open(
        io: &dyn Io,
        dir: &Path,
        wal: &LogFiles,
        wbl: &LogFiles,
        min_valid_time: Timestamp,
    ) -> Result<(Self, Vec<DiskError>), DiskError> {
        let mut torn = Vec::new();
        let snapshot = Snapshot::read(io, dir, wal.last_segment())?;
        let mut replay = Replay::new(min_valid_time, snapshot);
        let (files, torn_chunk) = HeadChunkFiles::open(io, dir, |found| replay.chunk(found))?;
        torn.extend(torn_chunk);
        torn.extend(wal.read(io, &mut replay)?);
        replay.begin_late();
        torn.extend(wbl.read(io, &mut replay)?);
        let replayed = replay.finish();
        let mut postings = MemPostings::default();
        for (i, series) in replayed.series.iter().enumerate() {
            postings.add(i as u32, &series.labels);
        }
        let range = replayed.series.iter().filter_map(HeadSeries::range).reduce(TimeRange::union);
        let head = Head {
            series: replayed.series,
            postings,
            files,
            min_valid_time,
            exemplars: replayed.exemplars,
            metadata: replayed.metadata,
            range,
        };
        Ok((head, torn))
    }

    /// Series that meet all matchers, sorted by labels.
    pub(in crate::store::disk) fn select(&self, matchers: &[Matcher]) -> Vec<u32> {
        let Ok(selected) = postings::select(&self.postings, matchers);
        selected
    }

    /// The series with this reference.
    pub(in crate::store::disk) fn series(&self, reference: u32) -> &HeadSeries {
        &self.series[reference as usize]
    }

    /// All series, sorted by labels.
    pub(in crate::store::disk) fn all_series(&self) -> &[HeadSeries] {
        &self.series
    }

    /// Where the head chunks are.
    pub(in crate::store::disk) fn files(&self) -> &HeadChunkFiles {
        &self.files
    }

    /// Samples of chunks in order that are earlier than this are in a block, and do not count here.
    pub(in crate::store::disk) fn min_valid_time(&self) -> Timestamp {
        self.min_valid_time
    }

    /// The times of the earliest and the latest sample.
    pub(in crate::store::disk) fn range(&self) -> Option<TimeRange> {
        self.range
    }

    /// The label names, sorted.
    pub(in crate::store::disk) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.postings.names()
    }

    /// The values of the label `name`, sorted.
    pub(in crate::store::disk) fn label_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.postings.values(name)
    }

    /// What is known of the metric `name`.
    pub(in crate::store::disk) fn metadata(&self, name: &str) -> Option<&Metadata> {
        self.metadata.get(name)
    }

    /// Exemplars with the labels of their series, in the order in which they came.
    pub(in crate::store::disk) fn exemplars(&self) -> &[(Labels, Exemplar)] {
        &self.exemplars
    }
}
