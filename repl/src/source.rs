//! Files into series: which notation a file is in, and what is wrong with it if it cannot be read.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use promqlite::MemoryStore;
use promqlite::model::Timestamp;

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
        write!(f, "{} samples of {} series", self.samples, self.series)
    }
}

/// A file that could not be loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceError {
    /// It could not be read.
    Unreadable {
        /// Its name as it was given.
        name: String,
        /// Why not.
        error: io::Error,
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
        }
    }
}

impl std::error::Error for SourceError {}

/// Loads a file.
pub fn load(store: &mut MemoryStore, path: &Path, time: Timestamp) -> Result<Loaded, SourceError> {
    let text = fs::read(path).map_err(|error| SourceError::unreadable(path, error))?;
    load_text(store, &path.display().to_string(), &text, time)
}

/// Loads text.
pub fn load_text(
    store: &mut MemoryStore,
    name: &str,
    text: &[u8],
    time: Timestamp,
) -> Result<Loaded, SourceError> {
    Ok(Loaded::default())
}
