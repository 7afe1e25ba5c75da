//! Files into series: which notation a file is in, and what is wrong with it if it cannot be read.
//!
//! A name that ends in `.test` is a script, of which the `load` blocks count; anything else is what a scrape gives.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use promqlite::MemoryStore;
use promqlite::ingest::load::{LoadedSample, LoadedSeries};
use promqlite::model::{Labels, Timestamp};
use promqlite::store::memory::{AppendError, Appender};
use promqlite::testing::{CommandKind, Script, ScriptError};

/// How much was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Different series.
    pub series: usize,
    /// Samples of all of them.
    pub samples: usize,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.samples == 1 { "" } else { "s" };
        write!(f, "{} sample{plural} of {} series", self.samples, self.series)
    }
}

/// A file that could not be loaded. Nothing of it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceError {
    /// It could not be read.
    Unreadable {
        /// The file as it was given.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// It is not in a notation that can be read.
    Notation {
        /// The file as it was given.
        name: String,
    },
    /// It is a script with a mistake in it.
    Script(ScriptError),
    /// Its samples do not fit together, or not to those that are there.
    Append {
        /// The file as it was given.
        name: String,
        /// Why not.
        error: AppendError,
    },
}

impl SourceError {
    /// A file that cannot be opened or read.
    pub fn unreadable(path: &Path, error: io::Error) -> Self {
        SourceError::Unreadable { name: path.display().to_string(), error }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Unreadable { name, error } => write!(f, "{name}: {error}"),
            SourceError::Notation { name } => write!(f, "{name}: only `.test` scripts can be loaded"),
            SourceError::Script(error) => write!(f, "{error}"),
            SourceError::Append { name, error } => write!(f, "{name}: {error}"),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SourceError::Unreadable { error, .. } => Some(error),
            SourceError::Notation { .. } => None,
            SourceError::Script(error) => Some(error),
            SourceError::Append { error, .. } => Some(error),
        }
    }
}

/// Adds the series of a file. Samples without a time of their own get `time`, in ms.
pub fn load(store: &MemoryStore, path: &Path, time: Timestamp) -> Result<Loaded, SourceError> {
    let text = fs::read(path).map_err(|error| SourceError::unreadable(path, error))?;
    let name = path.display().to_string();
    if path.extension().is_some_and(|extension| extension == "test") {
        load_script(store, &name, &String::from_utf8_lossy(&text))
    } else {
        load_text(store, &name, &text, time)
    }
}

/// Adds the series of all `load` blocks of a script. A `clear` in it means that what follows is another data set: of a
/// series that comes again behind it, the later samples count.
fn load_script(store: &MemoryStore, name: &str, text: &str) -> Result<Loaded, SourceError> {
    let script = Script::parse(name, text).map_err(SourceError::Script)?;
    let mut data_set = 0;
    let mut series: HashMap<&Labels, (usize, Vec<&LoadedSample>)> = HashMap::new();
    for command in script.commands() {
        match &command.kind {
            CommandKind::Clear => data_set += 1,
            CommandKind::Load(loaded) => {
                for LoadedSeries { labels, samples } in loaded {
                    let (of_set, kept) = series.entry(labels).or_default();
                    if *of_set != data_set {
                        kept.clear();
                        *of_set = data_set;
                    }
                    kept.extend(samples);
                }
            }
            _ => {}
        }
    }
    let appended = |mut appender: Appender| {
        let mut loaded = Loaded { series: series.len(), samples: 0 };
        for (labels, (_, samples)) in &series {
            let series = appender.series(labels);
            for sample in samples {
                let LoadedSample { timestamp, start_timestamp, value } = sample;
                appender.append_with_start(&series, *timestamp, value.clone(), *start_timestamp)?;
            }
            loaded.samples += samples.len();
        }
        appender.commit().map(|()| loaded)
    };
    appended(store.appender()).map_err(|error| SourceError::Append { name: name.to_owned(), error })
}

/// Adds the series of exposition text. Samples without a time of their own get `time`, in ms; `name` is what errors
/// call the text.
pub fn load_text(_: &MemoryStore, name: &str, _: &[u8], _: Timestamp) -> Result<Loaded, SourceError> {
    Err(SourceError::Notation { name: name.to_owned() })
}
