//! Line after line, until the user leaves.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::rc::Rc;

use promqlite::render::rfc3339;
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, EditMode, Editor};

use super::assistant::Assistant;
use crate::input::without_continuations;
use crate::output::{Output, Terminal};
use crate::pager::Pager;
use crate::session::{Outcome, Session};
use crate::settings::Editing;
use crate::xdg::history_file;

/// What stands before each line.
pub(super) const PROMPT: &str = "promql> ";

/// Runs lines until the user leaves. No error of a line ends it.
pub fn run(session: Session) -> io::Result<()> {
    let interrupt = session.interrupt();
    // Without a handler Ctrl-C ends the program, as it does anywhere else.
    let _ = ctrlc::set_handler(move || interrupt.cancel());
    greet(&session)?;

    let session = Rc::new(RefCell::new(session));
    let config = Config::builder().completion_type(CompletionType::List).build();
    let mut editor: Editor<Assistant, FileHistory> = Editor::with_config(config).map_err(io::Error::other)?;
    editor.set_helper(Some(Assistant::new(session.clone())));
    let history =
        history_file().filter(|path| path.parent().is_some_and(|parent| fs::create_dir_all(parent).is_ok()));
    if let Some(path) = &history {
        let _ = editor.load_history(path);
    }
    loop {
        editor.set_edit_mode(match session.borrow().preferences().editing {
            Editing::Emacs => EditMode::Emacs,
            Editing::Vi => EditMode::Vi,
        });
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
        let terminal = Terminal::of_stdout();
        let mut output = Output::new(&mut stdout, &mut stderr, terminal);
        let paging = session.borrow().preferences().pager;
        let variable = std::env::var("PAGER").ok();
        output.set_pager(terminal.and_then(|terminal| Pager::wanted(paging, variable, terminal)));
        if session.borrow_mut().run(&without_continuations(&line), &mut output)? == Outcome::Left {
            return Ok(());
        }
    }
}

fn greet(session: &Session) -> io::Result<()> {
    let data = match (session.store().series_count(), session.store().time_range()) {
        (_, None) => "No data yet: `.load FILE` adds some, `.open DIR` reads a data directory.".to_owned(),
        (Some(count), Some(_)) => format!("{count} series, queried at their newest sample."),
        (None, Some(range)) => format!("Data up to {}, queried at the newest sample.", rfc3339(range.end)),
    };
    let version = env!("CARGO_PKG_VERSION");
    writeln!(io::stdout(), "promqlite {version}. {data}\nTab completes, `.help` explains, `.quit` leaves.")
}
