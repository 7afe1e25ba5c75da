//! A block's `meta.json`: what the block is, and what it was made of (`tsdb/block.go`).
//!
//! ```text
//! {
//!   "ulid": "01FYRNS3T7P7V2WHRHN90K0RWS",
//!   "minTime": 1647877649300, "maxTime": 1647928800000,
//!   "stats": { "numSamples": 805884, "numSeries": 452, "numChunks": 9487 },
//!   "compaction": { "level": 3, "sources": [ULID, …], "parents": [{"ulid", "minTime", "maxTime"}, …],
//!                   "deletable": true, "failed": true, "hints": ["from-out-of-order"] },
//!   "version": 1
//! }
//! ```
//!
//! `maxTime` is the first millisecond that does not belong to the block. The format has no checksum for this file, so
//! the files that are written here have one more field, `"promqlite": {"checksum": 305419896}`: the CRC-32C of all
//! others, written without white space and sorted by their names. Prometheus passes over it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::bytes::checksum;
use super::error::{DiskError, Problem};
use super::file::Contents;
use super::io::{Access, Io};
use super::ulid::Ulid;
use crate::model::{TimeRange, Timestamp};

/// Name of the file in the directory of a block.
pub(super) const FILE_NAME: &str = "meta.json";

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockMeta {
    /// The block's name.
    pub ulid: Ulid,
    /// No sample is earlier, in ms.
    pub min_time: Timestamp,
    /// All samples are earlier, in ms.
    pub max_time: Timestamp,
    /// Numbers of what is in the block.
    pub stats: BlockStats,
    /// What the block was made of.
    pub compaction: Compaction,
}

/// Numbers of what is in a block, as its meta.json tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockStats {
    /// Samples, floats and histograms.
    pub samples: u64,
    /// How many of them are floats; 0 where meta.json does not tell.
    pub float_samples: u64,
    /// How many of them are histograms; 0 where meta.json does not tell.
    pub histogram_samples: u64,
    /// Series.
    pub series: u64,
    /// Chunks.
    pub chunks: u64,
    /// Intervals that are deleted.
    pub tombstones: u64,
}

/// What a block was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// 1 for a block cut from the head, one more for each compaction.
    pub level: u64,
    /// The blocks of level 1 that the samples come from.
    pub sources: Vec<Ulid>,
    /// The blocks that this one replaces.
    pub parents: Vec<Parent>,
    /// Whether the block has become empty and is to be removed.
    pub deletable: bool,
    /// Where the block comes from: `from-out-of-order` and the like.
    pub hints: Vec<String>,
}

/// A block that another one replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its name.
    pub ulid: Ulid,
    /// No sample of it was earlier, in ms.
    pub min_time: Timestamp,
    /// All samples of it were earlier, in ms.
    pub max_time: Timestamp,
}

impl BlockMeta {
    /// Reads the meta.json of the block in `dir`.
    pub(super) fn read(io: &dyn Io, dir: &Path) -> Result<Self, DiskError> {
        let file = Contents::open(io, dir.join(FILE_NAME), Access::Changing)?;
        Self::parse(file.bytes(), file.path())
    }

    fn parse(text: &[u8], path: &Path) -> Result<Self, DiskError> {
        let invalid = |what| Problem::Invalid(what).at(0).in_file(path);
        let value: Value = serde_json::from_slice(text).map_err(|_| invalid("this is not JSON"))?;
        let Value::Object(fields) = &value else { return Err(invalid("this is not a JSON object")) };
        if let Some(stored) = fields.get(OWN).and_then(|own| own.get("checksum")).and_then(Value::as_u64) {
            let (stored, computed) = (stored as u32, own_checksum(fields));
            if stored != computed {
                return Err(Problem::Checksum { stored, computed }.at(0).in_file(path));
            }
        }
        if number(fields, "version") != Some(1) {
            let version = fields.get("version").map_or("none".to_owned(), Value::to_string);
            return Err(DiskError::unsupported(
                path,
                format!("version {version} of meta.json is not supported"),
            ));
        }
        let fields = Fields { fields, path: path.to_owned() };
        let meta = BlockMeta {
            ulid: fields.ulid("ulid")?,
            min_time: fields.number("minTime")?,
            max_time: fields.number("maxTime")?,
            stats: fields.stats(),
            compaction: fields.compaction()?,
        };
        if meta.min_time > meta.max_time {
            return Err(invalid("minTime is later than maxTime"));
        }
        Ok(meta)
    }

    /// The contents of the file.
    pub(super) fn to_json(&self) -> String {
        let mut compaction = Map::new();
        let ulids = |ulids: &[Ulid]| -> Value { ulids.iter().map(Ulid::to_string).collect() };
        compaction.insert("level".into(), self.compaction.level.into());
        compaction.insert("sources".into(), ulids(&self.compaction.sources));
        if !self.compaction.parents.is_empty() {
            let parents = self.compaction.parents.iter().map(|parent| {
                let (min_time, max_time) = (parent.min_time, parent.max_time);
                json!({"ulid": parent.ulid.to_string(), "minTime": min_time, "maxTime": max_time})
            });
            compaction.insert("parents".into(), parents.collect());
        }
        if self.compaction.deletable {
            compaction.insert("deletable".into(), true.into());
        }
        if !self.compaction.hints.is_empty() {
            compaction.insert("hints".into(), self.compaction.hints.clone().into());
        }
        let stats = [
            ("numSamples", self.stats.samples),
            ("numFloatSamples", self.stats.float_samples),
            ("numHistogramSamples", self.stats.histogram_samples),
            ("numSeries", self.stats.series),
            ("numChunks", self.stats.chunks),
            ("numTombstones", self.stats.tombstones),
        ];
        let stats = stats.into_iter().filter(|(_, count)| *count > 0);
        let mut fields = Map::new();
        fields.insert("ulid".into(), self.ulid.to_string().into());
        fields.insert("minTime".into(), self.min_time.into());
        fields.insert("maxTime".into(), self.max_time.into());
        fields.insert(
            "stats".into(),
            stats.map(|(name, count)| (name.to_owned(), count.into())).collect::<Map<_, _>>().into(),
        );
        fields.insert("compaction".into(), compaction.into());
        fields.insert("version".into(), 1.into());
        let checksum = own_checksum(&fields);
        fields.insert(OWN.into(), json!({ "checksum": checksum }));
        format!("{:#}\n", Value::Object(fields))
    }

    /// The times that samples of the block may have.
    pub fn range(&self) -> TimeRange {
        TimeRange::new(self.min_time, self.max_time.saturating_sub(1))
    }

    /// Whether the block was cut from the samples that came in order, so that the head goes on where it ends.
    pub fn is_in_order(&self) -> bool {
        self.compaction.hints.is_empty()
    }
}

/// The field that only promqlite writes.
const OWN: &str = "promqlite";

fn own_checksum(fields: &Map<String, Value>) -> u32 {
    let others: Map<String, Value> =
        fields.iter().filter(|(name, _)| *name != OWN).map(|(n, v)| (n.clone(), v.clone())).collect();
    checksum(Value::Object(others).to_string().as_bytes())
}

/// The fields of the outermost object, all of which have to be there.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    path: PathBuf,
}

impl Fields<'_> {
    fn missing(&self, what: &'static str) -> DiskError {
        Problem::Invalid(what).at(0).in_file(&self.path)
    }

    fn number(&self, name: &str) -> Result<i64, DiskError> {
        number(self.fields, name)
            .ok_or_else(|| self.missing("minTime or maxTime is missing, or no whole number"))
    }

    fn ulid(&self, name: &str) -> Result<Ulid, DiskError> {
        self.fields.get(name).and_then(ulid).ok_or_else(|| self.missing("ulid is missing, or no ULID"))
    }

    fn stats(&self) -> BlockStats {
        let stats = self.fields.get("stats").and_then(Value::as_object);
        let stat = |name| stats.and_then(|stats| stats.get(name)).and_then(Value::as_u64).unwrap_or(0);
        BlockStats {
            samples: stat("numSamples"),
            float_samples: stat("numFloatSamples"),
            histogram_samples: stat("numHistogramSamples"),
            series: stat("numSeries"),
            chunks: stat("numChunks"),
            tombstones: stat("numTombstones"),
        }
    }

    fn hints(&self, hints: &[Value]) -> Result<Vec<String>, DiskError> {
        let known =
            |hint: &Value| HINTS.iter().find(|known| hint == **known).map(|known| (*known).to_owned());
        let unknown = |hint: &Value| {
            DiskError::unsupported(&self.path, format!("compaction has an unknown hint {hint}"))
        };
        hints.iter().map(|hint| known(hint).ok_or_else(|| unknown(hint))).collect()
    }

    fn compaction(&self) -> Result<Compaction, DiskError> {
        let Some(compaction) = self.fields.get("compaction").and_then(Value::as_object) else {
            return Err(self.missing("compaction is missing"));
        };
        // The file has no checksum: a name that is not known is the next best sign that something is wrong with it.
        let known = ["level", "sources", "parents", "deletable", "failed", "hints"];
        if let Some(name) = compaction.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(DiskError::unsupported(
                &self.path,
                format!("compaction has an unknown field {name:?}"),
            ));
        }
        let list =
            |name| compaction.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let invalid = || self.missing("a source or parent of the block is no ULID");
        let parent = |value: &Value| {
            let fields = value.as_object()?;
            let ulid = ulid(fields.get("ulid")?)?;
            Some(Parent { ulid, min_time: number(fields, "minTime")?, max_time: number(fields, "maxTime")? })
        };
        Ok(Compaction {
            level: compaction.get("level").and_then(Value::as_u64).unwrap_or(0),
            sources: list("sources").iter().map(ulid).collect::<Option<_>>().ok_or_else(invalid)?,
            parents: list("parents").iter().map(parent).collect::<Option<_>>().ok_or_else(invalid)?,
            deletable: compaction.get("deletable").and_then(Value::as_bool).unwrap_or(false),
            hints: self.hints(list("hints"))?,
        })
    }
}

/// The hint of a block of samples that came late.
pub(super) const OUT_OF_ORDER: &str = "from-out-of-order";
/// All hints that there are.
const HINTS: [&str; 3] = [OUT_OF_ORDER, "from-stale-series", "from-selected-series"];

fn number(fields: &Map<String, Value>, name: &str) -> Option<i64> {
    fields.get(name)?.as_i64()
}

fn ulid(value: &Value) -> Option<Ulid> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields() {
        let text = br#"{"ulid":"01M7W9JA0FFNC3XHDWGXGMJ82D","minTime":5,"maxTime":9,"stats":{"numSamples":9,
            "numFloatSamples":4,"numHistogramSamples":5,"numSeries":3,"numChunks":2,"numTombstones":1},"compaction":{"level":2,"sources":["01FYPWWKN01F59QPG8BYB3P9WZ"],
            "parents":[{"ulid":"01FYQC622BVWSFTRG6QWTPE2X7","minTime":5,"maxTime":7}],"hints":["from-out-of-order"]},
            "version":1,"other":[]}"#;
        let meta = BlockMeta::parse(text, Path::new("x")).unwrap();
        assert_eq!(meta.ulid.to_string(), "01M7W9JA0FFNC3XHDWGXGMJ82D");
        assert_eq!(meta.range(), TimeRange::new(5, 8));
        let stats = BlockStats {
            samples: 9,
            float_samples: 4,
            histogram_samples: 5,
            series: 3,
            chunks: 2,
            tombstones: 1,
        };
        assert_eq!(meta.stats, stats);
        assert_eq!(meta.compaction.parents[0].ulid.to_string(), "01FYQC622BVWSFTRG6QWTPE2X7");
        assert_eq!((meta.compaction.parents[0].min_time, meta.compaction.parents[0].max_time), (5, 7));
        assert_eq!((meta.compaction.level, meta.compaction.sources.len()), (2, 1));
        assert!(!meta.is_in_order() && !meta.compaction.deletable);
    }

    #[test]
    fn own_files_have_a_checksum() {
        let ulid: Ulid = "01M7W9JA0FFNC3XHDWGXGMJ82D".parse().unwrap();
        let meta = BlockMeta {
            ulid,
            min_time: -5,
            max_time: 9,
            stats: BlockStats { samples: 4, float_samples: 4, series: 3, ..BlockStats::default() },
            compaction: Compaction {
                level: 2,
                sources: vec![ulid],
                parents: vec![Parent { ulid, min_time: 1, max_time: 2 }],
                deletable: true,
                hints: vec!["from-out-of-order".into()],
            },
        };
        let json = meta.to_json();
        assert_eq!(BlockMeta::parse(json.as_bytes(), Path::new("x")).unwrap(), meta);
        for bit in 0..json.len() * 8 {
            let mut flipped = json.clone().into_bytes();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // White space and the name of the checksum itself may change.
            if let Ok(read) = BlockMeta::parse(&flipped, Path::new("x")) {
                assert_eq!(read, meta, "bit {bit}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let table = [
            ("{", "x: at byte 0: this is not JSON"),
            ("[]", "x: at byte 0: this is not a JSON object"),
            (r#"{"version":2}"#, "x: version 2 of meta.json is not supported"),
            (r#"{"version":1,"ulid":"U"}"#, "x: at byte 0: ulid is missing, or no ULID"),
            (
                r#"{"version":1,"ulid":"01M7W9JA0FFNC3XHDWGXGMJ82D","minTime":1,"maxTime":0.5}"#,
                "x: at byte 0: minTime or maxTime is missing, or no whole number",
            ),
            (
                r#"{"version":1,"ulid":"01M7W9JA0FFNC3XHDWGXGMJ82D","minTime":1,"maxTime":0,"compaction":{}}"#,
                "x: at byte 0: minTime is later than maxTime",
            ),
        ];
        for (text, message) in table {
            assert_eq!(BlockMeta::parse(text.as_bytes(), Path::new("x")).unwrap_err().to_string(), message);
        }
    }
}
