//! Writing an index, front to back. The structure is told in [`index`](super) and where each part is read.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rustc_hash::FxHashMap;

use super::super::bytes::{Encoder, checksum};
use super::super::error::{DiskError, DiskErrorKind, Problem};
use super::super::io::Io;
use super::super::new_file::NewFile;
use super::contents::{HEADER, MAGIC};
use super::series::ChunkMeta;
use crate::model::Labels;

/// An index that is being written.
#[derive(Debug)]
pub(in crate::store::disk) struct IndexWriter {
    file: NewFile,
    path: PathBuf,
    /// Texts in order of their numbers.
    texts: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, u32>,
    symbols: u64,
    series: u64,
    all: Vec<u32>,
    /// By the numbers of name and value.
    postings: FxHashMap<(u32, u32), Vec<u32>>,
    entry: Encoder,
}

impl IndexWriter {
    /// Begins an index whose series have no texts in their labels but these.
    pub(in crate::store::disk) fn create(
        io: &dyn Io,
        path: PathBuf,
        texts: BTreeSet<Box<str>>,
    ) -> Result<Self, DiskError> {
        let mut file = NewFile::create(io, path.clone())?;
        file.write(&MAGIC.to_be_bytes())?;
        file.write(&[2])?;
        debug_assert_eq!(file.position(), HEADER);
        let symbols = file.position();
        let mut section = Encoder::default();
        section.be32(texts.len() as u32);
        texts.iter().for_each(|text| section.text(text));
        let numbers = texts.iter().cloned().zip(0..).collect();
        let mut writer = IndexWriter {
            file,
            path,
            texts: texts.into_iter().collect(),
            numbers,
            symbols,
            series: 0,
            all: Vec::new(),
            postings: FxHashMap::default(),
            entry: Encoder::default(),
        };
        writer.section(&section.0)?;
        writer.file.pad(16)?;
        writer.series = writer.file.position();
        Ok(writer)
    }

    fn section(&mut self, contents: &[u8]) -> Result<(), DiskError> {
        let Ok(len) = u32::try_from(contents.len()) else { return Err(self.too_large()) };
        self.file.write(&len.to_be_bytes())?;
        self.file.write(contents)?;
        self.file.write(&checksum(contents).to_be_bytes())
    }

    fn too_large(&self) -> DiskError {
        DiskError::unsupported(&self.path, "the block has more than fits into an index")
    }

    /// Adds a series; they have to come sorted by labels, and their chunks in order of time.
    pub(in crate::store::disk) fn add_series(
        &mut self,
        labels: &Labels,
        chunks: &[ChunkMeta],
    ) -> Result<(), DiskError> {
        self.file.pad(16)?;
        let Ok(reference) = u32::try_from(self.file.position() / 16) else { return Err(self.too_large()) };
        let mut entry = std::mem::take(&mut self.entry);
        entry.0.clear();
        entry.uvarint(labels.len() as u64);
        for (name, value) in labels {
            let (Some(&name), Some(&value)) = (self.numbers.get(name), self.numbers.get(value)) else {
                let problem = Problem::Invalid("a label is not among the symbols").at(self.file.position());
                return Err(DiskError { path: self.path.clone(), kind: DiskErrorKind::Corrupt(problem) });
            };
            entry.uvarint(u64::from(name));
            entry.uvarint(u64::from(value));
            self.postings.entry((name, value)).or_default().push(reference);
        }
        self.all.push(reference);
        entry.uvarint(chunks.len() as u64);
        let mut before: Option<&ChunkMeta> = None;
        for chunk in chunks {
            match before {
                None => entry.varint(chunk.min_time),
                Some(before) => entry.uvarint(chunk.min_time.wrapping_sub(before.max_time) as u64),
            }
            entry.uvarint(chunk.max_time.wrapping_sub(chunk.min_time) as u64);
            match before {
                None => entry.uvarint(chunk.reference),
                Some(before) => entry.varint(chunk.reference.wrapping_sub(before.reference) as i64),
            }
            before = Some(chunk);
        }
        let mut len = Encoder::default();
        len.uvarint(entry.0.len() as u64);
        self.file.write(&len.0)?;
        self.file.write(&entry.0)?;
        self.file.write(&checksum(&entry.0).to_be_bytes())?;
        self.entry = entry;
        Ok(())
    }

    /// Writes everything that follows the series, and makes the file last.
    pub(in crate::store::disk) fn finish(mut self) -> Result<(), DiskError> {
        self.file.pad(4)?;
        let postings = self.file.position();
        let mut keys: Vec<(u32, u32)> = self.postings.keys().copied().collect();
        keys.sort_unstable();
        let mut table = Encoder::default();
        table.be32(keys.len() as u32 + 1);
        let all = std::mem::take(&mut self.all);
        self.list("", "", &all, &mut table)?;
        let texts = std::mem::take(&mut self.texts);
        for key in keys {
            let list = self.postings.remove(&key).unwrap_or_default();
            self.list(&texts[key.0 as usize], &texts[key.1 as usize], &list, &mut table)?;
        }
        let postings_table = self.file.position();
        self.section(&table.0)?;
        let mut contents = Encoder::default();
        for part in [self.symbols, self.series, 0, 0, postings, postings_table] {
            contents.be64(part);
        }
        contents.be32(checksum(&contents.0));
        self.file.write(&contents.0)?;
        self.file.sync()
    }

    fn list(&mut self, name: &str, value: &str, list: &[u32], table: &mut Encoder) -> Result<(), DiskError> {
        self.file.pad(4)?;
        table.uvarint(2);
        table.text(name);
        table.text(value);
        table.uvarint(self.file.position());
        let mut section = Encoder(Vec::with_capacity(4 * list.len() + 4));
        section.be32(list.len() as u32);
        list.iter().for_each(|reference| section.be32(*reference));
        self.section(&section.0)
    }
}
