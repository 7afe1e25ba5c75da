//! Scripts in files: a test per file, or for all files of a directory.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! for script in promqlite::testing::script_files("tests/promql")? {
//!     promqlite::testing::run_script(script)?;
//! }
//! # Ok(()) }
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::report::{Problem, ScriptReport};
use super::runner::{ScriptOptions, failure, run_script_on};
use crate::store::MemoryStore;

/// Runs the script in a file on a fresh [`MemoryStore`] with the default options.
///
/// In a test, a relative path starts at the directory of the package's `Cargo.toml`. The error, printed in either
/// way, tells file and line, what was expected and what came.
///
/// ```
/// let report = promqlite::testing::run_script("tests/scripts/absent.test")?;
/// assert!(report.passed > 0);
/// # Ok::<(), promqlite::testing::ScriptReport>(())
/// ```
///
/// # Errors
///
/// The report, if anything did not come out as the script says, or if the file cannot be read.
pub fn run_script(path: impl AsRef<Path>) -> Result<ScriptReport, ScriptReport> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => {
            run_script_on(&name, &text, &mut MemoryStore::new(), &ScriptOptions::default()).into_result()
        }
        Err(error) => {
            let failed = vec![failure(&name, 0, Problem::File(error.to_string()))];
            Err(ScriptReport { script: name, failed, ..ScriptReport::default() })
        }
    }
}

/// The scripts that a path stands for, sorted: the path itself if it is a file, or else all files below it whose names
/// end in `.test`.
///
/// # Errors
///
/// There is nothing at the path, or a directory cannot be read.
pub fn script_files(path: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut left = vec![path.as_ref().to_owned()];
    // What was asked for is taken whatever its name is.
    if fs::metadata(path.as_ref())?.is_file() {
        return Ok(left);
    }
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            // A link to a directory is not followed: it may lead back.
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "test") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_run_and_told_by_its_path() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("up.test");
        fs::write(&path, "load 1m\n  up 1\n\neval instant at 0 up\n  up 1\n\neval instant at 0 up\n  up 2\n")
            .unwrap();
        let report = run_script(&path).unwrap_err();
        assert_eq!((report.passed, report.failed.len()), (1, 1));
        let told = format!("{}:7: expected 2, and got 1 for up\n", path.display());
        assert!(report.to_string().starts_with(&told), "{report}");
        assert_eq!(format!("{report:?}"), report.to_string());
    }

    #[test]
    fn a_file_that_is_not_there() {
        let report = run_script("no/such.test").unwrap_err();
        assert!(matches!(&report.failed[0].problem, Problem::File(_)), "{report}");
        assert!(report.to_string().starts_with("no/such.test: cannot be read: "), "{report}");
        assert!(script_files("no/such").is_err());
    }

    #[test]
    fn scripts_are_found_below_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("b/c")).unwrap();
        for name in ["z.test", "b/c/a.test", "b/README.md", "b/x.test"] {
            fs::write(at(name), "").unwrap();
        }
        assert_eq!(script_files(directory.path()).unwrap(), [at("b/c/a.test"), at("b/x.test"), at("z.test")]);
        assert_eq!(script_files(at("b/README.md")).unwrap(), [at("b/README.md")]);
    }
}
