//! What can be set, as one table: `.set`, `.show`, completion and the configuration file read its rows.
//!
//! A setting is a name, what it can be, and how it is read and written. The commands `.at`, `.lookback`, `.output` and
//! `.timer` change the same values.

use std::fmt::Display;
use std::str::FromStr;

use promqlite::render::{self, FORMATS};

use crate::evaluation::Evaluation;
use crate::moment::{Millis, Moment};
use crate::session::Session;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it can be, for those who read.
    pub values: &'static str,
    /// Values that it can have, for completion.
    pub examples: fn() -> Vec<&'static str>,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its value, as it can be typed.
    pub get: fn(&Session) -> String,
    /// Changes it; the error says what is wrong with the value.
    pub set: fn(&mut Session, &str) -> Result<(), String>,
}

/// What a session is told about how it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// How lines are edited.
    pub editing: Editing,
    /// Whether an empty answer says why it is empty.
    pub hints: bool,
    /// Whether long answers go through a pager.
    pub pager: Paging,
    /// So many rows of a table are shown on a terminal; all if it is `None`.
    pub rows: Option<usize>,
    /// Whether what each query took is said.
    pub timer: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            editing: Editing::Emacs,
            hints: true,
            pager: Paging::Auto,
            rows: Some(200),
            timer: false,
        }
    }
}

/// How lines are edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editing {
    /// With the keys of Emacs, as most shells do.
    Emacs,
    /// With the keys of vi.
    Vi,
}

/// When an answer goes through a pager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// When it is longer than the terminal is high.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// All settings, sorted by name.
pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "at",
        values: "a time",
        examples: || vec!["end", "now", "start"],
        summary: "When queries are evaluated, as `.at` takes it.",
        get: |session| match session.settings().evaluation {
            Evaluation::Instant(moment) => moment.to_string(),
            range @ Evaluation::Range { .. } => range.to_string(),
        },
        set: |session, text| parsed::<Moment>(text).map(|moment| session.evaluate_at(Some(moment))),
    },
    Setting {
        name: "editing",
        values: "emacs or vi",
        examples: || vec!["emacs", "vi"],
        summary: "The keys that edit a line.",
        get: |session| word(session.preferences().editing, &EDITING),
        set: |session, text| {
            session.preferences_mut().editing = one_of(text, &EDITING)?;
            Ok(())
        },
    },
    Setting {
        name: "hints",
        values: "on or off",
        examples: || vec!["on", "off"],
        summary: "Whether an empty answer at the prompt says why it is empty.",
        get: |session| word(session.preferences().hints, &SWITCH),
        set: |session, text| {
            session.preferences_mut().hints = one_of(text, &SWITCH)?;
            Ok(())
        },
    },
    Setting {
        name: "lookback",
        values: "a duration",
        examples: || vec!["1m", "5m", "15m", "1h"],
        summary: "How far back a selector looks for the newest sample.",
        get: |session| Millis(session.lookback()).to_string(),
        set: |session, text| parsed::<Millis>(text).map(|Millis(lookback)| session.set_lookback(lookback)),
    },
    Setting {
        name: "output",
        values: "a format",
        examples: || FORMATS.iter().map(|format| format.name).collect(),
        summary: "How answers are written.",
        get: |session| session.settings().format.name.to_owned(),
        set: |session, text| {
            let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            let unknown = || format!("there is no format {text:?}: take one of {}", names.join(", "));
            session.write_answers(render::lookup(text).ok_or_else(unknown)?, None);
            Ok(())
        },
    },
    Setting {
        name: "pager",
        values: "auto, on or off",
        examples: || vec!["auto", "on", "off"],
        summary: "Whether long answers go through $PAGER, or else less.",
        get: |session| word(session.preferences().pager, &PAGING),
        set: |session, text| {
            session.preferences_mut().pager = one_of(text, &PAGING)?;
            Ok(())
        },
    },
    Setting {
        name: "rows",
        values: "a number, or all",
        examples: || vec!["50", "200", "1000", "all"],
        summary: "How many rows of a table are shown on a terminal.",
        get: |session| session.preferences().rows.map_or_else(|| "all".to_owned(), |rows| rows.to_string()),
        set: |session, text| {
            session.preferences_mut().rows = match text {
                "all" => None,
                _ => match text.parse() {
                    Ok(rows) if rows > 0 => Some(rows),
                    _ => return Err(format!("{text:?} is no number of rows above zero, and not `all`")),
                },
            };
            Ok(())
        },
    },
    Setting {
        name: "timer",
        values: "on or off",
        examples: || vec!["on", "off"],
        summary: "Whether it is said what each query took.",
        get: |session| word(session.preferences().timer, &SWITCH),
        set: |session, text| {
            session.preferences_mut().timer = one_of(text, &SWITCH)?;
            Ok(())
        },
    },
];

/// The setting of this name.
pub fn lookup(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

const SWITCH: [(bool, &str); 2] = [(true, "on"), (false, "off")];
const EDITING: [(Editing, &str); 2] = [(Editing::Emacs, "emacs"), (Editing::Vi, "vi")];
const PAGING: [(Paging, &str); 3] = [(Paging::Auto, "auto"), (Paging::On, "on"), (Paging::Off, "off")];

fn word<T: PartialEq>(value: T, words: &[(T, &str)]) -> String {
    words.iter().find(|(known, _)| *known == value).map(|(_, word)| (*word).to_owned()).unwrap_or_default()
}

fn one_of<T: Copy>(text: &str, words: &[(T, &str)]) -> Result<T, String> {
    let found = words.iter().find(|(_, word)| *word == text).map(|(value, _)| *value);
    let all: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    found.ok_or_else(|| format!("it is {}, not {text:?}", all.join(" or ")))
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Settings;
    use promqlite::MemoryStore;
    use promqlite::syntax::Features;

    #[test]
    fn every_setting_takes_its_examples_and_what_it_is() {
        assert!(SETTINGS.is_sorted_by_key(|setting| setting.name));
        let settings = Settings {
            features: Features::default(),
            format: &render::table::FORMAT,
            evaluation: Evaluation::Instant(Moment::NEWEST),
            talkative: true,
            clock: || 0,
            stopwatch: || std::time::Duration::ZERO,
        };
        let mut session = Session::new(MemoryStore::new(), settings);
        for setting in SETTINGS {
            assert!(!(setting.examples)().is_empty() && setting.summary.ends_with('.'), "{}", setting.name);
            for example in (setting.examples)() {
                assert_eq!((setting.set)(&mut session, example), Ok(()), "{} {example}", setting.name);
                assert_eq!((setting.get)(&session), example, "{}", setting.name);
            }
            assert!((setting.set)(&mut session, "nonsense").is_err(), "{}", setting.name);
        }
    }
}
