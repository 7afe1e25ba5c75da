//! Damaged files: an error that names the file, or the answer that the whole files give.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promqlite::Labels;
use promqlite::model::TimeRange;
use promqlite::store::disk::{DataDirectory, DiskError, check};

use crate::data;
use crate::files::Files;
use crate::samples::{Summary, read};

/// All that a directory answers, or the text of an error.
fn answer(files: &Files) -> Result<Vec<(Labels, Summary)>, String> {
    let directory = DataDirectory::open_with(Arc::new(files.clone()), "/").map_err(|e| e.to_string())?;
    read(&directory, &[], TimeRange::ALL).map_err(|e| e.to_string())
}

/// What becomes of a directory whose file `path` was changed.
fn judge(whole: &[(Labels, Summary)], files: &Files, path: &Path, change: &str) {
    let got = catch_unwind(AssertUnwindSafe(|| answer(files)));
    let what = format!("{}: {change}", path.display());
    match got.unwrap_or_else(|_| panic!("{what}: a panic")) {
        Ok(got) => assert!(got == whole, "{what}: another answer"),
        Err(error) => {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(error.contains(name) || name == "meta.json", "{what}: {error}");
        }
    }
}

#[test]
fn every_bit_of_a_block() {
    let Some(path) = data("tsdb-3.14/live-head/01M7W9JA10GJXMMPTY0C6ETQM5") else { return };
    let files = Files::read(&path);
    let whole = answer(&files).unwrap();
    assert!(whole.iter().any(|(_, summary)| summary.floats > 0));
    for (path, bytes) in &files.0 {
        for bit in 0..bytes.len() * 8 {
            let damaged = files.with(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            judge(&whole, &damaged, path, &format!("bit {bit}"));
        }
        for len in 0..bytes.len() {
            let damaged = files.with(path, |bytes| bytes.truncate(len));
            judge(&whole, &damaged, path, &format!("{len} bytes"));
        }
    }
}

/// A sequence of numbers that looks like chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[test]
fn some_bits_of_a_head() {
    let seed = 0x9e37_79b9_7f4a_7c15;
    for name in ["live-head-zstd", "snapshot-crash"] {
        let Some(path) = data(&format!("tsdb-3.14/{name}")) else { return };
        let files = Files::read(&path);
        let whole = answer(&files).unwrap();
        let mut chance = Chance(seed);
        // The times of a block are told by its meta.json alone.
        let paths: Vec<&PathBuf> = files.0.keys().filter(|path| !path.ends_with("meta.json")).collect();
        for _ in 0..150 {
            let path = paths[chance.below(paths.len())];
            let bit = chance.below(files.0[path].len() * 8);
            let damaged = files.with(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            judge(&whole, &damaged, path, &format!("bit {bit}, seed {seed:#x}"));
        }
    }
}

/// A log that ends early was cut off while it was written; all other files have to be whole.
#[test]
fn cut_files_of_a_head() {
    let seed = 0x2545_f491_4f6c_dd1d;
    let Some(path) = data("tsdb-3.14/live-head-zstd") else { return };
    let files = Files::read(&path);
    let whole = answer(&files).unwrap();
    let mut chance = Chance(seed);
    let last = |path: &Path| ["wal/00000010", "wbl/00000007"].iter().any(|last| path.ends_with(last));
    for (path, bytes) in &files.0 {
        for _ in 0..4 {
            let len = chance.below(bytes.len());
            let damaged = files.with(path, |bytes| bytes.truncate(len));
            let what = format!("{len} bytes, seed {seed:#x}");
            if last(path) {
                answer(&damaged).unwrap_or_else(|error| panic!("{}: {what}: {error}", path.display()));
            } else if !path.starts_with("/wal") && !path.starts_with("/wbl") {
                judge(&whole, &damaged, path, &what);
            }
        }
    }
}

/// What opening finds, checking finds, and the other way round where it matters.
#[test]
fn checking_finds_what_reading_finds() {
    let seed = 0x1234_5678_9abc_def1;
    let Some(path) = data("tsdb-3.14/live-head-zstd") else { return };
    let files = Files::read(&path);
    let mut chance = Chance(seed);
    let paths: Vec<&PathBuf> = files.0.keys().collect();
    for _ in 0..60 {
        let path = paths[chance.below(paths.len())];
        let bit = chance.below(files.0[path].len() * 8);
        let damaged = files.with(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        let findings = check_files(&damaged).unwrap();
        if let Err(error) = answer(&damaged) {
            assert!(findings.iter().any(|f| !f.harmless), "{}: bit {bit}: {error}", path.display());
        }
    }
    assert_eq!(check_files(&files).unwrap(), []);
}

fn check_files(files: &Files) -> Result<Vec<promqlite::store::disk::Finding>, DiskError> {
    promqlite::store::disk::check::check_with(files, Path::new("/"))
}

#[test]
fn findings_name_file_and_offset() {
    let Some(path) = data("tsdb-3.14/encodings/01M7W9J9QGV0RJCKZX94YKCEW8") else { return };
    assert_eq!(check(&path).unwrap(), []);
    let files = Files::read(&path);
    let chunks = Path::new("/chunks/000001");
    let damaged = files.with(chunks, |bytes| bytes[5000] ^= 4);
    let findings = check_files(&damaged).unwrap();
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(finding.path, chunks);
    assert!(finding.offset.is_some_and(|offset| (4000..=5000).contains(&offset)), "{finding}");
    assert!(finding.message.contains("checksum"), "{finding}");
}
