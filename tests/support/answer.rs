//! Answers in a form in which Prometheus' and ours can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use promqlite::Labels;
use promqlite::model::Value;
use promqlite::model::value::SampleValue;
use serde_json::Value as Json;

/// What the HTTP API answers to a query.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Success { data: Data, warnings: BTreeSet<String>, infos: BTreeSet<String> },
    Error { kind: String, text: String },
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Scalar(i64, f64),
    Text(i64, String),
    Vector(Vec<Series>),
    Matrix(Vec<Series>),
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    /// In order of time.
    pub(crate) samples: Vec<(i64, Sample)>,
}

/// A sample, as much of it as the HTTP API tells.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    Float(f64),
    Histogram { count: f64, sum: f64, buckets: Vec<(u8, f64, f64, f64)> },
}

/// How far values may lie apart, relative to the larger one.
const TOLERANCE: f64 = 1e-9;

impl Answer {
    pub(crate) fn from_json(json: &Json) -> Answer {
        if json["status"] != "success" {
            let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
            return Answer::Error { kind: text("errorType"), text: text("error") };
        }
        let texts = |key: &str| {
            let list = json[key].as_array().into_iter().flatten();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let result = &json["data"]["result"];
        let series = || result.as_array().unwrap().iter().map(series_from_json).collect();
        let data = match json["data"]["resultType"].as_str().unwrap() {
            "scalar" => Data::Scalar(time_from_json(&result[0]), number(&result[1])),
            "string" => Data::Text(time_from_json(&result[0]), result[1].as_str().unwrap().to_owned()),
            "vector" => Data::Vector(series()),
            _ => Data::Matrix(series()),
        };
        Answer::Success { data, warnings: texts("warnings"), infos: texts("infos") }
    }

    /// Our own answer.
    pub(crate) fn success(value: &Value, warnings: Vec<String>, infos: Vec<String>) -> Answer {
        let data = match value {
            Value::Scalar { timestamp, value } => Data::Scalar(*timestamp, *value),
            Value::String { timestamp, value } => Data::Text(*timestamp, value.clone()),
            Value::Vector(samples) => {
                let series = samples.iter().map(|sample| Series {
                    labels: sample.labels.clone(),
                    samples: vec![(sample.timestamp, self::sample(&sample.value))],
                });
                Data::Vector(series.collect())
            }
            Value::Matrix(matrix) => {
                let series = matrix.iter().map(|series| {
                    let floats = series.floats.iter().map(|(t, value)| (t, Sample::Float(value)));
                    let histograms = series
                        .histograms
                        .iter()
                        .map(|(t, histogram)| (*t, self::sample(&SampleValue::Histogram(histogram.clone()))));
                    let mut samples: Vec<_> = floats.chain(histograms).collect();
                    samples.sort_by_key(|(t, _)| *t);
                    Series { labels: series.labels.clone(), samples }
                });
                Data::Matrix(series.collect())
            }
            _ => panic!("a value of an unknown type"),
        };
        Answer::Success { data, warnings: warnings.into_iter().collect(), infos: infos.into_iter().collect() }
    }

    /// What differs, in a few words. `ordered`: the order of an instant vector's values counts.
    pub(crate) fn difference(&self, got: &Answer, ordered: bool) -> Option<String> {
        match (self, got) {
            (Answer::Error { kind: a, text }, Answer::Error { kind: b, text: got }) => {
                let same = a == b && told(text) == told(got);
                (!same).then(|| "the errors differ".to_owned())
            }
            (Answer::Error { .. }, Answer::Success { .. }) => Some("expected an error".to_owned()),
            (Answer::Success { .. }, Answer::Error { text, .. }) => Some(format!("failed: {text}")),
            (
                Answer::Success { data, warnings, infos },
                Answer::Success { data: got, warnings: got_warnings, infos: got_infos },
            ) => data
                .difference(got, ordered)
                .or_else(|| set_difference("warning", warnings, got_warnings))
                .or_else(|| set_difference("info", infos, got_infos)),
        }
    }
}

/// What of an error's text is the same for every order in which a store has its series: which two of many are named
/// as duplicates is not.
fn told(text: &str) -> (&str, &str) {
    let between = |start, end| Some((text.split_once(start)?.0, text.rsplit_once(end)?.1));
    match text.starts_with("found duplicate series for the match group") {
        true => between(" {", "}]").unwrap_or((text, "")),
        false => (text, ""),
    }
}

fn set_difference(kind: &str, expected: &BTreeSet<String>, got: &BTreeSet<String>) -> Option<String> {
    let missing = expected.difference(got).next().map(|text| format!("missing {kind} {text:?}"));
    missing.or_else(|| got.difference(expected).next().map(|text| format!("unexpected {kind} {text:?}")))
}

impl Data {
    fn difference(&self, got: &Data, ordered: bool) -> Option<String> {
        match (self, got) {
            (Data::Scalar(t, a), Data::Scalar(u, b)) => {
                (t != u || !close(*a, *b)).then(|| format!("expected {a} at {t}, got {b} at {u}"))
            }
            (Data::Text(t, a), Data::Text(u, b)) => {
                (t != u || a != b).then(|| format!("expected {a:?} at {t}, got {b:?} at {u}"))
            }
            (Data::Vector(a), Data::Vector(b)) => unordered(a, b).or_else(|| {
                let values = |series: &[Series]| -> Vec<Sample> {
                    series.iter().map(|series| series.samples[0].1.clone()).collect()
                };
                let same_order = values(a).iter().zip(values(b)).all(|(a, b)| a.difference(&b).is_none());
                (ordered && !same_order).then(|| "the order of the series differs".to_owned())
            }),
            (Data::Matrix(a), Data::Matrix(b)) => unordered(a, b).or_else(|| {
                let same_order = a.iter().zip(b).all(|(a, b)| a.labels == b.labels);
                (!same_order).then(|| "the order of the series differs".to_owned())
            }),
            _ => Some(format!("expected a {}, got a {}", self.type_name(), got.type_name())),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Data::Scalar(..) => "scalar",
            Data::Text(..) => "string",
            Data::Vector(..) => "vector",
            Data::Matrix(..) => "matrix",
        }
    }
}

fn unordered(expected: &[Series], got: &[Series]) -> Option<String> {
    let by_labels: BTreeMap<&Labels, &Series> = got.iter().map(|series| (&series.labels, series)).collect();
    if by_labels.len() < got.len() {
        return Some("a series is there twice".to_owned());
    }
    let mut rest = by_labels.clone();
    for series in expected {
        let Some(got) = rest.remove(&series.labels) else {
            return Some(format!("missing series {}", series.labels));
        };
        let pairs = series.samples.iter().zip(&got.samples);
        for ((t, a), (u, b)) in pairs {
            if t != u {
                return Some(format!("{}: expected a sample at {t}, got one at {u}", series.labels));
            }
            if let Some(difference) = a.difference(b) {
                return Some(format!("{} at {t}: {difference}", series.labels));
            }
        }
        let (a, b) = (series.samples.len(), got.samples.len());
        if a != b {
            return Some(format!("{}: expected {a} samples, got {b}", series.labels));
        }
    }
    rest.keys().next().map(|labels| format!("unexpected series {labels}"))
}

impl Sample {
    fn difference(&self, got: &Sample) -> Option<String> {
        let same = match (self, got) {
            (Sample::Float(a), Sample::Float(b)) => close(*a, *b),
            (
                Sample::Histogram { count, sum, buckets },
                Sample::Histogram { count: got_count, sum: got_sum, buckets: got_buckets },
            ) => {
                close(*count, *got_count)
                    && close(*sum, *got_sum)
                    && buckets.len() == got_buckets.len()
                    && buckets
                        .iter()
                        .zip(got_buckets)
                        .all(|(a, b)| a.0 == b.0 && close(a.1, b.1) && close(a.2, b.2) && close(a.3, b.3))
            }
            _ => false,
        };
        (!same).then(|| format!("expected {self}, got {got}"))
    }
}

fn close(a: f64, b: f64) -> bool {
    a == b
        || a.is_nan() && b.is_nan()
        || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()) && (a - b).is_finite()
}

fn sample(value: &SampleValue) -> Sample {
    match value {
        SampleValue::Float(value) => Sample::Float(*value),
        SampleValue::Histogram(histogram) => Sample::Histogram {
            count: histogram.count,
            sum: histogram.sum,
            buckets: histogram
                .populated_buckets()
                .map(|(code, bucket)| (code, bucket.lower, bucket.upper, bucket.count))
                .collect(),
        },
        _ => panic!("a sample of an unknown type"),
    }
}

fn number(json: &Json) -> f64 {
    json.as_str().unwrap().parse().unwrap()
}

fn time_from_json(json: &Json) -> i64 {
    (json.as_f64().unwrap() * 1000.0).round() as i64
}

fn series_from_json(json: &Json) -> Series {
    let labels = json["metric"].as_object().unwrap();
    let labels = Labels::from_pairs(labels.iter().map(|(name, value)| (name, value.as_str().unwrap())));
    let mut samples = Vec::new();
    let points = |one: &str, many: &str| -> Vec<Json> {
        let many = json[many].as_array().cloned().unwrap_or_default();
        json.get(one).cloned().into_iter().chain(many).collect()
    };
    for point in points("value", "values") {
        samples.push((time_from_json(&point[0]), Sample::Float(number(&point[1]))));
    }
    for point in points("histogram", "histograms") {
        let buckets = point[1]["buckets"].as_array().into_iter().flatten().map(|bucket| {
            let code = bucket[0].as_u64().unwrap() as u8;
            (code, number(&bucket[1]), number(&bucket[2]), number(&bucket[3]))
        });
        let sample = Sample::Histogram {
            count: number(&point[1]["count"]),
            sum: number(&point[1]["sum"]),
            buckets: buckets.collect(),
        };
        samples.push((time_from_json(&point[0]), sample));
    }
    samples.sort_by_key(|(t, _)| *t);
    Series { labels, samples }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sample::Float(value) => write!(f, "{value}"),
            Sample::Histogram { count, sum, buckets } => write!(f, "{{count:{count} sum:{sum} {buckets:?}}}"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Error { kind, text } => writeln!(f, "    error {kind}: {text}"),
            Answer::Success { data, warnings, infos } => {
                match data {
                    Data::Scalar(t, value) => writeln!(f, "    {value} at {t}")?,
                    Data::Text(t, value) => writeln!(f, "    {value:?} at {t}")?,
                    Data::Vector(series) | Data::Matrix(series) => {
                        writeln!(f, "    {}, {} series", data.type_name(), series.len())?;
                        for series in series {
                            write!(f, "    {}", series.labels)?;
                            for (t, sample) in &series.samples {
                                write!(f, " {sample}@{t}")?;
                            }
                            writeln!(f)?;
                        }
                    }
                }
                warnings.iter().chain(infos).try_for_each(|text| writeln!(f, "    {text}"))
            }
        }
    }
}
