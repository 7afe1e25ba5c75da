//! Lines from a file, a pipe or the command line.
//!
//! One line is one query or one dot-command. A backslash at the end of a line continues it on the next:
//!
//! ```
//! use promqlite_repl::script::Lines;
//!
//! let text = "up\nsum by (job) (\\\n  up)\n";
//! let lines: Vec<String> = Lines::new(text.as_bytes()).map(Result::unwrap).collect();
//! assert_eq!(lines, ["up", "sum by (job) (\n  up)"]);
//! ```

use std::io::{self, BufRead};

use crate::output::Output;
use crate::session::{Outcome, Session};

/// The lines of a script, continued ones as one with their line breaks. Bytes that are no UTF-8 are replaced, which no
/// query survives unnoticed.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
}

impl<R: BufRead> Lines<R> {
    /// The lines that `reader` gives, read one at a time.
    pub fn new(reader: R) -> Self {
        Lines { reader }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<io::Result<String>> {
        let mut whole: Option<String> = None;
        loop {
            let mut bytes = Vec::new();
            match self.reader.read_until(b'\n', &mut bytes) {
                Err(error) => return Some(Err(error)),
                Ok(0) => return whole.map(Ok),
                Ok(_) => {}
            }
            let text = String::from_utf8_lossy(&bytes);
            let line = text.strip_suffix('\n').unwrap_or(&text);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let comment = whole.is_none() && line.trim_start().starts_with('#');
            let continued = if comment { None } else { line.strip_suffix('\\') };
            let mut text = whole.take().map(|before| before + "\n").unwrap_or_default();
            text.push_str(continued.unwrap_or(line));
            match continued {
                Some(_) => whole = Some(text),
                None => return Some(Ok(text)),
            }
        }
    }
}

/// Runs all lines, or up to the first that fails if `bail` is set, or up to one that ends the session.
pub fn run(
    session: &mut Session,
    reader: impl BufRead,
    bail: bool,
    output: &mut Output<'_>,
) -> io::Result<Ran> {
    let mut ran = Ran::default();
    for line in Lines::new(reader) {
        match session.run(&line?, output)? {
            Outcome::Fine => {}
            Outcome::Failed => {
                ran.failed = true;
                if bail {
                    ran.ended = true;
                    break;
                }
            }
            Outcome::Left => {
                ran.ended = true;
                break;
            }
        }
    }
    Ok(ran)
}

/// What became of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Whether a line failed.
    pub failed: bool,
    /// Whether nothing that stands behind the script is to be run any more.
    pub ended: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslashes_and_line_ends() {
        let table: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("a", &["a"]),
            ("a\r\n\nb\n", &["a", "", "b"]),
            ("a \\\n b \\\r\n c\nd", &["a \n b \n c", "d"]),
            ("a\\", &["a"]),
            ("# x\\\ny", &["# x\\", "y"]),
        ];
        for (text, expected) in table {
            let lines: Vec<String> = Lines::new(text.as_bytes()).filter_map(Result::ok).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
    }
}
