//! From what the command line names to files: itself, all scripts of a directory, or what a pattern matches.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use promqlite::testing::script_files;

/// Why there is no file.
#[derive(Debug)]
pub(super) enum FilesError {
    /// It is not there, or cannot be read.
    Unreadable { path: PathBuf, error: io::Error },
    /// The pattern is none.
    Pattern { text: String, error: glob::PatternError },
    /// There is no script in a directory, or none that a pattern matches.
    None { path: PathBuf },
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilesError::Unreadable { path, error } => write!(f, "{}: {error}", path.display()),
            FilesError::Pattern { text, error } => write!(f, "{text}: {error}"),
            FilesError::None { path } => write!(f, "{}: there is no script", path.display()),
        }
    }
}

impl std::error::Error for FilesError {}

/// The scripts that an argument stands for, sorted. A file that is called like a pattern is that file.
pub(super) fn found(path: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let text = path.to_string_lossy();
    if path.exists() || path.as_os_str() == crate::args::STDIN || !text.contains(['*', '?', '[']) {
        return scripts(path);
    }
    let matched =
        glob::glob(&text).map_err(|error| FilesError::Pattern { text: text.clone().into_owned(), error })?;
    let mut files = Vec::new();
    for entry in matched {
        let entry = entry
            .map_err(|error| FilesError::Unreadable { path: error.path().to_owned(), error: error.into() })?;
        // Directories that a pattern such as `*` matches may have no scripts.
        match scripts(&entry) {
            Ok(found) => files.extend(found),
            Err(FilesError::None { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    some(path, files)
}

fn scripts(path: &Path) -> Result<Vec<PathBuf>, FilesError> {
    if path.as_os_str() == crate::args::STDIN {
        return Ok(vec![path.to_owned()]);
    }
    let files =
        script_files(path).map_err(|error| FilesError::Unreadable { path: path.to_owned(), error })?;
    some(path, files)
}

fn some(path: &Path, files: Vec<PathBuf>) -> Result<Vec<PathBuf>, FilesError> {
    if files.is_empty() { Err(FilesError::None { path: path.to_owned() }) } else { Ok(files) }
}
