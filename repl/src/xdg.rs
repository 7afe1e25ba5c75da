//! Where the shell keeps its files, by the rules of the XDG base directories.

use std::ffi::OsString;
use std::path::PathBuf;

/// What the environment says; a function, so that tests can say something else.
type Environment<'e> = &'e dyn Fn(&str) -> Option<OsString>;

/// The name of our directory in each of them.
const OURS: &str = "promqlite";

/// The configuration file; `None` where there is no home.
pub fn config_file() -> Option<PathBuf> {
    Some(directory("XDG_CONFIG_HOME", ".config", &|name| std::env::var_os(name))?.join("config"))
}

/// The file that keeps the history; `None` where there is no home.
pub fn history_file() -> Option<PathBuf> {
    Some(directory("XDG_STATE_HOME", ".local/state", &|name| std::env::var_os(name))?.join("history"))
}

/// Our directory in the one that `variable` names, or else in `otherwise` below the home. Paths that are not absolute
/// do not count, as the rules say.
fn directory(variable: &str, otherwise: &str, environment: Environment<'_>) -> Option<PathBuf> {
    let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(variable).or_else(|| Some(absolute("HOME")?.join(otherwise)))?;
    Some(base.join(OURS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_or_the_home() {
        let at = |pairs: &'static [(&str, &str)]| {
            let environment = |name: &str| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            };
            directory("XDG_CONFIG_HOME", ".config", &environment)
        };
        assert_eq!(at(&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")]), Some(PathBuf::from("/x/promqlite")));
        assert_eq!(
            at(&[("XDG_CONFIG_HOME", "x"), ("HOME", "/h")]),
            Some(PathBuf::from("/h/.config/promqlite"))
        );
        assert_eq!(
            at(&[("XDG_CONFIG_HOME", ""), ("HOME", "/h")]),
            Some(PathBuf::from("/h/.config/promqlite"))
        );
        assert_eq!(at(&[("HOME", "")]), None);
        assert_eq!(at(&[]), None);
    }
}
