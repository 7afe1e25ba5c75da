//! The third rung: a store that reads its samples from a file of columns, and only those that a query needs.
//!
//! The file is as simple as it can be. All numbers are little-endian:
//!
//! ```text
//! for each series   times (i64 each), then values (f64 each)
//! index             for each series, sorted by labels: number of labels (u32), each name and value behind its length (u32),
//!                   offset of the series (u64), number of samples (u64), first and last time (i64 each)
//! footer            offset of the index (u64), number of series (u64), "COLUMNS1"
//! ```
//!
//! Opening reads the index. Selecting goes through the index, and a series is read when the engine asks for its samples:
//! the times, and of the values those in the range. `float_store_suite` holds the store to its contract.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use promqlite::model::TimeRange;
use promqlite::store::{
    FloatBatch, SampleSink, SelectRequest, Series, SeriesData, SeriesIter, SeriesStore, StoreError,
};
use promqlite::testing::float_store_suite;
use promqlite::{Engine, Labels};

const MAGIC: &[u8; 8] = b"COLUMNS1";
const FOOTER_BYTES: i64 = 24;

/// Writes series, sorted by labels or not.
fn write(path: &Path, series: &[SeriesData]) -> io::Result<()> {
    let mut sorted: Vec<&SeriesData> = series.iter().filter(|series| !series.floats.is_empty()).collect();
    sorted.sort_by_key(|series| &series.labels);
    let (mut columns, mut index) = (Vec::new(), Vec::new());
    for series in &sorted {
        let offset = columns.len() as u64;
        let (times, values) = (&series.floats.timestamps, &series.floats.values);
        columns.extend(times.iter().flat_map(|time| time.to_le_bytes()));
        columns.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        index.extend((series.labels.len() as u32).to_le_bytes());
        for text in series.labels.iter().flat_map(|(name, value)| [name, value]) {
            index.extend((text.len() as u32).to_le_bytes());
            index.extend(text.as_bytes());
        }
        index.extend(offset.to_le_bytes());
        index.extend((times.len() as u64).to_le_bytes());
        index.extend(times[0].to_le_bytes());
        index.extend(times[times.len() - 1].to_le_bytes());
    }
    let mut file = File::create(path)?;
    file.write_all(&columns)?;
    file.write_all(&index)?;
    file.write_all(&(columns.len() as u64).to_le_bytes())?;
    file.write_all(&(sorted.len() as u64).to_le_bytes())?;
    file.write_all(MAGIC)
}

/// What the index says of a series.
struct Entry {
    labels: Labels,
    offset: u64,
    samples: usize,
    times: TimeRange,
}

/// A file of columns as a store.
struct ColumnarFile {
    path: PathBuf,
    file: Mutex<File>,
    entries: Vec<Entry>,
}

impl ColumnarFile {
    fn open(path: &Path) -> io::Result<ColumnarFile> {
        let mut file = File::open(path)?;
        let end = file.seek(SeekFrom::End(-FOOTER_BYTES))?;
        let mut footer = [0; FOOTER_BYTES as usize];
        file.read_exact(&mut footer)?;
        if &footer[16..] != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no file of columns"));
        }
        let start = u64::from_le_bytes(fixed(&footer)?);
        let count = u64::from_le_bytes(fixed(&footer[8..])?);
        let mut index = vec![0; end.saturating_sub(start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut index)?;
        let mut rest = &index[..];
        let entries = (0..count).map(|_| entry(&mut rest)).collect::<io::Result<_>>()?;
        Ok(ColumnarFile { path: path.to_owned(), file: Mutex::new(file), entries })
    }

    /// Reads `count` numbers of eight bytes each from `offset` on.
    fn column<T>(&self, offset: u64, count: usize, number: fn([u8; 8]) -> T) -> Result<Vec<T>, StoreError> {
        let mut bytes = vec![0; count * 8];
        let mut read = || {
            let mut file = self.file.lock().map_err(|_| io::Error::other("another reader panicked"))?;
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut bytes)
        };
        // An error names what failed, and where.
        let failed = || StoreError::new(format!("{}: column at {offset}", self.path.display()));
        read().map_err(|error| failed().with_source(error))?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|bytes| number(*bytes)).collect())
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> io::Result<[u8; N]> {
    bytes.first_chunk().copied().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn entry(rest: &mut &[u8]) -> io::Result<Entry> {
    let mut take = |count: usize| -> io::Result<&[u8]> {
        let (head, tail) = rest.split_at_checked(count).ok_or(io::ErrorKind::UnexpectedEof)?;
        *rest = tail;
        Ok(head)
    };
    let mut pairs = Vec::new();
    for _ in 0..u32::from_le_bytes(fixed(take(4)?)?) {
        let mut text = || -> io::Result<String> {
            let length = u32::from_le_bytes(fixed(take(4)?)?) as usize;
            String::from_utf8(take(length)?.to_vec()).map_err(io::Error::other)
        };
        pairs.push((text()?, text()?));
    }
    Ok(Entry {
        labels: pairs.into_iter().collect(),
        offset: u64::from_le_bytes(fixed(take(8)?)?),
        samples: u64::from_le_bytes(fixed(take(8)?)?) as usize,
        times: TimeRange::new(i64::from_le_bytes(fixed(take(8)?)?), i64::from_le_bytes(fixed(take(8)?)?)),
    })
}

impl SeriesStore for ColumnarFile {
    fn select<'s>(&'s self, request: &SelectRequest<'_>) -> Result<SeriesIter<'s>, StoreError> {
        let wanted = |entry: &&Entry| {
            entry.times.overlaps(request.range)
                && request.matchers.iter().all(|m| m.matches(entry.labels.value(&m.name)))
        };
        // The index is sorted, so what is selected is.
        let selected: Vec<&Entry> = self.entries.iter().filter(wanted).collect();
        Ok(Box::new(
            selected
                .into_iter()
                .map(|entry| Ok(Box::new(StoredSeries { file: self, entry }) as Box<dyn Series>)),
        ))
    }

    fn time_range(&self) -> Option<TimeRange> {
        self.entries.iter().map(|entry| entry.times).reduce(TimeRange::union)
    }

    fn series_count(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A series of the file, not read yet.
struct StoredSeries<'s> {
    file: &'s ColumnarFile,
    entry: &'s Entry,
}

impl Series for StoredSeries<'_> {
    fn labels(&self) -> &Labels {
        &self.entry.labels
    }

    fn read(&self, range: TimeRange, sink: &mut dyn SampleSink) -> Result<(), StoreError> {
        let Entry { offset, samples, .. } = *self.entry;
        let times = self.file.column(offset, samples, i64::from_le_bytes)?;
        let start = times.partition_point(|time| *time < range.start);
        let end = times.partition_point(|time| *time <= range.end).max(start);
        if start == end {
            return Ok(());
        }
        let values =
            self.file.column(offset + (samples + start) as u64 * 8, end - start, f64::from_le_bytes)?;
        // All of it in one batch; the engine wants no more of it than it asked for, so there is nothing to stop.
        let _ = sink.floats(FloatBatch {
            timestamps: &times[start..end],
            values: &values,
            start_timestamps: &[],
            timestamps_id: None,
        });
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("requests.columns");
    let series: Vec<SeriesData> = ["200", "404", "500"]
        .iter()
        .enumerate()
        .map(|(rank, code)| {
            let mut series = SeriesData::new(Labels::metric("requests_total").with("code", code));
            for minute in 0..=60 {
                series.push(minute * 60_000, minute as f64 * 60.0 / (1 + rank) as f64);
            }
            series
        })
        .collect();
    write(&path, &series)?;

    let store = ColumnarFile::open(&path)?;
    let answer = Engine::default().instant(&store, "sum by (code) (rate(requests_total[10m]))", 3_600_000)?;
    // Ten samples of each series: the start of a window is not part of it.
    assert_eq!(answer.stats.samples_read, 30);
    let vector = answer.value.into_vector()?;
    assert_eq!(vector.get([("code", "200")]).ok_or("200")?.value, 1.0);
    assert_eq!(vector.get([("code", "404")]).ok_or("404")?.value, 0.5);

    // The contract: order, matchers, ranges, the last bit of each value, reading from two threads, ...
    float_store_suite(&|series| {
        let path = directory.path().join("suite.columns");
        write(&path, series).expect("a file can be written");
        Box::new(ColumnarFile::open(&path).expect("what was written can be opened"))
    });
    Ok(())
}
