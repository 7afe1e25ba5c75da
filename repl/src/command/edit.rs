//! `.edit`: write a query in an editor.

use std::fs;
use std::io::{self, Write};
use std::process;

use super::{Arguments, Command};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".edit",
    arguments: &[],
    summary: "Open the last query in $VISUAL or $EDITOR, and run what is saved.",
    details: "Without either of them the editor is vi. An empty file, or one that was not saved, runs nothing.",
    run,
};

fn run(session: &mut Session, _: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let failed = |error: io::Error| COMMAND.misuse(format!("cannot edit: {error}"));
    let edited = edit(session.last_query()).map_err(failed)?;
    let query = edited.as_deref().unwrap_or_default().trim();
    if query.is_empty() {
        return session.say(format_args!("nothing to run"), output);
    }
    session.say(format_args!("{query}"), output)?;
    session.query(query, output)
}

/// What an editor makes of `text`; `None` if it saves nothing.
fn edit(text: &str) -> io::Result<Option<String>> {
    let mut file = tempfile::Builder::new().prefix("promqlite-").suffix(".promql").tempfile()?;
    writeln!(file, "{text}")?;
    let written = fs::metadata(file.path())?.modified()?;
    let editor =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|e| !e.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // As other programs do it: the variable may hold a command with arguments.
    let status = process::Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{editor} ended with {status}")));
    }
    // Some editors put a new file in place of the old one, so it is read by its name.
    let edited = fs::read_to_string(file.path())?;
    let is_saved = fs::metadata(file.path())?.modified()? != written || edited.trim_end() != text;
    Ok(is_saved.then_some(edited))
}
