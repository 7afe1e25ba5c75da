//! Chunks that were decoded lately, so that a query that comes again, or one like it, does not decode them again.
//!
//! A short query looks at the end of a chunk, and a chunk is read from its beginning: of a hundred samples that are
//! decoded it may want ten. Who looks at a dashboard asks the same every few seconds, of other times in the same chunks.
//! So chunks of floats are kept as columns. They were verified when they were decoded; that their times are those that
//! an index names is verified each time.
//!
//! Long reads go past all this: they would find little, and leave nothing to the short ones.
//!
//! What is kept is bounded for all blocks of a directory together. A chunk is kept when it is read for the second time,
//! so that one who goes over everything once takes no room. When there is no more room, nothing is added, until as many
//! chunks have been turned away as are there; then those go that nobody has read since that happened the last time. So one
//! who goes over more than there is room for, again and again, finds at least a part of it each time.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHasher};

use super::chunk::FloatColumns;

/// Bytes that all kept chunks may take.
const MOST_BYTES: usize = 16 << 20;
/// The table is in parts, so that threads seldom wait for each other.
const SHARDS: usize = 16;
/// Of so many chunks a part remembers that they were read: of `WAYS` with the same place.
const SEEN: usize = 256;
const WAYS: usize = 4;

/// Chunks that are kept.
#[derive(Debug)]
pub(super) struct DecodedChunks {
    shards: [RwLock<Shard>; SHARDS],
    blocks: AtomicU32,
}

/// Names a chunk: the number of its block, and its reference there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ChunkKey {
    pub(super) block: u32,
    pub(super) reference: u64,
}

#[derive(Debug)]
struct Shard {
    chunks: FxHashMap<ChunkKey, Kept>,
    bytes: usize,
    /// How many chunks found no room since there was some.
    refused: AtomicU32,
    /// For chunks that were read, by a part of their hash, another part; 0 is free.
    seen: Box<[[AtomicU32; WAYS]]>,
}

#[derive(Debug)]
struct Kept {
    columns: Arc<FloatColumns>,
    /// Whether it was read since chunks were forgotten.
    read: AtomicBool,
}

/// What is known of a chunk.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Its samples.
    Kept(Arc<FloatColumns>),
    /// It was read before, and there is room.
    Wanted,
    /// Nothing.
    Unknown,
}

impl DecodedChunks {
    /// Room for chunks.
    pub(super) fn new() -> Self {
        let shard = || Shard {
            chunks: FxHashMap::default(),
            bytes: 0,
            refused: AtomicU32::new(0),
            seen: (0..SEEN).map(|_| Default::default()).collect(),
        };
        DecodedChunks { shards: std::array::from_fn(|_| RwLock::new(shard())), blocks: AtomicU32::new(0) }
    }

    /// A number for a block.
    pub(super) fn next_block(&self) -> u32 {
        self.blocks.fetch_add(1, Relaxed)
    }

    /// Looks a chunk up that is about to be read.
    pub(super) fn find(&self, key: ChunkKey) -> Found {
        let hash = hash(key);
        let shard = self.shard(hash).read().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = shard.chunks.get(&key) {
            if !kept.read.load(Relaxed) {
                kept.read.store(true, Relaxed);
            }
            return Found::Kept(kept.columns.clone());
        }
        // 0 stands for no chunk.
        let tag = (hash >> 32) as u32 | 1;
        let seen = &shard.seen[hash as usize / SHARDS % SEEN];
        let Some(place) = seen.iter().find(|place| place.load(Relaxed) == tag) else {
            let free = seen.iter().find(|place| place.load(Relaxed) == 0);
            free.unwrap_or(&seen[(hash >> 30) as usize % WAYS]).store(tag, Relaxed);
            return Found::Unknown;
        };
        if shard.bytes < MOST_BYTES / SHARDS {
            place.store(0, Relaxed);
            return Found::Wanted;
        }
        let refused = shard.refused.fetch_add(1, Relaxed) as usize;
        if refused < shard.chunks.len() {
            return Found::Unknown;
        }
        drop(shard);
        self.shard(hash).write().unwrap_or_else(PoisonError::into_inner).forget_unread();
        Found::Unknown
    }

    /// Keeps a chunk.
    pub(super) fn keep(&self, key: ChunkKey, columns: Arc<FloatColumns>) {
        let mut shard = self.shard(hash(key)).write().unwrap_or_else(PoisonError::into_inner);
        let bytes = size_bytes(&columns);
        if let Entry::Vacant(entry) = shard.chunks.entry(key) {
            entry.insert(Kept { columns, read: AtomicBool::new(true) });
            shard.bytes += bytes;
        }
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard> {
        &self.shards[hash as usize % SHARDS]
    }
}

impl Shard {
    fn forget_unread(&mut self) {
        self.chunks.retain(|_, kept| std::mem::take(kept.read.get_mut()));
        self.bytes = self.chunks.values().map(|kept| size_bytes(&kept.columns)).sum();
        *self.refused.get_mut() = 0;
    }
}

fn hash(key: ChunkKey) -> u64 {
    let hash = BuildHasherDefault::<FxHasher>::default().hash_one(key);
    // The low bits are as good as the high ones.
    hash ^ hash >> 29
}

/// Bytes that a chunk takes, with its slot in the table.
fn size_bytes(columns: &FloatColumns) -> usize {
    let FloatColumns { timestamps, values, start_timestamps } = columns;
    let samples = timestamps.capacity() + values.capacity() + start_timestamps.capacity();
    samples * size_of::<f64>() + size_of::<FloatColumns>() + 2 * size_of::<(ChunkKey, Kept)>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(samples: usize) -> Arc<FloatColumns> {
        let mut columns = FloatColumns::default();
        (0..samples).for_each(|i| columns.push(i as i64, i as f64, 0));
        Arc::new(columns)
    }

    fn key(reference: u64) -> ChunkKey {
        ChunkKey { block: 3, reference: reference * 170 }
    }

    /// Reads chunks as a query does, and tells how many were there.
    fn read(table: &DecodedChunks, references: std::ops::Range<u64>) -> usize {
        let found = references.map(|reference| match table.find(key(reference)) {
            Found::Kept(kept) => {
                assert_eq!(kept.len(), 120);
                1
            }
            Found::Wanted => {
                table.keep(key(reference), columns(120));
                0
            }
            Found::Unknown => 0,
        });
        found.sum()
    }

    fn bytes(table: &DecodedChunks) -> usize {
        table.shards.iter().map(|shard| shard.read().unwrap().bytes).sum()
    }

    #[test]
    fn a_chunk_is_kept_when_it_is_read_again() {
        let table = DecodedChunks::new();
        assert_eq!([read(&table, 0..1000), bytes(&table)], [0, 0]);
        assert_eq!(read(&table, 0..1000), 0);
        // Hardly any has lost its place among those that were seen.
        assert!(read(&table, 0..1000) > 990);
        assert!(bytes(&table) > 990 * 120 * 16);
        let other = ChunkKey { block: 4, ..key(0) };
        assert!(matches!(table.find(other), Found::Unknown));
    }

    #[test]
    fn of_more_than_there_is_room_for_a_part_stays() {
        let table = DecodedChunks::new();
        let room = (MOST_BYTES / size_bytes(&columns(120))) as u64;
        for _ in 0..5 {
            read(&table, 0..room * 5 / 4);
        }
        for _ in 0..20 {
            let found = read(&table, 0..room * 5 / 4) as u64;
            assert!(found > room * 8 / 10, "{found} of {room}");
            assert!(bytes(&table) <= MOST_BYTES + SHARDS * size_bytes(&columns(120)));
        }
    }

    #[test]
    fn what_nobody_reads_makes_room() {
        let table = DecodedChunks::new();
        let room = (MOST_BYTES / size_bytes(&columns(120))) as u64;
        for _ in 0..3 {
            read(&table, 0..room * 2);
        }
        let others = room * 10..room * 10 + 1000;
        for _ in 0..80 {
            read(&table, others.clone());
        }
        let found = read(&table, others);
        assert!(found > 950, "{found}");
    }
}
