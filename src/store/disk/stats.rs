//! How much there is in a data directory, and what it takes.
//!
//! ```no_run
//! use promqlite::store::disk::DataDirectory;
//!
//! let stats = DataDirectory::open("/var/lib/prometheus")?.stats()?;
//! println!("{} series, {:?} bytes a sample", stats.series, stats.total().bytes_per_sample());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use super::directory::DataDirectory;
use super::state::State;
use crate::model::TimeRange;
use crate::store::{FloatBatch, Flow, HistogramBatch, SampleSink, SelectRequest, StoreError};

/// Numbers of a data directory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DirectoryStats {
    /// How many blocks there are.
    pub block_count: usize,
    /// All blocks. A series counts once for each of them, and so does a sample that several blocks have; samples that
    /// are deleted count until their block is rewritten.
    pub blocks: PartStats,
    /// The head: samples that are in no block and not deleted, and the files of logs and head chunks.
    pub head: PartStats,
    /// Different series of blocks and head.
    pub series: u64,
}

/// Numbers of a part of a data directory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PartStats {
    /// The times of the oldest and the newest sample.
    pub range: Option<TimeRange>,
    /// Series.
    pub series: u64,
    /// Samples, floats and histograms.
    pub samples: u64,
    /// Bytes of files.
    pub bytes: u64,
}

impl DirectoryStats {
    /// Blocks and head together. Its series are different ones.
    pub fn total(&self) -> PartStats {
        let ranges = [self.blocks.range, self.head.range].into_iter().flatten();
        PartStats {
            range: ranges.reduce(TimeRange::union),
            series: self.series,
            samples: self.blocks.samples + self.head.samples,
            bytes: self.blocks.bytes + self.head.bytes,
        }
    }
}

impl PartStats {
    /// Bytes of files for each sample; `None` where there is no sample.
    pub fn bytes_per_sample(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.bytes as f64 / self.samples as f64)
    }
}

impl DataDirectory {
    /// Counts what there is. The labels of all series are read for it, and the samples of the head; what is in blocks is
    /// told by their meta.json.
    ///
    /// # Errors
    ///
    /// When something that is read for it is damaged.
    pub fn stats(&self) -> Result<DirectoryStats, StoreError> {
        let state = self.state();
        let mut blocks = PartStats::default();
        for block in state.blocks.iter() {
            let stats = block.meta.stats;
            blocks.range = [blocks.range, block.range()?].into_iter().flatten().reduce(TimeRange::union);
            blocks.series += stats.series;
            blocks.samples += stats.samples;
            blocks.bytes += block.size_bytes();
        }
        let only_head = State { blocks: Arc::default(), head: state.head.clone() };
        let request = SelectRequest::new(&[], TimeRange::ALL);
        let mut count = Count(0);
        for series in only_head.select(&request)? {
            series?.read(TimeRange::ALL, &mut count)?;
        }
        let head = PartStats {
            range: state.head.range(),
            series: state.head.series_count() as u64,
            samples: count.0,
            bytes: self.head_bytes(),
        };
        let mut series = 0;
        for one in state.select(&request)? {
            one?;
            series += 1;
        }
        Ok(DirectoryStats { block_count: state.blocks.len(), blocks, head, series })
    }
}

/// Counts samples.
struct Count(u64);

impl SampleSink for Count {
    fn floats(&mut self, batch: FloatBatch<'_>) -> Flow {
        self.0 += batch.values.len() as u64;
        Flow::Continue
    }

    fn histograms(&mut self, batch: HistogramBatch<'_>) -> Flow {
        self.0 += batch.values.len() as u64;
        Flow::Continue
    }
}
