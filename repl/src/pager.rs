//! Long answers go through a pager, as with other programs that print pages of text.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::output::Terminal;
use crate::settings::Paging;

/// A pager, and which answers it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pager {
    command: String,
    /// Answers with more lines than this go through it.
    lines: usize,
}

/// What is taken when $PAGER says nothing: it ends by itself where all fits on the screen, lets colours through, and leaves
/// the text where it was.
const DEFAULT: &str = "less -FRX";

/// Lines of the screen that the prompt takes.
const PROMPT_LINES: usize = 1;

impl Pager {
    /// The pager that the user wants for this terminal, if any. `variable` is the value of $PAGER.
    pub(crate) fn wanted(paging: Paging, variable: Option<String>, terminal: Terminal) -> Option<Pager> {
        let command = variable.unwrap_or_else(|| DEFAULT.to_owned());
        let lines = match paging {
            Paging::Off => return None,
            Paging::On => 0,
            Paging::Auto => terminal.height?.saturating_sub(PROMPT_LINES),
        };
        // An empty variable, or `cat`, is how one says that no pager is wanted.
        let is_none = matches!(command.trim(), "" | "cat") || terminal.ascii;
        (!is_none).then_some(Pager { command, lines })
    }

    /// Shows `text` if it is long enough for that; tells whether it was shown.
    pub(crate) fn show(&self, text: &str) -> io::Result<bool> {
        if text.lines().count() <= self.lines {
            return Ok(false);
        }
        // As other programs do it: the variable may hold a command with arguments.
        let spawned = Command::new("sh").args(["-c", &self.command]).stdin(Stdio::piped()).spawn();
        let Ok(mut pager) = spawned else { return Ok(false) };
        if let Some(mut stdin) = pager.stdin.take() {
            // Who leaves the pager does not want to see the rest.
            let _ = stdin.write_all(text.as_bytes());
        }
        // The shell says 127 for a program that is not there: then nothing was shown.
        Ok(pager.wait()?.code() != Some(127))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminal = Terminal { width: 80, height: Some(24), ascii: false, colours: true };

    #[test]
    fn which_pager_and_for_what() {
        let wanted = |paging, variable: Option<&str>, terminal| {
            Pager::wanted(paging, variable.map(str::to_owned), terminal)
                .map(|pager| (pager.command, pager.lines))
        };
        let pager = |command: &str, lines| Some((command.to_owned(), lines));
        assert_eq!(wanted(Paging::Auto, None, TERMINAL), pager("less -FRX", 23));
        assert_eq!(wanted(Paging::Auto, Some("more -d"), TERMINAL), pager("more -d", 23));
        assert_eq!(wanted(Paging::On, None, TERMINAL), pager("less -FRX", 0));
        assert_eq!(wanted(Paging::Off, None, TERMINAL), None);
        assert_eq!(wanted(Paging::Auto, Some("cat"), TERMINAL), None);
        assert_eq!(wanted(Paging::On, Some(""), TERMINAL), None);
        assert_eq!(wanted(Paging::Auto, None, Terminal { height: None, ..TERMINAL }), None);
        assert_eq!(wanted(Paging::On, None, Terminal { ascii: true, ..TERMINAL }), None);
    }

    #[test]
    fn long_answers_are_shown_by_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let pager = |command: String| Pager { command, lines: 2 };
        let to_file = pager(format!("cat > '{}'", file.path().display()));
        assert_eq!(to_file.show("a\nb\n").ok(), Some(false));
        assert_eq!(to_file.show("a\nb\nc\n").ok(), Some(true));
        assert_eq!(std::fs::read_to_string(file.path()).ok().as_deref(), Some("a\nb\nc\n"));
        assert_eq!(pager("no-such-pager 2>/dev/null".to_owned()).show("a\nb\nc\n").ok(), Some(false));
    }
}
