//! The table of formats, and what each of them is given.

use super::{csv, json, markdown, promql, table};
use crate::engine::QueryResult;
use crate::model::Value;

/// One answered query, ready to be written.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What the query evaluated to.
    pub value: &'a Value,
    /// Warnings, each with its position in the query, as [`Annotations::texts`](crate::model::Annotations::texts)
    /// gives them.
    pub warnings: &'a [String],
    /// Infos, likewise.
    pub infos: &'a [String],
}

impl<'a> Answer<'a> {
    /// An answer that came without warnings and infos.
    pub fn of(value: &'a Value) -> Self {
        Answer { value, warnings: &[], infos: &[] }
    }
}

/// One way of writing answers down.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What users call it.
    pub name: &'static str,
    /// What it is good for, in a sentence.
    pub summary: &'static str,
    /// Whether it is made to be looked at, so that a front end may paint it as it likes.
    pub for_people: bool,
    /// Appends an answer, with the newline at its end.
    pub answer: fn(&Answer<'_>, &mut String),
    /// Appends an error, with the newline at its end: its kind as the HTTP API names it, and its message. `None` where
    /// an error has no place among the answers.
    pub error: Option<fn(kind: &str, message: &str, &mut String)>,
}

impl Format {
    /// The answer to a query in this format, warnings and infos where the format has a place for them.
    ///
    /// ```
    /// use promqlite::render::json;
    /// use promqlite::{Engine, MemoryStore};
    ///
    /// let answer = Engine::default().instant(&MemoryStore::new(), "1 + 1", 0)?;
    /// assert_eq!(
    ///     json::FORMAT.result(&answer),
    ///     "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[0,\"2\"]}}\n"
    /// );
    /// # Ok::<(), promqlite::Error>(())
    /// ```
    pub fn result(&self, result: &QueryResult) -> String {
        let (warnings, infos) = (result.warnings(), result.infos());
        self.text(&Answer { value: &result.value, warnings: &warnings, infos: &infos })
    }

    /// An answer in this format, at its plainest.
    pub fn text(&self, answer: &Answer<'_>) -> String {
        let mut out = String::new();
        (self.answer)(answer, &mut out);
        out
    }
}

/// All formats, sorted by name.
pub static FORMATS: &[Format] = &[csv::FORMAT, json::FORMAT, markdown::FORMAT, promql::FORMAT, table::FORMAT];

/// The format with this name.
pub fn lookup(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(FORMATS.is_sorted_by_key(|format| format.name));
        for format in FORMATS {
            assert_eq!(lookup(format.name).map(|found| found.name), Some(format.name));
        }
        assert!(lookup("xml").is_none());
    }
}
