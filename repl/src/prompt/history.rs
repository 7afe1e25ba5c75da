//! Where typed lines are remembered.

use std::fs;
use std::path::PathBuf;

/// The file that keeps the history, by the XDG rules; its directory is made. `None` where there is no home.
pub(super) fn history_file() -> Option<PathBuf> {
    let state = match std::env::var_os("XDG_STATE_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => std::env::home_dir()?.join(".local/state"),
    };
    let directory = state.join("promqlite");
    fs::create_dir_all(&directory).ok()?;
    Some(directory.join("history"))
}
