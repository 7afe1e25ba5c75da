//! Where a session writes: answers to one stream, everything about them to another.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use promqlite::render::printable;
use promqlite::render::table::Style;

use crate::pager::Pager;
use crate::paint;

/// The two streams, and what is known of the place where people read them.
pub struct Output<'a> {
    /// Answers.
    out: &'a mut dyn Write,
    /// Errors, warnings and infos.
    err: &'a mut dyn Write,
    /// Known if a terminal shows the answers.
    terminal: Option<Terminal>,
    /// For long answers.
    pager: Option<Pager>,
    /// So many rows of a table are shown on a terminal.
    rows: Option<usize>,
    /// Fewer rows, for as long as answers replace each other.
    glance: Option<usize>,
}

/// A terminal's measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Characters in a line.
    pub width: usize,
    /// Lines on the screen, where that is known.
    pub height: Option<usize>,
    /// Whether it shows plain ASCII only.
    pub ascii: bool,
    /// Whether it shows colours, and is wanted to.
    pub colours: bool,
}

impl Terminal {
    /// The terminal that standard output ends at, if it does.
    pub fn of_stdout() -> Option<Terminal> {
        if !io::stdout().is_terminal() {
            return None;
        }
        let size = terminal_size::terminal_size();
        let width = size.map_or(80, |(width, _)| usize::from(width.0));
        let height = size.map(|(_, height)| usize::from(height.0));
        let ascii = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Some(Terminal { width, height, ascii, colours: !ascii && !no_color })
    }
}

impl<'a> Output<'a> {
    /// Answers go to `out`, what is said about them to `err`. `terminal` is known if one shows the answers.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, terminal: Option<Terminal>) -> Self {
        Output { out, err, terminal, pager: None, rows: None, glance: None }
    }

    /// Shows long answers with this pager.
    pub(crate) fn set_pager(&mut self, pager: Option<Pager>) {
        self.pager = pager;
    }

    /// Shows so many rows of a table on a terminal; all of them if it is `None`.
    pub fn set_rows(&mut self, rows: Option<usize>) {
        self.rows = rows;
    }

    /// Shows so many rows, and no pager, while answers replace each other on the screen.
    pub fn set_glance(&mut self, rows: Option<usize>) {
        self.glance = rows;
    }

    /// What tables have to keep to.
    pub fn style(&self) -> Style {
        match self.terminal {
            Some(terminal) => Style {
                max_width: Some(terminal.width),
                max_rows: self.glance.or(self.rows),
                ascii: terminal.ascii,
            },
            None => Style::default(),
        }
    }

    /// The terminal that shows the answers, if one does.
    pub fn shown_on(&self) -> Option<Terminal> {
        self.terminal
    }

    /// Writes an answer that was painted for the terminal.
    pub fn painted(&mut self, text: &str) -> io::Result<()> {
        self.show(text)
    }

    fn show(&mut self, text: &str) -> io::Result<()> {
        let drawn = match self.terminal {
            Some(terminal) if terminal.ascii => Cow::Owned(in_ascii(text)),
            _ => Cow::Borrowed(text),
        };
        let text = &*drawn;
        let paged = match &self.pager {
            Some(pager) if self.glance.is_none() => pager.show(text)?,
            _ => false,
        };
        if !paged {
            self.out.write_all(text.as_bytes())?;
        }
        self.out.flush()
    }

    /// Writes an answer. A terminal gets no control character but the ends of lines.
    pub fn answer(&mut self, text: &str) -> io::Result<()> {
        match self.terminal {
            Some(_) => self.show(&harmless(text)),
            None => self.show(text),
        }
    }

    /// Takes a long answer, whole lines at a time.
    pub fn lines(&mut self) -> impl Write {
        Lines(self)
    }

    /// Writes what is said about an answer, or instead of one.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        let mut text = harmless(text);
        if self.terminal.is_some_and(|terminal| terminal.colours) {
            text = paint::diagnostic(&text);
        }
        self.err.write_all(text.as_bytes())?;
        self.err.flush()
    }
}

/// Writes each piece as an answer.
struct Lines<'o, 'a>(&'o mut Output<'a>);

impl Write for Lines<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.answer(&String::from_utf8_lossy(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.out.flush()
    }
}

/// `text` with what the shell draws, courses, bars and trees, in ASCII characters, one for each.
fn in_ascii(text: &str) -> String {
    const DRAWN: &str = "▁▂▃▄▅▆▇█▉▊▋▌▍▎▏├└│─┼…";
    const PLAIN: &str = "_.-=+*%####=-. |`|-+~";
    let plain = |c| DRAWN.chars().position(|drawn| drawn == c).and_then(|place| PLAIN.chars().nth(place));
    text.chars().map(|c| if c.is_ascii() { c } else { plain(c).unwrap_or(c) }).collect()
}

/// `text` line by line with its control characters escaped. Tabs stay: they line up the caret under a query.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(['\n', '\t']) {
        let end = if piece.ends_with(['\n', '\t']) { piece.len() - 1 } else { piece.len() };
        out.push_str(&printable(&piece[..end]));
        out.push_str(&piece[end..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{harmless, in_ascii};

    #[test]
    fn drawings_in_ascii() {
        assert_eq!(in_ascii("├─ ü ▁█▃ ██▌▏│"), "|- ü _#- ##= |");
    }

    #[test]
    fn only_line_ends_and_tabs_stay() {
        assert_eq!(harmless("a\tb\nc\x1b[2J\r\nd"), "a\tb\nc\\x1b[2J\\r\nd");
        assert_eq!(harmless(""), "");
        assert_eq!(harmless("\n\n"), "\n\n");
    }
}
