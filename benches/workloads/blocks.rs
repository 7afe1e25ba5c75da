//! Series as one closed block of a data directory, written by the store itself.

use std::path::Path;
use std::sync::Arc;

use promqlite::store::SeriesData;
use promqlite::store::disk::{DataDirectory, DiskOptions, DiskStore, StdIo};

/// All samples have to be earlier than this, in ms: a block begins at a multiple of its length.
const BLOCK_RANGE: i64 = 7 * 24 * 3_600_000;

/// A data directory in `dir` with one block that has all samples of `series`, opened to be read.
pub fn closed_block(dir: &Path, series: impl IntoIterator<Item = SeriesData>) -> DataDirectory {
    let mut options = DiskOptions::default();
    options.block_range = BLOCK_RANGE;
    let store = DiskStore::open_with(Arc::new(StdIo::new()), dir, options).expect("the directory is new");
    for series in series {
        let mut appender = store.appender();
        appender.append_series(&series);
        appender.commit_buffered().expect("the samples are in order");
    }
    store.flush().expect("there is room for a block");
    drop(store);
    let directory = open(dir);
    assert_eq!((directory.blocks().len(), directory.head_series()), (1, 0));
    directory
}

/// The data directory in `dir`.
pub fn open(dir: &Path) -> DataDirectory {
    DataDirectory::open(dir).expect("the directory was just written")
}

/// Takes all files in `dir` out of the page cache, as far as nobody has them mapped. Tells whether the system does that.
pub fn forget_pages(dir: &Path) -> bool {
    let entries = std::fs::read_dir(dir).expect("the directory is there");
    entries.fold(true, |all, entry| {
        let path = entry.expect("the directory does not change").path();
        let forgotten = if path.is_dir() { forget_pages(&path) } else { forget_file(&path) };
        all && forgotten
    })
}

#[cfg(target_os = "linux")]
fn forget_file(path: &Path) -> bool {
    let file = std::fs::File::open(path).expect("the file is there");
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn forget_file(_: &Path) -> bool {
    false
}
