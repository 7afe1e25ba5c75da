//! Series of an index that were read before, so that a query that comes again reads no entry again.
//!
//! Of an entry that was verified, the labels are kept, and of every eighth of its chunks where it is described and what
//! lies before it. The chunks in a stretch of time are then found by a binary search and a few steps, where the entry
//! itself has to be walked through from its beginning:
//!
//! ```text
//! entry     labels  chunk 0  1  2 … 7  8  9 … 15  16 …
//! kept      labels                  ^  times of 7, place of 8
//!                                              ^  times of 15, place of 16
//! ```
//!
//! What is kept is bounded. It is in two halves, of which the older one goes when the younger one is full.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::super::bytes::Decoder;
use super::super::error::Corruption;
use super::reader::SeriesRef;
use super::series::{ChunkMeta, ChunkMetas, SeriesEntry};
use crate::model::{Labels, TimeRange};

/// Of every so many chunks the place is kept.
const EVERY: usize = 8;
/// Bytes that the younger half may take.
const MOST_BYTES: usize = 8 << 20;
/// Bytes that a series takes beside labels and places, and its slot in the map.
const AROUND: usize = size_of::<KnownSeries>() + 64;

/// What is kept of the entry of a series.
#[derive(Debug)]
pub(in crate::store::disk) struct KnownSeries {
    /// What the index calls it.
    pub(in crate::store::disk) reference: SeriesRef,
    /// Which series it is.
    pub(in crate::store::disk) labels: Labels,
    /// A series that was seen to come before it in the order of labels; 0, which names none, before that.
    pub(super) after: AtomicU32,
    /// Where in the file the entry begins, behind its length.
    pub(in crate::store::disk) offset: u64,
    /// The times of its first and its last sample; `None` if it has no chunk.
    pub(in crate::store::disk) range: Option<TimeRange>,
    /// Where in the file its chunks are described, and how many there are.
    chunks: std::ops::Range<u64>,
    chunk_count: usize,
    /// The last of them.
    last: Option<ChunkMeta>,
    /// Whether no chunk begins before the one in front of it ends.
    in_order: bool,
    /// Whether each chunk begins after the one in front of it ends.
    apart: bool,
    /// The chunks that come right after some of the others, if they are in order.
    places: Box<[Place]>,
}

/// A place in the list of chunks.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Distance in bytes to the first chunk.
    offset: u32,
    /// The chunk before.
    before: ChunkMeta,
}

impl KnownSeries {
    /// Reads all of an entry.
    pub(super) fn new(reference: SeriesRef, entry: &SeriesEntry<'_>) -> Result<Self, Corruption> {
        let (chunks, chunk_count) = entry.chunks_at();
        let (mut places, mut in_order, mut apart) = (Vec::new(), true, true);
        let mut metas = entry.chunks();
        let (mut before, mut range) = (None::<ChunkMeta>, None::<TimeRange>);
        for i in 0..chunk_count {
            if i > 0
                && i % EVERY == 0
                && let Some(before) = before
            {
                // An entry has less than 2^32 bytes, as the whole index is addressed in sixteenths.
                places.push(Place { offset: (metas.offset() - chunks.start) as u32, before });
            }
            let Some(meta) = metas.next().transpose()? else { break };
            in_order &= before.is_none_or(|before| before.max_time <= meta.min_time);
            apart &= before.is_none_or(|before| before.max_time < meta.min_time);
            range = Some(range.map_or(meta.range(), |range| range.union(meta.range())));
            before = Some(meta);
        }
        if !in_order {
            places.clear();
        }
        Ok(KnownSeries {
            reference,
            labels: entry.labels()?,
            after: AtomicU32::new(0),
            offset: entry.offset(),
            range,
            chunks,
            chunk_count,
            last: before,
            in_order,
            apart,
            places: places.into(),
        })
    }

    /// Whether no two of its chunks overlap, and they are listed in order of time.
    pub(in crate::store::disk) fn is_apart(&self) -> bool {
        self.apart
    }

    /// About how many chunks have samples in `range`, if they are all as long.
    pub(in crate::store::disk) fn chunks_about(&self, range: TimeRange) -> usize {
        let Some(all) = self.range else { return 0 };
        let length = |start: i64, end: i64| end.saturating_sub(start).max(0) as f64 + 1.0;
        let part = length(range.start.max(all.start), range.end.min(all.end)) / length(all.start, all.end);
        (part * self.chunk_count as f64) as usize
    }

    /// Calls `f` with the chunks of the series that may have samples in `range`, in the order in which they are listed,
    /// as long as it says so. `file` is the index.
    pub(super) fn chunks_in(
        &self,
        file: &[u8],
        range: TimeRange,
        mut f: impl FnMut(ChunkMeta) -> ControlFlow<()>,
    ) -> Result<(), Corruption> {
        // Mostly it is the latest samples that are asked for: then all other chunks end before.
        if let Some(last) = self.last.filter(|last| self.in_order && last.min_time < range.start) {
            if last.range().overlaps(range) {
                let _ = f(last);
            }
            return Ok(());
        }
        let skipped = self.places.partition_point(|place| place.before.max_time < range.start);
        let (offset, before) = match skipped.checked_sub(1) {
            Some(place) => (u64::from(self.places[place].offset), Some(self.places[place].before)),
            None => (0, None),
        };
        let rest = self.chunks.start + offset..self.chunks.end;
        let bytes = file.get(rest.start as usize..rest.end as usize).unwrap_or_default();
        let left = self.chunk_count - skipped * EVERY;
        for meta in ChunkMetas::new(Decoder::new(bytes, rest.start), left, before) {
            let meta = meta?;
            if self.in_order && meta.min_time > range.end {
                break;
            }
            if meta.range().overlaps(range) && f(meta).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether any chunk may have samples in `range`.
    pub(super) fn overlaps(&self, file: &[u8], range: TimeRange) -> Result<bool, Corruption> {
        let Some(all) = self.range.filter(|all| all.overlaps(range)) else { return Ok(false) };
        if range.contains(all.start) || range.contains(all.end) {
            return Ok(true);
        }
        let mut any = false;
        self.chunks_in(file, range, |_| {
            any = true;
            ControlFlow::Break(())
        })?;
        Ok(any)
    }

    fn size_bytes(&self) -> usize {
        AROUND + self.labels.size_bytes() + size_of_val(&*self.places)
    }
}

/// Series that were read lately.
#[derive(Debug, Default)]
pub(super) struct KnownSeriesTable(RwLock<Halves>);

#[derive(Debug, Default)]
struct Halves {
    young: FxHashMap<SeriesRef, Arc<KnownSeries>>,
    old: FxHashMap<SeriesRef, Arc<KnownSeries>>,
    /// Bytes that `young` takes.
    bytes: usize,
}

impl Halves {
    fn get(&self, reference: SeriesRef) -> Option<Arc<KnownSeries>> {
        self.young.get(&reference).or_else(|| self.old.get(&reference)).cloned()
    }
}

impl KnownSeriesTable {
    /// The series with this reference, if it is known.
    pub(super) fn get(&self, reference: SeriesRef) -> Option<Arc<KnownSeries>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(reference)
    }

    /// Appends the series with these references up to the first one that is not known.
    pub(super) fn get_all(&self, references: &[SeriesRef], found: &mut Vec<Arc<KnownSeries>>) {
        let halves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        found.extend(references.iter().map_while(|reference| halves.get(*reference)));
    }

    /// Keeps a series.
    pub(super) fn add(&self, series: Arc<KnownSeries>) {
        let mut halves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        halves.bytes += series.size_bytes();
        halves.young.insert(series.reference, series);
        if halves.bytes > MOST_BYTES {
            halves.old = std::mem::take(&mut halves.young);
            halves.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_forgets_what_was_added_long_ago() {
        let series = |reference: u32| {
            let labels = Labels::from_pairs([("i", reference.to_string().repeat(1000))]);
            let (chunks, places) = (0..0, Box::default());
            Arc::new(KnownSeries {
                reference,
                labels,
                after: AtomicU32::new(0),
                offset: 0,
                range: None,
                chunks,
                chunk_count: 0,
                last: None,
                in_order: true,
                apart: true,
                places,
            })
        };
        let table = KnownSeriesTable::default();
        let count = 10_000;
        for reference in 0..count {
            table.add(series(reference));
            let known = table.get(reference).expect("it was just added");
            assert_eq!(known.labels, series(reference).labels);
        }
        let known: Vec<u32> = (0..count).filter(|reference| table.get(*reference).is_some()).collect();
        let bytes: usize = known.iter().map(|reference| series(*reference).size_bytes()).sum();
        assert!(bytes > MOST_BYTES && bytes <= 2 * MOST_BYTES + series(count).size_bytes(), "{bytes}");
        assert_eq!(known, (count - known.len() as u32..count).collect::<Vec<_>>());
    }
}
