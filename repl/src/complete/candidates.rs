//! What the store and the tables have for the place that the cursor stands in.

use promqlite::SeriesStore;
use promqlite::aggregations::AGGREGATIONS;
use promqlite::functions::FUNCTIONS;
use promqlite::model::go_format::quote;
use promqlite::model::labels::{is_legacy_label_name, is_legacy_metric_name};
use promqlite::model::{Matcher, TimeRange};

use super::Candidate;
use super::command_line::complete_command;
use super::labels::{matchers, result_labels};
use super::place::{Place, PlaceKind, place};
use crate::command::{Kind, lookup};
use crate::explore::describe;
use crate::input::Input;
use crate::variables::{Variables, dollars};

/// What can be written instead of `line[start..cursor]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is replaced.
    pub start: usize,
    /// What can stand there, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// What can stand at byte `cursor` of `line`.
pub fn complete(line: &str, cursor: usize, store: &dyn SeriesStore, variables: &Variables) -> Completion {
    let before = &line[..cursor];
    if before.trim_start().starts_with('.')
        && matches!(Input::of(before), Input::Command(..) | Input::Query("."))
    {
        if let Some(query) = query_behind(before) {
            let inner = complete_query(&line[query..], cursor - query, store, variables);
            return Completion { start: inner.start + query, ..inner };
        }
        let (start, candidates) = complete_command(before, store, variables);
        return Completion { start, candidates };
    }
    complete_query(line, cursor, store, variables)
}

fn complete_query(line: &str, cursor: usize, store: &dyn SeriesStore, variables: &Variables) -> Completion {
    let before = &line[..cursor];
    if let Some(dollar) = dollars(before).pop().filter(|dollar| dollar.range.end == cursor) {
        let word = &before[dollar.range.clone()];
        let names = variables.iter().map(|(name, text)| Candidate::plain(format!("${name}"), text));
        let candidates = names.filter(|candidate| candidate.text.starts_with(word)).collect();
        return Completion { start: dollar.range.start, candidates };
    }
    // What is known of a name is known of what it stands for.
    let (before, behind) = (variables.expand_known(before), variables.expand_known(&line[cursor..]));
    let expanded = format!("{before}{behind}");
    let found = complete_plain(&expanded, before.len(), store);
    Completion { start: cursor.saturating_sub(before.len() - found.start), candidates: found.candidates }
}

fn complete_plain(line: &str, cursor: usize, store: &dyn SeriesStore) -> Completion {
    let Place { start, kind } = place(line, cursor);
    let word = &line[start..cursor];
    let all = candidates(&kind, word, &line[cursor..], store);
    let begins = |candidate: &Candidate| candidate.name.starts_with(word) || candidate.text.starts_with(word);
    let (mut candidates, others): (Vec<Candidate>, Vec<Candidate>) = all.into_iter().partition(begins);
    if candidates.is_empty() && !word.is_empty() {
        let lower = word.to_lowercase();
        candidates = others.into_iter().filter(|other| other.name.to_lowercase().contains(&lower)).collect();
    }
    Completion { start, candidates }
}

/// Where the query begins that the command in `line` takes as its last argument, if the cursor is there already.
fn query_behind(line: &str) -> Option<usize> {
    let mut at = line.len() - line.trim_start().len();
    let mut next_word = || {
        let end = at + line[at..].find(char::is_whitespace)?;
        let word = &line[at..end];
        at = line.len() - line[end..].trim_start().len();
        Some((word, at))
    };
    let (name, mut start) = next_word()?;
    let (last, words) = lookup(name)?.arguments.split_last()?;
    for _ in words {
        (_, start) = next_word()?;
    }
    match last.kind {
        Kind::Query => Some(start),
        Kind::Definition => Some(start + line[start..].find('=')? + 1),
        _ => None,
    }
}

fn candidates(kind: &PlaceKind, word: &str, behind: &str, store: &dyn SeriesStore) -> Vec<Candidate> {
    match kind {
        PlaceKind::Operand(words) => {
            // Keywords first: where they can stand they are few, and mostly meant.
            let mut all = keywords(words);
            all.extend(metrics(word, store));
            all.extend(functions());
            all.extend(AGGREGATIONS.iter().map(|a| Candidate::plain(a.name, a.signature())));
            all
        }
        PlaceKind::Words(words) => keywords(words),
        PlaceKind::LabelName { selector } => {
            let names = label_names(&matchers(selector), store);
            names.into_iter().filter(|name| name != "__name__").map(|name| label_name(name, None)).collect()
        }
        PlaceKind::MatchOperator => [
            ("=", "equal"),
            ("!=", "not equal"),
            ("=~", "matches the regular expression"),
            ("!~", "does not match the regular expression"),
        ]
        .map(|(text, detail)| Candidate::plain(text, detail))
        .into(),
        PlaceKind::LabelValue { label, selector, quote } => {
            let values = store.label_values(label, &matchers(selector), TimeRange::ALL).unwrap_or_default();
            values.into_iter().map(|value| string(value, *quote, behind)).collect()
        }
        PlaceKind::ResultLabel { expression, quote } => {
            let names = result_labels(expression, store).into_iter();
            match quote {
                Some(_) => names.map(|name| string(name, *quote, behind)).collect(),
                None => names.map(|name| label_name(name, *quote)).collect(),
            }
        }
        PlaceKind::Duration => {
            ["1m", "5m", "10m", "30m", "1h", "6h", "1d", "7d"].map(|text| Candidate::plain(text, "")).into()
        }
        PlaceKind::Pin => {
            [("start()", "the first step of the query"), ("end()", "the last step of the query")]
                .map(|(text, detail)| Candidate::plain(text, detail))
                .into()
        }
        PlaceKind::Nothing => Vec::new(),
    }
}

fn keywords(words: &[&str]) -> Vec<Candidate> {
    words.iter().map(|word| Candidate::plain(*word, "")).collect()
}

fn metrics<'s>(word: &'s str, store: &'s dyn SeriesStore) -> impl Iterator<Item = Candidate> + 's {
    let names = store.label_values("__name__", &[], TimeRange::ALL).unwrap_or_default();
    names.into_iter().map(move |name| {
        // Only those that may be shown are worth a look at their metadata.
        let detail = if name.contains(word) { type_and_help(&name, store) } else { String::new() };
        if is_legacy_metric_name(&name) {
            Candidate::plain(name, detail)
        } else {
            let text = format!("{{{}}}", quote(&name));
            Candidate::written(name, text, detail)
        }
    })
}

/// Type and help of the metric that a series belongs to.
fn type_and_help(name: &str, store: &dyn SeriesStore) -> String {
    match describe(store, name) {
        Some(metadata) => format!("{} {}", metadata.metric_type, metadata.help).trim().to_owned(),
        None => String::new(),
    }
}

fn functions() -> impl Iterator<Item = Candidate> {
    FUNCTIONS.iter().map(|function| {
        let call = if function.args.is_empty() { "()" } else { "(" };
        Candidate::written(function.name, format!("{}{call}", function.name), function.signature())
    })
}

fn label_names(matchers: &[Matcher], store: &dyn SeriesStore) -> Vec<String> {
    store.label_names(matchers, TimeRange::ALL).unwrap_or_default()
}

fn label_name(name: String, quoted: Option<char>) -> Candidate {
    if quoted.is_some() || is_legacy_label_name(&name) {
        Candidate::plain(name, "")
    } else {
        let text = quote(&name);
        Candidate::written(name, text, "")
    }
}

/// A string at the cursor: with quotes if none was typed, else with the closing one if it is not there yet.
fn string(value: String, open: Option<char>, behind: &str) -> Candidate {
    let quoted = quote(&value);
    let inside = &quoted[1..quoted.len() - 1];
    let text = match open {
        None => quoted,
        Some('`') => format!("{value}{}", if behind.starts_with('`') { "" } else { "`" }),
        Some(open) => {
            let inside = if open == '\'' {
                inside.replace("\\\"", "\"").replace('\'', "\\'")
            } else {
                inside.to_owned()
            };
            let close = if behind.starts_with(open) { String::new() } else { open.to_string() };
            inside + &close
        }
    };
    Candidate::written(value, text, "")
}

#[cfg(test)]
mod tests {
    use promqlite::MemoryStore;

    use super::*;
    use promqlite::Labels;
    use promqlite::store::Metadata;

    fn store() -> MemoryStore {
        let store = MemoryStore::new();
        let series: &[&[(&str, &str)]] = &[
            &[("__name__", "http_requests_total"), ("job", "api"), ("code", "200")],
            &[("__name__", "http_requests_total"), ("job", "api"), ("code", "500")],
            &[("__name__", "http_requests_total"), ("job", "web"), ("code", "200"), ("zone.name", "a\"b")],
            &[("__name__", "rabbits"), ("burrow", "north")],
            &[("__name__", "my.metric"), ("job", "api")],
        ];
        for pairs in series {
            store.append(&Labels::from_pairs(pairs.iter().copied()), 0, 1.0).expect("a sample");
        }
        let metadata =
            Metadata { metric_type: "counter".to_owned(), help: "Requests.".to_owned(), unit: String::new() };
        store.set_metadata("http_requests", metadata);
        store
    }

    /// What is offered where the bar stands in `line`, and what is replaced.
    fn at(line: &str) -> (String, Vec<String>) {
        let cursor = line.find('|').expect("a bar");
        let line = line.replacen('|', "", 1);
        let mut variables = Variables::default();
        variables.define("which", "http_requests_total{code=\"500\"}").expect("a definition");
        let completion = complete(&line, cursor, &store(), &variables);
        let texts = completion.candidates.into_iter().map(|candidate| candidate.text).collect();
        (line[completion.start..cursor].to_owned(), texts)
    }

    #[test]
    fn what_can_stand_at_the_cursor() {
        let table: &[(&str, &str, &[&str])] = &[
            ("http|", "http", &["http_requests_total"]),
            ("rate(http|", "http", &["http_requests_total"]),
            ("sum(ra|", "ra", &["rabbits", "rad(", "range()", "rate("]),
            ("my|", "my", &["{\"my.metric\"}"]),
            ("requests|", "requests", &["http_requests_total"]),
            ("http_requests_total{|", "", &["code", "job", "\"zone.name\""]),
            ("http_requests_total{j|", "j", &["job"]),
            ("http_requests_total{code=\"500\", |", "", &["code", "job"]),
            ("rabbits{|}", "", &["burrow"]),
            ("{job=\"api\", |}", "", &["code", "job"]),
            ("http_requests_total{job|", "job", &["job"]),
            ("http_requests_total{job |", "", &["=", "!=", "=~", "!~"]),
            ("http_requests_total{job !|", "!", &["!=", "!~"]),
            ("http_requests_total{job=|", "", &["\"api\"", "\"web\""]),
            ("http_requests_total{job=\"|", "", &["api\"", "web\""]),
            ("http_requests_total{job=\"w|\"}", "w", &["web"]),
            ("http_requests_total{job='w|", "w", &["web'"]),
            ("http_requests_total{code=\"500\", job=\"|", "", &["api\""]),
            ("http_requests_total{job=\"|\", code=\"500\"}", "", &["api"]),
            ("http_requests_total{\"zone.name\"=\"|", "", &["a\\\"b\""]),
            ("sum by (|) (rate(http_requests_total[5m]))", "", &["code", "job", "\"zone.name\""]),
            ("sum by (job, |) (rabbits)", "", &["burrow"]),
            ("sum(rabbits) by (b|", "b", &["burrow"]),
            ("sum by (|) (sum by (job) (http_requests_total))", "", &["job"]),
            ("sum by (|) (sum without (job) (http_requests_total))", "", &["code", "\"zone.name\""]),
            ("rabbits * on (|", "", &["burrow"]),
            ("rabbits * on (burrow) g|", "g", &["group_left", "group_right", "group"]),
            ("label_replace(rabbits, \"x\", \"$1\", \"|", "", &["burrow\""]),
            ("rate(rabbits[5|", "5", &["5m"]),
            ("rabbits offset 1|", "1", &["1m", "10m", "1h", "1d"]),
            ("rabbits @ e|", "e", &["end()"]),
            ("rabbits a|", "a", &["and", "atan2"]),
            ("sum(rabbits) b|", "b", &["by"]),
            ("sum b|", "b", &["by"]),
            ("rabbits > b|", "b", &["bool", "bottomk"]),
            (".lo|", ".lo", &[".load", ".lookback"]),
            (".range -1h en|", "en", &["end", "end-1h"]),
            (".help rat|", "rat", &["rate"]),
            (".why sum(rab|", "rab", &["rabbits"]),
            (".values j|", "j", &["job"]),
            (".values job rab|", "rab", &["rabbits"]),
            (".meta rab|", "rab", &["rabbits"]),
            ("$|", "$", &["$which"]),
            ("rate($wh|", "$wh", &["$which"]),
            ("sum by (c|) ($which)", "c", &["code"]),
            ("$which + rab|", "rab", &["rabbits"]),
            ("$nothing + rab|", "rab", &["rabbits"]),
            (".let x = rab|", "rab", &["rabbits"]),
            (".unlet w|", "w", &["which"]),
            (".set pa|", "pa", &["pager"]),
            (".set pager o|", "o", &["on", "off"]),
            (".watch 5s rab|", "rab", &["rabbits"]),
            (".scrape s|", "s", &["stop"]),
            ("\"a string|", "a string", &[]),
            ("rabbits ~ |", "", &[]),
        ];
        let mut wrong = Vec::new();
        for (line, word, texts) in table {
            let (found_word, found) = at(line);
            if found_word != *word || found != *texts {
                wrong.push(format!("{line}: {found_word:?} {found:?}, not {word:?} {texts:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_told_of_them() {
        let variables = Variables::default();
        let completion = complete("http", 4, &store(), &variables);
        assert_eq!(completion.candidates[0].detail, "counter Requests.");
        let completion = complete("rat", 3, &store(), &variables);
        assert_eq!(completion.candidates[0].detail, "rate(v range-vector)");
    }
}
