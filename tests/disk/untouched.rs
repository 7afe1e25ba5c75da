//! What is outside the time range of a query is not read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use promqlite::model::{MatchOp, Matcher, TimeRange};
use promqlite::store::disk::{Access, DataDirectory, DirEntry, Io, ReadFile, StdIo};

use crate::data;
use crate::samples::read;

/// At which offsets of which files something was read.
type Reads = Arc<Mutex<BTreeMap<PathBuf, BTreeSet<u64>>>>;

/// A file system that writes down what is read. Nothing is mapped, or it would not know.
#[derive(Debug)]
struct Watched {
    io: StdIo,
    reads: Reads,
}

impl Io for Watched {
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        self.io.list(dir)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn ReadFile>> {
        let file = self.io.open(path, access)?;
        Ok(Box::new(WatchedFile { file, path: path.to_owned(), reads: self.reads.clone() }))
    }
}

#[derive(Debug)]
struct WatchedFile {
    file: Box<dyn ReadFile>,
    path: PathBuf,
    reads: Reads,
}

impl ReadFile for WatchedFile {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn mapped(&self) -> Option<&[u8]> {
        None
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(offset, buffer)?;
        self.reads.lock().unwrap().entry(self.path.clone()).or_default().insert(offset);
        Ok(read)
    }
}

/// At how many places something was read in the files below `dir` whose path has `part` in it.
fn places_read(reads: &Reads, dir: &Path, part: &str) -> usize {
    let reads = reads.lock().unwrap();
    let chosen =
        reads.iter().filter(|(path, _)| path.starts_with(dir) && path.to_str().unwrap().contains(part));
    chosen.map(|(_, places)| places.len()).sum()
}

#[test]
fn blocks_and_chunks_outside_the_range_are_not_touched() {
    let Some(path) = data("prometheus-dir") else { return };
    let reads = Reads::default();
    let io = Watched { io: StdIo::without_maps(), reads: reads.clone() };
    let directory = DataDirectory::open_with(Arc::new(io), &path).unwrap();
    let blocks: Vec<_> = directory.blocks().cloned().collect();
    assert_eq!(blocks.len(), 7);
    let (mut chunks, mut chunks_read) = (0, 0);
    for block in &blocks {
        // Ten minutes in the middle of the block.
        let middle = (block.min_time + block.max_time) / 2;
        let range = TimeRange::new(middle, middle + 600_000);
        reads.lock().unwrap().clear();
        let job = [Matcher::new(MatchOp::Equal, "job", "prometheus").unwrap()];
        read(&directory, &job, range).unwrap();
        for other in blocks.iter().filter(|other| other.ulid != block.ulid) {
            assert_eq!(places_read(&reads, &path.join(other.ulid.to_string()), ""), 0, "{}", other.ulid);
        }
        assert_eq!(places_read(&reads, &path.join("wal"), ""), 0);
        assert_eq!(places_read(&reads, &path.join("chunks_head"), ""), 0);
        let dir = path.join(block.ulid.to_string());
        let read = places_read(&reads, &dir, "chunks") as u64;
        // Each series has a chunk there, or two.
        assert!(read > 0 && read <= 2 * block.stats.series, "{}: {read} chunks", block.ulid);
        chunks += block.stats.chunks;
        chunks_read += read;
    }
    assert!(chunks_read * 4 < chunks, "{chunks_read} of {chunks} chunks");
    // What is in no block and not in the head is not looked for.
    reads.lock().unwrap().clear();
    let end = blocks.iter().map(|block| block.max_time).max().unwrap();
    read(&directory, &[], TimeRange::new(end + 1, end + 1000)).unwrap();
    assert_eq!(places_read(&reads, &path, ""), 0);
}
