//! Every file of a small directory cut at every length: an error that names the file and the place in it, or the answers
//! that the whole directory gives. The end of a log is another matter: it is cut off whenever its writer is interrupted.

use std::path::Path;
use std::sync::Arc;

use promqlite::store::disk::DataDirectory;

use crate::damaged::{
    Answers, all, answers, answers_of, fault, is_checkpoint, only_the_log, overlooked, whole,
};
use crate::files::Files;

/// Where the records of a segment end whose records are less than a page.
fn ends_of_records(segment: &[u8]) -> Vec<usize> {
    let (mut at, mut ends) = (0, vec![0]);
    while let [kind, high, low, ..] = segment[at..] {
        at += 7 + usize::from(u16::from_be_bytes([high, low]));
        // Whole, or the last piece.
        if matches!(kind & 7, 1 | 4) {
            ends.push(at);
        }
    }
    assert_eq!(at, segment.len());
    ends
}

/// The last segment of a log ends where its writer was interrupted: what lies before that counts. The same is true of a
/// segment behind which a server has gone on: it counts what it finds. All other files have to be whole.
#[test]
fn every_length_of_every_file() {
    let (files, expected) = whole();
    for (path, bytes) in files.0.iter().filter(|(path, _)| !is_checkpoint(path)) {
        let from_end = files.0.keys().rev().filter(|other| other.parent() == path.parent());
        let place = from_end.take_while(|other| *other != path).count();
        let in_log = path.starts_with("/wal") || path.starts_with("/wbl");
        if in_log && place < 2 {
            every_length_of_the_end_of_a_log(files, path, bytes, place == 0);
            continue;
        }
        every_length(files, path, expected);
    }
}

/// Without the segments of a server the one before is the last, and it is known what is missing in those before it.
#[test]
fn every_length_of_a_log_without_a_server() {
    let mut files = whole().0.clone();
    for dir in ["/wal", "/wbl"] {
        let last = files.0.keys().filter(|path| path.parent() == Some(Path::new(dir))).max().unwrap().clone();
        files.0.remove(&last);
    }
    files.0.retain(|path, _| !path.starts_with("/chunks_head"));
    let expected = answers(&files);
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.starts_with("/wal") && !is_checkpoint(path)) {
        let last = files.0.keys().filter(|other| other.parent() == path.parent()).max() == Some(path);
        match last {
            true => every_length_of_the_end_of_a_log(&files, path, bytes, true),
            false => every_length(&files, path, &expected),
        }
    }
}

fn every_length(files: &Files, path: &Path, expected: &Answers) {
    all(&format!("{}: cut to", path.display()), files.0[path].len(), |len| {
        let damaged = files.with(path, |bytes| bytes.truncate(len));
        let got = answers(&damaged);
        fault(path, &got, expected).or_else(|| overlooked(&damaged, &got))
    });
}

#[test]
fn every_length_of_the_checkpoint() {
    let (files, expected, path) = only_the_log();
    every_length(&files, &path, &expected);
}

/// What is cut off is missing, and nothing else; where it is cut within a record of the last segment, that is told.
fn every_length_of_the_end_of_a_log(files: &Files, path: &Path, bytes: &[u8], is_last: bool) {
    let ends = ends_of_records(bytes);
    let up_to: Vec<Answers> =
        ends.iter().map(|end| answers(&files.with(path, |bytes| bytes.truncate(*end)))).collect();
    all(&format!("{}: cut to", path.display()), bytes.len(), |len| {
        let whole_records = ends.partition_point(|end| *end <= len) - 1;
        let within = ends[whole_records] != len;
        let damaged = files.with(path, |bytes| bytes.truncate(len));
        let opened = DataDirectory::open_with(Arc::new(damaged.clone()), "/");
        let directory = match opened {
            Ok(directory) => directory,
            // Behind a segment that ends within a record nothing can come.
            Err(error) if within && !is_last => {
                let got = Err(error.to_string());
                return fault(path, &got, &up_to[whole_records]).or_else(|| overlooked(&damaged, &got));
            }
            Err(error) => return Some(error.to_string()),
        };
        let torn = directory.torn().iter().any(|torn| torn.to_string().contains(path.to_str().unwrap()));
        if within && !torn {
            return Some("nothing is told of what was cut off".to_owned());
        }
        fault(path, &Ok(answers_of(&directory)), &up_to[whole_records])
    });
}
