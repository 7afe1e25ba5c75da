//! Answers and errors as Prometheus' HTTP API sends them, for `serde`: the whole envelope.
//!
//! ```
//! use promqlite::{Engine, MemoryStore};
//!
//! let engine = Engine::default();
//! let answer = engine.instant(&MemoryStore::new(), "1 + 1", 0)?;
//! assert_eq!(
//!     serde_json::to_string(&answer)?,
//!     r#"{"status":"success","data":{"resultType":"scalar","result":[0,"2"]}}"#
//! );
//! let error = engine.prepare("1 +").unwrap_err();
//! assert_eq!(
//!     serde_json::to_string(&error)?,
//!     r#"{"status":"error","errorType":"bad_data","error":"1:4: parse error: unexpected end of input"}"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::json::shown_annotations;
use crate::engine::QueryResult;
use crate::error::Error;

impl Serialize for QueryResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", "success")?;
        map.serialize_entry("data", &self.value)?;
        let (warnings, infos) = (self.warnings(), self.infos());
        for (key, word, texts) in [("warnings", "warning", warnings), ("infos", "info", infos)] {
            if !texts.is_empty() {
                map.serialize_entry(key, &shown_annotations(&texts, word))?;
            }
        }
        map.end()
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("status", "error")?;
        map.serialize_entry("errorType", self.kind().as_str())?;
        map.serialize_entry("error", self.message())?;
        map.end()
    }
}
