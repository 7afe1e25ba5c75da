//! Where the list of postings of each label value is.
//!
//! ```text
//! section of:   count     4 bytes
//!               entries   sorted by name and value; each is
//!                 2       1 byte
//!                 name    text behind its length, a uvarint
//!                 value   text behind its length, a uvarint
//!                 offset  uvarint, of the list's section in the file
//! ```
//!
//! The first entry, with empty name and value, is the list of all series. The table may have millions of entries, so
//! only the names are kept, and of each name the place of every 32nd value: a value is found by a binary search over
//! those, and a few steps from the one below it.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use super::super::bytes::Decoder;
use super::super::error::{Corruption, Problem};
use super::contents::section;

/// Of every so many values of a name the place is remembered.
const EVERY: usize = 32;
/// Of no label more series are kept: they take two megabytes.
const MOST_SERIES: usize = 512 << 10;

/// Places of the lists of postings.
#[derive(Debug)]
pub(super) struct PostingsTable {
    /// Offset of the first entry in the file.
    start: u64,
    /// Bytes that the entries take.
    len: u64,
    /// Offset of the list of all series.
    all: u64,
    /// Sorted by name.
    names: Vec<Name>,
    /// Places of entries: their distance to the first in bytes.
    places: Vec<u32>,
}

/// A label name and its values.
#[derive(Debug)]
struct Name {
    name: Box<str>,
    /// The series that have the label, once someone asked; `None` if they are too many to be kept.
    series: OnceLock<Option<Box<[u32]>>>,
    /// How many values it has.
    values: usize,
    /// Which of the places are of its values.
    places: Range<usize>,
}

/// An entry of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Offset of the list in the file.
    pub(super) list: u64,
}

impl PostingsTable {
    /// Finds the entries of the section at `offset`.
    pub(super) fn read(file: &[u8], offset: u64) -> Result<Self, Corruption> {
        let mut decoder = section(file, offset)?;
        let count = decoder.be32()?;
        let (start, len) = (decoder.offset(), decoder.rest().len() as u64);
        let mut table = PostingsTable { start, len, all: 0, names: Vec::new(), places: Vec::new() };
        let mut before: Option<(&str, &str)> = None;
        for _ in 0..count {
            let here = decoder.offset();
            let entry = read_entry(&mut decoder)?;
            if before.is_some_and(|before| before >= (entry.name, entry.value)) {
                return Err(Problem::Invalid("the table of postings is not sorted").at(here));
            }
            before = Some((entry.name, entry.value));
            // A section has less than 2^32 bytes.
            table.add(entry, (here - start) as u32);
        }
        if table.all == 0 {
            return Err(Problem::Invalid("the list of all series is missing").at(start));
        }
        Ok(table)
    }

    fn add(&mut self, entry: Entry<'_>, place: u32) {
        if entry.name.is_empty() {
            if entry.value.is_empty() {
                self.all = entry.list;
            }
            return;
        }
        if self.names.last().is_none_or(|last| *last.name != *entry.name) {
            let places = self.places.len()..self.places.len();
            let (name, series) = (entry.name.into(), OnceLock::new());
            self.names.push(Name { name, series, values: 0, places });
        }
        if let Some(name) = self.names.last_mut() {
            if name.values % EVERY == 0 {
                self.places.push(place);
                name.places.end += 1;
            }
            name.values += 1;
        }
    }

    /// Offset of the list of all series.
    pub(super) fn all(&self) -> u64 {
        self.all
    }

    /// The label names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &*name.name)
    }

    /// How many values the label `name` has.
    pub(super) fn value_count(&self, name: &str) -> usize {
        self.name(name).map_or(0, |name| name.values)
    }

    /// Offset of the list of the series with this value of this label.
    pub(super) fn find(&self, file: &[u8], name: &str, value: &str) -> Result<Option<u64>, Corruption> {
        let Some(name) = self.name(name) else { return Ok(None) };
        let (mut decoder, left) = self.place_of(file, name, value)?;
        for _ in 0..left {
            let (other, list) = read_value(&mut decoder)?;
            match other.cmp(value.as_bytes()) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(list)),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    /// The series that have the label `name`, rising, as `find` finds them, if that was asked before. They are not kept
    /// if they are too many.
    pub(super) fn with_label(
        &self,
        name: &str,
        find: impl FnOnce() -> Result<Vec<u32>, Corruption>,
    ) -> Result<Option<&[u32]>, Corruption> {
        let Some(name) = self.name(name) else { return Ok(Some(&[])) };
        if name.series.get().is_none() {
            let series = find()?;
            let series = (series.len() <= MOST_SERIES).then(|| series.into());
            name.series.get_or_init(|| series);
        }
        Ok(name.series.get().and_then(Option::as_deref))
    }

    /// The entries of the label `name` whose value begins with `prefix`, sorted by value.
    pub(super) fn values<'a>(
        &'a self,
        file: &'a [u8],
        name: &str,
        prefix: &'a str,
    ) -> Result<impl Iterator<Item = Result<Entry<'a>, Corruption>> + 'a, Corruption> {
        let walk = match self.name(name) {
            Some(name) => Some(self.values_from(file, name, prefix)?),
            None => None,
        };
        let begins = move |entry: &Result<Entry<'a>, Corruption>| {
            entry.as_ref().map_or(true, |entry| entry.value.starts_with(prefix))
        };
        Ok(walk.into_iter().flatten().take_while(begins))
    }

    /// All entries.
    pub(super) fn entries<'a>(
        &self,
        file: &'a [u8],
    ) -> impl Iterator<Item = Result<Entry<'a>, Corruption>> + 'a {
        let mut decoder = self.decoder(file);
        std::iter::from_fn(move || (!decoder.is_empty()).then(|| read_entry(&mut decoder)))
    }

    fn name(&self, name: &str) -> Option<&Name> {
        let place = self.names.binary_search_by(|candidate| (*candidate.name).cmp(name)).ok()?;
        Some(&self.names[place])
    }

    /// The entries of `name` from the first on whose value is not below `value`.
    fn values_from<'a>(&self, file: &'a [u8], name: &Name, value: &str) -> Result<Walk<'a>, Corruption> {
        let (decoder, left) = self.place_of(file, name, value)?;
        let mut walk = Walk { decoder, left };
        loop {
            let here = walk.clone();
            match walk.next().transpose()? {
                Some(entry) if entry.value < value => {}
                _ => return Ok(here),
            }
        }
    }

    /// The last place of `name` that is not behind `value`, and how many values there are from there on.
    fn place_of<'a>(
        &self,
        file: &'a [u8],
        name: &Name,
        value: &str,
    ) -> Result<(Decoder<'a>, usize), Corruption> {
        let places = &self.places[name.places.clone()];
        let (mut low, mut high) = (0, places.len());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let (other, _) = read_value(&mut self.decoder_at(file, places[middle])?)?;
            if other <= value.as_bytes() { low = middle } else { high = middle }
        }
        match places.get(low) {
            Some(place) => Ok((self.decoder_at(file, *place)?, name.values - low * EVERY)),
            None => Ok((Decoder::new(&[], 0), 0)),
        }
    }

    fn decoder<'a>(&self, file: &'a [u8]) -> Decoder<'a> {
        // The bounds were read from this file, so they lie inside of it.
        let entries = file.get(self.start as usize..(self.start + self.len) as usize).unwrap_or_default();
        Decoder::new(entries, self.start)
    }

    fn decoder_at<'a>(&self, file: &'a [u8], place: u32) -> Result<Decoder<'a>, Corruption> {
        let mut decoder = self.decoder(file);
        decoder.take(u64::from(place))?;
        Ok(decoder)
    }

    /// Bytes of memory that names and places take.
    pub(super) fn size_bytes(&self) -> usize {
        let of_name = |name: &Name| {
            let series = name.series.get().and_then(Option::as_deref).unwrap_or_default();
            size_of::<Name>() + name.name.len() + size_of_val(series)
        };
        let names: usize = self.names.iter().map(of_name).sum();
        names + self.places.capacity() * size_of::<u32>()
    }
}

/// Goes over the entries of one name.
#[derive(Clone, Debug)]
struct Walk<'a> {
    decoder: Decoder<'a>,
    left: usize,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Entry<'a>, Corruption>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(read_entry(&mut self.decoder).inspect_err(|_| self.left = 0))
    }
}

fn read_entry<'a>(decoder: &mut Decoder<'a>) -> Result<Entry<'a>, Corruption> {
    read_keys(decoder)?;
    Ok(Entry { name: decoder.text()?, value: decoder.text()?, list: decoder.uvarint()? })
}

/// The bytes of the value of an entry, and where its list is. That they are text is known since the table was opened.
#[inline]
fn read_value<'a>(decoder: &mut Decoder<'a>) -> Result<(&'a [u8], u64), Corruption> {
    read_keys(decoder)?;
    decoder.sized()?;
    Ok((decoder.sized()?, decoder.uvarint()?))
}

fn read_keys(decoder: &mut Decoder<'_>) -> Result<(), Corruption> {
    let offset = decoder.offset();
    match decoder.uvarint()? {
        2 => Ok(()),
        number => {
            Err(Problem::Unknown { what: "number of keys in the table of postings", number }.at(offset))
        }
    }
}
