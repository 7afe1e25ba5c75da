//! Files into series: which notation a file is in, and what is wrong with it if it cannot be read.
//!
//! A name that ends in `.test`, or a text that begins with `load`, is a script, of which the `load` blocks count; anything
//! else is exposition text, or OpenMetrics if it ends with `# EOF`.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use promqlite::ingest::{self, Format, IngestError, IngestedSamples};
use promqlite::model::{Labels, TimeRange, Timestamp};
use promqlite::render::rfc3339;
use promqlite::store::SeriesData;
use promqlite::store::disk::{DataDirectory, DiskError, WriteError};
use promqlite::store::memory::AppendError;
use promqlite::testing::{CommandKind, Script, ScriptError};
use promqlite::{MemoryStore, SeriesStore};

/// How much was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// A file, into memory.
    File {
        /// Different series.
        series: usize,
        /// Samples of all of them.
        samples: usize,
    },
    /// A data directory, which is read where it lies.
    Directory {
        /// How many blocks it has.
        blocks: usize,
        /// How many series its head has.
        head_series: usize,
        /// The times of the oldest and the newest sample.
        range: Option<TimeRange>,
    },
}

impl Loaded {
    /// What was read from a file.
    pub fn of_samples(samples: &IngestedSamples) -> Self {
        let of_series = |series: &SeriesData| series.floats.len() + series.histograms.len();
        Loaded::File { series: samples.series.len(), samples: samples.series.iter().map(of_series).sum() }
    }

    /// What there is in a data directory.
    pub fn of_directory(directory: &DataDirectory) -> Self {
        Loaded::Directory {
            blocks: directory.blocks().len(),
            head_series: directory.head_series(),
            range: directory.time_range(),
        }
    }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        match *self {
            Loaded::File { series, samples } => {
                write!(f, "{samples} sample{} of {series} series", plural(samples))
            }
            Loaded::Directory { blocks, head_series, range } => {
                write!(f, "{blocks} block{}", plural(blocks))?;
                if head_series > 0 {
                    write!(f, " and a head of {head_series} series")?;
                }
                match range {
                    Some(range) => write!(f, ", {} to {}", rfc3339(range.start), rfc3339(range.end)),
                    None => f.write_str(", no samples"),
                }
            }
        }
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
    /// It is a page that cannot be scraped.
    Unreachable {
        /// Where it is.
        name: String,
        /// Why not.
        reason: String,
    },
    /// It has a mistake in it.
    Text {
        /// The file as it was given.
        name: String,
        /// What is wrong, and where.
        error: IngestError,
    },
    /// It is a script with a mistake in it.
    Script(ScriptError),
    /// It is a data directory that cannot be opened.
    Directory(DiskError),
    /// Its samples do not fit together, or not to those that are there.
    Append {
        /// The file as it was given.
        name: String,
        /// Why not.
        error: AppendError,
    },
    /// It could not be written into a data directory.
    Write {
        /// The file as it was given.
        name: String,
        /// Why not.
        error: WriteError,
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
            SourceError::Unreachable { name, reason } => write!(f, "{name}: {reason}"),
            SourceError::Text { name, error } => write!(f, "{name}:{error}"),
            SourceError::Script(error) => write!(f, "{error}"),
            SourceError::Directory(error) => write!(f, "{error}"),
            SourceError::Append { name, error } => write!(f, "{name}: {error}"),
            SourceError::Write { name, error } => write!(f, "{name}: {error}"),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SourceError::Unreadable { error, .. } => Some(error),
            SourceError::Unreachable { .. } => None,
            SourceError::Text { error, .. } => Some(error),
            SourceError::Script(error) => Some(error),
            SourceError::Directory(error) => Some(error),
            SourceError::Append { error, .. } => Some(error),
            SourceError::Write { error, .. } => Some(error),
        }
    }
}

impl From<DiskError> for SourceError {
    fn from(error: DiskError) -> Self {
        SourceError::Directory(error)
    }
}

/// Adds the series of a file. Samples without a time of their own get `time`, in ms.
pub fn load(store: &MemoryStore, path: &Path, time: Timestamp) -> Result<Loaded, SourceError> {
    append(store, &path.display().to_string(), read(path, Some(time))?)
}

/// Adds the series of a text. Samples without a time of their own get `time`, in ms; `name` is what errors call the
/// text.
pub fn load_text(
    store: &MemoryStore,
    name: &str,
    text: &[u8],
    time: Timestamp,
) -> Result<Loaded, SourceError> {
    append(store, name, read_text(name, text, Some(time))?)
}

/// The series of a file. Samples without a time of their own get `time`, in ms; without it they are errors.
pub fn read(path: &Path, time: Option<Timestamp>) -> Result<IngestedSamples, SourceError> {
    let text = fs::read(path).map_err(|error| SourceError::unreadable(path, error))?;
    let name = path.display().to_string();
    match path.extension() {
        Some(extension) if extension == "test" => read_script(&name, &text),
        _ => read_text(&name, &text, time),
    }
}

fn read_text(name: &str, text: &[u8], time: Option<Timestamp>) -> Result<IngestedSamples, SourceError> {
    if ingest::detect(text) == Format::Load {
        return read_script(name, text);
    }
    let samples = match time {
        Some(time) => ingest::parse(text, None, time),
        None => ingest::parse_timed(text, None),
    };
    samples.map_err(|error| SourceError::Text { name: name.to_owned(), error })
}

/// The series of all `load` blocks of a script, the first value of each line at the Unix epoch. A `clear` in it means that
/// what follows is another data set: of a series that comes again behind it, the later samples count.
fn read_script(name: &str, text: &[u8]) -> Result<IngestedSamples, SourceError> {
    let script = Script::parse(name, &String::from_utf8_lossy(text)).map_err(SourceError::Script)?;
    let mut data_set = 0;
    let mut series: HashMap<&Labels, (usize, SeriesData)> = HashMap::new();
    for command in script.commands() {
        match &command.kind {
            CommandKind::Clear => data_set += 1,
            CommandKind::Load(loaded) => {
                for loaded in loaded {
                    let new = || (data_set, SeriesData::new(loaded.labels.clone()));
                    let (of_set, data) = series.entry(&loaded.labels).or_insert_with(new);
                    if *of_set != data_set {
                        (*of_set, *data) = new();
                    }
                    data.floats.append(&loaded.floats);
                    data.histograms.append(&loaded.histograms);
                }
            }
            _ => {}
        }
    }
    let series = series.into_values().map(|(_, data)| data).collect();
    Ok(IngestedSamples { series, metadata: Vec::new() })
}

fn append(store: &MemoryStore, name: &str, samples: IngestedSamples) -> Result<Loaded, SourceError> {
    let loaded = Loaded::of_samples(&samples);
    ingest::load_into(store, samples)
        .map(|()| loaded)
        .map_err(|error| SourceError::Append { name: name.to_owned(), error })
}
