//! Questions with the answers that Prometheus gave: files of one JSON object a line.
//!
//! `{"load": "load 15s\n  up 1 1 0"}` replaces the data, in the `load` notation. Any other line is a question:
//! `{"q": "up", "type": "instant", "time": 30, "expect": {...}}` or
//! `{"q": "up", "type": "range", "start": 0, "end": 60, "step": 15, "expect": {...}}`, times in seconds, where
//! `expect` is what the HTTP API answered. `"conflict": true` marks answers that follow from no rule.

use std::path::Path;

use serde_json::Value as Json;

use super::answer::Answer;

/// A question and its answer.
pub(crate) struct Case {
    /// Number of its line in the file, counted from 1.
    pub(crate) line: usize,
    pub(crate) query: String,
    pub(crate) time: Time,
    pub(crate) expected: Answer,
    /// The answer depends on the state of Prometheus' iterators.
    pub(crate) conflict: bool,
}

/// When the question is asked, in ms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    Instant(i64),
    Range { start: i64, end: i64, step: i64 },
}

/// Data and the questions about it.
pub(crate) struct DataSet {
    /// In the `load` notation; empty where the questions are about data that is kept elsewhere.
    pub(crate) load: String,
    pub(crate) cases: Vec<Case>,
}

/// Reads a file.
///
/// # Panics
///
/// The file is not as described.
pub(crate) fn read(path: &Path) -> Vec<DataSet> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut sets: Vec<DataSet> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let json: Json = serde_json::from_str(line).unwrap();
        if let Some(load) = json["load"].as_str() {
            sets.push(DataSet { load: load.to_owned(), cases: Vec::new() });
            continue;
        }
        if sets.is_empty() {
            sets.push(DataSet { load: String::new(), cases: Vec::new() });
        }
        let cases = &mut sets.last_mut().unwrap().cases;
        if let Some(case) = read_case(&json, i + 1) {
            cases.push(case);
        }
    }
    sets
}

/// A question; `None` for one that is no query (exemplars are asked for in another way).
fn read_case(json: &Json, line: usize) -> Option<Case> {
    let ms = |key: &str| (json[key].as_f64().unwrap() * 1000.0).round() as i64;
    let time = match json["type"].as_str().unwrap() {
        "instant" => Time::Instant(ms("time")),
        "range" => Time::Range { start: ms("start"), end: ms("end"), step: ms("step") },
        _ => return None,
    };
    Some(Case {
        line,
        query: json["q"].as_str().unwrap().to_owned(),
        time,
        expected: Answer::from_json(&json["expect"]),
        conflict: json["conflict"] == true,
    })
}
