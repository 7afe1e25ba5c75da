//! Values as Prometheus' HTTP API sends them, for `serde`: what stands behind `"data"` in the envelope.
//!
//! ```
//! use promqlite::{Engine, MemoryStore, Value};
//!
//! let value = Engine::default().instant(&MemoryStore::new(), "vector(1)", 1_500)?.value;
//! let json = serde_json::to_string(&value)?;
//! assert_eq!(json, r#"{"resultType":"vector","result":[{"metric":{},"value":[1.5,"1"]}]}"#);
//! assert_eq!(serde_json::from_str::<Value>(&json)?, value);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Numbers are strings, since JSON has no NaN; times are seconds. Of a histogram the API tells count, sum and the bounds of
//! its buckets, but not its schema, so a value with histograms cannot be read back: trying is an error.

use serde::de::{Error as _, IgnoredAny};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FloatPoints, InstantSample, Matrix, MatrixSeries, SampleValue, Value, Vector};
use crate::model::go_format::{format_f, json_number, parse_float};
use crate::model::{Histogram, Labels, Timestamp};

/// A time in seconds, whole where it is.
struct Seconds(Timestamp);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 1000 {
            0 => serializer.serialize_i64(self.0 / 1000),
            _ => serializer.serialize_f64(self.0 as f64 / 1000.0),
        }
    }
}

/// A number as the text that stands for it in samples.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&json_number(self.0))
    }
}

/// The populated buckets of a histogram: which ends belong to each, its bounds, its count.
struct Buckets<'a>(&'a Histogram);

impl Serialize for Buckets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let buckets = self.0.populated_buckets();
        serializer.collect_seq(buckets.map(|(boundaries, bucket)| {
            (boundaries, Number(bucket.lower), Number(bucket.upper), Number(bucket.count))
        }))
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("count", &Number(self.count))?;
        map.serialize_entry("sum", &Number(self.sum))?;
        if self.populated_buckets().next().is_some() {
            map.serialize_entry("buckets", &Buckets(self))?;
        }
        map.end()
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = std::collections::BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}

impl Serialize for InstantSample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("metric", &self.labels)?;
        let time = Seconds(self.timestamp);
        match &self.value {
            SampleValue::Float(value) => map.serialize_entry("value", &(time, Number(*value)))?,
            SampleValue::Histogram(histogram) => map.serialize_entry("histogram", &(time, &**histogram))?,
        }
        map.end()
    }
}

impl Serialize for FloatPoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for (time, value) in self {
            list.serialize_element(&(Seconds(time), Number(value)))?;
        }
        list.end()
    }
}

impl Serialize for MatrixSeries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metric", &self.labels)?;
        if !self.floats.is_empty() {
            map.serialize_entry("values", &self.floats)?;
        }
        if !self.histograms.is_empty() {
            let samples = self.histograms.iter().map(|(time, histogram)| (Seconds(*time), &**histogram));
            map.serialize_entry("histograms", &samples.collect::<Vec<_>>())?;
        }
        map.end()
    }
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Value", 2)?;
        data.serialize_field("resultType", self.value_type().as_str())?;
        match self {
            Value::Scalar { timestamp, value } => {
                data.serialize_field("result", &(Seconds(*timestamp), format_f(*value)))?;
            }
            Value::String { timestamp, value } => {
                data.serialize_field("result", &(Seconds(*timestamp), value))?;
            }
            Value::Vector(vector) => data.serialize_field("result", vector)?,
            Value::Matrix(matrix) => data.serialize_field("result", matrix)?,
        }
        data.end()
    }
}

/// A value as it is read.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum WireValue {
    Scalar(WirePoint),
    String((f64, String)),
    Vector(Vec<WireSample>),
    Matrix(Vec<WireSeries>),
}

#[derive(Deserialize)]
struct WireSample {
    metric: Labels,
    value: Option<WirePoint>,
    histogram: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct WireSeries {
    metric: Labels,
    #[serde(default)]
    values: Vec<WirePoint>,
    histograms: Option<IgnoredAny>,
}

/// A time in seconds, and a number as text.
#[derive(Deserialize)]
struct WirePoint(f64, String);

/// Why a value cannot be read back.
#[derive(Debug)]
enum Unreadable {
    Histogram,
    Number(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Histogram => f.write_str("histograms cannot be read back: their schema is not told"),
            Unreadable::Number(text) => write!(f, "{text:?} is not a number"),
        }
    }
}

fn milliseconds(seconds: f64) -> Timestamp {
    (seconds * 1000.0).round() as Timestamp
}

impl WirePoint {
    fn read(self) -> Result<(Timestamp, f64), Unreadable> {
        match parse_float(&self.1) {
            Ok(value) => Ok((milliseconds(self.0), value)),
            Err(_) => Err(Unreadable::Number(self.1)),
        }
    }
}

impl WireSample {
    fn read(self) -> Result<InstantSample, Unreadable> {
        let (None, Some(point)) = (self.histogram, self.value) else { return Err(Unreadable::Histogram) };
        let (timestamp, value) = point.read()?;
        Ok(InstantSample::new(self.metric, timestamp, value))
    }
}

impl WireSeries {
    fn read(self) -> Result<MatrixSeries, Unreadable> {
        if self.histograms.is_some() {
            return Err(Unreadable::Histogram);
        }
        let floats = self.values.into_iter().map(WirePoint::read).collect::<Result<_, _>>()?;
        Ok(MatrixSeries::new(self.metric, floats))
    }
}

impl WireValue {
    fn read(self) -> Result<Value, Unreadable> {
        Ok(match self {
            WireValue::Scalar(point) => {
                let (timestamp, value) = point.read()?;
                Value::Scalar { timestamp, value }
            }
            WireValue::String((seconds, value)) => Value::String { timestamp: milliseconds(seconds), value },
            WireValue::Vector(samples) => {
                Value::Vector(samples.into_iter().map(WireSample::read).collect::<Result<_, _>>()?)
            }
            WireValue::Matrix(series) => {
                Value::Matrix(series.into_iter().map(WireSeries::read).collect::<Result<_, _>>()?)
            }
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WireValue::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}
