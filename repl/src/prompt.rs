//! The prompt: lines from a terminal, with history and editing, until Ctrl-D or `.quit`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use promqlite::SeriesStore;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Completer, Config, Editor, Helper, Highlighter, Hinter};

use crate::input::{is_complete, without_continuations};
use crate::output::{Output, Terminal};
use crate::session::{Outcome, Session};

const PROMPT: &str = "promql> ";

/// What the line editor asks while a line is typed.
#[derive(Completer, Helper, Highlighter, Hinter)]
struct Assistant;

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

/// Runs lines until the user leaves. No error of a line ends it.
pub fn run(mut session: Session) -> io::Result<()> {
    let interrupt = session.interrupt();
    // Without a handler Ctrl-C ends the program, as it does anywhere else.
    let _ = ctrlc::set_handler(move || interrupt.cancel());

    let config = Config::builder().auto_add_history(false).build();
    let mut editor: Editor<Assistant, FileHistory> = Editor::with_config(config).map_err(io::Error::other)?;
    editor.set_helper(Some(Assistant));
    let history = history_file();
    if let Some(path) = &history {
        let _ = editor.load_history(path);
    }
    greet(&session)?;
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(ReadlineError::Io(error)) => return Err(error),
            Err(error) => return Err(io::Error::other(error)),
        };
        if !line.trim().is_empty() {
            let _ = editor.add_history_entry(line.as_str());
            // A history that cannot be kept is no reason to stop.
            let _ = history.as_ref().map(|path| editor.append_history(path));
        }
        let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr().lock());
        let mut output = Output::new(&mut stdout, &mut stderr, Terminal::of_stdout());
        if session.run(&without_continuations(&line), &mut output)? == Outcome::Left {
            return Ok(());
        }
    }
}

fn greet(session: &Session) -> io::Result<()> {
    let data = match session.store().series_count() {
        Some(0) | None => "No data yet: `.load FILE` adds some.".to_owned(),
        Some(count) => format!("{count} series; queries are evaluated at the newest sample."),
    };
    let version = env!("CARGO_PKG_VERSION");
    writeln!(io::stdout(), "promqlite {version}. {data}\n`.help` explains the shell, `.quit` leaves it.")
}

/// Where lines are remembered, by the XDG rules; its directory is made.
fn history_file() -> Option<PathBuf> {
    let state = match std::env::var_os("XDG_STATE_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => std::env::home_dir()?.join(".local/state"),
    };
    let directory = state.join("promqlite");
    fs::create_dir_all(&directory).ok()?;
    Some(directory.join("history"))
}
