//! Completion of dot-commands: their names, and the arguments that their rows describe.

use std::fs;
use std::path::Path;

use promqlite::SeriesStore;
use promqlite::aggregations::AGGREGATIONS;
use promqlite::functions::FUNCTIONS;
use promqlite::model::TimeRange;
use promqlite::render::FORMATS;
use promqlite::store::StoreError;

use super::Candidate;
use crate::command::{COMMANDS, Kind, lookup};
use crate::settings::{self, SETTINGS};
use crate::variables::Variables;

/// What can stand at the end of `line`, which begins with a dot: where it begins, and the candidates.
pub(super) fn complete_command(
    line: &str,
    store: &dyn SeriesStore,
    variables: &Variables,
) -> (usize, Vec<Candidate>) {
    let start = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = &line[start..];
    let mut words = line[..start].split_whitespace();
    let candidates = match words.next() {
        None => COMMANDS.iter().map(|command| Candidate::plain(command.name, command.summary)).collect(),
        Some(name) => {
            let before: Vec<&str> = words.collect();
            match lookup(name).and_then(|command| command.arguments.get(before.len())) {
                Some(argument) if argument.kind == Kind::Value => values(&before),
                Some(argument) => argument_candidates(argument.kind, word, store, variables),
                None => Vec::new(),
            }
        }
    };
    (start, candidates.into_iter().filter(|candidate| candidate.text.starts_with(word)).collect())
}

fn argument_candidates(
    kind: Kind,
    word: &str,
    store: &dyn SeriesStore,
    variables: &Variables,
) -> Vec<Candidate> {
    match kind {
        Kind::File => files(word),
        Kind::Time => [
            ("end", "the newest sample"),
            ("end-1h", "an hour before the newest sample"),
            ("start", "the oldest sample"),
            ("now", "the clock"),
        ]
        .map(|(text, detail)| Candidate::plain(text, detail))
        .into(),
        Kind::Duration => ["15s", "30s", "1m", "5m", "1h"].map(|text| Candidate::plain(text, "")).into(),
        Kind::Format => FORMATS.iter().map(|format| Candidate::plain(format.name, format.summary)).collect(),
        Kind::Metric => plain(store.label_values("__name__", &[], TimeRange::ALL)),
        Kind::Label => plain(store.label_names(&[], TimeRange::ALL)),
        Kind::Setting => SETTINGS.iter().map(|one| Candidate::plain(one.name, one.summary)).collect(),
        Kind::Scrape => [("localhost:9100", "a page"), ("stop", "scrape no more")]
            .map(|(text, detail)| Candidate::plain(text, detail))
            .into(),
        Kind::Value | Kind::Word => Vec::new(),
        // Completed as any query is.
        Kind::Query | Kind::Definition => Vec::new(),
        Kind::Variable => variables.iter().map(|(name, text)| Candidate::plain(name, text)).collect(),
        Kind::Switch => ["on", "off"].map(|text| Candidate::plain(text, "")).into(),
        Kind::Topic => {
            let commands = COMMANDS.iter().map(|command| Candidate::plain(command.name, command.summary));
            let functions =
                FUNCTIONS.iter().map(|function| Candidate::plain(function.name, function.summary));
            let aggregations = AGGREGATIONS
                .iter()
                .map(|aggregation| Candidate::plain(aggregation.name, aggregation.summary));
            let lists = ["functions", "aggregations"].map(|list| Candidate::plain(list, "a list of them"));
            commands.chain(functions).chain(aggregations).chain(lists).collect()
        }
    }
}

/// What the setting can be that is named last.
fn values(before: &[&str]) -> Vec<Candidate> {
    let setting = before.last().and_then(|name| settings::lookup(name));
    let examples = setting.map(|setting| (setting.examples)()).unwrap_or_default();
    examples.into_iter().map(|example| Candidate::plain(example, "")).collect()
}

fn plain(names: Result<Vec<String>, StoreError>) -> Vec<Candidate> {
    names.unwrap_or_default().into_iter().map(|name| Candidate::plain(name, "")).collect()
}

/// The files whose path begins with `word`; directories end in a slash. Hidden ones are shown when asked for.
fn files(word: &str) -> Vec<Candidate> {
    let (directory, prefix) = match word.rfind('/') {
        Some(slash) => word.split_at(slash + 1),
        None => ("", word),
    };
    let path = if directory.is_empty() { Path::new(".") } else { Path::new(directory) };
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut candidates: Vec<Candidate> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            if !name.starts_with(prefix) || (name.starts_with('.') && !prefix.starts_with('.')) {
                return None;
            }
            let slash = if entry.path().is_dir() { "/" } else { "" };
            Some(Candidate::written(format!("{name}{slash}"), format!("{directory}{name}{slash}"), ""))
        })
        .collect();
    candidates.sort_by(|a, b| a.text.cmp(&b.text));
    candidates
}
