//! Every bit of a small directory flipped, one at a time: an error that names the file and the place in it, or the
//! answers that the whole directory gives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use promqlite::store::disk::check;

use crate::damaged::{all, answers, fault, is_checkpoint, only_the_log, overlooked, whole};
use crate::small;

/// Flips every bit of the files that `choose` chooses.
fn flip(choose: impl Fn(&Path) -> bool) {
    let (files, expected) = whole();
    let chosen: Vec<(&PathBuf, &Arc<Vec<u8>>)> = files.0.iter().filter(|(path, _)| choose(path)).collect();
    assert!(!chosen.is_empty());
    for (path, bytes) in chosen {
        all(&format!("{}: bit", path.display()), bytes.len() * 8, |bit| {
            let damaged = files.with(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let got = answers(&damaged);
            fault(path, &got, expected).or_else(|| overlooked(&damaged, &got))
        });
    }
}

/// The test store has what it says.
#[test]
fn the_small_directory_has_everything() {
    let (files, answers) = whole();
    let mut encodings = std::collections::BTreeSet::new();
    for (path, bytes) in &files.0 {
        if path.ends_with("chunks/000001") {
            encodings.extend(small::chunks(bytes).into_iter().map(|(encoding, _)| encoding));
        }
    }
    assert!(encodings.into_iter().eq(1..=6));
    let text = format!("{answers:?}");
    for series in ["requests_since", "custom", "ratio", "latency", "served", "new", "trace"] {
        assert!(text.contains(series), "{text}");
    }
    assert_eq!(check::check_with(files, "/".as_ref()).unwrap(), []);
}

#[test]
fn every_bit_of_indexes() {
    flip(|path| path.ends_with("index"));
}

#[test]
fn every_bit_of_the_other_files_of_blocks() {
    let parts = ["meta.json", "tombstones", "chunks/000001"];
    flip(|path| parts.iter().any(|part| path.ends_with(part)));
}

/// A server's meta.json has no checksum. What it says is held against what is in the block.
#[test]
fn every_bit_of_a_meta_json_as_a_server_writes_it() {
    let (mut files, expected) = whole().clone();
    for (_, bytes) in files.0.iter_mut().filter(|(path, _)| path.ends_with("meta.json")) {
        let mut meta: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        meta.as_object_mut().unwrap().remove("promqlite");
        *bytes = Arc::new(serde_json::to_vec_pretty(&meta).unwrap());
    }
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.ends_with("meta.json")) {
        all(&format!("{}: bit", path.display()), bytes.len() * 8, |bit| {
            let damaged = files.with(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let got = answers(&damaged);
            fault(path, &got, &expected)
                .or_else(|| overlooked(&damaged, &got))
                .map(|fault| format!("{fault}\n{}", String::from_utf8_lossy(&damaged.0[path])))
        });
    }
}

#[test]
fn every_bit_of_head_chunks_and_logs() {
    flip(|path| {
        let parts = ["/chunks_head", "/wal", "/wbl"];
        parts.iter().any(|part| path.starts_with(part)) && !is_checkpoint(path)
    });
}

/// It is a page of which most is not used, and that has to be zero. So that this takes no minutes there is nothing else
/// in the directory but the log, and what checking finds is left out behind the records.
#[test]
fn every_bit_of_the_checkpoint() {
    let (files, expected, path) = only_the_log();
    let bytes = &files.0[&path];
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    assert!(used > 200, "{used}");
    all(&format!("{}: bit", path.display()), bytes.len() * 8, |bit| {
        let damaged = files.with(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        let got = answers(&damaged);
        fault(&path, &got, &expected).or_else(|| overlooked(&damaged, &got).filter(|_| bit / 8 < used))
    });
}
