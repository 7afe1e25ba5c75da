//! Writing a log: commits as records, records as fragments, fragments into pages.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::bytes::checksum;
use super::super::error::DiskError;
use super::super::io::Io;
use super::super::new_file::NewFile;
use super::compression::compress;
use super::pages::{FIRST, HEADER, LAST, MIDDLE, PAGE, SNAPPY, WHOLE};
use super::record::CommitHead;
use super::write::Records;

/// A segment is ended when a commit would let it grow over this, in bytes.
const SEGMENT: u64 = 128 << 20;

/// A log that is being written.
#[derive(Debug)]
pub(in crate::store::disk) struct LogWriter {
    io: Arc<dyn Io>,
    dir: PathBuf,
    number: u64,
    file: NewFile,
    /// Whether something was written that may not last.
    unsynced: bool,
}

impl LogWriter {
    /// Begins segment `number` of the log in `dir`.
    pub(in crate::store::disk) fn create(
        io: Arc<dyn Io>,
        dir: PathBuf,
        number: u64,
    ) -> Result<Self, DiskError> {
        io.create_dir(&dir).map_err(|error| DiskError::io(&dir, error))?;
        let file = begin(&*io, &dir, number)?;
        Ok(LogWriter { io, dir, number, file, unsynced: false })
    }

    /// Number of the segment that is being written.
    pub(in crate::store::disk) fn number(&self) -> u64 {
        self.number
    }

    /// Whether these records belong into the next segment.
    pub(in crate::store::disk) fn is_full(&self, records: &Records) -> bool {
        let bytes: u64 = records.0.iter().map(|record| record.len() as u64 + 2 * HEADER).sum();
        self.file.position() > 0 && self.file.position() + bytes + bytes / 1000 > SEGMENT
    }

    /// Writes a commit. It is with the operating system when this returns, and survives the end of this process.
    pub(in crate::store::disk) fn write(
        &mut self,
        commit: CommitHead,
        records: &Records,
    ) -> Result<(), DiskError> {
        self.unsynced = true;
        write_record(&mut self.file, &records.head(commit))?;
        for record in &records.0 {
            write_record(&mut self.file, record)?;
        }
        self.file.flush()
    }

    /// Makes everything that was written last.
    pub(in crate::store::disk) fn sync(&mut self) -> Result<(), DiskError> {
        if self.unsynced {
            self.file.sync()?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Ends the segment and begins the next one.
    pub(in crate::store::disk) fn next_segment(&mut self) -> Result<(), DiskError> {
        self.file.pad(PAGE)?;
        self.file.sync()?;
        self.file = begin(&*self.io, &self.dir, self.number + 1)?;
        self.number += 1;
        self.unsynced = false;
        Ok(())
    }
}

/// The name of a new segment lasts before anything is written to it.
fn begin(io: &dyn Io, dir: &Path, number: u64) -> Result<NewFile, DiskError> {
    let file = NewFile::create(io, dir.join(format!("{number:08}")))?;
    io.sync_dir(dir).map_err(|error| DiskError::io(dir, error))?;
    Ok(file)
}

/// Writes a log that is finished, in whole pages and in one segment. `fill` is called with no records until it says that
/// there are no more, and fills in some. They count without belonging to a commit; `commit` is the last one in them, as is told first and last.
pub(in crate::store::disk) fn write_finished(
    io: &dyn Io,
    path: PathBuf,
    commit: CommitHead,
    mut fill: impl FnMut(&mut Records) -> Result<bool, DiskError>,
) -> Result<(), DiskError> {
    let mut file = NewFile::create(io, path)?;
    write_record(&mut file, &Records::default().head(commit))?;
    let mut more = true;
    while more {
        let mut records = Records::default();
        more = fill(&mut records)?;
        for record in &records.0 {
            write_record(&mut file, record)?;
        }
    }
    write_record(&mut file, &Records::default().head(commit))?;
    file.pad(PAGE)?;
    file.sync()
}

fn write_record(file: &mut NewFile, record: &[u8]) -> Result<(), DiskError> {
    let packed = compress(record);
    let (flag, mut rest) = match &packed {
        Some(packed) => (SNAPPY, &packed[..]),
        None => (0, record),
    };
    let mut first = true;
    loop {
        let left = PAGE - file.position() % PAGE;
        if left < HEADER {
            file.pad(PAGE)?;
            continue;
        }
        let (fragment, later) = rest.split_at(rest.len().min((left - HEADER) as usize));
        let kind = match (first, later.is_empty()) {
            (true, true) => WHOLE,
            (true, false) => FIRST,
            (false, false) => MIDDLE,
            (false, true) => LAST,
        };
        file.write(&[kind | flag])?;
        // A fragment is shorter than a page.
        file.write(&(fragment.len() as u16).to_be_bytes())?;
        file.write(&checksum(fragment).to_be_bytes())?;
        file.write(fragment)?;
        if later.is_empty() {
            return Ok(());
        }
        (rest, first) = (later, false);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::std_io::StdIo;
    use super::super::log::LogFiles;
    use super::super::record::{LogVisitor, MetricMetadata, Sample};
    use super::super::{Log, SamplesOfSeries, Standing, Torn};
    use super::*;
    use crate::model::histogram::{BucketSpan, Buckets, CounterResetHint};
    use crate::model::value::SampleValue;
    use crate::model::{Histogram, Labels, TimeRange};
    use crate::store::Metadata;
    use crate::store::disk::exemplars::Exemplar;

    #[derive(Default)]
    struct Texts(Vec<String>);

    impl LogVisitor for Texts {
        fn commit(&mut self, commit: CommitHead) {
            assert_eq!((commit.last_series, commit.late), (commit.number * 3, commit.number == 5));
            self.0.push(format!("commit {}", commit.number));
        }
        fn series(&mut self, series: u64, labels: Labels) {
            self.0.push(format!("{series} = {labels}"));
        }
        fn float(&mut self, s: Sample<f64>) {
            self.0.push(format!("{} {} at {} since {}", s.series, s.value, s.time, s.start));
        }
        fn histogram(&mut self, s: Sample<Histogram>) {
            self.0.push(format!(
                "{} {} at {} since {}",
                s.series,
                s.value.test_expression(),
                s.time,
                s.start
            ));
        }
        fn tombstone(&mut self, series: u64, range: TimeRange) {
            self.0.push(format!("{series} without {range:?}"));
        }
        fn exemplar(&mut self, series: u64, e: Exemplar) {
            self.0.push(format!("{series} {} {} at {}", e.labels, e.value, e.timestamp));
        }
        fn metadata(&mut self, series: u64, metadata: MetricMetadata<'_>) {
            self.0.push(format!("{series} is a {metadata:?}"));
        }
    }

    fn commit(number: u64) -> CommitHead {
        CommitHead { number, last_series: number * 3, late: number == 5 }
    }

    fn read(dir: &Path, last_commit: u64) -> (Vec<String>, Option<Torn>) {
        let io = StdIo::new();
        let mut texts = Texts::default();
        let files = LogFiles::find(&io, dir, Log::Wal).unwrap();
        let torn = files
            .read(
                &io,
                &|commit, _| {
                    if commit.number <= last_commit { Standing::Whole } else { Standing::Unfinished }
                },
                &mut texts,
            )
            .unwrap();
        (texts.0, torn)
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = LogWriter::create(Arc::new(StdIo::new()), dir.path().join("wal"), 3).unwrap();
        let mut records = Records::default();
        let (a, b) =
            (Labels::from_pairs([("__name__", "a"), ("x", "1")]), Labels::from_pairs([("__name__", "b")]));
        records.series([(1, &a), (u64::MAX, &b)].into_iter());
        let mut samples = SamplesOfSeries::default();
        samples.push(1, 50, 0, &SampleValue::Float(0.5));
        samples.push(u64::MAX, -3, 0, &SampleValue::Float(f64::INFINITY));
        records.samples(&samples);
        let mut samples = SamplesOfSeries::default();
        for (series, time, start, value) in
            [(1, 51, 7, 1.5), (9, 51, 7, 1.0), (2, 49, 0, 2.0), (9, 50, 8, 3.0)]
        {
            samples.push(series, time, start, &SampleValue::Float(value));
        }
        records.samples(&samples);
        records.tombstones(&[(1, TimeRange::new(-5, 5))]);
        let exemplar = Exemplar { labels: b.clone(), value: 2.0, timestamp: 60 };
        records.exemplars(&[(1, exemplar)]);
        let metadata = Metadata { metric_type: "gauge".into(), help: "Helps.".into(), unit: "s".into() };
        records.metadata(&[(1, &metadata)]);
        log.write(commit(5), &records).unwrap();
        let mut histogram = Histogram {
            counter_reset_hint: CounterResetHint::Gauge,
            schema: 1,
            count: 6.0,
            sum: 2.5,
            zero_count: 1.0,
            zero_threshold: 0.25,
            positive: Buckets { spans: vec![BucketSpan { offset: -2, length: 2 }], counts: vec![4.0, 1.0] },
            ..Histogram::default()
        };
        let whole = SampleValue::Histogram(Arc::new(histogram.clone()));
        histogram.count = 6.5;
        let broken = SampleValue::Histogram(Arc::new(histogram));
        let mut records = Records::default();
        let mut samples = SamplesOfSeries::default();
        // Back from float to whole counts, and from histograms to floats.
        for (time, value) in [(70, &whole), (71, &broken), (72, &whole), (73, &SampleValue::Float(1.0))] {
            samples.push(1, time, 0, value);
        }
        samples.push(2, 70, 3, &broken);
        records.samples(&samples);
        log.write(commit(6), &records).unwrap();
        log.next_segment().unwrap();
        log.write(commit(6), &Records::default()).unwrap();
        let (texts, torn) = read(dir.path(), u64::MAX);
        assert!(torn.is_none());
        let histogram = |series: u64, count: &str, time: i64, start: i64| {
            format!(
                "{series} {{{{schema:1 count:{count} sum:2.5 z_bucket:1 z_bucket_w:0.25 counter_reset_hint:gauge \
                 offset:-2 buckets:[4 1]}}}} at {time} since {start}"
            )
        };
        let expected = [
            "commit 5".to_owned(),
            "1 = a{x=\"1\"}".to_owned(),
            format!("{} = b", u64::MAX),
            "1 0.5 at 50 since 0".to_owned(),
            format!("{} inf at -3 since 0", u64::MAX),
            "1 1.5 at 51 since 7".to_owned(),
            "9 1 at 51 since 7".to_owned(),
            "2 2 at 49 since 0".to_owned(),
            "9 3 at 50 since 8".to_owned(),
            "1 without TimeRange { start: -5, end: 5 }".to_owned(),
            "1 b 2 at 60".to_owned(),
            "1 is a MetricMetadata { metric_type: \"gauge\", unit: \"s\", help: \"Helps.\" }".to_owned(),
            "commit 6".to_owned(),
            histogram(1, "6", 70, 0),
            histogram(1, "6.5", 71, 0),
            histogram(2, "6.5", 70, 3),
            histogram(1, "6", 72, 0),
            "1 1 at 73 since 0".to_owned(),
            "commit 6".to_owned(),
        ];
        assert_eq!(texts, expected);
        // Commits that the other log does not know do not count.
        assert!(read(dir.path(), 5).0.iter().all(|text| text != "commit 6"));
    }

    #[test]
    fn a_commit_counts_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = LogWriter::create(Arc::new(StdIo::new()), dir.path().join("wal"), 0).unwrap();
        let mut ends = vec![0];
        for number in 1..=4 {
            let mut records = Records::default();
            // Values that do not compress, over several pages.
            let mut samples = SamplesOfSeries::default();
            for i in 0..number * 2500 {
                samples.push(
                    i,
                    1,
                    0,
                    &SampleValue::Float(f64::from_bits(i.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
                );
            }
            records.samples(&samples);
            records.tombstones(&[(number, TimeRange::new(0, 1))]);
            log.write(self::commit(number), &records).unwrap();
            ends.push(log.file.position());
        }
        let path = dir.path().join("wal/00000000");
        let whole = std::fs::read(&path).unwrap();
        for len in (0..whole.len()).step_by(997).chain(ends.iter().map(|end| *end as usize)) {
            std::fs::write(&path, &whole[..len]).unwrap();
            let (texts, torn) = read(dir.path(), u64::MAX);
            let commits = ends.iter().filter(|end| **end as usize <= len).count() - 1;
            let expected: usize = (1..=commits).map(|commit| commit * 2500 + 2).sum();
            assert_eq!(texts.len(), expected, "{len} bytes");
            match torn {
                Some(torn) => assert_eq!(torn.valid, ends[commits], "{len} bytes"),
                None => assert_eq!(len as u64, ends[commits]),
            }
        }
    }
}
