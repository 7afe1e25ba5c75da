//! A data directory that has everything there is in one, and so few bytes that each of them can be damaged in turn.
//!
//! ```text
//! 0000…/                          a block with all chunk encodings and tombstones; its meta.json has a checksum
//! 0000…/                          late samples; its meta.json is as a server writes it, without a checksum
//! chunks_head/000001, 000002      chunks of samples that the log has, too, and one of late samples
//! wal/checkpoint.…/00000000       what the head had when the blocks were cut
//! wal/…                           segments of two openings, with commits
//! wal/…                           a segment as a server writes it: records plain, in pieces, in snappy and in zstd
//! wbl/…                           late samples, some of them in the late chunk, as a marker says
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use promqlite::ingest;
use promqlite::model::{MatchOp, Matcher, TimeRange};
use promqlite::store::disk::{DiskOptions, DiskStore, StdIo};
use promqlite::store::{Metadata, SeriesData};

use crate::files::Files;

/// What was in order before the blocks were cut.
const CLOSED: &str = "load 100ms
  requests{code=\"200\"} 0+10x8
  requests{code=\"500\"} 1 2.5 NaN Inf stale 7 _ -0
  latency {{schema:1 count:5 sum:9.5 buckets:[1 3 1]}}+{{schema:1 count:2 sum:1 buckets:[1 1]}}x3
  ratio {{schema:0 count:1.5 sum:2 buckets:[0.5 1]}}+{{schema:0 count:1 sum:1 buckets:[1]}}x3
  custom {{schema:-53 sum:5 count:4 custom_values:[1 2 5] buckets:[1 2 1]}}x2
";
/// What came after that.
const HEAD: &str = "load 100ms
  requests{code=\"200\"} 90+10x6
  requests{code=\"404\"} 1 1 2
  latency {{schema:1 count:50 sum:95 buckets:[10 30 10]}}x3
";
/// What came late for the block.
const LATE: &str = "load 70ms
  requests{code=\"404\"} 5 6 7
  latency {{schema:1 count:2 sum:1 buckets:[1 1]}}
";

/// Length of a block in ms.
const BLOCK: i64 = 1000;

/// The directory, in memory.
pub(crate) fn directory() -> Files {
    let folder = tempfile::tempdir().unwrap();
    let closed = series(CLOSED, 0);

    let store = open(folder.path());
    append(&store, &closed);
    append(&store, &with_starts(&closed));
    append(&store, &series(HEAD, BLOCK));
    store.maintain().unwrap();
    let code = [Matcher::new(MatchOp::Equal, "code", "200").unwrap()];
    store.delete(&code, TimeRange::new(150, 350)).unwrap();
    drop(store);

    // Two times opened, twice written to.
    let store = open(folder.path());
    append(&store, &series("load 100ms\n  requests{code=\"200\"} 150 160\n  new 1\n", 1700));
    store.delete(&code, TimeRange::new(1200, 1300)).unwrap();
    drop(store);
    let store = open(folder.path());
    let mut appender = store.appender();
    let told = Metadata { metric_type: "counter".into(), help: "Requests.".into(), unit: String::new() };
    appender.set_metadata("requests", told);
    appender.append_series(&series("load 100ms\n  requests{code=\"200\"} 170 180\n", 1900)[0]);
    appender.commit_synced().unwrap();
    append(&store, &series("load 100ms\n  new 3 4\n", 1450));
    drop(store);

    let mut files = Files::read(folder.path());
    files.0.retain(|path, _| !path.ends_with("lock"));
    add_late_block(&mut files);
    add_what_a_server_writes(&mut files);
    files
}

fn series(text: &str, start: i64) -> Vec<SeriesData> {
    ingest::parse(text.as_bytes(), None, start).unwrap().series
}

/// The same samples with start times, under other names.
fn with_starts(series: &[SeriesData]) -> Vec<SeriesData> {
    let renamed = series.iter().map(|series| {
        let mut data = series.clone();
        data.labels = data.labels.with("__name__", &format!("{}_since", series.labels.metric_name()));
        let starts = |times: &[i64]| times.iter().map(|time| time - time % 300 - 7).collect();
        data.floats.start_timestamps = starts(&data.floats.timestamps);
        data.histograms.start_timestamps = starts(&data.histograms.timestamps);
        data
    });
    renamed.collect()
}

fn append(store: &DiskStore, series: &[SeriesData]) {
    let mut appender = store.appender();
    for series in series {
        appender.append_series(series);
    }
    appender.commit_synced().unwrap();
}

fn open(path: &Path) -> DiskStore {
    let mut options = DiskOptions::default();
    options.block_range = BLOCK;
    options.max_block_range = BLOCK;
    DiskStore::open_with(Arc::new(StdIo::new()), path, options).unwrap()
}

/// Adds a block of samples that came late, with a meta.json as a server writes it.
fn add_late_block(files: &mut Files) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    append(&store, &series(LATE, 40));
    let block = store.flush().unwrap().cut[0];
    drop(store);
    for (path, mut bytes) in Files::read(folder.path()).0 {
        if !path.starts_with(format!("/{block}")) {
            continue;
        }
        if path.ends_with("meta.json") {
            let mut meta: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert!(meta.as_object_mut().unwrap().remove("promqlite").is_some());
            meta["compaction"]["hints"] = serde_json::json!(["from-out-of-order"]);
            bytes = Arc::new(serde_json::to_vec(&meta).unwrap());
        }
        assert!(files.0.insert(path, bytes).is_none());
    }
}

/// Numbers of the series that a server appended to.
const FIRST: u64 = 1000;
const SECOND: u64 = 1001;

/// Adds head chunks, the last segment of the log, and the log of late samples as a server would write them.
fn add_what_a_server_writes(files: &mut Files) {
    let first = [(2000, 1.5), (2100, 2.5), (2200, -3.0), (2300, 4.0)];
    let second = [(2050, 10.0), (2150, 20.0), (2250, 30.0)];
    let late = [(1800, 7.0), (1850, 8.0)];

    // Each chunk, and where it begins.
    let (mut one, mut two) = (head_chunks_header(), head_chunks_header());
    head_chunk(&mut one, FIRST, &first[..3], false);
    head_chunk(&mut one, SECOND, &second[..2], false);
    let late_chunk = two.len() as u64;
    head_chunk(&mut two, FIRST, &late, true);
    two.extend([0; 64]);
    files.0.insert("/chunks_head/000001".into(), Arc::new(one));
    files.0.insert("/chunks_head/000002".into(), Arc::new(two));

    let mut names = vec![1];
    name(&mut names, FIRST, &[("__name__", "served"), ("job", "a")]);
    name(&mut names, SECOND, &[("__name__", "served"), ("job", "b")]);
    let mut log = Vec::new();
    fragment(&mut log, 2, &names[..10]);
    fragment(&mut log, 3, &names[10..30]);
    fragment(&mut log, 4, &names[30..]);
    fragment(&mut log, 1, &samples(FIRST, &first[..2]));
    let packed = snap::raw::Encoder::new().compress_vec(&samples(SECOND, &second)).unwrap();
    fragment(&mut log, 1 | 1 << 3, &packed);
    fragment(&mut log, 1 | 2 << 3, &zstd(&samples(FIRST, &first[2..])));
    let mut exemplar = vec![4];
    exemplar.extend([FIRST.to_be_bytes(), 2000_u64.to_be_bytes()].concat());
    exemplar.extend([0, 0]);
    exemplar.extend(0.5_f64.to_bits().to_be_bytes());
    labels(&mut exemplar, &[("trace", "x")]);
    fragment(&mut log, 1, &exemplar);
    let mut deleted = vec![3];
    deleted.extend(SECOND.to_be_bytes());
    varint(&mut deleted, 2100);
    varint(&mut deleted, 2200);
    fragment(&mut log, 1, &deleted);
    add_segment(files, "/wal", log);

    let mut log = Vec::new();
    fragment(&mut log, 1, &samples(FIRST, &late));
    let mut marker = vec![5];
    marker.extend([FIRST.to_be_bytes(), (2 << 32 | late_chunk).to_be_bytes()].concat());
    fragment(&mut log, 1, &marker);
    fragment(&mut log, 1, &samples(SECOND, &[(1900, 5.0)]));
    add_segment(files, "/wbl", log);
}

/// Adds a segment behind those that there are.
fn add_segment(files: &mut Files, dir: &str, bytes: Vec<u8>) {
    let dir = Path::new(dir);
    let numbers = files.0.keys().filter(|path| path.parent() == Some(dir));
    let number = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().parse::<u64>().unwrap();
    let last = numbers.map(number).max().unwrap();
    files.0.insert(dir.join(format!("{:08}", last + 1)), Arc::new(bytes));
}

fn fragment(log: &mut Vec<u8>, kind: u8, data: &[u8]) {
    log.push(kind);
    log.extend((data.len() as u16).to_be_bytes());
    log.extend(crc32c::crc32c(data).to_be_bytes());
    log.extend(data);
}

/// A frame with one block that is not packed.
fn zstd(data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, data.len() as u8];
    let header = (data.len() as u32) << 3 | 1;
    frame.extend(&header.to_le_bytes()[..3]);
    frame.extend(data);
    frame
}

fn name(record: &mut Vec<u8>, number: u64, pairs: &[(&str, &str)]) {
    record.extend(number.to_be_bytes());
    labels(record, pairs);
}

fn labels(record: &mut Vec<u8>, pairs: &[(&str, &str)]) {
    record.push(pairs.len() as u8);
    for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
        record.push(text.len() as u8);
        record.extend(text.as_bytes());
    }
}

fn samples(number: u64, samples: &[(i64, f64)]) -> Vec<u8> {
    let start = samples[0].0;
    let mut record = vec![2];
    record.extend([number.to_be_bytes(), start.to_be_bytes()].concat());
    for (time, value) in samples {
        record.push(0);
        varint(&mut record, time - start);
        record.extend(value.to_bits().to_be_bytes());
    }
    record
}

fn varint(record: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        record.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    record.push(rest as u8);
}

fn head_chunks_header() -> Vec<u8> {
    [&0x0130_bc91_u32.to_be_bytes()[..], &[1, 0, 0, 0]].concat()
}

fn head_chunk(file: &mut Vec<u8>, number: u64, samples: &[(i64, f64)], late: bool) {
    let (encoding, data) = chunk(samples);
    let start = file.len();
    file.extend(number.to_be_bytes());
    file.extend(samples[0].0.to_be_bytes());
    file.extend(samples[samples.len() - 1].0.to_be_bytes());
    file.push(encoding | if late { 0x80 } else { 0 });
    file.push(data.len() as u8);
    file.extend(&data);
    let checksum = crc32c::crc32c(&file[start..]);
    file.extend(checksum.to_be_bytes());
}

/// Encoding and data of a chunk: those of the only chunk of a block that has nothing else.
fn chunk(samples: &[(i64, f64)]) -> (u8, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path()).unwrap();
    let mut data = SeriesData::new(promqlite::Labels::from_pairs([("__name__", "one")]));
    samples.iter().for_each(|(time, value)| data.floats.push(*time, *value, 0));
    append(&store, &[data]);
    store.flush().unwrap();
    let files = Files::read(folder.path());
    let (_, segment) = files.0.iter().find(|(path, _)| path.ends_with("chunks/000001")).unwrap();
    let [encoded] = &chunks(segment)[..] else { panic!("several chunks") };
    encoded.clone()
}

/// Encoding and data of each chunk of a segment of less than 128 bytes each.
pub(crate) fn chunks(segment: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let (mut rest, mut found) = (&segment[8..], Vec::new());
    while let [length, encoding, behind @ ..] = rest {
        assert!(*length < 0x80);
        let (data, behind) = behind.split_at(usize::from(*length));
        found.push((*encoding, data.to_vec()));
        rest = &behind[4..];
    }
    found
}
