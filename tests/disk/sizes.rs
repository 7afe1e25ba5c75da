//! Sizes that files declare are not believed: whatever number stands in them, with a checksum that fits, little memory is
//! taken.

use std::path::Path;

use allocation_counter::measure;

use crate::damaged::{answers, whole};
use crate::files::Files;

/// The whole directory takes less, in bytes; the sizes that are declared take a hundred times as much.
const MOST: u64 = 8 << 20;

/// Large numbers: as a uvarint of 32 bits, as one of 63 bits, and in bytes of one length.
const HUGE: [&[u8]; 3] = [
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0x7f, 0xff, 0xff, 0xff],
];

fn assert_small(files: &Files, path: &Path, place: usize) {
    let taken = measure(|| drop(answers(files))).bytes_max;
    assert!(taken < MOST, "{}: at byte {place}: {taken} bytes", path.display());
}

/// Writes each large number at each place of `range`, and the checksum of `range` behind it or at `checksum`.
fn declare(files: &Files, path: &Path, range: std::ops::Range<usize>, checksum: usize) {
    for place in range.clone() {
        for huge in HUGE {
            let damaged = files.with(path, |bytes| {
                let end = (place + huge.len()).min(range.end);
                bytes[place..end].copy_from_slice(&huge[..end - place]);
                let sum = crc32c::crc32c(&bytes[range.clone()]);
                bytes[checksum..checksum + 4].copy_from_slice(&sum.to_be_bytes());
            });
            assert_small(&damaged, path, place);
        }
    }
}

#[test]
fn in_records_of_logs() {
    let (files, _) = whole();
    let logs = files.0.iter().filter(|(path, _)| {
        let checkpoint = path.to_str().unwrap().contains("checkpoint");
        (path.starts_with("/wal") || path.starts_with("/wbl")) && !checkpoint
    });
    for (path, bytes) in logs {
        let mut at = 0;
        while let [_, high, low, ..] = bytes[at..] {
            let end = at + 7 + usize::from(u16::from_be_bytes([high, low]));
            declare(files, path, at + 7..end, at + 3);
            at = end;
        }
    }
}

#[test]
fn in_indexes() {
    let (files, _) = whole();
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.ends_with("index")) {
        let be64 = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        let contents = bytes.len() - 52;
        declare(files, path, contents..contents + 48, contents + 48);
        // The symbols, and the table of postings.
        for section in [be64(contents), be64(contents + 40)] {
            let len = u32::from_be_bytes(bytes[section..section + 4].try_into().unwrap()) as usize;
            declare(files, path, section + 4..section + 4 + len, section + 4 + len);
        }
    }
}
