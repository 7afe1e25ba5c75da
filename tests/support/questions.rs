//! Asks the questions of a data set and compares the answers with Prometheus'.

use std::collections::BTreeSet;
use std::fmt::Write;

use promqlite::syntax::Features;
use promqlite::syntax::ast::Expr;
use promqlite::{Engine, SeriesStore};

use super::answer::Answer;
use super::cases::{Case, Time};
use super::{blame, panics};

/// A question that was asked.
pub(crate) struct Asked {
    /// The parts of the language that the query uses.
    pub(crate) features: BTreeSet<String>,
    /// The answer as it differs from Prometheus', if it does.
    pub(crate) failure: Option<String>,
}

/// Asks a question of a store and compares the answer.
pub(crate) fn ask(engine: &Engine, store: &dyn SeriesStore, case: &Case) -> Asked {
    let got = panics::caught(|| answer(engine, store, &case.query, case.time));
    let ordered = panics::caught(|| is_sorted(&case.query)).unwrap_or(false);
    let difference = match &got {
        Ok(got) => case.expected.difference(got, ordered),
        Err(panic) => Some(panic.clone()),
    };
    let failure = difference.map(|difference| {
        let mut text = format!("line {}: {}\n  {:?}\n  {difference}\n", case.line, case.query, case.time);
        let _ = write!(text, "  expected:\n{}", case.expected);
        if let Ok(got) = &got {
            let _ = write!(text, "  got:\n{got}");
        }
        text
    });
    let features = panics::caught(|| blame::features(&case.query)).unwrap_or_default();
    Asked { features, failure }
}

/// Our answer to a question.
pub(crate) fn answer(engine: &Engine, store: &dyn SeriesStore, query: &str, time: Time) -> Answer {
    let result = engine.prepare(query).and_then(|prepared| match time {
        Time::Instant(time) => prepared.instant(store, time),
        Time::Range { start, end, step } => prepared.range(store, start, end, step),
    });
    match result {
        Ok(result) => {
            let (warnings, infos) = result.annotations.texts(query);
            Answer::success(&result.value, warnings, infos)
        }
        Err(error) => {
            Answer::Error { kind: error.kind().as_str().to_owned(), text: error.message().to_owned() }
        }
    }
}

/// Whether the order of the answer's series has a meaning.
fn is_sorted(query: &str) -> bool {
    match promqlite::syntax::parse(query, &Features::ALL) {
        Ok(expr) => matches!(expr.unwrap_parens(), Expr::Call(call) if call.name.starts_with("sort")),
        Err(_) => false,
    }
}
